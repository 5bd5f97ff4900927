"""Assertions -> records: one event as the rows of the graph's two layers.

The log below gets one observation per subject (the job, and each dataset with shared facets); what a subject asserts
as one bundle is a Use, and each value in it a Shape, both named by their content. The steps above are put together
from the same records by `fold`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

import orjson

from catalog.assets.keys import Key, entity_id
from catalog.identity import DIGEST_BYTES, Name, dataset_id, digest, job_id, run_id
from catalog.lineage.assertions import (
    SCHEMA_FACET,
    Assertions,
    ColumnEdge,
    DatasetAssertion,
    Json,
    Origin,
    Sources,
)
from catalog.lineage.declaring import check_declared, statements
from catalog.lineage.lifecycle import RENAME, spelt, words
from catalog.lineage.models import DEPLOYED, entities_of
from catalog.lineage.samples import samples
from catalog.lineage.steps import ABSENT
from catalog.lineage.wire import check_count

READS = "READS"
WRITES = "WRITES"
CHILD_OF = "CHILD_OF"
FED_BY = "FED_BY"
FOLLOWS = "FOLLOWS"
PRECEDES = "PRECEDES"
ACCUMULATING = frozenset({CHILD_OF, FOLLOWS, PRECEDES})
"""Edges between jobs that no set of inputs and outputs ends."""

SCHEMA = "schema"
COLUMNS = "columns"
MAP = "map"
OTHERS = "others"
DECLARED = "declared"
FACET = "facet"
FORWARDED = "forwarded"
SAMPLE = "sample"
LIFECYCLE = "lifecycle"
CONTAINERS = "containers"


class Shape(NamedTuple):
    """A value by content: canonical JSON under the hash of itself."""

    id: str
    body: bytes


class Register(NamedTuple):
    """A last-write-wins value: who asserts it (`subject`), what it is (`aspect`, `name`), what it describes (`of`)."""

    id: str
    subject: str
    aspect: str
    name: str
    of: str


class Link(NamedTuple):
    """An edge that accumulates, from a job: to datasets, and to jobs that feed, start, precede or follow it."""

    key: str
    kind: str
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Use:
    """What a subject asserted as one bundle; the same bundle again has the same id.

    Attributes:
        label: "Job", "Dataset", "Manifest" or "Entity".
        id: covers all below, and the aliases and parent jobs named beside it, so that a known use brings no new node;
            and whether a run says so, or a declaration.
        values: shape id (or ABSENT for a tombstone) by register id.
        links: accumulating edges.
        io: the shape of inputs and outputs that a run asserted, or "".
        complete: the bundle gives its run's complete inputs and outputs.
    """

    id: str
    subject: str
    label: str
    values: dict[str, str]
    links: tuple[Link, ...]
    io: str
    complete: bool
    producer: str


class RunMention(NamedTuple):
    """A run as an event names it: its own, or a parent's."""

    id: str
    external: str
    job: str


class Ruling(NamedTuple):
    """A person's decision about two datasets: one thing, or two."""

    a: str
    b: str
    same: bool
    by: str
    reason: str


