"""The store's part of the fold, in memory: what is kept, what is loaded, and in which order `fold` is asked.

It drives `catalog.lineage.fold` as the graph store does, and reads its cells only through `steps.value_at`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import orjson

from catalog.assets.keys import Key
from catalog.identity import Name
from catalog.lineage.assertions import Basis, ColumnEdge, Flow, Origin, RunKey, Sources
from catalog.lineage.decisions import Ruled, tie
from catalog.lineage.fold import Cell, Item, RunPoint, Subject, fold, is_quiet, needs_log, note_quiet
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
    Link,
    Record,
    Register,
    RunMention,
    observe,
)
from catalog.lineage.runs import RunEvent, attempts, keep, summarise
from catalog.lineage.steps import ABSENT, FOREVER, OPEN, Point, Points, derive, history, insert, value_at
from tests.ledger_entities import entity_facts
from tests.oracle import Entry, Facts, RunFacts


class Edge(NamedTuple):
    """An edge of the graph: its kind, who says so, from where and to where (ids)."""

    kind: str
    origin: str
    source: str
    target: str


class Ledger:
    """Everything the store holds.

    Attributes:
        cells: by subject, then by register id or link key.
        counts: how often each way into the cells was taken.
    """

    def __init__(self) -> None:
        self.subjects: dict[str, Subject] = defaultdict(Subject)
        self.cells: dict[str, dict[str, Cell]] = defaultdict(dict)
        self.logs: dict[str, list[Item]] = defaultdict(list)
        self.counts: Counter[str] = Counter()
        self._entries: set[str] = set()
        self._registers: dict[str, Register] = {}
        self._links: dict[str, Link] = {}
        self._keys: dict[tuple[str, str, str], str] = {}
        self._shapes: dict[str, Any] = {}
        self._names: dict[str, Name] = {}
        self._named: dict[str, Key] = {}
        self._labels: dict[str, str] = {}
        self._runs: dict[str, RunMention] = {}
        self._events: dict[str, list[RunEvent]] = defaultdict(list)
        self._mentions: dict[str, Points] = defaultdict(list)
        self._same_as: dict[str, int] = {}
        self._ruled: dict[str, list[Ruled]] = defaultdict(list)
        self._pairs: dict[str, tuple[Name, Name]] = {}
        self._tables: dict[str, int] = {}
        self._declared: dict[Edge, Points] | None = None

    def apply(self, batch: Iterable[Record]) -> None:
        """One transaction; an entry that was applied before is ignored."""
        items: dict[str, list[Item]] = defaultdict(list)
        for record in batch:
            if record.key in self._entries:
                self.counts["duplicate"] += 1
                continue
            self._entries.add(record.key)
            self._remember(record)
            run = record.run.id if record.run else ""
            for use in record.uses:
                item = Item(record.time, record.rank, record.key, record.sequence, run, use)
                items[use.subject].append(item)
        for subject, own in items.items():
            self._move(subject, own)
        self._declared = None

    def _remember(self, record: Record) -> None:
        for id_, (label, name) in record.names.items():
            self._labels[id_], self._names[id_] = label, name
        self._named.update(record.entities)
        self._registers.update(record.registers)
        self._shapes.update({shape.id: orjson.loads(shape.body) for shape in record.shapes.values()})
        for link in (link for use in record.uses for link in use.links):
            self._links[link.key] = link
            self._keys[link.source, link.kind, link.target] = link.key
        for key, (a, b) in record.same_as.items():
            self._pairs[key] = self._names[a], self._names[b]
            self._same_as[key] = min(record.sequence, self._same_as.get(key, FOREVER))
        for key, ruling in record.rulings.items():
            self._pairs[key] = self._names[ruling.a], self._names[ruling.b]
            self._ruled[key].append(Ruled(record.time, record.key, record.sequence, ruling.same))
        for id_ in record.tables:
            self._tables[id_] = min(record.sequence, self._tables.get(id_, FOREVER))
        if record.run:
            io = next(use.io for use in record.uses if use.subject == record.run.job)
            event = RunEvent(record.time, record.rank, record.sequence, io)
            self._runs[record.run.id] = record.run
            self._events[record.run.id] = keep([*self._events[record.run.id], event])
        for parent in record.parents:
            self._runs[parent.id] = parent
            insert(self._mentions[parent.id], Point(record.time, record.sequence, OPEN))

    def _move(self, id_: str, items: list[Item]) -> None:
        subject, log = self.subjects[id_], self.logs[id_]
        for item in sorted(items, key=lambda item: item[:3]):
            if not is_quiet(subject, item):
                break
            note_quiet(subject, item)
            items.remove(item)
            log.append(item)
            self.counts["quiet"] += 1
        if not items:
            return
        touched = {register for item in items for register in item.use.values}
        cells = {key: cell for key, cell in self.cells[id_].items() if key in self._links or key in touched}
        rebuild = needs_log(subject, cells, items)
        applied = [item for item in log if rebuild and item.t >= rebuild.since]
        runs = {}
        if subject.closes or any(item.use.complete for item in items):
            runs = {item.run: self._run_points(item.run) for item in (*applied, *items)}
        self.counts["rebuilt" if rebuild else "late" if min(items).t <= subject.last_t else "in order"] += 1
        self.counts["closing"] += bool(runs)
        fold(subject, cells, items, runs=runs, rebuild=rebuild, log=applied)
        self.cells[id_].update(cells)
        log.extend(items)

    def _run_points(self, run: str) -> list[RunPoint]:
        points = []
        for t, rank, s, io in self._events.get(run, ()):
            links = frozenset(self._keys[self._runs[run].job, kind, target] for kind, target in self._io(io))
            points.append(RunPoint(t, rank, s, links, bool(io) and self._shapes[io]["complete"]))
        return points

    def _io(self, shape: str) -> set[tuple[str, str]]:
        return {(kind, target) for kind, target in self._shapes[shape]["links"]} if shape else set()

    def facts(self, as_of: int | None = None, known_at: int | None = None) -> Facts:
        """What the cells and runs answer at (asOf, knownAt); None: no bound."""
        at = FOREVER if as_of is None else as_of, FOREVER if known_at is None else known_at
        edges = {edge for edge, points in self._edges() if value_at(points, *at) == OPEN}
        told = [
            (self._registers[key], self._shapes[value])
            for cells in self.cells.values()
            for key, cell in cells.items()
            if key in self._registers and (value := value_at(cell.points, *at))
        ]
        names = self._names
        return Facts(
            reads=frozenset((names[e.source], names[e.target], e.origin) for e in edges if e.kind == READS),
            writes=frozenset((names[e.source], names[e.target], e.origin) for e in edges if e.kind == WRITES),
            fed_by=frozenset((names[e.source], names[e.target], e.origin) for e in edges if e.kind == FED_BY),
            child_of=frozenset((names[e.source], names[e.target]) for e in edges if e.kind == CHILD_OF),
            follows=frozenset((names[e.source], names[e.target]) for e in edges if e.kind == FOLLOWS),
            precedes=frozenset((names[e.source], names[e.target]) for e in edges if e.kind == PRECEDES),
            others=frozenset(self._others(told)),
            maps={(self._speaker(r), names[r.of], r.name): self._sources(body) for r, body in told if r.aspect == MAP},
            schemas={(names[r.of], self._speaker(r), r.name): body for r, body in told if r.aspect == SCHEMA},
            columns={
                (self._speaker(r), names[r.of], r.name): frozenset(
                    ColumnEdge(out, names[dataset], *rest) for out, dataset, *rest in body
                )
                for r, body in told
                if r.aspect == COLUMNS and body
            },
            facets={(self._labels[r.of], names[r.of], r.name): body for r, body in told if r.aspect == FACET},
            forwarded={(names[r.of], names[r.subject], r.name): body for r, body in told if r.aspect == FORWARDED},
            runs=self._run_facts(*at),
            same_as=frozenset(
                (min(pair), max(pair))
                for key, pair in self._pairs.items()
                if value_at(tie(self._same_as.get(key, FOREVER), self._ruled.get(key, ())), FOREVER, at[1]) == OPEN
            ),
            tables=frozenset(names[id_] for id_, s in self._tables.items() if s <= at[1]),
            entities=entity_facts(told, self._named, names),
        )

    def _others(self, told: list[tuple[Register, Any]]) -> Iterator[tuple[Name, Flow, str]]:
        for register, body in told:
            flows = {OTHERS: body, DECLARED: body.get(OTHERS, ()) if register.aspect == DECLARED else ()}
            origin = Origin.DECLARED if register.aspect == DECLARED else register.name
            for kind, job, source in flows.get(register.aspect, ()):
                flow = Flow(self._names[job], kind == FED_BY, self._names[source])
                yield self._names[register.subject], flow, str(origin)

    def _sources(self, body: Any) -> Sources:
        parts = (tuple(sorted(self._names[id_] for id_ in body[part])) for part in ("from", "jobs", "not"))
        return Sources(Basis(body["basis"]), *parts)

    def histories(self) -> dict[object, list[tuple[int, str]]]:
        """What every cell said over time, for someone who knows everything; cells that never said anything left out."""
        told: dict[object, list[tuple[int, str]]] = {
            key: history(cell.points) for cells in self.cells.values() for key, cell in cells.items()
        }
        told.update({edge: history(points) for edge, points in self._edges()})
        return {key: steps for key, steps in told.items() if steps}

    def points(self) -> dict[str, Points]:
        """The points of every cell that has some."""
        return {key: cell.points for cells in self.cells.values() for key, cell in cells.items() if cell.points}

    def _edges(self) -> Iterator[tuple[Edge, Points]]:
        for cells in self.cells.values():
            for key, cell in cells.items():
                if key in self._links:
                    link = self._links[key]
                    yield Edge(link.kind, Origin.OBSERVED, link.source, link.target), cell.points
        if self._declared is None:
            self._declared = dict(self._derived())
        yield from self._declared.items()

    def _derived(self) -> Iterator[tuple[Edge, Points]]:
        """Declared edges follow from the register of the declared set."""
        for id_, register in self._registers.items():
            if register.aspect != DECLARED:
                continue
            points = self.cells[register.subject][id_].points
            for kind, target in set().union(*(self._io(v) for _, _, v in points)):

                def says(value: str, kind: str = kind, target: str = target) -> str:
                    return OPEN if (kind, target) in self._io(value) else ABSENT

                yield Edge(kind, Origin.DECLARED, register.subject, target), derive(points, says)

    def _run_facts(self, as_of: int, known_at: int) -> dict[RunKey, RunFacts]:
        found: dict[RunKey, RunFacts] = {}
        for id_, run in self._runs.items():
            events = [e for e in self._events.get(id_, ()) if e.t <= as_of and e.s <= known_at]
            if events or value_at(self._mentions.get(id_, []), as_of, known_at):
                io = set().union(*(self._io(event.io) for event in events))
                reads, writes = (
                    frozenset(self._names[target] for kind, target in io if kind == wanted)
                    for wanted in (READS, WRITES)
                )
                key = RunKey(self._names[run.job], run.external)
                found[key] = RunFacts(*summarise(events), reads, writes, tuple(a.summary for a in attempts(events)))
        return found

    def _speaker(self, register: Register) -> Name | None:
        return None if register.subject == register.of else self._names[register.subject]


def ledger_of(batches: Iterable[Iterable[Entry]]) -> Ledger:
    """A ledger to which these batches came, in this order."""
    ledger = Ledger()
    for batch in batches:
        ledger.apply([observe(entry.assertions, entry.key, entry.sequence) for entry in batch])
    return ledger
