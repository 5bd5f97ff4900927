"""Let a new event stand for one that could not be applied: both are kept, and each names the other."""

from __future__ import annotations

from catalog.errors import InvalidQuestion, UnknownKey
from catalog.graph.entries import entry
from catalog.graph.inbox import FAILED, NewEntry
from catalog.graph.store import Store


def edit(store: Store, changed: NewEntry, key: str) -> NewEntry:
    """The changed event as an edit of the entry under `key` (or a unique beginning of it).

    An applied event is never edited: what it said is corrected by a later event, as everything is.

    Raises:
        UnknownKey: there is no such entry.
        InvalidQuestion: it waits or is applied, or nothing was changed.
    """
    old = entry(store, key)
    if old is None:
        raise UnknownKey(f"no entry has the key {key[:64]!r}", key)
    if old["state"] not in FAILED:
        raise InvalidQuestion(
            f"entry {old['id'][:12]} is {old['state']}; only REJECTED or DEAD ones can be edited: send a later event, "
            "which wins over what an applied one said"
        )
    if old["id"] == changed.key:
        raise InvalidQuestion(f"nothing was changed in entry {changed.key[:12]}; to apply it as it is, retry it")
    return changed._replace(edits=old["id"])
