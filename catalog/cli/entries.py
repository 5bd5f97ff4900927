"""Entries of the inbox as several commands ask for them, by a key or the beginning of one."""

from __future__ import annotations

from typing import Any

from catalog.cli.client import Client
from catalog.cli.render import clean
from catalog.errors import InvalidQuestion, UnknownKey

FIELDS = (
    "key sequence state kind subject received settledAt attempts reason warnings size edits editedAs purgedAt "
    "run { runId state }"
)
ENTRY = f"query Entry($key: String!) {{ ingestion(key: $key) {{ {FIELDS} }} }}"
EVENT = "query Event($key: String!) { event(key: $key) }"
STATES = ("ACCEPTED", "APPLIED", "REJECTED", "DEAD")
FAILED = ("REJECTED", "DEAD")
KEY_LENGTH = 64
SHORTEST = 12


def find(client: Client, key: str) -> dict[str, Any]:
    """The one entry of a key, or of the beginning of one.

    Raises:
        UnknownKey: there is none, or the service cannot tell which.
    """
    wanted = key.strip().lower()
    entry: dict[str, Any] | None = client.graphql(ENTRY, {"key": wanted})["ingestion"]
    if entry is not None:
        return entry
    if len(wanted) < SHORTEST:
        raise UnknownKey(f"{clean(key)!r} is too short; give at least {SHORTEST} characters of a key", key)
    what = "the key" if len(wanted) >= KEY_LENGTH else "exactly one key that begins with"
    raise UnknownKey(f"no entry has {what} {clean(key)!r}", key)


def event_of(client: Client, entry: dict[str, Any]) -> dict[str, Any]:
    """The event of an entry, as it was received.

    Raises:
        InvalidQuestion: it was purged.
    """
    event: dict[str, Any] | None = client.graphql(EVENT, {"key": entry["key"]})["event"]
    if event is None:
        raise InvalidQuestion(f"the event of {entry['key'][:SHORTEST]} was purged; its producer may send it again")
    return event
