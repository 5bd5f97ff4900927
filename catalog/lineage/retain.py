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


class Base(NamedTuple):
    """What a replay cannot make any more, and begins with.

    Attributes:
        cut: event time (µs) up to which the history was cut, -1 for never: the log that would order late entries among
            older ones is gone, so none that happened by then is replayed.
        emptied: the horizon behind which events are not kept.
    """

    cut: int
    emptied: Horizon

    @property
    def until(self) -> int:
        """Nothing later (µs) is part of it."""
        return max(self.cut, self.emptied.history)

    def behind(self, t: int, s: int) -> bool:
        """Whether what happened at `t`, told by sequence `s`, is part of it."""
        return t <= self.cut or self.emptied.behind(t, s)


def only_behind(points: Points, base: Base) -> Points:
    """The points of a base alone: the cell as the entries made it that are not replayed."""
    kept: Points = []
    for point in points:
        if base.behind(point.t, point.s):
            push(kept, point)
    return kept
