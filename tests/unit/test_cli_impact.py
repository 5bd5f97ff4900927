"""`headwater impact` as people run it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import Result

from tests.unit.cli_service import Answer, Heard, data
from tests.unit.cli_service import run as run_against

RAW = {"kind": "DATASET", "namespace": "db", "name": "raw"}
MART = {"kind": "DATASET", "namespace": "db", "name": "mart"}
MODEL = {"kind": "MODEL_VERSION", "namespace": "models", "name": "churn/4"}
LOAD = {"kind": "PIPELINE", "namespace": "jobs", "name": "load"}
BEGIN = {"entity": RAW, "field": "email", "job": None}
NEXT = {"entity": MART, "field": "contact", "job": LOAD}
LAST = {"entity": MODEL, "field": None, "job": None}
REACHED: list[dict[str, Any]] = [
    {
        "entity": MART,
        "columns": ["contact"],
        "sureness": "CERTAIN",
        "owners": ["team:data"],
        "deadline": "2026-03-31T12:00:00.000000Z",
        "because": "it is usually made again by then",
        "path": [BEGIN, NEXT],
    },
    {
        "entity": MODEL,
        "columns": [],
        "sureness": "PERHAPS",
        "owners": [],
        "deadline": None,
        "because": None,
        "path": [BEGIN, NEXT, LAST],
    },
]
COUNTS = [
    {"kind": "DATASET", "sureness": "CERTAIN", "count": 1},
    {"kind": "MODEL_VERSION", "sureness": "PERHAPS", "count": 1},
]


def page(nodes: list[dict[str, Any]], *, more: bool = False, **other: Any) -> dict[str, Any]:
    """A page of an answer."""
    return {
        "starts": [{"entity": RAW, "columns": ["email"], "owners": ["team:shop"]}],
        "startCount": 1,
        "reached": {
            "edges": [{"node": node} for node in nodes],
            "pageInfo": {"hasNextPage": more, "endCursor": "x" if more else "y"},
        },
        "counts": COUNTS,
        "owners": ["team:data", "team:shop"],
        "complete": True,
        "unknown": [],
        "hiddenCount": 0,
        "knownThrough": 1234,
        "asOf": None,
        "stale": False,
        **other,
    }


def run(*arguments: str, pages: list[dict[str, Any]]) -> tuple[Result, list[Heard]]:
    """One command against a service that answers with these pages."""
    left = iter(pages)

    def script(heard: Heard) -> Answer:
        return data(impactOfChange=next(left))

    return run_against(script, "impact", *arguments)


def test_things_are_shown_with_their_ways_owners_and_deadlines() -> None:
    """A way that another one goes on from is told once, with its columns and jobs."""
    done, _ = run("drop-column", "db", "raw", "email", pages=[page(REACHED)])

    assert 0 == done.exit_code, done.output
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert [
        "column email of dataset db raw is dropped",
        "begins at dataset db raw (email), team:shop",
        "",
        "HOW SURE KIND THING COLUMNS WHO ANSWERS UNTIL",
        "CERTAIN dataset db mart contact team:data 2026-03-31",
        "PERHAPS model version models churn/4 - nobody -",
        "",
        "ways",
        "raw.email -> [load] mart.contact -> churn/4",
        "",
        "2 things reached: 1 dataset, 1 model version; 1 certain, 1 perhaps",
        "to be told: team:data, team:shop",
        "until 2026-03-31: it is usually made again by then",
        "complete, by what was known through entry 1,234; no legal advice",
    ] == lines


def test_all_pages_are_of_what_the_first_was() -> None:
    """What is applied meanwhile does not mix two answers; JSON has all of them as one."""
    done, heard = run("erase", "customers", "--json", pages=[page(REACHED[:1], more=True), page(REACHED[1:])])
    told = json.loads(done.stdout)

    assert [(None, None), ("1234", "x")] == [
        (one.body["variables"]["knownAt"], one.body["variables"]["after"]) for one in heard
    ]
    assert (REACHED, 2) == (told["reached"], told["shown"])
    assert {"what": "ERASE_SUBJECTS", "subjects": "customers"} == told["change"]


def test_what_is_not_known_is_said() -> None:
    """What is missing, hidden, stale, or not shown."""
    honest = {"complete": False, "unknown": ["3 edges lead to what may not be seen"], "hiddenCount": 3, "stale": True}
    done, heard = run(
        *("retention", "db", "raw", "--limit", "1", "--as-of", "2026-03-01"),
        pages=[page(REACHED[:1], more=True, asOf="2026-03-01T00:00:00Z", **honest)],
    )
    words = (
        "retention of dataset db raw ends",
        "not known: 3 edges lead to what may not be seen",
        "the first 1 of 2; --limit shows more",
        "not applied yet",
        "not complete as of 2026-03-01 00:00:00Z",
    )

    assert [] == [word for word in words if word not in done.stdout], done.stdout
    assert (1, "2026-03-01") == (heard[0].body["variables"]["first"], heard[0].body["variables"]["asOf"])


@pytest.mark.parametrize(
    ("arguments", "entity"),
    [
        (("warehouse",), {"kind": "SOURCE", "name": "warehouse"}),
        (("source:warehouse",), {"kind": "SOURCE", "name": "warehouse"}),
        (("db", "raw"), RAW),
        (("jobs", "load", "--kind", "pipeline"), LOAD),
    ],
)
def test_a_source_is_named_or_a_thing(arguments: tuple[str, ...], entity: dict[str, str]) -> None:
    """One word is a source; two are a thing."""
    done, heard = run("source", *arguments, pages=[page([], counts=[], owners=[])])

    assert 0 == done.exit_code, done.output
    assert {"what": "SOURCE_GONE", "entity": entity} == heard[0].body["variables"]["change"]
    assert "0 things reached\n" in done.stdout


def test_mistakes_are_told() -> None:
    """3: there is no such thing; 2: not a use of the command."""
    error = {
        "message": "raw has no column 'emial'; did you mean email?",
        "extensions": {"code": "NOT_FOUND"},
    }
    missing, _ = run_against(lambda heard: Answer({"data": None, "errors": [error]}), *MISSING)
    usage, _ = run("source", "a", "b", "c", pages=[])

    assert (3, 2) == (missing.exit_code, usage.exit_code)
    assert "did you mean email" in missing.stderr


MISSING = ("impact", "drop-column", "db", "raw", "emial")
