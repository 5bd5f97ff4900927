"""Plan and apply over a real store: all or nothing, exactly one of two, and a second plan that is empty."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from catalog.assets.keys import Key, Kind, manifest_id
from catalog.clock import SECOND, FrozenClock
from catalog.errors import CatalogError, InvalidManifest, InvalidPlan, StalePlan, UnsafePlan
from catalog.graph import entities
from catalog.graph.fingerprint import fingerprint
from catalog.graph.reader import Reader
from catalog.graph.sight import flows_now
from catalog.graph.store import Store
from catalog.graph.walk import Moment
from catalog.identity import Name, job_id
from catalog.manifest.changes import Action
from catalog.manifest.heading import Heading
from catalog.manifest.plan import HeadingChange, ObstacleType, Plan, read_plan
from catalog.manifest.sent import read_documents
from catalog.usecases.accept import Acceptor
from catalog.usecases.apply import Applied, apply
from catalog.usecases.export import exported
from catalog.usecases.plan import Sent, plan
from tests.servers.stores import StoreServer, empty
from tests.store.conftest import LATER, accept_events, drain

TEAM: dict[str, Any] = {"kind": "Team", "name": "sales"}
ORDERS: dict[str, Any] = {
    "kind": "Dataset",
    "namespace": "db",
    "name": "orders",
    "owners": ["team:sales"],
    "fields": [{"name": "id", "type": "long"}],
}
LOAD: dict[str, Any] = {
    "kind": "Pipeline",
    "namespace": "flows",
    "name": "load",
    "inputs": [{"namespace": "db", "name": "raw"}],
    "outputs": [{"namespace": "db", "name": "orders"}],
}
HEADING: dict[str, Any] = {"description": "who sells what", "maxRemovedShare": 0.5}
SHOP = [TEAM, ORDERS, LOAD]


class Desk:
    """Plans and applies as the service does; what is accepted is applied at once by a worker of its own."""

    def __init__(self, store: Store, server: StoreServer) -> None:
        self.store = store
        self.reader = Reader(store, server.admin)
        self.clock = FrozenClock(LATER)
        self._due = threading.Event()
        self._over = False
        self._worker = threading.Thread(target=self._work, daemon=True)
        self._acceptor = Acceptor(store, self.clock, check=lambda: None, wake=lambda _: self._due.set())
        self._worker.start()

    def _work(self) -> None:
        while not self._over:
            self._due.wait(5)
            self._due.clear()
            drain(self.store)

    def close(self) -> None:
        self._acceptor.close()
        self._over = True
        self._due.set()
        self._worker.join()

    def plan(
        self,
        manifest: str,
        documents: list[dict[str, Any]],
        removable: float | None = 1.0,
        heading: Heading | None = None,
    ) -> Plan:
        return plan(self.reader, Sent(manifest, documents, removable, heading)).plan

    def send(self, made: Plan, by: str = "ada") -> Applied:
        return apply(self.reader, self._acceptor.submit, self.clock, read_plan(made.to_json()), by)

    def put(self, manifest: str, documents: list[dict[str, Any]], heading: Heading | None = None) -> Applied:
        return self.send(self.plan(manifest, documents, heading=heading))


@pytest.fixture
def desk(store: Store, server: StoreServer) -> Iterator[Desk]:
    running = Desk(store, server)
    yield running
    running.close()


def test_a_second_plan_is_empty(desk: Desk) -> None:
    """What was applied is what is declared; planned again, there is nothing to change, and nothing to accept."""
    first = desk.plan("shop", SHOP)
    applied = desk.send(first)
    again = desk.plan("shop", list(reversed(SHOP)))
    nothing = desk.send(again)

    assert [Action.CREATE] * 3 == [change.action for change in first.changes]
    assert ("APPLIED", False) == (applied.state, applied.again)
    assert ((), 3) == (again.changes, again.unchanged)
    assert applied.receipt is not None and applied.receipt.key == again.base
    assert nothing.receipt is None
    assert 1 == entities.applies(desk.reader)


def test_a_plan_that_was_overtaken_is_refused_with_what_changed(desk: Desk) -> None:
    """Who applied since is told, and which entities of this plan they changed; nothing of it is accepted."""
    desk.put("shop", SHOP)
    mine = desk.plan("shop", [TEAM, {**ORDERS, "description": "mine"}, LOAD])
    theirs = desk.plan("shop", [TEAM, {**ORDERS, "description": "theirs"}, LOAD])
    desk.send(theirs)
    with pytest.raises(StalePlan) as refused:
        desk.send(mine)

    assert "Dataset db orders (UPDATE)" in str(refused.value) and "plan again" in str(refused.value)
    assert ["theirs"] == [body["description"] for body in exported(desk.reader, "shop") if "description" in body]
    assert 2 == entities.applies(desk.reader)


def test_sending_a_plan_again_is_harmless(desk: Desk) -> None:
    """It is answered by the receipt of its apply, and counts once."""
    made = desk.plan("shop", SHOP)
    first, second = desk.send(made), desk.send(made, by="grace")

    assert first.receipt is not None and second.receipt is not None
    assert first.receipt.key == second.receipt.key
    assert (False, True) == (first.again, second.again)
    assert 1 == entities.applies(desk.reader)
    assert ["ada"] == [head.by for head in entities.manifests(desk.reader)]


def test_two_concurrent_applies_never_mix(desk: Desk) -> None:
    """Of plans that stand on one base exactly one is applied, whole; the others are stale."""
    desk.put("shop", [TEAM])
    plans = [
        desk.plan("shop", [TEAM, *({**ORDERS, "name": f"t{n}", "description": f"by {i}"} for n in range(i, i + 3))])
        for i in range(4)
    ]
    told = _at_once([lambda made=made: desk.send(made) for made in plans])
    won = [i for i, answer in enumerate(told) if isinstance(answer, Applied)]
    found = exported(desk.reader, "shop")

    assert 1 == len(won), told
    assert [StalePlan] * 3 == [type(answer) for answer in told if not isinstance(answer, Applied)]
    assert {f"by {won[0]}"} == {body["description"] for body in found if body["kind"] == "Dataset"}
    assert 4 == len(found)


def test_two_manifests_at_once_cannot_both_claim_one_thing(desk: Desk) -> None:
    """Both plans were fine when they were made; one is applied, the other is refused with both names."""
    plans = [desk.plan(name, [{**ORDERS, "owners": []}]) for name in ("mart", "shop")]
    told = _at_once([lambda made=made: desk.send(made) for made in plans])
    (refused,) = [answer for answer in told if not isinstance(answer, Applied)]

    assert isinstance(refused, UnsafePlan), told
    assert "'mart'" in str(refused) and "'shop'" in str(refused)
    assert 1 == entities.applies(desk.reader)


def test_a_plan_says_what_stands_against_it(desk: Desk) -> None:
    """A foreign claim, a reference to nothing, what others rest on: all at once, and apply refuses it."""
    desk.put("shop", SHOP)
    taken = desk.plan("mart", [ORDERS, {"kind": "Dataset", "namespace": "db", "name": "x", "owners": ["team:salse"]}])
    desk.put("mart", [{"kind": "Dataset", "namespace": "db", "name": "x", "owners": ["team:sales"]}])
    gone = desk.plan("shop", [LOAD])

    assert {ObstacleType.CLAIMED, ObstacleType.DANGLING} == {obstacle.type for obstacle in taken.obstacles}
    assert "did you mean 'sales'?" in " ".join(obstacle.message for obstacle in taken.obstacles)
    assert [(ObstacleType.STILL_REFERRED, Key(Kind.TEAM, "", "sales"))] == [o[:2] for o in gone.obstacles]
    assert "Dataset db x of the manifest 'mart'" in gone.obstacles[0].message
    with pytest.raises(UnsafePlan, match="mart"):
        desk.send(gone)


def test_a_policy_of_a_pack_is_waived_without_being_declared(desk: Desk) -> None:
    """Packs are shipped, so nobody declares their policies; a misspelled one is told the nearest."""
    desk.put("shop", SHOP)
    waiver = {
        **{"kind": "Waiver", "name": "moving", "approver": "team:sales", "reason": "it moves"},
        **{"policy": "policy:hygiene.dataset.owner", "expires": "2027-01-01T00:00:00Z"},
        "entities": [{"kind": "Dataset", "namespace": ORDERS["namespace"], "name": ORDERS["name"]}],
    }
    wrong = desk.plan("waivers", [{**waiver, "policy": "policy:hygiene.dataset.ownr"}])

    assert () == tuple(desk.plan("waivers", [waiver]).obstacles)
    assert "did you mean 'hygiene.dataset.owner'?" in " ".join(obstacle.message for obstacle in wrong.obstacles)
    assert desk.put("waivers", [waiver])


def test_a_plan_from_elsewhere_is_no_plan_here(desk: Desk) -> None:
    """With the right base and checksum, but not what would be planned: refused, whatever it says."""
    desk.put("shop", SHOP)
    real = desk.plan("shop", [TEAM, LOAD])
    (change,) = real.changes
    other = replace(change, before={**(change.before or {}), "description": "never said"})
    forged = replace(real, changes=(other,))
    with pytest.raises(InvalidPlan):
        desk.send(forged)

    assert 1 == entities.applies(desk.reader)


def test_removing_a_declaration_leaves_what_was_observed(desk: Desk) -> None:
    """Law 4: the observed edge stands before, beside and after the declared one."""
    event = {
        "eventType": "COMPLETE",
        "eventTime": "2026-03-01T12:00:00Z",
        "producer": "https://example.org/tests",
        "job": {"namespace": "flows", "name": "load"},
        "run": {"runId": "0192d2bc-0000-7000-8000-000000000001"},
        "inputs": [{"namespace": "db", "name": "raw"}],
    }
    accept_events(desk.store, [event])
    drain(desk.store)
    before = _flows(desk)
    desk.put("shop", SHOP)
    declared = _flows(desk)
    desk.put("shop", [TEAM])

    raw, orders, ours = Name("db", "raw"), Name("db", "orders"), manifest_id("shop")
    assert {("READS", raw, "")} == before
    assert before | {("READS", raw, ours), ("WRITES", orders, ours)} == declared
    assert before == _flows(desk)


def _flows(desk: Desk) -> set[tuple[str, Name, str]]:
    return {(flow.kind, flow.target, flow.by) for flow in flows_now(desk.reader, [job_id(Name("flows", "load"))], ())}


def test_an_export_applied_to_an_empty_store_is_the_same_graph(desk: Desk) -> None:
    """Equal graph hash, and the second plan is empty there, too."""
    desk.put("shop", SHOP, HEADING)
    documents, before = exported(desk.reader, "shop"), fingerprint(desk.store)
    headings = entities.headings(desk.reader, ["shop", "nobody"])
    empty(desk.store)
    desk.put("shop", documents)
    without = fingerprint(desk.store)
    empty(desk.store)
    desk.put("shop", documents, headings["shop"])

    assert {"shop": HEADING} == headings
    assert before == fingerprint(desk.store) != without
    assert desk.plan("shop", SHOP, heading=HEADING).is_empty


def test_what_a_manifest_says_of_itself_is_applied_alone_and_stays(desk: Desk) -> None:
    """A heading alone is an apply; unsaid it stays, and its share counts; an empty one takes it away, not the past."""
    pool = [TEAM, *({**ORDERS, "name": f"t{i}"} for i in range(20))]
    desk.put("shop", pool)
    alone = desk.plan("shop", pool, heading=HEADING)
    applied = desk.send(alone)
    unsaid = desk.plan("shop", pool)
    half = desk.plan("shop", pool[:12], None)
    desk.clock.at += SECOND
    gone = desk.put("shop", pool, {})
    assert applied.receipt is not None and gone.receipt is not None

    assert (HeadingChange({}, HEADING), ()) == (alone.heading, alone.changes)
    assert ("APPLIED", True) == (applied.state, unsaid.is_empty)
    assert (0.5, ()) == (half.removable, half.obstacles)
    assert {} == entities.headings(desk.reader, ["shop"])
    known = Moment(known_at=applied.receipt.sequence)
    assert {"shop": HEADING} == entities.headings(desk.reader, ["shop"], known)
    assert [ObstacleType.TOO_MANY_REMOVALS] == [o.type for o in desk.plan("shop", pool[:12], None).obstacles]


def test_declared_facts_obey_as_of_and_known_at(desk: Desk) -> None:
    """A document holds from its apply on, and is known from the apply's sequence on."""
    first = desk.put("shop", [TEAM])
    desk.clock.at += SECOND
    second = desk.put("shop", [{**TEAM, "description": "who sell"}])
    assert first.receipt is not None and second.receipt is not None

    def said(moment: Moment) -> list[str | None]:
        found = entities.manifest_documents(desk.reader, "shop", moment).values()
        return [body.get("description") for body in found]

    assert [] == said(Moment(as_of=LATER - 1))
    assert [None] == said(Moment(as_of=LATER))
    assert ["who sell"] == said(Moment(as_of=LATER + SECOND))
    assert [None] == said(Moment(known_at=first.receipt.sequence))
    assert ["who sell"] == said(Moment(known_at=second.receipt.sequence))


