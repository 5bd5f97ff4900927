"""erasure-plan: everything that has to be done when data of people of some category are erased, in its order.

Source: GDPR Art. 17 (erasure), Art. 17(3) (exemptions), Art. 19 (recipients are told).
"""

from __future__ import annotations

from catalog.assets.keys import Kind
from catalog.checks.classification.propagate import Propagated
from catalog.checks.erasing import Held, stated_none, subject_key, subjects
from catalog.checks.judgement import Judgement
from catalog.checks.snapshot import Snapshot, Thing
from catalog.errors import InvalidQuestion
from catalog.manifest.validating import nearest
from catalog.reports.contents.content import Content, Parameter, Scope
from catalog.reports.contents.drawing import draw
from catalog.reports.contents.erasing import Closure, Reached, closure, in_order
from catalog.reports.contents.erasure_requests import asked
from catalog.reports.contents.exceptions import attestations
from catalog.reports.contents.finding import find
from catalog.reports.contents.head import report
from catalog.reports.contents.judged import Judged
from catalog.reports.contents.saying import day, duration, some, stated, words
from catalog.reports.contents.view import View
from catalog.reports.document import Cell, Facts, Lineage, Prose, Report, Section, Table, Tone

METHODS = {
    "delete": "delete the rows",
    "anonymise": "make the rows anonymous",
    "key_deletion": "delete the key that decrypts them",
    "expiry": "let them expire",
    "manual": "by hand",
    "exempt": "exempt",
}
"""`personalData.erasure` in words."""


LEGEND = (
    "Green: begins here. Red: how it is erased is not stated, or whether it holds the data is not known. Grey: exempt. "
    "Yellow: a recipient, who has to be told."
)


def build(snapshot: Snapshot, judgement: Judgement, propagated: Propagated, scope: Scope) -> Report:
    """Write the report.

    Raises:
        InvalidQuestion: there is no such category or dataset.
    """
    view = View(snapshot, propagated)
    starts = _starts(view, str(scope["subjects"] or ""), str(scope["dataset"] or ""))
    found = closure(view, starts)
    judged = Judged(view, judgement)
    sections = (
        _summary(view, starts, found),
        Section("drawing", "The way of the data", (Prose(LEGEND), _drawing(view, starts, found))),
        _plan(view, found),
        _models(view, found),
        _recipients(view, found),
        _exempt(view, found),
        _aside(view, found),
        _returning(view, found),
        asked(view, starts),
        *judged.sections(),
        attestations(view, ("GDPR",)),
    )
    return report(CONTENT, snapshot, judgement, scope, sections, _unknown(view, starts, found))


def _starts(view: View, category: str, name: str) -> list[Thing]:
    people = {one.id: subjects(one) for one in view.of_kind(Kind.DATASET)}
    known = sorted({subject for told in people.values() for subject in told})
    if category and category not in known:
        near = nearest(category, known)
        hint = f"did you mean {near}?" if near else f"there are {', '.join(known) or 'none'}"
        raise InvalidQuestion(f"no dataset states that it holds data of {category[:80]!r}; {hint}")
    found = [find(view, name, (Kind.DATASET,), "dataset")] if name else view.of_kind(Kind.DATASET)
    if not category:
        return found
    chosen = [one for one in found if category in people[one.id]]
    if not chosen:
        told = ", ".join(people[found[0].id]) or "not stated"
        raise InvalidQuestion(
            f"{view.label(found[0].id)} does not state that it holds data of {category[:80]!r}: {told}"
        )
    return chosen


def method(view: View, one: Reached) -> str | None:
    """How a thing's data are erased; None if nobody states it."""
    return view.said(one.thing, "personalData").get("erasure")


def todo(view: View, one: Reached) -> Cell:
    """What has to be done, in words; None if nobody states it."""
    told = method(view, one)
    if told == "expiry":
        kept = duration(view.said(one.thing, "retention").get("duration"))
        return f"let them expire after {kept}" if kept else "let them expire; after how long is not stated"
    if told == "exempt":
        reason = view.said(one.thing, "personalData").get("erasureExemption")
        return "keep: exempt" if reason else "keep: exempt, but no reason is stated"
    return None if told is None else METHODS.get(told, told)


def _holders(found: Closure) -> list[Reached]:
    return [one for one in found.reached.values() if one.thing.key.kind not in (Kind.MODEL_VERSION, Kind.DEPLOYMENT)]


def _own(view: View, found: Closure) -> list[Reached]:
    return [one for one in _holders(found) if not view.external(one.thing)]


