"""`headwater import odcs` and `headwater contract export`: contracts of the Open Data Contract Standard."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from catalog.cli.client import connect
from catalog.cli.folders import check_empty, force_option, output_option, write_files
from catalog.cli.options import examples, json_option, print_json, url_option
from catalog.cli.render import clean, count
from catalog.errors import InvalidManifest, UnknownKey

if TYPE_CHECKING:
    from catalog.assets.keys import Key

CONTRACT = """
query Contract($name: String!) { entity(kind: CONTRACT, name: $name) { declaredBy { manifest document } } }
"""
HEAD = "headwater.yaml"
Json = dict[str, Any]


@click.command(
    epilog=examples(
        "headwater import odcs orders.odcs.yaml --output manifests/contracts",
        "headwater import odcs contracts/*.yaml --output manifests/shop/contracts --force",
    )
)
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@output_option
@click.option("--manifest", metavar="NAME", help="What to call the manifest; else as the directory is called.")
@force_option
@json_option
def odcs(files: tuple[Path, ...], output: Path, manifest: str | None, force: bool, as_json: bool) -> None:
    """Import contracts of the Open Data Contract Standard 3.x as documents of a manifest.

    Nothing is applied and no service is asked: look at what was written, say which dataset each table is where the
    contract's server does not tell, then `headwater plan DIR`. Nothing of a contract is lost. Domains, data products
    and tags that contracts use are declared with them; below a directory that has a headwater.yaml already, only those
    it has not.
    """
    from catalog.assets.keys import Key, Kind
    from catalog.manifest.canonical import canonical
    from catalog.manifest.write import files as written_files

    check_empty(output, force=force)
    contracts, words, notes = _read(files)
    above = next((folder for folder in output.resolve().parents if (folder / HEAD).is_file()), None)
    declared = _declared(above, output.resolve()) if above else set()
    documents: dict[Key, Any] = {Key(Kind.CONTRACT, "", name): canonical(body) for name, body in contracts.items()}
    documents |= {key: {"kind": str(key.kind), "name": key.name} for key in words - declared}
    texts = written_files(manifest or output.resolve().name, documents)
    if above:
        del texts[HEAD]
    write_files(output, texts)
    if as_json:
        told = {"directory": str(output), "contracts": sorted(contracts), "files": sorted(texts), "notes": notes}
        print_json({**told, "declared": len(documents) - len(contracts)})
        return
    for note in notes:
        click.echo(f"note: {clean(note)}", err=True)
    others = count(len(documents) - len(contracts), "word they use", "words they use")
    click.echo(f"{count(len(contracts), 'contract')} and {others} in {count(len(texts), 'file')} below {output}")


def _read(files: tuple[Path, ...]) -> tuple[dict[str, Json], set[Key], list[str]]:
    from catalog.manifest.odcs.files import read_file

    contracts: dict[str, Json] = {}
    words: set[Key] = set()
    notes, problems = [], []
    origin: dict[str, Path] = {}
    for file in files:
        found, wrong = read_file(file)
        problems += [str(problem) for problem in wrong]
        for one in found:
            name = one.document["name"]
            if name in contracts:
                problems.append(f"{file}: contract {name!r} is in {origin[name]} already; give one of them another id")
            contracts[name], origin[name] = one.document, file
            words.update(one.words)
            notes += [f"{file}: {note}" for note in one.notes]
    if problems:
        for problem in problems:
            click.echo(clean(problem, 2_000), err=True)
        raise InvalidManifest([f"{count(len(problems), 'problem')}; nothing was written"])
    return contracts, words, notes


def _declared(above: Path, output: Path) -> set[Key]:
    """What the manifest around the directory declares outside of it."""
    from catalog.manifest.load import load

    found = load(above).documents
    return {one.key for one in found if not Path(one.place.file).resolve().is_relative_to(output)}


@click.group(
    epilog=examples(
        "headwater contract export orders --output orders.odcs.yaml",
        "headwater contract export orders --from manifests/shop --json",
    )
)
def contract() -> None:
    """Write contracts for tools that speak the Open Data Contract Standard."""


@contract.command(
    epilog=examples(
        "headwater contract export orders",
        "headwater contract export orders --output orders.odcs.yaml",
        "headwater contract export orders --from manifests/shop --json",
    )
)
@click.argument("name", metavar="CONTRACT")
@click.option("--from", "path", type=click.Path(exists=True), help="Read this manifest, and ask no service.")
@click.option("--output", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Else it is printed.")
@json_option
@url_option
def export(name: str, path: str | None, output: Path | None, as_json: bool, url: str) -> None:
    """Write CONTRACT as a document of the Open Data Contract Standard 3.x, as YAML or JSON.

    What the standard has no place for becomes a custom property that begins with `headwater.`; importing it again gives
    the same contract. Exits 3 if there is no such contract.
    """
    from catalog.manifest.odcs.files import as_yaml
    from catalog.manifest.odcs.writing import write_contract

    document = _of_manifest(path, name) if path else _of_service(url, name)
    written = write_contract(document)
    text = json.dumps(written, indent=2, ensure_ascii=False) + "\n" if as_json else as_yaml(written)
    if output:
        output.write_text(text, encoding="utf-8")
        click.echo(f"written to {output}", err=True)
    else:
        click.echo(text, nl=False)


def _of_manifest(path: str, name: str) -> Json:
    from catalog.cli.wanted import read

    for document in read(path, "contracts", None).body["documents"]:
        if (document["kind"], document["name"]) == ("Contract", name):
            found: Json = document
            return found
    raise UnknownKey(f"no contract {name!r} in {path}", name)


def _of_service(url: str, name: str) -> Json:
    with connect(url) as client:
        found = client.graphql(CONTRACT, {"name": name})["entity"]
    if found is None or found["declaredBy"] is None:
        raise UnknownKey(f"no manifest declares a contract {name!r}", name)
    document: Json = found["declaredBy"]["document"]
    return document
