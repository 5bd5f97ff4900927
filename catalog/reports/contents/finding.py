"""Finds the thing that a parameter names, or says which names are near."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from catalog.assets.keys import Kind
from catalog.checks.snapshot import Thing
from catalog.errors import InvalidQuestion
from catalog.manifest.references import spell
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
    raise InvalidQuestion(f"there is no {what} {text[:80]!r}{_near(text, things)}")


def _exactly(thing: Thing) -> set[str]:
    told = spell(thing.key)
    names = {f"{name.namespace} {name.name}" for name in thing.names}
    return {thing.id, str(thing.key), *names, *((told,) if isinstance(told, str) else ())}


def _shortly(thing: Thing) -> set[str]:
    return {thing.key.name, f"{thing.key.kind} {thing.key.name}", *(name.name for name in thing.names)}


def _near(text: str, things: list[Thing]) -> str:
    names = {name.lower(): name for thing in reversed(things) for name in _shortly(thing) if " " not in name}
    close = difflib.get_close_matches(text.lower(), sorted(names), n=3, cutoff=0.5)
    if close:
        return f"; did you mean {' or '.join(names[name] for name in close)}?"
    shown = sorted(names.values())[:SHOWN]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"; there are {', '.join(shown)}{more}" if shown else "; none is known"
