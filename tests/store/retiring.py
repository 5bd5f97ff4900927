"""Doors to what takes away what is not kept any more, and to what rebuilds a store from what is."""

from __future__ import annotations

from typing import Any

from catalog.clock import FrozenClock
from catalog.graph import orders, pruning, retention, watch
from catalog.graph.baseline import copy_baseline
from catalog.graph.collecting import collect
from catalog.usecases.prune import Ages, baseline_of, prune
from tests.store import test_collecting as collections
from tests.store import test_findings as evaluations
from tests.store.events import NOON
from tests.store.referring import parts, referred, shapes
from tests.store.world import KINDS, NOW, OLD, STORY, Door, World, evaluated, facts, heard, placed


def old(world: World) -> None:
    """Everything that has an age, long ago and now."""
    heard(world)
    for now in (OLD, NOON):
        orders.place(world.store, "EVALUATE", {"at": now}, by="ann", now=now)
        order = orders.take(world.store, KINDS, owner="w", now=now)
        assert order is not None
        orders.finish(world.store, order, now, payload=b"all")
    for told in STORY:
        mine = evaluations.claim(world.store)
        evaluations.deliver(world.store, mine, told)
        watch.release(world.store, mine)


def taking(world: World, _: int) -> None:
    ages = Ages(history=50, runs=50, series=50, payloads=50, evaluations=50)
    prune(world.store, FrozenClock(NOON), ages, max_share=1)


def pruned(world: World) -> Any:
    gone = world.store.rows("MATCH (u:Use) RETURN u.id AS id, u.goneN AS n, u.goneLast AS last ORDER BY id")
    return facts(world), gone, retention.kept(world.store), placed(world), evaluated(world)


def leasing(world: World, tried: int) -> None:
    """By the same worker, at once."""
    mine = pruning.claim(world.store, owner="w", by="ann", now=NOW + tried)
    assert mine is not None, "its own claim stands in its way"
    pruning.renew(world.store, mine, NOW + tried)
    pruning.end(world.store, mine, NOW + 9, pruning.DONE, gone={"runs": 1})


def leased(world: World) -> Any:
    now = pruning.pruning(world.store)
    return now.owner, now.expires, now.state, now.by, now.ended, now.completed, now.gone


def left_over(world: World) -> None:
    """What nobody refers to any more, large and small, and marks of a collection that was cut off."""
    told = (("1", OLD, "once"), ("2", OLD, "again"), ("3", NOON, "again"))
    collections.apply(world.store, *(collections.told(*one) for one in told))
    world.store.write(lambda tx: tx.run("MATCH (r:Run) WHERE r.external < '3' DETACH DELETE r"))
    world.store.write(lambda tx: tx.run("MATCH (s:Shape) SET s.unused = 'before'"))


def collecting(world: World, _: int) -> None:
    list(collect(world.store, act=True, grace=0))


def collected(world: World) -> Any:
    marked = world.store.rows("MATCH (s:Shape) WHERE s.unused IS NOT NULL RETURN s.id AS id")
    return facts(world), marked, shapes(world.store) - referred(world.store), sorted(parts(world.store))


def cut_off(world: World) -> None:
    """A store that retention has been through."""
    heard(world)
    prune(world.store, FrozenClock(NOON), Ages(history=50, series=50, payloads=50), max_share=1)


def copying_base(world: World, _: int) -> None:
    base = baseline_of(world.store)
    assert base is not None
    list(copy_baseline(world.store, world.fresh, base))


def base_copied(world: World) -> Any:
    return facts(world._replace(store=world.fresh))


_CUT = "graph.cut.cut_edges graph.cut.cut_registers graph.retention.forget_log"
_PRUNE = "graph.retention.raise_horizons graph.retention.forget_payloads graph.retention.forget_runs"
_OLD = "graph.retention.forget_series graph.judged.forget_orders graph.judged.forget_evaluations"
_ALONE = "graph.pruning.claim graph.pruning.renew graph.pruning.end"
_COPIED = "graph.baseline._copy_names graph.baseline._copy_registers graph.baseline._copy_runs graph.baseline._put"
_COPY = "graph.baseline._copy_shapes graph.baseline.copy_baseline"
RETENTION = {
    "prune": Door(f"{_PRUNE} {_OLD} {_CUT}", old, taking, pruned),
    "prune alone": Door(_ALONE, lambda _: None, leasing, leased),
    "collect": Door("graph.collecting._take graph.collecting._spare", left_over, collecting, collected),
    "baseline": Door(f"{_COPIED} {_COPY}", cut_off, copying_base, base_copied),
}
