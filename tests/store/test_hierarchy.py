"""Jobs above, below and beside jobs: seen from either end, rolled up, and never walked as data."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from catalog.api.graphql.context import Context
from catalog.api.graphql.schema import schema
from catalog.clock import SECOND, FrozenClock, to_iso
from catalog.errors import InvalidQuestion
from catalog.graph.assets import around
from catalog.graph.hierarchy import descendants, simple_name, tops
from catalog.graph.reader import Reader
from catalog.graph.store import Store
from catalog.graph.walk import JOB, PRESENT, Caps, Moment, Node
from catalog.identity import Name, dataset_id, job_id
from catalog.settings import Settings
from catalog.usecases.trace import LineageAnswer, lineage
from tests.store.conftest import LATER, accept_events, drain

Event = dict[str, Any]


def event(job: str, time: int = 1, *, parent: str = "", reads: str = "", writes: str = "", **facets: Any) -> Event:
    """A COMPLETE of a job; datasets are single letters."""
    if parent:
        facets["parent"] = {"job": {"namespace": "jobs", "name": parent}, "run": {"runId": f"of {parent}"}}
    return {
        "eventType": "COMPLETE",
        "eventTime": to_iso(time * SECOND),
        "run": {"runId": f"{job} {time}", "facets": facets},
        "job": {"namespace": "jobs", "name": job},
        "inputs": [{"namespace": "db", "name": name} for name in reads],
        "outputs": [{"namespace": "db", "name": name} for name in writes],
    }


def told(store: Store, *events: Event) -> Reader:
    accept_events(store, events)
    drain(store)
    return Reader(store, None)


def node(name: str) -> Node:
    return Node(job_id(Name("jobs", name)), JOB, "jobs", name)


def top_of(reader: Reader, *names: str, moment: Moment = PRESENT) -> list[str]:
    found = tops(reader, [node(name) for name in names], moment)
    return [found[node(name).id].name for name in names]


def edges(found: LineageAnswer | None) -> set[tuple[str, str, str, tuple[str, ...]]]:
    """Source, kind, target and what was collapsed, by name."""
    assert found
    names = {n.id: n.name for n in found.nodes}
    return {(names[e.source], e.kind, names[e.target], tuple(names.get(v, "gone") for v in e.via)) for e in found.edges}


def asked(reader: Reader, name: str, kind: str = "DATASET", granularity: str = "ALL", **more: Any) -> Any:
    return lineage(
        reader,
        kind=kind,
        name=Name("jobs" if kind == JOB else "db", name),
        field=None,
        direction="UPSTREAM",
        depth=10,
        granularity=granularity,
        **more,
    )


def graphql(store: Store, query: str) -> Any:
    """The answer of the API."""
    reader = Reader(store, None)
    service = SimpleNamespace(reader=reader, settings=Settings(), clock=FrozenClock(LATER), shards=1)
    result = asyncio.run(schema.execute(query, context_value=Context(service)))  # type: ignore[arg-type]
    assert result.errors is None
    return result.data


def test_a_job_stands_below_its_topmost_parent(store: Store) -> None:
    """However many levels up; a parent that never spoke is a stub like any other job."""
    reader = told(store, event("dag.group.task", parent="dag.group"), event("dag.group", parent="dag"))

    assert ["dag", "dag", "dag", "other"] == top_of(reader, "dag.group.task", "dag.group", "dag", "other")
    assert ["dag.group", "dag.group.task"] == [n.name for n in descendants(reader, node("dag"), PRESENT, 10)]
    assert [] == descendants(reader, node("dag.group.task"), PRESENT, 10)
    assert ["dag.group.task"] == top_of(reader, "dag.group.task", moment=Moment(as_of=0))


def test_going_up_ends_whatever_producers_say(store: Store) -> None:
    """A job that is its own parent, two that are each other's, and a tail that leads into a ring."""
    ring = [event("b", parent="a"), event("a", parent="b"), event("c", parent="b"), event("self", parent="self")]
    reader = told(store, *ring)

    assert ["a", "a", "a", "self"] == top_of(reader, "a", "b", "c", "self")
    assert ["b", "c"] == [n.name for n in descendants(reader, node("a"), PRESENT, 10)]


def test_of_several_parents_the_first_by_name_counts(store: Store) -> None:
    """The answer must not depend on which was heard first."""
    assert ["p"] == top_of(told(store, event("t", 1, parent="q"), event("t", 2, parent="p")), "t")


@pytest.mark.parametrize(
    ("name", "parents", "expected"),
    [
        ("dag.task", ["dag"], "task"),
        ("dag.group.task", ["dag", "dag.group"], "task"),
        ("app/step", ["app"], "step"),
        ("dagger.task", ["dag"], "dagger.task"),
        ("dag.", ["dag"], "dag."),
        ("task", [], "task"),
    ],
)
def test_a_name_without_its_parents(name: str, parents: list[str], expected: str) -> None:
    """Only a whole part of it is left out, and never all of it."""
    assert expected == simple_name(Name("jobs", name), [Name("jobs", parent) for parent in parents])


