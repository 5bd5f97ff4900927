"""Law 2: what was accepted is never lost and never counted twice, whoever works on it and whatever ends the worker."""

from __future__ import annotations

import random
import re
import secrets
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import orjson
import pytest

from catalog.clock import DAY, SECOND, FrozenClock
from catalog.errors import Conflict, LeaseLost
from catalog.graph import inbox, leases
from catalog.graph.entries import progress
from catalog.graph.fingerprint import fingerprint
from catalog.graph.inbox import ACCEPTED, APPLIED, NewEntry, Receipt, Settled
from catalog.graph.leases import CLOCKS_APART, SUSPECTS, Claim
from catalog.graph.payloads import CHUNK_BYTES, payloads
from catalog.graph.record import record
from catalog.graph.store import Store
from catalog.lineage.observe import Record, observe
from catalog.lineage.translate import translate
from catalog.usecases import ingest
from catalog.usecases.accept import prepare
from catalog.usecases.ingest import LEASE
from tests.store.conftest import LATER, accept_events, drain
from tests.store.events import NOON, dataset, entries, event, runs, states
from tests.store.facts import Graph


def claim(store: Store, owner: str, now: int = LATER, limit: int = 250) -> Claim | None:
    return leases.claim(
        store, 0, 1, owner=owner, now=now, lease=LEASE, limit=limit, max_bytes=10_000_000, forgive=False
    )


def understood(store: Store, held: Claim) -> tuple[list[Record], list[Settled]]:
    """What a worker would record for its claim."""
    found = payloads(store, {entry.key: entry.chunks for entry in held.entries})
    records = [observe(translate(orjson.loads(found[e.key])), e.key, e.sequence) for e in held.entries]
    return records, [Settled(e.key, e.sequence, APPLIED) for e in held.entries]


def record_all(store: Store, held: Claim) -> int:
    return record(store, held, *understood(store, held), now=LATER, lease=LEASE)


def test_sequences_have_no_gaps_and_received_never_goes_back(store: Store) -> None:
    """The clock may jump back; the order of acceptance stands."""
    for now, events in ((100, runs(2)), (50, [event("3")]), (200, [event("4"), event("1")])):
        accept_events(store, events, now)

    rows = entries(store)
    assert [1, 2, 3, 4] == [row["sequence"] for row in rows]
    assert [100, 100, 100, 200] == [row["received"] for row in rows]


def test_a_known_key_keeps_its_place(store: Store) -> None:
    """The same event again, within one commit or later, gets the receipt it had, with the state of now."""
    first = accept_events(store, [event("1"), event("2"), event("1")])
    drain(store)
    again = accept_events(store, [event("3"), event("2")])

    assert [1, 2, 1] == [receipt.sequence for receipt in first]
    assert [(3, ACCEPTED), (2, APPLIED)] == [(receipt.sequence, receipt.state) for receipt in again]
    assert 3 == len(entries(store))


def test_concurrent_accepts_lose_and_double_nothing(store: Store) -> None:
    """Eight threads with overlapping events: each event has one place, known to all who sent it.

    Who is told of a conflict (503 at the door) sends again, as clients do.
    """
    pool = [prepare(e, orjson.dumps(e)) for e in runs(60)]

    def send(some: list[NewEntry], now: int) -> list[Receipt]:
        while True:
            with suppress(Conflict):
                return inbox.accept(store, some, now)

    def work(seed: int) -> list[Receipt]:
        rng = random.Random(seed)
        return [receipt for _ in range(8) for receipt in send(rng.sample(pool, 5), seed)]

    with ThreadPoolExecutor(8) as threads:
        heard = [receipt for receipts in threads.map(work, range(8)) for receipt in receipts]

    rows = entries(store)
    assert list(range(1, len(rows) + 1)) == [row["sequence"] for row in rows]
    assert {row["id"]: row["sequence"] for row in rows} == {receipt.key: receipt.sequence for receipt in heard}
    assert len(rows) == len({(receipt.key, receipt.sequence) for receipt in heard})
    assert len(rows) == store.rows("MATCH (c:Chunk) RETURN count(c) AS n")[0]["n"]
    assert sorted(row["received"] for row in rows) == [row["received"] for row in rows]