@dataclass(slots=True)
class Record:
    """All rows of one entry.

    Attributes:
        key: the entry's key.
        sequence: its place in the inbox.
        names: natural key and label of each node mentioned, by id.
        parents: the run's parent and root, nearest first.
        run_facets: facets of the run by `run|key`, `input|dataset id|key` or `output|dataset id|key`.
        samples: what is measured, checked or seen of datasets at this moment, by dataset id and role.
        same_as: pairs of dataset ids by edge key, as observed (symlinks).
        tables: the ids of datasets that a symlink calls a table.
        rulings: what a person decided about pairs, by edge key.
        entities: keys of the entities mentioned, by id.
        manifest: name of the manifest that speaks, or "".
        things: how many names, registers and columns it has; facets of the run are counted apart.
    """

    key: str
    sequence: int
    time: int
    rank: int
    terminal: bool
    producer: str
    uses: list[Use] = field(default_factory=list)
    registers: dict[str, Register] = field(default_factory=dict)
    shapes: dict[str, Shape] = field(default_factory=dict)
    names: dict[str, tuple[str, Name]] = field(default_factory=dict)
    run: RunMention | None = None
    parents: list[RunMention] = field(default_factory=list)
    run_facets: dict[str, Json] = field(default_factory=dict)
    same_as: dict[str, tuple[str, str]] = field(default_factory=dict)
    samples: dict[tuple[str, str], Shape] = field(default_factory=dict)
    tables: frozenset[str] = frozenset()
    rulings: dict[str, Ruling] = field(default_factory=dict)
    entities: dict[str, Key] = field(default_factory=dict)
    manifest: str = ""
    things: int = 0
    warnings: tuple[str, ...] = ()


def shape(kind: str, value: Json) -> Shape:
    """A value under the hash of its canonical JSON."""
    body = orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    return Shape(hashlib.blake2b(body, digest_size=DIGEST_BYTES, person=kind.encode()).hexdigest(), body)


def observe(assertions: Assertions, key: str, sequence: int) -> Record:
    """The record of one entry.

    Raises:
        InvalidEvent: it says more than can be written before a store ends the transaction.
    """
    record = Record(
        key=key,
        sequence=sequence,
        time=assertions.time,
        rank=assertions.event_type.rank,
        terminal=assertions.event_type.terminal,
        producer=assertions.producer,
        warnings=assertions.warnings,
    )
    for dataset in assertions.datasets:
        _mention(record, "Dataset", dataset.name)
    for a, b in assertions.symlinks:
        pair = (_mention(record, "Dataset", a), _mention(record, "Dataset", b))
        record.same_as[pair_key(*pair)] = pair
    record.tables = frozenset(_mention(record, "Dataset", name) for name in assertions.tables)
    for a, b, same, by, reason in assertions.verdicts:
        pair = (_mention(record, "Dataset", min(a, b)), _mention(record, "Dataset", max(a, b)))
        record.rulings[pair_key(*pair)] = Ruling(*pair, same, by, reason)
    if assertions.declared or assertions.curated or assertions.manifest:
        _statements(record, assertions)
        return record
    if assertions.job:
        _job(record, assertions, assertions.job)
    _datasets(record, assertions)
    record.samples = {
        (dataset_id(name), role): shape(SAMPLE, facets) for (name, role), facets in samples(assertions).items()
    }
    record.entities = {entity_id(key): key for key in entities_of(assertions.datasets)}
    columns = sum(len(dataset.columns or ()) for dataset in assertions.datasets)
    inferred = sum(dataset.inferred is not None for dataset in assertions.datasets)
    record.things = len(record.names) + len(record.registers) - inferred + columns
    check_count(record.things + len(record.run_facets))
    return record


def _statements(record: Record, said: Assertions) -> None:
    record.things = check_declared(said.declared)
    record.manifest = said.manifest
    uses: dict[tuple[str, str], dict[str, str]] = {}
    for told in statements(said):
        record.entities.update((entity_id(key), key) for key in (told.key, *told.named) if key is not None)
        for label, name in told.things:
            _mention(record, label, name)
        of = told.subject if told.key is None else entity_id(told.key)
        register = _register(record, told.subject, told.aspect, told.name, of)
        value = ABSENT if told.value is None else _keep(record, told.aspect, told.value)
        uses.setdefault((told.label, told.subject), {})[register] = value
    for (label, subject), values in uses.items():
        _use(record, label, subject, values, (), "", False)


