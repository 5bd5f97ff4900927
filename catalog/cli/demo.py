"""`headwater demo`: the main job once, on recorded events; nothing is left running, and a report is left to read."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from catalog.cli.options import examples, screen
from catalog.cli.render import count

if TYPE_CHECKING:
    from catalog.cli.client import Client

DAY = "2026-10-03T12:00:00Z"
"""A day on which the example's deployment served another version than today."""


@click.command(epilog=examples("headwater demo", "headwater up --demo        # the same events, and it stays up"))
def demo() -> None:
    """Start everything in a temporary directory, send events, apply manifests, seal a report, stop."""
    from catalog.cli.client import Client
    from catalog.cli.recorded import DBT_TABLE, SPARK_TABLE, send_recorded
    from catalog.cli.stack import Stack
    from catalog.graph.embedded import free_port
    from catalog.settings import read_settings

    started = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="headwater-demo-"))
    settings = read_settings(data=folder, port=free_port(), host="127.0.0.1")
    token = settings.api_token.get_secret_value() if settings.api_token else None
    stack = Stack(settings, lambda name, state, where: click.echo(f"{name:<7} {state:<6} {where}"), brief=True)
    try:
        stack.start()
        with Client(stack.url, token) as client:
            count = send_recorded(client)
            click.echo(f"sent    {count} recorded events of a Spark pipeline and a dbt project; all applied\n")
            _show(client, "Where does the Spark table come from?", *SPARK_TABLE)
            _show(client, "… and its column `agg`?", *SPARK_TABLE, field="agg")
            _show(client, "Where does the dbt model dim_customers come from?", *DBT_TABLE)
            _show(client, "… and its column `lifetime_value`?", *DBT_TABLE, field="lifetime_value")
            _declare(client)
            _prove(client)
        _how_to_ask(*DBT_TABLE)
    finally:
        stack.stop()
        shutil.rmtree(folder, ignore_errors=True)
    click.echo(f"\nstopped, nothing left running; {time.monotonic() - started:.1f} s in all")


def _show(client: Client, title: str, namespace: str, name: str, field: str | None = None) -> None:
    from catalog.cli.lineage import LINEAGE
    from catalog.cli.tree import tree

    root = {"kind": "DATASET", "namespace": namespace, "name": name, "field": field}
    variables = {
        "root": root,
        "direction": "UPSTREAM",
        "depth": 10,
        "granularity": "FIELD" if field else "ALL",
    }
    answer = client.graphql(LINEAGE, variables)["lineage"]
    click.echo(f"{click.style(title, bold=True)}\n{tree(answer, 'UPSTREAM', screen())}\n")


def _declare(client: Client) -> None:
    """What people declare beside what pipelines tell, and where the two differ."""
    from catalog.cli.deployments import DEPLOYMENTS
    from catalog.cli.drift import DRIFT
    from catalog.cli.model_text import deployments_text
    from catalog.cli.recorded import apply_example

    made = apply_example(client)
    edges = count(made["edgesAdded"], "edge")
    click.echo(
        f"applied {count(made['create'], 'declared entity', 'declared entities')}, {edges} of lineage among them\n"
    )
    click.echo(click.style(f"Which model was in production on {DAY:.10}?", bold=True))
    served = client.graphql(DEPLOYMENTS, {"on": DAY})["deployments"]
    click.echo(f"{deployments_text(served, screen())}\n")
    found = client.graphql(DRIFT, {"manifest": "jaffle-shop", "first": 500})["drift"]
    click.echo(click.style("Where do manifests and events differ?", bold=True))
    kinds = Counter(item["type"] for item in found["items"])
    told = ", ".join(f"{number} {type_.lower().replace('_', ' ')}" for type_, number in sorted(kinds.items()))
    click.echo(f"{told}; `headwater drift` lists them\n")


def _prove(client: Client) -> None:
    """Which policies hold of all that: a sealed report, verified, in a directory that stays."""
    from catalog.cli.orders import wait_for
    from catalog.cli.report import RUN
    from catalog.cli.report_files import REPORTS, download
    from catalog.reports.keys import read_public
    from catalog.reports.verify import report_of, verify

    click.echo(click.style("Which policies of good order and of the GDPR hold?", bold=True))
    asked = {"name": "policy-compliance", "packs": ["hygiene", "gdpr"]}
    order = client.graphql(RUN, {"input": asked})["runReport"]
    made = wait_for(client, order["id"], seconds=120)["result"]
    file, keys = download(client, made, "html"), read_public(client.download(f"{REPORTS}/key").decode())
    verdict, told = verify(file, keys), report_of(download(client, made, "json"))
    passed, failed, errors = (sum(int(row[at] or 0) for row in told.populations) for at in (2, 3, 4))
    click.echo(f"{len(told.policies)} policies: {passed} times one holds, {failed} not, {errors} cannot be evaluated")
    path = Path(tempfile.mkdtemp(prefix="headwater-demo-report-")) / "policy-compliance.html"
    path.write_bytes(file)
    held = "as it was sealed" if verdict.holds else "NOT AS IT WAS SEALED"
    click.echo(f"a report, {len(file):,} bytes, verified with the public key: {held}\n{path}\n")


def _how_to_ask(namespace: str, name: str) -> None:
    root = f'{{namespace: \\"{namespace}\\", name: \\"{name}\\"}}'
    query = f"{{ lineage(root: {root}) {{ nodes {{ kind name }} complete }} }}"
    click.echo(
        f"""Ask the same yourself, after `headwater up --demo` (from a checkout: .venv/bin/headwater):

  headwater lineage {namespace} {name}
  headwater plan deploy/example; headwater apply deploy/example --yes
  headwater lineage {namespace} {name} --field lifetime_value --json
  headwater report run policy-compliance --pack hygiene --pack gdpr --output compliance.pdf

  curl -s http://127.0.0.1:5000/graphql -H 'Content-Type: application/json' \\
    -d '{{"query": "{query}"}}'"""
    )
