"""`headwater entity`: what people declare, describe and own, with who says each value."""

from __future__ import annotations

from typing import Any

import click

from catalog.cli.client import Client, connect
from catalog.cli.kinds import KindName, api_name, words
from catalog.cli.options import (
    as_of_option,
    examples,
    json_option,
    known_at_option,
    limit_option,
    print_json,
    screen,
    url_option,
)
from catalog.cli.render import PLAIN, Cell, Screen, clean, hits_table, moment, paint, table
from catalog.cli.said import COLUMN_VALUES, VALUES, column_words, comments_table, owners_words, values_table
from catalog.cli.search import near
from catalog.cli.tree import as_of as at_moment
from catalog.errors import UnknownKey

_NAMED = "edges { node { role entity { kind namespace name } } } pageInfo { hasNextPage }"
SHOW = f"""
query Entity($kind: EntityKind!, $namespace: String, $name: String!, $asOf: String, $knownAt: String) {{
  entity(kind: $kind, namespace: $namespace, name: $name, asOf: $asOf, knownAt: $knownAt) {{
    kind namespace name asOf knownAt stale document declarations {{ manifest since entry sequence }}
    {VALUES} columns {{ name {COLUMN_VALUES} }} parent {{ name }}
    references(first: 100) {{ {_NAMED} }} referencedBy(first: 100) {{ {_NAMED} }}
  }}
}}
"""
LIST = """
query Entities($kind: EntityKind, $namespace: String, $owner: String, $domain: String, $tag: String, $first: Int!,
               $after: String, $asOf: String, $knownAt: String) {
  entities(kind: $kind, namespace: $namespace, owner: $owner, domain: $domain, tag: $tag, first: $first, after: $after,
           asOf: $asOf, knownAt: $knownAt) {
    edges { node { kind namespace name declaredBy { manifest } owners { name } domain { value } } }
    pageInfo { hasNextPage endCursor }
  }
}
"""
NOTICES = """
query Notices($kind: EntityKind, $namespace: String, $owner: String, $domain: String, $tag: String, $asOf: String,
              $knownAt: String) {
  entities(kind: $kind, namespace: $namespace, owner: $owner, domain: $domain, tag: $tag, first: 1, asOf: $asOf,
           knownAt: $knownAt) { notices }
}
"""
Json = dict[str, Any]
_KIND = KindName()


@click.group(
    epilog=examples(
        "headwater entity show Team orders",
        "headwater entity show Dataset postgres://db:5432 shop.public.orders",
        "headwater entity list Dataset --owner team:orders",
    )
)
def entity() -> None:
    """Show and list what people declare, describe and own."""


@entity.command(
    epilog=examples(
        "headwater entity show Team orders",
        "headwater entity show Dataset postgres://db:5432 shop.public.orders --as-of 2026-03-01T12:00:00Z",
        "headwater entity show ModelVersion churn/7 --json",
        "headwater entity show Deployment prod churn-api",
    )
)
@click.argument("kind", type=_KIND, metavar="KIND")
@click.argument("names", nargs=-1, required=True, metavar="[NAMESPACE] NAME")
@as_of_option
@known_at_option
@json_option
@url_option
def show(kind: str, names: tuple[str, ...], as_of: str | None, known_at: str | None, as_json: bool, url: str) -> None:
    """Show one entity: every value with who says it and since when, what it names, and what names it.

    `headwater manifest kinds` lists the kinds. Datasets, pipelines and dashboards have a NAMESPACE; of a deployment it
    is the environment; of models and their versions the registry, if it is not `models`. A model version is named
    MODEL/VERSION. Exits 3 if there is no such entity.
    """
    if len(names) > 2:
        raise click.UsageError("give at most NAMESPACE and NAME")
    namespace, name = names if len(names) == 2 else (None, names[0])
    given = {"kind": api_name(kind), "namespace": namespace, "name": name, "asOf": as_of, "knownAt": known_at}
    with connect(url) as client:
        found = client.graphql(SHOW, given)["entity"]
        if found is None:
            raise _not_found(client, kind, namespace, name)
    if as_json:
        print_json(found)
    else:
        click.echo(text(kind, found, screen()))


