"""Turn accepted entries into facts, each exactly once.

Safe to call again, by several workers at once, and safe to interrupt at any point: the facts and the entries' new
state commit together, under a shard's lease with a fencing token.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import orjson
import structlog

from catalog.clock import DAY, SECOND, Clock, to_iso
from catalog.errors import CatalogError, InvalidEvent
from catalog.graph import leases
from catalog.graph.holding import extend
from catalog.graph.inbox import APPLIED, DEAD, REJECTED, Settled
from catalog.graph.leases import Claim, Claimed
from catalog.graph.payloads import payloads
from catalog.graph.record import record
from catalog.graph.store import Store, Tx
from catalog.lineage.observe import Record
from catalog.lineage.understand import Understanding
from catalog.lineage.wire import MAX_THINGS
from catalog.manifest.readers import READERS

BATCH_ENTRIES = 250
BATCH_BYTES = 8_000_000
LEASE = 30 * SECOND
"""Longer than any transaction: one that a large event makes long must not be taken for its worker's end."""
LONG = 110.0
"""Seconds for the transaction of an apply of thousands of documents, which is alone; workers' tasks may take 120."""
MAX_ATTEMPTS = 5
MAX_FUTURE = DAY
BACKOFF = SECOND
MAX_REASON = 1_000

log = structlog.get_logger(__name__)


def name_owner() -> str:
    """This thread as the owner of a lease: machine, process, thread."""
    return f"{socket.gethostname()}|{os.getpid()}|{threading.get_ident()}"


def is_gone(owner: str) -> bool:
    """Whether an owner was a process of this machine that has ended."""
    host, _, rest = owner.partition("|")
    pid = rest.partition("|")[0]
    if host != socket.gethostname() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


@dataclass(slots=True)
class Drained:
    """What one call did: entries by end state, and entries put off after a failed attempt."""

    applied: int = 0
    rejected: int = 0
    dead: int = 0
    put_off: int = 0

    @property
    def settled(self) -> int:
        """Entries that reached an end state."""
        return self.applied + self.rejected + self.dead


