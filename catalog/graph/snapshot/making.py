"""What was read for a snapshot, put together thing by thing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from catalog.assets.attributes import SETS, Held
from catalog.assets.keys import Key, Kind, dataset_of, entity_id, job_of
from catalog.checks.snapshot import ColumnEdge, Observed, Run, Thing, Training
from catalog.graph.attributes import Declaration, Description, Spoken, Voices, described, keys_of, origin_of
from catalog.graph.attributes import Thing as Where
from catalog.graph.snapshot import columns, kinds, measured, trained
from catalog.graph.snapshot.flows import Flows
from catalog.graph.snapshot.kinds import Group
from catalog.graph.snapshot.nodes import Nodes
from catalog.graph.snapshot.runs import Runs
from catalog.graph.snapshot.saying import Saying
from catalog.graph.snapshot.times import Hearing, Times, earliest, latest
from catalog.graph.snapshot.trained import TrainingRun
from catalog.identity import Name, dataset_id, digest
from catalog.lineage.facets.job import SourceLocation
from catalog.lineage.facets.known import DATASET, JOB, read_facet
from catalog.lineage.schemas import United, unite

SOURCE_CODE = "sourceCodeLocation"
Values = dict[str, tuple[dict[str, Any], dict[str, str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """Everything that was read for a snapshot.

    Attributes:
        thing: the id of the thing that each dataset or job is.
        valid: documents of model versions and deployments, by entity: as of now, since they tell of the past by
            intervals.
        seen: what events say, by dataset or job.
        erased: when each dataset was dropped or truncated last.
        states: runs by id.
        training: ids of the runs that wrote a model version, by thing; `training_runs` are those by id.
    """

    nodes: Nodes
    groups: list[Group]
    thing: Mapping[str, str]
    flows: Flows
    saying: Saying
    said: Spoken
    valid: Mapping[str, tuple[Declaration, ...]]
    seen: Mapping[str, Voices]
    heard: Hearing
    erased: Mapping[str, int]
    runs: Runs
    states: Mapping[str, Run]
    measured: measured.Measured
    column_edges: tuple[ColumnEdge, ...]
    training: Mapping[str, set[str]]
    training_runs: Mapping[str, TrainingRun]


class Making:
    """Makes the things of a snapshot.

    Args:
        now: the time (µs) at which aliases and deployments are asked about.
    """

    def __init__(self, read: Read, now: int) -> None:
        self._read = read
        self._now = now

    def things(self) -> Iterator[Thing]:
        """All that anybody had told of by the moment."""
        read = self._read
        standing = set()
        for group in read.groups:
            if thing := self._dataset(group):
                yield thing
            if kinds.is_model(group.ids[0], read.saying):
                standing.add(Key(Kind.MODEL, *group.names[0]))
        for id_, heard in read.nodes.jobs.items():
            key = Key(Kind.PIPELINE, *heard.name)
            if thing := self._thing(id_, key, Where((entity_id(key),), (id_,), JOB), (heard.name,)):
                yield thing
        for id_, key in read.nodes.entities.items():
            if dataset_of(key) is None and job_of(key) is None:
                stands = (dataset_id(Name(key.namespace, key.name)),) if key in standing else ()
                if thing := self._thing(id_, key, Where((id_,), stands)):
                    yield thing

    def _dataset(self, group: Group) -> Thing | None:
        """A dataset, unless it only stands for a model."""
        own = tuple(dict.fromkeys(entity_id(key) for name in group.names for key in keys_of(name)))
        flowing = any(id_ in self._flowing for id_ in group.ids)
        if not flowing and not self._is_spoken_of(own) and kinds.is_model(group.ids[0], self._read.saying):
            return None
        return self._thing(group.ids[0], group.key, Where(own, group.ids, DATASET), group.names)

    def _thing(self, id_: str, key: Key, where: Where, names: tuple[Name, ...] = ()) -> Thing | None:
        """A thing as all say it is; None if nobody had told of it by the moment."""
        united = unite(self._read.saying.tellings(where.nodes)) if where.place == DATASET else []
        observed = self._observed(id_, key, where, united)
        touched = self._touched.get(id_, ())
        if (
            observed.first is None
            and not touched
            and id_ not in self._flowing
            and not self._is_spoken_of(where.entities)
        ):
            return None
        description = described(where, self._read.said, self._read.seen)
        values = _values(description)
        attributes, entries = values.pop("", ({}, {}))
        first = min(description.declarations, key=lambda d: (origin_of(d.manifest), d.manifest), default=None)
        return Thing(
            id=id_,
            key=key,
            names=names,
            declared=first is not None,
            seen=observed.first is not None,
            attributes=attributes,
            entries=entries,
            document=first.document if first else {},
            manifest=first.manifest if first else "",
            columns=columns.columns(united, values, touched),
            observed=observed,
        )

    def _observed(self, id_: str, key: Key, where: Where, united: list[United]) -> Observed:
        read, nodes = self._read, where.nodes
        heard = [read.heard.times.get(node, Times()) for node in nodes]
        sights = [self._sights.get(node) for node in nodes] + [read.saying.first(node) for node in nodes]
        shape = sorted((".".join(column.path), column.type or "") for column in united)
        samples = read.measured.of(nodes) if where.place == DATASET else []
        documents = [d for entity in where.entities for d in read.valid.get(entity, ())]
        version = key.kind is Kind.MODEL_VERSION
        deployed = key.kind is Kind.DEPLOYMENT
        word = trained.newest_word(self._runs_of(id_)) if version else None
        ran = [run for node in nodes for run in read.runs.of.get(node, ())] if where.place == JOB else []
        return Observed(
            first=earliest(*sights, *(one.first for one in heard if where.place != DATASET)),
            last=latest(*(one.last for one in heard)),
            written=latest(*(one.written for one in heard)),
            read=latest(*(one.read for one in heard)),
            writes=read.runs.times_written(nodes),
            rows=measured.rows_over_time(samples),
            checks=measured.newest_checks(samples),
            schema=digest("columns", shape) if shape else "",
            source_code=self._source_code(where),
            runs=tuple(read.states[run] for run in ran if run in read.states),
            aliases=trained.aliases(trained.version_key(key), read.saying, documents, self._now) if version else (),
            training=self._training(id_, documents) if version else (),
            metrics=tuple(sorted(word.metrics.items())) if word else (),
            code_version=(word.code_version or "") if word else "",
            serves=trained.serves(nodes, read.saying, documents, self._now, read.thing) if deployed else (),
            dropped=latest(*(read.erased.get(node) for node in nodes)),
        )

    def _training(self, id_: str, documents: Iterable[Declaration]) -> tuple[Training, ...]:
        read = self._read

        def leading(source: str, job: str) -> tuple[str, ...]:
            edges = (e for e in self._into.get(id_, ()) if e.source.thing == source and e.job == job)
            return tuple(sorted({edge.source.column for edge in edges}))

        found = set(trained.declared_training(documents, read.thing))
        found.update(trained.observed_training(self._runs_of(id_), read.thing, leading))
        return tuple(sorted(found, key=repr))

    def _runs_of(self, id_: str) -> list[TrainingRun]:
        """The runs that wrote a model version."""
        known = self._read.training_runs
        return [known[run] for run in sorted(self._read.training.get(id_, ())) if run in known]

    def _source_code(self, where: Where) -> str:
        for id_ in where.nodes if where.place == JOB else ():
            if told := self._read.saying.facets(id_).get(SOURCE_CODE):
                location = read_facet(JOB, SOURCE_CODE, self._read.saying.bodies[told.value])
                if isinstance(location, SourceLocation) and (found := location.url or location.repo_url):
                    return found
        return ""

    def _is_spoken_of(self, entities: Iterable[str]) -> bool:
        return any(id_ in self._read.said.of for id_ in entities)

    @cached_property
    def _flowing(self) -> set[str]:
        """Things that are ends of edges that hold."""
        ends = (end for flow in self._read.flows.all if flow.holds for end in (flow.source, flow.target))
        return {self._read.thing.get(end, end) for end in ends}

    @cached_property
    def _sights(self) -> dict[str, int]:
        return self._read.flows.first_sights()

    @cached_property
    def _touched(self) -> dict[str, set[str]]:
        """The columns that column lineage names, by thing."""
        found: dict[str, set[str]] = {}
        for edge in self._read.column_edges:
            for place in (edge.source, edge.target):
                found.setdefault(place.thing, set()).add(place.column)
        return found

    @cached_property
    def _into(self) -> dict[str, list[ColumnEdge]]:
        """Column edges by the thing they lead to."""
        found: dict[str, list[ColumnEdge]] = {}
        for edge in self._read.column_edges:
            found.setdefault(edge.target.thing, []).append(edge)
        return found


def _values(description: Description) -> Values:
    """Values and the entries that they rest on, by column and attribute."""
    found: Values = {}
    for column, attributes in description.values.items():
        values = {attribute: _value(attribute, held) for attribute, held in attributes.items()}
        entries = {attribute: entry for attribute, held in attributes.items() if (entry := _entry(held))}
        found[column] = (values, entries)
    return found


def _value(attribute: str, held: tuple[Held, ...]) -> Any:
    return [one.value for one in held] if attribute in SETS else held[0].value


def _entry(held: tuple[Held, ...]) -> str:
    return next((one.voice.entry for one in held if one.voice.entry), "")
