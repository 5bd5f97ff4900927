"""Replay every applied entry into a fresh graph and compare: law 3, proven on the graph that is in use.

The service runs on. Only at the end are all shards held, so that nothing is applied (accepting goes on) while both
graphs are brought to one sequence and hashed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from catalog.clock import Clock
from catalog.errors import LeaseLost
from catalog.graph import copying
from catalog.graph.baseline import copy_baseline
from catalog.graph.comparing import Difference, compare
from catalog.graph.entries import Progress, newest, progress
from catalog.graph.holding import hold_all
from catalog.graph.retention import kept
from catalog.graph.store import Store
from catalog.lineage.retain import Base
from catalog.lineage.understand import Understanding
from catalog.manifest.readers import READERS
from catalog.usecases.ingest import LEASE, Ingester, is_gone, name_owner
from catalog.usecases.prune import baseline_of, retain

AT_ONCE = 2_500
"""Entries that are copied before they are applied."""
NEAR = 1_000
"""With so few entries left the shards are held."""
HOLDS = 3
MOST_REFUSED = 50
HOLD_SECONDS = 120.0
PAUSE = 0.1

Say = Callable[[str, int, int], None]
"""Told what is being done (`baseline`, `replay`, `hold`, `compare`), how many entries are replayed, and of how many."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Two graphs compared at one sequence.

    Attributes:
        sequence: the newest entry when they were.
        replayed: how many entries the fresh graph was made of.
        live, rebuilt: their hashes.
        differences: facts at fault (`one` is what the live graph says, `other` the rebuilt one), and entries that the
            live graph applied and the replay did not.
        complete: whether those are all.
        held: seconds for which nothing was applied.
    """

    sequence: int
    replayed: int
    live: str
    rebuilt: str
    differences: list[Difference]
    complete: bool
    held: float

    @property
    def equal(self) -> bool:
        """Whether the live graph says what its entries say."""
        return self.live == self.rebuilt and not self.differences


def verify(live: Store, fresh: Store, clock: Clock, *, shards: int, infer: bool = True, say: Say) -> Verdict:
    """Replay into `fresh` what `live` has applied, then compare; may be interrupted and called again at any time.

    Args:
        shards: into how many shards the live store's workers split.
        infer: whether they read column lineage out of SQL (`HEADWATER_INFER_SQL`): under another setting the graph is
            another one.

    Raises:
        LeaseLost: the shards could not be held until all was compared.
        InvalidQuestion: events that the replay needs are not there.
        StoreUnavailable, Conflict: call it again.
    """
    understanding = Understanding(infer=infer, readers=READERS)
    worker = Ingester(fresh, clock, owner=name_owner(), shards=1, understanding=understanding)
    base = _begin(live, fresh, say)
    while newest(fresh) + NEAR < (through := progress(live, shards).applied_through):
        _replay(live, fresh, worker, through, base, say)
    for _ in range(HOLDS):
        say("hold", newest(fresh), newest(live))
        owner = name_owner()
        with hold_all(
            live, clock, shards=shards, owner=owner, lease=LEASE, seconds=HOLD_SECONDS, is_gone=is_gone
        ) as still_held:
            began = time.monotonic()
            top = newest(live)
            _replay(live, fresh, worker, top, base, say)
            if copying.revive(live, fresh):
                _drain(fresh, worker)
            for store in (live, fresh):
                retain(store, kept(live))
            say("compare", top, top)
            found = compare(live, fresh)
            refused = [
                Difference("entry", {"key": row["id"], "subject": row["subject"]}, {"state": "APPLIED"}, row)
                for row in islice(copying.refused(fresh), MOST_REFUSED)
            ]
            if still_held():
                done = progress(fresh, 1)
                seconds = time.monotonic() - began
                return Verdict(
                    top, done.applied, found.one, found.other, [*refused, *found.differences], found.complete, seconds
                )
    raise LeaseLost("the shards could not be held until both graphs were compared; try again when less is going on")


def _begin(live: Store, fresh: Store, say: Say) -> Base | None:
    """Begin with the baseline, if retention has taken events or the history that they made."""
    base = baseline_of(live)
    if base is not None and not newest(fresh):
        copied = 0
        for some in copy_baseline(live, fresh, base):
            copied += some
            say("baseline", copied, copied)
    return base


def _replay(live: Store, fresh: Store, worker: Ingester, through: int, base: Base | None, say: Say) -> None:
    """Copy entries up to a sequence, and apply them in its order."""
    drained = newest(fresh)
    for done in copying.copy(live, fresh, through, base):
        if done - drained >= AT_ONCE:
            drained = _drain(fresh, worker).applied_through
            say("replay", drained, through)
    say("replay", _drain(fresh, worker).applied_through, through)


def _drain(fresh: Store, worker: Ingester) -> Progress:
    """Apply all that waits, also what waits for another try."""
    before = progress(fresh, 1)
    while before.applied_through < before.sequence:
        worker.drain(0)
        now = progress(fresh, 1)
        if now == before:
            time.sleep(PAUSE)
        before = now
    return before
