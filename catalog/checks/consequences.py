"""What follows from a change that is about to be made: everything downstream that it reaches, by which way, and whom.

How sure that is, `checks.reaching` tells. Deadlines follow from what is stated, from what the law gives, and from how
often things are made; where none of them tells one, there is none.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from catalog.assets.keys import Kind
from catalog.checks.classification.categories import is_category
from catalog.checks.filling.entity import block
from catalog.checks.filling.known import DATA, Known, model_of
from catalog.checks.judgement import Hop
from catalog.checks.law.periods import end_of, period
from catalog.checks.reaching import Ground, Sureness, Way, reach, reach_by_tables
from catalog.checks.snapshot import Place, Snapshot, Thing
from catalog.checks.witness import answering
from catalog.clock import LAST, SECOND, to_iso
from catalog.errors import InvalidQuestion, UnknownKey
from catalog.manifest.durations import seconds
from catalog.manifest.validating import hint

REQUEST = "gdpr.request"
"""The span of `checks.law` within which a person's request is answered."""
MISSED = 3
"""A thing that was not made for so many times its usual span is not made any more."""


class What(StrEnum):
    """The changes whose consequences are known."""

    DROP_COLUMN = "DROP_COLUMN"
    ERASE_SUBJECTS = "ERASE_SUBJECTS"
    RETENTION_EXPIRY = "RETENTION_EXPIRY"
    SOURCE_GONE = "SOURCE_GONE"


class Change(NamedTuple):
    """A change.

    Attributes:
        place: the column that is dropped, the dataset whose retention ends, or the dataset, pipeline or source that
            goes away; None where subjects are erased.
        subjects: the category of people whose data are erased, as datasets state it; else "".
    """

    what: What
    place: Place | None = None
    subjects: str = ""


class Start(NamedTuple):
    """Where a change begins.

    Attributes:
        columns: those of the thing that it is about, sorted; none where it is about all of it, or nobody tells which.
        owners: who answers for it.
    """

    thing: str
    columns: tuple[str, ...]
    owners: tuple[str, ...]


class Consequence(NamedTuple):
    """A thing that a change reaches.

    Attributes:
        columns: of it that column lineage names, sorted.
        way: how it is reached, from where the change begins.
        owners: who answers for it, spelled as they are stated; else for its model, else for its domain.
        deadline: when it has to be dealt with (µs); None if nothing tells.
        because: what tells the deadline; "" without one.
    """

    thing: str
    kind: Kind
    columns: tuple[str, ...]
    sureness: Sureness
    way: tuple[Hop, ...]
    owners: tuple[str, ...]
    deadline: int | None = None
    because: str = ""


@dataclass(frozen=True, slots=True)
class Consequences:
    """What a change reaches.

    Attributes:
        starts: sorted; none where nothing is kept in a source.
        reached: the surest and the nearest first; what begins the change is not among them.
        untold: what could not be told, in words.
    """

    change: Change
    starts: tuple[Start, ...]
    reached: tuple[Consequence, ...]
    untold: tuple[str, ...]


def impact(snapshot: Snapshot, change: Change) -> Consequences:
    """What a change reaches.

    Args:
        snapshot: has everything downstream of where the change begins; of people, the whole catalog.

    Raises:
        UnknownKey: there is no such thing, column or category of people.
        InvalidQuestion: a change that such a thing cannot have.
    """
    return _Change(snapshot, change).consequences()


