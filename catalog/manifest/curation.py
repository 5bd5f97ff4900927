"""A person's word about an entity as an entry of the inbox, `curation/v1`.

Of several about one (entity, attribute, field, item) the newest counts; null takes it back.
"""

from __future__ import annotations

from typing import Any

from catalog.errors import InvalidEvent
from catalog.lineage.assertions import Assertions, Curated, EventType, Origin
from catalog.lineage.decisions import KIND
from catalog.manifest.parts import read_key, read_moment, read_words

CURATION = "curation/v1"


def curation_entry(said: Curated, at: str) -> dict[str, Any]:
    """The entry of a person's word; `at` is ISO-8601."""
    entity = said.key.spelled()
    rest = {name: value for name, value in said._asdict().items() if name != "key"}
    return {KIND: CURATION, "entity": entity, "at": at, **rest}


def read_curation(entry: dict[str, Any]) -> Assertions:
    """What a person's word asserts.

    Raises:
        InvalidEvent: a part of it cannot be read.
    """
    warnings: list[str] = []
    verified = entry.get("verified", False)
    if not isinstance(verified, bool):
        raise InvalidEvent("`verified` must be true or false", "verified")
    said = Curated(
        read_key(entry.get("entity"), "entity"),
        read_words(entry, "attribute", needed=True),
        read_words(entry, "field"),
        read_words(entry, "item"),
        entry.get("value"),
        read_words(entry, "by"),
        verified,
        read_words(entry, "reason"),
        read_words(entry, "undoes"),
    )
    return Assertions(
        time=read_moment(entry, "at", warnings),
        origin=Origin.PERSON,
        event_type=EventType.OTHER,
        producer="",
        job=None,
        run=None,
        curated=(said,),
        warnings=tuple(warnings),
    )
