"""`headwater migrate`: bring the store's schema up to date."""

from __future__ import annotations

import json

import click

EPILOG = """\b
Examples:
  HEADWATER_STORE_URL=bolt://127.0.0.1:7687 HEADWATER_STORE_PASSWORD=secret headwater migrate
  headwater migrate --wait 60 --json     (beside a store that is still starting)
"""


@click.command(epilog=EPILOG)
@click.option(
    "--wait",
    type=click.FloatRange(min=0),
    default=0.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for a store that does not answer yet.",
)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def migrate(wait: float, as_json: bool) -> None:
    """Bring the store's schema up to date; running it again is harmless."""
    from catalog.bootstrap.stores import migrate_store
    from catalog.process import tell_ready
    from catalog.settings import read_settings

    applied = migrate_store(read_settings(), wait=wait)
    tell_ready()
    if as_json:
        click.echo(json.dumps({"applied": applied}))
    else:
        click.echo(f"applied {', '.join(applied)}" if applied else "nothing to do: the schema is up to date")
