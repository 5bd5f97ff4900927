"""The writing half of `record`: rows of everything that changed, nodes before edges, each list sorted by key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from catalog.clock import DAY
from catalog.graph.cells import SPILL, edge_values, register_values
from catalog.graph.containers import put_containers
from catalog.graph.queries import blocks
from catalog.graph.runs import merged, new_run
from catalog.graph.samples import put_samples
from catalog.graph.shapes import get_rows, put_rows, put_shapes
from catalog.graph.store import Row, Tx
from catalog.graph.subjects import new_dataset, new_entity, new_node
from catalog.graph.ties import put_ties
from catalog.identity import SORT_LENGTH, Name, digest
from catalog.lineage.declaring import DOCUMENT
from catalog.lineage.derived import (
    DATASET_FROM_DATASET,
    DATASET_FROM_FIELD,
    DATASET_WITHIN,
    ENTITY_REFERS,
    FIELD_FROM_FIELD,
    Derived,
)
from catalog.lineage.fold import Cell, Subject
from catalog.lineage.observe import CHILD_OF, FED_BY, FOLLOWS, PRECEDES, READS, WRITES, Link, Record, Register, link_key
from catalog.lineage.runs import RunState
from catalog.lineage.steps import Points, told

_Q = blocks("record")
WIDE = 100
"""With more edges of one job in a batch they are met at their other ends: a job of 10,000 inputs is a hub itself."""

_EDGE_BLOCKS = {
    READS: "put_reads",
    WRITES: "put_writes",
    CHILD_OF: "put_child_of",
    FED_BY: "put_fed_by",
    FOLLOWS: "put_follows",
    PRECEDES: "put_precedes",
}
_DERIVED_BLOCKS = {
    READS: "put_reads",
    WRITES: "put_writes",
    FED_BY: "put_fed_by",
    FIELD_FROM_FIELD: "put_field_from_field",
    DATASET_FROM_FIELD: "put_dataset_from_field",
    DATASET_FROM_DATASET: "put_dataset_from_dataset",
    DATASET_WITHIN: "put_within",
    ENTITY_REFERS: "put_refers",
}
_SUBJECT_BLOCKS = {
    "Job": "put_jobs",
    "Dataset": "put_datasets",
    "Manifest": "put_manifests",
    "Entity": "put_entities",
}
_WIDE_BLOCKS = {"put_reads": "put_reads_of_wide", "put_writes": "put_writes_of_wide"}


@dataclass(slots=True)
class Written:
    """What a batch changes.

    Attributes:
        subjects: what is remembered of those that speak, by label and id.
        loud: keys of the entries that may bring something new; of the others only the log is written.
        latest: the newest run event of each job before the batch, as (time, run id).
        maps: what made an output, by register: the values for the edge that writes it.
    """

    records: list[Record]
    loud: set[str] = field(default_factory=set)
    subjects: dict[str, dict[str, Subject]] = field(default_factory=dict)
    latest: dict[str, tuple[int, str]] = field(default_factory=dict)
    edges: dict[str, tuple[Link, Points]] = field(default_factory=dict)
    registers: dict[str, tuple[Register, Cell]] = field(default_factory=dict)
    derived: dict[str, Derived] = field(default_factory=dict)
    maps: dict[str, tuple[Register, Row]] = field(default_factory=dict)


def write(tx: Tx, out: Written) -> None:
    """Write it all; the caller's transaction makes it one."""
    loud = [r for r in out.records if r.key in out.loud]
    _nodes(tx, loud, out)
    _log(tx, out)
    _runs(tx, out)
    put_samples(tx, out.records)
    _subjects(tx, out)
    _registers(tx, out)
    _edges(tx, loud, out)


def write_cells(tx: Tx, out: Written) -> None:
    """Write registers and edges alone, and the fields between them; all other nodes exist."""
    _fields(tx, out)
    _registers(tx, out)
    _edges(tx, [], out)


