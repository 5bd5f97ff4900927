"""The past on the command line: moments given as they are written, and answers that say theirs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from catalog.cli.tree import tree
from tests.unit.cli_service import data, in_turn, run
from tests.unit.test_cli_entity import EMPTY
from tests.unit.test_cli_tree import answer, dataset

SHOWN: dict[str, Any] = {
    "namespace": "db",
    "name": "t.a",
    "updatedAt": "2024-08-06T13:26:49.980000Z",
    "asOf": None,
    "knownAt": 7,
    "stale": False,
    "fields": [{"name": "id", "type": "int", "description": None, "attributes": None}],
    "declared": None,
    "attributes": EMPTY,
    "facets": {"documentation": {"description": "all of it"}},
    "aliases": [],
    "writtenBy": [{"namespace": "air", "name": "j.j"}],
    "readBy": [],
}
DID: dict[str, Any] = {
    "run": {
        "id": "r1",
        "runId": "given",
        "state": "COMPLETED",
        "startedAt": "2024-08-06T13:00:00Z",
        "endedAt": None,
        "job": {"namespace": "air", "name": "j.j"},
    },
    "root": "j",
    "nodes": [
        {"id": "j", "kind": "JOB", "namespace": "air", "name": "j.j", "field": None},
        {"id": "a", "kind": "DATASET", "namespace": "db", "name": "t.a", "field": None},
        {"id": "a.x", "kind": "FIELD", "namespace": "db", "name": "t.a", "field": "x"},
    ],
    "edges": [
        {"source": "a", "target": "j", "kind": "READS"},
        {"source": "a.x", "target": "a.x", "kind": "DERIVES_FROM"},
    ],
    "parent": {"id": "p", "runId": "p1", "state": "RUNNING", "job": {"namespace": "air", "name": "top"}},
    "children": [],
    "childrenComplete": True,
    "hiddenCount": 0,
    "sequence": 4,
    "appliedThrough": 4,
    "asOf": None,
    "knownAt": 4,
    "stale": False,
}


def test_a_moment_goes_to_the_service_as_it_is_written() -> None:
    """A time or a sequence: the service tells them apart."""
    told = answer("a", [dataset("a")], [])
    moment = ("--as-of", "2026-03-01", "--known-at", "1234")
    _, lineage_heard = run(in_turn(data(lineage=told)), "lineage", "db", "t.a", *moment)
    page = {"edges": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}
    _, runs_heard = run(in_turn(data(runs=page)), "runs", *moment)
    _, show_heard = run(in_turn(data(dataset=SHOWN)), "show", "dataset", "db", "t.a", *moment)

    for heard in (lineage_heard, runs_heard, show_heard):
        assert {"asOf": "2026-03-01", "knownAt": "1234"}.items() <= heard[0].body["variables"].items()


def test_show_in_both_forms() -> None:
    """Neighbours, columns and facets for people, the answer as it is for programs; exit 3 for what is not there."""
    plain, _ = run(in_turn(data(dataset=SHOWN)), "show", "dataset", "db", "t.a")
    as_json, _ = run(in_turn(data(dataset=SHOWN)), "show", "dataset", "db", "t.a", "--json")
    missing, _ = run(in_turn(data(job=None), data(t0=[])), "show", "job", "air", "j")

    assert [
        "dataset  t.a  db",
        "written by: j.j  air",
        "",
        "COLUMN  TYPE  DESCRIPTION",
        "id      int",
        "",
        "FACET          VALUE",
        'documentation  {"description": "all of it"}',
        "",
        "newest event 2024-08-06 13:26:49Z; as known at sequence 7",
    ] == plain.stdout.splitlines()
    assert SHOWN == json.loads(as_json.stdout)
    assert 3 == missing.exit_code


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"asOf": "2026-03-01T12:00:00.000000Z"}, "as of 2026-03-01 12:00:00Z"),
        ({"knownAt": 1234}, "as known at sequence 1,234"),
        (
            {"knownAt": 3, "sequence": 3, "appliedThrough": 3, "stale": True},
            "as known at sequence 3 (not all applied yet)",
        ),
        (
            {"knownAt": 12, "sequence": 3, "appliedThrough": 3, "stale": True},
            "as known at sequence 12 (the newest entry is 3)",
        ),
        ({"asOf": "2026-03-01T12:00:00.000000Z", "knownAt": 3}, "as of 2026-03-01 12:00:00Z; as known at sequence 3"),
    ],
)
def test_the_last_line_says_the_moment(more: dict[str, Any], words: str) -> None:
    """An answer about the past cannot be taken for one about now."""
    drawn = tree(answer("a", [dataset("a")], [], **more), "UPSTREAM")

    assert f"complete: 1 node, 0 edges; {words}" == drawn.splitlines()[-1]


def test_views_go_to_the_service() -> None:
    """Latest runs, a window, origins: as the service names them."""
    told = answer("a", [dataset("a")], [])
    options = ("--latest", "--since", "2026-03-01", "--origin", "observed", "--origin", "declared")
    _, heard = run(in_turn(data(lineage=told)), "lineage", "db", "t.a", *options)

    expected = {"view": "LATEST_RUN", "seenSince": "2026-03-01", "origins": ["OBSERVED", "DECLARED"]}
    assert expected.items() <= heard[0].body["variables"].items()


def test_one_run_is_found_by_either_of_its_ids() -> None:
    """By its own id at once; by its producer's id after a look for it, if one job only has it."""
    here = {"node": {"id": "r1", "job": {"namespace": "air", "name": "j.j"}}}
    script = in_turn(data(runLineage=None), data(runs={"edges": [here]}), data(runLineage=DID))
    plain, heard = run(script, "lineage", "--run", "given")
    twice, _ = run(in_turn(data(runLineage=None), data(runs={"edges": [here, here]})), "lineage", "--run", "given")
    missing, _ = run(in_turn(data(runLineage=None), data(runs={"edges": []})), "lineage", "--run", "given")
    as_json, _ = run(in_turn(data(runLineage=DID)), "lineage", "--run", "r1", "--json")

    assert [
        "run  given  j.j (air)  COMPLETED  2024-08-06 13:00:00Z",
        "started by  p1  top (air)  RUNNING",
        "1 column edge; --json has them",
        "upstream",
        "job  j.j  air",
        "└── dataset  t.a  db",
        "downstream",
        "job  j.j  air",
        "└── (nothing downstream was known at that moment)",
        "complete: 2 nodes, 1 edge; as known at sequence 4",
    ] == plain.stdout.splitlines()
    assert "r1" == heard[2].body["variables"]["id"]
    assert (1, 3) == (twice.exit_code, missing.exit_code)
    assert "several jobs have a run 'given'" in twice.stderr
    assert DID == json.loads(as_json.stdout)


@pytest.mark.parametrize("arguments", [("db",), ("--run", "x", "db", "t.a"), ("--run", "x", "--latest"), ()])
def test_a_run_and_a_name_exclude_each_other(arguments: tuple[str, ...]) -> None:
    """One of them has to be given, whole."""
    result, heard = run(in_turn(data()), "lineage", *arguments)

    assert 2 == result.exit_code
    assert [] == heard
