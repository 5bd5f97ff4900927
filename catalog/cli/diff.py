"""`headwater diff`: what changed in a lineage between two moments, and which runs made it so."""

from __future__ import annotations

from typing import Any

import click

from catalog.cli.client import connect
from catalog.cli.lineage import not_found
from catalog.cli.options import examples, json_option, print_json, screen, url_option
from catalog.cli.render import PLAIN, Screen, clean, count, moment, paint
from catalog.cli.tree import unsettled

DIFF = """
query Diff($root: LineageRoot!, $from: MomentInput!, $to: MomentInput, $direction: Direction!, $depth: Int!,
           $granularity: Granularity!) {
  lineageDiff(root: $root, from: $from, to: $to, direction: $direction, depth: $depth, granularity: $granularity) {
    root
    from { asOf knownAt stale } to { asOf knownAt stale }
    nodesAdded { id kind namespace name field } nodesRemoved { id kind namespace name field }
    nodes { id kind namespace name field }
    edges {
      change reason
      edge { source target kind origin transformationType transformationSubtype job via }
      cause { ...Cause } before { ...Cause } after { ...Cause }
    }
    empty complete truncatedBy hiddenCount sequence appliedThrough
  }
}
fragment Cause on EdgeCause { ends time sequence entry run { id runId } }
"""
_SIGNS = {"ADDED": ("+", "good"), "REMOVED": ("-", "bad"), "REEVIDENCED": ("~", "busy")}
_REASONS = {
    "ASSERTED": "told",
    "ENDED": "ended",
    "NOT_YET": "not told yet then; told",
    "REACHABLE": "held before, now on a path; told",
    "UNREACHABLE": "still holds, on no path any more; told",
    "CUT_OFF": "the other answer is cut off; told",
}
DIFFERENT = 1
Json = dict[str, Any]


def _moment(ctx: click.Context, param: click.Parameter, value: str | None) -> dict[str, str] | None:
    if value is None:
        return None
    as_of, at, known_at = value.partition("@")
    if at and not known_at.strip():
        raise click.BadParameter(f"{value!r}: behind @ stands a time or a sequence", ctx, param)
    given = {"asOf": as_of.strip(), "knownAt": known_at.strip()}
    return {key: part for key, part in given.items() if part}


@click.command(
    epilog=examples(
        "headwater diff postgres://db:5432 shop.public.orders --from 2026-03-01",
        "headwater diff postgres://db:5432 shop.public.orders --from @1234 --to @1300",
        "headwater diff airflow nightly_orders --kind job --from 2026-03-01@1234 --to 2026-03-01 --exit-code",
        notes=(
            "A moment is TIME (what had happened by then), @SEQUENCE or @TIME (what had been accepted by then), or "
            "both in one: TIME@SEQUENCE. Exit codes: 0, or with --exit-code 1 if anything changed.",
        ),
    )
)
@click.argument("namespace")
@click.argument("name")
@click.option("--from", "start", metavar="MOMENT", required=True, callback=_moment, help="The first moment.")
@click.option("--to", "end", metavar="MOMENT", callback=_moment, help="The second; now without it.")
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
@click.option("--exit-code", is_flag=True, help="Exit with 1 if anything changed.")
@json_option
@url_option
def diff(
    namespace: str,
    name: str,
    start: dict[str, str],
    end: dict[str, str] | None,
    kind: str,
    direction: str,
    depth: int,
    granularity: str,
    exit_code: bool,
    as_json: bool,
    url: str,
) -> None:
    """Show what changed in a lineage between two moments.

    Each edge that came (+), went (-) or rests on something else (~) says which run made it so.
    """
    variables = {
        "root": {"kind": kind.upper(), "namespace": namespace, "name": name},
        "from": start,
        "to": end,
        "direction": direction.upper(),
        "depth": depth,
        "granularity": granularity.upper(),
    }
    with connect(url) as client:
        found = client.graphql(DIFF, variables)["lineageDiff"]
        if found is None:
            raise not_found(client, kind, namespace, name)
    if as_json:
        print_json(found)
    else:
        click.echo(text(found, screen()))
    if exit_code and not found["empty"]:
        raise click.exceptions.Exit(DIFFERENT)


def text(found: Json, screen: Screen = PLAIN) -> str:
    """A line for each difference, and one that says how many there are, between which moments."""
    nodes = {node["id"]: node for node in found["nodes"]}
    lines = [_signed("ADDED", _node(node), screen) for node in found["nodesAdded"]]
    lines += [_signed("REMOVED", _node(node), screen) for node in found["nodesRemoved"]]
    for change in found["edges"]:
        edge = change["edge"]
        ends = " -> ".join(_node(nodes[edge[end]]) for end in ("source", "target"))
        lines.append(_signed(change["change"], f"{edge['kind']}  {ends}{_why(change)}", screen))
    return "\n".join([*lines, _summary(found)])


def _summary(found: Json) -> str:
    kinds = [change["change"] for change in found["edges"]]
    if found["empty"]:
        parts = ["nothing changed"]
    else:
        added, removed = len(found["nodesAdded"]), len(found["nodesRemoved"])
        edges = [f"{kinds.count(kind)} {kind.lower()}" for kind in _SIGNS if kind in kinds]
        parts = [f"nodes: {added} added, {removed} removed", f"edges: {', '.join(edges) or 'none'}"]
    if not found["complete"]:
        parts.append(f"truncated by {', '.join(found['truncatedBy'])}: there may be more")
    if found["hiddenCount"]:
        parts.append(f"{count(found['hiddenCount'], 'node')} hidden")
    return "; ".join([*parts, f"from {_side(found, 'from')}", f"to {_side(found, 'to')}"])


def _side(found: Json, end: str) -> str:
    side = found[end]
    parts = [moment(side["asOf"])] if side["asOf"] else []
    if side["knownAt"] is not None:
        parts.append(
            f"sequence {side['knownAt']:,}" + unsettled({**side, "sequence": found["sequence"]}, side["knownAt"])
        )
    return " at ".join(parts)


def _why(change: Json) -> str:
    cause = change["cause"]
    words = _REASONS.get(change["reason"], "rests on what was told")
    if cause is None:
        return ""
    by = f" by run {clean(cause['run']['runId'])}" if cause["run"] else ""
    when = f" at {moment(cause['time'])}" if cause["time"] else ""
    return f"  ({words}{by}{when}, entry {clean((cause['entry'] or 'gone')[:12])}, sequence {cause['sequence']:,})"


def _signed(kind: str, line: str, screen: Screen) -> str:
    sign, style = _SIGNS[kind]
    return paint(f"{sign} {line}", style, screen.color)


def _node(node: Json) -> str:
    column = f" . {clean(node['field'])}" if node.get("field") else ""
    return f"{'column' if node['kind'] == 'FIELD' else node['kind'].lower()} {clean(node['name'])}{column}"
