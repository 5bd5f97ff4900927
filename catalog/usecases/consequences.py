"""Answer "what follows from this change": at any moment, each thing that it reaches, whom, and until when.

Of a thing everything downstream of it is read. Where data of people are, and what a source keeps, is only known from
the whole catalog, since anything may state it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from catalog.assets.keys import Key, Kind, entity_id, thing_id
from catalog.checks.consequences import Change, Consequences, What, impact
from catalog.checks.filling.known import Known
from catalog.checks.snapshot import Place, Snapshot
from catalog.errors import InvalidQuestion, UnknownKey
from catalog.graph.reader import Reader
from catalog.graph.snapshot import UPSTREAM, downstream_of, take_part, take_whole
from catalog.graph.walk import Moment
from catalog.usecases.curate import check_known
from catalog.usecases.moments import applied, standing

MOST = 20_000
"""Nodes downstream of what changes; of more the whole catalog is read."""
MOST_WHOLE = 60_000
"""Nodes of a catalog that is read whole while somebody waits."""
TOO_LARGE = "the catalog is too large to be read whole while you wait: "


class Asked(NamedTuple):
    """A change as somebody asks about it.

    Attributes:
        key: what it is about; None where people are erased.
        column: that is dropped; else "".
        subjects: the category of people; else "".
    """

    what: What
    key: Key | None = None
    column: str = ""
    subjects: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What follows.

    Attributes:
        snapshot: has the things that are named, and tells how many edges are hidden.
    """

    snapshot: Snapshot
    found: Consequences


def consequences(
    reader: Reader, at: int, asked: Asked, moment: Moment, *, most: int = MOST, most_whole: int = MOST_WHOLE
) -> Answer:
    """What follows from a change that is made at a moment.

    Args:
        at: the present (µs): when the change is made, unless the moment is an earlier one.

    Raises:
        UnknownKey: there is no such thing, column or category, with what is near.
        InvalidQuestion: something is missing or too much, nothing could follow, or it is too much to be read.
    """
    _check(asked)
    when = applied(reader, moment)
    if when.known_at is None:  # pinned before anything is walked, so that nothing applied meanwhile is half seen
        when = when._replace(known_at=standing(reader).applied_through)
    now = at if when.as_of is None else when.as_of
    if asked.key is None:
        snapshot = take_whole(reader, when, at=now, most=most_whole)
        if snapshot is None:
            raise InvalidQuestion(f"{TOO_LARGE}run `headwater report run erasure-plan`, which a worker makes")
        return Answer(snapshot, impact(snapshot, Change(asked.what, None, asked.subjects)))
    check_known(reader, asked.key)
    snapshot = _around(reader, when, now, asked.key, most, most_whole)
    if snapshot is None:
        raise InvalidQuestion(f"{TOO_LARGE}ask about one dataset, or `headwater lineage` step by step")
    thing = Known(snapshot).by_key.get(asked.key)
    if thing is None:
        raise UnknownKey(f"nothing was known of {asked.key} at that moment; ask for a later one", asked.key.name)
    return Answer(snapshot, impact(snapshot, Change(asked.what, Place(thing.id, asked.column))))


def _around(reader: Reader, when: Moment, now: int, key: Key, most: int, most_whole: int) -> Snapshot | None:
    """A thing with all that is downstream of it; of a source, whose datasets need not name it, the whole catalog."""
    of_one = key.kind is not Kind.SOURCE
    ids = downstream_of(reader, {entity_id(key), thing_id(key)}, most) if of_one else None
    if ids is None:
        return take_whole(reader, when, at=now, most=most_whole)
    part = take_part(reader, when, at=now, things=ids, alone=True)
    assert part is not None, "what is upstream is not counted"
    # nothing upstream can be reached, so that it was not read leaves nothing unknown
    return replace(part, unknown=tuple(words for words in part.unknown if words != UPSTREAM))


def _check(asked: Asked) -> None:
    needs = {"a thing": asked.key is not None, "a column": bool(asked.column), "subjects": bool(asked.subjects)}
    wanted = {
        What.DROP_COLUMN: {"a thing", "a column"},
        What.ERASE_SUBJECTS: {"subjects"},
    }.get(asked.what, {"a thing"})
    given = {name for name, is_given in needs.items() if is_given}
    if given != wanted:
        told = " and ".join(sorted(given)) or "nothing"
        raise InvalidQuestion(f"{asked.what} needs {' and '.join(sorted(wanted))}, and has {told}")
