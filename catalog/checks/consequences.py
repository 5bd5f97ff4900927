"""What follows from a change that is about to be made: everything downstream that it reaches, by which way, and whom.

A column is followed by column lineage, and its dataset by table lineage: what only the second one finds may use the
column, nobody said so. Both are told, apart. Deadlines follow from what is stated and from how often things are made;
where neither tells one, there is none.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from statistics import median
from typing import Any, NamedTuple

from catalog.assets.keys import Kind
from catalog.checks.judgement import Hop
from catalog.checks.snapshot import Place, Snapshot, Thing
from catalog.clock import DAY, SECOND
from catalog.errors import InvalidQuestion
from catalog.manifest.gate.durations import seconds
from catalog.manifest.references import WrongReference, key_of, parse

ANSWER_DAYS = 30
"""Days within which a person's request has to be answered: a month, as GDPR Art. 12(3) has it, at its shortest."""


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


class Consequence(NamedTuple):
    """A thing that a change reaches.

    Attributes:
        place: the column of it, where column lineage tells which; else the whole.
        certain: whether lineage says that it uses what changes, not only something beside it.
        way: how it is reached, from where the change begins.
        owners: who answers for it, spelled as they are stated.
        deadline: when it has to be dealt with (µs); None if nothing tells.
        because: what tells the deadline; "" without one.
    """

    place: Place
    kind: Kind
    certain: bool
    way: tuple[Hop, ...]
    owners: tuple[str, ...]
    deadline: int | None = None
    because: str = ""


@dataclass(frozen=True, slots=True)
class Consequences:
    """What a change reaches.

    Attributes:
        starts: where it begins, sorted; each is a thing or a column that is there.
        reached: sorted, the certain and the near first; what begins the change is not among them.
        complete: False where the snapshot is not the whole catalog.
    """

    change: Change
    starts: tuple[Place, ...]
    reached: tuple[Consequence, ...]
    complete: bool


def impact(snapshot: Snapshot, change: Change) -> Consequences:
    """What a change reaches.

    Raises:
        InvalidQuestion: there is no such thing, column or category of people.
    """
    starts = tuple(sorted(_starts(snapshot, change)))
    certain = _ways(_certain(snapshot), starts)
    wholes = [Place(start.thing) for start in starts]
    perhaps = _ways(_by_tables(snapshot), wholes) if any(start.column for start in starts) else {}
    told = {place.thing for place in certain}
    reached = dict(certain) | {place: way for place, way in perhaps.items() if place.thing not in told}
    begun = {start.thing for start in starts}
    found = [
        _consequence(snapshot, change, place, way, place in certain)
        for place, way in reached.items()
        if place.thing in snapshot.things and place.thing not in begun
    ]
    found.sort(key=lambda one: (not one.certain, len(one.way), one.place))
    return Consequences(change, starts, tuple(found), snapshot.whole)


def _starts(snapshot: Snapshot, change: Change) -> Iterator[Place]:
    if change.what is What.ERASE_SUBJECTS:
        known = {id_: _people(thing) for id_, thing in snapshot.things.items()}
        yield from (Place(id_) for id_, people in known.items() if change.subjects in people)
        if not any(change.subjects in people for people in known.values()):
            there = ", ".join(sorted({word for people in known.values() for word in people})) or "none"
            raise InvalidQuestion(f"nothing states that it holds data of {change.subjects[:80]!r}; stated are {there}")
        return
    place = change.place
    thing = snapshot.things.get(place.thing) if place else None
    if place is None or thing is None:
        raise InvalidQuestion("there is no such thing at this moment")
    if change.what is What.DROP_COLUMN:
        if place.column not in thing.columns:
            raise InvalidQuestion(f"{thing.key} has no column {place.column[:80]!r}")
        yield place
    elif change.what is What.SOURCE_GONE and thing.key.kind is Kind.SOURCE:
        yield from (Place(id_) for id_, one in snapshot.things.items() if _refers(one.document.get("source"), thing))
    else:
        yield Place(thing.id)


def _refers(reference: Any, thing: Thing) -> bool:
    """Whether a document's `source` is this one."""
    try:
        key = parse(reference) if isinstance(reference, str) else key_of(dict(reference), thing.key.kind)
    except (WrongReference, TypeError, ValueError):
        return False
    return key == thing.key


