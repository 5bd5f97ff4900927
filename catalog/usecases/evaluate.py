"""Judge the catalog by policies: what changed, everything on schedule, and what somebody asks for.

Only the present is reconciled with the findings that are stored, by one worker at a time. What is asked about another
moment, or by other packs than the catalog is judged by, is answered, and changes nothing.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Collection
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import structlog

from catalog import __version__
from catalog.checks.choosing import choose
from catalog.checks.engine import engine
from catalog.checks.evaluate import evaluate
from catalog.checks.judgement import Judgement
from catalog.checks.snapshot import Place, Snapshot
from catalog.clock import SECOND, Clock
from catalog.errors import Conflict, UnknownKey
from catalog.graph import entries, findings
from catalog.graph import watch as watching
from catalog.graph.findings import PLACES, TOUCHED, WHOLE, Covered, Evaluation
from catalog.graph.reader import Reader
from catalog.graph.snapshot import take
from catalog.graph.walk import PRESENT, Moment
from catalog.graph.watch import Watch
from catalog.identity import dataset_id, digest
from catalog.lineage.understand import Understanding
from catalog.metrics import EVALUATION_SECONDS
from catalog.usecases.ingest import is_gone
from catalog.usecases.orders import MAX_REASON, Tell
from catalog.usecases.remembering import Memory
from catalog.usecases.renewing import Renewing
from catalog.usecases.touching import touched

BEAT = watching.LEASE / 3 / SECOND
READING, JUDGING, WRITING, WAITING = "reading the catalog", "judging", "comparing findings", "waiting for another one"
PATIENCE = 600.0
"""Seconds that somebody's evaluation waits for the one that is at work."""

log = structlog.get_logger(__name__)


class Schedule(NamedTuple):
    """When the catalog is judged, and by which packs; times in seconds."""

    packs: tuple[str, ...] = ("hygiene",)
    every: float = 3600.0
    after: float = 2.0


@dataclass(frozen=True, slots=True)
class Judged:
    """What an evaluation gave.

    Attributes:
        told: what is wrong with policies, in words.
        kept: the evaluation as it is kept with its findings; None if it changed no finding.
    """

    snapshot: Snapshot
    judgement: Judgement
    packs: tuple[str, ...]
    told: tuple[str, ...]
    kept: Evaluation | None
    seconds: float


class _Within:
    """Places of some things, with their columns."""

    def __init__(self, things: Collection[str]) -> None:
        self._things = things

    def __contains__(self, place: object) -> bool:
        return isinstance(place, Place) and place.thing in self._things


def _silent(step: str, done: int = 0, total: int = 0) -> None:
    """Tells nobody."""