@entity.command(
    name="list",
    epilog=examples(
        "headwater entity list",
        "headwater entity list Dataset --owner team:orders",
        "headwater entity list --domain sales --tag pii --json",
    ),
)
@click.argument("kind", type=_KIND, metavar="[KIND]", required=False)
@click.option("--namespace", metavar="NAMESPACE", help="Only of this namespace.")
@click.option("--owner", metavar="NAME", help="Only what this team or person owns, such as team:orders.")
@click.option("--domain", metavar="NAME", help="Only of this domain, or of a part of it.")
@click.option("--tag", metavar="NAME", help="Only with this tag, or with one below it (pii/email below pii).")
@limit_option(100)
@as_of_option
@known_at_option
@json_option
@url_option
def list_(
    kind: str | None,
    namespace: str | None,
    owner: str | None,
    domain: str | None,
    tag: str | None,
    limit: int,
    as_of: str | None,
    known_at: str | None,
    as_json: bool,
    url: str,
) -> None:
    """List entities that a manifest declares or a person describes, by kind and name.

    Where nothing fits, it is said which of the names nobody declares nor uses.
    """
    given = {"kind": api_name(kind) if kind else None, "namespace": namespace, "owner": owner, "domain": domain}
    with connect(url) as client:
        asked = {**given, "tag": tag, "asOf": as_of, "knownAt": known_at}
        found, complete = client.collect(LIST, asked, "entities", limit)
        named = any(asked[name] is not None for name in ("owner", "domain", "tag"))
        notices = client.graphql(NOTICES, asked)["entities"]["notices"] if named and not found else []
    if as_json:
        print_json({"entities": found, "complete": complete, "notices": notices})
        return
    if found:
        click.echo(list_text(found, screen()))
    else:
        click.echo("nothing fits", err=True)
        for notice in notices:
            click.echo(clean(notice), err=True)
    if not complete:
        click.echo(f"the first {len(found)}; there are more, use --limit", err=True)


def text(kind: str, found: Json, screen: Screen = PLAIN) -> str:
    """All of an entity, for people."""
    title = paint(clean(found["name"]), "bold", screen.color)
    lines = [f"{kind}  {title}  {paint(clean(found['namespace']), 'dim', screen.color)}".rstrip()]
    for told in found["declarations"]:
        entry = f", entry {told['entry'][:12]}" if told["entry"] else ""
        lines.append(f"declared by {clean(told['manifest'])} since {moment(told['since'])}{entry}")
    if not found["declarations"]:
        lines.append("no manifest declares it")
    if found["parent"]:
        lines.append(f"part of {clean(found['parent']['name'])}")
    if said := values_table(found, screen):
        lines += ["", said]
    if rows := [[Cell(clean(c["name"])), Cell(_words(c)), Cell(column_words(c))] for c in found["columns"]]:
        lines += ["", table(("COLUMN", "DESCRIPTION", "SAID"), rows, screen)]
    for key, heading in (("references", "NAMES"), ("referencedBy", "NAMED BY")):
        named = [edge["node"] for edge in found[key]["edges"]]
        if rows := [[Cell(clean(n["role"]), "dim", whole=True), *_cells(n["entity"])] for n in named]:
            lines += ["", table((heading, "KIND", "NAME", "NAMESPACE"), rows, screen)]
        if found[key]["pageInfo"]["hasNextPage"]:
            lines.append(f"the first {len(named)}; there are more")
    if comments := comments_table(found, screen):
        lines += ["", comments]
    if ending := "; ".join(at_moment(found)):
        lines += ["", ending]
    return "\n".join(lines)


def list_text(found: list[Json], screen: Screen = PLAIN) -> str:
    """Entities, one a line."""
    rows = [
        [
            *_cells(one),
            Cell(clean((one["declaredBy"] or {}).get("manifest") or "-")),
            Cell(owners_words(one["owners"]) or "-"),
            Cell(clean((one["domain"] or {}).get("value") or "-")),
        ]
        for one in found
    ]
    return table(("KIND", "NAME", "NAMESPACE", "MANIFEST", "OWNERS", "DOMAIN"), rows, screen)


def _cells(one: Json) -> list[Cell]:
    kind = words(one["kind"])
    return [Cell(kind, "dim", whole=True), Cell(clean(one["name"])), Cell(clean(one["namespace"] or "-"), "dim")]


def _words(column: Json) -> str:
    return clean(column["description"]["value"]) if column["description"] else ""


def _not_found(client: Client, kind: str, namespace: str | None, name: str) -> UnknownKey:
    place = f" in namespace {clean(namespace)!r}" if namespace else ""
    message = f"no {kind} {clean(name)!r}{place}"
    if hits := near(client, namespace or "", name):
        message += "; near it:\n" + hits_table(hits)
    return UnknownKey(message, name)
