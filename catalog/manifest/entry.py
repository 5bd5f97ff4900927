"""An apply of a manifest as an entry of the inbox, `manifest/v1`.

It has only what changes: documents that are set, entities that are not declared any more, what the manifest says of
itself. So each is a last-write-wins value of (manifest, entity), and any order of applies gives one graph (law 3).
Exactly one of two applies that stand on one base is accepted (`graph.inbox`), so their order is never in doubt either.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from catalog.assets.keys import Key
from catalog.errors import InvalidEvent
from catalog.lineage.assertions import Assertions, Declared, EventType, Json, Origin
from catalog.lineage.decisions import KIND
from catalog.manifest.meaning import meaning
from catalog.manifest.parts import read_key, read_list, read_moment, read_words

MANIFEST = "manifest/v1"


def manifest_entry(
    manifest: str,
    *,
    by: str,
    applied_at: str,
    base: str,
    plan: str,
    documents: Mapping[Key, dict[str, Json]],
    removed: Iterable[Key] = (),
    heading: Mapping[str, Json] | None = None,
) -> dict[str, Any]:
    """The entry of an apply.

    Args:
        applied_at: ISO-8601, given by the server, later than the manifest's apply before (`Head.at`).
        base: key of that apply's entry, "" for the first.
        plan: checksum of the plan; sending a plan again is recognised by it.
        documents: canonical documents of entities that are new or changed.
        removed: entities that the manifest says nothing of any more.
        heading: what it says of itself from now on (`manifest.heading`); None: as before.
    """
    entry = {
        KIND: MANIFEST,
        "manifest": manifest,
        "by": by,
        "appliedAt": applied_at,
        "base": base,
        "plan": plan,
        "set": [{**key.spelled(), "document": documents[key]} for key in sorted(documents)],
        "removed": [key.spelled() for key in sorted(removed)],
    }
    return entry if heading is None else {**entry, "heading": dict(heading)}


def read_manifest(entry: dict[str, Any]) -> Assertions:
    """What an apply asserts.

    Raises:
        InvalidEvent: a part of it cannot be read, or it says two things of one entity.
    """
    warnings: list[str] = []
    time = read_moment(entry, "appliedAt", warnings)
    told: dict[Key, Declared] = {}
    for field in ("set", "removed"):
        for i, part in enumerate(read_list(entry, field)):
            where = f"{field}[{i}]"
            key = read_key(part, where)
            if key in told:
                raise InvalidEvent(f"{key} is named twice; an apply says one thing of each entity", where)
            told[key] = _declared(key, part, where) if field == "set" else Declared(key, None)
    heading = entry.get("heading")
    if not isinstance(heading, dict | None):
        raise InvalidEvent("`heading` must be an object", "heading")
    return Assertions(
        time=time,
        origin=Origin.DECLARED,
        event_type=EventType.OTHER,
        producer="",
        job=None,
        run=None,
        manifest=read_words(entry, "manifest", needed=True),
        declared=tuple(told.values()),
        heading=heading,
        warnings=tuple(warnings),
    )


def _declared(key: Key, part: dict[str, Any], where: str) -> Declared:
    body = part.get("document")
    if not isinstance(body, dict):
        raise InvalidEvent(f"`{where}.document` must be an object", f"{where}.document")
    return Declared(key, body, *meaning(key, body))
