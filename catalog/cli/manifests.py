"""`headwater manifests`: what was applied, by whom, when."""

from __future__ import annotations

import click

from catalog.cli.client import connect
from catalog.cli.options import examples, json_option, print_json, screen, url_option
from catalog.cli.render import Cell, clean, moment, table

NAMES = "{ manifests { name } }"
MANIFESTS = "{ manifests { name entities appliedAt appliedBy entry sequence } }"


@click.command(epilog=examples("headwater manifests", "headwater manifests --json"))
@json_option
@url_option
def manifests(as_json: bool, url: str) -> None:
    """List the manifests that were applied: how much each declares, and who applied it last."""
    with connect(url) as client:
        found = client.graphql(MANIFESTS)["manifests"]
    if as_json:
        print_json({"manifests": found})
        return
    rows = [
        [
            Cell(clean(one["name"])),
            Cell(f"{one['entities']:,}", whole=True),
            Cell(moment(one["appliedAt"]), whole=True),
            Cell(clean(one["appliedBy"] or "-")),
            Cell(one["entry"][:12], "dim", whole=True),
        ]
        for one in found
    ]
    titles = ["MANIFEST", "ENTITIES", "APPLIED", "BY", "ENTRY"]
    click.echo(table(titles, rows, screen()) if rows else "no manifest was applied yet")
