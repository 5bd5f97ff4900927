"""Prune on schedule, and one at a time: whoever prunes holds a lease, and tells how it went."""

from __future__ import annotations

import time
from dataclasses import dataclass

import structlog

from catalog.clock import SECOND, Clock
from catalog.errors import CatalogError, Conflict, TooMuchAtOnce
from catalog.graph import pruning as pruned
from catalog.graph.collecting import GRACE
from catalog.graph.pruning import DONE, FAILED, REFUSED, RUNNING, Pruning
from catalog.graph.retention import Step
from catalog.graph.store import Store
from catalog.metrics import PRUNE_SECONDS, PRUNED
from catalog.usecases.ingest import is_gone
from catalog.usecases.prune import MAX_SHARE, Ages, Say, Share, prune
from catalog.usecases.renewing import Renewing

BEAT = pruned.LEASE / 3 / SECOND
AGAIN = 600.0
"""Seconds after which one that failed or was killed is tried again, where the schedule would let it wait for longer."""
SCHEDULE = "schedule"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When is pruned, and what; `every` in seconds, 0 for never."""

    every: float
    ages: Ages
    max_share: float = MAX_SHARE

    def due(self, newest: Pruning, now: int, owner: str = "") -> float | None:
        """In how many seconds the next one is due, 0 for now; None: never.

        A start in the future is by a clock that was put back since. One that `owner` has not ended, though it is not at
        it, is one that the store had no answer for: it goes on at once.
        """
        if not self.every or not any(self.ages):
            return None
        if newest.started is None or newest.started > now or (owner and newest.owner == owner):
            return 0.0
        pause = min(self.every, AGAIN) if newest.state in (FAILED, RUNNING) else self.every
        return max(0.0, pause - (now - newest.started) / SECOND)


def prune_alone(
    store: Store,
    clock: Clock,
    ages: Ages,
    *,
    owner: str,
    by: str,
    max_share: float = MAX_SHARE,
    say: Say = lambda *_: None,
    grace: float = GRACE,
) -> list[Share]:
    """`usecases.prune.prune`, on lease: no two prune at once, and everybody can see how the newest one went.

    Args:
        owner: whose lease it is, see `usecases.ingest.name_owner`.
        by: what began it, in a word.

    Raises:
        Conflict: somebody else prunes.
        LeaseLost: this process was silent for so long that another one took over.
        TooMuchAtOnce, StoreUnavailable, StoreTimeout: as `prune`.
    """
    claimed = pruned.claim(store, owner=owner, by=by, now=clock.now(), is_gone=is_gone)
    if claimed is None:
        raise Conflict("another prune is at work; `headwater doctor` says since when")
    mine = claimed
    started = time.monotonic()
    gone: dict[str, int] = {}
    with Renewing("prune", lambda: pruned.renew(store, mine, clock.now()), BEAT) as renewing:

        def told(name: str, step: Step) -> None:
            renewing.check()
            gone[name] = gone.get(name, 0) + step.going
            PRUNED.labels(name).inc(step.going)
            say(name, step)

        state, reason = FAILED, "it was stopped"
        try:
            shares = prune(store, clock, ages, max_share=max_share, say=told, grace=grace)
            state, reason = DONE, ""
        except TooMuchAtOnce as e:
            state, reason = REFUSED, str(e)
            raise
        except Exception as e:
            reason = str(e) if isinstance(e, CatalogError) else type(e).__name__
            raise
        finally:
            seconds = time.monotonic() - started
            PRUNE_SECONDS.labels(state).observe(seconds)
            log.info("pruned", state=state, by=by, seconds=round(seconds, 3), reason=reason, **gone)
            _end(store, mine, clock.now(), state, gone, reason)
    return shares


def _end(store: Store, mine: Pruning, now: int, state: str, gone: dict[str, int], reason: str) -> None:
    """A store that is away is no news, and whoever lost the lease has nothing to say."""
    try:
        pruned.end(store, mine, now, state, gone=gone, reason=reason)
    except CatalogError as e:
        log.warning("could not say how a prune went", state=state, error=str(e))
