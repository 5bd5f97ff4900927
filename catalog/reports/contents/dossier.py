"""All that is known of a model: its versions and what sets them apart, their data, and where they run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog.assets.keys import Kind
from catalog.checks.filling.card import EVALUATING
from catalog.checks.filling.known import model_of
from catalog.checks.filling.serving import in_service
from catalog.checks.snapshot import Thing, Training
from catalog.reports.contents.finding import find
from catalog.reports.contents.lineage_evidence import versions_of, who
from catalog.reports.contents.saying import compact, day, duration, listed, some, stated
from catalog.reports.contents.view import View
from catalog.reports.document import Cell, Facts, Table, Tone

SHEET = (
    ("origin", "Origin", "10(2)(b)"),
    ("collection", "How it was collected", "10(2)(b)"),
    ("originalPurpose", "Original purpose", "10(2)(b)"),
    ("preparation", "Preparation", "10(2)(c)"),
    ("assumptions", "Assumptions", "10(2)(d)"),
    ("availability", "Availability, quantity, suitability", "10(2)(e)"),
    ("biasExamination", "Examination for biases", "10(2)(f)"),
    ("biasMitigations", "Measures against biases", "10(2)(g)"),
    ("gaps", "Gaps and shortcomings", "10(2)(h)"),
    ("representativeness", "For whom and where it stands", "10(3)"),
    ("specialCategoriesReason", "Why special categories are used", "10(5)"),
)
"""Fields of `datasheet`, in words, and where the EU AI Act asks for them."""


@dataclass(frozen=True)
class Dossier:
    """A model as reports look at it.

    Attributes:
        versions: in the order of their names, numbers as numbers.
        counting: those that a document about it has to be complete for: in service, or all where none is.
    """

    view: View
    model: Thing
    versions: list[Thing]
    counting: list[Thing]

    def say(self, field: str) -> Cell:
        """A field of the model's document."""
        return stated(self.model.document.get(field))

    def technical(self, field: str) -> Cell:
        """A field of the model's technical file."""
        told = self.model.document.get("technicalFile")
        return stated(told.get(field)) if isinstance(told, Mapping) else None

    @property
    def description(self) -> Cell:
        """What it is, in words."""
        return stated(self.model.attributes.get("description") or self.model.document.get("description"))

    def data(self, evaluating: bool) -> list[tuple[Thing, Training]]:
        """By counting version the data that it was judged by, or that trained it."""
        return [
            (version, told)
            for version in self.counting
            for told in training(self.view, version)
            if (told.role in EVALUATING) is evaluating
        ]

    def datasets(self) -> list[str]:
        """The ids of all data of counting versions, by name."""
        return self.view.by_label(told.thing for version in self.counting for told in training(self.view, version))

    def deployments(self) -> list[Thing]:
        """Where versions of it run, by name."""
        own = {version.id for version in self.versions}
        return [one for one in self.view.of_kind(Kind.DEPLOYMENT) if own.intersection(serves(self.view, one))]


def dossier(view: View, text: str, *, version: bool = False) -> Dossier:
    """What is known of a model, or of one version of it if that is asked for.

    Raises:
        InvalidQuestion: there is no such model.
    """
    kinds = (Kind.MODEL, Kind.MODEL_VERSION) if version else (Kind.MODEL,)
    found = find(view, text, kinds, "model")
    if found.key.kind is Kind.MODEL_VERSION:
        return Dossier(view, view.known.by_key.get(model_of(found), found), [found], [found])
    versions = versions_of(view, found)
    running = {one.id for one in in_service(view.known, found)}
    return Dossier(view, found, versions, [one for one in versions if one.id in running] or versions)


def serves(view: View, deployment: Thing) -> list[str]:
    """The ids of the versions that a deployment serves."""
    return list(deployment.observed.serves) or [flow.thing for flow in view.backward(deployment.id)]


def training(view: View, version: Thing) -> list[Training]:
    """The data of a version: as they are told; where nobody tells, those that lineage leads to."""
    told = list(version.observed.training)
    known = {one.thing for one in told}
    return [
        *told,
        *(Training(flow.thing, origin="OBSERVED") for flow in view.backward(version.id) if flow.thing not in known),
    ]


def metrics(version: Thing) -> dict[str, Any]:
    """How good a version is, by name: as the document states it, else as events told."""
    stated_ = version.document.get("metrics")
    told = dict(version.observed.metrics)
    return {**told, **(stated_ if isinstance(stated_, Mapping) else {})}


def data_table(found: Dossier, title: str, evaluating: bool) -> Table:
    """The data of versions, with their versions and columns."""
    view = found.view
    rows = [
        (
            view.label(version.id),
            view.label(told.thing),
            told.version,
            told.role,
            some(sorted(told.columns)) or "not stated which: all",
            "personal" if (thing := view.thing(told.thing)) is not None and view.personal(thing) else "",
            who([told.origin]),
            told.thing,
        )
        for version, told in found.data(evaluating)
    ]
    columns = ("Version", "Dataset", "Its version", "As", "Columns", "Personal data", "Who says so", "Id")
    return Table(title, columns, tuple(rows), empty="Not stated.")


