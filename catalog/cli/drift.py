"""`headwater drift`: where what was observed differs from what is declared."""

from __future__ import annotations

import click

from catalog.cli.client import connect
from catalog.cli.manifests import NAMES
from catalog.cli.options import examples, json_option, print_json, screen, url_option
from catalog.cli.plan import CHANGES, exitcode_option

MOST = 10_000
DRIFT = """
query Drift($manifest: String!, $first: Int!) {
  drift(manifest: $manifest) {
    manifest compared unseenSchemas unseenColumnLineage total
    items(first: $first) { type kind namespace name path declared observed since entry mend }
  }
}
"""


@click.command(
    epilog=examples("headwater drift", "headwater drift shop --detailed-exitcode", "headwater drift shop --json")
)
@click.argument("manifest", required=False)
@exitcode_option
@json_option
@url_option
@click.pass_context
def drift(ctx: click.Context, manifest: str | None, detailed_exitcode: bool, as_json: bool, url: str) -> None:
    """Show where what was observed differs from what is declared.

    By MANIFEST; without it, by each manifest. MISSING: declared, never observed. UNDECLARED: observed beside what is
    declared. SCHEMA, LINEAGE, COLUMN_LINEAGE, OWNER: they differ. Exits 3 if there is no such manifest.
    """
    from catalog.cli.plan_text import drift_text

    with connect(url) as client:
        names = [manifest] if manifest is not None else [m["name"] for m in client.graphql(NAMES)["manifests"]]
        found = [client.graphql(DRIFT, {"manifest": name, "first": MOST})["drift"] for name in names]
    if as_json:
        print_json({"manifests": found})
    else:
        click.echo("\n\n".join(drift_text(one, screen()) for one in found) or "no manifest was applied yet")
    if detailed_exitcode and any(one["total"] for one in found):
        ctx.exit(CHANGES)
