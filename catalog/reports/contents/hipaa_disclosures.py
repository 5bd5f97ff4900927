"""hipaa-disclosures: where protected health information leaves the house: to whom, when, what for, and under what.

Source: 45 CFR 164.528 (accounting of disclosures), 164.502(e) and 164.504(e) (business associates), 164.514.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

from catalog.assets.keys import Kind
from catalog.checks.classification.propagate import Propagated
from catalog.checks.erasing import Held
from catalog.checks.filling.dataset import cadence_hours
from catalog.checks.judgement import Judgement
from catalog.checks.snapshot import Edge, Snapshot, Thing
from catalog.errors import InvalidQuestion
from catalog.manifest.validating import hint
from catalog.reports.contents.content import Content, Parameter, Scope
from catalog.reports.contents.drawing import draw
from catalog.reports.contents.erasing import Closure, Reached, closure, in_order
from catalog.reports.contents.exceptions import ending
from catalog.reports.contents.head import report
from catalog.reports.contents.judged import Judged
from catalog.reports.contents.saying import day, some, stated, words
from catalog.reports.contents.view import View
from catalog.reports.document import Cell, Facts, Lineage, Prose, Report, Section, Table, Tone

YEARS = 6
"""Of an accounting, before the day it is asked for (164.528(a)(1))."""
LEGEND = "Red: receives the information without an agreement in force. Green: with one."


class Disclosure(NamedTuple):
    """What goes out from one thing to one recipient by one job.

    Attributes:
        edge: what wrote it there; None if the snapshot does not have it.
    """

    to: Reached
    source: str
    job: str
    edge: Edge | None


def build(snapshot: Snapshot, judgement: Judgement, propagated: Propagated, scope: Scope) -> Report:
    """Write the report.

    Raises:
        InvalidQuestion: the period ends before it begins, or there is no such recipient.
    """
    view = View(snapshot, propagated)
    first, last = _period(view, scope)
    starts = [one for one in view.of_kind(Kind.DATASET) if view.health(one) and not deidentified(view, one)]
    safe = {one.id for one in view.of_kind(Kind.DATASET) if deidentified(view, one)}
    found = closure(view, starts, safe)
    everything = _of_recipient(view, _disclosures(view, found), str(scope["recipient"] or ""))
    told = [one for one in everything if _within(one.edge, first, last)]
    owed = [one for one in told if not _disclosed(view, one).get("exception")]
    judged = Judged(view, judgement)
    sections = (
        _summary(view, first, last, told, owed, len(everything) - len(told)),
        Section("drawing", "The way out", (Prose(LEGEND), _drawing(view, found, told))),
        Section(
            "accounting",
            "Disclosures to account for (164.528)",
            (
                Prose(
                    "A flow that goes on is one row: the first and the last time, and how often, stand for its "
                    "repetitions (164.528(b)(3)). A red row lacks something that an accounting has to say."
                ),
                _table(view, "No exception is stated", owed),
            ),
        ),
        Section(
            "excepted",
            "Disclosures with an exception",
            (_table(view, "An exception is stated", [one for one in told if one not in owed], excepted=True),),
        ),
        _agreements(view, told),
        _held(view, found, starts, safe),
        *ending(judged, "HIPAA"),
    )
    return report(CONTENT, snapshot, judgement, scope, sections, _unknown(view, told, found))


def deidentified(view: View, thing: Thing) -> bool:
    """Whether somebody states how it was made to tell no person; a limited data set is still protected."""
    told = view.said(thing, "personalData").get("deidentification")
    return isinstance(told, Mapping) and told.get("method") in ("safe_harbor", "expert")


def _period(view: View, scope: Scope) -> tuple[str, str]:
    today = date.fromisoformat(day(view.snapshot.at) or "")
    until = date.fromisoformat(str(scope["to"])) if scope["to"] else today
    begin = date.fromisoformat(str(scope["from"])) if scope["from"] else _before(until, YEARS)
    if begin > until:
        raise InvalidQuestion(f"the period ends ({until}) before it begins ({begin})")
    return begin.isoformat(), until.isoformat()


def _before(of: date, years: int) -> date:
    """The same day some years earlier; the last of February for a leap day."""
    try:
        return of.replace(year=of.year - years)
    except ValueError:
        return of.replace(year=of.year - years, day=28)


def _within(edge: Edge | None, first: str, last: str) -> bool:
    """Whether an edge may have carried data in a period; one whose times are not known may have."""
    if edge is None:
        return True
    ended, began = day(edge.last), day(edge.since)
    return (ended is None or ended >= first) and (began is None or began <= last)


def _disclosures(view: View, found: Closure) -> list[Disclosure]:
    rows = []
    for id, one in found.reached.items():
        if view.external(one.thing):
            into = {(edge.source, edge.kind): edge for edge in view.into(id)}
            for flow in one.flows:
                edge = into.get((flow.job, "WRITES") if flow.job else (flow.thing, "DERIVES_FROM"))
                rows.append(Disclosure(one, flow.thing, flow.job, edge))
            if not one.flows:
                rows.append(Disclosure(one, "", "", None))
    return sorted(
        rows, key=lambda row: (view.recipient_name(row.to.thing), view.label(row.to.thing.id), row.source, row.job)
    )


def _of_recipient(view: View, rows: list[Disclosure], name: str) -> list[Disclosure]:
    if not name:
        return rows
    known = {view.recipient_name(row.to.thing) for row in rows}
    if name not in known:
        raise InvalidQuestion(f"no disclosure to {name[:80]!r} is known{hint(name, known)}")
    return [row for row in rows if view.recipient_name(row.to.thing) == name]


def _disclosed(view: View, row: Disclosure) -> Mapping[str, Any]:
    told = view.recipient(row.to.thing).get("disclosure")
    return told if isinstance(told, Mapping) else {}


def _table(view: View, title: str, rows: list[Disclosure], *, excepted: bool = False) -> Table:
    cells: list[tuple[Cell, ...]] = []
    tones: list[Tone] = []
    for row in rows:
        told, recipient = _disclosed(view, row), view.recipient(row.to.thing)
        address, purpose = stated(recipient.get("address")), _purpose(view, row)
        what = stated(told.get("description")) or some(row.to.columns) or None
        edge, by = row.edge, f" by {view.label(row.job)}" if row.job else ""
        cells.append(
            (
                view.recipient_name(row.to.thing),
                address,
                what,
                purpose,
                day(edge.since) if edge else None,
                day(edge.last) if edge else None,
                _often(view, row.to.thing),
                *((words(told["exception"]),) if excepted else ()),
                f"{view.label(row.source)} → {view.label(row.to.thing.id)}{by}",
                edge.entry or None if edge else None,
            )
        )
        tones.append("bad" if None in (address, purpose, what) else "warn" if row.to.held is Held.PERHAPS else "")
    columns = ("Recipient", "Address", "What", "Purpose", "First", "Last", "How often", "Way", "Event")
    headings = (*columns[:7], *(("Exception",) if excepted else ()), *columns[7:])
    return Table(title, headings, tuple(cells), tuple(tones))


def _often(view: View, thing: Thing) -> Cell:
    """The usual time between two writes; None if too few are known."""
    hours = cadence_hours(view.known, thing)
    return (
        None
        if hours is None
        else f"about every {hours:.1f} hours"
        if hours < 48
        else f"about every {hours / 24:.0f} days"
    )


def _purpose(view: View, row: Disclosure) -> Cell:
    job = view.thing(row.job)
    return stated(_disclosed(view, row).get("purpose")) or stated(job.document.get("purpose") if job else None)


def _agreed(view: View, thing: Thing) -> tuple[str, bool]:
    """The agreements with a recipient in words, and whether one that HIPAA knows is in force."""
    now, told, holds = day(view.snapshot.at) or "", [], False
    for one in view.recipient(thing).get("agreements") or ():
        signed, expires = one.get("signed"), one.get("expires")
        valid = bool(signed) and signed <= now and (not expires or now < expires)
        holds |= valid and one.get("type") in ("baa", "dua")
        until = f"until {expires}" if expires else "without an end"
        state = "not signed" if not signed else f"signed {signed}, {until}{'' if valid else ', not in force'}"
        told.append(f"{str(one.get('type', '')).upper()} {one.get('reference') or ''}".strip() + f" ({state})")
    return some(sorted(told)), holds


def _summary(view: View, first: str, last: str, told: list[Disclosure], owed: list[Disclosure], left: int) -> Section:
    recipients = {view.recipient_name(row.to.thing): row.to.thing for row in told}
    without = sorted(name for name, thing in recipients.items() if not _agreed(view, thing)[1])
    perhaps = sum(row.to.held is Held.PERHAPS for row in told)
    rows: tuple[tuple[str, Cell], ...] = (
        ("Period", f"{first} to {last}"),
        ("Ways out that carry protected health information", len(told) - perhaps),
        ("Ways out that perhaps do: no column lineage tells", perhaps),
        ("of all of them without a stated exception", len(owed)),
        ("Recipients", len(recipients)),
        ("of them without a business associate or data use agreement in force", some(without)),
        ("Ways out that were left out, since they are known not to fall into the period", left),
    )
    return Section("summary", "Summary", (Facts(rows),))


def _agreements(view: View, told: list[Disclosure]) -> Section:
    rows: list[tuple[Cell, ...]] = []
    for thing in {row.to.thing.id: row.to.thing for row in told}.values():
        agreed, holds = _agreed(view, thing)
        role = words(view.recipient(thing).get("role"))
        where = view.whereabouts(thing).country
        rows.append(
            (view.recipient_name(thing), role, where, agreed, "yes" if holds else "no", view.label(thing.id), thing.id)
        )
    rows.sort(key=repr)
    tones: tuple[Tone, ...] = tuple("good" if row[4] == "yes" else "bad" for row in rows)
    columns = ("Recipient", "Role", "Country", "Agreements", "In force", "Receives", "Id")
    prose = Prose("Who is a covered entity itself, or the patient, needs no agreement: that is for people to say.")
    table = Table("Agreements of the HIPAA", columns, tuple(rows), tones)
    return Section("agreements", "Agreements (164.502(e), 164.504(e), 164.514(e))", (prose, table))


def _held(view: View, found: Closure, starts: list[Thing], safe: set[str]) -> Section:
    begin = {one.id for one in starts}
    rows: list[tuple[Cell, ...]] = []
    inside = {id: one for id, one in found.reached.items() if one.thing.key.kind is not Kind.DEPLOYMENT}
    for id in view.by_label(id for id, one in inside.items() if not view.external(one.thing)):
        one = inside[id]
        how = (
            "states it, or a tag does"
            if id in begin
            else "reached by lineage"
            if one.held is not Held.PERHAPS
            else "perhaps"
        )
        rows.append((view.label(id), view.kind(id), some(one.columns) or None, how, view.owners(one.thing) or None, id))
    columns = ("What", "Kind", "Columns", "How that is known", "Answers for it", "Id")
    clean = tuple(
        (
            view.label(id),
            words(told.get("method")),
            stated(told.get("reference")),
            stated(told.get("date")),
            id,
        )
        for id in view.by_label(safe)
        if (told := view.said(view.snapshot.things[id], "personalData").get("deidentification") or {})
    )
    return Section(
        "held",
        "Where the information is",
        (
            Table("Within the house", columns, tuple(rows), empty="Nothing states or shows such information."),
            Table("De-identified (164.514), and not followed", ("What", "Method", "Reference", "Date", "Id"), clean),
        ),
    )


def _drawing(view: View, found: Closure, told: list[Disclosure]) -> Lineage:
    ids = [row.to.thing.id for row in told] + [row.source for row in told if row.source]
    tones: dict[str, Tone] = {}
    for row in told:
        tones[row.to.thing.id] = "good" if _agreed(view, row.to.thing)[1] else "bad"
    rest = [id for id in in_order(view, found) if id not in ids and found.reached[id].thing.key.kind is Kind.DATASET]
    notes = {row.to.thing.id: view.recipient_name(row.to.thing) for row in told}
    return draw(view, "From where it is held to those who receive it", [*ids, *rest], tones, notes)


def _unknown(view: View, told: list[Disclosure], found: Closure) -> list[str]:
    said = ["Flows that ended before the moment of this report are not in it: ask for it as of an earlier moment, too."]
    if undated := view.by_label(row.to.thing.id for row in told if row.edge is None or row.edge.last is None):
        said.append(f"When data went there is not known: {', '.join(map(view.label, undated))}.")
    guessed = [id for id, one in found.reached.items() if one.held is Held.PERHAPS and view.external(one.thing)]
    if guessed:
        said.append(f"Whether it reaches these is not known, since no column lineage tells: {view.labels(guessed)}.")
    return said


CONTENT = Content(
    name="hipaa-disclosures",
    version=1,
    title="Accounting of disclosures (HIPAA 164.528)",
    description="Where protected health information goes: to whom, when, what for, under which agreement or exception.",
    parameters=(
        Parameter("from", "day", "The first day of the period; six years before its last day without it."),
        Parameter("to", "day", "The last day of the period; that of the report's moment without it."),
        Parameter("recipient", "text", "Only this recipient; all without it."),
    ),
    packs=("hipaa",),
    build=build,
)
