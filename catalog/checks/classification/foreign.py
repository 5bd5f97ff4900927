"""What others declared about columns in words of their own: dbt's `meta`, contracts (ODCS), tags of other schemes.

None of it is a tag of ours, so it is suggested, with where it was found.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from catalog.assets.attributes import CLASSIFICATION
from catalog.assets.keys import Kind
from catalog.checks.classification.categories import CATEGORIES, PII, category_tag, is_category
from catalog.checks.classification.names import guess, words
from catalog.checks.snapshot import Attributes, Column, Snapshot, Thing
from catalog.identity import Name

Contracts = dict[tuple[Name, str], list[tuple[str, Mapping[str, Any]]]]
"""By dataset and column the name of a contract, and what it says of the column."""
_PERSONAL = frozenset({"pii", "personal", "gdpr", "sensitive", "phi", "spi", "privacy", "confidentiality"})
_LEVEL = frozenset({"classification", "sensitivity", "confidentiality", "level"})
_YES = frozenset({"true", "yes", "y", "1"})
_NO = frozenset({"false", "no", "n", "0", "none", "null", ""})
_DEEP = 20


def contracts(snapshot: Snapshot) -> Contracts:
    """What contracts say of columns of the datasets that they name."""
    found: Contracts = {}
    for id_ in sorted(snapshot.things):
        thing = snapshot.things[id_]
        if thing.key.kind is not Kind.CONTRACT:
            continue
        for table in _listed(thing.document.get("schema")):
            of = table.get("dataset")
            if isinstance(of, Mapping) and of.get("namespace") and of.get("name"):
                name = Name(str(of["namespace"]), str(of["name"]))
                for path, told in _properties(table.get("properties"), "", 0):
                    found.setdefault((name, path), []).append((thing.key.name, told))
    return found


def declared(thing: Thing, column: Column, known: Contracts, levels: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Tags, levels among them, that somebody declared of a column in other words; each with the reason."""
    for name in thing.names:
        for contract, told in known.get((name, column.name), ()):
            for tag in _of_word(told.get("classification"), levels):
                yield tag, f"contract {contract} classifies it as {str(told['classification'])[:80]!r}"
            for word in _spelled(told.get("tags")):
                for tag in (word,) if is_category(word) else _of_tag(word):
                    yield tag, f"contract {contract} tags it {str(word)[:80]!r}"
    for name_, value in _meta(thing, column.name).items():
        for tag in _of_meta(str(name_), value, levels):
            yield tag, f"dbt's meta has {str(name_)[:80]}: {str(value)[:80]}"
    for member in column.attributes.get("tags") or ():
        key = member.get("key") if isinstance(member, Mapping) else member
        for tag in _of_tag(key):
            yield tag, f"it is tagged {str(key)[:80]!r}"


def denied(attributes: Attributes) -> bool:
    """Whether somebody states that there are no personal data."""
    block = attributes.get("personalData")
    if isinstance(block, Mapping) and block.get("contains") is False:
        return True
    for member in attributes.get("tags") or ():
        if isinstance(member, Mapping) and str(member.get("key")).lower() == PII and member.get("value") is not None:
            return str(member["value"]).lower() in _NO
    return False


def _meta(thing: Thing, column: str) -> Mapping[str, Any]:
    found: Any = thing.attributes.get("custom")
    for key in ("dbt", "columns", column):
        found = found.get(key) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _of_meta(key: str, value: Any, levels: Sequence[str]) -> Iterator[str]:
    told = set(words(key))
    if isinstance(value, list):
        for one in value:
            yield from _of_meta(key, one, levels)
    elif told & _PERSONAL and str(value).lower() in _YES:
        yield PII
    elif told & (_PERSONAL | _LEVEL) and isinstance(value, str) and value.lower() not in _NO:
        yield from _of_word(value, levels)


def _of_word(value: Any, levels: Sequence[str]) -> Iterator[str]:
    """A classification in somebody's words: a level of ours, a category, or that data are personal."""
    if not isinstance(value, str):
        return
    plain = value.strip().lower()
    level = next((one for one in levels if one.lower() == plain), None)
    if level is not None:
        yield f"{CLASSIFICATION}/{level}"
    elif plain.replace(" ", "_") in CATEGORIES:
        yield category_tag(plain.replace(" ", "_"))
    else:
        yield from _of_tag(value)


def _of_tag(word: Any) -> Iterator[str]:
    """A tag of another scheme, such as `PII.Email`; what says no more than that data are personal is `pii`."""
    if not isinstance(word, str) or is_category(word):
        return
    told = words(word)
    if not set(told) & _PERSONAL:
        return
    rest = " ".join(one for one in told if one not in _PERSONAL)
    known = rest.replace(" ", "_")
    if known in CATEGORIES:
        yield category_tag(known)
    else:
        found = guess(rest) if rest else None
        yield category_tag(found.category) if found else PII


def _properties(listed: Any, before: str, depth: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for one in _listed(listed):
        path = f"{before}{one.get('name')}"
        yield path, one
        if depth < _DEEP:
            yield from _properties(one.get("properties"), f"{path}.", depth + 1)


def _spelled(tags: Any) -> list[str]:
    return [str(word).removeprefix("tag:") for word in tags] if isinstance(tags, list) else []


def _listed(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
