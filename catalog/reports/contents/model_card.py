"""model-card: a model, or one version of it, by the sections of a model card.

Source: Mitchell et al., Model Cards for Model Reporting, 2019.
"""

from __future__ import annotations

from catalog.assets.keys import Kind
from catalog.checks.classification.propagate import Propagated
from catalog.checks.filling.card import CARD
from catalog.checks.judgement import Judgement
from catalog.checks.snapshot import Snapshot
from catalog.reports.contents.content import Content, Parameter, Scope
from catalog.reports.contents.dossier import (
    Dossier,
    data_table,
    deployments_table,
    differences_table,
    dossier,
    metrics_table,
    thresholds_table,
    versions_table,
)
from catalog.reports.contents.exceptions import attestations
from catalog.reports.contents.head import report
from catalog.reports.contents.judged import Judged
from catalog.reports.contents.saying import percent, some, stated, words
from catalog.reports.contents.view import View
from catalog.reports.document import Block, Cell, Facts, Report, Section, Table


def build(snapshot: Snapshot, judgement: Judgement, propagated: Propagated, scope: Scope) -> Report:
    """Write the report.

    Raises:
        InvalidQuestion: there is no such model or version.
    """
    view = View(snapshot, propagated)
    found = dossier(view, str(scope["model"]), version=True)
    told = _blocks(found)
    sections = (
        _summary(found, [title for _, title, _ in told]),
        *(Section(*one) for one in told),
        *Judged(view, judgement).sections(),
        attestations(view, ("Model cards", "EU AI Act")),
    )
    return report(CONTENT, snapshot, judgement, scope, sections, _unknown(found))


def _blocks(found: Dossier) -> tuple[tuple[str, str, tuple[Block, ...]], ...]:
    """Id, title and blocks of each section, in the order of `CARD`."""
    judged, trained = (
        data_table(found, "Data that it was judged by", True),
        data_table(found, "Data that trained it", False),
    )
    return (
        ("details", "Model details", _details(found)),
        ("intended-use", "Intended use", _words(found, "intendedUse", "purpose", "outOfScope")),
        ("factors", "Factors", _words(found, "factors")),
        ("metrics", "Metrics", (metrics_table(found), thresholds_table(found))),
        ("evaluation-data", "Evaluation data", (judged,)),
        ("training-data", "Training data", (trained, _contents(found))),
        ("analyses", "Quantitative analyses", _words(found, "analyses")),
        ("ethics", "Ethical considerations", _words(found, "ethics", "oversight")),
        ("caveats", "Caveats and recommendations", _words(found, "limitations", "monitoring")),
    )


LABELS = {
    **{"intendedUse": "Intended use", "purpose": "Purpose", "outOfScope": "Out of scope", "factors": "Factors"},
    **{"analyses": "Results by factor", "ethics": "Ethical considerations", "oversight": "Human oversight"},
    **{"limitations": "Limitations", "monitoring": "Monitoring after release"},
}


def _words(found: Dossier, *fields: str) -> tuple[Block, ...]:
    return (Facts(tuple((LABELS[field], found.say(field)) for field in fields)),)


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


def _summary(found: Dossier, titles: list[str]) -> Section:
    said = [part.stated(found.model, found.counting) for part in CARD]
    rows: tuple[tuple[str, Cell], ...] = (
        ("Model", found.view.label(found.model.id)),
        ("Versions that count: asked for, in service, or all", found.view.labels(one.id for one in found.counting)),
        ("Complete", f"{sum(said)} of {len(CARD)} ({percent(sum(said), len(CARD))})"),
    )
    table = Table(
        "Sections",
        ("Section", "Said", "State it in"),
        tuple((title, "yes" if yes else "no", part.where) for title, yes, part in zip(titles, said, CARD, strict=True)),
        tuple("good" if yes else "warn" for yes in said),
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
        Parameter(
            "model",
            "text",
            "A model or a version of one, such as `churn` or `churn/4`.",
            required=True,
            kinds=(Kind.MODEL, Kind.MODEL_VERSION),
        ),
    ),
    packs=("ml", "ai-act"),
    build=build,
)
