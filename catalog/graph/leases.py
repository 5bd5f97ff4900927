"""Shards of the inbox on lease: the entries that one worker may apply now, and nobody else.

A worker's queue is the window of sequences behind what is settled. Its claim has a fence, so that one who lost the
shard writes nothing any more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from catalog.clock import SECOND
from catalog.errors import LeaseLost
from catalog.graph.inbox import ACCEPTED, APPLIED, DEAD, REJECTED, Settled, token
from catalog.graph.queries import blocks
from catalog.graph.store import Row, Store, Tx

CLOCKS_APART = SECOND
"""How far the clocks of two workers may differ before they take shards from each other; harmless, but work lost."""
LONGEST_PAUSE = 60 * SECOND
"""No failed entry waits longer for its next attempt, by a right clock."""
SUSPECTS = 16
"""How many entries that one worker ended on are tried together; a second time each is alone."""
LARGE = 250_000
"""Bytes from which an entry is applied alone: thousands of datasets take seconds, and its neighbours shall not wait."""

_Q = blocks("inbox")


class Claimed(NamedTuple):
    """An entry a worker may apply now."""

    key: str
    sequence: int
    attempts: int
    chunks: int


@dataclass(slots=True)
class Claim:
    """A shard held by this worker, and the entries it may apply.

    Attributes:
        shard: the shard's id.
        fence: rises with every change of owner; writes under an older one are refused.
        window: the sequences looked at, each with whether it still waits in this shard.
        more: more entries may be waiting behind the window.
        done: sequences this worker has dealt with; the rest is remembered as claimed until it has.
        history: event time (µs) up to which retention has taken the history, so that nothing as old can be applied.
    """

    shard: str
    fence: int
    entries: list[Claimed] = field(default_factory=list)
    window: dict[int, bool] = field(default_factory=dict)
    through: int = 0
    more: bool = False
    done: set[int] = field(default_factory=set)
    history: int | None = None

    def settled_through(self, done: Iterable[int]) -> int:
        """The sequence up to which this shard has nothing left, once `done` are settled."""
        gone = set(done)
        through = self.through
        for sequence in range(self.through + 1, max(self.window, default=self.through) + 1):
            if self.window.get(sequence, True) and sequence not in gone:
                break
            through = sequence
        return through


def claim(
    store: Store,
    shard: int,
    shards: int,
    *,
    owner: str,
    now: int,
    lease: int,
    limit: int,
    max_bytes: int,
    forgive: bool,
    suspects_first: bool = True,
    is_gone: Callable[[str], bool] = lambda _: False,
) -> Claim | None:
    """Take a shard and the entries to apply next; None while another worker holds it.

    Entries that were being applied when their worker ended are tried in small groups, and one by one if that happens
    again: one poisonous entry never takes its neighbours with it, and a killed worker costs a few transactions more.
    Attempts are committed here, before any work. Who finds the shard held writes nothing: its holder's long transaction
    would fail for it.

    Args:
        lease: how long the shard is ours without a renewal, microseconds.
        limit, max_bytes: bounds of one batch.
        forgive: the last batch failed for want of the store, not by its own fault.
        suspects_first: take what failed before, or is large, rather than fresh ones; alternate it, and neither waits.
        is_gone: whether an owner is known to have ended, so that nobody waits for its lease; a wrong yes is harmless,
            the fence stops the old owner.
    """
    shard_id = f"{shard}/{shards}"

    def is_held(row: Row) -> bool:
        """By a living other whose lease is not over; one longer than it was is by a clock that was put back since."""
        left = row["expires"] - now
        return (
            row["owner"] not in ("", owner)
            and 0 < left <= max(lease, row["lease"]) + CLOCKS_APART
            and not is_gone(row["owner"])
        )

    def work(tx: Tx) -> Claim | None:
        if any(is_held(row) for row in tx.run(_Q["shard"], shard=shard_id)):
            return None
        (held,) = tx.run(_Q["guard_shard"], shard=shard_id, token=token())
        if is_held(held):
            return None
        if held["batch"] and not (forgive and held["owner"] == owner):
            tx.run(_Q["blame_sequences"], sequences=held["batch"], reason="the worker ended while applying it")
        newest = tx.run(_Q["newest"])
        top = newest[0]["sequence"] if newest else 0
        history = newest[0]["history"] if newest else None
        fence = held["fence"] + (held["owner"] != owner)
        found = Claim(shard_id, fence, through=held["through"], more=held["through"] + limit < top, history=history)
        rows = tx.run(_Q["window"], low=held["through"] + 1, high=min(top, held["through"] + limit)) if top else []
        mine = []
        for row in rows:
            # one that is tried once more is found below, once its pause is over
            waits = row["state"] == ACCEPTED and not row["again"] and row["shard"] % shards == shard
            found.window[row["sequence"]] = waits
            if waits:
                mine.append(row)
        again = tx.run(_Q["again"], now=now, far=now + LONGEST_PAUSE, limit=limit)
        again = [row for row in again if row["shard"] % shards == shard]
        ready = list({row["key"]: row for row in [*again, *mine]}.values())
        found.entries = _batch(ready, limit, max_bytes, suspects_first)
        found.more |= len(found.entries) < len(ready)
        through = found.settled_through(())
        tx.run(
            _Q["set_shard"],
            shard=shard_id,
            values={
                "owner": owner,
                "fence": fence,
                "expires": now + lease,
                "lease": lease,
                "batch": [entry.sequence for entry in found.entries],
                "settled": through,
                "through": through,
            },
        )
        return found

    return store.write(work)


def hold(tx: Tx, claim: Claim) -> None:
    """First statement of a transaction that writes under a claim.

    Raises:
        LeaseLost: another worker took the shard over.
    """
    (held,) = tx.run(_Q["guard_shard"], shard=claim.shard, token=token())
    if held["fence"] != claim.fence:
        raise LeaseLost(f"shard {claim.shard} was taken over by {held['owner']}")


def finish(tx: Tx, claim: Claim, settled: Sequence[Settled], renewed: int) -> None:
    """Count what was settled, give up that part of the claimed batch, and renew the lease until `renewed`.

    `through` is left to the shard's next holder: on Neo4j others can see a part of a large transaction while it
    commits, its numbers before what its indexes find. Who has the guard after it knows that all of it is there.
    """
    states = [entry.state for entry in settled]
    tx.run(
        _Q["count_settled"],
        shard=claim.shard,
        applied=states.count(APPLIED),
        rejected=states.count(REJECTED),
        dead=states.count(DEAD),
    )
    for entry in settled:
        claim.window[entry.sequence] = False
        claim.done.add(entry.sequence)
    left = [entry.sequence for entry in claim.entries if entry.sequence not in claim.done]
    values = {"batch": left, "settled": claim.settled_through(()), "expires": renewed}
    tx.run(_Q["set_shard"], shard=claim.shard, values=values)


def blame(tx: Tx, claim: Claim, entry: Claimed, reason: str, retry_at: int) -> None:
    """Remember a failed attempt; the entry steps aside until `retry_at` (µs) and is then tried alone."""
    claim.done.add(entry.sequence)
    claim.window[entry.sequence] = False
    values = {"attempts": entry.attempts + 1, "reason": reason, "retryAt": retry_at, "again": True}
    tx.run(_Q["blame"], rows=[{"id": entry.key, "values": values}])


def release(store: Store, claim: Claim) -> None:
    """Give the shard back, if it is still ours."""

    def work(tx: Tx) -> None:
        (held,) = tx.run(_Q["guard_shard"], shard=claim.shard, token=token())
        if held["fence"] == claim.fence:
            tx.run(_Q["set_shard"], shard=claim.shard, values=_given_back(held))

    store.write(work)


def give_up(store: Store, shard: int, shards: int, *, owner: str) -> None:
    """Give a shard back whatever became of the last claim, and blame no entry of its batch: the store failed its owner.

    A claim whose answer was lost is the owner's, too, and it cannot know. An owner has one claim of a shard at a time.
    """
    shard_id = f"{shard}/{shards}"

    def work(tx: Tx) -> None:
        (held,) = tx.run(_Q["guard_shard"], shard=shard_id, token=token())
        if held["owner"] == owner:
            tx.run(_Q["set_shard"], shard=shard_id, values={**_given_back(held), "batch": []})

    store.write(work)


def _given_back(held: Row) -> Row:
    return {"owner": "", "expires": 0, "through": held["through"]}


def _batch(ready: list[Row], limit: int, max_bytes: int, suspects_first: bool) -> list[Claimed]:
    """Entries that go together: suspects in small groups or alone, a large one alone, never more bytes than bounded."""
    fit: list[Claimed] = []
    size = 0
    once = [row for row in ready if row["attempts"] == 1][:SUSPECTS]
    calm = [row for row in ready if not row["attempts"] and row["size"] < LARGE][:limit]
    large = [row for row in ready if not row["attempts"] and row["size"] >= LARGE][:1]
    aside = [row for row in ready if row["attempts"] > 1][:1] or once or large
    for row in (aside or calm) if suspects_first else (calm or aside):
        if fit and size + row["size"] > max_bytes:
            break
        size += row["size"]
        fit.append(Claimed(row["key"], row["sequence"], row["attempts"], row["chunks"]))
    return fit
