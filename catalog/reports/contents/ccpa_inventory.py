"""ccpa-inventory: personal information by category of the statute, with what people may ask about each.

Source: Cal. Civ. Code 1798.100(a), 1798.110(c), 1798.115, 1798.130(a)(5), 1798.140(v) and (ae).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from catalog.assets.keys import Kind
from catalog.checks.classification.propagate import Propagated
from catalog.checks.filling.known import model_of
from catalog.checks.judgement import Judgement
from catalog.checks.snapshot import Snapshot, Thing
from catalog.reports.contents.content import Content, Parameter, Scope
from catalog.reports.contents.exceptions import ending
from catalog.reports.contents.head import report
from catalog.reports.contents.judged import Judged
from catalog.reports.contents.saying import day, duration, listed, some, stated, words
from catalog.reports.contents.view import View
from catalog.reports.document import Cell, Facts, Prose, Report, Section, Table, Tone

CATEGORIES = {
    "identifiers": "A",
    "customer_records": "B",
    "protected_characteristics": "C",
    "commercial": "D",
    "biometric": "E",
    "internet_activity": "F",
    "geolocation": "G",
    "sensory": "H",
    "employment": "I",
    "education": "J",
    "inferences": "K",
    "sensitive": "L",
}
"""Word of `personalData.ccpa.categories` -> letter of 1798.140(v)(1)."""
SENSITIVE = "sensitive"
BY_TAG = {
    **dict.fromkeys(("email", "name", "phone", "address", "online_id", "government_id"), "identifiers"),
    **dict.fromkeys(("birth_date", "gender", "family"), "protected_characteristics"),
    **dict.fromkeys(("health", "genetic", "religion", "ethnicity", "politics", "union", "sexuality"), SENSITIVE),
    **dict.fromkeys(("criminal", "credentials"), SENSITIVE),
    **{"financial": "customer_records", "location": "geolocation", "biometric": "biometric", "image": "sensory"},
    "employment": "employment",
}
"""Category of a tag `pii/<category>` -> the category of the statute that it suggests, where nobody states one."""


class Told(NamedTuple):
    """Words about a dataset: stated, or found in the lineage; None: neither."""

    words: tuple[str, ...] | None = None
    found: bool = False


@dataclass
class Held:
    """A dataset with personal information.

    Attributes:
        categories: stated; where none is stated, those that tags suggest.
        stated: whether categories are stated.
        suggested: categories that tags suggest, stated or not.
        flags: whether it is `sold` and `shared`, by its own word or by that of a recipient; None if nobody says.
        outside: what receives it at once and belongs to a recipient.
    """

    thing: Thing
    categories: list[str]
    stated: bool
    suggested: list[str]
    sensitive: bool | None
    flags: dict[str, bool | None]
    opt_out: Cell
    sources: Told
    purposes: Told
    outside: list[Thing] = field(default_factory=list)


def build(snapshot: Snapshot, judgement: Judgement, propagated: Propagated, scope: Scope) -> Report:
    """Write the report."""
    view = View(snapshot, propagated)
    begin = _months_before(day(snapshot.at) or "", int(scope["months"] or 0))
    everything = [one for one in view.of_kind(Kind.DATASET) if not view.external(one) and view.personal(one)]
    held = [_held(view, one) for one in everything if not _past(one, begin)]
    past = [one for one in everything if _past(one, begin)]
    judged = Judged(view, judgement)
    sections = (
        _summary(view, begin, held, past),
        _by_category(view, held),
        _datasets(view, held),
        _recipients(view, held),
        _models(view),
        _not_seen(view, past),
        *ending(judged, "CCPA"),
    )
    return report(CONTENT, snapshot, judgement, scope, sections, _unknown(view, held))


def _past(thing: Thing, begin: str) -> bool:
    """Whether events spoke of a thing last before the period; one that none spoke of may be in use."""
    last = day(thing.observed.last)
    return last is not None and last < begin


def _months_before(today: str, months: int) -> str:
    now = date.fromisoformat(today)
    count = now.year * 12 + now.month - 1 - months
    year, month = divmod(count, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - date(year, month + 1, 1)).days
    return date(year, month + 1, min(now.day, last)).isoformat()


def _held(view: View, thing: Thing) -> Held:
    personal, ccpa = view.said(thing, "personalData"), _ccpa(view, thing)
    given = ccpa.get("categories")
    tags = [tag.removeprefix("pii/") for tag in view.propagated.whole(thing.id).tags if tag.startswith("pii/")]
    suggested = sorted({BY_TAG[tag] for tag in tags if tag in BY_TAG})
    categories = set(map(str, given)) if given is not None else set(suggested)
    sensitive = True if SENSITIVE in categories else ccpa.get("sensitive")
    if sensitive:
        categories.add(SENSITIVE)
    others = [other for flow in view.onward(thing.id) if (other := view.thing(flow.thing)) and view.external(other)]
    flags = {
        what: True if any(_ccpa(view, one).get(what) is True for one in (thing, *others)) else ccpa.get(what)
        for what in ("sold", "shared")
    }
    return Held(
        thing=thing,
        categories=sorted(categories),
        stated=given is not None,
        suggested=suggested,
        sensitive=sensitive,
        flags=flags,
        opt_out=stated(ccpa.get("optOut")),
        sources=_sources(view, thing, ccpa),
        purposes=_purposes(view, thing, personal),
        outside=others,
    )


def _ccpa(view: View, thing: Thing) -> Mapping[str, Any]:
    told = view.said(thing, "personalData").get("ccpa")
    return told if isinstance(told, Mapping) else {}


def _sources(view: View, thing: Thing, ccpa: Mapping[str, Any]) -> Told:
    """The categories of sources that are stated; else the things it is made of."""
    if ccpa.get("sources") is not None:
        return Told(tuple(map(str, ccpa["sources"])))
    above = view.by_label(flow.thing for flow in view.backward(thing.id))
    return Told(tuple(map(view.label, above)), True) if above else Told()


def _purposes(view: View, thing: Thing, personal: Mapping[str, Any]) -> Told:
    """The purposes that are stated; else those of the records of processing, or of the jobs, that touch it."""
    if personal.get("purposes") is not None:
        return Told(tuple(map(str, personal["purposes"])))
    jobs = {end for edge in (*view.into(thing.id), *view.out(thing.id)) for end in edge[:2] if view.is_job(end)}
    records = [record for job in jobs for record in view.known.activities.get(job, ())]
    told = {str(one) for record in records for one in record.document.get("purposes") or ()}
    told = told or {str(purpose) for job in jobs if (purpose := view.snapshot.things[job].document.get("purpose"))}
    return Told(tuple(sorted(told)), True) if told else Told()


def _told(all_told: Iterable[Told], found: str) -> Cell:
    """What is stated of some datasets, then what was found in the lineage, then whether nothing is known of one."""
    several = list(all_told)
    said = sorted({word for one in several if not one.found for word in one.words or ()})
    seen = sorted({word for one in several if one.found for word in one.words or ()})
    silent = any(one.words is None for one in several)
    if silent and not said and not seen:
        return None
    parts = [*([some(said)] if said else []), *([f"{found}: {some(seen)}"] if seen else [])]
    return "; ".join([*parts, *(["not stated of all"] if silent else [])])


def _summary(view: View, begin: str, held: list[Held], past: list[Thing]) -> Section:
    rows: tuple[tuple[str, Cell], ...] = (
        ("Period", f"{begin} to {day(view.snapshot.at)}"),
        ("Datasets with personal information", len(held)),
        ("of them without a stated category", sum(not one.stated for one in held)),
        ("of them with sensitive information", sum(one.sensitive is True for one in held)),
        ("of them sold", sum(one.flags["sold"] is True for one in held)),
        ("of them shared for advertising across contexts", sum(one.flags["shared"] is True for one in held)),
        ("of them where it is not stated whether they are sold or shared", sum(_silent(one) for one in held)),
        ("Recipients outside", len({view.recipient_name(other) for one in held for other in one.outside})),
        ("Not seen in the period", len(past)),
    )
    return Section("summary", "Summary", (Facts(rows),))


def _silent(one: Held) -> bool:
    return None in one.flags.values()


def _by_category(view: View, held: list[Held]) -> Section:
    rows: list[tuple[Cell, ...]] = []
    tones: list[Tone] = []
    known = {category for one in held for category in one.categories}
    for category in (*CATEGORIES, *sorted(known - CATEGORIES.keys()), ""):
        found = [one for one in held if (category in one.categories if category else not one.categories)]
        if not found and category not in CATEGORIES:
            continue
        where = f"1798.140(v)(1)({CATEGORIES[category]})" if category in CATEGORIES else "no category of the statute"
        rows.append(
            (
                words(category) if category else "not known",
                where,
                view.labels(one.thing.id for one in found),
                _told((one.sources for one in found), "made of"),
                _told((one.purposes for one in found), "by its jobs"),
                _any(one.flags["sold"] for one in found),
                _any(one.flags["shared"] for one in found),
                _all(_kept(view, one) for one in found),
                some(sorted({view.recipient_name(other) for one in found for other in one.outside})),
            )
        )
        tones.append("muted" if not found else "bad" if category not in CATEGORIES else _tone(found))
    columns = ("Category", "Statute", "Datasets", "Sources", "Purposes", "Sold", "Shared", "Kept for", "Disclosed to")
    prose = Prose(
        "Categories are those that documents state; where none is stated, those that tags suggest, which people should "
        "look at. What is unknown of one dataset of a category is unknown of the category."
    )
    return Section("categories", "By category", (prose, Table("Inventory", columns, tuple(rows), tuple(tones))))


def _tone(found: list[Held]) -> Tone:
    return "warn" if any(_silent(one) or not one.stated for one in found) else "good"


def _all(cells: Iterable[Cell]) -> Cell:
    """All of some cells; what is not stated of one is told beside what is of others."""
    told = list(cells)
    known = some(sorted({str(cell) for cell in told if cell}))
    if any(cell is None for cell in told):
        return f"{known}; not stated of all" if known else None
    return known


def _any(values: Iterable[Any]) -> Cell:
    told = list(values)
    return "yes" if True in told else None if None in told else "no" if told else ""


def _kept(view: View, one: Held) -> Cell:
    return duration(view.said(one.thing, "retention").get("duration"))


def _datasets(view: View, held: list[Held]) -> Section:
    what = tuple(
        (
            view.label(one.thing.id),
            _words(one.categories) or None,
            _words(sorted(set(one.suggested) - set(one.categories)))
            if one.stated
            else "all: none is stated"
            if one.suggested
            else "",
            _any([one.sensitive]),
            _told([one.sources], "made of"),
            _told([one.purposes], "by its jobs"),
            view.owners(one.thing) or None,
            one.thing.id,
        )
        for one in held
    )
    how = tuple(
        (
            view.label(one.thing.id),
            _any([one.flags["sold"]]),
            _any([one.flags["shared"]]),
            one.opt_out,
            _kept(view, one),
            stated(view.said(one.thing, "retention").get("trigger")),
            some(sorted(f"{view.recipient_name(other)} ({view.label(other.id)})" for other in one.outside)),
        )
        for one in held
    )
    tones = tuple(_sold_tone(one) for one in held)
    first = (
        "Dataset",
        "Categories",
        "Suggested by tags alone",
        "Sensitive",
        "Sources",
        "Purposes",
        "Answers for it",
        "Id",
    )
    second = ("Dataset", "Sold", "Shared", "Left out by opt-out", "Kept for", "Counted from", "Disclosed to")
    return Section(
        "datasets",
        "By dataset",
        (Table("What is held", first, what), Table("Sold, shared, kept, disclosed", second, how, tones)),
    )


def _words(categories: Iterable[str]) -> str:
    return some(str(words(category)) for category in categories)


def _sold_tone(one: Held) -> Tone:
    if True in one.flags.values():
        return "warn" if one.opt_out else "bad"
    return "warn" if _silent(one) else ""


def _recipients(view: View, held: list[Held]) -> Section:
    rows: set[tuple[Cell, ...]] = set()
    given: dict[str, list[Held]] = {}
    for one in held:
        for other in one.outside:
            given.setdefault(other.id, []).append(one)
    for id, sources in given.items():
        thing = view.snapshot.things[id]
        told = view.recipient(thing)
        ccpa = _ccpa(view, thing)
        categories = sorted({category for one in sources for category in one.categories})
        agreements = sorted(str(words(one.get("type"))) for one in told.get("agreements") or () if one.get("signed"))
        rows.add(
            (
                view.recipient_name(thing),
                words(told.get("role")),
                _words(categories) or None,
                view.labels(one.thing.id for one in sources),
                _any([ccpa.get("sold")]),
                _any([ccpa.get("shared")]),
                some(agreements),
                thing.id,
            )
        )
    columns = ("Recipient", "Role", "Categories of what it is made of", "From", "Sold", "Shared", "Agreements", "Id")
    prose = Prose("Which of the columns arrive is told by the report lineage-evidence of what the recipient receives.")
    table = Table("Recipients", columns, tuple(sorted(rows, key=repr)), empty="Nobody outside receives any.")
    return Section("recipients", "Disclosed to", (prose, table))


def _models(view: View) -> Section:
    rows: list[tuple[Cell, ...]] = []
    for version in view.of_kind(Kind.MODEL_VERSION):
        on = {told.thing for told in version.observed.training} | {flow.thing for flow in view.backward(version.id)}
        personal = [id for id in on if (thing := view.thing(id)) is not None and view.personal(thing)]
        if personal:
            model = view.known.by_key.get(model_of(version))
            document = model.document if model is not None else {}
            assessed = document.get("riskAssessment")
            automates = listed([str(words(one)) for one in document["admt"]]) if "admt" in document else None
            status = words(assessed.get("status")) if isinstance(assessed, Mapping) else None
            rows.append((view.label(version.id), view.labels(personal), automates, status, version.id))
    columns = ("Version", "Trained on", "Automates (11 CCR 7150)", "Risk assessment", "Id")
    return Section("models", "Models that use it", (Table("Versions of models", columns, tuple(rows)),))


def _not_seen(view: View, past: list[Thing]) -> Section:
    rows = tuple((view.label(one.id), day(one.observed.last), view.owners(one) or None, one.id) for one in past)
    table = Table("Datasets with personal information", ("Dataset", "Seen last", "Answers for it", "Id"), rows)
    return Section(
        "not-seen",
        "Not seen in the period",
        (Prose("They are left out above; look whether they are still kept."), table),
    )


def _unknown(view: View, held: list[Held]) -> list[str]:
    found = []
    if silent := [one.thing.id for one in held if one.thing.observed.last is None]:
        found.append(
            f"No event spoke of these, so whether they were used in the period is not known: {view.labels(silent)}."
        )
    if nothing := [one.thing.id for one in held if not one.stated and not one.suggested]:
        found.append(f"No category is stated or suggested of: {view.labels(nothing)}.")
    return found


CONTENT = Content(
    name="ccpa-inventory",
    version=1,
    title="Inventory of personal information (CCPA)",
    description="Personal information by category of the statute: sources, purposes, sold or shared, kept, disclosed.",
    parameters=(
        Parameter("months", "number", "The period, in months before the report's moment.", default=12, most=600),
    ),
    packs=("ccpa",),
    build=build,
)
