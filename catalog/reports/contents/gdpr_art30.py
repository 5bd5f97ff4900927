"""gdpr-art30: the record of processing activities, completed and compared with what the lineage shows.

Source: GDPR Art. 30(1) for controllers, Art. 30(2) for processors.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from catalog.assets.keys import Kind
from catalog.checks.classification.propagate import Propagated
from catalog.checks.filling.in_law import own_purposes
from catalog.checks.judgement import Judgement
from catalog.checks.snapshot import Snapshot, Thing
from catalog.reports.contents import activities as record
from catalog.reports.contents.content import Content, Parameter, Scope
from catalog.reports.contents.drawing import draw
from catalog.reports.contents.exceptions import ending
from catalog.reports.contents.finding import find
from catalog.reports.contents.head import report
from catalog.reports.contents.judged import Judged
from catalog.reports.contents.saying import duration, percent, some, stated, words
from catalog.reports.contents.view import View
from catalog.reports.document import Block, Cell, Facts, Prose, Report, Section, Table, Tone


class Item(NamedTuple):
    """What the record has to say.

    Attributes:
        ref: where in Art. 30.
        field: of the document.
        none: whether "none" is an answer; of purposes it is not.
    """

    ref: str
    label: str
    field: str
    none: bool = False


CONTROLLER = (
    Item("30(1)(a)", "Controller", "controllers"),
    Item("30(1)(a)", "Joint controllers", "jointControllers", none=True),
    Item("30(1)(a)", "Representatives", "representatives", none=True),
    Item("30(1)(a)", "Data protection officer", "dpo"),
    Item("30(1)(b)", "Purposes", "purposes"),
    Item("30(1)(c)", "Categories of data subjects", "subjectCategories"),
    Item("30(1)(c)", "Categories of personal data", "dataCategories"),
    Item("30(1)(d)", "Recipients", "recipients", none=True),
    Item("30(1)(e)", "Transfers to third countries", "transfers", none=True),
    Item("30(1)(f)", "Time limits for erasure, where possible", "erasure"),
    Item("30(1)(g)", "Security measures, where possible", "securityMeasures"),
)
PROCESSOR = (
    Item("30(2)(a)", "Processor and each controller", "controllers"),
    Item("30(2)(a)", "Representatives", "representatives", none=True),
    Item("30(2)(a)", "Data protection officer", "dpo"),
    Item("30(2)(b)", "Categories of processing for each controller", "processingCategories"),
    Item("30(2)(c)", "Transfers to third countries", "transfers", none=True),
    Item("30(2)(d)", "Security measures, where possible", "securityMeasures"),
)


def build(snapshot: Snapshot, judgement: Judgement, propagated: Propagated, scope: Scope) -> Report:
    """Write the report.

    Raises:
        InvalidQuestion: there is no such activity.
    """
    view = View(snapshot, propagated)
    told = view.of_kind(Kind.PROCESSING_ACTIVITY)
    if scope["activity"]:
        told = [find(view, str(scope["activity"]), (Kind.PROCESSING_ACTIVITY,), "activity")]
    jobs = _jobs(view)
    judged = Judged(view, judgement)
    homeless = record.homeless(view, view.of_kind(Kind.PIPELINE))
    sections = (
        _summary(view, told, jobs, homeless),
        *(_activity(view, activity, jobs.get(activity.id, [])) for activity in told),
        _without(view, homeless),
        *ending(judged, "GDPR"),
    )
    return report(CONTENT, snapshot, judgement, scope, sections, _unknown(view, told, jobs))


def answered(item: Item, document: Mapping[str, Any]) -> bool:
    """Whether a record answers an item: something is stated, or "none" where that is an answer."""
    value = document.get(item.field)
    if item.field == "dpo" and document.get("dpoRequired") is False:
        return True
    return value is not None and (bool(value) or item.none)


def items(activity: Thing) -> tuple[Item, ...]:
    """What a record has to say, by what the house is in it."""
    return PROCESSOR if activity.document.get("role") == "processor" else CONTROLLER


def _summary(view: View, told: list[Thing], jobs: Mapping[str, list[Thing]], homeless: list[Thing]) -> Section:
    rows, tones = [], list[Tone]()
    for activity in told:
        asked = items(activity)
        missing = [item.label for item in asked if not answered(item, activity.document)]
        differences = sum(
            bool(row[3]) for row in (*record.recipients(view, activity), *record.countries(view, activity))
        )
        rows.append(
            (
                view.label(activity.id),
                words(activity.document.get("role")),
                f"{len(asked) - len(missing)} of {len(asked)} ({percent(len(asked) - len(missing), len(asked))})",
                some(missing),
                len(jobs.get(activity.id, [])),
                differences,
                view.owners(activity) or None,
            )
        )
        tones.append("bad" if differences else "warn" if missing else "good")
    columns = ("Activity", "Role", "Complete", "Not stated", "Jobs", "Differences", "Answers for it")
    facts = Facts(
        (
            ("Activities on record", len(told)),
            ("Complete", sum(tone == "good" for tone in tones)),
            ("Jobs that touch personal data and are on no record", len(homeless)),
        )
    )
    prose = Prose(
        "An item is complete if something is stated, or if it is stated that there is none where that is an answer. "
        "A difference is a recipient or a third country that the record and the lineage do not both have, as policies "
        "find it. Perhaps marks what is made of personal data though nothing tells whether it holds any."
    )
    table = Table("Activities", columns, tuple(rows), tuple(tones), "No activity is on record.")
    return Section("summary", "Summary", (facts, prose, table))


def _activity(view: View, activity: Thing, jobs: list[Thing]) -> Section:
    document = activity.document
    rows = tuple((f"{item.ref} {item.label}", _value(item, document)) for item in items(activity))
    more: tuple[tuple[str, Cell], ...] = (
        ("Role", words(document.get("role"))),
        ("Legal basis (Art. 6)", words(document.get("legalBasis"))),
        ("Legitimate interest", stated(document.get("legitimateInterest"))),
        ("Condition for special categories (Art. 9)", words(document.get("article9Condition"))),
        ("Automated decisions (Art. 22)", _yes(document.get("automatedDecisions"))),
        ("Impact assessment (Art. 35)", _dpia(document.get("dpia"))),
        ("Answers for it", view.owners(activity) or None),
    )
    missing = [item for item in items(activity) if not answered(item, document)]
    gaps = Prose(
        "Not stated: " + some(f"{item.label} ({item.ref})" for item in missing) + "."
        if missing
        else "Everything that Art. 30 asks is stated.",
        "warn" if missing else "good",
    )
    blocks: list[Block] = [
        Facts(rows, "What Art. 30 asks"),
        gaps,
        Facts(more, "What else is on record"),
        _compared("Recipients: on record and in the lineage", "Recipient", record.recipients(view, activity)),
        _compared("Third countries: on record and in the lineage", "Country", record.countries(view, activity)),
        _retention(document),
        _work(view, jobs),
    ]
    if jobs:
        ids = [
            id for job in jobs for edges in (view.into(job.id), view.out(job.id)) for edge in edges for id in edge[:2]
        ]
        tones: dict[str, Tone] = {}
        for id in ids:
            thing = view.thing(id)
            if thing is not None and thing.key.kind is not Kind.PIPELINE:
                abroad = view.whereabouts(thing).in_eea is False or view.external(thing)
                tones[id] = "warn" if abroad and view.personal(thing) else ""
        blocks.append(Prose("Yellow: personal data outside the EEA, or with a recipient outside."))
        blocks.append(draw(view, "Its jobs, what they read and what they write", _jobs_first(view, ids), tones))
    return Section(f"activity:{activity.key.name}", view.label(activity.id), tuple(blocks))


def _value(item: Item, document: Mapping[str, Any]) -> Cell:
    value = document.get(item.field)
    if item.field == "dpo" and value is None and document.get("dpoRequired") is False:
        return "not required (Art. 37(1))"
    if value is None:
        return None
    if item.field == "erasure":
        return "; ".join(f"{_category(one)}: {duration(one.get('duration'))}" for one in value)
    if isinstance(value, Mapping):
        return record.party(value)
    return "; ".join(record.party(one) if isinstance(one, Mapping) else str(one) for one in value)


def _category(one: Mapping[str, Any]) -> str:
    return "all data" if one.get("category") == "*" else str(one.get("category"))


def _yes(value: Any) -> Cell:
    return None if value is None else "yes" if value else "no"


def _dpia(value: Any) -> Cell:
    if not isinstance(value, Mapping):
        return None
    told = [f"required: {_yes(value['required'])}"] if value.get("required") is not None else []
    told += [str(value["status"]).replace("_", " ")] if value.get("status") else []
    told += [f"on {value['date']}"] if value.get("date") else []
    return ", ".join([*told, *([f"next review {value['nextReview']}"] if value.get("nextReview") else [])]) or None


def _compared(title: str, what: str, rows: list[record.Row]) -> Table:
    tones: list[Tone] = ["good" if not row[3] else "warn" if row[3] == record.UNSEEN else "bad" for row in rows]
    columns = (what, "On record", "In the lineage", "Difference")
    return Table(title, columns, tuple(rows), tuple(tones), "Neither the record nor the lineage has any.")


def _retention(document: Mapping[str, Any]) -> Table:
    rows = tuple(
        (_category(one), duration(one.get("duration")), stated(one.get("trigger")), stated(one.get("basis")))
        for one in document.get("erasure") or ()
    )
    return Table(
        "Time limits", ("Category", "Kept for", "Counted from", "Reason"), rows, empty="No time limit is stated."
    )


def _work(view: View, jobs: list[Thing]) -> Table:
    rows = []
    for job in jobs:
        read, written = record.touched(view, job)
        rows.append((view.label(job.id), stated(own_purposes(job)), some(read), some(written), job.id))
    columns = ("Job", "Purpose", "Reads personal data of", "Writes personal data to", "Id")
    return Table("Jobs", columns, tuple(rows), empty="No job belongs to it: what the record says cannot be compared.")


def _jobs(view: View) -> dict[str, list[Thing]]:
    """By the id of an activity its jobs, by name."""
    found: dict[str, list[Thing]] = {}
    for job in view.of_kind(Kind.PIPELINE):
        for activity in view.known.activities.get(job.id, ()):
            found.setdefault(activity.id, []).append(job)
    return found


def _without(view: View, homeless: list[Thing]) -> Section:
    table = _work(view, homeless)
    tones: list[Tone] = ["bad" for _ in homeless]
    title = "Jobs that touch personal data and are on no record"
    told = table._replace(title=title, tone=tuple(tones), empty="Every job that touches personal data is on record.")
    return Section("no-activity", "Processing that is on no record", (told,))


def _jobs_first(view: View, ids: list[str]) -> list[str]:
    return [
        *view.by_label(id for id in ids if view.is_job(id)),
        *view.by_label(id for id in ids if not view.is_job(id)),
    ]


def _unknown(view: View, told: list[Thing], jobs: Mapping[str, list[Thing]]) -> list[str]:
    found = []
    for activity in told:
        own = jobs.get(activity.id, [])
        if not own:
            found.append(f"{view.label(activity.id)}: no job belongs to it, so nothing on its record can be compared.")
        if lost := record.nowhere(view, activity):
            found.append(f"{view.label(activity.id)}: nobody states where {view.labels(lost)} is.")
    return found


CONTENT = Content(
    name="gdpr-art30",
    version=1,
    title="Record of processing activities (GDPR Art. 30)",
    description="Each activity with what Art. 30 asks, what is not stated, and where the lineage shows something else.",
    parameters=(
        Parameter(
            "activity",
            "text",
            "Only this processing activity; all without it.",
            kinds=(Kind.PROCESSING_ACTIVITY,),
        ),
    ),
    packs=("gdpr",),
    build=build,
)
