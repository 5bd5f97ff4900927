"""`headwater identity`: which names are one thing, who says so, and what people decide."""

from __future__ import annotations

import os
from typing import Any

import click

from catalog.cli.client import connect
from catalog.cli.options import examples, json_option, known_at_option, limit_option, print_json, screen, url_option
from catalog.cli.render import Cell, clean, moment, named, table
from catalog.errors import UnknownKey

_ENTRY = "key sequence state kind subject"
_REFS = "$a: DatasetRef!, $b: DatasetRef!, $reason: String!, $by: String"
_GIVEN = "a: $a, b: $b, reason: $reason, by: $by"
MERGE = f"mutation Merge({_REFS}) {{ decision: mergeDatasets({_GIVEN}) {{ {_ENTRY} }} }}"
SPLIT = f"mutation Split({_REFS}) {{ decision: splitDatasets({_GIVEN}) {{ {_ENTRY} }} }}"
SHOW = """
query Names($namespace: String!, $name: String!, $knownAt: String) {
  dataset(namespace: $namespace, name: $name, knownAt: $knownAt) {
    namespace name knownAt canonical { namespace name } aliasesComplete
    aliases { namespace name origin since by reason through { namespace name } }
  }
}
"""
CONFLICTS = """
query Conflicts($namespace: String, $first: Int!, $after: String) {
  identityConflicts(namespace: $namespace, first: $first, after: $after) {
    edges { node { rules { name words } columnsInCommon open { a { namespace name } b { namespace name } merge split }
      datasets { namespace name updatedAt writtenBy { namespace name } readBy { namespace name } } } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
DECISIONS = """
query Decisions($first: Int!, $after: String) {
  identityDecisions(first: $first, after: $after) {
    edges { node { a { namespace name } b { namespace name } same holds by reason at sequence entry } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
Json = dict[str, Any]

_names = (
    click.argument("a_namespace", metavar="NAMESPACE"),
    click.argument("a_name", metavar="NAME"),
    click.argument("b_namespace", metavar="OTHER_NAMESPACE"),
    click.argument("b_name", metavar="OTHER_NAME"),
)
_reason = click.option("--reason", required=True, metavar="TEXT", help="Why; kept with the decision.")
_by = click.option(
    "--by", metavar="WHO", default=lambda: os.environ.get("USER", ""), help="Who decides; $USER, if not given."
)


@click.group(
    epilog=examples(
        "headwater identity show postgres://db:5432 shop.public.orders",
        "headwater identity conflicts",
        "headwater identity list",
        "headwater identity merge postgres://db:5432 shop.orders postgresql://db shop.orders --reason 'one table'",
    )
)
def identity() -> None:
    """Decide which names are one thing, and see who said so.

    A decision is an entry of the inbox: it holds at every moment once it is applied, and the opposite one takes it
    back.
    """


@identity.command(
    epilog=examples(
        "headwater identity merge s3://lake orders hive://hive:10000 shop.orders --reason 'same files'",
        "headwater identity merge db shop.orders DB shop.orders --reason 'one spelling' --by ada --json",
    )
)
@_names[0]
@_names[1]
@_names[2]
@_names[3]
@_reason
@_by
@json_option
@url_option
def merge(
    a_namespace: str, a_name: str, b_namespace: str, b_name: str, reason: str, by: str, as_json: bool, url: str
) -> None:
    """Say that two names are one thing.

    Exits 3 if nothing was heard of one of them.
    """
    _decide(MERGE, (a_namespace, a_name), (b_namespace, b_name), reason, by, as_json=as_json, url=url)


@identity.command(
    epilog=examples(
        "headwater identity split s3://lake orders hive://hive:10000 shop.orders --reason 'a copy'",
        "headwater identity split db shop.orders DB shop.orders --reason 'two databases' --by ada --json",
    )
)
@_names[0]
@_names[1]
@_names[2]
@_names[3]
@_reason
@_by
@json_option
@url_option
def split(
    a_namespace: str, a_name: str, b_namespace: str, b_name: str, reason: str, by: str, as_json: bool, url: str
) -> None:
    """Say that two names are two things, whatever symlinks say.

    Names that are tied through others only are refused, with the way between them. Exits 3 if nothing was heard of one
    of them.
    """
    _decide(SPLIT, (a_namespace, a_name), (b_namespace, b_name), reason, by, as_json=as_json, url=url)


@identity.command(
    epilog=examples(
        "headwater identity show postgres://db:5432 shop.public.orders",
        "headwater identity show postgres://db:5432 shop.public.orders --known-at 1234 --json",
    )
)
@click.argument("namespace")
@click.argument("name")
@known_at_option
@json_option
@url_option
def show(namespace: str, name: str, known_at: str | None, as_json: bool, url: str) -> None:
    """Show all names of a dataset, and who says so.

    Exits 3 if there is no such dataset.
    """
    with connect(url) as client:
        found = client.graphql(SHOW, {"namespace": namespace, "name": name, "knownAt": known_at})["dataset"]
    if found is None:
        raise UnknownKey(f"no dataset is called {clean(namespace)} {clean(name)}", name)
    if as_json:
        print_json(found)
        return
    click.echo(f"shown as {named(found['canonical'])}")
    rows = [[Cell(named(alias)), Cell(named(alias["through"])), Cell(_by_whom(alias))] for alias in found["aliases"]]
    click.echo(table(["NAME", "TIED TO", "BY"], rows, screen()) if rows else "no other names are known")
    if not found["aliasesComplete"]:
        click.echo("there are more names, or some you may not see", err=True)


@identity.command("list", epilog=examples("headwater identity list", "headwater identity list --limit 500 --json"))
@limit_option(50)
@json_option
@url_option
def list_(limit: int, as_json: bool, url: str) -> None:
    """List what people decided about names, newest first; a decision that a newer one took back is said so."""
    with connect(url) as client:
        found, complete = client.collect(DECISIONS, {}, "identityDecisions", limit)
    if as_json:
        print_json({"decisions": found, "complete": complete})
        return
    rows = [
        [
            Cell(str(one["sequence"]), whole=True),
            Cell(moment(one["at"]), whole=True),
            Cell(("merge" if one["same"] else "split") + ("" if one["holds"] else ", taken back"), whole=True),
            Cell(named(one["a"])),
            Cell(named(one["b"])),
            Cell(clean(one["by"] or "-")),
            Cell(clean(one["reason"] or "-")),
        ]
        for one in found
    ]
    titles = ["SEQUENCE", "AT", "DECISION", "NAME", "OTHER", "BY", "REASON"]
    click.echo(table(titles, rows, screen()) if rows else "nobody decided about any names yet")
    if not complete:
        click.echo(f"the newest {len(found)}; there are more, use --limit", err=True)


@identity.command(epilog=examples("headwater identity conflicts", "headwater identity conflicts --limit 5 --json"))
@click.option("--namespace", metavar="NAMESPACE", help="Only names that are like one in this namespace.")
@limit_option(20)
@json_option
@url_option
def conflicts(namespace: str | None, limit: int, as_json: bool, url: str) -> None:
    """List names that are alike and of which nobody said whether they are one thing."""
    with connect(url) as client:
        found, complete = client.collect(CONFLICTS, {"namespace": namespace}, "identityConflicts", limit)
    if as_json:
        print_json({"conflicts": found, "complete": complete})
        return
    for conflict in found:
        click.echo("; ".join(rule["words"] for rule in conflict["rules"]))
        for dataset in conflict["datasets"]:
            told = f"{len(dataset['writtenBy'])} write it, {len(dataset['readBy'])} read it"
            click.echo(f"  {named(dataset)}  ({told}, newest facet {dataset['updatedAt'] or 'never'})")
    if not found:
        click.echo("no names are alike", err=True)
    if not complete:
        click.echo(f"the first {len(found)}; there are more, use --limit", err=True)


def _decide(
    mutation: str, a: tuple[str, str], b: tuple[str, str], reason: str, by: str, *, as_json: bool, url: str
) -> None:
    refs = {key: {"namespace": ref[0], "name": ref[1]} for key, ref in (("a", a), ("b", b))}
    with connect(url) as client:
        entry = client.graphql(mutation, {**refs, "reason": reason, "by": by})["decision"]
    if as_json:
        print_json(entry)
    else:
        click.echo(f"accepted as {entry['sequence']}, {entry['key'][:12]}: {clean(entry['subject'])}")


def _by_whom(alias: Json) -> str:
    if alias["origin"] == "OBSERVED":
        return f"a symlink, entry {alias['since']}"
    reason = f": {clean(alias['reason'])}" if alias["reason"] else ""
    return f"{clean(alias['by'] or 'somebody')}, entry {alias['since']}{reason}"
