"""Which entities a list is about: by owner, by domain, by tag, whoever says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from catalog.assets.attributes import Held


class Choice(NamedTuple):
    """What entities must have; None: anything.

    Attributes:
        owner: such as `team:orders`, exactly; without a word before it, the team or person of that name.
        domain, tag: by name, with or without the word before it; what is below in the hierarchy (`pii/email` below
            `pii`) counts, too.
    """

    owner: str | None = None
    domain: str | None = None
    tag: str | None = None


EVERYTHING = Choice()


def fits(choice: Choice, values: Mapping[str, Iterable[Held]]) -> bool:
    """Whether a thing with these values is one of the choice."""
    return (
        (choice.owner is None or _owned(choice.owner, values.get("owners", ())))
        and (choice.domain is None or _within(choice.domain, "domain:", _texts(values.get("domain", ()))))
        and (choice.tag is None or _within(choice.tag, "tag:", _texts(values.get("tags", ()), "key")))
    )


def _owned(owner: str, held: Iterable[Held]) -> bool:
    names = _texts(held, "name")
    return owner in names or bool({f"team:{owner}", f"person:{owner}"} & names)


def _within(wanted: str, word: str, names: set[str]) -> bool:
    above = wanted.removeprefix(word)
    return any(name.removeprefix(word) == above or name.removeprefix(word).startswith(f"{above}/") for name in names)


def _texts(held: Iterable[Held], member: str = "") -> set[str]:
    return {str(one.value.get(member) if isinstance(one.value, dict) else one.value) for one in held}
