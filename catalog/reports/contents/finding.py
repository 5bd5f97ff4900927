"""Finds the thing that a parameter names, or says which names are near."""

from __future__ import annotations

from collections.abc import Iterable

from catalog.assets.keys import Kind
from catalog.checks.snapshot import Thing
from catalog.errors import InvalidQuestion
from catalog.manifest.references import spell
from catalog.manifest.validating import hint
from catalog.reports.contents.view import View, kind_words

SHOWN = 8


def find(view: View, text: str, kinds: Iterable[Kind] = (), parameter: str = "entity") -> Thing:
    """The one thing that is meant: by its id, its name, `NAMESPACE NAME`, `KIND NAMESPACE NAME` or `team:orders`.

    Raises:
        InvalidQuestion: there is none, or there are several of that name.
    """
    wanted = tuple(kinds)
    things = view.of_kind(*(wanted or Kind))
    for spelled in (_exactly, _shortly):
        found = [thing for thing in things if text in spelled(thing)]
        if len(found) == 1:
            return found[0]
        if found:
            told = "; ".join(str(thing.key) for thing in found[:SHOWN])
            more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
            raise InvalidQuestion(
                f"{parameter} {text[:80]!r} may mean several: {told}{more}; say which, as written here"
            )
    what = " or ".join(kind_words(kind).lower() for kind in wanted) or "thing"
    known = {name for thing in things for name in _shortly(thing) if " " not in name}
    raise InvalidQuestion(f"there is no {what} {text[:80]!r}{hint(text, known)}")


def _exactly(thing: Thing) -> set[str]:
    told = spell(thing.key)
    names = {f"{name.namespace} {name.name}" for name in thing.names}
    return {thing.id, str(thing.key), *names, *((told,) if isinstance(told, str) else ())}


def _shortly(thing: Thing) -> set[str]:
    return {thing.key.name, f"{thing.key.kind} {thing.key.name}", *(name.name for name in thing.names)}
