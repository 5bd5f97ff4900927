"""When datasets were dropped or truncated last: that their registers still say so does not tell it.

A dataset that is truncated every day says the same each time, so its register changed once, and what the bundles that
say so tell is when they were asserted last.
"""

from __future__ import annotations

from collections.abc import Mapping

from catalog.graph.reader import Question
from catalog.graph.snapshot.saying import Saying
from catalog.graph.snapshot.times import Bundle
from catalog.graph.walk import Moment
from catalog.lineage.observe import LIFECYCLE, register_id
from catalog.lineage.steps import ABSENT

_STATES = frozenset({"DROP", "TRUNCATE"})


def erased(q: Question, saying: Saying, bundles: Mapping[str, Bundle], moment: Moment) -> dict[str, int]:
    """The time (µs) of the newest event by a moment that says so, by dataset; those of which none does are left out.

    Args:
        bundles: by id, all that were asserted by the moment.
    """
    found: dict[str, int] = {}
    values: dict[str, set[str]] = {}
    for id_, words in saying.words.items():
        points = [p for word in words if word.aspect == LIFECYCLE for p in word.points if p.v != ABSENT]
        if told := [point for point in points if saying.bodies[point.v]["state"] in _STATES]:
            found[id_] = max(point.t for point in told)
            values[id_] = {point.v for point in told}
    for use in q.rows_by_id("snapshot", "values_of", sorted(values), asof=moment.bounds["asof"]):
        id_ = use["id"]
        held = dict(zip(use["registers"], use["vals"], strict=True))
        if use["use"] in bundles and held.get(register_id(id_, LIFECYCLE, "", id_)) in values[id_]:
            found[id_] = max(found[id_], bundles[use["use"]].span.last)
    return found
