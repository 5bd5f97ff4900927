"""`headwater schema`: the columns of a dataset and who told them, its versions, and what changed."""

from __future__ import annotations

from typing import Any

import click

from catalog.cli.client import connect
from catalog.cli.lineage import not_found
from catalog.cli.options import as_of_option, examples, json_option, known_at_option, print_json, screen, url_option
from catalog.cli.render import PLAIN, Cell, Screen, clean, count, moment, paint, table
from catalog.cli.tree import as_of as at_moment

_GIVEN = "$namespace: String!, $name: String!, $asOf: String, $knownAt: String"
_OF = "namespace: $namespace, name: $name, asOf: $asOf, knownAt: $knownAt"
_TELLER = "{ role origin job { namespace name } }"
_FIELDS = f"fields {{ name type description toldBy {_TELLER} }}"
_CHANGES = """added { name type } removed { name type } retyped { name before after } redescribed { name before after }
      renamed { before { name type } after { name type } inferred basis }"""
SCHEMA = f"""
query Schema({_GIVEN}) {{
  dataset({_OF}) {{ namespace name asOf knownAt stale {_FIELDS} }}
}}
"""
VERSIONS = f"""
query SchemaVersions({_GIVEN}, $first: Int!) {{
  dataset({_OF}) {{
    namespace name asOf knownAt stale
    schemaVersions(first: $first) {{
      edges {{ node {{ since knownSince tellers {_TELLER} changes {{ {_CHANGES} }} }} }}
      pageInfo {{ hasNextPage }}
    }}
  }}
}}
"""
DIFF = f"""
query SchemaDiff({_GIVEN}, $from: String!, $to: String) {{
  dataset({_OF}) {{
    namespace name asOf knownAt stale
    schemaDiff(from: $from, to: $to) {{ {_CHANGES} }}
  }}
}}
"""
Json = dict[str, Any]


@click.command(
    epilog=examples(
        "headwater schema postgres://db:5432 shop.public.orders",
        "headwater schema postgres://db:5432 shop.public.orders --versions",
        "headwater schema postgres://db:5432 shop.public.orders --diff --from 2026-03-01 --to 2026-04-01 --json",
    )
)
@click.argument("namespace")
@click.argument("name")
@click.option("--versions", is_flag=True, help="List the schemas it had, newest first.")
@click.option("--diff", is_flag=True, help="Show what changed between --from and --to.")
@click.option("--from", "start", metavar="TIME", help="With --diff: the first event time (ISO-8601).")
@click.option("--to", "end", metavar="TIME", help="With --diff: the second; without it, now or --as-of.")
@click.option(
    "--limit",
    metavar="N",
    type=click.IntRange(1, 500),
    default=20,
    show_default=True,
    help="Show at most so many versions.",
)
@as_of_option
@known_at_option
@json_option
@url_option
def schema(
    namespace: str,
    name: str,
    versions: bool,
    diff: bool,
    start: str | None,
    end: str | None,
    limit: int,
    as_of: str | None,
    known_at: str | None,
    as_json: bool,
    url: str,
) -> None:
    """Show the columns of a dataset, the schemas it had, or what changed between two of them.

    A schema is the union of what all who speak of the dataset say, so each column says who told it.
    """
    if versions and diff:
        raise click.UsageError("--versions already says what changed: leave out --diff, or --versions")
    if diff != (start is not None) or (end is not None and not diff):
        raise click.UsageError("--diff needs --from TIME, and --from and --to belong to --diff")
    question = VERSIONS if versions else DIFF if diff else SCHEMA
    variables: Json = {"namespace": namespace, "name": name, "asOf": as_of, "knownAt": known_at}
    if versions:
        variables["first"] = limit
    if diff:
        variables.update({"from": start, "to": end})
    with connect(url) as client:
        found = client.graphql(question, variables)["dataset"]
        if found is None:
            raise not_found(client, "dataset", namespace, name)
    if as_json:
        print_json(as_document(found))
    else:
        click.echo(text(found, screen()))


def as_document(found: Json) -> Json:
    """The answer for programs: versions as a list, and whether they are all."""
    page = found.get("schemaVersions")
    if page is None:
        return found
    shown = {**found, "schemaVersions": [edge["node"] for edge in page["edges"]]}
    return {**shown, "complete": not page["pageInfo"]["hasNextPage"]}


def text(found: Json, screen: Screen = PLAIN) -> str:
    """The answer for people."""
    body = _body(found, screen)
    return "\n".join([body, "", ending]) if (ending := "; ".join(at_moment(found))) else body


def _body(found: Json, screen: Screen) -> str:
    if "schemaDiff" in found:
        lines = changes(found["schemaDiff"], screen)
        return "\n".join(lines or ["no difference"])
    none = "nobody had given a schema at that moment" if at_moment(found) else "nobody gave a schema"
    if "schemaVersions" in found:
        return _versions(found["schemaVersions"], screen) or none
    if not found["fields"]:
        return none
    rows = [
        (
            Cell(clean(column["name"]), "bold"),
            Cell(clean(column["type"] or "-")),
            Cell(", ".join(_teller(teller) for teller in column["toldBy"]), "dim"),
            Cell(clean(column["description"] or "-")),
        )
        for column in found["fields"]
    ]
    return table(("COLUMN", "TYPE", "TOLD BY", "DESCRIPTION"), rows, screen)


def changes(found: Json, screen: Screen = PLAIN) -> list[str]:
    """A line for each difference."""
    lines = [_signed("+", "good", _column(column), screen) for column in found["added"]]
    lines += [_signed("-", "bad", _column(column), screen) for column in found["removed"]]
    for renamed in found["renamed"]:
        why = {"PLACE": "same place and type", "COLUMN_LINEAGE": "made of it"}.get(renamed["basis"], renamed["basis"])
        said = f"{_column(renamed['before'])} -> {_column(renamed['after'])}  probably renamed: {clean(why)}"
        lines.append(_signed("~", "busy", said, screen))
    for key, what in (("retyped", "type"), ("redescribed", "description")):
        for changed in found[key]:
            said = f"{clean(changed['name'])}  {what} {_or_none(changed['before'])} -> {_or_none(changed['after'])}"
            lines.append(_signed("~", "busy", said, screen))
    return lines


def _versions(page: Json, screen: Screen) -> str:
    lines = []
    for edge in page["edges"]:
        version = edge["node"]
        tellers = ", ".join(_teller(teller) for teller in version["tellers"])
        head = f"{moment(version['since'])}  known since {version['knownSince']:,}  told by {tellers}"
        lines += [paint(head, "bold", screen.color), *(f"  {line}" for line in changes(version["changes"], screen))]
    if page["pageInfo"]["hasNextPage"]:
        lines.append(f"the newest {count(len(page['edges']), 'version')}; there are more, use --limit")
    return "\n".join(lines)


def _signed(sign: str, style: str, said: str, screen: Screen) -> str:
    return f"{paint(sign, style, screen.color)} {said}"


def _column(column: Json) -> str:
    return clean(column["name"]) + (f" {clean(column['type'])}" if column["type"] else "")


def _or_none(said: str | None) -> str:
    return "nothing" if said is None else repr(clean(said))


def _teller(teller: Json) -> str:
    job = teller["job"]
    return f"{clean(job['name'])} ({teller['role']})" if job else "its own event"
