"""`headwater show`: what is said of one dataset or job, now or at an earlier moment."""

from __future__ import annotations

import json
from typing import Any

import click

from catalog.cli.client import Client, connect
from catalog.cli.lineage import not_found
from catalog.cli.options import (
    as_of_option,
    examples,
    json_option,
    known_at_option,
    print_json,
    screen,
    url_option,
)
from catalog.cli.render import PLAIN, Cell, Screen, clean, moment, paint, state, table
from catalog.cli.said import COLUMN_VALUES, VALUES, column_words, comments_table, values_table
from catalog.cli.tree import as_of as at_moment

_GIVEN = "($namespace: String!, $name: String!, $asOf: String, $knownAt: String)"
_OF = "(namespace: $namespace, name: $name, asOf: $asOf, knownAt: $knownAt)"
DATASET = f"""
query Dataset{_GIVEN} {{
  dataset{_OF} {{
    namespace name updatedAt asOf knownAt stale facets
    declared {{ kind namespace name declaredBy {{ manifest since }} }}
    attributes {{ {VALUES} }} fields {{ name type description attributes {{ {COLUMN_VALUES} }} }}
    aliases {{ namespace name }} writtenBy {{ namespace name }} readBy {{ namespace name }}
  }}
}}
"""
JOB = f"""
query Job{_GIVEN} {{
  job{_OF} {{
    namespace name updatedAt asOf knownAt stale facets
    declared {{ kind namespace name declaredBy {{ manifest since }} }}
    attributes {{ {VALUES} }} latestRun {{ runId state startedAt endedAt }}
    inputs {{ namespace name }} outputs {{ namespace name }} parents {{ namespace name }}
  }}
}}
"""
_RELATIONS = (
    ("aliases", "also known as"),
    ("writtenBy", "written by"),
    ("readBy", "read by"),
    ("inputs", "reads"),
    ("outputs", "writes"),
    ("parents", "started by"),
)
Json = dict[str, Any]


@click.command(
    epilog=examples(
        "headwater show dataset postgres://db:5432 shop.public.orders",
        "headwater show job airflow nightly_orders --json",
        "headwater show dataset postgres://db:5432 shop.public.orders --as-of 2026-03-01T12:00:00Z",
    )
)
@click.argument("kind", type=click.Choice(["dataset", "job"]))
@click.argument("namespace")
@click.argument("name")
@as_of_option
@known_at_option
@json_option
@url_option
def show(
    kind: str, namespace: str, name: str, as_of: str | None, known_at: str | None, as_json: bool, url: str
) -> None:
    """Show what is said of a dataset or a job.

    That is who declares it, every attribute with who says it (and who is overruled), its columns, facets and
    neighbours. Facets are cut to a line each; --json has them whole.
    """
    with connect(url) as client:
        found = _find(client, kind, {"namespace": namespace, "name": name, "asOf": as_of, "knownAt": known_at})
    if as_json:
        print_json(found)
    else:
        click.echo(text(kind, found, screen()))


def text(kind: str, found: Json, screen: Screen = PLAIN) -> str:
    """All of it, for people."""
    title = paint(clean(found["name"]), "bold", screen.color)
    lines = [f"{kind}  {title}  {paint(clean(found['namespace']), 'dim', screen.color)}"]
    if run := found.get("latestRun"):
        name = state(run["state"])
        lines.append(f"latest run: {paint(name.text, name.style, screen.color)} {moment(run['startedAt'])}")
    if told := found["declared"]:
        by = told["declaredBy"]
        lines.append(f"declared by {clean(by['manifest'])} since {moment(by['since'])}")
    for key, title in _RELATIONS:
        lines += [f"{title}: {clean(other['name'])}  {clean(other['namespace'])}" for other in found.get(key) or ()]
    if said := values_table(found["attributes"], screen):
        lines += ["", said]
    if fields := found.get("fields"):
        rows = [
            [
                Cell(clean(f["name"])),
                Cell(clean(f["type"] or "-")),
                Cell(_words(f)),
                Cell(column_words(f["attributes"])),
            ]
            for f in fields
        ]
        titles = ["COLUMN", "TYPE", "DESCRIPTION", "SAID"]
        if not any(row[3].text for row in rows):
            titles, rows = titles[:3], [row[:3] for row in rows]
        lines += ["", table(titles, rows, screen)]
    if facets := found["facets"]:
        rows = [[Cell(clean(key)), Cell(clean(json.dumps(value, ensure_ascii=False)))] for key, value in facets.items()]
        lines += ["", table(("FACET", "VALUE"), rows, screen)]
    ends = [f"newest event {moment(found['updatedAt'])}"] if found["updatedAt"] else []
    if comments := comments_table(found["attributes"], screen):
        lines += ["", comments]
    if len(lines) == 1 and not ends:
        lines.append("nothing is said of it at that moment" if at_moment(found) else "nothing is said of it")
    if ending := "; ".join([*ends, *at_moment(found)]):
        lines += ["", ending]
    return "\n".join(lines)


def _words(field: Json) -> str:
    """What is declared or said of a column counts before what events say."""
    said = (field["attributes"] or {}).get("description")
    return clean(said["value"] if said else field["description"] or "")


def _find(client: Client, kind: str, variables: Json) -> Json:
    found: Json | None = client.graphql(DATASET if kind == "dataset" else JOB, variables)[kind]
    if found is None:
        raise not_found(client, kind, variables["namespace"], variables["name"])
    return found
