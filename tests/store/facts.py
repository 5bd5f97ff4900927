"""Reads the graph of a store into the oracle's `Facts`, at any (asOf, knownAt).

The present is read by what is stored for it (`open`, `cur`, a run's state); the past by the two minima of an edge
first and then by its points, as the service's own reads do. Its Cypher is its own: a wrong read in the service must
not hide a wrong write.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import orjson

from catalog.assets.keys import Key, Kind, manifest_id
from catalog.graph.cells import is_spilled, read_points
from catalog.graph.runs import facets_of, run_events
from catalog.graph.store import Row, Store
from catalog.identity import Name
from catalog.lineage.assertions import Basis, ColumnEdge, Curated, DeclaredFlow, Flow, RunKey, Sources
from catalog.lineage.declaring import CURATED, DOCUMENT, HEADING
from catalog.lineage.lifecycle import RENAME
from catalog.lineage.observe import (
    CHILD_OF,
    COLUMNS,
    DECLARED,
    FACET,
    FED_BY,
    FOLLOWS,
    FORWARDED,
    MAP,
    OTHERS,
    PRECEDES,
    READS,
    SCHEMA,
    WRITES,
)
from catalog.lineage.runs import RunEvent, attempts, summarise
from catalog.lineage.steps import FOREVER, OPEN, Points, value_at
from tests.oracle import Facts, RunFacts
from tests.oracle_entities import EntityFacts, Named

_NODES = (
    "MATCH (n:Job|Dataset) RETURN n.id AS id, n:Job AS isJob, n.namespace AS namespace, n.name AS name, "
    "n.tableSince AS tableSince"
)
_ENTITIES = "MATCH (n:Entity) RETURN n.id AS id, n.kind AS kind, n.namespace AS namespace, n.name AS name"
_FIELDS = "MATCH (n:Field) RETURN n.id AS id, n.dataset AS dataset, n.path AS path"
_EDGES = (
    "MATCH (a)-[r:READS|WRITES|FED_BY|CHILD_OF|FOLLOWS|PRECEDES|DERIVES_FROM|REFERS]->(b) "
    "RETURN type(r) AS kind, a.id AS source, b.id AS target, properties(r) AS edge"
)
_REGISTERS = "MATCH (g:Reg) RETURN properties(g) AS register"
_SAME_AS = "MATCH (a:Dataset)-[r:SAME_AS]->(b:Dataset) RETURN a.id AS a, b.id AS b, properties(r) AS edge"
_RUNS = "MATCH (r:Run)-[:RUN_OF]->(j:Job) RETURN j.id AS of, properties(r) AS run"
_SHAPES = "MATCH (s:Shape) RETURN s.id AS id, s.body AS body, s.chunks AS chunks"
_CHUNKS = "MATCH (c:Chunk) RETURN c.id AS id, c.data AS data"


_LISTS = dict.fromkeys(("ts", "ranks", "ss", "ios"))


class Edge(NamedTuple):
    """An edge with its properties and Steps."""

    kind: str
    source: str
    target: str
    row: Row
    points: Points


class Register(NamedTuple):
    """A register with its properties and Steps."""

    row: Row
    points: Points


class Graph:
    """All that one store holds, read once."""

    def __init__(self, store: Store) -> None:
        nodes = store.rows(_NODES)
        self.names = {row["id"]: Name(row["namespace"], row["name"]) for row in nodes}
        self.tables = {row["id"]: row["tableSince"] for row in nodes}
        self.labels = {row["id"]: "Job" if row["isJob"] else "Dataset" for row in nodes}
        self.entities = {r["id"]: Key(Kind(r["kind"]), r["namespace"], r["name"]) for r in store.rows(_ENTITIES)}
        self.fields = {row["id"]: (row["dataset"], row["path"]) for row in store.rows(_FIELDS)}
        registers = {row["register"]["id"]: _listed(row["register"]) for row in store.rows(_REGISTERS)}
        self.registers = [Register(row, read_points(row)) for row in registers.values() if row["aspect"] != "edge"]
        self.edges = [
            Edge(row["kind"], row["source"], row["target"], _listed(row["edge"]), _points(row["edge"], registers))
            for row in store.rows(_EDGES)
        ]
        self.same_as = store.rows(_SAME_AS)
        self.runs = [(row["of"], row["run"]) for row in store.rows(_RUNS)]
        self.bodies = dict(_bodies(store))

    def facts(self, as_of: int | None = None, known_at: int | None = None) -> Facts:
        """What it answers at (asOf, knownAt); None for both is the present."""
        t, k = FOREVER if as_of is None else as_of, FOREVER if known_at is None else known_at
        present = as_of is None and known_at is None
        holding = [edge for edge in self.edges if (edge.row["open"] if present else _holds(edge, t, k))]
        edges = [edge for edge in holding if edge.row.get("manifest") is None]
        told = [
            (r, self.bodies[v])
            for r, points in self.registers
            if (v := r["cur"] if present else value_at(points, t, k))
        ]
        links = [(e.kind, self.names[e.source], self.names[e.target], e.row["origin"]) for e in edges if _is_link(e)]
        told_of = [
            (e.row["by"], e.kind, self.names[e.source], self.names[e.target], e.row["origin"])
            for e in edges
            if e.row.get("by")
        ]
        facts = Facts(
            reads=frozenset((job, dataset, origin) for kind, job, dataset, origin in links if kind == READS),
            writes=frozenset((job, dataset, origin) for kind, job, dataset, origin in links if kind == WRITES),
            fed_by=frozenset((job, source, origin) for kind, job, source, origin in links if kind == FED_BY),
            child_of=frozenset((job, parent) for kind, job, parent, _ in links if kind == CHILD_OF),
            follows=frozenset((job, before) for kind, job, before, _ in links if kind == FOLLOWS),
            precedes=frozenset((job, after) for kind, job, after, _ in links if kind == PRECEDES),
            others=frozenset(
                (self.names[by], Flow(job, kind == FED_BY, source), origin)
                for by, kind, job, source, origin in told_of
                if self.labels[by] == "Job"
            ),
            maps={
                (self._speaker(r["subject"], r["of"]), self.names[r["of"]], r["name"]): self._sources(body)
                for r, body in told
                if r["aspect"] == MAP
            },
            schemas={
                (self.names[r["of"]], self._speaker(r["subject"], r["of"]), r["name"]): body
                for r, body in told
                if r["aspect"] == SCHEMA
            },
            columns=self._columns(edge for edge in edges if edge.kind == "DERIVES_FROM"),
            facets={
                (self.labels[r["of"]], self.names[r["of"]], r["name"]): body for r, body in told if r["aspect"] == FACET
            },
            forwarded={
                (self.names[r["of"]], self.names[r["subject"]], r["name"]): body
                for r, body in told
                if r["aspect"] == FORWARDED
            },
            runs=dict(self._present_runs() if present else self._past_runs(t, k)),
            same_as=frozenset(
                (min(pair), max(pair))
                for row in self.same_as
                if (row["edge"]["open"] if present else _same(row["edge"], k))
                for pair in [(self.names[row["a"]], self.names[row["b"]])]
            ),
            tables=frozenset(self.names[id_] for id_, since in self.tables.items() if since is not None and since <= k),
            run_facets=dict(self._run_facets()) if present else {},
            entities=self._said_of_entities(told, [edge for edge in holding if edge.row.get("manifest") is not None]),
        )
        assert self._registers_say(told, declared=True) == {link for link in links if link[3] == "D"}
        assert self._registers_say(told, declared=False) == _told(facts) | self._jobless(edges)
        assert self._said_of_others(told) == set(told_of)
        if present:
            self._check_maps(edges, facts)
        return facts

    def _said_of_entities(self, told: Iterable[tuple[Row, Any]], edges: Iterable[Edge]) -> EntityFacts:
        """Documents and words by their registers, what follows from documents by the edges."""
        named, flows, columns = set(), set(), set()
        for edge in edges:
            manifest = edge.row["manifest"]
            assert manifest_id(manifest) == edge.row["by"]
            if edge.kind == "REFERS":
                ends = self.entities[edge.source], self.entities[edge.target]
                named.add(Named(manifest, ends[0], edge.row["role"], ends[1]))
            elif edge.target in self.fields:
                ((_, output, _), (column,)) = next(iter(self._columns([edge]).items()))
                columns.add((manifest, output, column))
            else:
                ends_of_flow = self.names[edge.source], self.names[edge.target]
                flows.add((manifest, DeclaredFlow(edge.kind, *ends_of_flow, edge.row.get("type") or "")))
        documents, words, headings = {}, {}, {}
        for r, body in told:
            if r["aspect"] == DOCUMENT:
                assert r["manifest"] == r["subject"] == manifest_id(body["manifest"])
                assert list(self.entities[r["of"]]) == body["key"]
                documents[body["manifest"], self.entities[r["of"]]] = body["document"]
            if r["aspect"] == HEADING:
                assert r["of"] == r["subject"] == manifest_id(body["manifest"])
                headings[body["manifest"]] = body["heading"]
            if r["aspect"] == CURATED:
                key, at = Key(Kind(body.pop("key")[0]), *self.entities[r["of"]][1:]), body.pop("at")
                word = Curated(key, **body)
                words[key, word.attribute, word.field, word.item] = word, at
                body.update(key=list(key), at=at)
        return EntityFacts(documents, frozenset(named), frozenset(flows), frozenset(columns), words, headings)

    def _sources(self, body: Any) -> Sources:
        parts = (tuple(sorted(self.names[id_] for id_ in body[part])) for part in ("from", "jobs", "not"))
        return Sources(Basis(body["basis"]), *parts)

    def _said_of_others(self, told: Iterable[tuple[Row, Any]]) -> set[tuple[Any, ...]]:
        """What registers of one thing say of the edges of a job: flows into it, and a dataset that it writes."""
        found: set[tuple[Any, ...]] = set()
        for r, body in told:
            flows = body if r["aspect"] == OTHERS else body.get(OTHERS, ()) if r["aspect"] == DECLARED else ()
            origin = "D" if r["aspect"] == DECLARED else r["name"]
            found.update((r["subject"], k, self.names[a], self.names[b], origin) for k, a, b in flows)
            if r["aspect"] == MAP and r["subject"] == r["of"]:
                of = self.names[r["of"]]
                found.update((r["of"], WRITES, self.names[job], of, origin) for job in body["jobs"])
        return found

    def _check_maps(self, edges: Iterable[Edge], facts: Facts) -> None:
        """The edge that writes an output carries what is known of what made it."""
        for edge in edges:
            if edge.kind == WRITES and not edge.row.get("by"):
                sources = facts.maps.get((self.names[edge.source], self.names[edge.target], edge.row["origin"]))
                given = sorted(self.names[id_] for id_ in edge.row.get("given") or ())
                excluded = tuple(sorted(self.names[id_] for id_ in edge.row.get("excluded") or ()))
                expected = (sources.basis, sorted((*sources.datasets, *sources.jobs))) if sources else (None, [])
                assert (*expected, sources.excluded if sources else ()) == (edge.row.get("basis"), given, excluded)

    def _columns(self, edges: Iterable[Edge]) -> dict[tuple[Name | None, Name, str], frozenset[ColumnEdge]]:
        found: dict[tuple[Name | None, Name, str], set[ColumnEdge]] = {}
        for edge in edges:
            if edge.target not in self.fields:
                continue
            output, out = self.fields.get(edge.source, (edge.source, ""))
            source, path = self.fields[edge.target]
            row = edge.row
            said = (row["type"], row["subtype"], row["masking"], row["description"])
            speaker = self.names[row["job"]] if row["job"] else None
            place = (speaker, self.names[output], row["origin"])
            found.setdefault(place, set()).add(ColumnEdge(out, self.names[source], path, *said))
        return {place: frozenset(members) for place, members in found.items()}

    def _registers_say(self, told: Iterable[tuple[Row, Any]], *, declared: bool) -> set[tuple[Any, ...]]:
        """The edges that follow from these registers; none may be missing or left over."""
        found: set[tuple[Any, ...]] = set()
        for r, body in told:
            if declared and r["aspect"] == DECLARED:
                job = self.names[r["of"]]
                found.update((kind, job, self.names[target], "D") for kind, target in body["links"])
            if not declared and r["aspect"] == COLUMNS:
                speaker, output = self._speaker(r["subject"], r["of"]), self.names[r["of"]]
                for out, source, *rest in body:
                    found.add((speaker, output, r["name"], ColumnEdge(out, self.names[source], *rest)))
            if not declared and r["aspect"] == MAP and r["subject"] == r["of"]:
                sources = (self.names[source] for source in body["from"] if source != r["of"])
                found.update((self.names[r["of"]], source, r["name"], body["basis"]) for source in sources)
        return found

    def _jobless(self, edges: Iterable[Edge]) -> set[tuple[Any, ...]]:
        return {
            (self.names[e.source], self.names[e.target], e.row["origin"], e.row["basis"])
            for e in edges
            if e.kind == "DERIVES_FROM" and e.target not in self.fields and e.row.get("type") != RENAME
        }

    def _speaker(self, subject: str, of: str) -> Name | None:
        return None if subject == of else self.names[subject]

    def _present_runs(self) -> Iterator[tuple[RunKey, RunFacts]]:
        for job, row in self.runs:
            times = row.get("startedAt"), row.get("endedAt"), row.get("inferred", False)
            tries = tuple(attempt.summary for attempt in attempts(_events(row)))
            yield self._run_key(job, row), RunFacts(row["state"], *times, *self._io(row.get("ios") or ()), tries)

    def _past_runs(self, t: int, k: int) -> Iterator[tuple[RunKey, RunFacts]]:
        for job, row in self.runs:
            events = [event for event in _events(row) if event.t <= t and event.s <= k]
            if events:
                io, tries = self._io(event.io for event in events), tuple(a.summary for a in attempts(events))
                yield self._run_key(job, row), RunFacts(*summarise(events), *io, tries)

    def _run_facets(self) -> Iterator[tuple[RunKey, dict[tuple[str, Name | None, str], Any]]]:
        for job, row in self.runs:
            told = facets_of({**_LISTS, **row}, self.bodies)
            if told:
                places = [(place.split("|", 2) if place[:4] != "run|" else ["run", "", place[4:]]) for place in told]
                yield (
                    self._run_key(job, row),
                    {
                        (role, self.names.get(dataset), key): facet
                        for (role, dataset, key), facet in zip(places, told.values(), strict=True)
                    },
                )

    def _run_key(self, job: str, row: Row) -> RunKey:
        assert job == row["job"], "RUN_OF and the run's own job disagree"
        return RunKey(self.names[job], row.get("whole") or row["external"])

    def _io(self, shapes: Iterable[str]) -> tuple[frozenset[Name], frozenset[Name]]:
        links = [link for shape in shapes if shape for link in self.bodies[shape]["links"]]
        reads, writes = (
            frozenset(self.names[target] for kind, target in links if kind == wanted) for wanted in (READS, WRITES)
        )
        return reads, writes


def _events(row: Row) -> list[RunEvent]:
    return run_events({**_LISTS, **row})


def without_stubs(facts: Facts) -> Facts:
    """The facts without runs that are only somebody's parent: in the past, stubs are not told from runs to come."""
    return replace(facts, runs={key: run for key, run in facts.runs.items() if run.state != "UNKNOWN"})


