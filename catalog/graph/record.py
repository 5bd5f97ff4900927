"""Writes a batch of records into both layers, in the transaction that settles their entries.

The order is part of the law: the shard's guard first, then the guards of the subjects (sorted), then reads, then writes
(nodes before edges), the entries' states last. Everything is computed inside the transaction body, which may run twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from catalog.assets.keys import Key
from catalog.clock import DAY
from catalog.graph.cells import is_spilled, read_points, register_cell
from catalog.graph.following import Following
from catalog.graph.inbox import Settled, settle, token, waiting
from catalog.graph.leases import Claim, finish, hold
from catalog.graph.queries import blocks
from catalog.graph.runs import run_event, run_events
from catalog.graph.shapes import get_rows, put_rows
from catalog.graph.store import Row, Store, Tx
from catalog.graph.subjects import new_dataset, new_entity, new_manifest, new_node
from catalog.graph.write import Written, write
from catalog.identity import Name
from catalog.lineage.fold import Cell, Item, RunPoint, Subject, fold, is_quiet, needs_log, note_quiet
from catalog.lineage.observe import ACCUMULATING, Link, Record, Register, Shape, Use, link
from catalog.lineage.runs import RunEvent
from catalog.lineage.steps import FOREVER, Points

_Q = blocks("record")
_GUARDS = {"Job": "guard_jobs", "Dataset": "guard_datasets", "Manifest": "guard_manifests", "Entity": "guard_entities"}
"""The subjects that observations are told of, in the order in which they are locked."""


def record(
    store: Store, claim: Claim, records: Sequence[Record], settled: Sequence[Settled], *, now: int, lease: int
) -> int:
    """Apply records and settle their entries, all or nothing; returns how many entries were settled by this call.

    An entry that is settled already is left alone: delivering a batch twice, or an entry twice in one, is harmless.

    Raises:
        LeaseLost, StoreUnavailable, Conflict: nothing was written, and the claim is as it was.
    """
    once = {r.key: r for r in records}
    ends = {s.key: s for s in settled}
    window, done = dict(claim.window), set(claim.done)

    def work(tx: Tx) -> int:
        claim.window, claim.done = dict(window), set(done)
        hold(tx, claim)
        live = waiting(tx, ends)
        fresh = [r for key, r in once.items() if key in live]
        if fresh:
            write(tx, _Batch(tx, fresh).folded())
        ended = [s for key, s in ends.items() if key in live]
        settle(tx, ended, now)
        finish(tx, claim, ended, now + lease)
        return len(live)

    try:
        return store.write(work)
    except BaseException:
        claim.window, claim.done = window, done
        raise


@dataclass(slots=True)
class _Told:
    """One subject's part of a batch."""

    subject: Subject
    quiet: list[Item] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    cells: dict[str, Cell] = field(default_factory=dict)


