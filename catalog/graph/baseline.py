"""Copies what was made of entries whose events are not kept any more: a replay of the others goes on from it.

Of each cell those points are copied that such entries told (by event time and sequence), of counts and runs their
part. No replay can prove it any more: it is what the proof begins with.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any

from catalog.clock import DAY
from catalog.graph import entities, entries
from catalog.graph.cells import read_points, register_cell
from catalog.graph.cut import edges_of
from catalog.graph.fingerprint import subjects
from catalog.graph.following import Following
from catalog.graph.queries import blocks
from catalog.graph.reader import Reader
from catalog.graph.runs import part_of, spilled
from catalog.graph.shapes import get_rows, put_rows
from catalog.graph.store import Row, Store, Tx
from catalog.graph.subjects import new_entity
from catalog.graph.ties import put_ties
from catalog.graph.write import Written, write_cells
from catalog.lineage.fold import Cell
from catalog.lineage.observe import Record, Register
from catalog.lineage.retain import Base, only_behind

PAGE = 50
BATCH = 500
_Q = blocks("baseline")
_OF_TIME = frozenset({"lock", "lastT", "maxS", "closes", "signatures", "latest", "latestT"})


def copy_baseline(live: Store, fresh: Store, base: Base) -> Iterator[int]:
    """Copy what is part of a base; yields how many things were, batch by batch. Again is harmless."""
    yield _put(fresh, _Q["put_namespaces"], live.rows(_Q["all_namespaces"]))
    for label in ("Job", "Dataset"):
        for ids in _pages(subjects(live, label)):
            yield _copy_nodes(live, fresh, label, ids, base)
    for ids in _pages(subjects(live, "Job")):
        fresh.write(partial(_put_edges, found=live.read(partial(edges_of, jobs=ids)), base=base))
        yield len(ids)
    for label in ("Job", "Dataset"):
        for ids in _pages(subjects(live, label)):
            yield _copy_registers(live, fresh, ids, base)
    for ids in _pages(subjects(live, "Dataset")):
        yield _copy_names(live, fresh, ids, base) + _copy_samples(live, fresh, ids, base)
    for ids in _pages(subjects(live, "Entity")):
        yield _copy_entities(live, fresh, ids)
    for low in range(1, entries.newest(live) + 1, BATCH):
        yield _copy_runs(live, fresh, list(range(low, low + BATCH)), base)


def _bounds(base: Base) -> dict[str, int]:
    return {"cut": base.cut, **base.emptied._asdict()}


def _pages(ids: Iterator[str]) -> Iterator[list[str]]:
    while some := list(islice(ids, PAGE)):
        yield some


def _copy_nodes(live: Store, fresh: Store, label: str, ids: list[str], base: Base) -> int:
    """Jobs or datasets, their part of the log, and what they said in it."""
    said: dict[str, Row] = {}
    uses = []
    for use in live.read(lambda tx: get_rows(tx, _Q["uses"], ids)):
        part = _Part(use["kept"])
        uses.append((use, part))
        said.setdefault(use["subject"], {}).setdefault(use["id"], part)
    copied = 0
    for subject, parts in said.items():
        for rows in _log(live, subject, parts, base):
            copied += _put(fresh, _Q["put_log"], rows)
    counted = [{"id": use["id"], "kept": part.kept()} for use, part in uses if part.n]
    _copy_shapes(live, fresh, {value for row in counted for value in [*row["kept"]["vals"], row["kept"]["io"]]})
    copied += _put(fresh, _Q["put_uses"], counted)
    newest = entries.newest(live)
    nodes = live.read(lambda tx: get_rows(tx, _Q["jobs"] if label == "Job" else _Q["datasets"], ids))
    for row in nodes:
        kept = {name: value for name, value in row["kept"].items() if name not in _OF_TIME}
        row["kept"] = {**kept, **_past(label, [part for part in said.get(row["id"], {}).values() if part.n], newest)}
    return copied + _put(fresh, _Q["put_jobs"] if label == "Job" else _Q["put_datasets"], nodes)


def _copy_entities(live: Store, fresh: Store, ids: list[str]) -> int:
    """Entities by their keys: those that events alone told of. What is declared of others is told again."""
    found = entities.entities(Reader(live, None), ids)
    rows = [{"id": id_, "new": new_entity(entity.key, id_)} for id_, entity in sorted(found.items())]
    return _put(fresh, blocks("record")["mention_entities"], rows)


class _Part:
    """How often a bundle was said in the base, when first, when and by which run last."""

    def __init__(self, use: Row) -> None:
        self._use = use
        self.n: int = use.get("goneN") or 0
        self.first: int | None = use.get("goneFirst")
        self.last: tuple[int, str] = (use["goneLast"], use["goneRun"]) if self.n else (-1, "")

    def add(self, t: int, run: str) -> None:
        """Count one observation."""
        self.n += 1
        self.first = t if self.first is None else min(self.first, t)
        self.last = max(self.last, (t, run))

    @property
    def days(self) -> tuple[int, int]:
        """From which day to which it was said, in the base or after it."""
        return self._use["first"] // DAY, self._use["last"] // DAY

    @property
    def complete(self) -> bool:
        """Whether it gives its run's complete inputs and outputs."""
        return bool(self._use["complete"])

    def kept(self) -> Row:
        """The properties of the bundle, as they were there."""
        t, run = self.last
        return {**self._use, "n": self.n, "first": self.first, "last": t, "lastRun": run}


