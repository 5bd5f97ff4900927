"""Which entities a list is about: by owner, by domain, by tag, whoever says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from catalog.assets.attributes import Held
from catalog.assets.keys import Kind
from catalog.errors import InvalidQuestion
from catalog.manifest.references import WORDS


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
KINDS = {"owner": (Kind.TEAM, Kind.PERSON), "domain": (Kind.DOMAIN,), "tag": (Kind.TAG,)}
"""What each of them may be the name of."""


def check(choice: Choice) -> None:
    """Refuse a choice that nothing could ever fit.

    Raises:
        InvalidQuestion: a name is empty, or of another kind.
    """
    for what, kinds in KINDS.items():
        given = getattr(choice, what)
        if given is not None and not given.strip():
            raise InvalidQuestion(f"`{what}` is empty; leave it out to have all")
        kind = WORDS.get(given.partition(":")[0]) if given and ":" in given else None
        if kind and kind not in kinds:
            expected = " or ".join(f"{known.lower()}:NAME" for known in kinds)
            raise InvalidQuestion(f"`{what}`: {given[:80]!r} is a {kind}; expected {expected}")


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