class Ingester:
    """One worker's way of draining shards.

    Args:
        owner: whose leases these are, see `name_owner`.
        understanding: what this process remembers of events; its own when not given.
    """

    def __init__(
        self, store: Store, clock: Clock, *, owner: str, shards: int, understanding: Understanding | None = None
    ) -> None:
        self._store = store
        self._clock = clock
        self._owner = owner
        self.shards = shards
        self._understanding = understanding or Understanding(readers=READERS)
        self._forgive: set[int] = set()
        self._suspects_first = True

    def drain(self, shard: int, *, seconds: float = 20.0) -> Drained:
        """Apply what waits in a shard until nothing does, another worker holds it, or the time is over.

        Raises:
            StoreUnavailable, Conflict: what was not committed stays ACCEPTED.
        """
        try:
            return self._drain(shard, time.monotonic() + seconds)
        except CatalogError:
            self._forgive.add(shard)
            with suppress(CatalogError):  # the store may be away still; the lease ends by itself then
                leases.give_up(self._store, shard, self.shards, owner=self._owner)
            raise

    def _drain(self, shard: int, until: float) -> Drained:
        done = Drained()
        claim: Claim | None = None
        while time.monotonic() < until:
            claim = self._claim(shard)
            if claim is None:
                return done
            if claim.entries:
                self._apply(claim, done)
            elif not claim.more:
                break
        if claim is not None:
            leases.release(self._store, claim)
        return done

    def _claim(self, shard: int) -> Claim | None:
        claim = leases.claim(
            self._store,
            shard,
            self.shards,
            owner=self._owner,
            now=self._clock.now(),
            lease=LEASE,
            limit=BATCH_ENTRIES,
            max_bytes=BATCH_BYTES,
            forgive=shard in self._forgive,
            suspects_first=self._suspects_first,
            is_gone=is_gone,
        )
        self._forgive.discard(shard)
        self._suspects_first = not self._suspects_first
        return claim

    def _apply(self, claim: Claim, done: Drained) -> None:
        found = payloads(self._store, {entry.key: entry.chunks for entry in claim.entries})
        records: dict[str, Record] = {}
        settled: dict[str, Settled] = {}
        broken: list[tuple[Claimed, Exception]] = []
        for entry in claim.entries:
            if entry.attempts >= MAX_ATTEMPTS:
                reason = f"gave up after {entry.attempts} attempts; see the worker's log, then `headwater inbox retry`"
                settled[entry.key] = Settled(entry.key, entry.sequence, DEAD, reason)
                continue
            try:
                understood = self._understand(entry, found[entry.key], claim.history)
            except InvalidEvent as e:
                where = f"{e.field}: " if e.field else ""
                settled[entry.key] = Settled(entry.key, entry.sequence, REJECTED, f"{where}{e}"[:MAX_REASON])
            except Exception as e:  # a bug in one event's understanding must not stop the others
                broken.append((entry, e))
            else:
                records[entry.key] = understood
                end = Settled(entry.key, entry.sequence, APPLIED, None, understood.warnings, understood.time)
                settled[entry.key] = end
        for entry, error in broken:
            self._blame(claim, entry, error, done)
        self._record(claim, [e for e in claim.entries if e.key in settled], records, settled, done)

    def _understand(self, entry: Claimed, payload: bytes, history: int | None) -> Record:
        understood = self._understanding.record(orjson.loads(payload), entry.key, entry.sequence)
        if understood.time > self._clock.now() + MAX_FUTURE:
            time = to_iso(understood.time)
            raise InvalidEvent(
                f"{time} is more than a day in the future; correct the producer's clock, or retry then",
                "eventTime",
            )
        if history is not None and understood.time <= history:
            raise InvalidEvent(
                f"{to_iso(understood.time)} is behind the retention horizon, {to_iso(history)}: what it could change "
                "is not kept any more",
                "eventTime",
            )
        return understood

    def _record(
        self,
        claim: Claim,
        entries: Sequence[Claimed],
        records: dict[str, Record],
        settled: dict[str, Settled],
        done: Drained,
    ) -> None:
        """Write a batch; halve it when it fails by its own fault, until the guilty entry stands alone."""
        if not entries:
            return
        mine = [settled[e.key] for e in entries]
        told = [records[e.key] for e in entries if e.key in records]
        long = any(r.things > MAX_THINGS for r in told)
        try:
            now = self._clock.now()
            if long:
                extend(self._store, claim, now=now, lease=int(LONG * SECOND))
            store = self._store.patient(LONG) if long else self._store
            record(store, claim, told, mine, now=now, lease=LEASE)
        except Exception as e:  # the store or the fold refused this batch: find the one entry at fault
            if isinstance(e, CatalogError) and e.retryable:
                raise
            if len(entries) == 1:
                self._give_up(claim, entries[0], e, settled, done)
                return
            middle = len(entries) // 2
            self._record(claim, entries[:middle], records, settled, done)
            self._record(claim, entries[middle:], records, settled, done)
            return
        done.applied += sum(s.state == APPLIED for s in mine)
        done.rejected += sum(s.state == REJECTED for s in mine)
        done.dead += sum(s.state == DEAD for s in mine)

    def _give_up(
        self, claim: Claim, entry: Claimed, error: Exception, settled: dict[str, Settled], done: Drained
    ) -> None:
        """Reject what can never be written as it stands; put off what failed otherwise."""
        if not isinstance(error, InvalidEvent):
            self._blame(claim, entry, error, done)
            return
        settled[entry.key] = Settled(entry.key, entry.sequence, REJECTED, str(error)[:MAX_REASON])
        self._record(claim, [entry], {}, settled, done)

    def _blame(self, claim: Claim, entry: Claimed, error: Exception, done: Drained) -> None:
        log.error("entry failed", key=entry.key, sequence=entry.sequence, attempt=entry.attempts + 1, exc_info=error)
        reason = f"attempt {entry.attempts + 1}: {type(error).__name__}: {error}"[:MAX_REASON]
        retry_at = self._clock.now() + BACKOFF * 2**entry.attempts

        def work(tx: Tx) -> None:
            leases.hold(tx, claim)
            leases.blame(tx, claim, entry, reason, retry_at)
            leases.finish(tx, claim, [], self._clock.now() + LEASE)

        self._store.write(work)
        done.put_off += 1
