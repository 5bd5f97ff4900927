"""The graph hash: equal for two graphs that say the same, however their entries came.

It covers facts (nodes, edges, registers and runs with what they said over event time, and the evidence of each bundle)
and leaves out what depends on the order of acceptance: sequences, `received`, and points that only those saw who knew
less. Each fact is hashed alone and the digests are added up, so a page is all that is in memory, and order is nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple, TypeVar

import orjson

from catalog.errors import StoreTimeout
from catalog.graph.cells import SPILL, read_points
from catalog.graph.queries import blocks
from catalog.graph.ranges import PAGE, nodes, runs
from catalog.graph.runs import run_events
from catalog.graph.store import Row, Store
from catalog.lineage.runs import keep
from catalog.lineage.steps import FOREVER, history

SUBJECTS = 500
SECTION = 3
"""Hexadecimal digits of an id that tell sections apart: a few thousand of each kind."""

_Q = blocks("fingerprint")
_STEPS = ("n", "t0", "s0", "ts", "ss", "vs")
_EVENTS = ("ts", "ranks", "ss", "ios")
_ABOUT = ("subject", "of", "source", "id")
_SUBJECTS = {"Job": "jobs", "Dataset": "datasets", "Manifest": "manifests", "Entity": "entities"}
_EDGES = {
    "job": ("edges_of_jobs",),
    "dataset": ("edges_of_datasets", "edges_of_fields"),
    "manifest": (),
    "entity": ("edges_of_entities",),
}


class Sum(NamedTuple):
    """Facts added up: how many, and the sum of their digests."""

    facts: int
    total: int


T = TypeVar("T")
Section = tuple[str, str]
"""A kind of fact, and the beginning of the id of what the fact is about."""


def fingerprint(store: Store) -> str:
    """The hash of everything the graph says, in hexadecimal; meaningful while nothing is being applied.

    Raises:
        StoreUnavailable, StoreTimeout.
    """
    return seal(sections(store))


def sections(store: Store) -> dict[Section, Sum]:
    """The same before it is made one: sums by section, so that two graphs that differ say about where."""
    found: dict[Section, Sum] = {}
    for fact in _facts(store):
        section = _section(fact)
        count, total = found.get(section, (0, 0))
        found[section] = Sum(count + 1, total + int(digest(fact), 16))
    return found


def seal(sums: Mapping[Section, Sum]) -> str:
    """The hash of sections."""
    count, total = sum(s.facts for s in sums.values()), sum(s.total for s in sums.values())
    return hashlib.sha256(f"{count} {total % 2**256:x}".encode()).hexdigest()


def facts_in(store: Store, wanted: Collection[Section]) -> Iterator[list[Any]]:
    """The facts of some sections."""
    return (fact for fact in _facts(store) if _section(fact) in wanted)


def digest(fact: list[Any]) -> str:
    """The hash of one fact, in hexadecimal."""
    return hashlib.sha256(orjson.dumps(fact, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _section(fact: list[Any]) -> Section:
    kind, row = fact[0], fact[1]
    about = next((row[name] for name in _ABOUT if isinstance(row.get(name), str)), "")
    return kind, about[:SECTION]


def subjects(store: Store, label: str) -> Iterator[str]:
    """The ids of all that observations are told of ("Job", "Dataset", "Manifest", "Entity"), a page at a time."""
    yield from (row["id"] for row in nodes(store, _Q[_SUBJECTS[label]]))


def _facts(store: Store) -> Iterator[list[Any]]:
    """Every fact as a JSON value that begins with its kind."""
    yield from (["namespace", row] for row in nodes(store, _Q["namespaces"]))
    for kind, edges in _EDGES.items():
        subjects = nodes(store, _Q[_SUBJECTS[kind.capitalize()]])
        while some := list(islice(subjects, SUBJECTS)):
            yield from ([kind, subject] for subject in some)
            ids = [subject["id"] for subject in some]
            for block in edges:
                yield from _over_time("edge", _spilled(store, _pages(store, _Q[block], ids=ids)))
            if kind == "dataset":
                yield from _ties(_pages(store, _Q["ties_of_datasets"], ids=ids, never=FOREVER))
            yield from _over_time("register", _pages(store, _Q["registers"], ids=ids))
            yield from (["use", row] for row in _pages(store, _Q["uses"], ids=ids))
    yield from _runs(store)
    for kind, block in (("sample", _Q["samples"]), ("month", _Q["sample_months"]), ("container", _Q["containers"])):
        yield from ([kind, row] for row in nodes(store, block))


def _pages(store: Store, text: str, ids: list[str], after: str = "", **parameters: Any) -> Iterator[Row]:
    """The rows of a block, a page at a time, each page from the cursor of the last one on.

    To find a page the store sorts all that is behind the cursor: where that takes it too long, the rest is asked for
    by half of the ids.
    """
    while True:
        try:
            rows = store.rows(text, after=after, limit=PAGE, ids=ids, **parameters)
        except StoreTimeout:
            if len(ids) == 1:
                raise
            for half in _halves(ids):
                yield from _pages(store, text, half, after, **parameters)
            return
        for row in rows:
            after = row.pop("cursor")
            yield row
        if len(rows) < PAGE:
            return


def _halves(keys: list[T]) -> tuple[list[T], list[T]]:
    return keys[: len(keys) // 2], keys[len(keys) // 2 :]


def _spilled(store: Store, rows: Iterator[Row]) -> Iterator[Row]:
    """Edges with their lists, wherever those are."""
    while some := list(islice(rows, PAGE)):
        ids = [row["key"] for row in some if (row["n"] or 0) > SPILL]
        lists = {row["id"]: row for row in store.rows(blocks("record")["load_registers"], ids=ids)} if ids else {}
        for row in some:
            found = lists.get(row["key"], row)
            yield {**row, **{name: found[name] for name in ("ts", "ss", "vs")}}


def _over_time(kind: str, rows: Iterator[Row]) -> Iterator[list[Any]]:
    """What edges or registers say now and said over time; those that never said anything are no facts."""
    for row in rows:
        said = history(read_points(row))
        if said or row["now"]:
            yield [kind, {name: value for name, value in row.items() if name not in _STEPS}, said]


def _ties(rows: Iterator[Row]) -> Iterator[list[Any]]:
    """Whether two names are one thing, not how often people changed their minds; `apart` only against a symlink.

    So a merge that is taken back leaves the print as it was.
    """
    for row in rows:
        if row["now"] or row["seen"]:
            yield ["tie", row]


def _runs(store: Store) -> Iterator[list[Any]]:
    """Runs by the sequences that told of them last, and how many there are, so that one that nothing told is seen."""
    yield from (["runs", row] for row in store.rows(_Q["count_runs"]))
    yield from map(_run, runs(store, _Q["runs"]))


def _run(row: Row) -> list[Any]:
    events = [list(event) for event in keep(event._replace(s=0) for event in run_events(row))]
    facets = orjson.loads(row.pop("facets"))
    return ["run", {name: value for name, value in row.items() if name not in _EVENTS}, events, facets]