def test_a_shard_has_one_owner(store: Store) -> None:
    """Of eight workers who claim it at once, one gets it; the others are told no."""
    accept_events(store, runs(3))

    with ThreadPoolExecutor(8) as threads:
        claims = list(threads.map(lambda i: claim(store, f"worker {i}"), range(8)))

    assert [3] == [len(held.entries) for held in claims if held]


def test_an_expired_lease_is_taken_over_and_the_old_owner_writes_nothing(store: Store) -> None:
    """The fence, not the clock, decides who may write."""
    accept_events(store, runs(2))
    old = claim(store, "old")
    assert old is not None
    assert claim(store, "new", LATER + LEASE - 1) is None
    assert claim(store, "new", LATER + LEASE) is not None
    before = fingerprint(store)

    with pytest.raises(LeaseLost):
        record_all(store, old)

    assert [ACCEPTED, ACCEPTED] == states(store)
    assert before == fingerprint(store)


def test_a_released_shard_is_free(store: Store) -> None:
    """Nobody waits for the lease of a worker that is done; giving back what was lost takes nothing away."""
    accept_events(store, runs(1))
    first = claim(store, "first")
    assert first is not None
    record_all(store, first)
    leases.release(store, first)
    second = claim(store, "second")
    leases.release(store, first)

    assert second is not None
    assert claim(store, "third") is None


def test_what_a_worker_died_on_is_tried_apart(store: Store) -> None:
    """Entries of a batch that ended its worker count an attempt and go together, few at a time, not with fresh ones;
    those of a group that ends another worker go one by one. What was settled before counts none.
    """
    accept_events(store, runs(SUSPECTS + 5))
    dying = claim(store, "dying")
    assert dying is not None
    records, settled = understood(store, dying)
    record(store, dying, records[:1], settled[:1], now=LATER, lease=LEASE)
    accept_events(store, [event("fresh")])
    clock = FrozenClock(LATER + LEASE + 1)
    group = claim(store, "next", clock.at)
    clock.at += LEASE + 1
    alone = claim(store, "third", clock.at)

    assert group is not None
    assert [(sequence, 1) for sequence in range(2, SUSPECTS + 2)] == [(e.sequence, e.attempts) for e in group.entries]
    assert alone is not None
    assert [(2, 2)] == [(entry.sequence, entry.attempts) for entry in alone.entries]
    leases.release(store, alone)
    assert SUSPECTS + 5 == drain(store, clock).applied
    assert [APPLIED] * (SUSPECTS + 6) == states(store)
    assert [0, 3, *[2] * (SUSPECTS - 1), 1, 1, 1, 1, 0] == [row["attempts"] for row in entries(store)]


def test_who_finds_a_shard_held_does_not_disturb_its_holder(store: Store) -> None:
    """A look at a held shard writes nothing, so the long transaction under way is not put off by conflicts."""
    accept_events(store, runs(1))
    assert claim(store, "holder") is not None
    lock = "MATCH (s:Shard) RETURN s.lock AS lock"
    before = store.rows(lock)

    assert claim(store, "other") is None
    assert before == store.rows(lock)


@pytest.mark.parametrize("back", [CLOCKS_APART + 1, LEASE, 3_600 * SECOND, 10_000 * DAY])
def test_a_clock_put_back_stalls_no_shard(store: Store, back: int) -> None:
    """The lease of a worker that ended seems to end far in the future; others wait no longer than a lease for it."""
    accept_events(store, runs(2))
    old = claim(store, "old", LATER)
    now = LATER - back
    free = [claim(store, "new", now + waited) is not None for waited in (0, LEASE + CLOCKS_APART)]

    assert old is not None
    assert any(free)
    with pytest.raises(LeaseLost):
        record_all(store, old)
    later = FrozenClock(now + 2 * (LEASE + CLOCKS_APART))
    assert 2 == drain(store, later).applied
    accept_events(store, [event("after")], later.at)
    assert 1 == drain(store, later).applied
    rows = entries(store)
    assert [1, 2, 3] == [row["sequence"] for row in rows]
    assert [LATER, LATER, max(LATER, later.at)] == [row["received"] for row in rows]