def _job(record: Record, said: Assertions, job: Name) -> None:
    subject = _mention(record, "Job", job)
    values: dict[str, str] = {}
    links = [link(READS, subject, _mention(record, "Dataset", name)) for name in said.inputs]
    links += [link(WRITES, subject, _mention(record, "Dataset", name)) for name in said.outputs]
    links += [link(FED_BY, subject, _mention(record, "Job", name)) for name in said.fed_by]
    others = _others(record, said)
    declares = said.origin is Origin.DECLARED
    io = ""
    if links or said.complete or declares:
        body: Json = {"links": sorted([k.kind, k.target] for k in links), "complete": said.complete}
        io = _keep(record, "io", {**body, OTHERS: others} if declares and others else body)
    if declares:
        values[_register(record, subject, DECLARED, "io", subject)] = io
        links, io = [], ""
    elif said.others is not None:
        values[_register(record, subject, OTHERS, said.origin, subject)] = _keep(record, OTHERS, others)
    for dataset in said.datasets:
        _schema(record, values, subject, said.origin, dataset)
    _lineage(record, values, subject, said)
    _facets(record, values, subject, said.job_facets)
    for name, facets in sorted(said.forwarded.items()):
        for key, facet in facets.items():
            register = _register(record, subject, FORWARDED, key, _mention(record, "Job", name))
            values[register] = _keep(record, FACET, facet)
    if said.run:
        record.run = RunMention(run_id(*said.run), said.run.external, subject)
        record.parents = [RunMention(run_id(*p), p.external, _mention(record, "Job", p.job)) for p in said.parents]
        links += [link(CHILD_OF, subject, p.job) for p in record.parents[:1] if p.job != subject]
        links += [link(FOLLOWS, subject, _mention(record, "Job", name)) for name in said.follows]
        links += [link(PRECEDES, subject, _mention(record, "Job", name)) for name in said.precedes]
        record.run_facets = said.facets_of_run
    _use(record, "Job", subject, values, tuple(links), io, said.complete)


def _datasets(record: Record, said: Assertions) -> None:
    by_subject: dict[str, dict[str, str]] = {}
    for name, word in words(said).items():
        subject = _mention(record, "Dataset", name)
        other = {} if word.other is None else {word.other: _mention(record, "Dataset", word.other)}
        values = by_subject.setdefault(subject, {})
        values[_register(record, subject, LIFECYCLE, "", subject)] = _keep(record, LIFECYCLE, spelt(word, other))
        if word.state == RENAME:
            for old in other.values():
                register = _register(record, subject, RENAME, f"{said.origin}:{old}", subject)
                values[register] = _keep(record, RENAME, {"from": old})
    for dataset in said.datasets:
        subject = dataset_id(dataset.name)
        values = by_subject.setdefault(subject, {})
        if dataset.containers is not None:
            above = {"namespace": dataset.name.namespace, "levels": dataset.containers}
            register = _register(record, subject, CONTAINERS, "", subject)
            values[register] = _keep(record, CONTAINERS, above) if dataset.containers else ABSENT
        _facets(record, values, subject, dataset.facets)
        if dataset.role == DEPLOYED and dataset.sources:
            values[_register(record, subject, MAP, Origin.OBSERVED, subject)] = _keep(
                record, MAP, _map(record, dataset.sources)
            )
        if dataset.role == "dataset":
            _facets(record, values, subject, dataset.run_facets)
            _schema(record, values, subject, said.origin, dataset)
            _lineage(record, values, subject, said)
    for subject, values in by_subject.items():
        if values:
            _use(record, "Dataset", subject, values, (), "", False)


def _schema(record: Record, values: dict[str, str], subject: str, origin: Origin, dataset: DatasetAssertion) -> None:
    if dataset.schema is not None or SCHEMA_FACET in dataset.gone:
        register = _register(record, subject, SCHEMA, f"{origin}:{dataset.role}", dataset_id(dataset.name))
        values[register] = ABSENT if dataset.schema is None else _keep(record, SCHEMA, dataset.schema)


