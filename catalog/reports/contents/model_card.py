"""model-card: a model, or one version of it, by the sections of a model card.

Source: Mitchell et al., Model Cards for Model Reporting, 2019.
"""

from __future__ import annotations

from typing import NamedTuple

from catalog.assets.keys import Kind
from catalog.checks.classification.propagate import Propagated
from catalog.checks.judgement import Judgement
from catalog.checks.snapshot import Snapshot, Thing, Training
from catalog.reports.contents.content import Content, Parameter, Scope
from catalog.reports.contents.dossier import (
    Dossier,
    data_table,
    deployments_table,
    differences_table,
    dossier,
    metrics,
    metrics_table,
    thresholds_table,
    versions_table,
)
from catalog.reports.contents.exceptions import attestations
from catalog.reports.contents.head import report
from catalog.reports.contents.judged import Judged
from catalog.reports.contents.saying import percent, some, stated, words
from catalog.reports.contents.view import View
from catalog.reports.document import Block, Cell, Facts, Report, Section, Table, Tone


class Part(NamedTuple):
    """A section of the card.

    Attributes:
        complete: whether anything is said of it, of each version that counts.
        where: the field that states it.
    """

    id: str
    title: str
    complete: bool
    where: str
    blocks: tuple[Block, ...]


def build(snapshot: Snapshot, judgement: Judgement, propagated: Propagated, scope: Scope) -> Report:
    """Write the report.

    Raises:
        InvalidQuestion: there is no such model or version.
    """
    view = View(snapshot, propagated)
    found = dossier(view, str(scope["model"]), version=True)
    parts = _parts(found)
    sections = (
        _summary(found, parts),
        *(Section(part.id, part.title, part.blocks) for part in parts),
        *Judged(view, judgement).sections(),
        attestations(view, ("Model cards", "EU AI Act")),
    )
    return report(CONTENT, snapshot, judgement, scope, sections, _unknown(found))


def _parts(found: Dossier) -> tuple[Part, ...]:
    trained, judged = found.data(False), found.data(True)
    return (
        Part("details", "Model details", found.description is not None, "Model `description`", _details(found)),
        _words(found, "intended-use", "Intended use", ("intendedUse", "purpose", "outOfScope"), "intendedUse"),
        _words(found, "factors", "Factors", ("factors",), "factors"),
        Part(
            *("metrics", "Metrics", bool(found.counting) and all(metrics(one) for one in found.counting)),
            "ModelVersion `metrics`",
            (metrics_table(found), thresholds_table(found)),
        ),
        Part(
            *("evaluation-data", "Evaluation data", _all(found, judged), "ModelVersion `evaluatedOn`"),
            (data_table(found, "Data that it was judged by", True),),
        ),
        Part(
            *("training-data", "Training data", _all(found, trained), "ModelVersion `trainedOn`"),
            (data_table(found, "Data that trained it", False), _contents(found)),
        ),
        _words(found, "analyses", "Quantitative analyses", ("analyses",), "analyses"),
        _words(found, "ethics", "Ethical considerations", ("ethics", "oversight"), "ethics"),
        _words(found, "caveats", "Caveats and recommendations", ("limitations", "monitoring"), "limitations"),
    )


LABELS = {
    **{"intendedUse": "Intended use", "purpose": "Purpose", "outOfScope": "Out of scope", "factors": "Factors"},
    **{"analyses": "Results by factor", "ethics": "Ethical considerations", "oversight": "Human oversight"},
    **{"limitations": "Limitations", "monitoring": "Monitoring after release"},
}


def _words(found: Dossier, id: str, title: str, fields: tuple[str, ...], needed: str) -> Part:
    rows = tuple((LABELS[field], found.say(field)) for field in fields)
    return Part(id, title, bool(found.say(needed)), f"Model `{needed}`", (Facts(rows),))


def _all(found: Dossier, told: list[tuple[Thing, Training]]) -> bool:
    """Whether something is told of each version that counts."""
    known = {version.id for version, _ in told}
    return bool(found.counting) and known >= {version.id for version in found.counting}


def _details(found: Dossier) -> tuple[Block, ...]:
    view, model = found.view, found.model
    links = model.attributes.get("links") or model.document.get("links") or ()
    rows: tuple[tuple[str, Cell], ...] = (
        ("Name", view.label(model.id)),
        ("What it is", found.description),
        ("Answers for it", view.owners(model) or None),
        ("Domain", stated(model.attributes.get("domain"))),
        ("Lifecycle", words(model.attributes.get("lifecycle"))),
        ("Class of risk (EU AI Act)", words(model.document.get("risk"))),
        ("Pages about it", some(sorted(str(link.get("url")) for link in links)) or None),
    )
    return (Facts(rows), versions_table(found), differences_table(found), deployments_table(found))


def _contents(found: Dossier) -> Table:
    """What the training data hold: who answers for them, personal data, tags."""
    view, rows = found.view, []
    for id in view.by_label(told.thing for _, told in found.data(False)):
        thing = view.thing(id)
        if thing is not None:
            told = view.propagated.whole(id)
            personal = "yes" if view.personal(thing) else "none is known"
            basis = words(view.said(thing, "personalData").get("legalBasis"))
            rows.append((view.label(id), view.owners(thing) or None, told.level, some(told.tags), personal, basis, id))
    columns = ("Dataset", "Answers for it", "Classification", "Tags", "Personal data", "Legal basis", "Id")
    return Table("What the training data hold", columns, tuple(rows))


def _summary(found: Dossier, parts: tuple[Part, ...]) -> Section:
    complete = sum(part.complete for part in parts)
    about = found.view.labels(version.id for version in found.counting)
    rows: tuple[tuple[str, Cell], ...] = (
        ("Model", found.view.label(found.model.id)),
        ("Versions that count: asked for, in service, or all", about),
        ("Complete", f"{complete} of {len(parts)} ({percent(complete, len(parts))})"),
    )
    tones: tuple[Tone, ...] = tuple("good" if part.complete else "warn" for part in parts)
    table = Table(
        "Sections",
        ("Section", "Said", "State it in"),
        tuple((part.title, "yes" if part.complete else "no", part.where) for part in parts),
        tones,
    )
    return Section("summary", "Summary", (Facts(rows), table))


def _unknown(found: Dossier) -> list[str]:
    told = []
    if not found.versions:
        told.append(f"No version of {found.view.label(found.model.id)} is known.")
    if found.model.key.kind is not Kind.MODEL:
        told.append("Nobody declares the model that this is a version of.")
    return told


CONTENT = Content(
    name="model-card",
    version=1,
    title="Model card",
    description="A model or a version by the nine sections of a model card, with how complete it is.",
    parameters=(
        Parameter("model", "text", "A model or a version of one, such as `churn` or `churn/4`.", required=True),
    ),
    packs=("ml", "ai-act"),
    build=build,
)