def _nodes(tx: Tx, loud: list[Record], out: Written) -> None:
    put_shapes(tx, {id_: kept for r in loud for id_, kept in r.shapes.items()})
    names = {id_: named for r in loud for id_, named in r.names.items()}
    spaces = {name.namespace for _, name in names.values()}
    put_rows(tx, _Q["mention_namespaces"], _sorted(_namespace(n) for n in spaces))
    for label, block in (("Job", "mention_jobs"), ("Dataset", "mention_datasets")):
        done = out.subjects.get(label, {})
        wanted = sorted(id_ for id_, (kind, _) in names.items() if kind == label and id_ not in done)
        new = new_node if label == "Job" else new_dataset
        put_rows(tx, _Q[block], [{"id": id_, "new": new(_name(names, id_), id_)} for id_ in wanted])
    entities = {id_: key for r in loud for id_, key in r.entities.items()}
    put_rows(tx, _Q["mention_entities"], [{"id": i, "new": new_entity(k, i)} for i, k in sorted(entities.items())])
    _fields(tx, out)


def _fields(tx: Tx, out: Written) -> None:
    ends = {end.id: end for edge in out.derived.values() for end in edge.fields}
    rows = [{"id": e.id, "dataset": e.dataset, "path": e.path} for _, e in sorted(ends.items())]
    put_rows(tx, _Q["put_fields"], rows)
    put_containers(tx, (place for edge in out.derived.values() for place in edge.containers))


def _namespace(name: str) -> Row:
    id_ = digest("namespace", name)
    return {"id": id_, "name": name, "ord": f"{name[:SORT_LENGTH]}\n{id_}"}


def _name(names: dict[str, tuple[str, Name]], id_: str) -> Name:
    return names[id_][1]


def _log(tx: Tx, out: Written) -> None:
    observations: list[Row] = []
    uses: dict[str, dict[str, Any]] = {}
    for r in out.records:
        run = r.run.id if r.run else ""
        for use in r.uses:
            observations.append(
                {
                    "id": digest(r.key, use.subject),
                    "bucket": f"{use.subject}|{r.time // DAY}",
                    "t": r.time,
                    "rank": r.rank,
                    "key": r.key,
                    "s": r.sequence,
                    "run": run,
                    "use": use.id,
                }
            )
            row = uses.setdefault(use.id, {"id": use.id, "n": 0, "first": r.time, "last": r.time, "lastRun": run})
            row["n"] += 1
            row["first"] = min(row["first"], r.time)
            row["last"], row["lastRun"] = max((row["last"], row["lastRun"]), (r.time, run))
            row["new"] = {
                "subject": use.subject,
                "label": use.label,
                "registers": sorted(use.values),
                "vals": [use.values[register] for register in sorted(use.values)],
                "io": use.io,
                "parents": [k.target for k in use.links if k.kind == CHILD_OF],
                "follows": [k.target for k in use.links if k.kind == FOLLOWS],
                "precedes": [k.target for k in use.links if k.kind == PRECEDES],
                "complete": use.complete,
                "producer": use.producer,
            }
    put_rows(tx, _Q["put_uses"], _sorted(uses.values()))
    put_rows(tx, _Q["put_obs"], _sorted(observations))


def _runs(tx: Tx, out: Written) -> None:
    own: dict[str, list[Record]] = {}
    for r in out.records:
        if r.run:
            own.setdefault(r.run.id, []).append(r)
    if not own:
        return
    stored = {row["id"]: row for row in get_rows(tx, _Q["load_runs"], own)}
    rows: list[Row] = []
    stubs: dict[str, Row] = {}
    for id_, records in own.items():
        values, shapes = merged(stored.get(id_), records)
        put_shapes(tx, shapes)
        run = records[0].run
        assert run is not None
        rows.append({"id": id_, "new": new_run(run), "values": values})
        known = {stored[id_]["parent"], stored[id_]["root"]} if id_ in stored else set()
        for r in records:
            for parent in (p for p in r.parents if p.id not in known):
                unseen = {"state": RunState.UNKNOWN.value, "heard": r.sequence, "facets": "{}"}
                stubs[parent.id] = {"id": parent.id, "job": parent.job, "new": {**new_run(parent), **unseen}}
    put_rows(tx, _Q["put_runs"], _sorted(rows))
    stub_rows = _sorted(row for id_, row in stubs.items() if id_ not in own)
    put_rows(tx, _Q["mention_runs"], stub_rows)
    fresh = [{"id": row["id"], "job": row["new"]["job"]} for row in rows if row["id"] not in stored]
    put_rows(tx, _Q["put_run_of"], _sorted([*fresh, *({"id": r["id"], "job": r["job"]} for r in stub_rows)]))


