"""Names that reports are asked for by: whether anything is called so, before a worker reads the catalog for it."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from catalog.assets.keys import NAMESPACED, Kind
from catalog.errors import InvalidQuestion
from catalog.graph import entities
from catalog.graph.assets import page as listed
from catalog.graph.assets import search
from catalog.graph.reader import Reader
from catalog.identity import DIGEST_BYTES, words
from catalog.manifest.validating import hint
from catalog.reports.contents.content import Content, Scope

MOST = 500
"""Names of each kind that are looked at: for one that is meant, and for the nearest."""
LONGEST = 200
"""Characters of a name that the index of words is asked for; of a longer one it has a part."""
_LABELS = {Kind.PIPELINE: "Job"}
"""What events tell of: jobs, and datasets, which all else is that lineage reaches."""


def check_things(reader: Reader, content: Content, scope: Scope) -> None:
    """Refuse a name that nothing has now: whatever was ever told of has it still. All else is the report's to say.

    Raises:
        InvalidQuestion: nothing is called so; names that are spelled nearly so are told.
    """
    for parameter in content.parameters:
        given = str(scope[parameter.name] or "") if parameter.kinds else ""
        if given and not _may_be_known(reader, parameter.kinds, given):
            known = set(_names(reader, parameter.kinds))
            what = f"parameter {parameter.name!r} of the report {content.name}"
            raise InvalidQuestion(f"{what}: nothing is called {given[:80]!r}{hint(given, known)}")


def _may_be_known(reader: Reader, kinds: Collection[Kind], given: str) -> bool:
    """Whether anything is, or may be, meant: by an id, a name, or a name behind a kind, a namespace or a word."""
    if len(given) > LONGEST or (len(given) == 2 * DIGEST_BYTES and not set(given) - set("0123456789abcdef")):
        return True
    parts = given.split(" ")
    names = {" ".join(parts[n:]) for n in range(len(parts))} | {given.partition(":")[2] or given}
    return any(_is_name(reader, kinds, name) for name in names)


def _is_name(reader: Reader, kinds: Collection[Kind], name: str) -> bool:
    """Whether something has this name, or one below it (a model is there with its first version), or may have it."""
    if not name.isascii() or not words(name):  # analysers take other letters apart in ways of their own
        return True
    found = [[one.key.name for _, one in entities.search(reader, name, MOST, kind)] for kind in kinds]
    found += [[row["name"] for row in search(reader, label, name, MOST)] for label in sorted(_labels(kinds))]
    return any(len(some) == MOST or any(one == name or one.startswith(f"{name}/") for one in some) for some in found)


def _names(reader: Reader, kinds: Collection[Kind]) -> Iterator[str]:
    for kind in kinds:
        yield from (one.key.name for one in entities.page(reader, kind, after="", limit=MOST))
    for label in sorted(_labels(kinds)):
        yield from (row["name"] for row in listed(reader, label, after="", namespace=None, limit=MOST))


def _labels(kinds: Collection[Kind]) -> set[str]:
    return {_LABELS.get(kind, "Dataset") for kind in kinds if kind in NAMESPACED}
