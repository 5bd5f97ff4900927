"""`headwater schema` in its three forms, for people and for programs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from graphql import build_schema, parse, validate

from catalog.api.graphql.limits import DEFAULT_LIMITS, check
from catalog.api.graphql.schema import schema
from catalog.cli import schema as command
from tests.unit.cli_service import data, in_turn, run

WRITER = {"role": "output", "origin": "OBSERVED", "job": {"namespace": "jobs", "name": "load"}}
CHANGES: dict[str, Any] = {
    "added": [{"name": "b", "type": "int"}],
    "removed": [{"name": "c", "type": None}],
    "retyped": [{"name": "d", "before": None, "after": "text"}],
    "redescribed": [],
    "renamed": [
        {
            "before": {"name": "e", "type": "int"},
            "after": {"name": "f", "type": "int"},
            "inferred": True,
            "basis": "PLACE",
        }
    ],
}
HEAD = {"namespace": "db", "name": "t", "asOf": None, "knownAt": None, "stale": False}
SHOWN = ["+ b int", "- c", "~ e int -> f int  probably renamed: same place and type", "~ d  type nothing -> 'text'"]


@pytest.mark.parametrize("question", [command.SCHEMA, command.VERSIONS, command.DIFF])
def test_every_question_fits_the_schema(question: str) -> None:
    """The service can answer what the command asks."""
    document = parse(question)

    assert [] == validate(build_schema(schema.as_str()), document)
    check(document, DEFAULT_LIMITS)


def test_columns_with_who_told_them() -> None:
    """A table for people, the answer as it is for programs."""
    field = {"name": "a", "type": "int", "description": None, "toldBy": [WRITER, {**WRITER, "job": None}]}
    answer = data(dataset={**HEAD, "fields": [field]})
    plain, heard = run(lambda _: answer, "schema", "db", "t", "--as-of", "2026-01-01")
    as_json, _ = run(lambda _: answer, "schema", "db", "t", "--json")

    assert (0, 0) == (plain.exit_code, as_json.exit_code)
    assert ["a", "int", "load", "(output),", "its", "own", "event", "-"] == plain.stdout.splitlines()[1].split()
    assert {"namespace": "db", "name": "t", "asOf": "2026-01-01", "knownAt": None} == heard[0].body["variables"]
    assert {**HEAD, "fields": [field]} == json.loads(as_json.stdout)


def test_differences_are_signed_and_a_rename_is_a_guess() -> None:
    """A line each."""
    answer = data(dataset={**HEAD, "schemaDiff": CHANGES})
    plain, heard = run(lambda _: answer, "schema", "db", "t", "--diff", "--from", "2026-01-01", "--to", "2026-02-01")

    assert SHOWN == plain.stdout.splitlines()
    assert ("2026-01-01", "2026-02-01") == (heard[0].body["variables"]["from"], heard[0].body["variables"]["to"])


def test_versions_say_whether_they_are_all() -> None:
    """In both forms."""
    node = {"since": "2026-01-01T00:00:00.000000Z", "knownSince": 1200, "tellers": [WRITER], "changes": CHANGES}
    page = {"edges": [{"node": node}], "pageInfo": {"hasNextPage": True}}
    answer = data(dataset={**HEAD, "schemaVersions": page})
    plain, _ = run(lambda _: answer, "schema", "db", "t", "--versions", "--limit", "1")
    as_json, _ = run(lambda _: answer, "schema", "db", "t", "--versions", "--json")
    lines = plain.stdout.splitlines()

    assert "2026-01-01 00:00:00Z  known since 1,200  told by load (output)" == lines[0]
    assert [f"  {line}" for line in SHOWN] == lines[1:-1]
    assert "the newest 1 version; there are more, use --limit" == lines[-1]
    assert ([node], False) == (json.loads(as_json.stdout)["schemaVersions"], json.loads(as_json.stdout)["complete"])


@pytest.mark.parametrize("options", [["--diff"], ["--from", "2026"], ["--diff", "--from", "2026", "--versions"]])
def test_options_that_make_no_question_are_wrong_usage(options: list[str]) -> None:
    """Exit 2, before the service is asked."""
    result, heard = run(lambda _: data(), "schema", "db", "t", *options)

    assert (2, []) == (result.exit_code, heard)


@pytest.mark.parametrize(
    "page", [{"fields": []}, {"schemaVersions": {"edges": [], "pageInfo": {"hasNextPage": False}}}]
)
def test_a_schema_says_its_moment(page: dict[str, object]) -> None:
    """That nobody had given one by then is not that nobody ever did."""
    options = ("--versions",) if "schemaVersions" in page else ()
    past, _ = run(lambda _: data(dataset={**HEAD, **page, "knownAt": 0}), "schema", "db", "t", *options)
    present, _ = run(lambda _: data(dataset={**HEAD, **page}), "schema", "db", "t", *options)

    told = ["nobody had given a schema at that moment", "", "as known at sequence 0"]
    assert (told, "nobody gave a schema\n") == (past.stdout.splitlines(), present.stdout)


def test_no_such_dataset() -> None:
    """Exit 3."""
    result, _ = run(in_turn(data(dataset=None), data(t0=[])), "schema", "db", "t", "--json")

    assert 3 == result.exit_code