def _summary(view: View, starts: list[Thing], found: Closure) -> Section:
    own = _own(view, found)
    without = [one for one in own if method(view, one) is None]
    unclear = [one for one in own if one.held is Held.PERHAPS]
    no_reason = [one for one in own if todo(view, one) == "keep: exempt, but no reason is stated"]
    complete = not (without or unclear or no_reason)
    rows: tuple[tuple[str, Cell], ...] = (
        ("Begins at", view.labels(one.id for one in starts)),
        ("Things of the house that hold the data", len(own)),
        ("of them found by subject key", sum(one.held is Held.KEY for one in own)),
        ("of them with other personal columns", sum(one.held is Held.OTHER for one in own)),
        ("of them perhaps", len(unclear)),
        ("Exempt", sum(method(view, one) == "exempt" for one in own)),
        ("No way of erasing is stated", len(without)),
        (
            "Versions of models that were trained on them",
            sum(_is(one, Kind.MODEL_VERSION) for one in found.reached.values()),
        ),
        ("Recipients to be told", len({view.recipient_name(one.thing) for one in _outside(view, found)})),
        ("The plan can be carried out as it stands", "yes" if complete else "no"),
    )
    tone: Tone = "good" if complete else "warn"
    text = (
        "Everything that the data reach is known, and how they are erased there is stated."
        if complete
        else "Before it can be carried out: state how data are erased where that is missing, why something is exempt, "
        "and look at what perhaps holds them."
    )
    return Section("summary", "Summary", (Facts(rows), Prose(text, tone)))


def _plan(view: View, found: Closure) -> Section:
    rows: list[tuple[Cell, ...]] = []
    tones: list[Tone] = []
    own = {one.thing.id for one in _own(view, found)}
    for id in in_order(view, found):
        if id in own:
            one = found.reached[id]
            told = todo(view, one)
            rows.append(
                (
                    len(rows) + 1,
                    view.label(id),
                    told,
                    some(one.columns) or None,
                    str(one.held),
                    view.owners(one.thing) or None,
                    day(one.thing.observed.dropped) or "never",
                    id,
                )
            )
            missing = told is None or one.held is Held.PERHAPS
            tones.append("bad" if missing else "muted" if method(view, one) == "exempt" else "")
    columns = (
        "Step",
        "Where",
        "What to do",
        "Columns",
        "Holds them",
        "Answers for it",
        "Dropped or emptied last",
        "Id",
    )
    prose = Prose(
        "Sources come before what is made of them: else the next run brings the data back. In a step with a subject "
        "key the person's rows are found by it; without it, by the other columns."
    )
    return Section("plan", "The plan", (prose, Table("Steps in their order", columns, tuple(rows), tuple(tones))))


def _models(view: View, found: Closure) -> Section:
    rows: list[tuple[Cell, ...]] = []
    for one in sorted(found.reached.values(), key=lambda one: (view.label(one.thing.id), one.thing.id)):
        if _is(one, Kind.MODEL_VERSION):
            trained = [told for told in one.thing.observed.training if told.thing in found.reached]
            on = {flow.thing for flow in one.flows} | {told.thing for told in trained}
            used = sorted({column for told in trained for column in told.columns})
            roles = some(sorted({told.role for told in trained if told.role}))
            served = [flow.thing for flow in view.onward(one.thing.id) if view.kind(flow.thing) == "Deployment"]
            what = view.said(one.thing, "personalData").get("erasure")
            rows.append(
                (
                    view.label(one.thing.id),
                    view.labels(on),
                    roles or None,
                    some(used) or "not stated which: all",
                    words(what),
                    view.labels(served),
                    view.owners(one.thing) or None,
                    one.thing.id,
                )
            )
    columns = ("Version", "Trained on", "As", "Columns", "What to do", "Served by", "Answers for it", "Id")
    prose = Prose(
        "Whether a person can be told from a model is for its owner to say: train it anew without the person, or state "
        "why that is not needed."
    )
    tones: tuple[Tone, ...] = tuple("warn" if row[4] is None else "" for row in rows)
    return Section(
        "models", "Models that were trained on the data", (prose, Table("Versions", columns, tuple(rows), tones))
    )


def _outside(view: View, found: Closure) -> list[Reached]:
    return [one for one in found.reached.values() if view.external(one.thing)]


def _recipients(view: View, found: Closure) -> Section:
    rows: list[tuple[Cell, ...]] = []
    for one in _outside(view, found):
        told = view.recipient(one.thing)
        jobs = sorted({flow.job for flow in one.flows if flow.job})
        rows.append(
            (
                view.recipient_name(one.thing),
                stated(told.get("address")),
                view.whereabouts(one.thing).country,
                view.label(one.thing.id),
                str(one.held),
                view.labels(jobs),
                day(one.thing.observed.written),
                one.thing.id,
            )
        )
    columns = ("Recipient", "Address", "Country", "Receives", "Holds them", "Sent by", "Sent last", "Id")
    table = Table(
        "Recipients to be told", columns, tuple(sorted(rows, key=repr)), empty="Nobody outside receives them."
    )
    return Section("recipients", "Recipients (Art. 19)", (table,))


