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
from catalog.graph.snapshot.reading import Reading
from catalog.graph.walk import PRESENT, Moment

__all__ = ["MOST", "beside", "downstream_of", "take"]

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
            never flow through: owners, policies, waivers. Where they have more than `most` nodes upstream, the whole is
            read instead, as the snapshot says.

    Raises:
        InvalidQuestion: the moment is one at which entries are not applied yet.
    """
    through = entries.progress(reader.store, reader.shards).applied_through
    known = through if moment.known_at is None else moment.known_at
    if known > through:
        raise InvalidQuestion(
            f"knownAt: {known} is not applied yet, entries are up to {through}; wait, or ask for that"
        )
    reading = Reading(reader, Moment(moment.as_of, known), at)
    return reading.whole() if things is None else reading.part(things, most)
