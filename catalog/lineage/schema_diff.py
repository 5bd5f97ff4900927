"""What is different between two schemas. Applied to the first, the difference gives the second (a law, tested).

No facet says that a column was renamed, so a rename is always inferred: from the place (one column went and one of the
same type came between the same neighbours), or from column lineage of the dataset from itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from catalog.lineage.schemas import Column, Flat, Path

BY_PLACE = "PLACE"
BY_LINEAGE = "COLUMN_LINEAGE"


class Renamed(NamedTuple):
    """A column that probably has a new name, with all that is nested in it. `basis` says why one may think so."""

    old: Path
    new: Path
    before: Column
    after: Column
    basis: str


class Changed(NamedTuple):
    """A column whose type or description is another."""

    path: Path
    before: str | None
    after: str | None


@dataclass(slots=True)
class SchemaDiff:
    """Columns added, removed (nested ones too, each by itself), renamed, and with another type or description."""

    added: Flat = field(default_factory=dict)
    removed: Flat = field(default_factory=dict)
    renamed: list[Renamed] = field(default_factory=list)
    retyped: list[Changed] = field(default_factory=list)
    redescribed: list[Changed] = field(default_factory=list)


def diff(before: Flat, after: Flat, derived: Mapping[Path, Path] | None = None) -> SchemaDiff:
    """The difference between two schemas.

    Args:
        derived: new column -> old column, where column lineage says that the dataset's one was made of its other.
    """
    found = SchemaDiff()
    old, new = _Tree(before), _Tree(after)
    for to, source in sorted((derived or {}).items()):
        gone = source in old.columns and source not in after and not old.nested.get(source)
        if gone and to in new.columns and to not in before and not new.nested.get(to):
            found.renamed.append(Renamed(source, to, old.columns[source], new.columns[to], BY_LINEAGE))
            old.take(source)
            new.take(to)
    _compare(found, old, new, ())
    return found


def applied(before: Flat, change: SchemaDiff) -> Flat:
    """The schema that a difference makes of the one it starts from."""
    flat = {path: column for path, column in before.items() if path not in change.removed}
    for renamed in change.renamed:
        depth = len(renamed.old)
        moved = [path for path in flat if path[:depth] == renamed.old]
        flat.update({(*renamed.new, *path[depth:]): flat.pop(path) for path in moved})
        flat[renamed.new] = renamed.after
    for retyped in change.retyped:
        flat[retyped.path] = flat[retyped.path]._replace(type=retyped.after)
    for described in change.redescribed:
        flat[described.path] = flat[described.path]._replace(description=described.after)
    return {**flat, **change.added}


class _Tree:
    """A schema with the names nested at each place, in order."""

    def __init__(self, flat: Flat) -> None:
        self.columns = dict(flat)
        self.nested: dict[Path, dict[str, None]] = {}
        for path in flat:
            self.nested.setdefault(path[:-1], {})[path[-1]] = None

    def take(self, path: Path) -> None:
        del self.columns[path], self.nested[path[:-1]][path[-1]]

    def below(self, path: Path) -> Flat:
        """A column and all that is nested in it, by path from it."""
        found: Flat = {(): self.columns[path]}
        for name in self.nested.get(path, ()):
            found.update({(name, *rest): column for rest, column in self.below((*path, name)).items()})
        return found


def _compare(found: SchemaDiff, old: _Tree, new: _Tree, at: Path) -> None:
    olds, news = old.nested.get(at, {}), new.nested.get(at, {})
    gone, came = _alone(olds, news), _alone(news, olds)
    for place in [place for place in gone if place in came]:
        source, to = (*at, gone[place]), (*at, came[place])
        if _alike(old.below(source), new.below(to)):
            found.renamed.append(Renamed(source, to, old.columns[source], new.columns[to], BY_PLACE))
            del gone[place], came[place]
    for name in gone.values():
        found.removed.update({(*at, name, *rest): column for rest, column in old.below((*at, name)).items()})
    for name in came.values():
        found.added.update({(*at, name, *rest): column for rest, column in new.below((*at, name)).items()})
    for name in olds:
        if name in news:
            path = (*at, name)
            was, now = old.columns[path], new.columns[path]
            if was.type != now.type:
                found.retyped.append(Changed(path, was.type, now.type))
            if was.description != now.description:
                found.redescribed.append(Changed(path, was.description, now.description))
            _compare(found, old, new, path)


def _alone(siblings: Mapping[str, None], others: Mapping[str, None]) -> dict[tuple[str | None, int], str]:
    """The columns that the other schema has not, by place: behind which common sibling they stand, and how far."""
    found = {}
    behind, distance = None, 0
    for name in siblings:
        if name in others:
            behind, distance = name, 0
        else:
            found[behind, distance] = name
            distance += 1
    return found


def _alike(source: Flat, to: Flat) -> bool:
    """Whether a column may be the other under a new name: of one known type, and the same nested in them."""
    same_type = source[()].type is not None and source[()].type == to[()].type
    return same_type and {**source, (): Column()} == {**to, (): Column()}
