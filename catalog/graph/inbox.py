"""The inbox in the graph: durable before the client hears 201, counted once whoever works on it.

Entry states: ACCEPTED (waiting), APPLIED, REJECTED (its content cannot be understood), DEAD (tried too often).
Sequences have no gaps, so a worker's queue is the window of sequences behind what is settled: no second index, no
message that could be lost.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from catalog.clock import SECOND
from catalog.errors import Conflict, LeaseLost
from catalog.graph.chains import Chain, admit
from catalog.graph.payloads import CHUNK_BYTES, by_size, cut, restore
from catalog.graph.queries import blocks
from catalog.graph.store import Row, Store, Tx

ACCEPTED, APPLIED, REJECTED, DEAD = "ACCEPTED", "APPLIED", "REJECTED", "DEAD"
STATES = (ACCEPTED, APPLIED, REJECTED, DEAD)
FAILED = (REJECTED, DEAD)
SHORT = 12
"""How much of a key people need to type."""
CLOCKS_APART = SECOND
"""How far the clocks of two workers may differ before they take shards from each other; harmless, but work lost."""
LONGEST_PAUSE = 60 * SECOND
"""No failed entry waits longer for its next attempt, by a right clock."""
SUSPECTS = 16
"""How many entries that one worker ended on are tried together; a second time each is alone."""
LARGE = 250_000
"""Bytes from which an entry is applied alone: thousands of datasets take seconds, and its neighbours shall not wait."""

_Q = blocks("inbox")


class NewEntry(NamedTuple):
    """What is to be accepted: content key, canonical bytes, and what a listing shows of it.

    Attributes:
        about: id of the job or dataset it speaks of.
        run: id of its run.
        edits: key of the entry that it stands for, if a person changed that one.
        chain: what an apply of a manifest stands on; others have none.
    """

    key: str
    payload: bytes
    kind: str
    subject: str
    shard: int
    about: str = ""
    run: str = ""
    edits: str = ""
    chain: Chain | None = None


class Receipt(NamedTuple):
    """What the client hears: the entry's key, place and state, and whether it was unknown until now."""

    key: str
    sequence: int
    state: str
    created: bool = False


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


class Settled(NamedTuple):
    """The end of an entry: its new state, why, what was not understood, and its event time (µs) if it has one."""

    key: str
    sequence: int
    state: str
    reason: str | None = None
    warnings: tuple[str, ...] = ()
    time: int | None = None


def token() -> int:
    """A fresh guard value: a constant is no guard on the embedded store (stores.md, rule 6)."""
    return secrets.randbits(62)


def accept(store: Store, entries: Sequence[NewEntry], now: int) -> list[Receipt]:
    """Make entries durable in one commit; one receipt each, in order. A key that is known keeps its place.

    An apply whose plan is that of the manifest's newest one is answered by the receipt of that.

    Raises:
        StalePlan, AppliedMeanwhile, InvalidEvent: an apply among them does not stand on the newest one.
        StoreUnavailable, Conflict: nothing was written.
    """
    wanted = {entry.key: entry for entry in entries}

    def work(tx: Tx) -> dict[str, Receipt]:
        (head,) = tx.run(_Q["guard"], token=token())
        rows = tx.run(_Q["known"], keys=sorted(wanted))
        known = {r["key"]: Receipt(r["key"], r["sequence"], r["state"]) for r in rows}
        if purged := {r["key"]: wanted[r["key"]].payload for r in rows if r["purged"] and r["state"] in FAILED}:
            restore(tx, purged)
        fresh = _fresh(tx, wanted.values(), known, head)
        if fresh:
            _insert(tx, fresh, head["sequence"] + 1, max(now, head["received"]))
        for sequence, entry in enumerate(fresh, start=head["sequence"] + 1):
            known[entry.key] = Receipt(entry.key, sequence, ACCEPTED, created=True)
        if edited := [{"id": entry.edits, "by": entry.key} for entry in entries if entry.edits]:
            tx.run(_Q["link_edits"], rows=edited)
        return known

    receipts, told = store.write(work), []
    for entry in entries:
        told.append(receipts[entry.key])
        receipts[entry.key] = told[-1]._replace(created=False)
    return told


