"""Two graphs side by side: their hashes, and where those differ, facts a person can look at."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from catalog.graph import assets
from catalog.graph.entities import entities
from catalog.graph.fingerprint import Section, digest, facts_in, seal, sections
from catalog.graph.reader import Reader
from catalog.graph.store import Store

MOST_SECTIONS = 20
MOST_DIFFERENCES = 50
_ENDS = ("subject", "of", "source", "target", "from", "job")
_KEYS = ("key", "cursor", "id")


class Difference(NamedTuple):
    """A fact that two graphs do not have in common.

    Attributes:
        kind: edge, register, use, job, dataset, run, …
        about: the things it is about, by their part in it: `{"source": "job shop load_orders"}`.
        one, other: what each graph says, but for what both say alike; None: nothing.
    """

    kind: str
    about: dict[str, str]
    one: dict[str, Any] | None
    other: dict[str, Any] | None


class Comparison(NamedTuple):
    """Two hashes; if they differ, some of the differences, and whether those are all."""

    one: str
    other: str
    differences: list[Difference]
    complete: bool


def compare(one: Store, other: Store) -> Comparison:
    """Compare two graphs while nothing is applied to either.

    Only sums are kept of what is alike; of sections that differ the facts are read again.
    """
    with ThreadPoolExecutor(2) as both:
        left, right = both.map(sections, (one, other))
        hashes = seal(left), seal(right)
        if left == right:
            return Comparison(*hashes, [], True)
        wanted = sorted(s for s in left.keys() | right.keys() if left.get(s) != right.get(s))
        some = set(wanted[:MOST_SECTIONS])
        here, there = both.map(lambda store: _by_key(store, some), (one, other))
    keys = sorted(key for key in here.keys() | there.keys() if _says(here.get(key)) != _says(there.get(key)))
    names = Names((one, other))
    found = [_difference(key[0], here.get(key), there.get(key), names) for key in keys[:MOST_DIFFERENCES]]
    return Comparison(*hashes, found, len(wanted) <= MOST_SECTIONS and len(keys) <= MOST_DIFFERENCES)


Fact = list[Any]


class Names:
    """Names of things by id, from whichever graph has them."""

    def __init__(self, stores: Iterable[Store]) -> None:
        self._readers = [Reader(store, None) for store in stores]

    def of(self, id_: Any) -> str:
        """`job shop load_orders`, or the id itself."""
        for reader in self._readers:
            for kind, find in (("job", assets.jobs), ("dataset", assets.datasets)):
                if isinstance(id_, str) and (row := find(reader, [id_]).get(id_)):
                    return f"{kind} {row['namespace']} {row['name']}"
            if isinstance(id_, str) and (entity := entities(reader, [id_]).get(id_)):
                return str(entity.key)
        return str(id_)


def _by_key(store: Store, wanted: Collection[Section]) -> dict[tuple[str, str], Fact]:
    """Facts by kind and what names them in both graphs."""
    found: dict[tuple[str, str], Fact] = {}
    for fact in facts_in(store, wanted):
        row = fact[1]
        named = next((str(row[name]) for name in _KEYS if name in row), None)
        found[fact[0], named or digest(fact)] = fact
    return found


def _says(fact: Fact | None) -> str | None:
    return None if fact is None else digest(fact)


def _difference(kind: str, one: Fact | None, other: Fact | None, names: Names) -> Difference:
    known: dict[str, Any] = (one or other or [kind, {}])[1]
    about = {part: names.of(known[part]) for part in _ENDS if isinstance(known.get(part), str)}
    about |= {part: str(known[part]) for part in ("kind", "aspect", "name", "namespace", "external") if known.get(part)}
    left, right = _parts(one), _parts(other)
    alike = {name for name in (left or {}).keys() & (right or {}).keys() if (left or {})[name] == (right or {})[name]}

    def rest(parts: dict[str, Any] | None) -> dict[str, Any] | None:
        return None if parts is None else {name: value for name, value in parts.items() if name not in alike}

    return Difference(kind, about, rest(left), rest(right))


def _parts(fact: Fact | None) -> dict[str, Any] | None:
    """A fact as one object; what it said over time stands beside what it says now."""
    if fact is None:
        return None
    over_time = {f"over time {i}" if i else "over time": part for i, part in enumerate(fact[2:])}
    return {**fact[1], **over_time}