def metrics_table(found: Dossier) -> Table:
    """Metrics by version."""
    rows = [
        (found.view.label(version.id), name, value)
        for version in found.versions
        for name, value in sorted(metrics(version).items())
    ]
    return Table("Metrics", ("Version", "Metric", "Value"), tuple(rows), empty="Not stated.")


def thresholds_table(found: Dossier) -> Table:
    """Between which values metrics have to stay, and whether the counting versions do."""
    rows: list[tuple[Cell, ...]] = []
    tones: list[Tone] = []
    for one in found.model.document.get("thresholds") or ():
        for version in found.counting:
            value = metrics(version).get(str(one.get("metric")))
            least, most = one.get("atLeast"), one.get("atMost")
            holds = None if value is None else (least is None or value >= least) and (most is None or value <= most)
            said = "yes" if holds else None if holds is None else "no"
            rows.append(
                (str(one.get("metric")), stated(one.get("on")), least, most, found.view.label(version.id), value, said)
            )
            tones.append("good" if holds else "warn" if holds is None else "bad")
    columns = ("Metric", "Watches", "At least", "At most", "Version", "Value", "Within")
    return Table("Thresholds", columns, tuple(rows), tuple(tones), "Not stated.")


def versions_table(found: Dossier) -> Table:
    """Every version with where it runs."""
    view = found.view
    rows = []
    for version in found.versions:
        running = [one.id for one in found.deployments() if version.id in serves(view, one)]
        document = version.document
        aliases = version.observed.aliases
        rows.append(
            (
                view.label(version.id),
                some(aliases),
                stated(document.get("framework")),
                stated(document.get("codeVersion")) or version.observed.code_version or None,
                day(version.observed.first),
                view.labels(running),
                version.id,
            )
        )
    columns = ("Version", "Aliases", "Framework", "Code", "First seen", "Served by", "Id")
    return Table("Versions", columns, tuple(rows), empty="No version is known.")


def differences_table(found: Dossier) -> Table:
    """What sets each version apart from the one before it."""
    rows: list[tuple[Cell, ...]] = []
    for before, after in zip(found.versions, found.versions[1:], strict=False):
        first, second = _traits(found.view, before), _traits(found.view, after)
        names = f"{before.key.name.rpartition('/')[2]} → {after.key.name.rpartition('/')[2]}"
        rows += [
            (names, name, first.get(name), second.get(name))
            for name in sorted({*first, *second})
            if first.get(name) != second.get(name)
        ]
    empty = "Nothing is known that sets them apart." if len(found.versions) > 1 else "There are no two versions."
    return Table(
        "What changed from version to version", ("Versions", "What", "Before", "After"), tuple(rows), empty=empty
    )


def deployments_table(found: Dossier) -> Table:
    """Where versions run, and how that is watched."""
    view = found.view
    rows = []
    for one in found.deployments():
        place, document = view.whereabouts(one), one.document
        rows.append(
            (
                view.label(one.id),
                one.key.namespace,
                view.labels(set(serves(view, one)) & {version.id for version in found.versions}),
                stated(document.get("purpose")),
                place.country or place.jurisdiction,
                stated(document.get("monitor")),
                stated(document.get("rollbackTo")),
                duration(document.get("logsKept")),
                view.owners(one) or None,
            )
        )
    columns = (
        *("Deployment", "Environment", "Serves", "Purpose", "Where", "Watched by", "Back to", "Logs kept"),
        "Answers for it",
    )
    return Table("Deployments", columns, tuple(rows), empty="It runs nowhere that is known.")


def datasheet(view: View, id: str) -> Facts:
    """What the EU AI Act asks of data, of one dataset."""
    thing = view.thing(id)
    sheet = thing.document.get("datasheet") if thing is not None else None
    sheet = sheet if isinstance(sheet, Mapping) else {}
    rows = tuple((f"{words} ({ref})", _sheet_cell(sheet.get(name))) for name, words, ref in SHEET)
    return Facts(rows, f"Data sheet of {view.label(id)}")


def _sheet_cell(value: Any) -> Cell:
    return "; ".join(map(str, value)) if isinstance(value, list) else stated(value)


def _traits(view: View, version: Thing) -> dict[str, Cell]:
    """What may set a version apart, by what it is called in words."""
    document = version.document
    found: dict[str, Cell] = {
        "framework": stated(document.get("framework")),
        "code": stated(document.get("codeVersion")) or version.observed.code_version or None,
        "aliases": listed(version.observed.aliases),
    }
    for name, value in (document.get("parameters") or {}).items():
        found[f"parameter {name}"] = value if isinstance(value, str | int | float | bool) else compact(value)
    for name, value in metrics(version).items():
        found[f"metric {name}"] = value
    for told in training(view, version):
        what = f"{told.role or 'training'} data {view.label(told.thing)}"
        more = f" ({some(sorted(told.columns))})" if told.columns else ""
        found[what] = f"version {told.version or 'not stated'}{more}"
    for artifact in document.get("artifacts") or ():
        found[f"file {artifact.get('name')}"] = stated(artifact.get("digest") or artifact.get("uri"))
    return found
