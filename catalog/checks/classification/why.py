"""Why a place has a tag or a level: from whom it is, and every way that it came.

The shortest way goes to the nearest place of which it is said; of several the first in order. The tree has all ways,
each place once, so that circles end.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple

from catalog.assets.attributes import CLASSIFICATION
from catalog.assets.keys import Kind
from catalog.checks.classification.direct import level_of
from catalog.checks.classification.propagate import Propagated, attributes_of, passed
from catalog.checks.classification.ways import EVERY_COLUMN, Gait, Step
from catalog.checks.judgement import Hop
from catalog.checks.snapshot import Place

DIRECT, PROPAGATED, INFLUENCED, STOPPED = "DIRECT", "PROPAGATED", "INFLUENCED", "STOPPED"
MOST = 2_000
"""Places of a tree, unless more are asked for."""
_At = tuple[int, bool]
"""A place by its number, and whether the tag is there as an influence only."""


class Derivation(NamedTuple):
    """Where a tag or the level of a place comes from, by the shortest way.

    Attributes:
        origin: the place of which it is said: itself, or one upstream; of the level of a column maybe its dataset.
        via: the ids of the jobs on the way, in order, each once.
        depth: how many times data went from one column or dataset to another one.
        path: the steps, from the origin on.
    """

    origin: Place
    via: tuple[str, ...]
    depth: int
    path: tuple[Step, ...]

    @property
    def hops(self) -> tuple[Hop, ...]:
        """The path as findings have it."""
        return tuple(Hop(step.source, step.target, step.job) for step in self.path)


class Branch(NamedTuple):
    """A place in a tree of ways.

    Attributes:
        how: DIRECT (said of it), PROPAGATED, INFLUENCED, or STOPPED: a steward lets it come no further.
        steps: the last steps on which it came there, in order; those that a stop keeps out, too.
    """

    place: Place
    how: str
    steps: tuple[Step, ...]


class Tree(NamedTuple):
    """All ways on which a tag or a level came to a place.

    Attributes:
        branches: by place, each once, the nearest first; the first is the place asked about. None: it is not there.
        complete: False if there are more places than were asked for.
    """

    branches: tuple[Branch, ...]
    complete: bool = True


def derivation(propagated: Propagated, place: Place, what: str) -> Derivation | None:
    """Where a place has a tag, or (`classification`) its level, from; None if it does not have it."""
    trail = _Trail(propagated, what)
    start = propagated.ways.number.get(place)
    how = trail.how(start) if start is not None else ""
    if start is None or not how:
        return None
    begun = (start, how == INFLUENCED)
    depth: dict[_At, int] = {begun: 0}
    towards: dict[_At, tuple[_At, int]] = {}
    settled: set[_At] = set()
    waiting = deque([begun])
    while waiting:
        now = waiting.popleft()
        if now in settled:
            continue
        settled.add(now)
        number, influenced = now
        if not influenced and trail.how(number) == DIRECT:
            return _way(propagated, trail, now, towards, depth[now])
        for source, gait, weaker in trail.before(number, influenced):
            one, cost = (source, weaker), trail.cost(source, number, gait)
            if depth[now] + cost < depth.get(one, depth[now] + cost + 1):
                depth[one], towards[one] = depth[now] + cost, (now, gait)
                (waiting.append if cost else waiting.appendleft)(one)
    return None


def tree(propagated: Propagated, place: Place, what: str, most: int = MOST) -> Tree:
    """All ways on which a tag or the level of a place came there, and those on which a steward kept it out."""
    ways, trail = propagated.ways, _Trail(propagated, what)
    start = ways.number.get(place)
    seen, branches, complete = {start}, [], True
    waiting = deque([] if start is None else [start])
    while waiting:
        number = waiting.popleft()
        how, steps = trail.how(number), list[Step]()
        for source, gait in trail.leading(number):
            if source not in seen and len(seen) >= most:
                complete = False
                continue
            steps += ways.steps(source, number, gait)
            if source not in seen:
                seen.add(source)
                waiting.append(source)
        kind = STOPPED if steps and trail.refused(number) and how != DIRECT else how
        if kind:
            branches.append(Branch(_visible(ways.places[number]), kind, tuple(map(_shown, steps))))
    return Tree(tuple(branches), complete)


class _Trail:
    """One tag, or the level, in what holds of a snapshot."""

    def __init__(self, propagated: Propagated, what: str) -> None:
        self._all, self._state, self._ways = propagated, propagated.state, propagated.ways
        self.level = what == CLASSIFICATION
        names = self._state.names
        self._bit = 1 << names.index(what) if not self.level and what in names else 0

    def how(self, number: int) -> str:
        """How a place has it; "" if it does not."""
        state, bit = self._state, self._bit
        if self.level:
            rank = state.rank[number]
            return "" if rank < 0 else DIRECT if state.level[number] == rank else PROPAGATED
        if state.said[number] & bit:
            return DIRECT
        return PROPAGATED if state.tags[number] & bit else INFLUENCED if state.influence[number] & bit else ""

    def refused(self, number: int) -> bool:
        """Whether a steward keeps it out of a place."""
        state = self._state
        return number in state.held if self.level else bool(state.refused.get(number, 0) & self._bit)

    def before(self, number: int, influenced: bool) -> Iterator[tuple[int, int, bool]]:
        """The places that a place has it from, each with the gait and whether it is an influence there."""
        if self.refused(number):
            return
        for source, gait in self._ways.into[number]:
            if self.level:
                if self._goes(source, gait)[2] == self._state.rank[number]:
                    yield source, gait, False
                continue
            for weaker in (False, True):
                more, less, _ = self._goes(source, gait, value=not weaker, influence=weaker)
                if less if influenced else more:
                    yield source, gait, weaker

    def leading(self, number: int) -> Iterator[tuple[int, int]]:
        """The ways on which it comes to a place, or would, if nobody kept it out."""
        refused = self.refused(number)
        for source, gait in self._ways.into[number]:
            more, less, level = self._goes(source, gait)
            if (level >= 0 and (refused or level == self._state.rank[number])) if self.level else (more or less):
                yield source, gait

    def cost(self, source: int, target: int, gait: int) -> int:
        """What a step adds to the depth: nothing, within a dataset and where it only enters a job."""
        a, b = self._ways.places[source], self._ways.places[target]
        if a.thing == b.thing:
            return 0 if gait == Gait.WHOLE or not self._ways.is_told(source, target) else 1
        return 0 if is_job(self._all, b) else 1

    def _goes(self, source: int, gait: int, *, value: bool = True, influence: bool = True) -> tuple[int, int, int]:
        state, scale = self._state, self._all.scale
        tags = state.tags[source] & self._bit if value else 0
        weaker = state.influence[source] & self._bit if influence else 0
        return passed(state, scale, tags, weaker, state.rank[source], gait)


def is_job(propagated: Propagated, place: Place) -> bool:
    """Whether a place is a job that data only go through."""
    thing = propagated.snapshot.things.get(place.thing)
    return thing is not None and thing.key.kind is Kind.PIPELINE


def _way(
    propagated: Propagated, trail: _Trail, origin: _At, towards: dict[_At, tuple[_At, int]], depth: int
) -> Derivation:
    path: list[Step] = []
    via: dict[str, None] = {}
    now = origin
    while now in towards:
        after, gait = towards[now]
        step = _shown(propagated.ways.steps(now[0], after[0], gait)[0])
        path.append(step)
        if job := step.job or (step.target.thing if is_job(propagated, step.target) else ""):
            via[job] = None
        now = after
    return Derivation(_origin(propagated, trail, origin[0]), tuple(via), depth, tuple(path))


def _origin(propagated: Propagated, trail: _Trail, number: int) -> Place:
    """The place itself, or the dataset whose level a column has."""
    place = propagated.ways.places[number]
    inherits = trail.level and level_of(attributes_of(propagated.snapshot, place)) is None
    return Place(place.thing) if inherits else place


def _shown(step: Step) -> Step:
    return step._replace(source=_visible(step.source), target=_visible(step.target))


def _visible(place: Place) -> Place:
    return Place(place.thing) if place.column == EVERY_COLUMN else place
