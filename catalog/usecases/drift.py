"""Drift: what events showed, read and held against what a manifest declares.

What is compared: the things the manifest declares, and of the namespaces in which it declares datasets or pipelines
everything else that was seen there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from catalog.assets.keys import Key, Kind, dataset_of, entity_id, job_of, manifest_id
from catalog.errors import UnknownKey
from catalog.graph import assets, entities, sight
from catalog.graph.entities import Declaration
from catalog.graph.identity import closures
from catalog.graph.reader import Reader
from catalog.graph.schemas import schemas
from catalog.graph.sight import Seen, SeenColumn, SeenFlow
from catalog.identity import Name, dataset_id, job_id
from catalog.lineage.observe import FACET, SCHEMA
from catalog.manifest.changes import Document
from catalog.manifest.drift import drift
from catalog.manifest.meaning import Meaning, meaning
from catalog.manifest.owners import owner_of
from catalog.manifest.pictures import (
    DERIVES_FROM,
    OBSERVABLE,
    OBSERVED,
    PERSON,
    ColumnFlow,
    Columns,
    Declared,
    Drift,
    Evidence,
    Flow,
    Observed,
    Owners,
)
from catalog.usecases.plan import settled

PAGE = 500
OWNERSHIP = "ownership"
OWNERS = "owners"


class Found(NamedTuple):
    """The drift of a manifest, and the keys of the entries that its items rest on, by sequence."""

    drift: Drift
    entries: Mapping[int, str]


def drift_of(reader: Reader, manifest: str) -> Found:
    """Where what was observed differs from what a manifest declares.

    Raises:
        UnknownKey: no such manifest was ever applied.
        Unsettled: an accepted apply is not in the graph yet.
    """
    heads = {head.manifest for head in settled(reader)}
    if manifest not in heads:
        raise UnknownKey(f"no manifest {manifest!r} was ever applied; `headwater manifests` lists them", manifest)
    documents = entities.manifest_documents(reader, manifest)
    view = _Reading(reader, documents, [manifest_id(name) for name in heads])
    found = drift(view.declared(manifest), view.observed())
    return Found(found, sight.entry_keys(reader, {item.evidence.sequence for item in found.items}))


class _Reading:
    """One reading of the graph for one comparison."""

    def __init__(self, reader: Reader, documents: Mapping[Key, Document], manifests: list[str]) -> None:
        self._reader = reader
        self._documents = documents
        self._manifests = manifests
        self._said = {key: meaning(key, dict(document)) for key, document in documents.items()}
        self._owned = {key: _spellings(said) for key, said in self._said.items()}
        self._things = self._candidates()
        self._flows = self._read_flows()
        self._columns_said = {
            ColumnFlow(made, edge.out, edge.dataset, edge.field, edge.type, edge.masking): key
            for key, said in self._said.items()
            for made, edge in said.columns
        }
        self._columns_seen = self._read_columns()
        self._own = self._own_names()
        self._names = closures(reader, self._own)

    def _candidates(self) -> dict[str, Key]:
        """Datasets and jobs by the ids of their nodes: what is declared, and what else its namespaces hold."""
        found = {node: key for key in self._documents if (node := _node(key))}
        for kind, namespace in sorted({(key.kind, key.namespace) for key in self._documents if key.kind in OBSERVABLE}):
            label = "Job" if kind is Kind.PIPELINE else "Dataset"
            after = ""
            while page := assets.page(self._reader, label, after=after, namespace=namespace, limit=PAGE):
                found.update(
                    {row["id"]: Key(kind, row["namespace"], row["name"]) for row in page if row["id"] not in found}
                )
                after = page[-1]["ord"]
        return found

    def _read_flows(self) -> list[SeenFlow]:
        """The edges of declared pipelines and datasets, and of jobs that write datasets that state sources."""
        flows = [flow for said in self._said.values() for flow in said.flows]
        jobs = {job_id(flow[1]) for flow in flows if flow[0] != DERIVES_FROM}
        jobs |= {job_id(job) for key in self._documents if (job := job_of(key)) is not None}
        datasets = {dataset_id(name) for key in self._documents if (name := dataset_of(key)) is not None}
        made = {dataset_id(flow[1]) for flow in flows if flow[0] == DERIVES_FROM}
        names = closures(self._reader, datasets | made)
        writing = sight.writers(self._reader, {id_ for one in made for id_ in names[one].ids})
        return sight.flows_now(self._reader, jobs | writing, {id_ for some in names.values() for id_ in some.ids})

    def _read_columns(self) -> list[SeenColumn]:
        """What the columns of datasets whose column lineage is declared are made of, under any of their names."""
        made = {dataset_id(flow.dataset) for flow in self._columns_said}
        names = closures(self._reader, made)
        return sight.columns_now(self._reader, {id_ for some in names.values() for id_ in some.ids}) if made else []

    def _own_names(self) -> dict[str, Name]:
        """The datasets that are compared, and those at the ends of edges between columns, by id."""
        named = {dataset_of(key) for key in self._things.values() if key.kind is not Kind.PIPELINE}
        flows = [*self._columns_said, *map(_column_flow, self._columns_seen)]
        ends = {name for flow in flows for name in (flow.dataset, flow.source)}
        return {dataset_id(name): name for name in named | ends if name is not None}

    def declared(self, manifest: str) -> Declared:
        """What the manifest declares, and what others do of the same things."""
        documents = self._documents
        ids = {entity_id(key): key for key in (*documents, *self._things.values())}
        said = entities.documents_of(self._reader, ids)
        own = {ids[id_]: _evidence(found, manifest) for id_, found in said.items()}
        elsewhere = {ids[id_] for id_, found in said.items() if any(one.manifest != manifest for one in found)}
        ours = manifest_id(manifest)
        return Declared(
            documents,
            {_flow(flow): key for key, meant in self._said.items() for flow in meant.flows},
            {key: evidence for key, evidence in own.items() if evidence is not None},
            elsewhere,
            {self._seen_flow(flow) for flow in self._flows if flow.by in self._manifests and flow.by != ours},
            self._owned,
            self._columns_said,
            {_column_flow(seen) for seen in self._columns_seen if seen.by in self._manifests and seen.by != ours},
        )

    def observed(self) -> Observed:
        """What events, and people, showed of the same things."""
        seen = sight.first_sights(self._reader, self._all_names(), self._manifests)
        things = {}
        for id_, key in self._things.items():
            sights = [seen[name] for name in self._ids(id_) if name in seen]
            if sights:
                things[key] = _as_evidence(min(sights, key=lambda s: s.since or 0))
        columns = self._columns(), self._seen_flows(), self._owners(), self._same(), self._seen_columns()
        return Observed(things, *columns)

    def _ids(self, id_: str) -> list[str]:
        return self._names[id_].ids if id_ in self._names else [id_]

    def _all_names(self) -> set[str]:
        return {name for id_ in self._things for name in self._ids(id_)}

    def _same(self) -> dict[Name, Name]:
        """Every name of a thing that has several, with the one it is compared by."""
        found: dict[Name, Name] = {}
        for id_, names in self._names.items():
            if len(names.ids) > 1:
                own = self._own[id_]
                canonical = names.canonical(own)
                found[own] = canonical
                found.update({Name(tie.namespace, tie.name): canonical for tie in names.ties.values()})
        return found

    def _columns(self) -> dict[Key, Columns]:
        stated = {id_: key for id_, key in self._things.items() if self._documents.get(key, {}).get("fields")}
        ids = {id_: self._ids(id_) for id_ in stated}
        told = schemas(self._reader, list(stated), names=ids)
        newest = sight.newest_words(self._reader, {name for some in ids.values() for name in some}, SCHEMA)
        return {
            key: Columns({".".join(column.path): column.type or "" for column in told[id_]}, _newest(newest, ids[id_]))
            for id_, key in stated.items()
        }

    def _seen_flows(self) -> dict[Flow, Evidence]:
        found: dict[Flow, Evidence] = {}
        for flow in self._flows:
            if flow.by not in self._manifests:
                found.setdefault(self._seen_flow(flow), _as_evidence(flow.seen))
        return found

    def _seen_columns(self) -> dict[ColumnFlow, Evidence]:
        found: dict[ColumnFlow, Evidence] = {}
        for seen in sorted(self._columns_seen):
            if seen.by not in self._manifests:
                found.setdefault(_column_flow(seen), _as_evidence(seen.seen))
        return found

    def _seen_flow(self, flow: SeenFlow) -> Flow:
        return Flow(flow.kind, flow.source, flow.target)

    def _owners(self) -> dict[Key, list[Owners]]:
        stated = {id_: key for id_, key in self._things.items() if self._owned.get(key)}
        names = {id_: self._ids(id_) for id_ in stated}
        facets = assets.facets(self._reader, list(stated), names=names)
        newest = sight.newest_words(self._reader, {n for some in names.values() for n in some}, FACET, OWNERSHIP)
        found: dict[Key, list[Owners]] = {}
        for id_, key in stated.items():
            if said := _owner_names(facets.get(id_, {}).get(OWNERSHIP)):
                found.setdefault(key, []).append(Owners(said, OBSERVED, _newest(newest, names[id_])))
        ids = {entity_id(key): key for key, owners in self._owned.items() if owners}
        for id_, words in entities.curated_of(self._reader, ids).items():
            owning = [word for word in words if word.attribute == OWNERS and word.value]
            if owning:
                last = max(owning, key=lambda word: word.since)
                names_ = frozenset(word.item or str(word.value) for word in owning)
                found.setdefault(ids[id_], []).append(Owners(names_, PERSON, Evidence(last.since, last.sequence)))
        return found


def _node(key: Key) -> str:
    """The id of the dataset or job that an entity is seen as; "" for kinds that are not."""
    if (job := job_of(key)) is not None:
        return job_id(job)
    name = dataset_of(key)
    return "" if name is None else dataset_id(name)


def _flow(said: Any) -> Flow:
    return Flow(said[0], said[1], said[2])


def _column_flow(seen: SeenColumn) -> ColumnFlow:
    return ColumnFlow(*seen[:6])


def _as_evidence(seen: Seen) -> Evidence:
    return Evidence(seen.since, seen.sequence)


def _newest(words: Mapping[str, Seen], names: Iterable[str]) -> Evidence:
    said = [words[name] for name in names if name in words]
    return _as_evidence(max(said, key=lambda seen: seen.since or 0)) if said else Evidence()


def _evidence(found: list[Declaration], manifest: str) -> Evidence | None:
    own = [one for one in found if one.manifest == manifest]
    return Evidence(own[0].since, own[0].sequence) if own else None


def _spellings(said: Meaning) -> dict[str, list[str]]:
    """The declared owners, each with the names under which producers may know it."""
    return {
        f"{target.kind.lower()}:{target.name}": [target.name, f"{target.kind.lower()}:{target.name}"]
        for role, target in said.refs
        if role == "owner"
    }


def _owner_names(facet: Any) -> frozenset[str]:
    listed = facet.get("owners") if isinstance(facet, dict) else None
    named = [owner.get("name") for owner in listed or () if isinstance(owner, dict)]
    return frozenset(_as_meant(name) for name in named if isinstance(name, str) and name)


def _as_meant(name: str) -> str:
    """A person under the pseudonym that a declaration has, all others as they are."""
    owner = owner_of(name)
    return f"person:{owner.name}" if owner is not None and owner.kind is Kind.PERSON else name
