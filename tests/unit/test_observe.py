"""Records name things by what they are: the same bundle has the same id, a different one another, for ever."""

from __future__ import annotations

import hashlib
import random
from dataclasses import replace
from typing import Any

import orjson
import pytest

from catalog.identity import Name, dataset_id, job_id, run_id
from catalog.lineage.assertions import Assertions, DatasetAssertion, EventType, Origin, RunKey
from catalog.lineage.observe import (
    CHILD_OF,
    COLUMNS,
    DECLARED,
    FACET,
    LIFECYCLE,
    MAP,
    READS,
    SCHEMA,
    WRITES,
    Record,
    observe,
    shape,
)
from catalog.lineage.steps import ABSENT
from catalog.lineage.translate import translate
from tests import corpus

REAL = corpus.all_events()
LOAD, FLOW = Name("jobs", "load"), Name("jobs", "flow")
RAW, CLEAN, ALIAS = Name("db", "raw"), Name("db", "clean"), Name("hive", "clean")
SAID = Assertions(
    time=1,
    origin=Origin.OBSERVED,
    event_type=EventType.COMPLETE,
    producer="p",
    job=LOAD,
    run=RunKey(LOAD, "r1"),
    datasets=(DatasetAssertion(RAW, "input"), DatasetAssertion(CLEAN, "output", schema=[{"name": "id"}])),
)


def uses(said: Assertions) -> list[str]:
    return sorted(use.id for use in observe(said, "key", 1).uses)


def ids_of(event: corpus.Event) -> list[str]:
    return uses(translate(event))


def shuffled(value: Any, rng: random.Random) -> Any:
    """The same event with its members, inputs and outputs in another order."""
    if isinstance(value, dict):
        names = rng.sample(list(value), len(value))
        return {
            k: mixed(shuffled(value[k], rng), rng) if k in ("inputs", "outputs") else shuffled(value[k], rng)
            for k in names
        }
    return [shuffled(v, rng) for v in value] if isinstance(value, list) else value


def mixed(listed: Any, rng: random.Random) -> Any:
    return rng.sample(listed, len(listed)) if isinstance(listed, list) else listed


def repackaged(value: Any) -> Any:
    """The same event from a later release of its producer: every facet's envelope is another."""
    if isinstance(value, dict):
        return {k: f"{v}?new" if k in ("_producer", "_schemaURL") else repackaged(v) for k, v in value.items()}
    return [repackaged(v) for v in value] if isinstance(value, list) else value


def links(record: Record) -> set[tuple[str, str, str]]:
    return {(link.kind, link.source, link.target) for use in record.uses for link in use.links}


def registers(record: Record) -> dict[tuple[str, str, str], Any]:
    """The value of each register, by aspect, name, and the thing it is about."""
    found: dict[tuple[str, str, str], Any] = {}
    for use in record.uses:
        for id_, value in use.values.items():
            _, subject, aspect, name, of = record.registers[id_]
            assert use.subject == subject
            body = None if value == ABSENT else orjson.loads(record.shapes[value].body)
            found[aspect, name, record.names[of][1].name] = body
    return found


@pytest.mark.parametrize("event", [pytest.param(e, id=f"{i}") for i, (_, e) in enumerate(REAL) if i % 4 == 0])
def test_order_is_no_part_of_a_bundle(event: corpus.Event) -> None:
    """Inputs, outputs and members in any order are the same uses."""
    rng = random.Random(7)

    assert [ids_of(event)] * 3 == [ids_of(shuffled(event, rng)) for _ in range(3)]


def test_an_envelope_is_no_part_of_a_bundle() -> None:
    """A new release of a producer changes nothing, in any real event."""
    assert [ids_of(event) for _, event in REAL] == [ids_of(repackaged(event)) for _, event in REAL]


def test_repeated_runs_say_nothing_new() -> None:
    """Run, time, type, statistics and run facets are not in the bundle: a daily job has one use for ever."""
    tomorrow = replace(
        SAID,
        time=86_400,
        event_type=EventType.FAIL,
        run=RunKey(LOAD, "r2"),
        run_facets={"nominalTime": {"a": 1}},
        datasets=tuple(replace(d, run_facets={"outputStatistics": {"rowCount": 7}}) for d in SAID.datasets),
        warnings=("something",),
    )

    assert uses(SAID) == uses(tomorrow)


VARIANTS = {
    "producer": replace(SAID, producer="q"),
    "origin": replace(SAID, origin=Origin.DECLARED, run=None),
    "job": replace(SAID, job=FLOW, run=RunKey(FLOW, "r1")),
    "complete": replace(SAID, complete=True),
    "no output": replace(SAID, datasets=SAID.datasets[:1]),
    "role": replace(SAID, datasets=(SAID.datasets[0], replace(SAID.datasets[1], role="input"))),
    "schema": replace(SAID, datasets=(SAID.datasets[0], replace(SAID.datasets[1], schema=[{"name": "ID"}]))),
    "facet": replace(SAID, job_facets={"sql": {"query": "x"}}),
    "tombstone": replace(SAID, job_facets={"sql": None}),
    "alias": replace(SAID, symlinks=((CLEAN, ALIAS),)),
    "other alias": replace(SAID, symlinks=((RAW, ALIAS),)),
    "parent": replace(SAID, parents=(RunKey(FLOW, "p"),)),
    "root": replace(SAID, parents=(RunKey(FLOW, "p"), RunKey(Name("jobs", "top"), "t"))),
}