def _fresh(tx: Tx, wanted: Iterable[NewEntry], known: dict[str, Receipt], head: Row) -> list[NewEntry]:
    """Those that are to be inserted; applies among them must stand on the newest one of their manifest."""
    fresh: list[NewEntry] = []
    applies = head["applies"]
    for entry in wanted:
        if entry.key in known:
            continue
        if entry.chain:
            if before := admit(tx, entry.chain, entry.key, head["sequence"] + len(fresh) + 1, applies):
                (row,) = tx.run(_Q["known"], keys=[before])
                known[entry.key] = Receipt(row["key"], row["sequence"], row["state"])
                continue
            applies += 1
        fresh.append(entry)
    return fresh


def _insert(tx: Tx, fresh: Sequence[NewEntry], first: int, received: int) -> None:
    """New entries with the sequences from `first` on, and their payloads."""
    rows: list[dict[str, Any]] = []
    apart: list[dict[str, Any]] = []
    size = 0
    for sequence, entry in enumerate(fresh, start=first):
        parts = cut(entry.key, entry.payload)
        row = {"entry": _entry_row(entry, sequence, received, len(parts)), "chunks": parts}
        size += sum(len(part["data"]) for part in parts)
        if size > CHUNK_BYTES:
            apart += parts
            row["chunks"] = []
        rows.append(row)
    for batch in by_size(apart):
        tx.run(_Q["insert_chunks"], rows=batch)
    tx.run(_Q["insert"], rows=rows, sequence=first + len(rows) - 1, received=received)


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
            waits = row["state"] == ACCEPTED and row["shard"] % shards == shard
            found.window[row["sequence"]] = waits
            if waits:
                mine.append(row)
        again = tx.run(_Q["again"], now=now, far=now + LONGEST_PAUSE, limit=limit)
        again = [row for row in again if row["shard"] % shards == shard]
        ready = list({row["key"]: row for row in [*again, *mine]}.values())
        found.entries = _batch(ready, limit, max_bytes, suspects_first)
        found.more |= len(found.entries) < len(ready)
        tx.run(
            _Q["set_shard"],
            shard=shard_id,
            values={
                "owner": owner,
                "fence": fence,
                "expires": now + lease,
                "lease": lease,
                "batch": [entry.sequence for entry in found.entries],
                "through": found.settled_through(()),
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


def waiting(tx: Tx, keys: Iterable[str]) -> set[str]:
    """Those of the entries that still wait: only they may be applied. Under `hold`, nobody else settles them."""
    return {row["key"] for row in tx.run(_Q["known"], keys=sorted(keys)) if row["state"] == ACCEPTED}


def settle(tx: Tx, settled: Sequence[Settled], now: int) -> None:
    """Give waiting entries their end state.

    This comes last: the embedded store checks at the commit that nobody changed the pages a transaction changed, and
    entries share theirs with those that are being accepted, so every one of these would undo the work of the batch.

    Raises:
        Conflict: not all were waiting any more.
    """
    rows = [
        {
            "id": entry.key,
            "values": {
                "state": entry.state,
                "trouble": entry.state if entry.state in FAILED else None,
                "again": None,
                "settledAt": now,
                "reason": entry.reason,
                "warnings": list(entry.warnings) or None,
                "time": entry.time,
            },
        }
        for entry in sorted(settled)
    ]
    if len(tx.run(_Q["settle"], rows=rows)) != len(rows):
        raise Conflict("entries of this batch were settled by somebody else; try again")


def finish(tx: Tx, claim: Claim, settled: Sequence[Settled], renewed: int) -> None:
    """Count what was settled, give up that part of the claimed batch, and renew the lease until `renewed`."""
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
    through = claim.settled_through(())
    tx.run(
        _Q["set_shard"],
        shard=claim.shard,
        values={"batch": left, "through": through, "expires": renewed},
    )


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
            tx.run(_Q["set_shard"], shard=claim.shard, values={"owner": "", "expires": 0})

    store.write(work)


def retry(store: Store, key: str) -> Row | None:
    """Send a rejected or dead entry back, if it has its payload; its sequence and shard hash, or None."""
    rows = store.write(lambda tx: tx.run(_Q["retry"], key=key, token=token()))
    return rows[0] if rows else None


def _entry_row(entry: NewEntry, sequence: int, received: int, chunks: int) -> dict[str, Any]:
    return {
        "id": entry.key,
        "short": entry.key[:SHORT],
        "sequence": sequence,
        "received": received,
        "state": ACCEPTED,
        "attempts": 0,
        "retryAt": 0,
        "kind": entry.kind,
        "subject": entry.subject,
        "shard": entry.shard,
        "size": len(entry.payload),
        "chunks": chunks,
        **{key: value for key, value in (("about", entry.about), ("run", entry.run), ("edits", entry.edits)) if value},
    }


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
