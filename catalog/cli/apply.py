"""`headwater apply`: makes a manifest's documents what the catalog declares."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import click

from catalog.cli.client import Client, connect
from catalog.cli.options import as_option, examples, json_option, print_json, screen, url_option
from catalog.cli.render import clean
from catalog.cli.wanted import manifest_option, read, share_option
from catalog.errors import InvalidQuestion, Overloaded, Rejected, UnsafePlan

WAIT_SECONDS = 600.0
LOOK_SECONDS = 0.5
STATE = "query State($key: String!) { ingestion(key: $key) { key sequence state reason } }"
Json = dict[str, Any]


@click.command(
    epilog=examples(
        "headwater apply",
        "headwater apply shop.plan",
        "headwater apply manifests/shop --yes --as ci@shop --json",
    )
)
@click.argument("path", metavar="[PLANFILE|PATH]", default=".", type=click.Path())
@manifest_option
@share_option
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_option
@json_option
@url_option
def apply(
    path: str, manifest: str | None, allow_removals: float | None, yes: bool, as_name: str, as_json: bool, url: str
) -> None:
    """Apply a plan that was kept, or plan the manifest in PATH, show it, ask, and apply.

    All of it counts, or nothing. A PLANFILE of `headwater plan --out` applies exactly what it says, and is refused if
    the manifest was applied since. Without a terminal to ask on, --yes is needed. Exits 1 if it is refused.
    """
    kept = _plan_file(path)
    with connect(url) as client:
        plan = (
            kept if kept is not None else _planned(client, path, manifest, allow_removals, ask=not yes, quiet=as_json)
        )
        if plan is None:
            raise click.Abort
        answer = client.apply_plan(plan, as_name)
        entry = answer["entry"]
        if entry and entry["state"] == "ACCEPTED":
            entry = _wait(client, entry, quiet=as_json)
    if as_json:
        print_json({**answer, "entry": entry, "manifest": plan["manifest"], "summary": plan.get("summary")})
    elif entry is None:
        click.echo(f"{clean(plan['manifest'])}: nothing to change")
    else:
        again = " (it had been before)" if answer["again"] else ""
        click.echo(f"{clean(plan['manifest'])}: applied as entry {entry['sequence']}, {entry['key'][:12]}{again}")
    if entry and entry["state"] != "APPLIED":
        raise Rejected(f"entry {entry['sequence']} is {entry['state']}: {clean(entry.get('reason') or '-', 2_000)}")


def _plan_file(path: str) -> Json | None:
    """The plan in a file; None if it is something else."""
    from catalog.lineage.canonical import parse
    from catalog.manifest.plan import PLAN

    file = Path(path)
    if not file.is_file() or file.suffix in (".yaml", ".yml"):
        return None
    text = file.read_bytes()
    if text.lstrip()[:1] != b"{":
        return None
    value = parse(text)
    return value if isinstance(value, dict) and value.get("headwater") == PLAN else None


def _planned(
    client: Client, path: str, manifest: str | None, share: float | None, *, ask: bool, quiet: bool
) -> Json | None:
    """The plan of a directory, once it is agreed to."""
    from catalog.cli.plan_text import plan_text, summary

    wanted = read(path, manifest, share)
    plan = client.plan_manifest(wanted.body)
    if not quiet:
        click.echo(plan_text(plan, wanted.places, screen()))
    if plan["obstacles"]:
        told = f"{summary(plan)}: {'; '.join(clean(o['message'], 2_000) for o in plan['obstacles'][:20])}"
        raise UnsafePlan(told if quiet else "nothing was applied; what stands against it is told above")
    if not ask or not (plan["changes"] or plan.get("heading")):
        return plan
    if not sys.stdin.isatty():
        raise InvalidQuestion("nobody can be asked here: look at `headwater plan`, then apply with --yes")
    return plan if click.confirm("Apply this?", err=True) else None


def _wait(client: Client, entry: Json, *, quiet: bool) -> Json:
    """The entry once it is settled; a large apply takes a while."""
    if not quiet:
        click.echo(f"accepted as entry {entry['sequence']}; waiting until it is in the graph", err=True)
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        found = client.graphql(STATE, {"key": entry["key"]})["ingestion"]
        if found and found["state"] != "ACCEPTED":
            return dict(found)
        time.sleep(LOOK_SECONDS)
    raise Overloaded(
        f"entry {entry['sequence']} is accepted, and after {WAIT_SECONDS:.0f} s not in the graph yet; it will be: see "
        f"`headwater inbox show {entry['key'][:12]}`"
    )
