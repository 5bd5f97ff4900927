"""`headwater export` and `headwater init`: manifests out of what is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from catalog.cli.against import EXPORT
from catalog.cli.client import connect
from catalog.cli.folders import check_empty, force_option, output_option, write_files
from catalog.cli.manifests import NAMES
from catalog.cli.options import examples, json_option, print_json, url_option
from catalog.cli.render import clean, count
from catalog.errors import InvalidQuestion

HEADINGS = "{ manifests { name heading } }"
STARTER = (
    "query Starter($namespaces: [String!]) { starterManifest(namespaces: $namespaces) { documents declared leftOut } }"
)
SCHEMAS = "/schema/manifest/v1"
Json = dict[str, Any]


@click.command(
    epilog=examples("headwater export shop --output manifests/shop", "headwater export --all --output manifests")
)
@click.argument("manifest", required=False)
@click.option("--all", "every", is_flag=True, help="All manifests, each into a directory of its own below DIR.")
@output_option
@force_option
@json_option
@url_option
def export(manifest: str | None, every: bool, output: Path, force: bool, as_json: bool, url: str) -> None:
    """Write what MANIFEST declares as YAML into a directory; planned from there, nothing changes.

    Exits 3 if there is no such manifest.
    """
    from catalog.manifest.write import slug

    if every == (manifest is not None):
        raise click.UsageError("name one manifest, or say --all")
    with connect(url) as client:
        names = [manifest] if manifest is not None else [m["name"] for m in client.graphql(NAMES)["manifests"]]
        found = {name: client.graphql(EXPORT, {"manifest": name})["exportManifest"] for name in names}
        headings = {one["name"]: one["heading"] for one in client.graphql(HEADINGS)["manifests"]}
    told = []
    for name, documents in found.items():
        folder = output / slug(name) if every else output
        notes = [f"Exported from {url}."]
        told.append(_write(folder, str(name), documents, notes, url, force=force, heading=headings.get(name)))
    _tell(told, as_json=as_json)


@click.command(
    epilog=examples(
        "headwater init --output manifests/shop",
        "headwater init --namespace postgres://db:5432 --namespace airflow --manifest shop --output manifests/shop",
    )
)
@click.option("--namespace", "namespaces", metavar="NAMESPACE", multiple=True, help="Only these; else all.")
@click.option("--manifest", metavar="NAME", help="What to call it; else as the directory is called.")
@output_option
@force_option
@json_option
@url_option
def init(namespaces: tuple[str, ...], manifest: str | None, output: Path, force: bool, as_json: bool, url: str) -> None:
    """Write a manifest to begin with, out of what was observed: datasets, pipelines, owners.

    Nothing is applied. What is there is what producers said; look through it, then `headwater plan DIR`.
    """
    with connect(url) as client:
        begun = client.graphql(STARTER, {"namespaces": list(namespaces) or None})["starterManifest"]
    if begun["declared"]:
        click.echo(f"{count(begun['declared'], 'thing is', 'things are')} declared already, and left out", err=True)
    for thing in begun["leftOut"]:
        click.echo(f"left out, since no document can have its name: {clean(thing)}", err=True)
    if not begun["documents"]:
        raise InvalidQuestion("nothing undeclared was observed there; send events first, or name other namespaces")
    name = manifest or output.resolve().name
    notes = ["A beginning, written by `headwater init` from what producers said: edit it, then `headwater plan`."]
    _tell([_write(output, name, begun["documents"], notes, url, force=force)], as_json=as_json)


def _write(
    folder: Path,
    name: str,
    documents: Sequence[Json],
    notes: Sequence[str],
    url: str,
    *,
    force: bool,
    heading: Json | None = None,
) -> Json:
    from catalog.manifest.references import key_of
    from catalog.manifest.write import files

    check_empty(folder, force=force)
    written: Mapping[str, str] = files(
        name,
        {key_of(document): document for document in documents},
        heading=heading,
        notes=notes,
        schemas=url + SCHEMAS,
    )
    write_files(folder, written)
    return {"manifest": name, "directory": str(folder), "documents": len(documents), "files": sorted(written)}


def _tell(told: Sequence[Json], *, as_json: bool) -> None:
    if as_json:
        print_json({"manifests": list(told)})
        return
    for one in told:
        entities = count(one["documents"], "entity", "entities")
        click.echo(
            f"{clean(one['manifest'])}: {entities} in {count(len(one['files']), 'file')} below {one['directory']}"
        )
    if not told:
        click.echo("no manifest was applied yet", err=True)
