"""One reading of the graph for one snapshot: what is read in bulk, put together thing by thing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from catalog.assets.attributes import SCALE, SETS, Held
from catalog.assets.keys import Key, Kind, dataset_of, entity_id, job_of
from catalog.checks.snapshot import ColumnEdge, Observed, Snapshot, Thing
from catalog.graph import retention
from catalog.graph.attributes import Description, described, keys_of, observed, origin_of, spoken
from catalog.graph.attributes import Thing as Names
from catalog.graph.identity import closures
from catalog.graph.reader import Question, Reader
from catalog.graph.sight import entry_keys
from catalog.graph.snapshot import columns, flows, kinds, nodes, reach, times
from catalog.graph.snapshot.kinds import Group
from catalog.graph.snapshot.nodes import Nodes
from catalog.graph.snapshot.saying import Saying
from catalog.graph.walk import Moment
from catalog.identity import Name, dataset_id, digest, job_id
from catalog.lineage.facets.job import SourceLocation
from catalog.lineage.facets.known import DATASET, JOB, read_facet
from catalog.lineage.facets.model import DEPLOYMENT, MODEL
from catalog.lineage.schemas import unite
from catalog.manifest.voices import FACETS

SOURCE_CODE = "sourceCodeLocation"
_SHOWN = frozenset({*FACETS, MODEL, DEPLOYMENT, SOURCE_CODE})
Values = dict[str, tuple[dict[str, Any], dict[str, str]]]


class Reading:
    """Reads one snapshot.

    Args:
        moment: whose `known_at` is set.
        at: what `now` is for policies (µs).
    """

    def __init__(self, reader: Reader, moment: Moment, at: int) -> None:
        assert moment.known_at is not None
        self._reader = reader
        self._moment = moment
        self._known = moment.known_at
        self._at = at
        self._unknown: list[str] = []

    def whole(self) -> Snapshot:
        """The whole catalog."""
        return self._read(nodes.all_nodes(self._reader), whole=True)

    def part(self, things: Collection[str], most: int) -> Snapshot:
        """Some things with all upstream of them; the whole where that is more than `most` nodes."""
        found = self._reader.ask(lambda q: self._part(q, set(things), most))
        return self.whole() if found is None else self._read(found, whole=False)

    def _part(self, q: Question, ids: set[str], most: int) -> Nodes | None:
        asked = nodes.some_nodes(q, ids, ids, ids)
        datasets = {*asked.datasets, *(dataset_id(n) for k in asked.entities.values() if (n := dataset_of(k)))}
        jobs = {*asked.jobs, *(job_id(n) for k in asked.entities.values() if (n := job_of(k)))}
        reached = reach.upstream_of(q, datasets, jobs, most)
        if reached is None:
            return None
        near = nodes.some_nodes(q, reached.datasets, reached.jobs, ())
        own = {entity_id(k) for heard in near.datasets.values() for k in keys_of(heard.name)}
        own |= {entity_id(Key(Kind.PIPELINE, *heard.name)) for heard in near.jobs.values()}
        return nodes.some_nodes(q, near.datasets, near.jobs, own)

    def _read(self, found: Nodes, *, whole: bool) -> Snapshot:
        moment, ask = self._moment, self._reader.ask
        ids = {*found.datasets, *found.jobs}
        kept = retention.kept(self._reader.store)
        names = closures(self._reader, found.datasets, moment)
        if not all(closure.complete for closure in names.values()):
            self._unknown.append("not all names of every dataset could be read")
        self._flows = ask(lambda q: flows.flows(q, found.jobs, found.datasets, moment))
        self._saying = ask(lambda q: Saying(q, ids, moment, _shown))
        self._said = ask(lambda q: spoken(q, {*found.entities, entity_id(SCALE)}, moment))
        self._times = ask(lambda q: times.times(q, {**found.datasets, **found.jobs}, moment, kept))
        self._sights = self._flows.first_sights()
        datasets = {id_: heard.name for id_, heard in found.datasets.items()}
        self._groups = kinds.groups(names, datasets, self._said.of, self._saying)
        self._things = {name: group.ids[0] for group in self._groups for name in group.ids}
        self._things |= {id_: id_ for id_ in found.jobs}
        sequences = {w.points[-1].s for id_ in ids for w in self._saying.facets(id_).values() if _shown(w.name)}
        self._entries = entry_keys(self._reader, sequences)
        self._seen = {
            id_: observed(JOB if id_ in found.jobs else DATASET, self._saying.told(id_, self._entries)) for id_ in ids
        }
        declared = (one for some in self._said.of.values() for one in some.declarations)
        self._columns, lost = columns.column_edges(self._saying, declared, self._things)
        self._touched = _touched(self._columns)
        made = {thing.id: thing for thing in self._made(found)}
        things = {id_: made[id_] for id_ in sorted(made)}
        known = {node: thing for node, thing in self._things.items() if thing in things}
        if self._flows.hidden or (lost and whole):
            self._unknown.append(f"{self._flows.hidden + lost} edges lead to what may not be seen")
        return Snapshot(
            at=self._at,
            as_of=moment.as_of,
            known_at=self._known,
            things=things,
            edges=flows.edges(self._flows.all, known),
            column_edges=tuple(e for e in self._columns if e.source.thing in things and e.target.thing in things),
            whole=whole,
            unknown=tuple(self._unknown),
        )

    def _made(self, found: Nodes) -> Iterator[Thing]:
        named = {flow.source for flow in self._flows.all if flow.holds}
        named |= {flow.target for flow in self._flows.all if flow.holds}
        standing = set()
        for group in self._groups:
            thing = self._dataset(group, named)
            if thing is not None:
                yield thing
            if kinds.is_model(group.ids[0], self._saying):
                standing.add(Key(Kind.MODEL, *group.names[0]))
        for id_, heard in found.jobs.items():
            key = Key(Kind.PIPELINE, *heard.name)
            thing = self._thing(id_, key, Names((entity_id(key),), (id_,), JOB), (heard.name,), id_ in named)
            if thing is not None:
                yield thing
        for id_, key in found.entities.items():
            if dataset_of(key) is None and job_of(key) is None:
                nodes_ = (dataset_id(Name(key.namespace, key.name)),) if key in standing else ()
                thing = self._thing(id_, key, Names((id_,), nodes_), (), False)
                if thing is not None:
                    yield thing

    def _dataset(self, group: Group, named: Collection[str]) -> Thing | None:
        entities = dict.fromkeys(entity_id(key) for name in group.names for key in keys_of(name))
        held = any(id_ in named for id_ in group.ids)
        if (
            not held
            and kinds.is_model(group.ids[0], self._saying)
            and not any(id_ in self._said.of for id_ in entities)
        ):
            return None
        return self._thing(group.ids[0], group.key, Names(tuple(entities), group.ids, DATASET), group.names, held)

    def _thing(self, id_: str, key: Key, where: Names, names: tuple[Name, ...], held: bool) -> Thing | None:
        """A thing as all say it is; None if nobody had told of it by the moment."""
        description = described(where, self._said, self._seen)
        heard = self._observed(key, where)
        spoken_of = any(entity in self._said.of for entity in where.entities)
        touched = self._touched.get(id_, ())
        if heard.first is None and not spoken_of and not held and not touched:
            return None
        values = _values(description)
        attributes, entries = values.pop("", ({}, {}))
        first = min(description.declarations, key=lambda d: (origin_of(d.manifest), d.manifest), default=None)
        united = unite(self._saying.tellings(where.nodes)) if where.place == DATASET else []
        return Thing(
            id=id_,
            key=key,
            names=names,
            declared=first is not None,
            seen=heard.first is not None,
            attributes=attributes,
            entries=entries,
            document=first.document if first else {},
            manifest=first.manifest if first else "",
            columns=columns.columns(united, values, touched),
            observed=heard,
        )

    def _observed(self, key: Key, where: Names) -> Observed:
        heard = [self._times[id_] for id_ in where.nodes if id_ in self._times]
        sights = [self._sights.get(id_) for id_ in where.nodes] + [self._saying.first(id_) for id_ in where.nodes]
        united = unite(self._saying.tellings(where.nodes)) if where.place == DATASET else []
        shape = sorted((".".join(column.path), column.type or "") for column in united)
        return Observed(
            first=times.earliest(*sights, *(one.first for one in heard if where.place != DATASET)),
            last=times.latest(*(one.last for one in heard)),
            written=times.latest(*(one.written for one in heard)),
            read=times.latest(*(one.read for one in heard)),
            schema=digest("columns", shape) if shape else "",
            source_code=self._source_code(where),
        )

    def _source_code(self, where: Names) -> str:
        for id_ in where.nodes if where.place == JOB else ():
            if told := self._saying.facets(id_).get(SOURCE_CODE):
                location = read_facet(JOB, SOURCE_CODE, self._saying.bodies[told.value])
                if isinstance(location, SourceLocation) and (found := location.url or location.repo_url):
                    return found
        return ""


def _shown(facet: str) -> bool:
    return facet in _SHOWN


def _touched(edges: Iterable[ColumnEdge]) -> dict[str, set[str]]:
    """The columns that column lineage names, by thing."""
    found: dict[str, set[str]] = {}
    for edge in edges:
        for place in (edge.source, edge.target):
            found.setdefault(place.thing, set()).add(place.column)
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
