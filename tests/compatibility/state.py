"""What a service knows, read over GraphQL alone: one list per entity that scenarios speak of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.servers.asking import Asking

Listed = list[dict[str, Any]]

_PAGE = "edges { node { %s } } pageInfo { hasNextPage endCursor }"
_NAMES = f"query($after: String) {{ FIELD(first: 500, after: $after) {{ {_PAGE % 'namespace name'} }} }}"
_JOB = """query($namespace: String!, $name: String!) { job(namespace: $namespace, name: $name) {
  namespace name facets parents { namespace name } inputs { namespace name } outputs { namespace name } } }"""
_RUN = """runId state startedAt endedAt startedInferred nominalStartTime nominalEndTime facets
  job { namespace name } parent { runId job { namespace name } } inputs { namespace name } outputs { namespace name }"""
_RUNS = f"query($after: String) {{ runs(first: 100, after: $after) {{ {_PAGE % _RUN} }} }}"
_DATASET = """query($namespace: String!, $name: String!) {
  dataset(namespace: $namespace, name: $name) {
    namespace name fields { name type } facets aliases { namespace name } }
  lineage(root: {namespace: $namespace, name: $name}, granularity: FIELD, depth: 1) {
    nodes { id kind namespace name field } edges {
      source target kind transformationType transformationSubtype masking } } }"""


def read_state(service: Asking) -> dict[str, Listed]:
    """Everything, by entity."""
    jobs = [service.ask(_JOB, **name)["job"] for name in _pages(service, _NAMES.replace("FIELD", "jobs"), "jobs")]
    names = list(_pages(service, _NAMES.replace("FIELD", "datasets"), "datasets"))
    answers = [service.ask(_DATASET, **name) for name in names]
    datasets = [answer["dataset"] for answer in answers]
    return {
        "job": [{key: job[key] for key in ("namespace", "name", "facets", "parents")} for job in jobs],
        "run": [_run(node) for node in _pages(service, _RUNS, "runs")],
        "dataset": [{key: d[key] for key in ("namespace", "name", "fields", "facets")} for d in datasets],
        "link": [link for job in jobs for link in _links(job)],
        "column_edge": _distinct(edge for answer in answers for edge in _column_edges(answer["lineage"])),
        "symlink": _things(datasets),
    }


def _pages(service: Asking, query: str, field: str) -> Iterator[dict[str, Any]]:
    after = None
    while True:
        page = service.ask(query, after=after)[field]
        yield from (edge["node"] for edge in page["edges"])
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]


def _name(thing: dict[str, Any]) -> dict[str, str]:
    return {"namespace": thing["namespace"], "name": thing["name"]}


def _run(node: dict[str, Any]) -> dict[str, Any]:
    """A run with its facets as it sent them, apart from those of its datasets."""
    own = {key.partition("|")[2]: facet for key, facet in node["facets"].items() if key.startswith("run|")}
    return {**node, "facets": own}


def _links(job: dict[str, Any]) -> Listed:
    """One link for each way through the job: source and target, or the one there is."""
    sources, targets = job["inputs"] or [None], job["outputs"] or [None]
    pairs = [(source, target) for source in sources for target in targets if source or target]
    return [{"job": _name(job), "source": source, "target": target} for source, target in pairs]


def _column_edges(lineage: dict[str, Any]) -> Iterator[dict[str, Any]]:
    nodes = {node["id"]: node for node in lineage["nodes"]}
    for edge in lineage["edges"]:
        source, target = nodes[edge["source"]], nodes[edge["target"]]
        if edge["kind"] == "DERIVES_FROM" and source["kind"] == "FIELD":
            yield {
                "source": {**_name(source), "field": source["field"]},
                "target": {**_name(target), "field": target["field"]},
                "type": edge["transformationType"],
                "subtype": edge["transformationSubtype"],
                "masking": edge["masking"],
            }


def _things(datasets: Listed) -> Listed:
    """All names of each dataset that has several."""
    found: dict[str, Listed] = {}
    for dataset in datasets:
        names = [_name(dataset), *map(_name, dataset["aliases"])]
        together = _distinct(iter([name for each in names for name in found.get(str(each), [each])]))
        found |= {str(name): together for name in together}
    groups = [{"names": names} for names in found.values() if len(names) > 1]
    return _distinct(iter(groups))


def _distinct(things: Iterator[dict[str, Any]]) -> Listed:
    return list({str(thing): thing for thing in things}.values())
