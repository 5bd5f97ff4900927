"""The schema of a dataset: what all who speak of it say together, and how that changed.

Nobody need know all columns: dbt sends those that are documented, a reader those it selects. So the schema is the
union of the newest word of each teller, the best-informed first; a column goes when everyone who told it drops it.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from catalog.lineage.assertions import Json
from catalog.lineage.steps import ABSENT, Point, Points

Path = tuple[str, ...]
"""The names from the outermost column to a nested one; a name may hold dots itself."""
_ROLES = {"output": 0, "dataset": 0, "input": 1}


class Column(NamedTuple):
    """What is said about one column; None where nobody says it."""

    type: str | None = None
    description: str | None = None


Flat = dict[Path, Column]
"""A schema as columns by path, each before those nested in it."""


class Teller(NamedTuple):
    """Who speaks of a schema: a job (or the dataset's own event), by origin ("O", "D"), in a role.

    `of` is the id of the name it speaks of, where that is another than the one asked about.
    """

    subject: str
    origin: str
    role: str
    of: str = ""


class Telling(NamedTuple):
    """One teller's word: since when it has said the same (µs), and its fields in normal form.

    `value` names the fields: equal for equal ones.
    """

    teller: Teller
    since: int
    value: str
    fields: Json

    @property
    def rank(self) -> tuple[int, int, Teller]:
        """Best-informed first: who writes or owns a dataset before who reads it, then the newest."""
        return _ROLES.get(self.teller.role, 1), -self.since, self.teller


@dataclass(slots=True)
class United:
    """A column of the union: each part from the best-informed teller who gives it."""

    path: Path
    type: str | None
    description: str | None
    told_by: list[Telling]


class Version(NamedTuple):
    """A schema from one moment on.

    Attributes:
        since: event time (µs) at which it came to be.
        known_since: the sequence from which on that was known.
        tellers: whose word changed then.
        columns, before: the schema and the one it replaced.
    """

    since: int
    known_since: int
    tellers: tuple[Teller, ...]
    columns: tuple[United, ...]
    before: Flat

    @property
    def flat(self) -> Flat:
        """The schema as columns by path."""
        return as_flat(self.columns)


class Spoken(NamedTuple):
    """What one teller said over time: its Steps, values naming bodies."""

    teller: Teller
    points: Points


def teller(subject: str, name: str) -> Teller:
    """The teller of a schema register: its name is `ORIGIN:role`."""
    origin, _, role = name.partition(":")
    return Teller(subject, origin, role)


def as_flat(columns: Iterable[United]) -> Flat:
    """The columns of a union by path."""
    return {c.path: Column(c.type, c.description) for c in columns}


@dataclass(slots=True)
class _Node:
    """A column while a union is made."""

    type: str | None = None
    description: str | None = None
    told_by: list[Telling] = field(default_factory=list)
    nested: dict[str, _Node] = field(default_factory=dict)


def unite(tellings: Iterable[Telling]) -> list[United]:
    """The union of what tellers say, in the order of the best-informed; others' columns follow their neighbours."""
    top: dict[str, _Node] = {}
    for telling in sorted(tellings, key=lambda said: said.rank):
        top = _merged(top, telling.fields, telling)
    return list(_united(top, ()))


def versions(spoken: Sequence[Spoken], bodies: Mapping[str, Any]) -> list[Version]:
    """Every change of the union, oldest first.

    Args:
        spoken: each teller's changes as one observer sees them (`steps.told`).
        bodies: fields by value.
    """
    changes: dict[int, list[tuple[Teller, Point]]] = {}
    for one in spoken:
        for point in one.points:
            changes.setdefault(point.t, []).append((one.teller, point))
    now: dict[Teller, Telling] = {}
    ranked: list[tuple[tuple[int, int, Teller], str]] = []
    known: dict[tuple[str, ...], Flat] = {(): {}}
    flat: Flat = {}
    found: list[Version] = []
    for t in sorted(changes):
        for who, point in changes[t]:
            old = now.pop(who, None)
            if old:
                ranked.remove((old.rank, old.value))
            if point.v != ABSENT:
                now[who] = Telling(who, t, point.v, bodies[point.v])
                insort(ranked, (now[who].rank, point.v))
        values = tuple(dict.fromkeys(value for _, value in ranked))
        if values not in known:
            known[values] = as_flat(unite(now.values()))
        if known[values] != flat:
            tellers = tuple(sorted(who for who, _ in changes[t]))
            sequence = max(point.s for _, point in changes[t])
            found.append(Version(t, sequence, tellers, tuple(unite(now.values())), flat))
            flat = known[values]
    return found


def _merged(known: dict[str, _Node], fields: Json, telling: Telling) -> dict[str, _Node]:
    """The nodes of one level with a teller's fields among them; a new one stands behind its neighbour there."""
    behind: dict[str, list[tuple[str, _Node]]] = {}
    neighbour, seen = "", set()
    for part in fields:
        name = part["name"]
        if name in seen:
            continue
        seen.add(name)
        node = known.get(name)
        if node is None:
            node = _Node()
            behind.setdefault(neighbour, []).append((name, node))
        else:
            neighbour = name
        node.type = part.get("type") if node.type is None else node.type
        node.description = part.get("description") if node.description is None else node.description
        node.told_by.append(telling)
        node.nested = _merged(node.nested, part.get("fields", ()), telling)
    if not behind:
        return known
    merged = dict(behind.get("", ()))
    for name, node in known.items():
        merged[name] = node
        merged.update(behind.get(name, ()))
    return merged


def _united(level: Mapping[str, _Node], above: Path) -> Iterator[United]:
    for name, node in level.items():
        path = (*above, name)
        yield United(path, node.type, node.description, node.told_by)
        yield from _united(node.nested, path)
