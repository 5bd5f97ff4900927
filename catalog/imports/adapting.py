"""What an import wants to declare, fitted to what others declare: pure, one answer of the service at a time.

An import runs at night, and nobody is there to move a word from one manifest to another. So what another manifest
declares is left to it, what others still refer to stays, and both are said. All else that stands against a plan stops
the import as it would stop anybody.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from catalog.assets.keys import NAMESPACED, Key, Kind
from catalog.errors import InvalidQuestion
from catalog.imports.facts import Skipped
from catalog.imports.members import Json, objects, text
from catalog.manifest.references import WrongReference, parse, spell

CLAIMED, DANGLING, STILL_REFERRED = "CLAIMED", "DANGLING", "STILL_REFERRED"


class Fitted(NamedTuple):
    """The documents to plan with next, and what was taken out or kept, each with why."""

    documents: dict[Key, Json]
    skipped: list[Skipped]


def check_leave(leave: Collection[str]) -> None:
    """Pass, if each is a kind or a reference.

    Raises:
        InvalidQuestion: one is neither, and would leave nothing to anybody.
    """
    for word in leave:
        try:
            if word not in set(Kind):
                parse(word)
        except WrongReference as wrong:
            raise InvalidQuestion(
                f"--leave {word}: is neither a kind, such as {Kind.TEAM}, nor an entity, such as team:NAME"
            ) from wrong


def left(documents: Mapping[Key, Json], leave: Collection[str]) -> dict[Key, Json]:
    """The documents without those of whole kinds (`Team`) or by reference (`team:orders`) that are left to others."""
    return {key: body for key, body in documents.items() if not _left(key, leave)}


def fit(documents: Mapping[Key, Json], plan: Json, leave: Collection[str]) -> Fitted:
    """Documents that a plan's obstacles do not speak against, as far as it is for an import to give way.

    Args:
        plan: the service's answer, with `changes` and `obstacles`.
        leave: as for `left`; a reference to what is left and declared by nobody is left out.
    """
    found = dict(documents)
    skipped: list[Skipped] = []
    by_name = {str(key): key for key in documents}
    before = {str(_key_of(change)): change for change in objects(plan, "changes")}
    for obstacle in objects(plan, "obstacles"):
        type_, named, said = (text(obstacle, part) for part in ("type", "key", "message"))
        key = by_name.get(named)
        if type_ == CLAIMED and key in found:
            del found[key]
            skipped.append(Skipped(named, said.partition(";")[0]))
        elif type_ == DANGLING and key in found:
            found[key] = without(found[key], leave)
            skipped.append(Skipped(f"a reference of {named}", said.partition(": ")[2] or said))
        elif type_ == STILL_REFERRED and named in before and isinstance(before[named].get("before"), dict):
            change = before[named]
            found[_key_of(change)] = change["before"]
            skipped.append(Skipped(f"removal of {named}", said.partition("; ")[0]))
    return Fitted(found, skipped)


def without(document: Json, leave: Collection[str]) -> Json:
    """A document without its references to what is left to others; its own words under `custom` stay."""
    return {
        name: value if name == "custom" else _without(value, leave)
        for name, value in document.items()
        if not _refers(value, leave)
    }


def _without(value: Any, leave: Collection[str]) -> Any:
    if isinstance(value, list):
        return [_without(item, leave) for item in value if not _refers(item, leave)]
    if isinstance(value, dict):
        return {name: _without(part, leave) for name, part in value.items() if not _refers(part, leave)}
    return value


def _refers(value: Any, leave: Collection[str]) -> bool:
    """Whether a value is a reference to something that is left; words that merely look alike are not."""
    if not isinstance(value, str):
        return False
    try:
        return _left(parse(value), leave)
    except WrongReference:
        return False


def _left(key: Key, leave: Collection[str]) -> bool:
    return key.kind in leave or (key.kind not in NAMESPACED and spell(key) in leave)


def _key_of(change: Json) -> Key:
    return Key(Kind(text(change, "kind")), text(change, "namespace"), text(change, "name"))
