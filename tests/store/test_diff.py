"""What changed between two moments: the law of differences, and who made each of them, against the definition."""

from __future__ import annotations

import random
from typing import Any

import pytest

from catalog.clock import SECOND, to_iso
from catalog.graph.causes import Source, causes
from catalog.graph.reader import Reader
from catalog.graph.store import Store
from catalog.graph.walk import DATASET, JOB, Edge, Moment, Node
from catalog.identity import run_id
from catalog.usecases.diff import Change, Decided, Diff, EdgeChange, Reason, lineage_diff
from catalog.usecases.trace import LineageAnswer, lineage
from tests.histories import DATASETS, JOBS, History, random_history
from tests.oracle import Entry
from tests.store.conftest import accept_events, drain
from tests.store.events import NOON, event
from tests.store.test_fold import applied
from tests.store.test_moments import ask, in_view, moments_of, named

INVERSE = {Change.ADDED: Change.REMOVED, Change.REMOVED: Change.ADDED, Change.REEVIDENCED: Change.REEVIDENCED}
CAME = {Reason.ASSERTED, Reason.REACHABLE}


@pytest.mark.parametrize("seed", range(5))
def test_a_difference_leads_from_one_answer_to_the_other(store: Store, seed: int) -> None:
    """Applied to the first it gives the second; of an answer with itself it is empty; backwards it is the inverse.

    Over histories of any disorder, moments on both axes, every direction and granularity.
    """
    rng = random.Random(f"diff {seed}")
    past = random_history(rng, rng.choice((8, 16, 30)))
    applied(store, past.batches)
    reader = Reader(store, None)

    for _ in range(8):
        question = some_question(rng)
        before, after = moments_of(rng, past.entries, 2)
        found, back = (
            lineage_diff(reader, **question, before=a, after=b) for a, b in ((before, after), (after, before))
        )
        none = lineage_diff(reader, **question, before=after, after=after)
        if found is None or back is None or none is None:
            continue
        assert graph_of(found.after) == moved(graph_of(found.before), found)
        assert none.empty
        assert [inverse(change) for change in found.edges] == list(back.edges)
        assert (found.added, found.removed) == (back.removed, back.added)
        assert set(graph_of(found.before)[0].values()) == set(asked(reader, question, before).nodes)
        check_causes(reader, past, found)


def test_each_difference_names_the_entry_and_the_run_that_made_it(store: Store) -> None:
    """An edge is asserted by one run and ended by another; a path that is gone does not end what was behind it."""
    day = 86_400 * SECOND
    receipts = accept_events(
        store,
        [
            event("1", NOON, inputs=[named("x")], outputs=[named("y")]),
            event("2", NOON + day, inputs=[named("z")], outputs=[named("y")]),
        ],
    )
    drain(store)
    query = """query($a: String, $b: String) { lineageDiff(root: {namespace: "db", name: "y"}, from: {asOf: $a},
      to: {asOf: $b}) { empty from { asOf } to { asOf } nodesAdded { name } nodesRemoved { name }
      edges { change reason edge { kind } cause { sequence entry time ends run { runId } } before { sequence } } } }"""
    forth = ask(store, query, a=to_iso(NOON), b=to_iso(NOON + day))["lineageDiff"]
    back = ask(store, query, a=to_iso(NOON + day), b=to_iso(NOON))["lineageDiff"]
    same = ask(store, query, a=to_iso(NOON), b=to_iso(NOON))["lineageDiff"]

    assert [{"name": "z"}] == forth["nodesAdded"] == back["nodesRemoved"]
    cause = {"sequence": 2, "entry": receipts[1].key, "time": to_iso(NOON + day), "ends": False, "run": {"runId": "2"}}
    change = {"change": "ADDED", "reason": "ASSERTED", "edge": {"kind": "READS"}, "cause": cause, "before": None}
    assert [change] == forth["edges"]
    assert [{**change, "change": "REMOVED", "reason": "NOT_YET", "before": {"sequence": 2}}] == back["edges"]
    assert same["empty"]


def some_question(rng: random.Random) -> dict[str, Any]:
    """Any root of the small world, direction, depth and granularity."""
    kind = rng.choice((DATASET, DATASET, JOB))
    levels = ("ALL", "DATASET", "JOB") if kind == JOB else ("ALL", "ALL", "DATASET", "JOB", "FIELD")
    return {
        "kind": kind,
        "name": rng.choice(DATASETS if kind == DATASET else JOBS),
        "field": None,
        "direction": rng.choice(("UPSTREAM", "DOWNSTREAM", "BOTH")),
        "depth": rng.choice((1, 2, 10, 10)),
        "granularity": rng.choice(levels),
    }


def asked(reader: Reader, question: dict[str, Any], at: Moment) -> LineageAnswer:
    """The same question at one moment."""
    found = lineage(reader, **question, moment=at)
    assert found is not None
    return found


Graph = tuple[dict[str, Node], dict[tuple[str, str, str, str], Edge]]


def graph_of(answer: LineageAnswer) -> Graph:
    return {n.id: n for n in answer.nodes}, {(e.source, e.target, e.kind, e.key): e for e in answer.edges}


def moved(graph: Graph, diff: Diff) -> Graph:
    """The graph after the difference; whatever it takes away or changes was there, whatever it adds was not."""
    nodes, edges = dict(graph[0]), dict(graph[1])
    for node in diff.removed:
        assert node == nodes.pop(node.id)
    for node in diff.added:
        assert node.id not in nodes
        nodes[node.id] = node
    for change in diff.edges:
        edge = change.edge
        place = (edge.source, edge.target, edge.kind, edge.key)
        assert change.was == edges.pop(place, None)
        if change.now:
            edges[place] = change.now
    return nodes, edges


def inverse(change: EdgeChange) -> EdgeChange:
    """The change the other way round; the reason follows from what decides the edge on both sides."""
    reason = change.reason
    if change.change is not Change.REEVIDENCED and reason is not None and reason is not Reason.CUT_OFF:
        through = reason in (Reason.REACHABLE, Reason.UNREACHABLE)
        if change.change is Change.REMOVED:
            reason = Reason.REACHABLE if through else Reason.ASSERTED
        else:
            gone = Reason.ENDED if change.before else Reason.NOT_YET
            reason = Reason.UNREACHABLE if through else gone
    return EdgeChange(INVERSE[change.change], change.now, change.was, change.after, change.before, reason)


def check_causes(reader: Reader, past: History, diff: Diff) -> None:
    """What decides an edge at a moment is in view then, and its entry and run are those it names."""
    by_sequence = {entry.sequence: entry for entry in past.entries}
    for change in diff.edges:
        for decided, answer in ((change.before, diff.before), (change.after, diff.after)):
            if decided is not None:
                check_cause(reader, by_sequence, past.entries, decided, answer.moment)
        if change.reason is Reason.ASSERTED:
            assert change.after is not None and change.after.point.v


def check_cause(
    reader: Reader, by_sequence: dict[int, Entry], entries: tuple[Entry, ...], decided: Decided, at: Moment
) -> None:
    entry = by_sequence[decided.point.s]
    source = Source(decided.point.s, decided.subject)
    cause = causes(reader, [source])[source]
    run = entry.assertions.run
    assert entry.key == cause.entry
    if decided.subject:
        assert decided.point.t in {e.assertions.time for e in in_view(entries, at)}
        assert cause.run == (run_id(*run) if run else "")
    assert entry.sequence <= at.bounds["known"]
