"""One reading of the graph for one snapshot: everything in bulk, from the nodes on to what is said and was heard."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

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
        return None if found is None else self._read(found, whole=False, alone=alone)

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
        datasets = {*asked.datasets, *(dataset_id(n) for key in wanted if (n := dataset_of(key)))}
        datasets |= _models(wanted)
        jobs = {*asked.jobs, *(job_id(n) for key in wanted if (n := job_of(key)))}
        reached = reach.Reached(set(datasets), set(jobs)) if alone else reach.upstream_of(q, datasets, jobs, most)
        if reached is None:
            return None
        names = names_of(q, sorted(datasets), self._moment)
        beside = reach.around(q, {name for closure in names.values() for name in closure.ids}, jobs)
        around = reached.datasets | beside.datasets | _models(apart.values())
        near = nodes.some_nodes(q, around, reached.jobs | beside.jobs, ())
        own = {entity_id(k) for heard in near.datasets.values() for k in keys_of(heard.name)}
        own |= {entity_id(Key(Kind.PIPELINE, *heard.name)) for heard in near.jobs.values()}
        return near._replace(entities={**apart, **nodes.some_entities(q, own)})

    def _read(self, found: Nodes, *, whole: bool, alone: bool = False) -> Snapshot:
        moment, ask = self._moment, self._reader.ask
        unknown: list[str] = [UPSTREAM] if alone else []
        ids = {*found.datasets, *found.jobs}
        kept = retention.kept(self._reader.store)
        names: dict[str, Names] = {}
        for some in _portions(sorted(found.datasets)):
            names.update(closures(self._reader, some, moment))
        if not all(closure.complete for closure in names.values()):
            unknown.append("not all names of every dataset could be read")
        edges = ask(lambda q: flows.flows(q, found.jobs, found.datasets, moment))
        saying = ask(lambda q: Saying(q, ids, moment, _shown))
        said = ask(lambda q: spoken(q, {*found.entities, entity_id(SCALE)}, moment))
        heard = ask(lambda q: times.hearing(q, {**found.datasets, **found.jobs}, moment, kept))
        erasures = ask(lambda q: erased(q, saying, heard.bundles, moment))
        newest = ask(lambda q: runs.newest_runs(q, heard.spans_of_runs(), heard.bundles, moment))
        states = ask(lambda q: runs.states(q, (run for some in newest.of.values() for run in some), moment))
        measured = ask(lambda q: Measured(q, found.datasets, moment))
        groups = kinds.groups(names, {id_: h.name for id_, h in found.datasets.items()}, said.of, saying)
        thing = {name: group.ids[0] for group in groups for name in group.ids} | {id_: id_ for id_ in found.jobs}
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
                nodes=found,
                groups=groups,
                thing=thing,
                flows=edges,
                saying=saying,
                said=said,
                valid=trained.valid_documents(self._reader, said, found.entities, moment),
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
        hidden = edges.hidden + lost if edges.hidden or whole else 0
        if hidden:
            unknown.append(f"{hidden} edges lead to what may not be seen")
        return Snapshot(
            at=self._at,
            as_of=moment.as_of,
            known_at=self._known,
            things=things,
            edges=flows.edges(edges.all, _within(thing, things), heard.edges, entries),
            column_edges=tuple(edge for edge in column_edges if _inside(edge, things)),
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


def _inside(edge: ColumnEdge, things: Collection[str]) -> bool:
    return edge.source.thing in things and edge.target.thing in things
