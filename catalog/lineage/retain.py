"""What retention leaves of a cell: the fewest points that still answer every question it may be asked.

A horizon is two bounds, as every question has two times. A point is behind it when it happened by `history` and was
known by `known`. No question reaches behind it (it answers BEYOND_RETENTION), and no entry that happened by `history`
is applied any more, so the last point behind it stands for all that came before: the baseline that replay and the
present go on from.
"""

from __future__ import annotations

from typing import NamedTuple

from catalog.lineage.steps import ABSENT, Points, push


class Horizon(NamedTuple):
    """How far back questions may reach.

    Attributes:
        history: event time, µs; questions need `asOf >= history`, entries a later time.
        known: sequence; questions need `knownAt >= known`.
    """

    history: int
    known: int

    def behind(self, t: int, s: int) -> bool:
        """Whether something that happened at `t`, told by sequence `s`, is behind it."""
        return t <= self.history and s <= self.known


def cut(points: Points, horizon: Horizon) -> Points:
    """The points without those nobody can ask for any more; the values from the horizon on are the same.

    The last point behind the horizon is seen by everyone who may still ask, so it hides all before it: also those that
    happened earlier and were told later.
    """
    base = max((i for i, p in enumerate(points) if horizon.behind(p.t, p.s)), default=0)
    left = points[base:]
    if left and left[0].v == ABSENT and horizon.behind(left[0].t, left[0].s):
        del left[0]
    kept: Points = []
    for point in left:
        push(kept, point)
    return kept
