"""`headwater plan`: what applying a manifest would change."""

from __future__ import annotations

import json
from pathlib import Path

import click

from catalog.cli.client import connect
from catalog.cli.options import examples, json_option, print_json, screen, url_option
from catalog.cli.wanted import manifest_option, read, share_option

CHANGES = 2
"""Exit code of --detailed-exitcode where there is something to change, as Terraform has it."""

exitcode_option = click.option(
    "--detailed-exitcode", is_flag=True, help="Exit 0 if there is nothing, 2 if there is something, 1 on an error."
)


@click.command(
    epilog=examples(
        "headwater plan",
        "headwater plan manifests/shop --out shop.plan",
        "headwater plan manifests/shop --detailed-exitcode --json",
        "headwater plan manifests/shop --allow-removals 0.5",
    )
)
@click.argument("path", default=".", type=click.Path())  # 2 means changes: a path that is not there is an error
@manifest_option
@share_option
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Keep the plan, for `headwater apply`.")
@exitcode_option
@json_option
@url_option
@click.pass_context
def plan(
    ctx: click.Context,
    path: str,
    manifest: str | None,
    allow_removals: float | None,
    out: Path | None,
    detailed_exitcode: bool,
    as_json: bool,
    url: str,
) -> None:
    """Show what applying the manifest in PATH would change; nothing is written.

    PATH is a directory with a headwater.yaml, or a file; the current directory without it. Exits 1 if documents cannot
    be read, or if the plan could not be applied: then it says why.
    """
    from catalog.cli.plan_text import plan_text

    wanted = read(path, manifest, allow_removals)
    with connect(url) as client:
        made = client.plan_manifest(wanted.body)
    if out:
        out.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if as_json:
        print_json(made)
    else:
        click.echo(plan_text(made, wanted.places, screen()))
    if made["obstacles"]:
        ctx.exit(1)
    if detailed_exitcode and (made["changes"] or made.get("heading")):
        ctx.exit(CHANGES)
