"""`headwater manifest`: what manifests may say, and how two of them differ; no server is asked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from catalog.cli.kinds import KINDS, KindName
from catalog.cli.options import examples, json_option, print_json, screen
from catalog.cli.render import PLAIN, Cell, Screen, clean, count, paint, table
from catalog.cli.validate import INVALID
from catalog.cli.validate import text as problem_text

if TYPE_CHECKING:
    from catalog.manifest.changes import Change, FieldChange
    from catalog.manifest.load import Loaded

DIFFERENT = 1
LONGEST = 120
"""Columns of a value that is shown in a line."""
_SIGNS = {"CREATE": ("+", "good"), "REMOVE": ("-", "bad"), "UPDATE": ("~", "busy")}
_WORDS = {"CREATE": "only in the new", "REMOVE": "only in the old", "UPDATE": "changed"}
Json = dict[str, Any]


@click.group(
    epilog=examples(
        "headwater manifest kinds",
        "headwater manifest schema Dataset > dataset.json",
        "headwater manifest diff old/ new/",
    )
)
def manifest() -> None:
    """Look at what manifests may say, and compare two of them, without a server."""


@manifest.command(
    epilog=examples(
        "headwater manifest diff old/ new/",
        "headwater manifest diff before.yaml after.yaml --json",
        "headwater manifest diff old/ new/ --exit-code",
        notes=(
            "Documents are compared by what they mean: their order, comments, defaults and the order of sets make no "
            "difference. Exit codes: 0; 1 if one cannot be read, or with --exit-code if anything differs.",
        ),
    )
)
@click.argument("old", type=click.Path())
@click.argument("new", type=click.Path())
@click.option("--exit-code", is_flag=True, help="Exit with 1 if anything differs.")
@json_option
def diff(old: str, new: str, exit_code: bool, as_json: bool) -> None:
    """Show what differs between two manifests, field by field."""
    from catalog.manifest.changes import compare
    from catalog.manifest.load import load

    before, after = load(old), load(new)
    if before.problems or after.problems:
        _refuse((before, after), as_json)
    changes = compare(
        {document.key: document.body for document in before.documents},
        {document.key: document.body for document in after.documents},
    )
    if as_json:
        print_json([_json(change) for change in changes])
    else:
        click.echo(diff_text(changes, screen()))
    if exit_code and changes:
        raise click.exceptions.Exit(DIFFERENT)


@manifest.command("schema", epilog=examples("headwater manifest schema Dataset", "headwater manifest schema Document"))
@click.argument("kind", type=KindName((*KINDS, "Manifest", "Document")), metavar="KIND")
def schema_(kind: str) -> None:
    """Print the JSON Schema of a kind (Document: of any kind), for editors and other tools."""
    from catalog.manifest.schemas import schema

    click.echo(json.dumps(schema(kind), indent=1, ensure_ascii=False))


@manifest.command(epilog=examples("headwater manifest kinds", "headwater manifest kinds --json"))
@json_option
def kinds(as_json: bool) -> None:
    """List the kinds of documents."""
    from catalog.manifest.schemas import MODELS

    told = {name: (model.__doc__ or "").partition("\n")[0] for name, model in MODELS.items()}
    if as_json:
        print_json([{"kind": name, "description": words} for name, words in told.items()])
        return
    rows = [(Cell(name, whole=True), Cell(words)) for name, words in told.items()]
    click.echo(table(("KIND", "MEANING"), rows, screen()))


def _refuse(both: tuple[Loaded, ...], as_json: bool) -> None:
    """Tell all that is wrong with two manifests, and end; nothing is compared then."""
    problems = [problem for loaded in both for problem in loaded.problems]
    if as_json:
        print_json({"problems": [problem.to_json() for problem in problems]})
    else:
        for problem in problems:
            click.echo(problem_text(problem), err=True)
    raise click.exceptions.Exit(INVALID)


def diff_text(changes: tuple[Change, ...], screen: Screen = PLAIN) -> str:
    """A line for each entity, one for each field below it, and one that counts."""
    lines = []
    for change in changes:
        sign, style = _SIGNS[change.action]
        lines.append(paint(f"{sign} {clean(str(change.key))}", style, screen.color))
        if change.action == "UPDATE":
            lines += [f"    {_field(field)}" for field in change.fields]
    counts = [(action, sum(change.action == action for change in changes)) for action in _SIGNS]
    told = ", ".join(f"{number:,} {_WORDS[action]}" for action, number in counts if number)
    return "\n".join([*lines, f"{count(len(changes), 'entity', 'entities')}: {told}" if changes else "no difference"])


def _field(field: FieldChange) -> str:
    return f"{clean(field.path)}: {_value(field.before)} -> {_value(field.after)}"


def _value(value: Any) -> str:
    return "-" if value is None else clean(json.dumps(value, ensure_ascii=False), LONGEST)


def _json(change: Change) -> Json:
    return {
        "action": change.action,
        "kind": change.key.kind,
        "namespace": change.key.namespace,
        "name": change.key.name,
        "fields": [field._asdict() for field in change.fields],
    }
