"""ai-act-annex-iv: the technical documentation of a model, filled with what is known, and what is still empty.

Source: Regulation (EU) 2024/1689, Art. 10, Art. 11, Annex IV.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from catalog.assets.keys import Kind
from catalog.checks.classification.propagate import Propagated
from catalog.checks.filling.card import ANNEX_IV
from catalog.checks.judgement import Judgement
from catalog.checks.snapshot import Snapshot
from catalog.reports.contents.content import Content, Parameter, Scope
from catalog.reports.contents.dossier import (
    Dossier,
    data_table,
    datasheet,
    deployments_table,
    differences_table,
    dossier,
    metrics,
    metrics_table,
    thresholds_table,
    versions_table,
)
from catalog.reports.contents.drawing import draw
from catalog.reports.contents.exceptions import ending, vouched
from catalog.reports.contents.head import report
from catalog.reports.contents.judged import Judged
from catalog.reports.contents.lineage_evidence import steps_table, walk
from catalog.reports.contents.saying import percent, some, words
from catalog.reports.contents.view import View
from catalog.reports.document import Block, Cell, Facts, Prose, Report, Section, Table, Tone

FRAMEWORK = "EU AI Act"
PARTS = {part.where: part for part in ANNEX_IV}
"""What the policy about this document looks at, by the field that states it: both agree on what is empty."""


class Item(NamedTuple):
    """Something that Annex IV asks for.

    Attributes:
        ref: its place in Annex IV.
        where: the field that states it; empty where only an attestation of that place can.
        value: what is known of it.
    """

    ref: str
    label: str
    where: str
    value: Callable[[Dossier], Cell]

    @property
    def place(self) -> str:
        """As controls cite it: `Annex IV(2)(g)`."""
        return f"Annex IV({self.ref[0]}){self.ref[1:]}"


def _model(ref: str, label: str, field: str) -> Item:
    return Item(ref, label, f"Model `{field}`", lambda found: found.say(field))


def _technical(ref: str, label: str, field: str) -> Item:
    return Item(ref, label, f"Model `technicalFile.{field}`", lambda found: found.technical(field))


def _attested(ref: str, label: str) -> Item:
    return Item(ref, label, "", lambda found: None)


def _description(found: Dossier) -> Cell:
    return found.description


def _of_versions(found: Dossier, field: str) -> Cell:
    told = {str(version.document[field]) for version in found.counting if version.document.get(field)}
    return some(sorted(told)) or None


def _data(evaluating: bool) -> Callable[[Dossier], Cell]:
    def value(found: Dossier) -> Cell:
        told = found.data(evaluating)
        missing = {version.id for version in found.counting} - {version.id for version, _ in told}
        names = found.view.labels(one.thing for _, one in told)
        return None if missing or not told else names

    return value


def _metrics(found: Dossier) -> Cell:
    told = [metrics(version) for version in found.counting]
    return some(sorted({name for one in told for name in one})) if told and all(told) else None


SECTIONS: tuple[tuple[str, str, tuple[Item, ...]], ...] = (
    (
        "1",
        "General description",
        (
            Item("1(a)", "What it is", "Model `description`", _description),
            _model("1(a)", "Intended purpose", "intendedUse"),
            _model("1(a)", "What it must not be used for", "outOfScope"),
            Item(
                "1(a)",
                "Provider: who answers for it",
                "Model `owners`",
                lambda found: found.view.owners(found.model) or None,
            ),
            _attested("1(b)", "Interaction with hardware and software outside"),
            Item(
                "1(c)",
                "Software it is made with",
                "ModelVersion `framework`",
                lambda found: _of_versions(found, "framework"),
            ),
            _attested("1(d)", "Forms in which it is supplied"),
            _attested("1(e)", "Hardware it is meant to run on"),
            _attested("1(g)", "User interface"),
            _model("1(h)", "Instructions for use", "instructions"),
        ),
    ),
    (
        "2",
        "Elements and development",
        (
            _technical("2(a)-(c)", "Design, its choices and its architecture", "design"),
            Item("2(d)", "Training data", "ModelVersion `trainedOn`", _data(False)),
            _model("2(e)", "Human oversight", "oversight"),
            _attested("2(f)", "Changes determined beforehand"),
            _technical("2(g)", "Validation and testing", "testing"),
            Item("2(g)", "Data for validation and testing", "ModelVersion `evaluatedOn`", _data(True)),
            _technical("2(h)", "Cybersecurity", "security"),
        ),
    ),
    (
        "3",
        "Monitoring, functioning and control",
        (
            _technical("3", "Monitoring, functioning, control", "control"),
            _model("3", "Limitations", "limitations"),
            Item("3", "Metrics", "ModelVersion `metrics`", _metrics),
        ),
    ),
    ("4", "Appropriateness of the metrics", (_technical("4", "Why these metrics", "metricsChoice"),)),
    ("5", "Risk management", (_technical("5", "Risks and measures (Art. 9)", "riskManagement"),)),
    ("6", "Changes through the lifecycle", (_technical("6", "Changes by the provider", "changes"),)),
    ("7", "Standards applied", (_technical("7", "Harmonised standards", "standards"),)),
    ("8", "EU declaration of conformity", (_technical("8", "Declaration (Art. 47)", "declaration"),)),
    ("9", "Performance after release", (_model("9", "Plan of monitoring after release (Art. 72)", "monitoring"),)),
)
"""The sections of Annex IV with what they ask."""


def build(snapshot: Snapshot, judgement: Judgement, propagated: Propagated, scope: Scope) -> Report:
    """Write the report.

    Raises:
        InvalidQuestion: there is no such model.
    """
    view = View(snapshot, propagated)
    found = dossier(view, str(scope["model"]))
    judged = Judged(view, judgement)
    filled = {item: _value(found, item) for _, _, items in SECTIONS for item in items}
    more: dict[str, tuple[Block, ...]] = {
        "1": (versions_table(found), deployments_table(found)),
        "2": (data_table(found, "Data that trained it", False), data_table(found, "Data that it was judged by", True)),
        "3": (metrics_table(found), thresholds_table(found)),
        "6": (differences_table(found),),
    }
    sections = (
        _summary(found, filled),
        *(
            Section(
                f"annex-iv-{number}",
                f"{title} (Annex IV, {number})",
                (Facts(tuple((f"{item.label} ({item.ref})", filled[item]) for item in items)), *more.get(number, ())),
            )
            for number, title, items in SECTIONS
        ),
        _sheets(found),
        _drawing(found),
        *ending(judged, FRAMEWORK),
    )
    return report(CONTENT, snapshot, judgement, scope, sections, _unknown(found))


def _value(found: Dossier, item: Item) -> Cell:
    """What documents state, else what somebody attests of that place."""
    part = PARTS.get(item.where)
    value = item.value(found) if part is None or part.stated(found.model, found.counting) else None
    if value is not None:
        return value
    told = vouched(found.view, FRAMEWORK, (item.place,), found.model)
    return "; ".join(f"{one.document.get('statement')} (attested: {one.key.name})" for one in told) or None


def _summary(found: Dossier, filled: dict[Item, Cell]) -> Section:
    view = found.view
    empty = [item for item, value in filled.items() if value is None]
    rows: tuple[tuple[str, Cell], ...] = (
        ("Model", view.label(found.model.id)),
        ("Class of risk, as stated", words(found.model.document.get("risk"))),
        ("Versions", len(found.versions)),
        ("Versions that count: in service, or all", view.labels(version.id for version in found.counting)),
        ("Deployments", view.labels(one.id for one in found.deployments())),
        ("Filled", f"{len(filled) - len(empty)} of {len(filled)} ({percent(len(filled) - len(empty), len(filled))})"),
    )
    missing = tuple(
        (item.place, item.label, item.where or f"Attestation with the control {FRAMEWORK}, {item.place}")
        for item in empty
    )
    table = Table(
        "What is empty, and where it is stated",
        ("Place", "What", "State it in"),
        missing,
        tuple("warn" for _ in missing),
        "Nothing is empty.",
    )
    sections: list[tuple[Cell, ...]] = []
    tones: list[Tone] = []
    for number, title, items in SECTIONS:
        stated = sum(filled[item] is not None for item in items)
        sections.append((number, title, f"{stated} of {len(items)}"))
        tones.append("good" if stated == len(items) else "warn" if stated else "bad")
    overview = Table("Sections", ("No.", "Section", "Filled"), tuple(sections), tuple(tones))
    return Section("summary", "Summary", (Facts(rows), overview, table))


def _sheets(found: Dossier) -> Section:
    view = found.view
    blocks: list[Block] = [
        Prose("Each dataset with what Art. 10 asks of it, and where it comes from as far back as lineage is known.")
    ]
    for id in found.datasets():
        thing = view.thing(id)
        if thing is not None:
            up = walk(view, [thing], 50, view.into, lambda edge: edge.source)
            blocks += [datasheet(view, id), steps_table(view, f"Where {view.label(id)} comes from", up)]
    if len(blocks) == 1:
        blocks.append(Prose("No dataset is known that trained or judged it.", "bad"))
    return Section("datasheets", "Data sheets (Art. 10), with provenance", tuple(blocks))


def _drawing(found: Dossier) -> Section:
    view = found.view
    up = walk(view, found.versions, 50, view.into, lambda edge: edge.source)
    tones: dict[str, Tone] = {version.id: "good" for version in found.counting}
    for id in up.away:
        thing = view.thing(id)
        if thing is not None and id not in tones and view.personal(thing):
            tones[id] = "warn"
    near = sorted(up.away, key=lambda id: (up.away[id], view.label(id), id))
    ids = [*(version.id for version in found.versions), *(one.id for one in found.deployments()), *near]
    text = "Green: versions that count. Yellow: holds personal data."
    title = f"From its data to where {view.label(found.model.id)} runs"
    return Section("drawing", "Lineage", (Prose(text), draw(view, title, ids, tones)))


def _unknown(found: Dossier) -> list[str]:
    view, told = found.view, []
    if not found.versions:
        told.append(f"No version of {view.label(found.model.id)} is known.")
    for version in found.counting:
        if not [one for one, _ in found.data(False) if one.id == version.id]:
            told.append(f"What trained {view.label(version.id)} is not known.")
    return told


CONTENT = Content(
    name="ai-act-annex-iv",
    version=1,
    title="Technical documentation (EU AI Act, Annex IV)",
    description="The nine sections for a model: what is known, what is empty, and data sheets with provenance.",
    parameters=(Parameter("model", "text", "The model's name, such as `churn`.", required=True, kinds=(Kind.MODEL,)),),
    packs=("ai-act", "ml"),
    build=build,
)
