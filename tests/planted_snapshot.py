"""The snapshot of a planted world, made in memory by the plain reading of its documents and events.

Ids are the keys in words. It is no second fold: events are taken as they come, nothing is closed, nothing conflicts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from catalog.assets.attributes import SETS
from catalog.assets.keys import Key, Kind, dataset_of, job_of, model_version
from catalog.checks.snapshot import Check, Column, ColumnEdge, Edge, Observed, Place, Run, Snapshot, Thing, Training
from catalog.clock import from_datetime
from catalog.identity import Name
from catalog.manifest.canonical import canonical
from catalog.manifest.meaning import meaning
from catalog.manifest.references import key_of
from catalog.manifest.voices import said_in_document
from tests.planted import NOW, At, World

Json = dict[str, Any]
_ERASED = ("DROP", "TRUNCATE")
_STATES = {"COMPLETE": "COMPLETED", "FAIL": "FAILED", "ABORT": "ABORTED"}


def snapshot_of(world: World, at: datetime = NOW) -> Snapshot:
    """What is known of a world once all of it has been taken in."""
    reading = _Reading()
    for document in world.documents:
        reading.document(canonical(document))
    for event in world.events:
        reading.event(event)
    return reading.snapshot(from_datetime(at))


def place_of(at: At, snapshot: Snapshot) -> Place:
    """Where a plant means, in its snapshot."""
    assert at.key is not None
    found = Place(str(at.key), at.column)
    assert found.thing in snapshot.things, at
    return found


class _Reading:
    def __init__(self) -> None:
        self._keys: dict[Name, Key] = {}
        self._documents: dict[Key, Json] = {}
        self._attributes: dict[Place, Json] = defaultdict(dict)
        self._types: dict[Place, str | None] = {}
        self._edges: dict[tuple[str, str, str], tuple[set[str], set[int]]] = defaultdict(lambda: (set(), set()))
        self._columns: set[ColumnEdge] = set()
        self._heard: dict[str, set[int]] = defaultdict(set)
        self._writes: dict[str, set[int]] = defaultdict(set)
        self._reads: dict[str, set[int]] = defaultdict(set)
        self._dropped: dict[str, int] = {}
        self._checks: dict[tuple[str, str, str], tuple[str, Check]] = {}
        self._runs: dict[str, dict[str, Run]] = defaultdict(dict)
        self._code: dict[str, str] = {}

    def document(self, body: Json) -> None:
        key = key_of(body)
        self._documents[key] = body
        if (name := dataset_of(key)) is not None:
            self._keys[name] = key
        for said in said_in_document(body):
            held = self._attributes[Place(str(key), said.field)]
            if said.attribute in SETS:
                held.setdefault(said.attribute, []).append(said.value)
            else:
                held[said.attribute] = said.value
        for column in body.get("fields") or ():
            self._types[Place(str(key), column["name"])] = column.get("type")

    def event(self, event: Json) -> None:
        at = from_datetime(datetime.fromisoformat(event["eventTime"]))
        if "job" not in event:
            self._dataset(event["dataset"], at, "")
            return
        job = str(Key(Kind.PIPELINE, event["job"]["namespace"], event["job"]["name"]))
        self._heard[job].add(at)
        self._code[job] = event["job"]["facets"].get("sourceCodeLocation", {}).get("url", "")
        run, state = event["run"]["runId"], _STATES.get(event["eventType"], "RUNNING")
        self._runs[job][run] = Run(run, state, at, at)
        for side, kind, times in (("inputs", "READS", self._reads), ("outputs", "WRITES", self._writes)):
            for one in event[side]:
                thing = self._dataset(one, at, job)
                times[thing].add(at)
                self._edge(*((thing, job) if kind == "READS" else (job, thing)), kind, "OBSERVED", at)

    def snapshot(self, at: int) -> Snapshot:
        for key, body in self._documents.items():
            self._flows(key, body)
        keys = {str(key): key for key in self._documents}
        keys |= {str(key): key for key in self._keys.values()}
        for edge in self._edges:
            for end in edge[:2]:
                kind, _, rest = end.partition(" ")
                namespace, _, name = rest.partition(" ")
                keys.setdefault(end, Key(Kind(kind), namespace, name))
        keys |= {job: Key(Kind.PIPELINE, *job.split(" ")[1:]) for job in self._runs if job not in keys}
        things = {id_: self._thing(id_, keys[id_]) for id_ in sorted(keys)}
        edges = tuple(
            Edge(*ends, tuple(sorted(origins)), min(times, default=None), max(times, default=None))
            for ends, (origins, times) in sorted(self._edges.items())
        )
        return Snapshot(at, None, 1, things, edges, tuple(sorted(self._columns)))

    def _dataset(self, told: Json, at: int, job: str) -> str:
        name = Name(told["namespace"], told["name"])
        key = self._keys.setdefault(name, Key(Kind.DATASET, *name))
        id_, facets = str(key), {**told.get("facets", {}), **told.get("inputFacets", {})}
        self._heard[id_].add(at)
        for field in facets.get("schema", {}).get("fields", ()):
            self._types[Place(id_, field["name"])] = field.get("type")
        if facets.get("lifecycleStateChange", {}).get("lifecycleStateChange") in _ERASED:
            self._dropped[id_] = max(at, self._dropped.get(id_, at))
        for one in facets.get("dataQualityAssertions", {}).get("assertions", ()):
            check = Check(one["assertion"], one.get("column", ""), one["success"], one.get("severity", ""), at)
            self._checks[id_, check.name, check.column] = (id_, check)
        for out, of in facets.get("columnLineage", {}).get("fields", {}).items():
            self._types.setdefault(Place(id_, out))
            for one in of["inputFields"]:
                source = self._keys.setdefault(n := Name(one["namespace"], one["name"]), Key(Kind.DATASET, *n))
                how: Json = next(iter(one.get("transformations", ())), {})
                self._columns.add(
                    ColumnEdge(
                        Place(str(source), one["field"]),
                        Place(id_, out),
                        job,
                        *(how.get("type", "DIRECT"), how.get("subtype", ""), how.get("masking", False)),
                        how.get("description", ""),
                    )
                )
        return id_

    def _flows(self, key: Key, body: Json) -> None:
        told = meaning(key, body)
        for flow in told.flows:
            job = str(Key(Kind.PIPELINE, *flow.source))
            other = str(self._keys.setdefault(flow.target, Key(Kind.DATASET, *flow.target)))
            if flow.kind == "DERIVES_FROM":
                self._edge(other, str(self._keys.setdefault(flow.source, Key(Kind.DATASET, *flow.source))), flow.kind)
            else:
                self._edge(*((other, job) if flow.kind == "READS" else (job, other)), flow.kind)
        for target, edge in told.columns:
            job = str(key_of(dict(body["pipeline"]), Kind.PIPELINE)) if body.get("pipeline") else ""
            source = Place(str(self._keys[edge.dataset]), edge.field)
            how = (edge.type, edge.subtype, edge.masking, edge.description, ("DECLARED",))
            self._columns.add(ColumnEdge(source, Place(str(self._keys[target]), edge.out), job, *how))

    def _edge(self, source: str, target: str, kind: str, origin: str = "DECLARED", at: int | None = None) -> None:
        origins, times = self._edges[source, target, kind]
        origins.add(origin)
        times.update(() if at is None else (at,))

    def _thing(self, id_: str, key: Key) -> Thing:
        body = self._documents.get(key, {})
        names = {place.column for place in (*self._types, *self._attributes) if place.thing == id_ and place.column}
        columns = {n: Column(n, self._types.get(Place(id_, n)), self._attributes[Place(id_, n)]) for n in sorted(names)}
        heard = self._heard.get(id_, ())
        observed = Observed(
            first=min(heard, default=None),
            last=max(heard, default=None),
            written=max(self._writes.get(id_, ()), default=None),
            read=max(self._reads.get(id_, ()), default=None),
            writes=tuple(sorted(self._writes.get(id_, ()))),
            checks=tuple(sorted(check for of, check in self._checks.values() if of == id_)),
            source_code=self._code.get(id_, ""),
            runs=tuple(sorted(self._runs.get(id_, {}).values(), key=lambda run: -(run.started or 0))),
            dropped=self._dropped.get(id_),
        )
        if key.kind is Kind.MODEL_VERSION:
            observed = replace(observed, training=tuple(self._training(body)))
        if key.kind is Kind.DEPLOYMENT:
            observed = replace(observed, serves=tuple(_served(body.get("modelVersions") or ())))
        name = dataset_of(key) or job_of(key)
        return Thing(
            id_,
            key,
            names=(name,) if name else (),
            declared=bool(body),
            seen=bool(heard),
            attributes=self._attributes[Place(id_)],
            document=body,
            columns=columns,
            observed=observed,
        )

    def _training(self, body: Json) -> Iterable[Training]:
        for one in (*(body.get("trainedOn") or ()), *(body.get("evaluatedOn") or ())):
            name = Name(one["dataset"]["namespace"], one["dataset"]["name"])
            thing = str(self._keys.setdefault(name, Key(Kind.DATASET, *name)))
            yield Training(thing, one.get("role"), one.get("version"), tuple(one.get("columns") or ()))


def _served(versions: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    for one in versions:
        if "to" not in one:
            yield str(model_version(one["model"], str(one["version"]), one.get("registry", "models")))
