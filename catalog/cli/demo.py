"""`headwater demo`: the main job once, on recorded events, leaving nothing behind."""

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
    """Start everything in a temporary directory, send recorded events, apply manifests, show both, stop."""
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
    told = ", ".join(f"{number} {type_.lower()}" for type_, number in sorted(kinds.items()))
    click.echo(f"{told}; `headwater drift` lists them\n")


def _how_to_ask(namespace: str, name: str) -> None:
    root = f'{{namespace: \\"{namespace}\\", name: \\"{name}\\"}}'
    query = f"{{ lineage(root: {root}) {{ nodes {{ kind name }} complete }} }}"
    click.echo(
        f"""Ask the same yourself, after `headwater up --demo` (from a checkout: .venv/bin/headwater):

  headwater lineage {namespace} {name}
  headwater plan deploy/example; headwater apply deploy/example --yes
  headwater lineage {namespace} {name} --field lifetime_value --json

  curl -s http://127.0.0.1:5000/graphql -H 'Content-Type: application/json' \\
    -d '{{"query": "{query}"}}'"""
    )