def test_applied_through_is_the_contiguous_prefix(store: Store) -> None:
    """Over all shards: it never covers what one of them has not settled, and all once each shard was looked at."""
    jobs = [{**event(str(i)), "job": {"namespace": "jobs", "name": str(i)}} for i in range(12)]
    accept_events(store, jobs)
    of_shard = [prepare(e, orjson.dumps(e)).shard % 3 for e in jobs]
    assert {0, 1, 2} == set(of_shard)
    seen = []
    for shard in (2, 0, 1):
        ingest.Ingester(store, FrozenClock(LATER), owner="w", shards=3).drain(shard)
        seen.append((progress(store, 3).applied_through, states(store)))

    for through, states_then in seen:
        assert {APPLIED} >= set(states_then[:through])
    assert (12, [APPLIED] * 12) == seen[2]


def test_large_payloads_go_in_parts(store: Store) -> None:
    """A payload of several chunks comes back as it was; its facet is a value like any other."""
    text = secrets.token_hex(CHUNK_BYTES + 500_000)
    said = event("1", inputs=[dataset("x", documentation={"description": text})])
    prepared = prepare(said, orjson.dumps(said))
    accept_events(store, [said])
    held = claim(store, "w", limit=1)
    assert held is not None

    assert 1 < held.entries[0].chunks
    assert {prepared.key: prepared.payload} == payloads(store, {entry.key: entry.chunks for entry in held.entries})
    leases.release(store, held)
    drain(store)
    assert [text] == [facet["description"] for facet in Graph(store).facts().facets.values()]


def test_credentials_never_reach_the_store(store: Store) -> None:
    """Wherever in an event they stand, no string and no payload in the store holds them."""
    secret = secrets.token_hex(8)
    source = dataset("x", dataSource={"name": "db", "uri": f"postgresql://app:{secret}@db:5432/shop?password={secret}"})
    source["name"] = f"jdbc:postgresql://db/x?user=app&password={secret}"
    said = event("1", inputs=[source], sql={"query": f"CREATE USER a IDENTIFIED BY '{secret}'"})
    said["run"]["facets"] = {
        "environmentVariables": {"environmentVariables": [{"name": "DB_PASSWORD", "value": secret}]},
        "executionParameters": {"parameters": [{"key": "api_key", "value": secret}]},
        "spark_properties": {"properties": {"fs.s3a.secret.key": secret, "auth": f"Bearer {secret}"}},
    }
    accept_events(store, [said])
    drain(store)
    nodes = store.rows("MATCH (n) RETURN properties(n) AS held")
    edges = store.rows("MATCH ()-[r]->() RETURN properties(r) AS held")
    stored = repr([row["held"] for row in [*nodes, *edges]])
    unpacked = b"".join(zlib.decompress(row["held"]["data"]) for row in nodes if "data" in row["held"])

    assert [APPLIED] == states(store)
    assert secret not in stored
    assert secret.encode() not in unpacked
    assert re.search(rb"postgresql://app:\*\*\*@db", unpacked)


def test_a_batch_delivered_twice_changes_nothing(store: Store) -> None:
    """Neither the facts nor the evidence, however often it is recorded, nor an entry that stands in it twice."""
    accept_events(store, [event(str(i), NOON + i, inputs=[dataset("x", doc={"v": i})]) for i in range(5)])
    held = claim(store, "w")
    assert held is not None
    records, settled = understood(store, held)
    first = record(store, held, records * 2, settled * 2, now=LATER, lease=LEASE)
    once = first, fingerprint(store), progress(store, 1)
    twice = record_all(store, held), fingerprint(store), progress(store, 1)

    assert (5, *once[1:]) == once
    assert (0, *once[1:]) == twice
    assert [5] == [row["n"] for row in store.rows("MATCH (u:Use {label: 'Job'}) RETURN sum(u.n) AS n")]