def _lineage(record: Record, values: dict[str, str], subject: str, said: Assertions) -> None:
    """Column lineage, and which inputs made which output; None takes the register's value away."""
    for name, edges in said.columns.items():
        register = _register(record, subject, COLUMNS, said.origin, dataset_id(name))
        values[register] = ABSENT if edges is None else _keep(record, COLUMNS, _column_rows(record, edges))
    for name in sorted({d.name for d in said.datasets if d.inferred is not None and said.job}):
        shown = {edge for d in said.datasets if d.name == name for edge in d.inferred or ()}
        register = _register(record, subject, COLUMNS, Origin.INFERRED, dataset_id(name))
        values[register] = _keep(record, COLUMNS, _column_rows(record, shown))
    for name, sources in said.sources.items():
        register = _register(record, subject, MAP, said.origin, dataset_id(name))
        values[register] = ABSENT if sources is None else _keep(record, MAP, _map(record, sources))


def _column_rows(record: Record, edges: Iterable[ColumnEdge]) -> Json:
    return [[e.out, _mention(record, "Dataset", e.dataset), *e[2:]] for e in sorted(edges)]


def _map(record: Record, sources: Sources) -> Json:
    return {
        "basis": sources.basis,
        "from": sorted(_mention(record, "Dataset", name) for name in sources.datasets),
        "jobs": sorted(_mention(record, "Job", name) for name in sources.jobs),
        "not": sorted(_mention(record, "Dataset", name) for name in sources.excluded),
    }


def _others(record: Record, said: Assertions) -> list[list[str]]:
    """Flows into other jobs, as (kind, job, source)."""
    return sorted(
        [FED_BY, _mention(record, "Job", flow.job), _mention(record, "Job", flow.source)]
        if flow.by_job
        else [READS, _mention(record, "Job", flow.job), _mention(record, "Dataset", flow.source)]
        for flow in said.others or ()
    )


def _facets(record: Record, values: dict[str, str], of: str, facets: dict[str, Json]) -> None:
    for key, facet in facets.items():
        register = _register(record, of, FACET, key, of)
        values[register] = ABSENT if facet is None else _keep(record, FACET, facet)


def _mention(record: Record, label: str, name: Name) -> str:
    id_ = dataset_id(name) if label == "Dataset" else job_id(name)
    record.names[id_] = (label, name)
    return id_


def link(kind: str, source: str, target: str) -> Link:
    """The observed edge of one kind between two nodes."""
    return Link(link_key(kind, Origin.OBSERVED, source, target), kind, source, target)


def link_key(kind: str, origin: str, source: str, target: str) -> str:
    """The key of the one edge of a kind that an origin tells of between two nodes."""
    return digest("link", kind, origin, source, target)


def register_id(subject: str, aspect: str, name: str, of: str) -> str:
    """The id of a register."""
    return digest("register", subject, aspect, name, of)


def pair_key(a: str, b: str) -> str:
    """The key of the one edge between two names of a thing, whichever is named first."""
    return digest("same_as", *sorted((a, b)))


def _register(record: Record, subject: str, aspect: str, name: str, of: str) -> str:
    id_ = register_id(subject, aspect, name, of)
    record.registers[id_] = Register(id_, subject, aspect, name, of)
    return id_


def _keep(record: Record, kind: str, value: Json) -> str:
    kept = shape(kind, value)
    record.shapes[kept.id] = kept
    return kept.id


def _use(
    record: Record,
    label: str,
    subject: str,
    values: dict[str, str],
    links: tuple[Link, ...],
    io: str,
    complete: bool,
) -> None:
    beside: list[object] = [sorted(record.same_as), [p.job for p in record.parents]]
    if record.run is None:
        beside.append(Origin.DECLARED)  # a run that says the same is another voice
    if record.tables:
        beside.append(sorted(record.tables))
    bundle = (subject, sorted(values.items()), sorted(k.key for k in links), io, complete, record.producer, beside)
    record.uses.append(Use(digest("use", *bundle), subject, label, values, links, io, complete, record.producer))
