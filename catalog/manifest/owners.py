"""Owners as producers name them, and as which entity they are meant.

A producer writes `team:sales`, `user:ada` or `ada@example.org`. A person is declared under a pseudonym, made of the
name and always the same, since names of people do not belong into a catalog.
"""

from __future__ import annotations

from catalog.assets.keys import Key, Kind
from catalog.identity import digest
from catalog.manifest.references import WrongReference, check_name

PSEUDONYM = 12
"""Characters of a pseudonym."""
_TEAMS, _PERSONS = ("team:", "group:"), ("person:", "user:")


def owner_of(name: str) -> Key | None:
    """The team or person that a producer means; None for what cannot be a name."""
    low = name.lower()
    bare = next((name[len(sign) :] for sign in (*_TEAMS, *_PERSONS) if low.startswith(sign)), name)
    if low.startswith(_PERSONS) or ("@" in name and not low.startswith(_TEAMS)):
        return Key(Kind.PERSON, "", digest("person", bare)[:PSEUDONYM])
    try:
        return Key(Kind.TEAM, "", check_name(bare))
    except WrongReference:
        return None
