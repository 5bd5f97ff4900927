"""The past on the command line: moments given as they are written, and answers that say theirs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from catalog.cli.tree import tree
from tests.unit.cli_service import data, in_turn, run
from tests.unit.test_cli_tree import answer, dataset

SHOWN: dict[str, Any] = {
    "namespace": "db",
    "name": "t.a",
    "updatedAt": "2024-08-06T13:26:49.980000Z",
    "asOf": None,
    "knownAt": 7,
    "stale": False,
    "fields": [{"name": "id", "type": "int", "description": None}],
    "facets": {"documentation": {"description": "all of it"}},
    "aliases": [],
    "writtenBy": [{"namespace": "air", "name": "j.j"}],
    "readBy": [],
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
        ({"knownAt": 12, "stale": True}, "as known at sequence 12 (not all applied yet)"),
        ({"asOf": "2026-03-01T12:00:00.000000Z", "knownAt": 3}, "as of 2026-03-01 12:00:00Z; as known at sequence 3"),
    ],
)
def test_the_last_line_says_the_moment(more: dict[str, Any], words: str) -> None:
    """An answer about the past cannot be taken for one about now."""
    drawn = tree(answer("a", [dataset("a")], [], **more), "UPSTREAM")

    assert f"complete: 1 node, 0 edges; {words}" == drawn.splitlines()[-1]
