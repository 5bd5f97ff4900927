"""The version of the fold stands for what entries make of the graph: another graph has another version."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

import orjson

from catalog.errors import InvalidEvent
from catalog.identity import Name
from catalog.lineage.fold import VERSION
from catalog.lineage.observe import observe
from catalog.lineage.translate import translate
from tests import corpus

KNOWN = {1: "54874195ff51ead06c5cab0b48fd8dca8b98500643713f6afa88a39d5365cab0"}
"""By version of the fold a hash of what the corpus makes. A version that reports were sealed with never changes."""


def plain(value: Any) -> Any:
    """The value as JSON that does not depend on the order of sets and mappings."""
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Name):
        return list(value)
    if isinstance(value, Mapping):
        return sorted(([plain(name), plain(part)] for name, part in value.items()), key=orjson.dumps)
    if isinstance(value, set | frozenset):
        return sorted(map(plain, value), key=orjson.dumps)
    if isinstance(value, list | tuple):
        return list(map(plain, value))
    return str(value) if isinstance(value, int) else value


def test_who_changes_what_entries_make_raises_the_version() -> None:
    """Raise `fold.VERSION`, and write the new hash into KNOWN beside the old one: sealed reports name the version."""
    sha = hashlib.sha256()
    recorded = [event for path in sorted(corpus.RECORDED.glob("*.ndjson")) for event in corpus.events(path)]
    for sequence, event in enumerate([*(event for _, event in corpus.all_events()), *recorded], 1):
        try:
            record = plain(observe(translate(event), "", sequence))
        except InvalidEvent as e:
            record = {"refused": e.code}
        record.pop("warnings", None)
        sha.update(orjson.dumps(record, option=orjson.OPT_SORT_KEYS))

    assert KNOWN[VERSION] == sha.hexdigest()