def test_whatever_is_asserted_is_part_of_a_bundle() -> None:
    """A known use brings nothing new, not even a node: aliases and parents count, and so does who says it."""
    told: dict[str, list[str]] = {}
    for name, said in {"as it is": SAID, **VARIANTS}.items():
        told.setdefault(",".join(uses(said)), []).append(name)

    assert [["as it is"], *([name] for name in VARIANTS)] == list(told.values())


def test_a_parent_s_run_is_no_part_of_a_bundle() -> None:
    """Only its job is: each run has another parent run."""
    today, tomorrow = (replace(SAID, parents=(RunKey(FLOW, run),)) for run in ("p1", "p2"))

    assert uses(today) == uses(tomorrow)


def test_a_run_has_accumulating_edges() -> None:
    """It reads, writes and is a child of its nearest parent's job; the root is only mentioned."""
    top = Name("jobs", "top")
    record = observe(replace(SAID, parents=(RunKey(FLOW, "p"), RunKey(top, "t"))), "key", 1)
    job = job_id(LOAD)

    assert {
        (READS, job, dataset_id(RAW)),
        (WRITES, job, dataset_id(CLEAN)),
        (CHILD_OF, job, job_id(FLOW)),
    } == links(record)
    assert (run_id(LOAD, "r1"), "r1", job) == record.run
    assert [(run_id(FLOW, "p"), "p", job_id(FLOW)), (run_id(top, "t"), "t", job_id(top))] == record.parents
    assert {(job_id(n), ("Job", n)) for n in (LOAD, FLOW, top)} <= set(record.names.items())


def test_a_job_is_no_child_of_itself() -> None:
    """Spark's applications and their jobs share one name (OpenLineage #521)."""
    record = observe(replace(SAID, parents=(RunKey(LOAD, "other"),)), "key", 1)

    assert set() == {link for link in links(record) if link[0] == CHILD_OF}
    assert ["other"] == [parent.external for parent in record.parents]


def test_a_declaration_has_registers_instead_of_edges() -> None:
    """Its inputs and outputs replace what it declared before, so they are one value."""
    record = observe(replace(SAID, origin=Origin.DECLARED, run=None), "key", 1)

    assert set() == links(record)
    assert {
        (LIFECYCLE, "", "clean"): {"state": "EXISTS"},
        (DECLARED, "io", "load"): {
            "links": [["READS", dataset_id(RAW)], ["WRITES", dataset_id(CLEAN)]],
            "complete": False,
        },
        (SCHEMA, "D:output", "clean"): [{"name": "id"}],
    } == registers(record)
    assert ["", ""] == [use.io for use in record.uses]


def test_a_declaration_of_nothing_replaces_too() -> None:
    """A JobEvent without inputs and outputs declares that there are none."""
    record = observe(replace(SAID, origin=Origin.DECLARED, run=None, datasets=()), "key", 1)

    assert {(DECLARED, "io", "load"): {"links": [], "complete": False}} == registers(record)


def test_a_run_that_names_no_dataset_asserts_no_set() -> None:
    """Absence is nothing new, unless the event says that it is complete."""
    (silent,) = observe(replace(SAID, datasets=()), "key", 1).uses
    (complete,) = observe(replace(SAID, datasets=(), complete=True), "key", 1).uses

    assert ("", ()) == (silent.io, silent.links)
    assert complete.io


def test_each_role_has_a_schema_of_its_own() -> None:
    """A partial reader must not take away what the writer said."""
    both = (replace(SAID.datasets[1], role="input", schema=[{"name": "a"}]), SAID.datasets[1])
    record = observe(replace(SAID, datasets=both), "key", 1)

    assert {
        (SCHEMA, "O:input", "clean"): [{"name": "a"}],
        (SCHEMA, "O:output", "clean"): [{"name": "id"}],
    } == registers(record)


def test_facets_are_registers_of_what_they_describe() -> None:
    """A job's of the job, a dataset's of the dataset, tombstones among them."""
    described = replace(SAID.datasets[0], facets={"dataSource": {"uri": "x"}, "tags": None})
    record = observe(replace(SAID, datasets=(described,), job_facets={"sql": {"query": "x"}}), "key", 1)

    assert {
        (FACET, "sql", "load"): {"query": "x"},
        (FACET, "dataSource", "raw"): {"uri": "x"},
        (FACET, "tags", "raw"): None,
    } == registers(record)
    assert {("Job", job_id(LOAD)), ("Dataset", dataset_id(RAW))} == {(use.label, use.subject) for use in record.uses}


