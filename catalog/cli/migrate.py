"""`headwater migrate`: bring the store's schema up to date."""

from __future__ import annotations

import json

import click

EPILOG = """\b
Examples:
  HEADWATER_STORE_URL=bolt://127.0.0.1:7687 HEADWATER_STORE_PASSWORD=secret headwater migrate
  headwater migrate --json
"""


@click.command(epilog=EPILOG)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON object.")
def migrate(as_json: bool) -> None:
    """Bring the store's schema up to date; running it again is harmless."""
    from catalog.bootstrap import migrate_store
    from catalog.settings import read_settings

    applied = migrate_store(read_settings())
    if as_json:
        click.echo(json.dumps({"applied": applied}))
    else:
        click.echo(f"applied {', '.join(applied)}" if applied else "nothing to do: the schema is up to date")