def _listed(row: Row) -> Row:
    return {"ts": None, "ss": None, "vs": None, **row}


def _points(row: Row, registers: dict[str, Row]) -> Points:
    return read_points(registers[row["key"]] if is_spilled(row) else _listed(row))


def _holds(edge: Edge, t: int, k: int) -> bool:
    may = bool(edge.row["t0"] <= t and edge.row["s0"] <= k)
    assert may or value_at(edge.points, t, k) != OPEN, "the minima hide what the points show"
    return may and value_at(edge.points, t, k) == OPEN


def _same(row: Row, k: int) -> bool:
    may = bool(row["s0"] <= k)
    holds = value_at(read_points(_listed(row)), FOREVER, k) == OPEN if row.get("n") is not None else may
    assert may or not holds, "the minimum hides what the points show"
    return holds


def _is_link(edge: Edge) -> bool:
    """Whether its job says so itself."""
    return edge.kind != "DERIVES_FROM" and not edge.row.get("by")


def _told(facts: Facts) -> set[tuple[Any, ...]]:
    return {(*place, edge) for place, edges in facts.columns.items() for edge in edges}


def _bodies(store: Store) -> Iterator[tuple[str, Any]]:
    chunks = {row["id"]: row["data"] for row in store.rows(_CHUNKS)}
    for row in store.rows(_SHAPES):
        parts = [chunks[f"{row['id']}.{i}"] for i in range(row["chunks"])]
        yield row["id"], orjson.loads(zlib.decompress(b"".join(parts)) if parts else row["body"])