class Evaluator:
    """One worker's way of judging.

    Args:
        owner: whose leases these are, see `usecases.ingest.name_owner`.
        understanding: what entries mean, shared with whoever applies them in this process.
        memory: of what was read last, shared by all evaluators of this process; they work one after the other.
    """

    def __init__(
        self,
        reader: Reader,
        clock: Clock,
        schedule: Schedule,
        *,
        owner: str,
        understanding: Understanding,
        memory: Memory | None = None,
    ) -> None:
        self._reader = reader
        self._clock = clock
        self.schedule = schedule
        self._owner = owner
        self._understanding = understanding
        self._memory = memory or Memory()
        self._basis = digest("basis", sorted(schedule.packs), __version__)

    def look(self) -> float | None:
        """Judge what is due; in how many seconds more will be, None if nobody knows.

        Raises:
            StoreUnavailable, Conflict: what is due stays due.
        """
        found = watching.watch(self._reader.store)
        now = self._clock.now()
        if found.whole_at is None or found.basis != self._basis or not self._is_young(found, now):
            self._present(WHOLE, None, _silent, 0.0)
            return None
        through = entries.progress(self._reader.store, self._reader.shards).applied_through
        if through <= found.through:
            return None
        oldest = entries.by_sequence(self._reader.store, [found.through + 1])
        settled = oldest[0].get("settledAt") if oldest else None
        left = 0.0 if settled is None else settled / SECOND + self.schedule.after - now / SECOND
        if 0 < left <= self.schedule.after:
            return left
        self._present(TOUCHED, None, _silent, 0.0)
        return None

    def _is_young(self, found: Watch, now: int) -> bool:
        return found.whole_at is not None and 0 <= now - found.whole_at < self.schedule.every * SECOND

    def broke(self, why: str) -> None:
        """Have people told that what is due could not be judged, and why, until it is.

        Raises:
            StoreUnavailable, Conflict: nobody is told.
        """
        watching.put_broken(self._reader.store, why[:MAX_REASON], self._clock.now())

    def present(self, things: Collection[str] | None, tell: Tell = _silent) -> Judged:
        """Judge the present, everything or some things (by id), and reconcile the findings.

        Raises:
            Conflict: another worker evaluates all the time.
            UnknownKey: none of these things is known.
        """
        found = self._present(WHOLE if things is None else PLACES, things, tell, PATIENCE)
        if found is None:
            raise Conflict("another worker has been evaluating for long; try again later")
        return found

    def answer(self, packs: tuple[str, ...], moment: Moment, things: Collection[str] | None, tell: Tell) -> Judged:
        """Judge a moment, or by other packs: findings stay as they are.

        Raises:
            UnknownKey: there is no such pack, or none of these things was known then.
        """
        started = time.monotonic()
        tell(READING)
        at = self._clock.now() if moment.as_of is None else moment.as_of
        with self._memory.giving_way():
            snapshot = take(self._reader, moment, at=at, things=things)
            scope = None if things is None else _all_names(snapshot, things)
            judgement, told = _judge(snapshot, packs, scope, tell)
        return Judged(snapshot, judgement, packs, told, None, time.monotonic() - started)

    def _present(self, kind: str, things: Collection[str] | None, tell: Tell, patience: float) -> Judged | None:
        with self._memory.giving_way(), self._watching(tell, patience) as mine:
            return self._evaluate(kind, things, mine, tell) if mine else None

    @contextmanager
    def _watching(self, tell: Tell, patience: float) -> Any:
        """The lease, renewed as long as it is needed; None if another worker has it."""
        store, until = self._reader.store, time.monotonic() + patience
        while not (mine := self._claim()) and time.monotonic() < until:
            tell(WAITING)
            time.sleep(0.2)
        if mine is None:
            yield None
            return
        held = mine
        try:
            with Renewing("evaluation", lambda: watching.renew(store, held, self._clock.now()), BEAT):
                yield held
        finally:
            watching.release(store, held)

    def _claim(self) -> Watch | None:
        return watching.claim(self._reader.store, owner=self._owner, now=self._clock.now(), is_gone=is_gone)

    def _evaluate(self, kind: str, things: Collection[str] | None, mine: Watch, tell: Tell) -> Judged | None:
        started, begun = time.monotonic(), self._clock.now()
        reader, through = self._reader, None
        scope = None if things is None else frozenset(things)
        tell(READING)
        at = max(begun, mine.at + 1)  # a clock that was put back does not make an evaluation an old one
        if kind == TOUCHED:
            through = entries.progress(reader.store, reader.shards).applied_through
            scope = touched(reader, self._understanding, mine.through, through)
            if scope is not None and not scope:
                watching.advance(reader.store, mine, through)
                self._memory.untouched(mine.through, through)
                return None
        snapshot = self._read(kind, scope, mine.through, through, at)
        if kind == PLACES:
            scope = _all_names(snapshot, scope or ())
        elif snapshot.whole:
            kind, scope, through = WHOLE, None, snapshot.known_at
        judgement, told = _judge(snapshot, self.schedule.packs, scope, tell)
        tell(WRITING)
        evaluation = Evaluation(
            id=secrets.token_hex(8),
            kind=kind,
            at=at,
            known_at=snapshot.known_at,
            packs=self.schedule.packs,
            started=begun,
            things=len(snapshot.things) if scope is None else len(snapshot.things.keys() & scope),
            entries=0 if through is None else max(0, through - mine.through),
            unknown=(*snapshot.unknown, *told),
        )
        keys = {thing.id: thing.key for thing in snapshot.things.values()}
        covered = Covered(None if scope is None else frozenset(scope), through, self._basis)
        seconds = time.monotonic() - started
        kept = findings.reconcile(reader.store, mine, evaluation, judgement, keys, covered, seconds)
        seconds = time.monotonic() - started
        EVALUATION_SECONDS.labels(kind).observe(seconds)
        log.info("evaluated", kind=kind, things=evaluation.things, seconds=round(seconds, 3), **kept.moved)
        return Judged(snapshot, judgement, self.schedule.packs, told, kept, seconds)

    def _read(self, kind: str, things: Collection[str] | None, since: int, through: int | None, at: int) -> Snapshot:
        if kind == TOUCHED and things is not None and through is not None:
            found = self._memory.take(self._reader, since, through, at, things)
        else:
            if things is None:
                self._memory.forget()
            found = take(self._reader, PRESENT, at=at, things=things)
        if found.whole and kind != PLACES:
            self._memory.keep(found)
        return found


def _all_names(snapshot: Snapshot, ids: Collection[str]) -> frozenset[str]:
    """Ids of things, and of what is one with them.

    Raises:
        UnknownKey: none of them was known at the moment.
    """
    wanted = set(ids)
    found = {
        thing.id
        for thing in snapshot.things.values()
        if thing.id in wanted or any(dataset_id(name) in wanted for name in thing.names)
    }
    if not found:
        raise UnknownKey("nothing of what is to be judged is known at that moment", ", ".join(sorted(wanted)))
    return frozenset(found | wanted)


def _judge(
    snapshot: Snapshot, packs: tuple[str, ...], scope: Collection[str] | None, tell: Callable[..., None]
) -> tuple[Judgement, tuple[str, ...]]:
    chosen, told = choose(snapshot, packs, engine())
    places = None if scope is None else _Within(scope)
    judgement = evaluate(snapshot, chosen, places=places, tell=lambda done: tell(JUDGING, done, len(chosen)))
    return judgement, tuple(told)