class _Change:
    """A change in a snapshot."""

    def __init__(self, snapshot: Snapshot, change: Change) -> None:
        self._snapshot = snapshot
        self._change = change
        self._known = Known(snapshot)
        self._untold: list[str] = []

    def consequences(self) -> Consequences:
        """What it reaches."""
        begin = self._begin()
        ways = self._ways(begin)
        found = [
            self._consequence(self._snapshot.things[id_], way)
            for id_, way in ways.items()
            if id_ in self._snapshot.things and id_ not in begin
        ]
        sure, keys = list(Sureness), {one.thing: self._snapshot.things[one.thing].key for one in found}
        found.sort(key=lambda one: (sure.index(one.sureness), len(one.way), keys[one.thing], one.thing))
        things = (self._snapshot.things[id_] for id_ in sorted(begin))
        starts = tuple(Start(one.id, tuple(sorted(begin[one.id])), self._owners(one)) for one in things)
        return Consequences(self._change, starts, tuple(found), (*self._snapshot.unknown, *self._untold))

    def _begin(self) -> dict[str, set[str]]:
        """The columns of each thing that the change is about; none where it is about all of it."""
        if self._change.what is What.ERASE_SUBJECTS:
            return self._people()
        thing = self._snapshot.things.get(self._change.place.thing) if self._change.place else None
        if self._change.place is None or thing is None:
            raise UnknownKey("there is no such thing at this moment", "")
        if self._change.what is What.SOURCE_GONE and thing.key.kind is Kind.SOURCE:
            return self._of_source(thing)
        if thing.key.kind not in DATA:
            raise InvalidQuestion(f"{thing.key}: data do not flow from a {thing.key.kind}; nothing would follow")
        if self._change.what is What.DROP_COLUMN:
            return {thing.id: self._dropped(thing, self._change.place.column)}
        return {thing.id: set()}

    def _dropped(self, thing: Thing, column: str) -> set[str]:
        """A column with those inside of it.

        Raises:
            UnknownKey: there is none of this name.
        """
        known = self._known.columns(thing)
        if column not in known:
            raise UnknownKey(f"{thing.key} has no column {column[:80]!r}{hint(column, known)}", column)
        return {name for name in known if name == column or name.startswith(f"{column}.")}

    def _of_source(self, source: Thing) -> dict[str, set[str]]:
        """What a source keeps: what names it, and what is in its namespaces and names no other."""
        found = {one.id: set[str]() for one in self._snapshot.things.values() if self._known.keeper(one) is source}
        if not found:
            self._untold.append(f"nothing that is known is kept in {source.key}")
        return found

    def _people(self) -> dict[str, set[str]]:
        """Whoever states to hold data of these people, with the columns that are known to: keys, and personal ones.

        Raises:
            UnknownKey: nobody does.
        """
        wanted = self._change.subjects
        told = {thing.id: _subjects(thing) for thing in self._snapshot.things.values() if thing.key.kind in DATA}
        found = {id_: self._personal(self._snapshot.things[id_]) for id_, some in told.items() if wanted in some}
        if not found:
            stated = {word for some in told.values() for word in some}
            raise UnknownKey(f"nothing states that it holds data of {wanted[:80]!r}{hint(wanted, stated)}", wanted)
        return found

    def _personal(self, thing: Thing) -> set[str]:
        propagated = self._known.propagated
        tagged = {
            name
            for name in self._known.columns(thing)
            if any(map(is_category, propagated.of(Place(thing.id, name)).tags))
        }
        return tagged | _key_of(thing)

    def _ways(self, begin: Mapping[str, Collection[str]]) -> dict[str, Way]:
        what = self._change.what
        ground = Ground(self._snapshot, people=what is What.ERASE_SUBJECTS)
        if what in (What.RETENTION_EXPIRY, What.SOURCE_GONE):
            return reach_by_tables(ground, begin)
        columns = (Place(id_, name) for id_, names in begin.items() for name in names)
        return reach(ground, columns, () if what is What.DROP_COLUMN else self._unclear(begin))

    def _unclear(self, begin: Mapping[str, Collection[str]]) -> list[str]:
        """The things of people of which no key is stated: any column may be theirs."""
        return [id_ for id_ in begin if not _key_of(self._snapshot.things[id_])]

    def _consequence(self, thing: Thing, way: Way) -> Consequence:
        deadline, because = self._deadline(thing)
        owners = self._owners(thing)
        return Consequence(
            thing.id, thing.key.kind, way.columns, way.sureness, way.hops, owners, deadline, because if deadline else ""
        )

    def _owners(self, thing: Thing) -> tuple[str, ...]:
        found = () if thing.attributes.get("owners") else answering(self._known, self._model_of(thing))
        return found or answering(self._known, thing)

    def _model_of(self, thing: Thing) -> Thing | None:
        if thing.key.kind is not Kind.MODEL_VERSION:
            return None
        return self._known.by_key.get(model_of(thing))

    def _deadline(self, thing: Thing) -> tuple[int | None, str]:
        at = self._snapshot.at
        if self._change.what is What.ERASE_SUBJECTS:
            told = period(REQUEST)
            return end_of(REQUEST, at), f"{told.period.lower()} within {told.duration} ({told.source})"
        if self._change.what is What.RETENTION_EXPIRY and self._change.place is not None:
            return self._expiry(self._snapshot.things[self._change.place.thing])
        fresh, written = seconds(block(thing.attributes.get("quality")).get("freshness")), thing.observed.written
        if self._change.what is What.SOURCE_GONE and fresh is not None and written is not None:
            return min(written + fresh * SECOND, LAST), "its freshness, as stated, ends"
        return _next(thing, at)

    def _expiry(self, begun: Thing) -> tuple[int | None, str]:
        """When the oldest data of a dataset reach the end of their retention."""
        told = block(begun.attributes.get("retention"))
        kept, first = seconds(told.get("duration")), begun.observed.first
        if kept is None:
            self._say(f"no retention is stated of {begun.key}, so that no deadline follows")
            return None, ""
        if first is None:
            self._say(f"no event spoke of {begun.key}, so that it is not known since when it has data")
            return None, ""
        emptied = begun.observed.dropped
        end = min(max(first, emptied or first) + kept * SECOND, LAST)
        since = f"since it was emptied on {_day(emptied)}" if emptied and emptied > first else f"since {_day(first)}"
        counted = f"; they are counted from: {told['trigger']}" if told.get("trigger") else ""
        reach_ = "reached" if end <= self._snapshot.at else "reach"
        return end, f"its oldest data, there {since}, {reach_} the end of {told['duration']}{counted}"

    def _say(self, words: str) -> None:
        if words not in self._untold:
            self._untold.append(words)


def _next(thing: Thing, at: int) -> tuple[int | None, str]:
    """When a thing is made again, or a job runs again, as far as its usual span tells."""
    seen = thing.observed
    times = seen.writes or sorted(run.started for run in seen.runs if run.started is not None)
    if len(times) < 3:
        return None, ""
    pace = int(median(after - before for before, after in pairwise(times)))
    if at - times[-1] > MISSED * pace:
        return None, ""
    return max(times[-1] + pace, at), "it is usually made again by then"


def _subjects(thing: Thing) -> set[str]:
    """The categories of people whose data a thing, or a column of it, states that it holds."""
    told = [thing.attributes, *(column.attributes for column in thing.columns.values())]
    blocks = (attributes.get("personalData") for attributes in told)
    return {str(word) for block in blocks if isinstance(block, Mapping) for word in block.get("subjects") or ()}


def _key_of(thing: Thing) -> set[str]:
    """The columns that tell whose a row is, as stated."""
    return set(map(str, block(thing.attributes.get("personalData")).get("subjectKey") or ()))


def _day(at: int) -> str:
    return (to_iso(at) or "")[:10]
