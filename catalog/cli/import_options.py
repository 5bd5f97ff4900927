"""Options that importers of declared things share; light, since a command's help imports them."""

from __future__ import annotations

import click

dry_run_option = click.option("--dry-run", is_flag=True, help="Show what would change; write nothing.")
leave_option = click.option(
    "--leave",
    metavar="KIND|KIND:NAME",
    multiple=True,
    help="Leave these to other manifests, such as Team or tag:pii; may be given more than once.",
)
removals_option = click.option(
    "--allow-removals",
    metavar="SHARE",
    type=click.FloatRange(0, 1),
    default=0.2,
    show_default=True,
    help="Share of what was imported before that may be removed.",
)
