"""`headwater impact`: what follows from a change that is about to be made."""

from __future__ import annotations

from typing import Any

import click

from catalog.cli.client import Client, connect
from catalog.cli.impact_text import impact_text
from catalog.cli.kinds import KindName, api_name
from catalog.cli.options import (
    as_of_option,
    examples,
    json_option,
    known_at_option,
    print_json,
    screen,
    several,
    url_option,
)

PAGE = 500
FLOWING = ("Dataset", "Pipeline", "Dashboard")
_ENTITY = "{ kind namespace name }"
IMPACT = f"""
query Impact($change: ChangeInput!, $asOf: String, $knownAt: String, $first: Int!, $after: String) {{
  impactOfChange(change: $change, asOf: $asOf, knownAt: $knownAt, first: $first, after: $after) {{
    starts {{ entity {_ENTITY} columns owners }} startCount
    reached {{ edges {{ node {{ entity {_ENTITY} columns sureness owners deadline because
                               path {{ entity {_ENTITY} field job {_ENTITY} }} }} }}
              pageInfo {{ hasNextPage endCursor }} }}
    counts {{ kind sureness count }} owners complete unknown hiddenCount knownThrough asOf stale
  }}
}}
"""
Json = dict[str, Any]

_dataset = click.argument("name", metavar="NAMESPACE NAME", nargs=2)
_limit = click.option(
    "--limit", metavar="N", type=click.IntRange(min=1), help="Show at most so many things; all without it."
)
_shared = several(_limit, as_of_option, known_at_option, json_option, url_option)


@click.group(
    epilog=examples(
        "headwater impact drop-column postgres://db:5432 shop.public.users email",
        "headwater impact erase customers",
        "headwater impact retention postgres://db:5432 shop.public.orders",
        "headwater impact source warehouse",
    )
)
def impact() -> None:
    """Show what follows from a change: things, owners, deadlines, each with the way to it.

    CERTAIN: lineage says that it uses what changes. PERHAPS: nobody tells which columns are used on the way there.
    UNLIKELY: column lineage is told on every way there, and names others only. No legal advice. Exits 3 if there is no
    such thing.
    """


@impact.command(
    "drop-column",
    epilog=examples(
        "headwater impact drop-column postgres://db:5432 shop.public.users email",
        "headwater impact drop-column postgres://db:5432 shop.public.users address.city --as-of 2026-03-01 --json",
    ),
)
@_dataset
@click.argument("column", metavar="COLUMN")
@_shared
def drop_column(name: tuple[str, str], column: str, **options: Any) -> None:
    """What uses a column of a dataset, and so breaks without it.

    COLUMN is a dotted path; what is inside of it goes, too.
    """
    _show({"what": "DROP_COLUMN", "entity": _entity("Dataset", *name), "field": column}, **options)


@impact.command(
    epilog=examples("headwater impact erase customers", "headwater impact erase patients --as-of 2026-03-01 --json")
)
@click.argument("subjects", metavar="CATEGORY")
@_shared
def erase(subjects: str, **options: Any) -> None:
    """Where the data of a category of people are, who has to erase them, and until when.

    CATEGORY is one that datasets state as `personalData.subjects`. How data are erased where: `headwater report run
    erasure-plan`.
    """
    _show({"what": "ERASE_SUBJECTS", "subjects": subjects}, **options)


@impact.command(
    epilog=examples(
        "headwater impact retention postgres://db:5432 shop.public.orders",
        "headwater impact retention postgres://db:5432 shop.public.orders --known-at 1234 --json",
    )
)
@_dataset
@_shared
def retention(name: tuple[str, str], **options: Any) -> None:
    """What is made of a dataset whose retention ends, and when it does."""
    _show({"what": "RETENTION_EXPIRY", "entity": _entity("Dataset", *name)}, **options)


@impact.command(
    epilog=examples(
        "headwater impact source warehouse",
        "headwater impact source postgres://db:5432 shop.public.orders",
        "headwater impact source airflow nightly_orders --kind pipeline --json",
    )
)
@click.argument("name", metavar="SOURCE | NAMESPACE NAME", nargs=-1, required=True)
@click.option(
    "--kind",
    type=KindName(FLOWING),
    metavar="KIND",
    default="Dataset",
    show_default=True,
    help=f"What two names are of: {', '.join(FLOWING)}.",
)
@_shared
def source(name: tuple[str, ...], kind: str, **options: Any) -> None:
    """What a source that goes away takes along, and how long that stays fresh.

    A declared SOURCE with all that it keeps, or one thing by its two names.
    """
    if len(name) > 2:
        raise click.UsageError("Give the name of a source, or NAMESPACE and NAME of a thing.")
    entity = _entity(kind, *name) if len(name) > 1 else {"kind": "SOURCE", "name": name[0].removeprefix("source:")}
    _show({"what": "SOURCE_GONE", "entity": entity}, **options)


def _entity(kind: str, namespace: str, name: str) -> Json:
    return {"kind": api_name(kind), "namespace": namespace, "name": name}


def _show(change: Json, *, limit: int | None, as_of: str | None, known_at: str | None, as_json: bool, url: str) -> None:
    with connect(url) as client:
        found = _ask(client, {"change": change, "asOf": as_of, "knownAt": known_at}, limit)
    if as_json:
        print_json({"change": change, **found})
        return
    click.echo(impact_text(change, found, screen()))


def _ask(client: Client, asked: Json, limit: int | None) -> Json:
    """All pages as one answer, each of what was known when the first was asked for."""
    found: Json | None = None
    things: list[Json] = []
    after, more = None, True
    while more and (limit is None or len(things) < limit):
        first = PAGE if limit is None else min(PAGE, limit - len(things))
        page = client.graphql(IMPACT, {**asked, "first": first, "after": after})["impactOfChange"]
        things += [edge["node"] for edge in page["reached"]["edges"]]
        found = found or page
        after, more = page["reached"]["pageInfo"]["endCursor"], page["reached"]["pageInfo"]["hasNextPage"]
        asked = {**asked, "knownAt": str(found["knownThrough"])}
    return {**(found or {}), "reached": things, "shown": len(things)}