class _Batch:
    def __init__(self, tx: Tx, records: list[Record]) -> None:
        self.tx = tx
        self.records = records
        self.registers: dict[str, Register] = {}
        self.links: dict[str, Link] = {}
        self.shapes: dict[str, Shape] = {}
        self.names: dict[str, Name] = {}
        self.entities: dict[str, Key] = {}
        for r in records:
            self.names.update((id_, name) for id_, (_, name) in r.names.items())
            self.entities.update(r.entities)
            self.registers.update(r.registers)
            self.shapes.update(r.shapes)
            self.links.update((k.key, k) for use in r.uses for k in use.links)
        self.following = Following(tx, self.shapes)

    def folded(self) -> Written:
        """Read what is there, fold the batch into it, and say what must be written."""
        by_label = self._by_subject()
        out = Written(self.records)
        guarded = {label: self._guard(label, by_label[label], out) for label in _GUARDS}
        jobs = guarded["Job"]
        loud = {id_: told for some in guarded.values() for id_, told in some.items() if told.items}
        out.loud = {item.key for told in loud.values() for item in told.items}
        out.loud |= {r.key for r in self.records if not r.uses}
        self._load_cells(jobs, loud)
        before = {id_: {k: (list(c.points), c.mixed) for k, c in told.cells.items()} for id_, told in loud.items()}
        for id_, told in loud.items():
            self._fold(id_, told)
        for id_, told in loud.items():
            self._changes(told, before[id_], out)
        out.subjects = {label: {id_: told.subject for id_, told in some.items()} for label, some in guarded.items()}
        return out

    def _by_subject(self) -> dict[str, dict[str, list[Item]]]:
        found: dict[str, dict[str, list[Item]]] = {label: {} for label in _GUARDS}
        for r in self.records:
            for use in r.uses:
                run = r.run.id if r.run else ""
                item = Item(r.time, r.rank, r.key, r.sequence, run, use)
                found[use.label].setdefault(use.subject, []).append(item)
        return found

    def _guard(self, label: str, items: dict[str, list[Item]], out: Written) -> dict[str, _Told]:
        rows = [{"id": id_, "new": self._new(label, id_)} for id_ in sorted(items)]
        found = {}
        for row in put_rows(self.tx, _Q[_GUARDS[label]], rows, token=token()):
            last_t = row["lastT"] if row["lastT"] is not None else -FOREVER
            subject = Subject(last_t, row["maxS"] or 0, bool(row["closes"]), list(row["signatures"] or ()))
            told = found[row["id"]] = _Told(subject)
            if label == "Job":
                latest_t = row["latestT"] if row["latestT"] is not None else -FOREVER
                out.latest[row["id"]] = (latest_t, row["latest"] or "")
            for item in sorted(items[row["id"]], key=lambda i: i[:3]):
                if not told.items and is_quiet(subject, item):
                    note_quiet(subject, item)
                    told.quiet.append(item)
                else:
                    told.items.append(item)
        return found

    def _new(self, label: str, id_: str) -> dict[str, Any]:
        """What a subject's node is made with."""
        if label == "Manifest":
            return new_manifest(next(r.manifest for r in self.records if any(u.subject == id_ for u in r.uses)))
        if label == "Entity":
            return new_entity(self.entities[id_], id_)
        return (new_node if label == "Job" else new_dataset)(self.names[id_], id_)

    def _load_cells(self, jobs: dict[str, _Told], loud: dict[str, _Told]) -> None:
        sources = sorted(id_ for id_ in loud if id_ in jobs)
        spilled: dict[str, Cell] = {}
        for row in get_rows(self.tx, _Q["load_edges"], sources):
            cell = Cell(read_points(row), closable=row["kind"] not in ACCUMULATING)
            loud[row["source"]].cells[row["key"]] = cell
            self.links[row["key"]] = Link(row["key"], row["kind"], row["source"], row["target"])
            if is_spilled(row):
                spilled[row["key"]] = cell
        owners = {reg: told for told in loud.values() for item in told.items for reg in item.use.values}
        for row in self._registers({*owners, *spilled}):
            if row["id"] in spilled:
                spilled[row["id"]].points = read_points(row)
            else:
                owners[row["id"]].cells[row["id"]] = register_cell(row)

    def _registers(self, ids: set[str]) -> list[Row]:
        return get_rows(self.tx, _Q["load_registers"], ids)

    def _fold(self, id_: str, told: _Told) -> None:
        rebuild = needs_log(told.subject, told.cells, told.items)
        closes = told.subject.closes or any(item.use.complete for item in told.items)
        log: list[Item] = []
        if rebuild:
            log = self._log(id_, rebuild.since, told.subject.last_t, links=closes)
            log += [item for item in told.quiet if item.t >= rebuild.since]
        runs = self._run_points(id_, {i.run for i in [*log, *told.items] if i.run}) if closes else {}
        fold(told.subject, told.cells, told.items, runs=runs, rebuild=rebuild, log=log)

    def _log(self, subject: str, since: int, until: int, *, links: bool) -> list[Item]:
        """The applied observations of a time; what they linked is needed only where edges may have to close."""
        days = range(since // DAY, until // DAY + 1)
        rows: list[Row] = []
        for at in range(0, len(days), 2_000):
            buckets = [f"{subject}|{day}" for day in days[at : at + 2_000]]
            rows += self.tx.run(_Q["load_log"], buckets=buckets, since=since)
        uses = {r["id"]: r for r in get_rows(self.tx, _Q["load_uses"], {row["use"] for row in rows})}
        if links:
            self.following.need({u["io"] for u in uses.values()})
        known = {id_: self._use(row) for id_, row in uses.items()}
        return [Item(r["t"], r["rank"], r["key"], r["s"], r["run"], known[r["use"]]) for r in rows]

    def _use(self, row: Row) -> Use:
        values = dict(zip(row["registers"], row["vals"], strict=True))
        listed = self.following.bodies.get(row["io"], {}).get("links", ())
        links = tuple(link(kind, row["subject"], target) for kind, target in listed)
        return Use(row["id"], row["subject"], row["label"], values, links, row["io"], row["complete"], row["producer"])

    def _run_points(self, job: str, ids: set[str]) -> dict[str, list[RunPoint]]:
        told: dict[str, list[RunEvent]] = {id_: [] for id_ in ids}
        for row in get_rows(self.tx, _Q["load_runs"], ids):
            told[row["id"]] = run_events(row)
        for r in self.records:
            if r.run and r.run.id in ids:
                told[r.run.id].append(run_event(r))
        self.following.need({event.io for events in told.values() for event in events})
        return {id_: [self._run_point(job, event) for event in events] for id_, events in told.items()}

    def _run_point(self, job: str, event: RunEvent) -> RunPoint:
        body: dict[str, Any] = self.following.bodies[event.io] if event.io else {"links": [], "complete": False}
        keys = frozenset(link(kind, job, target).key for kind, target in body["links"])
        return RunPoint(event.t, event.rank, event.s, keys, body["complete"])

    def _changes(self, told: _Told, before: dict[str, tuple[Points, bool]], out: Written) -> None:
        """What to write; an edge is written even if it was closed before anyone could see it, so that the terminal
        events of runs that asserted it find it.
        """
        for key, cell in told.cells.items():
            old, was_mixed = before.get(key, ([], False))
            register = self.registers.get(key)
            if register is None:
                if cell.points != old or key not in before:
                    out.edges[key] = (self.links[key], cell.points)
            elif cell.points != old or cell.mixed != was_mixed:
                out.registers[key] = (register, cell)
                self.following.move(register, old, cell.points, out)
