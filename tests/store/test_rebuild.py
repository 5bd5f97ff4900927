"""A graph is what its entries say: replaying them gives it again, and whatever was changed by hand is found."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from catalog.clock import SystemClock
from catalog.errors import InvalidQuestion, LeaseLost
from catalog.graph import leases
from catalog.graph.copying import copy
from catalog.graph.store import Store
from catalog.usecases import rebuild
from catalog.usecases.ingest import LEASE
from catalog.usecases.rebuild import Verdict, verify
from tests import corpus
from tests.servers.stores import empty
from tests.store.conftest import accept_events, drain
from tests.store.events import dataset, entries, event, runs

Event = dict[str, Any]


def check(store: Store, fresh: Store, say: Callable[[str, int, int], None] = lambda *_: None) -> Verdict:
    return verify(store, fresh, SystemClock(), shards=1, say=say)


def told() -> list[Event]:
    """Real events, some that are rejected, and runs of one job."""
    real = [event for _, event in corpus.all_events()]
    bad = [{**event(str(run)), "eventTime": "someday"} for run in range(3)]
    return [*real[:120], *bad, *(event(str(i), inputs=[dataset("a")], outputs=[dataset("b")]) for i in range(10))]


def test_a_replay_gives_the_same_graph(store: Store, fresh: Store) -> None:
    """Under the sequences and receptions that the entries have; rejected ones are no part of it."""
    accept_events(store, told())
    drain(store)

    verdict = check(store, fresh)

    assert verdict.equal, verdict.differences
    assert verdict.live == verdict.rebuilt
    applied = [row for row in entries(store) if row["state"] == "APPLIED"]
    assert len(applied) == verdict.replayed
    same = [(row["id"], row["sequence"], row["received"]) for row in applied]
    assert same == [
        (row["id"], row["sequence"], row["received"]) for row in entries(fresh) if row["state"] == "APPLIED"
    ]


def test_an_empty_graph_is_equal(store: Store, fresh: Store) -> None:
    """There is nothing to replay."""
    assert check(store, fresh).equal


class Interrupted(Exception):
    """Stands for a kill between two commits."""


def test_it_goes_on_where_it_was_interrupted(store: Store, fresh: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever was copied or applied counts once."""
    monkeypatch.setattr(rebuild, "AT_ONCE", 20)
    monkeypatch.setattr("catalog.graph.copying.WINDOW", 30)
    accept_events(store, told())
    drain(store)
    at: list[int] = []

    def cut(what: str, done: int, total: int) -> None:
        if done > (at[-1] if at else 0) and len(at) < 3:
            at.append(done)
            raise Interrupted

    for _ in range(3):
        with pytest.raises(Interrupted):
            check(store, fresh, cut)

    assert sorted(set(at)) == at
    assert check(store, fresh, cut).equal


def test_what_is_applied_meanwhile_is_part_of_it(store: Store, fresh: Store) -> None:
    """Events that come, and entries that are sent back, while the replay goes on; accepting goes on while it ends."""
    accept_events(store, told())
    drain(store)
    said: list[str] = []

    def meanwhile(what: str, done: int, total: int) -> None:
        if what == "hold":
            accept_events(store, runs(40))
            drain(store)
        if what == "compare":
            (receipt,) = accept_events(store, [event("last")])
            said.append(receipt.state)
            assert 0 == drain(store, SystemClock()).settled, "nothing is applied while graphs are compared"

    verdict = check(store, fresh, meanwhile)

    assert verdict.equal, verdict.differences
    assert ["ACCEPTED"] == said
    assert 1 == drain(store).applied


def test_an_entry_that_was_applied_later_gets_its_place(store: Store, fresh: Store) -> None:
    """One that was rejected when it was copied and is applied when the graphs are compared."""
    accept_events(store, [event("1"), event("2")])
    drain(store)
    entry = entries(store)[1]

    def applied_later(what: str, done: int, total: int) -> None:
        if what == "hold":
            accept_events(store, [event("3")])
            drain(store)

    # copied as a placeholder: at that moment its shard had not come to it
    store.write(lambda tx: tx.run("MATCH (e:Entry {id: $id}) SET e.state = 'REJECTED'", id=entry["id"]))
    for _ in copy(store, fresh, 2):
        pass
    store.write(lambda tx: tx.run("MATCH (e:Entry {id: $id}) SET e.state = 'APPLIED'", id=entry["id"]))

    verdict = check(store, fresh, applied_later)

    assert verdict.equal, verdict.differences
    assert 3 == verdict.replayed


