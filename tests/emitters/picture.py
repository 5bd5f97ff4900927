"""What a service says about everything that one emitter told it, in plain names that can be compared.

Asked over GraphQL only, so that a live service and a recording in an empty store are looked at in the same way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

Ask = Callable[..., Any]
"""A GraphQL query and its variables -> the data of the answer."""

Flow = tuple[str, str]
ColumnFlow = tuple[str, str, str]

_STATEMENT = re.compile(r"\.sql\.\d+$")
_JOBS = """{ jobs(first: 500) { pageInfo { hasNextPage } edges { node { namespace name
  inputs { namespace name } outputs { namespace name } parents { name } runs(first: 50) { edges { node {
    state startedInferred endedAt parent { job { name } } inputs { namespace name } outputs { namespace name }
  } } } } } }
  status { sequence appliedThrough rejected dead } }"""
_LINEAGE = """query($namespace: String!, $name: String!, $direction: Direction!, $granularity: Granularity!) {
  lineage(root: {namespace: $namespace, name: $name}, direction: $direction, granularity: $granularity, depth: 20) {
    complete hiddenCount
    nodes { id namespace name field } edges { source target kind transformationType transformationSubtype } } }"""


@dataclass(frozen=True)
class Job:
    """A job: datasets and parent jobs by name, and its runs as `STATE of PARENT`, with `?` where no START was heard."""

    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    parents: frozenset[str] = frozenset()
    runs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Picture:
    """A whole graph.

    Attributes:
        jobs: all jobs by name; dbt's numbered statements are one job `….sql.N`, its runs without repetition.
        upstream: the walk from the sink against the flow of data, dataset by dataset: (from, to).
        downstream: the walk from the source with the flow.
        columns: all column lineage: (from, to, type and subtype); what a whole dataset depends on,
            each of its columns does.
        lost: entries that were rejected or given up.
    """

    jobs: dict[str, Job]
    upstream: frozenset[Flow]
    downstream: frozenset[Flow]
    columns: frozenset[ColumnFlow]
    lost: int = 0


def look(ask: Ask, sink: str, source: str, neutral: Callable[[str], str] = str) -> Picture:
    """The picture of all that a service holds.

    Args:
        sink: where to walk up from, source: where to walk down from: `namespace name`.
        neutral: puts a stage's names back to those that are expected.
    """
    answer = ask(_JOBS)
    assert not answer["jobs"]["pageInfo"]["hasNextPage"], "more jobs than one page"
    names = _Names(neutral)
    datasets = ask("{ datasets(first: 500) { edges { node { namespace name } } } }")["datasets"]["edges"]
    by_name = {names.of(d["node"]): d["node"] for d in datasets}
    jobs: dict[str, Job] = {}
    for edge in answer["jobs"]["edges"]:
        node = edge["node"]
        name = _STATEMENT.sub(".sql.N", neutral(f"{node['namespace']} {node['name']}"))
        jobs[name] = _together(jobs.get(name), _job(node, names))
    up = _walk(ask, by_name.get(sink), "UPSTREAM", "DATASET")
    down = _walk(ask, by_name.get(source), "DOWNSTREAM", "DATASET")
    written = {dataset for job in jobs.values() for dataset in job.writes}
    columns = [flow for dataset in written for flow in _walk(ask, by_name[dataset], "UPSTREAM", "FIELD")]
    return Picture(
        jobs,
        frozenset((names.of(a), names.of(b)) for a, b, _ in up),
        frozenset((names.of(a), names.of(b)) for a, b, _ in down),
        frozenset((names.of(a), names.of(b), how) for a, b, how in columns if how),
        answer["status"]["rejected"] + answer["status"]["dead"],
    )


class _Names:
    def __init__(self, neutral: Callable[[str], str]) -> None:
        self._neutral = neutral

    def of(self, node: dict[str, Any]) -> str:
        """`namespace name`, and `.column` behind it."""
        column = f".{node['field']}" if node.get("field") else ""
        return self._neutral(f"{node['namespace']} {node['name']}{column}")

    def all(self, nodes: Iterable[dict[str, Any]]) -> frozenset[str]:
        """Of many."""
        return frozenset(self.of(node) for node in nodes)


def _job(node: dict[str, Any], names: _Names) -> Job:
    runs = [edge["node"] for edge in node["runs"]["edges"]]
    for run in runs:
        assert (run["endedAt"] is None) == (run["state"] in ("NEW", "RUNNING", "UNKNOWN")), run
        assert names.all(run["inputs"]) <= names.all(node["inputs"]), "a run reads what its job does not"
        assert names.all(run["outputs"]) <= names.all(node["outputs"]), "a run writes what its job does not"
    return Job(
        names.all(node["inputs"]),
        names.all(node["outputs"]),
        frozenset(parent["name"] for parent in node["parents"]),
        tuple(sorted(_run(run) for run in runs)),
    )


def _run(run: dict[str, Any]) -> str:
    parent = f" of {run['parent']['job']['name']}" if run["parent"] else ""
    return f"{run['state']}{'?' if run['startedInferred'] else ''}{parent}"


def _together(one: Job | None, other: Job) -> Job:
    if one is None:
        return other
    runs = tuple(sorted({*one.runs, *other.runs}))
    return Job(one.reads | other.reads, one.writes | other.writes, one.parents | other.parents, runs)


def _walk(
    ask: Ask, root: dict[str, Any] | None, direction: str, granularity: str
) -> list[tuple[dict[str, Any], dict[str, Any], str]]:
    if root is None:
        return []
    answer = ask(_LINEAGE, **root, direction=direction, granularity=granularity)["lineage"]
    assert answer["complete"] and not answer["hiddenCount"], answer
    nodes = {node["id"]: node for node in answer["nodes"]}
    return [
        (
            nodes[edge["source"]],
            nodes[edge["target"]],
            f"{edge['transformationType']} {edge['transformationSubtype'] or ''}".strip()
            if edge["kind"] == "DERIVES_FROM" and edge["transformationType"]
            else "",
        )
        for edge in answer["edges"]
    ]
