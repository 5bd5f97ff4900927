"""`headwater describe`, `tag`, `own`, …: what people say of entities, and take back."""

from __future__ import annotations

import json
from typing import Any

import click

from catalog.cli.client import connect
from catalog.cli.named import entity_of, field_option, kind_option, reason_option, split_last
from catalog.cli.options import (
    as_of_option,
    as_option,
    examples,
    json_option,
    known_at_option,
    limit_option,
    print_json,
    screen,
    several,
    url_option,
)
from catalog.cli.render import Cell, clean, moment, table
from catalog.cli.said import person

_RECEIPT = "counts notice entry { key sequence state kind subject }"
_COMMON = {"reason": "String!", "by": "String"}
WORDS = """
query Words($entity: EntityRef!, $first: Int!, $after: String, $asOf: String, $knownAt: String) {
  curations(entity: $entity, first: $first, after: $after, asOf: $asOf, knownAt: $knownAt) {
    edges { node { attribute field item value by verified reason at key sequence undoes current } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
Json = dict[str, Any]
_saying = several(as_option, json_option, url_option)


@click.command(
    epilog=examples(
        "headwater describe postgres://db:5432 shop.public.orders 'One row for each order.'",
        "headwater describe postgres://db:5432 shop.public.orders --field amount 'Gross, in EUR.'",
        "headwater describe postgres://db:5432 shop.public.orders --take-back --reason 'see the wiki'",
    )
)
@click.argument("words", metavar="ENTITY... TEXT", nargs=-1, required=True)
@click.option("--take-back", is_flag=True, help="Take back what people said; no TEXT then.")
@several(kind_option, field_option, reason_option)
@_saying
def describe(words: tuple[str, ...], take_back: bool, **options: Any) -> None:
    """Say what an entity or a column is.

    An ENTITY is a namespace and a name (--kind says of what), or one word such as team:orders. Where a manifest says
    otherwise, the manifest counts: the answer tells so.
    """
    names, text = (words, None) if take_back else split_last(words, "TEXT")
    _say("describe", "text", "String", text, names, **options)


@click.command(
    epilog=examples(
        "headwater classify postgres://db:5432 shop.public.orders confidential",
        "headwater classify postgres://db:5432 shop.public.orders --field email restricted --reason 'GDPR'",
    )
)
@click.argument("words", metavar="ENTITY... LEVEL", nargs=-1, required=True)
@click.option("--take-back", is_flag=True, help="Take back what people said; no LEVEL then.")
@several(kind_option, field_option, reason_option)
@_saying
def classify(words: tuple[str, ...], take_back: bool, **options: Any) -> None:
    """Say how confidential an entity or a column is.

    LEVEL is public, internal, confidential, restricted, or one of your own. The strictest word counts, whoever gave it.
    """
    names, level = (words, None) if take_back else split_last(words, "LEVEL")
    _say("classify", "level", "String", level, names, **options)


@click.command(
    epilog=examples(
        "headwater tag postgres://db:5432 shop.public.orders finance",
        "headwater tag postgres://db:5432 shop.public.orders --field email pii/email",
    )
)
@click.argument("words", metavar="ENTITY... TAG", nargs=-1, required=True)
@several(kind_option, field_option, reason_option)
@_saying
def tag(words: tuple[str, ...], **options: Any) -> None:
    """Give an entity or a column a tag.

    It stands beside those that manifests give.
    """
    names, name = split_last(words, "TAG")
    _say("tag", "tag", "String!", name, names, **options)


@click.command(
    epilog=examples(
        "headwater untag postgres://db:5432 shop.public.orders finance",
        "headwater untag postgres://db:5432 shop.public.orders --field email pii/email --reason 'hashed since May'",
    )
)
@click.argument("words", metavar="ENTITY... TAG", nargs=-1, required=True)
@several(kind_option, field_option, reason_option)
@_saying
def untag(words: tuple[str, ...], **options: Any) -> None:
    """Take back a tag that people gave.

    One that a manifest gives stays.
    """
    names, name = split_last(words, "TAG")
    _say("untag", "tag", "String!", name, names, **options)


@click.command(
    epilog=examples(
        "headwater own postgres://db:5432 shop.public.orders team:orders",
        "headwater own airflow nightly_orders --kind Pipeline person:7f3a --as maria",
        "headwater own term:revenue team:finance",
    )
)
@click.argument("words", metavar="ENTITY... OWNER", nargs=-1, required=True)
@several(kind_option, reason_option)
@_saying
def own(words: tuple[str, ...], **options: Any) -> None:
    """Name a team or a person that answers for an entity.

    OWNER is team:NAME or person:NAME; it stands beside the owners that manifests name.
    """
    names, owner = split_last(words, "OWNER")
    _say("own", "owner", "String!", owner, names, **options)


@click.command(
    epilog=examples(
        "headwater disown postgres://db:5432 shop.public.orders team:orders",
        "headwater disown postgres://db:5432 shop.public.orders person:7f3a --reason 'moved to another team'",
    )
)
@click.argument("words", metavar="ENTITY... OWNER", nargs=-1, required=True)
@several(kind_option, reason_option)
@_saying
def disown(words: tuple[str, ...], **options: Any) -> None:
    """Take back an owner that people named.

    One that a manifest names stays.
    """
    names, owner = split_last(words, "OWNER")
    _say("disown", "owner", "String!", owner, names, **options)


@click.command(
    epilog=examples(
        "headwater certify postgres://db:5432 shop.public.orders --reason 'reconciled with the ledger'",
        "headwater certify postgres://db:5432 shop.public.orders --take-back",
    )
)
@click.argument("names", metavar="ENTITY...", nargs=-1, required=True)
@click.option("--take-back", is_flag=True, help="Take it back.")
@several(kind_option, reason_option)
@_saying
def certify(names: tuple[str, ...], take_back: bool, **options: Any) -> None:
    """Say that an entity may be relied on."""
    _say("certify", "certified", "Boolean!", not take_back, names, **options)


@click.command(
    epilog=examples(
        "headwater deprecate postgres://db:5432 shop.public.orders --reason 'use shop.public.orders_v2'",
        "headwater deprecate postgres://db:5432 shop.public.orders --take-back",
    )
)
@click.argument("names", metavar="ENTITY...", nargs=-1, required=True)
@click.option("--take-back", is_flag=True, help="Take it back.")
@several(kind_option, reason_option)
@_saying
def deprecate(names: tuple[str, ...], take_back: bool, **options: Any) -> None:
    """Say that nobody should begin to use an entity.

    Where a manifest states a lifecycle, the manifest counts.
    """
    _say("deprecate", "deprecated", "Boolean!", not take_back, names, **options)


@click.command(
    epilog=examples(
        "headwater comment postgres://db:5432 shop.public.orders 'Two days late in May.'",
        "headwater comment postgres://db:5432 shop.public.orders --field amount 'Net before 2024.' --json",
    )
)
@click.argument("words", metavar="ENTITY... TEXT", nargs=-1, required=True)
@several(kind_option, field_option)
@_saying
def comment(words: tuple[str, ...], **options: Any) -> None:
    """Leave a comment at an entity or a column.

    Comments accumulate; `headwater undo` withdraws one.
    """
    names, text = split_last(words, "TEXT")
    _say("comment", "text", "String!", text, names, **options)


@click.command(
    epilog=examples(
        "headwater undo 3f9a0c12be77",
        "headwater undo 3f9a0c12be77 --reason 'the other table was meant' --json",
    )
)
@click.argument("entry", metavar="ENTRY")
@reason_option
@_saying
def undo(entry: str, reason: str, as_name: str, as_json: bool, url: str) -> None:
    """Take one word back.

    What people said before it stands again. ENTRY is the key that the word was answered with, or a unique beginning of
    it; `headwater words` lists them. Refused where a newer word stands on top. Exits 3 if there is no such entry.
    """
    query = (
        "mutation Undo($entry: String!, $reason: String!, $by: String) "
        f"{{ said: undo(entry: $entry, reason: $reason, by: $by) {{ {_RECEIPT} }} }}"
    )
    _print(query, {"entry": entry, "reason": reason, "by": as_name}, as_json=as_json, url=url)


@click.command(
    epilog=examples(
        "headwater words postgres://db:5432 shop.public.orders",
        "headwater words team:orders --limit 5 --json",
    )
)
@click.argument("names", metavar="ENTITY...", nargs=-1, required=True)
@kind_option
@limit_option(50)
@as_of_option
@known_at_option
@json_option
@url_option
def words(
    names: tuple[str, ...], kind: str, limit: int, as_of: str | None, known_at: str | None, as_json: bool, url: str
) -> None:
    """List what people said of an entity.

    Newest first, what they took back included. Exits 3 if nothing is known of it.
    """
    with connect(url) as client:
        asked = {"entity": entity_of(names, kind), "asOf": as_of, "knownAt": known_at}
        found, complete = client.collect(WORDS, asked, "curations", limit)
    if as_json:
        print_json({"words": found, "complete": complete})
        return
    rows = [[Cell(part) for part in _row(word)] for word in found]
    click.echo(table(["ENTRY", "WHEN", "WHO", "WHAT", "SAID", "WHY"], rows, screen()) if rows else "nobody said a word")
    if not complete:
        click.echo(f"the newest {len(found)}; there are more, use --limit", err=True)


def _row(word: Json) -> list[str]:
    what = clean(word["attribute"]) + (f" of {clean(word['field'])}" if word["field"] else "")
    return [word["key"][:12], moment(word["at"]), person(word), what, _said(word), clean(word["reason"])]


def _said(word: Json) -> str:
    """The value, or the member of a set that it is about; comments have names that nobody gave them."""
    member = clean(word["item"]) if word["item"] and word["attribute"] != "comments" else ""
    if word["value"] is None:
        return f"{member} (taken back)".lstrip()
    return member or (clean(word["value"]) if isinstance(word["value"], str) else json.dumps(word["value"]))


def _say(
    verb: str,
    argument: str,
    type_: str,
    value: Any,
    names: tuple[str, ...],
    *,
    kind: str,
    as_name: str,
    as_json: bool,
    url: str,
    **given: Any,
) -> None:
    given["by"] = as_name
    types = {"entity": "EntityRef!", argument: type_}
    types |= {name: _COMMON.get(name, "String") for name in given}
    declared = ", ".join(f"${name}: {of}" for name, of in types.items())
    passed = ", ".join(f"{name}: ${name}" for name in types)
    query = f"mutation Say({declared}) {{ said: {verb}({passed}) {{ {_RECEIPT} }} }}"
    _print(query, {"entity": entity_of(names, kind), argument: value, **given}, as_json=as_json, url=url)


def _print(query: str, variables: Json, *, as_json: bool, url: str) -> None:
    with connect(url) as client:
        said = client.graphql(query, variables)["said"]
    if as_json:
        print_json(said)
        return
    entry = said["entry"]
    click.echo(f"{clean(said['notice'])}  (entry {entry['key'][:12]}, sequence {entry['sequence']:,})")