def _people(thing: Thing) -> set[str]:
    """The categories of people whose data a thing, or a column of it, states that it holds."""
    told = [thing.attributes, *(column.attributes for column in thing.columns.values())]
    blocks = (attributes.get("personalData") for attributes in told)
    return {str(word) for block in blocks if isinstance(block, Mapping) for word in block.get("subjects") or ()}


Steps = Mapping[Place, Iterable[Hop]]


def _certain(snapshot: Snapshot) -> Steps:
    """From columns by column lineage, from whole things by every edge and by training."""
    found: dict[Place, set[Hop]] = {}
    for edge in snapshot.column_edges:
        found.setdefault(edge.source, set()).add(Hop(edge.source, edge.target, edge.job))
        if not edge.target.column:  # a filter or a join: all of it depends on the column
            for column in snapshot.things[edge.target.thing].columns if edge.target.thing in snapshot.things else ():
                found.setdefault(edge.target, set()).add(Hop(edge.target, Place(edge.target.thing, column)))
    for thing in snapshot.things.values():
        for told in thing.observed.training:
            for column in told.columns:
                begin = Place(told.thing, column)
                found.setdefault(begin, set()).add(Hop(begin, Place(thing.id)))
    for source, hops in _by_tables(snapshot).items():
        found.setdefault(source, set()).update(hops)
    return found


def _by_tables(snapshot: Snapshot) -> dict[Place, set[Hop]]:
    """From whole things to whole things: by edges, by training, and from versions to what serves them."""
    found: dict[Place, set[Hop]] = {}
    pairs = [(edge.source, edge.target) for edge in snapshot.edges]
    for thing in snapshot.things.values():
        pairs += [(told.thing, thing.id) for told in thing.observed.training]
        pairs += [(version, thing.id) for version in thing.observed.serves]
    for source, target in pairs:
        found.setdefault(Place(source), set()).add(Hop(Place(source), Place(target)))
    return found


def _ways(steps: Steps, starts: Iterable[Place]) -> dict[Place, tuple[Hop, ...]]:
    """A shortest way to every place that is reached, the same one whatever the order of the steps."""
    found: dict[Place, tuple[Hop, ...]] = {start: () for start in starts}
    todo = deque(sorted(found))
    while todo:
        here = todo.popleft()
        for hop in sorted(steps.get(here, ())):
            if hop.target not in found:
                found[hop.target] = (*found[here], hop)
                todo.append(hop.target)
    return found


def _consequence(snapshot: Snapshot, change: Change, place: Place, way: tuple[Hop, ...], certain: bool) -> Consequence:
    thing = snapshot.things[place.thing]
    deadline, because = _deadline(snapshot, change, thing)
    owners = tuple(sorted(str(one.get("name")) for one in thing.attributes.get("owners") or () if one.get("name")))
    return Consequence(place, thing.key.kind, certain, way, owners, deadline, because)


def _deadline(snapshot: Snapshot, change: Change, thing: Thing) -> tuple[int | None, str]:
    if change.what is What.ERASE_SUBJECTS:
        return snapshot.at + ANSWER_DAYS * DAY, f"{ANSWER_DAYS} days to answer a request (GDPR Art. 12(3))"
    if change.what is What.RETENTION_EXPIRY and change.place is not None:
        begun = snapshot.things[change.place.thing]
        kept = seconds(_block(begun, "retention").get("duration"))
        if kept is not None and begun.observed.first is not None:
            return begun.observed.first + kept * SECOND, "the first data of the dataset reach the end of its retention"
        return None, ""
    fresh = seconds(_block(thing, "quality").get("freshness"))
    if change.what is What.SOURCE_GONE and fresh is not None and thing.observed.written is not None:
        return thing.observed.written + fresh * SECOND, "its freshness, as stated, ends"
    times = thing.observed.writes
    if len(times) > 2:
        pace = int(median(after - before for before, after in pairwise(times)))
        return times[-1] + pace, "it is usually made again by then"
    return None, ""


def _block(thing: Thing, name: str) -> Mapping[str, Any]:
    found = thing.attributes.get(name)
    return found if isinstance(found, Mapping) else {}