def _past(label: str, parts: Sequence[_Part], newest: int) -> Row:
    """What is remembered of a subject's past."""
    if not parts:
        return {}
    past: Row = {"lastT": max(part.last[0] for part in parts), "maxS": newest, "signatures": []}
    past["closes"] = any(part.complete for part in parts)
    latest = max((part.last for part in parts if part.last[1]), default=None)
    return {**past, "latestT": latest[0], "latest": latest[1]} if label == "Job" and latest else past


def _log(live: Store, subject: str, parts: dict[str, _Part], base: Base) -> Iterator[list[Row]]:
    first = min(part.days[0] for part in parts.values())
    last = max(part.days[1] for part in parts.values())
    for day in range(first, min(last, base.until // DAY) + 1):
        after = ""
        while rows := live.rows(_Q["log"], buckets=[f"{subject}|{day}"], after=after, limit=BATCH, **_bounds(base)):
            for row in rows:
                parts[row["kept"]["use"]].add(row["kept"]["t"], row["kept"]["run"])
            yield rows
            after = rows[-1]["id"]


def _put_edges(tx: Tx, found: dict[str, Any], base: Base) -> None:
    out = Written([])
    out.edges = {key: (link, only_behind(points, base)) for key, (link, points) in found.items()}
    write_cells(tx, out)


def _copy_registers(live: Store, fresh: Store, ids: list[str], base: Base) -> int:
    rows = live.read(lambda tx: get_rows(tx, blocks("retention")["registers"], ids))
    out = Written([])

    def follow(tx: Tx) -> None:
        following = Following(tx, {})
        for row in rows:
            register = Register(row["id"], row["subject"], row["aspect"], row["name"], row["of"])
            left = only_behind(read_points(row), base)
            if left or row["mixed"]:
                out.registers[register.id] = (register, Cell(left, mixed=register_cell(row).mixed))
                following.move(register, [], left, out)

    live.read(follow)
    _copy_shapes(live, fresh, {p.v for _, cell in out.registers.values() for p in cell.points})
    fresh.write(lambda tx: write_cells(tx, out))
    return len(out.registers)


def _copy_names(live: Store, fresh: Store, ids: list[str], base: Base) -> int:
    told = []
    for row in live.rows(_Q["same_as"], ids=ids):
        pair = {row["key"]: (row["source"], row["target"])}
        told.append(Record("", row["seen"], 0, 0, terminal=False, producer="", same_as=pair))
    fresh.write(lambda tx: put_ties(tx, told))
    return len(told)


def _copy_samples(live: Store, fresh: Store, ids: list[str], base: Base) -> int:
    copied = 0
    for month in live.read(lambda tx: get_rows(tx, blocks("samples")["sample_months"], ids)):
        after = ""
        bucket = [month["id"]]
        while rows := live.rows(_Q["samples"], buckets=bucket, after=after, limit=BATCH, **_bounds(base)):
            place = {"id": month["id"], "of": rows[0]["kept"]["of"], "month": month["month"]}
            _copy_shapes(live, fresh, {row["kept"]["shape"] for row in rows})
            _put(fresh, blocks("samples")["put_sample_months"], [place])
            copied += _put(fresh, _Q["put_samples"], rows)
            after = rows[-1]["id"]
    return copied


def _copy_runs(live: Store, fresh: Store, sequences: list[int], base: Base) -> int:
    found = {row["id"]: row["kept"] for row in live.rows(_Q["runs"], sequences=sequences)}
    parts = {id_: part for id_, kept in found.items() if (part := part_of(kept, base)) is not None}
    _copy_shapes(live, fresh, {io for part in parts.values() for io in part.get("ios") or ()})
    _copy_shapes(live, fresh, {shape for part in parts.values() for shape in spilled(part)})
    rows = [{"id": id_, "new": {}, "values": part, "job": part["job"]} for id_, part in sorted(parts.items())]

    def put(tx: Tx) -> None:
        put_rows(tx, blocks("record")["put_runs"], rows)
        put_rows(tx, blocks("record")["put_run_of"], [{"id": row["id"], "job": row["job"]} for row in rows])

    fresh.write(put)
    return len(rows)


def _copy_shapes(live: Store, fresh: Store, ids: set[str]) -> None:
    rows = live.read(lambda tx: get_rows(tx, _Q["shapes"], ids - {""}))
    chunks = [f"{row['id']}.{i}" for row in rows for i in range(row["chunks"])]
    for id_ in chunks:
        fresh.write(partial(_put_chunks, rows=live.rows(blocks("inbox")["chunks"], ids=[id_])))
    kept = [{"id": row["id"], "new": {"body": row["body"], "chunks": row["chunks"]}} for row in rows]
    _put(fresh, blocks("record")["put_shapes"], kept)


def _put_chunks(tx: Tx, rows: list[Row]) -> None:
    tx.run(blocks("record")["put_chunks"], rows=rows)


def _put(fresh: Store, text: str, rows: list[Row]) -> int:
    fresh.write(lambda tx: put_rows(tx, text, rows))
    return len(rows)
