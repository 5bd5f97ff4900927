"""`headwater lineage`: where a dataset, job or column came from, and what it feeds."""

from __future__ import annotations

from typing import Any

import click

from catalog.cli.client import Client, connect
from catalog.cli.options import (
    as_of_option,
    examples,
    json_option,
    known_at_option,
    print_json,
    screen,
    url_option,
)
from catalog.cli.render import clean, hits_table
from catalog.cli.run_lineage import ask_run, run_text
from catalog.cli.search import near
from catalog.cli.tree import tree
from catalog.errors import UnknownKey

LINEAGE = """
query Lineage($root: LineageRoot!, $direction: Direction!, $depth: Int!, $granularity: Granularity!,
              $asOf: String, $knownAt: String, $view: LineageView! = ALL, $seenSince: String, $origins: [Origin!],
              $transformations: [Transformation!], $rollUp: Boolean! = false) {
  lineage(root: $root, direction: $direction, depth: $depth, granularity: $granularity,
          asOf: $asOf, knownAt: $knownAt, view: $view, seenSince: $seenSince, origins: $origins,
          transformations: $transformations, rollUp: $rollUp) {
    root
    nodes { id kind entityKind namespace name field job { latestRun { state startedAt endedAt } } }
    edges { source target kind origin transformationType transformationSubtype masking description job via basis
            wholeDataset agreement }
    complete truncatedBy frontier hiddenCount sequence appliedThrough asOf knownAt stale
  }
}
"""
_MOMENT = ("asOf", "knownAt", "stale")
_HONESTY = ("complete", "truncatedBy", "frontier", "hiddenCount", "sequence", "appliedThrough", *_MOMENT)


@click.command(
    epilog=examples(
        "headwater lineage postgres://db:5432 shop.public.orders",
        "headwater lineage airflow nightly_orders --kind job --direction downstream",
        "headwater lineage postgres://db:5432 shop.public.orders --field amount --json",
        "headwater lineage postgres://db:5432 shop.public.orders --as-of 2026-03-01T12:00:00Z --known-at 1234",
        "headwater lineage airflow nightly_orders --kind job --latest",
        "headwater lineage postgres://db:5432 shop.public.orders --roll-up",
        "headwater lineage postgres://db:5432 shop.public.orders --granularity field --direct-only",
        "headwater lineage --run 0195f0a2-7c1e-7a52-9d0f-6a4c8a2a1b11",
    )
)
@click.argument("namespace", required=False)
@click.argument("name", required=False)
@click.option("--kind", type=click.Choice(["dataset", "job"]), default="dataset", show_default=True, help="What it is.")
@click.option(
    "--direction",
    type=click.Choice(["upstream", "downstream", "both"]),
    default="upstream",
    show_default=True,
    help="Towards the sources, towards what is made of it, or both.",
)
@click.option(
    "--depth",
    metavar="N",
    type=click.IntRange(1, 100),
    default=10,
    show_default=True,
    help="How many datasets far to look.",
)
@click.option(
    "--granularity",
    type=click.Choice(["all", "dataset", "job", "field"]),
    default="all",
    show_default=True,
    help="Datasets and jobs, only one of them, or columns.",
)
@click.option("--field", metavar="PATH", help="Follow this column of the dataset; `a.b` is b inside of a.")
@click.option("--latest", is_flag=True, help="Only what the latest completed run of each job read and wrote.")
@click.option("--since", metavar="TIME", help="Only what an event has said since this time (ISO-8601).")
@click.option(
    "--origin",
    "origins",
    multiple=True,
    type=click.Choice(["observed", "declared", "inferred"]),
    help="Only what was told in this way; may be given again.",
)
@click.option("--direct-only", is_flag=True, help="Only columns that values are made of, not filters, joins, orders.")
@click.option("--roll-up", is_flag=True, help="Show each job as its topmost parent; start at a job with all below it.")
@click.option("--run", metavar="ID", help="Only what this run did, instead of NAMESPACE and NAME.")
@as_of_option
@known_at_option
@json_option
@url_option
def lineage(
    namespace: str | None,
    name: str | None,
    kind: str,
    direction: str,
    depth: int,
    granularity: str,
    field: str | None,
    latest: bool,
    since: str | None,
    origins: tuple[str, ...],
    direct_only: bool,
    roll_up: bool,
    run: str | None,
    as_of: str | None,
    known_at: str | None,
    as_json: bool,
    url: str,
) -> None:
    """Show where something came from, or what it feeds.

    NAMESPACE and NAME are those of a dataset, or with --kind of a job. What is declared and was never seen says so, and
    so does what a job that declares anything was seen to do besides. The last line says whether the answer is
    complete, and if not, what is missing; and the moment it is as of.
    """
    if run is not None:
        if namespace is not None or latest or since or origins or field is not None or direct_only or roll_up:
            raise click.UsageError("--run ID takes --as-of and --known-at only")
        with connect(url) as client:
            did = ask_run(client, run, as_of, known_at)
        print_json(did) if as_json else click.echo(run_text(did, screen()))
        return
    if namespace is None or name is None:
        raise click.UsageError("give NAMESPACE and NAME, or --run ID")
    if kind == "job" and (field is not None or granularity == "field"):
        raise click.UsageError("columns belong to datasets: leave out --kind job")
    variables = {
        "root": {"kind": kind.upper(), "namespace": namespace, "name": name, "field": field},
        "direction": direction.upper(),
        "depth": depth,
        "granularity": "FIELD" if field is not None else granularity.upper(),
        "asOf": as_of,
        "knownAt": known_at,
        "view": "LATEST_RUN" if latest else "ALL",
        "seenSince": since,
        "origins": [origin.upper() for origin in origins] or None,
        "transformations": ["DIRECT"] if direct_only else None,
        "rollUp": roll_up,
    }
    with connect(url) as client:
        answer = client.graphql(LINEAGE, variables)["lineage"]
        if answer is None:
            raise not_found(client, kind, namespace, name)
    if as_json:
        print_json(as_document(answer))
    else:
        click.echo(tree(answer, direction.upper(), screen()))


def as_document(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer for programs: what does not apply to a node or an edge is left out of it."""
    nodes = []
    for node in answer["nodes"]:
        shown = _present(node, "id", "kind", "entityKind", "namespace", "name", "field")
        if run := (node.get("job") or {}).get("latestRun"):
            shown["latestRun"] = run
        nodes.append(shown)
    edges = [{k: v for k, v in edge.items() if v is not None and v != "" and v != []} for edge in answer["edges"]]
    return {"root": answer["root"], "nodes": nodes, "edges": edges, **{key: answer[key] for key in _HONESTY}}


def _present(values: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: values[key] for key in keys if values.get(key) is not None}


def not_found(client: Client, kind: str, namespace: str, name: str) -> UnknownKey:
    """The error for a thing that is not there, with what is near it."""
    message = f"no {kind} {clean(name)!r} in namespace {clean(namespace)!r}"
    if hits := near(client, namespace, name):
        message += "; near it:\n" + hits_table(hits)
    return UnknownKey(message, name)
