"""One reading of the graph for one snapshot: everything in bulk, from the nodes on to what is said and was heard."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from catalog.assets.attributes import SCALE
from catalog.assets.keys import Key, Kind, dataset_of, entity_id, job_of
from catalog.checks.snapshot import ColumnEdge, Snapshot
from catalog.graph import retention
from catalog.graph.attributes import keys_of, observed, spoken
from catalog.graph.identity import Names, closures, names_of
from catalog.graph.reader import Question, Reader
from catalog.graph.sight import entry_keys
from catalog.graph.snapshot import columns, flows, kinds, nodes, reach, runs, times, trained
from catalog.graph.snapshot.erased import erased
from catalog.graph.snapshot.making import Making, Read
from catalog.graph.snapshot.measured import Measured
from catalog.graph.snapshot.nodes import Nodes
from catalog.graph.snapshot.saying import Saying
from catalog.graph.walk import Moment
from catalog.heap import growing
from catalog.identity import Name, dataset_id, job_id
from catalog.lineage.facets.known import DATASET, JOB
from catalog.lineage.facets.model import DEPLOYMENT, MODEL
from catalog.lineage.models import ALIAS_FACET
from catalog.manifest.voices import FACETS

AT_ONCE = 5_000
"""Datasets whose names are asked for at once: of too many ties the reading of names says that it is not complete."""
UPSTREAM = "what is upstream was not read"
"""What a snapshot of things alone says of itself."""
SOURCE_CODE = "sourceCodeLocation"
_SHOWN = frozenset({*FACETS, MODEL, DEPLOYMENT, SOURCE_CODE})


class _Told(NamedTuple):
    """Nodes of which all is read, and what tells of them.

    Attributes:
        all: the nodes and what they are tied to, without entities: of these the edges, the names and who heard of what.
        own: of which everything is read.
        made: ids of the datasets whose columns are made of theirs, which say so themselves.
    """

    all: Nodes
    own: Nodes
    made: set[str]

    def speaking(self, several: set[str]) -> Nodes:
        """Those of which it has to be read, too, what is said: how columns were made, and by which name a thing goes.

        Args:
            several: ids of the datasets with several names.
        """
        datasets = {id_: heard for id_, heard in self.all.datasets.items() if id_ in self.made or id_ in several}
        return Nodes(datasets, self.all.jobs, {})


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

    def whole(self, most: int | None = None) -> Snapshot | None:
        """The whole catalog; None where it has more than `most` nodes."""
        with growing():
            found = nodes.all_nodes(self._reader)
            if most is not None and len(found.datasets) + len(found.jobs) + len(found.entities) > most:
                return None
            return self._read(found, whole=True)

    def part(self, things: Collection[str], most: int, *, alone: bool = False) -> Snapshot | None:
        """Some things with all upstream of them and around them; None where those are more than `most` nodes, or all.

        Args:
            alone: without what is upstream.
        """
        found = self._reader.ask(lambda q: self._part(q, set(things), most, alone))
        return None if found is None else self._read(found, whole=False, unknown=(UPSTREAM,) if alone else ())

    def fresh(self, things: Collection[str]) -> Snapshot | None:
        """Some things and the edges that begin or end at them, without what is at their other ends."""
        found = self._reader.ask(lambda q: self._fresh(q, set(things)))
        return None if found is None else self._read(found.all, whole=False, unknown=(UPSTREAM,), told=found)

    def _fresh(self, q: Question, ids: set[str]) -> _Told | None:
        asked = nodes.some_nodes(q, ids, ids, ids)
        wanted = {id_: key for id_, key in asked.entities.items() if id_ in ids}
        if any(key.kind in nodes.FAR for key in wanted.values()):
            return None
        datasets, jobs = _flowing(asked, wanted.values())
        names = names_of(q, sorted(datasets), self._moment)
        datasets |= {name for closure in names.values() for name in closure.ids}
        near = reach.around(q, datasets, jobs)
        found = nodes.some_nodes(q, datasets | near.datasets, jobs | near.jobs, ())
        own = Nodes(
            {id_: heard for id_, heard in found.datasets.items() if id_ in datasets},
            {id_: heard for id_, heard in found.jobs.items() if id_ in jobs},
            {},
        )
        own = own._replace(entities={**wanted, **nodes.some_entities(q, _entities(own))})
        return _Told(found, own, near.made)

    def _part(self, q: Question, ids: set[str], most: int, alone: bool) -> Nodes | None:
        """The nodes of a part.

        With the datasets that stand for models, since aliases are said of those, but without what is upstream of them:
        of models that nobody asked for that would be most of a large catalog. And with what things that were asked for
        are tied to, since that tells when they were read, and by whom.
        """
        asked, apart = nodes.some_nodes(q, ids, ids, ids), nodes.apart(q)
        wanted = [key for id_, key in asked.entities.items() if id_ in ids]
        if any(key.kind in nodes.FAR for key in wanted):
            return None
        datasets, jobs = _flowing(asked, wanted)
        reached = reach.Reached(set(datasets), set(jobs)) if alone else reach.upstream_of(q, datasets, jobs, most)
        if reached is None:
            return None
        names = names_of(q, sorted(datasets), self._moment)
        beside = reach.around(q, {name for closure in names.values() for name in closure.ids}, jobs)
        around = reached.datasets | beside.datasets | _models(apart.values())
        near = nodes.some_nodes(q, around, reached.jobs | beside.jobs, ())
        return near._replace(entities={**apart, **nodes.some_entities(q, _entities(near))})

    def _read(self, found: Nodes, *, whole: bool, unknown: Iterable[str] = (), told: _Told | None = None) -> Snapshot:
        """Read what is said of nodes.

        Args:
            found: the nodes, of all of which everything is read, unless `told` says of which.
        """
        moment, ask = self._moment, self._reader.ask
        unknown, shows = list(unknown), all if told is None else any
        own = found if told is None else told.own
        ids = {*own.datasets, *own.jobs}
        kept = retention.kept(self._reader.store)
        names: dict[str, Names] = {}
        for some in _portions(sorted(found.datasets)):
            names.update(closures(self._reader, some, moment))
        if not all(closure.complete for closure in names.values()):
            unknown.append("not all names of every dataset could be read")
        edges = ask(lambda q: flows.flows(q, found.jobs, found.datasets, moment))
        speak, entities = ids, own.entities
        if told is not None:
            edges = edges._replace(all=[flow for flow in edges.all if flow.source in ids or flow.target in ids])
            more = told.speaking({id_ for id_, closure in names.items() if len(closure.ids) > 1})
            speak, entities = (
                ids | more.datasets.keys(),
                entities | ask(lambda q: nodes.some_entities(q, _entities(more))),
            )
        saying = ask(lambda q: Saying(q, speak, moment, _shown))
        said = ask(lambda q: spoken(q, {*entities, entity_id(SCALE)}, moment))
        heard = ask(lambda q: times.hearing(q, {**found.datasets, **found.jobs}, moment, kept))
        erasures = ask(lambda q: erased(q, saying, heard.bundles, moment))
        spans = heard.spans_of_runs()
        if told is not None:
            spans = {job: spans[job] for job in spans.keys() & (heard.writers(ids) | own.jobs.keys())}
        newest = ask(lambda q: runs.newest_runs(q, spans, heard.bundles, moment))
        ran = [run for job, some in newest.of.items() if job in own.jobs for run in some]
        states = ask(lambda q: runs.states(q, ran, moment))
        measured = ask(lambda q: Measured(q, own.datasets, moment))
        groups = kinds.groups(names, {id_: h.name for id_, h in found.datasets.items()}, said.of, saying)
        thing = {name: group.ids[0] for group in groups for name in group.ids} | {id_: id_ for id_ in found.jobs}
        groups = [group for group in groups if any(id_ in own.datasets for id_ in group.ids)]
        words = (word for id_ in ids for word in saying.facets(id_).values() if _shown(word.name))
        sequences = {flow.sequence for flow in edges.all if flow.holds} | {word.points[-1].s for word in words}
        entries = entry_keys(self._reader, sequences)
        seen = {i: observed(JOB if i in found.jobs else DATASET, saying.told(i, entries)) for i in ids}
        declared = (one for some in said.of.values() for one in some.declarations)
        column_edges, lost = columns.column_edges(saying, declared, thing)
        training = {
            group.ids[0]: trained.runs_of_version(measured.of(group.ids), group.key)
            for group in groups
            if group.key.kind is Kind.MODEL_VERSION
        }
        wanted = {run for some in training.values() for run in some}
        making = Making(
            Read(
                nodes=own,
                groups=groups,
                thing=thing,
                flows=edges,
                saying=saying,
                said=said,
                valid=trained.valid_documents(self._reader, said, own.entities, moment),
                seen=seen,
                heard=heard,
                erased=erasures,
                runs=newest,
                states=states,
                measured=measured,
                column_edges=column_edges,
                training=training,
                training_runs=trained.training_runs(self._reader, wanted, moment, unknown),
            ),
            self._at,
        )
        made = {one.id: one for one in making.things()}
        things = {id_: made[id_] for id_ in sorted(made)}
        ends = _within(thing, things if told is None else thing.values())
        shown = flows.edges(edges.all, ends, heard.edges, entries)
        hidden = edges.hidden + lost if edges.hidden or whole else 0
        if hidden:
            unknown.append(f"{hidden} edges lead to what may not be seen")
        return Snapshot(
            at=self._at,
            as_of=moment.as_of,
            known_at=self._known,
            things=things,
            edges=shown,
            column_edges=tuple(edge for edge in column_edges if shows(_inside(edge, things))),
            whole=whole,
            unknown=tuple(unknown),
            hidden=hidden,
        )


def _portions(ids: list[str]) -> Iterator[list[str]]:
    return (ids[at : at + AT_ONCE] for at in range(0, len(ids), AT_ONCE))


def _models(keys: Iterable[Key]) -> set[str]:
    """The ids of the datasets that stand for models."""
    return {dataset_id(Name(key.namespace, key.name)) for key in keys if key.kind is Kind.MODEL}


def _shown(facet: str) -> bool:
    return facet in _SHOWN or facet.startswith(ALIAS_FACET)


def _within(thing: dict[str, str], things: Iterable[str]) -> dict[str, str]:
    known = set(things)
    return {node: of for node, of in thing.items() if of in known}


def _inside(edge: ColumnEdge, things: Collection[str]) -> tuple[bool, bool]:
    """Of both ends, whether they are."""
    return edge.source.thing in things, edge.target.thing in things


def _flowing(asked: Nodes, wanted: Collection[Key]) -> tuple[set[str], set[str]]:
    """The ids of datasets and jobs that were asked for, as such or as entities.

    With the datasets that stand for models, since aliases are said of those.
    """
    datasets = {*asked.datasets, *(dataset_id(n) for key in wanted if (n := dataset_of(key)))}
    return datasets | _models(wanted), {*asked.jobs, *(job_id(n) for key in wanted if (n := job_of(key)))}


def _entities(found: Nodes) -> set[str]:
    """The ids of what datasets and jobs may be as entities."""
    own = {entity_id(key) for heard in found.datasets.values() for key in keys_of(heard.name)}
    return own | {entity_id(Key(Kind.PIPELINE, *heard.name)) for heard in found.jobs.values()}
