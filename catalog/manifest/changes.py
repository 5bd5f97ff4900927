"""What differs between two sets of declared entities: created, removed, and field by field what is said anew.

Documents are compared in their canonical form, so that a difference is one of meaning. Members of a list that are
objects with names of their own (columns, aliases) are compared by name, and so is their order; every other list is one
value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from catalog.assets.keys import Key
from catalog.lineage.canonical import canonical

Document = Mapping[str, Any]
"""The canonical JSON of one entity."""
ORDER = "(order)"
"""Stands behind a list's path where only the order of its named members changed."""


class Action(StrEnum):
    """What happens to an entity."""

    CREATE = "CREATE"
    UPDATE = "UPDATE"
    REMOVE = "REMOVE"


class FieldChange(NamedTuple):
    """One field of an entity, such as `fields[order_id].type`; None where it is not said."""

    path: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Change:
    """One entity before and after; `before` is None for one that is created, `after` for one that is removed."""

    key: Key
    before: Document | None
    after: Document | None

    @property
    def action(self) -> Action:
        """What happens to it."""
        if self.before is None:
            return Action.CREATE
        return Action.REMOVE if self.after is None else Action.UPDATE

    @property
    def fields(self) -> tuple[FieldChange, ...]:
        """Field by field, in the order of their names; all that is said where it is created, or was before."""
        return tuple(differences(self.before or {}, self.after or {}))


def compare(before: Mapping[Key, Document], after: Mapping[Key, Document]) -> tuple[Change, ...]:
    """The changes that make one set of entities the other, sorted by key."""
    return tuple(
        Change(key, before.get(key), after.get(key))
        for key in sorted(before.keys() | after.keys())
        if not _same(before.get(key), after.get(key))
    )


def differences(before: Document, after: Document, path: str = "") -> Iterator[FieldChange]:
    """The fields that differ between two documents, in the order of their names."""
    for name in sorted(before.keys() | after.keys()):
        if name in before and name in after:
            yield from _difference(f"{path}{name}", before[name], after[name])
        else:
            yield FieldChange(f"{path}{name}", before.get(name), after.get(name))


def _difference(path: str, before: Any, after: Any) -> Iterator[FieldChange]:
    if _same(before, after):
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from differences(before, after, f"{path}.")
        return
    old, new = _by_name(before), _by_name(after)
    if old is None or new is None:
        yield FieldChange(path, before, after)
        return
    for name in sorted(old.keys() | new.keys()):
        yield from _difference(f"{path}[{name}]", old.get(name), new.get(name))
    kept, now = [name for name in old if name in new], [name for name in new if name in old]
    if kept != now:
        yield FieldChange(f"{path} {ORDER}", kept, now)


def _same(before: Any, after: Any) -> bool:
    """Whether two values are one in JSON, where neither true nor 1.0 is 1."""
    return before is after or canonical(before) == canonical(after)


def _by_name(value: Any) -> dict[str, Any] | None:
    """The members of a list by their names, if that is what it has: objects, each with a name of its own."""
    if not isinstance(value, list | tuple) or not value:
        return None
    if not all(isinstance(member, Mapping) and isinstance(member.get("name"), str) for member in value):
        return None
    named = {str(member["name"]): member for member in value}
    return named if len(named) == len(value) else None