def test_run_facets_stay_with_the_run() -> None:
    """Each under the place it came from."""
    counted = replace(SAID.datasets[1], run_facets={"outputStatistics": {"rowCount": 7}})
    record = observe(replace(SAID, datasets=(counted,), run_facets={"nominalTime": {"a": 1}}), "key", 1)

    assert {
        "run|nominalTime": {"a": 1},
        f"output|{dataset_id(CLEAN)}|outputStatistics": {"rowCount": 7},
    } == record.run_facets


def test_a_dataset_on_its_own_carries_everything() -> None:
    """A DatasetEvent's schema, profile and column lineage are the dataset's, and there is no job."""
    event = {
        "eventTime": "2026-03-01T12:00:00Z",
        "dataset": {
            **CLEAN._asdict(),
            "facets": {
                "schema": {"fields": [{"name": "id"}]},
                "version": {"datasetVersion": "7"},
                "columnLineage": {"fields": {"id": {"inputFields": [{**RAW._asdict(), "field": "key"}]}}},
            },
        },
    }
    record = observe(translate(event), "key", 1)

    assert {
        (SCHEMA, "D:dataset", "clean"): [{"name": "id"}],
        (COLUMNS, "D", "clean"): [["id", dataset_id(RAW), "key", "DIRECT", "", False, ""]],
        (MAP, "D", "clean"): {"basis": "COLUMN", "from": [dataset_id(RAW)], "jobs": [], "not": []},
        (FACET, "version", "clean"): {"datasetVersion": "7"},
        (LIFECYCLE, "", "clean"): {"state": "EXISTS"},
    } == registers(record)
    assert (None, {}, {"raw", "clean"}) == (
        record.run,
        record.run_facets,
        {name.name for _, name in record.names.values()},
    )


def test_aliases_are_one_edge_whoever_names_whom() -> None:
    """And both names are nodes."""
    one, other = (observe(replace(SAID, symlinks=(pair,)), "key", 1) for pair in ((CLEAN, ALIAS), (ALIAS, CLEAN)))

    assert one.same_as.keys() == other.same_as.keys()
    assert 1 == len(one.same_as)
    assert dataset_id(ALIAS) in one.names


def test_every_id_in_a_record_is_explained_in_it() -> None:
    """Whatever an edge, register or shape refers to is in the same record, in every real event."""
    for _, event in REAL:
        record = observe(translate(event), "key", 1)
        mentioned = {end for link in links(record) for end in link[1:]}
        mentioned |= {r.of for r in record.registers.values()} | {r.subject for r in record.registers.values()}
        mentioned |= {end for pair in record.same_as.values() for end in pair}

        assert mentioned <= record.names.keys()
        assert {v for use in record.uses for v in use.values.values()} <= record.shapes.keys() | {ABSENT}
        assert {use.io for use in record.uses} <= record.shapes.keys() | {""}


def test_shapes_are_named_by_content_and_kind() -> None:
    """Equal values of one kind are one shape; the order of members is nothing."""
    assert shape("facet", {"a": 1, "b": 2}) == shape("facet", {"b": 2, "a": 1})
    assert shape("facet", []).id != shape("schema", []).id
    assert shape("facet", [1, 2]).id != shape("facet", [2, 1]).id


def test_ids_are_what_they_were() -> None:
    """They are stored in every graph there is: a release that changes one would see all of them as new."""
    record = observe(replace(SAID, symlinks=((CLEAN, ALIAS),)), "key", 1)

    assert {"4592fa37fb87b61057ba65f4b100066a"} == {use.id for use in record.uses}
    assert ["defaea1dea9351ed702ae97eef37bbd4"] == list(record.registers)
    assert ["99958d441950fa167e0f8441ecf0132f", "a4adeb104853a32c175c124f145604d7"] == sorted(record.shapes)
    assert ["19785f141591ece43bde1bffd43143bc", "5b3c580c375f2e55910d1c2abfdf7526"] == sorted(
        k.key for use in record.uses for k in use.links
    )
    assert ["c9252693fbf9b1ae8a4b398bd939be11"] == list(record.same_as)


def test_ids_of_a_whole_scenario_are_what_they_were() -> None:
    """Every id that the nine events of CLL give rise to."""
    records = [observe(translate(event), "key", 1) for event in corpus.scenario("CLL")]
    ids = {id_ for r in records for part in (r.names, r.registers, r.shapes, r.same_as) for id_ in part}
    ids |= {id_ for r in records for use in r.uses for id_ in (use.id, *(link.key for link in use.links))}
    ids |= {r.run.id for r in records if r.run}

    assert (68, "d9e4147de42c7502c908ee7ed7feabdeabeac7cf2c0eda657c7ce8ff88ac5d16") == (
        len(ids),
        hashlib.sha256("\n".join(sorted(ids)).encode()).hexdigest(),
    )