DAMAGES = {
    "edge": "MATCH (:Job)-[r:READS]->(:Dataset) SET r.open = false",
    "register": "MATCH (g:Reg {aspect: 'facet'}) SET g.cur = ''",
    "use": "MATCH (u:Use) SET u.n = u.n + 1",
    "run": "MATCH (r:Run {external: '3'}) SET r.state = 'FAILED'",
    "dataset": "CREATE (d:Dataset {id: 'ffffffffffffffffffffffffffffffff', namespace: 'made', name: 'up', lastT: 0})",
}


@pytest.mark.parametrize("kind", DAMAGES)
def test_a_graph_that_was_changed_by_hand_is_found(store: Store, fresh: Store, kind: str) -> None:
    """Whatever it was: both say what they hold, under the names of the things."""
    accept_events(
        store, [event(str(i), inputs=[dataset("a")], outputs=[dataset("b")], sql={"query": "x"}) for i in range(5)]
    )
    drain(store)
    store.write(lambda tx: tx.run(DAMAGES[kind]))

    verdict = check(store, fresh)

    assert not verdict.equal
    assert verdict.complete
    assert kind in {found.kind for found in verdict.differences}
    found = next(found for found in verdict.differences if found.kind == kind)
    assert found.one != found.other
    assert any(name in str(found.about) for name in ("job jobs load", "dataset db a", "made")), found


def test_an_event_that_is_gone_is_said(store: Store, fresh: Store) -> None:
    """Without the events of what is applied nothing can be proven."""
    (receipt,) = accept_events(store, [event("1")])
    drain(store)
    store.write(lambda tx: tx.run("MATCH (c:Chunk {id: $id}) DELETE c", id=f"{receipt.key}.0"))

    with pytest.raises(InvalidQuestion, match="do not have their events any more"):
        check(store, fresh)


def test_a_busy_shard_is_waited_for(store: Store, fresh: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker finishes first; one that never does is said."""
    clock = SystemClock()
    monkeypatch.setattr(rebuild, "HOLD_SECONDS", 0.3)
    held = leases.claim(
        store, 0, 1, owner="elsewhere|1|1", now=clock.now(), lease=LEASE, limit=9, max_bytes=9, forgive=False
    )
    assert held
    with pytest.raises(LeaseLost, match="a worker has held shard 0"):
        check(store, fresh)

    monkeypatch.setattr(rebuild, "HOLD_SECONDS", 30)
    threading.Timer(0.3, leases.release, (store, held)).start()
    assert check(store, fresh).equal


def test_a_lost_lease_is_no_verdict(store: Store, fresh: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """If a worker could have applied something while graphs were compared, they are compared again."""
    accept_events(store, runs(3))
    drain(store)
    compared: list[int] = []

    def lose(what: str, done: int, total: int) -> None:
        if what == "compare":
            compared.append(done)
            if len(compared) == 1:
                store.write(lambda tx: tx.run("MATCH (s:Shard) SET s.fence = s.fence + 1"))

    assert check(store, fresh, lose).equal
    assert 2 == len(compared)


def test_a_folder_is_found_again_only_for_the_same_store(store: Store, tmp_path: Path) -> None:
    """Left by an error it stays; done, it is removed; another's is not touched; another store's is begun anew."""
    from catalog.errors import DirectoryUnusable
    from catalog.graph.scratch import scratch

    folder = tmp_path / "rebuild"
    accept_events(store, runs(1))

    def visit(*, keep: bool = False, fail: bool = False) -> bool:
        with scratch(store, folder, keep=keep) as server:
            known = (server.data / "seen").exists()
            (server.data / "seen").touch()
            if fail:
                raise Interrupted
            return known

    with pytest.raises(Interrupted):
        visit(fail=True)
    assert visit(keep=True), "left by an error"
    assert not visit(), "that one was done"
    assert not folder.exists()
    with pytest.raises(Interrupted):
        visit(fail=True)
    empty(store)
    accept_events(store, [event("other")])
    assert not visit(), "another store's"
    folder.mkdir()
    (folder / "mine").touch()
    with pytest.raises(DirectoryUnusable, match="holds something else"):
        visit()
