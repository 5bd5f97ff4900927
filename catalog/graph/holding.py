"""Holds all shards, so that nothing is applied for a while; what is accepted meanwhile waits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from catalog.clock import SECOND, Clock
from catalog.errors import CatalogError, LeaseLost
from catalog.graph import leases
from catalog.graph.leases import Claim
from catalog.graph.queries import blocks
from catalog.graph.store import Store, Tx

PAUSE = 0.02
"""Seconds between two tries: a busy worker gives a shard up for milliseconds only."""
RENEWALS = 6
"""Of a lease, before it would end."""


@contextmanager
def hold_all(
    store: Store,
    clock: Clock,
    *,
    shards: int,
    owner: str,
    lease: int,
    seconds: float,
    is_gone: Callable[[str], bool] = lambda _: False,
) -> Iterator[Callable[[], bool]]:
    """All shards, held until the block ends; gives a function that says whether they were held until now.

    Args:
        owner: of the leases; if its process ends they are over, as a worker's.
        lease: microseconds, renewed in time.
        seconds: how long to wait for workers to finish what they are at.

    Raises:
        LeaseLost: workers did not give the shards up in time.
    """

    def take(shard: int) -> Claim | None:
        return leases.claim(
            store,
            shard,
            shards,
            owner=owner,
            now=clock.now(),
            lease=lease,
            limit=0,
            max_bytes=0,
            forgive=False,
            is_gone=is_gone,
        )

    held: dict[int, Claim] = {}
    over, lost = threading.Event(), threading.Event()

    def renew() -> None:
        while not over.wait(lease / SECOND / RENEWALS):
            for shard, claim in list(held.items()):
                try:
                    again = take(shard)
                except CatalogError:
                    continue  # the next try may find the store; if none does, the fence has moved
                if again is None or again.fence != claim.fence:
                    lost.set()

    keeper = threading.Thread(target=renew, name="lease keeper", daemon=True)
    try:
        until = time.monotonic() + seconds
        for shard in range(shards):
            while (claim := take(shard)) is None:
                if time.monotonic() > until:
                    raise LeaseLost(
                        f"a worker has held shard {shard} for {seconds:.0f} s; try again when less is going on"
                    )
                time.sleep(PAUSE)
            held[shard] = claim
            if shard == 0:
                keeper.start()
        yield lambda: _all_ours(take, held) and not lost.is_set()
    finally:
        over.set()
        if keeper.is_alive():
            keeper.join()
        for claim in held.values():
            leases.release(store, claim)


def extend(store: Store, claim: Claim, *, now: int, lease: int) -> None:
    """Hold a shard longer than others, before a transaction that takes longer; its end shortens the lease again.

    Raises:
        LeaseLost: another worker took the shard over.
    """

    def work(tx: Tx) -> None:
        leases.hold(tx, claim)
        tx.run(blocks("inbox")["set_shard"], shard=claim.shard, values={"expires": now + lease, "lease": lease})

    store.write(work)


def _all_ours(take: Callable[[int], Claim | None], held: dict[int, Claim]) -> bool:
    now = {shard: take(shard) for shard in held}
    return all(claim is not None and claim.fence == held[shard].fence for shard, claim in now.items())
