"""Everything that the service writes, as its doors and workers come to write it, made to be done twice.

A `Door` is prepared, used, and looked at. It is used once more by whoever was told that the store is away: the same
client, or another worker, so `use` is told how often it was tried. What is looked at says nothing of who did it.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import orjson

from catalog.clock import SECOND, FrozenClock
from catalog.errors import Conflict, InvalidQuestion, Overloaded
from catalog.graph import inbox, leases, orders, payloads, reports, watch
from catalog.graph.copying import copy, revive
from catalog.graph.entries import newest, progress
from catalog.graph.fingerprint import fingerprint
from catalog.graph.holding import extend
from catalog.graph.migrate import migrate, pending
from catalog.graph.orders import LEASE, Order
from catalog.identity import Name
from catalog.lineage.assertions import Verdict
from catalog.lineage.observe import Record
from catalog.lineage.understand import Understanding
from catalog.manifest.readers import READERS
from catalog.resources import schema_dir
from catalog.usecases.accept import prepare
from catalog.usecases.apply import apply
from catalog.usecases.edit import edit
from catalog.usecases.ingest import Ingester
from catalog.usecases.orders import Done, Orders, Tell
from catalog.usecases.plan import Sent, plan
from catalog.usecases.resolve_identity import resolve_identity
from tests.reconciled import Book
from tests.store import test_findings as evaluations
from tests.store.conftest import LATER, accept_events, drain
from tests.store.events import NOON, Event, dataset, entries, event
from tests.store.retiring import RETENTION
from tests.store.saying import ORDERS, document
from tests.store.test_reports import a_report, keep
from tests.store.world import KINDS, NOW, STORY, Door, World, evaluated, facts, heard, placed

DOCUMENT = document(ORDERS, description="what is ordered", fields=[{"name": "id", "type": "long"}])


def bad(run: str) -> Event:
    return {**event(run), "eventTime": "someday"}


def refused(world: World) -> None:
    """Two entries that were rejected."""
    accept_events(world.store, [bad("1"), bad("2")])
    drain(world.store)


def accepting(world: World, _: int) -> None:
    accept_events(world.store, [event("1"), event("2"), event("1")])


def editing(world: World, _: int) -> None:
    changed = event("1")
    new = prepare(changed, orjson.dumps(changed))
    inbox.accept(world.store, [edit(world.store, new, entries(world.store)[0]["id"])], LATER)


def edited(world: World) -> Any:
    return [(row["id"], row.get("edits"), row.get("editedAs")) for row in entries(world.store)]


def retrying(world: World, _: int) -> None:
    inbox.retry(world.store, entries(world.store)[0]["id"])


def purging(world: World, _: int) -> None:
    payloads.purge(world.store, [row["id"] for row in entries(world.store)], before=LATER + 1, now=LATER)


def planned(world: World) -> None:
    """A client has a plan."""
    world.sent["plan"] = plan(world.reader, Sent("shop", [DOCUMENT], 1.0, None)).plan


def applying(world: World, tried: int) -> None:
    """Sent again once it is applied, too, which is when its end is waited for."""
    if tried:
        drain(world.store)
    for _ in range(2):
        apply(world.reader, world.submit, FrozenClock(NOON + tried), world.sent["plan"], "ann", patience=0)
        drain(world.store)


def deciding(world: World, tried: int) -> None:
    verdict = Verdict(Name("db", "a"), Name("db", "b"), True, "ann", "because")
    resolve_identity(world.reader, world.submit, FrozenClock(NOON + tried), verdict)
    drain(world.store)


class Buggy(Understanding):
    """Has a bug that one run brings out."""

    def record(self, event: dict[str, Any], key: str, sequence: int) -> Record:
        """The record of one entry."""
        if event["run"]["runId"] == "4":
            raise ZeroDivisionError("a bug")
        return super().record(event, key, sequence)


def waiting(world: World) -> None:
    """Entries that can be applied, one that is rejected, and one with which the worker has trouble."""
    told = [event(run, inputs=[dataset("a")], outputs=[dataset("b")]) for run in "12345"]
    accept_events(world.store, [*told, bad("6")])


def draining(world: World, tried: int) -> None:
    """By another worker each time, at once."""
    worker = Ingester(
        world.store, FrozenClock(LATER), owner=f"w{tried}", shards=1, understanding=Buggy(readers=READERS)
    )
    worker.drain(0, seconds=300)


def drained(world: World) -> Any:
    told = [(row["id"], row["state"], row["attempts"]) for row in entries(world.store)]
    shards = world.store.rows("MATCH (s:Shard) RETURN s.owner AS owner, s.batch AS batch, s.through AS through")
    return fingerprint(world.store), told, progress(world.store, 1), shards


def extending(world: World, tried: int) -> None:
    held = leases.claim(world.store, 0, 1, owner="w", now=LATER, lease=SECOND, limit=9, max_bytes=9, forgive=tried > 0)
    assert held is not None
    extend(world.store, held, now=LATER, lease=9 * SECOND)


def extended(world: World) -> Any:
    return world.store.rows("MATCH (s:Shard) RETURN s.fence AS fence, s.expires AS expires")


def placing(world: World, _: int) -> None:
    orders.place(world.store, "EVALUATE", {"a": 1}, by="ann", now=NOW)


def ordered(world: World) -> None:
    """One order that is done, one that fails, one that is done later."""
    for what in ("done", "fails", "waits"):
        orders.place(world.store, "EVALUATE", {"what": what}, by="ann", now=NOW)


def working(world: World, tried: int) -> None:
    """Three times, since an order may be put off."""

    def work(order: Order, tell: Tell) -> Done:
        tell("at work")
        match order.parameters["what"]:
            case "fails":
                raise InvalidQuestion("no such thing")
            case "waits" if order.attempts < 2:
                raise Overloaded("later")
        return Done("found", b"all of it")

    for now in range(3 * tried, 3 * tried + 3):
        clock = FrozenClock(NOW + now * (LEASE + 1))
        Orders(world.store, clock, dict.fromkeys(KINDS, work), owner=f"w{tried}").work(seconds=300)


def sealing(world: World, tried: int) -> None:
    order = orders.take(world.store, KINDS, owner=f"w{tried}", now=NOW + tried * (LEASE + 1))
    if order is not None:
        keep(world.store, a_report(), order)


def a_report_ordered(world: World) -> None:
    placing(world, 0)
    keep(world.store, a_report(1))


def sealed(world: World) -> Any:
    chain = reports.chain(world.store, 1, reports.count(world.store))
    return placed(world), [(kept.id, kept.number, kept.chunks, kept.sizes, kept.seal.previous) for kept in chain]


def evaluating(world: World, tried: int) -> None:
    """Both evaluations again, by another worker; the older one is too late then."""
    for told in STORY:
        mine = evaluations.claim(world.store, f"w{tried}", NOW + 2 * tried * LEASE)
        watch.renew(world.store, mine, NOW + 2 * tried * LEASE)
        with suppress(Conflict):
            evaluations.deliver(world.store, mine, told)
        watch.advance(world.store, mine, told.known)
        watch.release(world.store, mine)


def defined() -> Any:
    """What the walk says of the story."""
    book = Book()
    for told in STORY:
        book.deliver(told)
    return evaluations.as_defined(book)


def breaking(world: World, tried: int) -> None:
    """Told later the second time, and it broke when it broke first."""
    watch.put_broken(world.store, "too large", NOW + tried)


def broken(world: World) -> Any:
    now = watch.watch(world.store)
    return now.broken, now.broken_since


def half_applied(world: World) -> None:
    """Three entries, of which two still wait when they are copied."""
    accept_events(world.store, [event("1", inputs=[dataset("a")])])
    drain(world.store)
    accept_events(world.store, [event("2", outputs=[dataset("b")]), event("3")])


def replaying(world: World, _: int) -> None:
    list(copy(world.store, world.fresh, newest(world.store)))
    drain(world.store)
    revive(world.store, world.fresh)
    drain(world.fresh)


def replayed(world: World) -> Any:
    return fingerprint(world.store), facts(world._replace(store=world.fresh))


def migrated(world: World) -> None:
    """A store from before datasets had buckets."""
    heard(world)
    world.store.write(lambda tx: tx.run("MATCH (d:Dataset) SET d.near = null"))
    world.store.write(lambda tx: tx.run("MATCH (m:Migration) WHERE m.id STARTS WITH '0005' DELETE m"))


def migrating(world: World, _: int) -> None:
    migrate(world.store, schema_dir() / "graph", FrozenClock(LATER), world.server.admin)


def up_to_date(world: World) -> Any:
    near = world.store.rows("MATCH (d:Dataset) RETURN d.name AS name, d.near AS near ORDER BY name")
    return pending(world.store, schema_dir() / "graph"), near


_APPLYING = "graph.leases.claim graph.leases.release graph.record.record"
_GIVEN_UP = f"{_APPLYING} graph.leases.give_up"
_ENDING = "graph.orders.finish graph.orders.fail graph.orders.put_off graph.orders.forgive"
_ORDER = f"graph.orders.take graph.orders.progress {_ENDING}"
_WATCH = "graph.watch.claim graph.watch.renew graph.watch.advance graph.watch.release"
DOORS = RETENTION | {
    "accept": Door("graph.inbox.accept", lambda _: None, accepting, facts),
    "edit": Door("graph.inbox.accept", refused, editing, edited),
    "retry": Door("graph.inbox.retry", refused, retrying, facts),
    "purge": Door("graph.payloads.purge", refused, purging, facts),
    "apply": Door(f"graph.inbox.accept graph.entries.ended {_GIVEN_UP}", planned, applying, facts),
    "decide": Door(f"graph.inbox.accept {_GIVEN_UP}", heard, deciding, lambda world: fingerprint(world.store)),
    "drain": Door(f"{_GIVEN_UP} usecases.ingest._blame", waiting, draining, drained),
    "extend": Door("graph.leases.claim graph.holding.extend", lambda _: None, extending, extended),
    "order": Door("graph.orders.place", lambda _: None, placing, placed),
    "work": Door(_ORDER, ordered, working, placed),
    "report": Door(
        "graph.orders.take graph.reports.keep graph.reports._keep_bodies", a_report_ordered, sealing, sealed
    ),
    "evaluate": Door(f"{_WATCH} graph.findings.reconcile", lambda _: None, evaluating, evaluated),
    "break": Door("graph.watch.put_broken", lambda _: None, breaking, broken),
    "replay": Door(f"{_GIVEN_UP} graph.copying._put graph.copying.revive", half_applied, replaying, replayed),
    "migrate": Door(
        "graph.migrate.migrate graph.migrate._define_full_text graph.buckets.fill_buckets",
        migrated,
        migrating,
        up_to_date,
    ),
}