@pytest.mark.parametrize("seed", range(3))
def test_any_manifest_becomes_any_other(desk: Desk, seed: int) -> None:
    """After each of random applies exactly what was desired is declared, and a second plan is empty."""
    rng = random.Random(seed)
    pool = [TEAM, LOAD, *({**ORDERS, "name": f"t{i}"} for i in range(6))]
    for _ in range(4):
        wanted = [TEAM, *rng.sample(pool[1:], rng.randint(0, len(pool) - 1))]
        wanted = [{**body, "description": rng.choice(["a", "b"])} for body in wanted]
        desk.put("shop", wanted)

        assert list(dict(sorted(read_documents(wanted).items())).values()) == exported(desk.reader, "shop")
        assert () == desk.plan("shop", wanted).changes


def test_credentials_neither_get_in_nor_differ_for_ever(desk: Desk) -> None:
    """A document with a password is refused; with the mask for it, it is stored as it is, and the plan is empty."""
    source = {"kind": "Dataset", "namespace": "postgres://ada:hunter2@db", "name": "x"}
    known = {**source, "namespace": "postgres://ada:***@db"}
    with pytest.raises(InvalidManifest, match=r"documents\[0\]\.namespace holds what looks like a password"):
        desk.plan("shop", [source])
    desk.put("shop", [known])

    assert () == desk.plan("shop", [known]).changes
    assert [known] == exported(desk.reader, "shop")


def _at_once(verbs: Sequence[Any]) -> list[Any]:
    """What each verb gives or raises, all of them begun together."""
    start, told = threading.Barrier(len(verbs)), [None] * len(verbs)

    def run(i: int) -> None:
        start.wait()
        try:
            told[i] = verbs[i]()
        except CatalogError as e:
            told[i] = e  # type: ignore[call-overload]

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(verbs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told
