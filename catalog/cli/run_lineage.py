"""`headwater lineage --run`: what one run read, wrote and started."""

from __future__ import annotations

from typing import Any

from catalog.cli.client import Client
from catalog.cli.render import PLAIN, Screen, clean, count, moment, paint, state
from catalog.cli.tree import tree
from catalog.errors import InvalidQuestion, UnknownKey

RUN_LINEAGE = """
query RunLineage($id: ID!, $asOf: String, $knownAt: String) {
  runLineage(id: $id, asOf: $asOf, knownAt: $knownAt) {
    run { id runId state startedAt endedAt job { namespace name } }
    root
    nodes { id kind namespace name field }
    edges { source target kind origin transformationType transformationSubtype masking description job
            wholeDataset }
    parent { id runId state job { namespace name } }
    children { id runId state job { namespace name } }
    childrenComplete hiddenCount sequence appliedThrough asOf knownAt stale
  }
}
"""
RUNS_OF_ID = """
query RunsOfId($runId: String!, $first: Int!) {
  runs(runId: $runId, first: $first) { edges { node { id job { namespace name } } } }
}
"""
MOST_NAMED = 10
Json = dict[str, Any]


def ask_run(client: Client, run: str, as_of: str | None, known_at: str | None) -> Json:
    """The lineage of a run by its id, or by the id its producer gave it.

    Raises:
        UnknownKey: there is none, or nothing was heard of it by then.
        InvalidQuestion: several jobs share the id.
    """
    moment = {"asOf": as_of, "knownAt": known_at}
    answer: Json | None = client.graphql(RUN_LINEAGE, {"id": run, **moment})["runLineage"]
    if answer is None:
        answer = client.graphql(RUN_LINEAGE, {"id": _id_of(client, run), **moment})["runLineage"]
    if answer is None:
        raise UnknownKey(f"nothing was heard of run {clean(run)!r} by then", run)
    return answer


def _id_of(client: Client, run: str) -> str:
    edges = client.graphql(RUNS_OF_ID, {"runId": run, "first": MOST_NAMED})["runs"]["edges"]
    found = [edge["node"] for edge in edges]
    if not found:
        raise UnknownKey(f"no run {clean(run)!r}", run)
    if len(found) > 1:
        named = "\n".join(f"  {node['id']}  {_job(node)}" for node in found)
        raise InvalidQuestion(f"several jobs have a run {clean(run)!r}; give one of these ids:\n{named}")
    return str(found[0]["id"])


def run_text(answer: Json, screen: Screen = PLAIN) -> str:
    """The run, the runs around it, and a tree of what it read and wrote; of columns the number only."""
    run = answer["run"]
    lines = [f"run  {_run(run, screen)}  {moment(run['startedAt'])}"]
    if answer["parent"]:
        lines.append(f"started by  {_run(answer['parent'], screen)}")
    lines += [f"started  {_run(child, screen)}" for child in answer["children"]]
    if not answer["childrenComplete"]:
        lines.append("started more runs than these")
    columns = [edge for edge in answer["edges"] if edge["kind"] == "DERIVES_FROM"]
    tables = {
        **answer,
        "nodes": [node for node in answer["nodes"] if node["kind"] != "FIELD"],
        "edges": [edge for edge in answer["edges"] if edge["kind"] != "DERIVES_FROM"],
        "complete": True,
        "truncatedBy": [],
        "frontier": [],
    }
    if columns:
        lines.append(f"{count(len(columns), 'column edge')}; --json has them")
    return "\n".join([*lines, tree(tables, "BOTH", screen, latest=False)])


def _run(run: Json, screen: Screen) -> str:
    name = state(run["state"])
    return f"{clean(run['runId'])}  {_job(run)}  {paint(name.text, name.style, screen.color)}"


def _job(run: Json) -> str:
    job = run["job"]
    return f"{clean(job['name'])} ({clean(job['namespace'])})" if job else "-"
