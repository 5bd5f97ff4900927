"""`headwater search`: things by the words of their names; and what was nearly named."""

from __future__ import annotations

import difflib
import re
from contextlib import suppress
from typing import Any

import click

from catalog.cli.client import Client, connect
from catalog.cli.kinds import SEARCHED, api_name
from catalog.cli.options import examples, json_option, limit_option, print_json, screen, url_option
from catalog.cli.render import clean, hits_table
from catalog.errors import CatalogError

SEARCH = """
query Search($text: String!, $kind: AssetKind, $limit: Int!) {
  search(text: $text, kind: $kind, limit: $limit) { id kind namespace name }
}
"""
MOST_NEAR = 5
_CANDIDATES = 20
_MOST_WORDS = 4
_LONGEST_TEXT = 200


@click.command(epilog=examples("headwater search orders", "headwater search 'daily customer' --kind job --json"))
@click.argument("text", nargs=-1, required=True)
@click.option("--kind", type=click.Choice(SEARCHED, case_sensitive=False), help="Only things of this kind.")
@limit_option(20)
@json_option
@url_option
def search(text: tuple[str, ...], kind: str | None, limit: int, as_json: bool, url: str) -> None:
    """Find things by the words of their names.

    Things are datasets, jobs and entities of all kinds. A name fits if each word of TEXT begins one of its words.
    """
    words = " ".join(text)
    variables = {"text": words, "kind": kind and api_name(kind), "limit": limit}
    with connect(url) as client:
        hits = client.graphql(SEARCH, variables)["search"]
    complete = len(hits) < limit
    if as_json:
        print_json({"hits": hits, "complete": complete})
    elif not hits:
        click.echo(f"nothing fits {clean(words)!r}", err=True)
    else:
        click.echo(hits_table(hits, screen()))
        if not complete:
            click.echo(f"the first {limit}; there may be more, use --limit", err=True)


def near(client: Client, namespace: str, name: str) -> list[dict[str, Any]]:
    """Things whose names are like this one, best first; none if the service cannot tell.

    A search wants every word to fit, so a name with a typing mistake is looked for by the beginnings of its words too.
    """
    cut = name[:_LONGEST_TEXT]
    words = sorted({word[:4] for word in re.findall(r"\w{3,}", cut)}, key=len, reverse=True)[:_MOST_WORDS]
    texts = {f"t{i}": text for i, text in enumerate([cut, *words])}
    query = (
        f"query Near({' '.join(f'${key}: String!' for key in texts)}) {{ "
        + " ".join(f"{key}: search(text: ${key}, limit: {_CANDIDATES}) {{ id kind namespace name }}" for key in texts)
        + " }"
    )
    found: dict[str, dict[str, Any]] = {}
    with suppress(CatalogError):  # the question they are for has its answer already
        found = {hit["id"]: hit for hits in client.graphql(query, dict(texts)).values() for hit in hits}
    likeness = difflib.SequenceMatcher(b=f"{cut}\n{namespace[:_LONGEST_TEXT]}", autojunk=False)

    def rank(hit: dict[str, Any]) -> tuple[float, str]:
        likeness.set_seq1(f"{hit['name'][:_LONGEST_TEXT]}\n{hit['namespace'][:_LONGEST_TEXT]}")
        return -likeness.ratio(), hit["id"]

    return sorted(found.values(), key=rank)[:MOST_NEAR]