def _exempt(view: View, found: Closure) -> Section:
    rows: list[tuple[Cell, ...]] = []
    for one in _own(view, found):
        if method(view, one) == "exempt":
            retention = view.said(one.thing, "retention")
            reason = stated(view.said(one.thing, "personalData").get("erasureExemption"))
            kept, basis = duration(retention.get("duration")), stated(retention.get("basis"))
            rows.append((view.label(one.thing.id), reason, kept, basis, view.owners(one.thing) or None, one.thing.id))
    tones: tuple[Tone, ...] = tuple("bad" if row[1] is None else "" for row in rows)
    columns = ("What", "Exemption", "Kept for", "Reason", "Answers for it", "Id")
    return Section("exempt", "Exempt (Art. 17(3))", (Table("What is kept", columns, tuple(rows), tones),))


def _aside(view: View, found: Closure) -> Section:
    rows: list[tuple[Cell, ...]] = []
    unknown: dict[str, set[str]] = {}
    for one in view.propagated.unknown:
        unknown.setdefault(one.thing, set()).update(one.columns)
    for id in found.aside:
        thing = view.thing(id)
        if thing is not None:
            said, silent = stated_none(thing), unknown.get(id, set())
            why = "somebody states that it holds no personal data" if said else "no such column arrives"
            rows.append((view.label(id), why, some(sorted(silent)), id))
    columns = ("What", "Why it is not in the plan", "Columns of unknown origin", "Id")
    return Section("aside", "Made of the data, but without them", (Table("Not in the plan", columns, tuple(rows)),))


def _returning(view: View, found: Closure) -> Section:
    rows: set[tuple[Cell, ...]] = set()
    for id, one in found.reached.items():
        if view.external(one.thing) or one.thing.key.kind not in (Kind.DATASET, Kind.DASHBOARD):
            continue
        for flow in view.backward(id):
            source = view.thing(flow.thing)
            if source is None:
                continue
            planned = found.reached.get(flow.thing)
            why = _why(view, planned) if planned else "not in the plan" if view.personal(source) else ""
            if why:
                by = view.label(flow.job) if flow.job else "no job is known"
                rows.add((view.label(id), view.label(flow.thing), by, why))
    columns = ("Into", "From", "By", "Why")
    prose = Prose("A run after the erasure may bring the data back from these; look at them before and after.")
    table = Table("Sources that keep the data", columns, tuple(sorted(rows, key=repr)))
    return Section("returning", "What may bring the data back", (prose, table))


def _why(view: View, one: Reached) -> str:
    told = method(view, one)
    if view.external(one.thing):
        return "held by a recipient"
    return {
        "exempt": "exempt, so it keeps them",
        None: "no way of erasing is stated",
        "expiry": "kept until they expire",
    }.get(told, "")


def _drawing(view: View, starts: list[Thing], found: Closure) -> Lineage:
    tones: dict[str, Tone] = {}
    notes: dict[str, str] = {}
    for id, one in found.reached.items():
        if view.external(one.thing):
            tones[id], notes[id] = "warn", "tell the recipient"
        elif _is(one, Kind.MODEL_VERSION) or _is(one, Kind.DEPLOYMENT):
            notes[id] = "trained on them" if _is(one, Kind.MODEL_VERSION) else "serves it"
        else:
            told = todo(view, one)
            tones[id] = (
                "bad" if told is None or one.held is Held.PERHAPS else "muted" if method(view, one) == "exempt" else ""
            )
            notes[id] = str(told or "not stated how")
    tones |= {one.id: "good" for one in starts if tones.get(one.id) == ""}
    ids = [*(one.id for one in starts), *in_order(view, found)]
    return draw(view, "What the data reach", ids, tones, notes)


def _unknown(view: View, starts: list[Thing], found: Closure) -> list[str]:
    told = [
        f"{view.label(one.id)}: no subject key is stated, so a person's rows cannot be told."
        for one in starts
        if not subject_key(one)
    ]
    guessed = [one.thing.id for one in _holders(found) if one.held is Held.PERHAPS]
    if guessed:
        told.append(f"Whether these hold the data is not known, since no column lineage tells: {view.labels(guessed)}.")
    return told


def _is(one: Reached, kind: Kind) -> bool:
    return one.thing.key.kind is kind


CONTENT = Content(
    name="erasure-plan",
    version=1,
    title="Plan of erasure (GDPR Art. 17 and 19)",
    description="What the data of some people reach, how and in which order they are erased there, and who is told.",
    parameters=(
        Parameter(
            "subjects", "text", "The category of people, as `personalData.subjects` states it, such as customers."
        ),
        Parameter(
            "dataset",
            "text",
            "The dataset with the subject key to begin at; all that state the category without it.",
            kinds=(Kind.DATASET,),
        ),
    ),
    packs=("gdpr",),
    build=build,
    one_of=("subjects", "dataset"),
)