def test_lineage_of_pipelines(store: Store) -> None:
    """Tasks become their pipeline: inner tables stay tied to it, edges between the same two are one."""
    reader = told(
        store,
        event("dag.load", parent="dag", reads="ab", writes="c"),
        event("dag.clean", parent="dag", reads="ac", writes="d"),
        event("lone", reads="d", writes="e"),
    )

    assert {
        ("a", "READS", "dag", ("gone", "gone")),
        ("b", "READS", "dag", ("gone",)),
        ("c", "READS", "dag", ("gone",)),
        ("dag", "WRITES", "c", ("gone",)),
        ("dag", "WRITES", "d", ("gone",)),
        ("d", "READS", "lone", ()),
        ("lone", "WRITES", "e", ()),
    } == edges(asked(reader, "e", roll_up=True))
    assert {("dag", "FEEDS", "lone")} == {e[:3] for e in edges(asked(reader, "lone", JOB, "JOB", roll_up=True))}
    derived = {edge for edge in edges(asked(reader, "e", granularity="DATASET", roll_up=True)) if edge[2] == "d"}
    assert {("a", "DERIVES_FROM", "d", ("gone",)), ("c", "DERIVES_FROM", "d", ("gone",))} == derived


def test_a_pipeline_as_the_root_stands_for_its_tasks(store: Store) -> None:
    """The parent reads nothing itself; rolled up, it is what its tasks are."""
    reader = told(store, event("dag.load", parent="dag", reads="a", writes="b"))

    assert set() == edges(asked(reader, "dag", JOB))
    assert {("a", "READS", "dag", ("gone",))} == edges(asked(reader, "dag", JOB, roll_up=True))
    assert {("a", "READS", "dag", ("gone",))} == edges(asked(reader, "dag.load", JOB, roll_up=True))


def test_a_pipeline_of_more_jobs_than_fit_says_so(store: Store) -> None:
    """The answer is cut off by nodes, and goes on at the root."""
    reader = told(store, *(event(f"dag.{i}", parent="dag", reads="a") for i in range(3)))

    for nodes, cut in ((3, ("NODES",)), (5, ())):
        found = asked(reader, "dag", JOB, roll_up=True, caps=Caps(nodes=nodes))
        assert (cut, (node("dag").id,) if cut else ()) == (found.truncated_by, found.frontier)


def test_neighbours_are_all_there_or_refused(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as fit for each of several things, however many together; of more, the answer names what has them."""
    monkeypatch.setattr("catalog.graph.assets.AROUND_LIMIT", 2)
    reader = told(store, event("a", reads="xyz"), event("b", 2, reads="xz"), event("c", 3, reads="yz", writes="w"))
    ids = {name: dataset_id(Name("db", name)) for name in "wxyz"}
    names = {node(name).id: name for name in "abc"}

    for moment in (PRESENT, Moment(9 * SECOND, 9)):
        found = around(reader, "read_by", [ids[name] for name in "wxy"], moment)
        assert {"w": set(), "x": set("ab"), "y": set("ac")} == {
            name: {names[id_] for id_ in found[ids[name]]} for name in "wxy"
        }
        with pytest.raises(InvalidQuestion, match=r"^readBy of db z: more than 2; ask for its `lineage`"):
            around(reader, "read_by", ids.values(), moment)
    assert {"data": {"dataset": None}, "code": ["INVALID_QUESTION"]} == refused(
        store, '{ dataset(namespace: "db", name: "z") { readBy { name } } }'
    )


def refused(store: Store, query: str) -> Any:
    """The answer of the API to a question that it refuses."""
    service: Any = SimpleNamespace(reader=Reader(store, None), settings=Settings(), clock=FrozenClock(LATER), shards=1)
    result = asyncio.run(schema.execute(query, context_value=Context(service)))
    return {"data": result.data, "code": [(error.extensions or {}).get("code") for error in result.errors or ()]}


def test_an_edge_of_jobs_without_parents_keeps_its_evidence(store: Store) -> None:
    """Nothing was rolled up, so nothing is lost."""
    reader = told(store, event("j", reads="a", writes="b"))

    assert asked(reader, "b").edges == asked(reader, "b", roll_up=True).edges


def test_control_flow_is_seen_from_both_ends_and_is_no_lineage(store: Store) -> None:
    """With the rules of the newest run of the one that told it."""
    rules = {"dependency_type": "DIRECT_INVOCATION", "sequence_trigger_rule": "FINISH_TO_START"}
    old = {
        "upstream": [{"job": {"namespace": "jobs", "name": "first"}}, {"job": {"namespace": "jobs", "name": "zero"}}]
    }
    new = {"upstream": [{"job": {"namespace": "jobs", "name": "first"}, **rules}], "trigger_rule": "ALL_SUCCESS"}
    reader = told(
        store,
        event("first", writes="a"),
        event("second", 1, jobDependencies=old),
        event("second", 2, jobDependencies=new, reads="b"),
    )
    query = (
        '{ job(namespace: "jobs", name: "%s") { dependencies { side type triggerRule job { name } toldBy { name } } } }'
    )
    said = {"toldBy": {"name": "second"}, "type": "DIRECT_INVOCATION", "triggerRule": "ALL_SUCCESS"}

    assert [
        {"side": "BEFORE", "job": {"name": "first"}, **said},
        {"side": "BEFORE", "job": {"name": "zero"}, **said, "type": None, "triggerRule": None},
    ] == graphql(store, query % "second")["job"]["dependencies"]
    assert [{"side": "AFTER", "job": {"name": "second"}, **said}] == graphql(store, query % "first")["job"][
        "dependencies"
    ]
    assert {("b", "READS", "second", ())} == edges(asked(reader, "second", JOB))


def test_the_api_tells_children_and_simple_names(store: Store) -> None:
    """One job is never shown twice under its parent's prefix."""
    told(store, event("dag.load", parent="dag"))
    query = '{ job(namespace: "jobs", name: "dag") { simpleName children { name simpleName parents { name } } } }'

    assert {
        "simpleName": "dag",
        "children": [{"name": "dag.load", "simpleName": "load", "parents": [{"name": "dag"}]}],
    } == graphql(store, query)["job"]
