"""Reads snapshots out of the store: the catalog at one moment, whole, or some things with all upstream of them.

All that has Steps is read as of the newest sequence up to which everything is applied, so what is applied meanwhile
changes nothing: asked again for the same moment, the answer is the same.
"""

from __future__ import annotations

from collections.abc import Collection

from catalog.checks.snapshot import Snapshot
from catalog.errors import InvalidQuestion
from catalog.graph import entries
from catalog.graph.reader import Reader
from catalog.graph.snapshot.reach import beside, downstream_of
from catalog.graph.snapshot.reading import UPSTREAM, Reading
from catalog.graph.walk import PRESENT, Moment

__all__ = ["MOST", "UPSTREAM", "beside", "downstream_of", "take", "take_fresh", "take_part", "take_whole"]

MOST = 20_000
"""Nodes of a snapshot of some things; of more the whole is read quicker."""


def take(
    reader: Reader, moment: Moment = PRESENT, *, at: int, things: Collection[str] | None = None, most: int = MOST
) -> Snapshot:
    """What is known at a moment.

    Args:
        moment: whose `known_at`, if it has none, is the newest sequence up to which everything is applied.
        at: what `now` is for policies (µs).
        things: ids of things under any of their names; None for the whole catalog. Of them the snapshot says all that
            the whole would say. Beside them it has everything upstream of them, with what was said of it, and what
            they are tied to directly; when those were heard of is as far as the part tells. Besides all that data
            never flow through: owners, policies, waivers. Where they have more than `most` nodes upstream, or where one
            of them is a record of processing or a request for erasure, which are about data wherever they are, the
            whole is read instead, as the snapshot says.

    Raises:
        InvalidQuestion: the moment is one at which entries are not applied yet.
    """
    reading = _reading(reader, moment, at)
    found = None if things is None else reading.part(things, most)
    if found is None:
        found = reading.whole()
    assert found is not None, "without a bound"
    return found


def take_part(
    reader: Reader, moment: Moment = PRESENT, *, at: int, things: Collection[str], most: int = MOST, alone: bool = False
) -> Snapshot | None:
    """As `take` for some things; None, rather than the whole catalog, where that would be read.

    Args:
        alone: without what is upstream of them; the snapshot says so by `UPSTREAM`.
    """
    return _reading(reader, moment, at).part(things, most, alone=alone)


def take_fresh(reader: Reader, moment: Moment = PRESENT, *, at: int, things: Collection[str]) -> Snapshot | None:
    """Some things, and the edges that begin or end at them: what a snapshot that is kept is brought up to date by.

    What is at the other ends is not among its things, so that it costs next to nothing. None where `take` would read
    the whole catalog whatever its size.
    """
    return _reading(reader, moment, at).fresh(things)


def take_whole(reader: Reader, moment: Moment = PRESENT, *, at: int, most: int) -> Snapshot | None:
    """As `take` for the whole catalog; None, rather than that, where it has more than `most` nodes."""
    return _reading(reader, moment, at).whole(most)


def _reading(reader: Reader, moment: Moment, at: int) -> Reading:
    through = entries.progress(reader.store, reader.shards).applied_through
    known = through if moment.known_at is None else moment.known_at
    if known > through:
        raise InvalidQuestion(
            f"knownAt: {known} is not applied yet, entries are up to {through}; wait, or ask for that"
        )
    return Reading(reader, Moment(moment.as_of, known), at)
