"""How a command names what it is about: an entity by its words, and a column of it."""

from __future__ import annotations

from typing import Any

import click

from catalog.cli.kinds import KINDS, NAMESPACED, KindName, api_name

ENTITY = "An ENTITY is a namespace and a name (--kind says of what), or one word such as team:orders or term:revenue."
_ONE_WORD = {kind.lower() for kind in KINDS if kind not in NAMESPACED}
Json = dict[str, Any]

kind_option = click.option(
    "--kind",
    type=KindName(NAMESPACED),
    metavar="KIND",
    default="Dataset",
    show_default=True,
    help=f"What the two names are of: {', '.join(NAMESPACED)}.",
)
field_option = click.option("--field", metavar="COLUMN", help="A column of the dataset, by its dotted path.")
reason_option = click.option("--reason", metavar="TEXT", default="", help="Why; kept with the word.")


def entity_of(names: tuple[str, ...], kind: str) -> Json:
    """An entity as the API takes it.

    Raises:
        click.UsageError: the words name none.
    """
    if len(names) == 2:
        return {"kind": api_name(kind), "namespace": names[0], "name": names[1]}
    word, colon, name = names[0].partition(":") if names else ("", "", "")
    if len(names) > 2 or not colon or not name or word not in _ONE_WORD:
        raise click.UsageError(f"{' '.join(names)!r} names no entity. {ENTITY}")
    return {"kind": api_name(word), "name": name}


def entity_in(text: str, kind: str) -> Json:
    """The entity that an option names: a namespace, a space and a name, or one word such as `team:orders`.

    Raises:
        click.UsageError: it names none.
    """
    return entity_of(tuple(text.strip().split(" ", 1)), kind)


def split_last(words: tuple[str, ...], what: str) -> tuple[tuple[str, ...], str]:
    """The words that name an entity, and the last one.

    Raises:
        click.UsageError: there is one word only.
    """
    if len(words) < 2:
        raise click.UsageError(f"Missing argument '{what}'. {ENTITY}")
    return words[:-1], words[-1]
