"""How long a large catalog takes to be judged, in memory: columns by many policies, and a flow over a large graph."""

from __future__ import annotations

import random
from collections.abc import Iterator

from catalog.assets.keys import Key, Kind
from catalog.checks.choosing import Chosen
from catalog.checks.engine import engine
from catalog.checks.evaluate import evaluate
from catalog.checks.policy import compile_policy
from catalog.checks.snapshot import Column, Edge, Place, Snapshot, Thing
from catalog.checks.subjects_of import Subjects
from catalog.manifest.canonical import read
from catalog.manifest.documents.policies import Policy
from tests.benchmarks.figures import SECONDS, Figure, timed
from tests.benchmarks.session import Session

COLUMNS = 20
LEVELS = ("public", "internal", "confidential", "restricted")
_ASKED = (
    "field.level == null || field.level <= {n}",
    "!('pii' in field.tags) || size(dataset.owners) > 0 || dataset.tier == {n}",
    "field.description != null || dataset.tier != {n}",
    "!(field.masking in ['', null]) || field.level != {n}",
    "field.sources.all(s, s.level == null || s.level <= {n}) && dataset.lifecycle != 'retired'",
)
"""Each is asked with ten numbers: fifty policies."""


def measure(session: Session) -> Iterator[Figure]:
    """A flow policy, and fifty policies about columns; a tenth of that size where it has to be quick."""
    share = 1 if session.size.limit > 1_000 else 10
    nodes, edges = 100_000 // share, 400_000 // share
    graph, export = _graph(nodes, edges), [_policy(type="flow", target="flow", **_FLOW)]
    Subjects(graph).known.propagated.of(Place("d000000"))
    note = f"{nodes:,} nodes, {edges:,} edges; levels and tags of all places included"
    yield Figure("judge.flow", "a flow policy, the graph built", timed(lambda: evaluate(graph, export)), SECONDS, note)
    wide, policies = _columns(100_000 // share // COLUMNS), [_fifty(n) for n in range(50)]
    seconds = timed(lambda: evaluate(wide, policies))
    note = f"{100_000 // share:,} columns, {len(policies)} policies"
    yield Figure("judge.columns", "policies about columns", seconds, SECONDS, note)


_FLOW = {
    "from": "'pii' in node.tags && node.location.jurisdiction == 'EEA'",
    "to": "node.location.jurisdiction == 'US'",
    "barrier": "edge.masking == true",
    "message": "source.name + ' reaches ' + sink.name",
}


def _fifty(number: int) -> Chosen:
    asked = _ASKED[number % len(_ASKED)].format(n=number // len(_ASKED))
    return _policy(name=f"p{number}", target="field", message="'The column ' + field.name", **{"assert": asked})


def _policy(**fields: str) -> Chosen:
    given = {"kind": "Policy", "name": "p", "version": "1", "severity": "low", "type": "entity", **fields}
    policy = read(given)
    assert isinstance(policy, Policy)
    return Chosen(compile_policy(policy, engine()), "bench")


def _graph(nodes: int, edges: int) -> Snapshot:
    """Four in five nodes are datasets, the others jobs; every fiftieth dataset is tagged, every tenth in the US."""
    rng, things = random.Random(7), {}
    datasets, jobs = [f"d{i:06}" for i in range(nodes * 4 // 5)], [f"j{i:06}" for i in range(nodes // 5)]
    for i, id_ in enumerate(datasets):
        said = {"location": {"jurisdiction": "EEA" if i % 10 else "US"}}
        tags = {"tags": [{"key": "pii/email"}]} if i % 50 == 1 else {}
        things[id_] = Thing(id_, Key(Kind.DATASET, "n", id_), attributes={**said, **tags})
    for id_ in jobs:
        things[id_] = Thing(id_, Key(Kind.PIPELINE, "n", id_))
    found: set[Edge] = set()
    while len(found) < edges:
        job, dataset = rng.choice(jobs), rng.choice(datasets)
        found.add(Edge(dataset, job, "READS") if rng.random() < 0.6 else Edge(job, dataset, "WRITES"))
    return Snapshot(0, None, 0, things, tuple(sorted(found)))


def _columns(datasets: int) -> Snapshot:
    """Datasets whose columns differ as real ones do: a description, a level and a tag here and there."""
    rng, things = random.Random(7), {}
    for i in range(datasets):
        columns = {}
        for c in range(COLUMNS):
            said = {"description": f"column {c}"} if rng.random() < 0.5 else {}
            level = {"classification": rng.choice(LEVELS)} if rng.random() < 0.7 else {}
            tags = {"tags": [{"key": "pii/email"}]} if rng.random() < 0.1 else {}
            columns[f"c{c:02}"] = Column(f"c{c:02}", "text", {**said, **level, **tags})
        about = {"tier": i % 5 + 1, **({"owners": [{"name": "team:x"}]} if i % 7 else {})}
        things[f"t{i:06}"] = Thing(f"t{i:06}", Key(Kind.DATASET, "n", f"t{i:06}"), attributes=about, columns=columns)
    return Snapshot(0, None, 0, things)
