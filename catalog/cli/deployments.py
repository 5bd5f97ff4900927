"""`headwater deployments`: what each deployment of a model serves, or served on a day."""

from __future__ import annotations

import click

from catalog.cli.client import connect
from catalog.cli.model_text import deployments_text
from catalog.cli.options import examples, json_option, known_at_option, print_json, screen, url_option

_STINT = "{ modelVersion { registry model version } from to origin manifest sequence health region }"
DEPLOYMENTS = f"""
query Deployments($on: String, $environment: String, $knownAt: String) {{
  deployments(on: $on, environment: $environment, knownAt: $knownAt) {{
    on deployments {{ environment name now {_STINT} stints {_STINT} }}
    extent {{ complete truncatedBy hiddenCount knownAt sequence appliedThrough stale }}
  }}
}}
"""


@click.command(
    epilog=examples(
        "headwater deployments",
        "headwater deployments --on 2026-03-01T12:00:00Z --environment prod",
        "headwater deployments --environment prod --known-at 1234 --json",
    )
)
@click.option("--on", metavar="TIME", help="At this time (ISO-8601); now without it.")
@click.option("--environment", metavar="NAME", help="Only this environment.")
@known_at_option
@json_option
@url_option
def deployments(on: str | None, environment: str | None, known_at: str | None, as_json: bool, url: str) -> None:
    """List deployments of models and what they serve, or served at a time.

    Events count by their times, manifests by the intervals they give. What trained a version: `headwater model show`.
    Exits 3 if there is no such environment.
    """
    with connect(url) as client:
        given = {"on": on, "environment": environment, "knownAt": known_at}
        found = client.graphql(DEPLOYMENTS, given)["deployments"]
    if as_json:
        print_json(found)
    else:
        click.echo(deployments_text(found, screen()))