def _subjects(tx: Tx, out: Written) -> None:
    for r in out.records:
        if r.run:
            out.latest[r.run.job] = max(out.latest[r.run.job], (r.time, r.run.id))
    for label, subjects in out.subjects.items():
        rows = []
        for id_, subject in subjects.items():
            values = _past(subject)
            t, run = out.latest.get(id_, (0, ""))
            if run:
                values.update({"latestT": t, "latest": run})
            rows.append({"id": id_, "values": values})
        put_rows(tx, _Q[_SUBJECT_BLOCKS[label]], _sorted(rows))


def _past(subject: Subject) -> dict[str, Any]:
    return {
        "lastT": subject.last_t,
        "maxS": subject.max_s,
        "closes": subject.closes,
        "signatures": subject.signatures,
    }


def _registers(tx: Tx, out: Written) -> None:
    rows = []
    for id_, (register, cell) in out.registers.items():
        new = {"subject": register.subject, "aspect": register.aspect, "name": register.name, "of": register.of}
        if register.aspect == DOCUMENT:
            new["manifest"] = register.subject
        said = told(cell.points)
        cur, since = (said[-1].v, said[-1].t) if said else ("", None)
        values = {**register_values(cell.points), "mixed": cell.mixed, "cur": cur, "since": since}
        rows.append({"id": id_, "new": new, "values": values})
    once: dict[int, Row] = {}  # edges that follow from one register share their list
    for key, points in [*((k, p) for k, (_, p) in out.edges.items()), *((k, d.points) for k, d in out.derived.items())]:
        if len(points) > SPILL:
            lists = once.get(id(points)) or once.setdefault(id(points), register_values(points))
            rows.append({"id": key, "new": {"aspect": "edge"}, "values": {**lists, "mixed": True}})
    put_rows(tx, _Q["put_registers"], _sorted(rows))


def _edges(tx: Tx, loud: list[Record], out: Written) -> None:
    by_block: dict[str, list[Row]] = {}
    for key, (link, points) in out.edges.items():
        row = {"key": key, "source": link.source, "target": link.target, "values": edge_values(points, "O")}
        by_block.setdefault(_EDGE_BLOCKS[link.kind], []).append(row)
    for key, edge in out.derived.items():
        row = {"key": key, "source": edge.source, "target": edge.target}
        row["values"] = {**edge.values, **edge_values(edge.points, edge.origin)}
        by_block.setdefault(_DERIVED_BLOCKS[edge.kind], []).append(row)
    for block, wide in _WIDE_BLOCKS.items():
        rows = by_block.pop(block, [])
        counts = Counter(row["source"] for row in rows)
        by_block[wide] = [row for row in rows if counts[row["source"]] > WIDE]
        by_block[block] = [row for row in rows if counts[row["source"]] <= WIDE]
    for block, rows in sorted(by_block.items()):
        put_rows(tx, _Q[block], sorted(rows, key=lambda row: (row["source"], row["target"], row["key"])))
    _maps(tx, out)
    put_ties(tx, loud)


def _maps(tx: Tx, out: Written) -> None:
    """The edge is there: whoever tells what made an output tells that it was written."""
    rows = []
    for register, values in out.maps.values():
        key = link_key(WRITES, register.name, register.subject, register.of)
        rows.append({"key": key, "source": register.subject, "target": register.of, "values": values})
    put_rows(tx, _Q["put_maps"], sorted(rows, key=lambda row: (row["source"], row["target"], row["key"])))


def _sorted(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: row["id"])
