"""Steps: the fewest points that answer every question (as of T, known at K) about one value.

A cell (an edge, or a last-write-wins register) is a function of two times: T, when things happened, and K, by which
sequence number we had heard. It is kept as a list of points `(t, s, v)` in the order of happening. The value at
(T, K) is the `v` of the last point with `t <= T` and `s <= K`, or ABSENT if there is none.

A point is redundant when, for every K that sees it, the point visible just before it says the same. Only points that
are not redundant are kept, so a cell that well-behaved producers assert a thousand times has one point.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from typing import NamedTuple

ABSENT = ""
OPEN = "1"
FOREVER = 2**62


class Point(NamedTuple):
    """From event time `t` on (microseconds), for whoever knows sequence `s`, the value is `v` (ABSENT: none)."""

    t: int
    s: int
    v: str


Points = list[Point]


def value_at(points: Points, as_of: int = FOREVER, known_at: int = FOREVER) -> str:
    """The value at (T, K); ABSENT where nothing was asserted yet."""
    for point in reversed(points):
        if point.t <= as_of and point.s <= known_at:
            return point.v
    return ABSENT


def told(points: Points, as_of: int = FOREVER, known_at: int = FOREVER) -> Points:
    """What the value was over T for someone who knows K: one point for each change, in order.

    `s` is the sequence from which on the change was known. Points of a staircase (one value, told backwards) are one.
    """
    seen: Points = []
    for point in points:
        if point.t > as_of:
            break
        if point.s > known_at:
            continue
        if seen and seen[-1].t == point.t:
            seen.pop()
        if (seen[-1].v if seen else ABSENT) != point.v:
            seen.append(point)
    return seen


def deciding(points: Points, as_of: int = FOREVER, known_at: int = FOREVER) -> Point | None:
    """The point that decides the value at (T, K); None where nothing was asserted yet."""
    return next((point for point in reversed(points) if point.t <= as_of and point.s <= known_at), None)


def push(points: Points, new: Point) -> bool:
    """Put a point behind all others; the caller knows it happened last. Says whether anything changed.

    Among points of one `t`, those that need no earlier sequence than the new one are never seen again and go; so does
    the one before it, where it says nothing new below the new one's sequence (above, it is hidden now).
    """
    gone: Points = []
    while points and points[-1].t == new.t and points[-1].s >= new.s:
        gone.append(points.pop())
    if points and points[-1].t == new.t and _redundant(points[:-1], points[-1], new.s):
        gone.append(points.pop())
    if _redundant(points, new):
        return bool(gone)
    points.append(new)
    return gone != [new]


def insert(points: Points, new: Point) -> bool:
    """Put a late point into a cell that never had another value than `new.v`. Says whether anything changed.

    Such a cell is a staircase (t rises, s falls), so its order among equal times does not matter.
    """
    at = bisect_right(points, new.t, key=lambda p: p.t)
    if at and points[at - 1].s <= new.s:
        return False
    start = at - 1 if at and points[at - 1].t == new.t else at
    end = at
    while end < len(points) and points[end].s >= new.s:
        end += 1
    points[start:end] = [new]
    return True


def derive(points: Points, to: Callable[[str], str]) -> Points:
    """The Steps of something that follows from a register, such as one edge of a declared set."""
    moved = [Point(t, s, to(v) if v else ABSENT) for t, s, v in points]
    if moved and moved[0].v != ABSENT and all(point.v == moved[0].v for point in moved):
        return _staircase(moved)
    derived: Points = []
    for point in moved:
        push(derived, point)
    return derived


def _staircase(points: Points) -> Points:
    """What `push` would keep of points with one value, in one pass: runs told backwards leave thousands of them."""
    kept: Points = []
    for point in points:
        if kept and kept[-1].s <= point.s and kept[-1].t < point.t:
            continue
        while kept and kept[-1].t == point.t and kept[-1].s >= point.s:
            kept.pop()
        if not kept or kept[-1].s > point.s:
            kept.append(point)
    return kept


def history(points: Points) -> list[tuple[int, str]]:
    """The values over T for someone who knows everything: free of sequence numbers, so equal after reordering."""
    return [(point.t, point.v) for point in told(points)]


def _redundant(points: Points, new: Point, until: int = FOREVER) -> bool:
    """Whether the points before it say the same to everyone who sees `new`, up to the sequence that hides it."""
    lowest = until
    for point in reversed(points):
        if point.s < lowest:
            if point.v != new.v:
                return False
            lowest = point.s
        if lowest <= new.s:
            return True
    return new.v == ABSENT
