"""Which value counts where several say what something is: manifests, people, events, importers.

Nobody's word is lost: what does not count is shown as overruled, and taking one voice away leaves the others as they
were (law 4). Nothing here depends on the order in which the voices are given.

* A single value (a description, a domain): a manifest's counts before a person's, that before an event's, that before
  what was imported or inferred. Of two voices of one kind the newer counts.
* A set (owners, tags, terms, links, comments): all members that anybody names, each with who does.
* The classification: the strictest level counts, whoever gave it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from catalog.assets.keys import Key, Kind

Json = Any


class VoiceOrigin(StrEnum):
    """Where a voice comes from; the first one's word counts before the next one's."""

    DECLARED = "DECLARED"
    PERSON = "PERSON"
    OBSERVED = "OBSERVED"
    IMPORTED = "IMPORTED"
    INFERRED = "INFERRED"


class Voice(NamedTuple):
    """What somebody says of one attribute: its value, or one member of a set.

    Attributes:
        by: the manifest, the person, or the producer of the events.
        since: event time from which on this voice says so, microseconds; None where that is not known.
        entry: the key of the inbox's entry that says so; empty where that is not known.
        verified: whether it is known that `by` is who it says.
        reason: why, in a person's words.
    """

    origin: VoiceOrigin
    by: str
    value: Json
    since: int | None = None
    entry: str = ""
    verified: bool = True
    reason: str = ""


class Held(NamedTuple):
    """A value, or a member of a set, that holds.

    Attributes:
        voice: whose word counts.
        agreeing: who else says the same; of a set, who else names the member, if with other details.
        overruled: who says otherwise; of a set, nobody.
    """

    voice: Voice
    agreeing: tuple[Voice, ...] = ()
    overruled: tuple[Voice, ...] = ()

    @property
    def value(self) -> Json:
        """The value that counts."""
        return self.voice.value

    @property
    def voices(self) -> tuple[Voice, ...]:
        """All that speak of it."""
        return self.voice, *self.agreeing, *self.overruled


COMMENTS = "comments"
SUGGESTIONS, PROPAGATION = "suggestions", "propagation"
"""What people decided about tags that were suggested, and about those that arrive along the lineage: by tag a word."""
ACCEPTED, REJECTED, STOP = "ACCEPTED", "REJECTED", "STOP"
SETS = frozenset({"owners", "tags", "terms", "links", COMMENTS, SUGGESTIONS, PROPAGATION})
"""Attributes of which every member counts that anybody names."""
CLASSIFICATION = "classification"
LEVELS = ("public", "internal", "confidential", "restricted")
"""Levels of classification where nobody declares others, from the mildest on."""
SCALE = Key(Kind.TAG, "", CLASSIFICATION)
"""The tag whose `levels`, where a document gives it any, are those of every classification."""
_STRENGTH = {origin: place for place, origin in enumerate(VoiceOrigin)}
_IDENTITY = ("url", "key", "name", "ref", "id")
"""What tells the members of a set apart, where they are objects."""

Strictness = Callable[[str], int]


def strictness(levels: Sequence[str] = LEVELS) -> Strictness:
    """How strict a level is; a level that nobody declared is taken for the strictest: nobody said that it is milder."""
    known = {level.lower(): place for place, level in enumerate(levels)}
    return lambda level: known.get(level.lower(), len(known))


def levels_of(scale: Mapping[str, Any] | None, otherwise: Sequence[str] = LEVELS) -> tuple[str, ...]:
    """The levels of classification by the document of `SCALE`, if it gives any; else others, or the usual ones."""
    told = (scale or {}).get("levels")
    return tuple(map(str, told if isinstance(told, list) and told else otherwise or LEVELS))


def merge(attribute: str, voices: Iterable[Voice], strict: Strictness | None = None) -> tuple[Held, ...]:
    """What holds of one attribute: one value or none; of a set its members, sorted by what tells them apart."""
    if attribute in SETS:
        members: dict[str, list[Voice]] = {}
        for voice in voices:
            members.setdefault(member_key(voice.value), []).append(voice)
        ordered = (_ordered(members[key]) for key in sorted(members))
        return tuple(Held(some[0], tuple(some[1:])) for some in ordered)
    said = _ordered(voices)
    if attribute == CLASSIFICATION and len(said) > 1:
        how = strict or strictness()
        said.sort(key=lambda voice: -how(str(voice.value)))
    return (_held(said),) if said else ()


def merge_all(voices: Mapping[str, Iterable[Voice]], strict: Strictness | None = None) -> dict[str, tuple[Held, ...]]:
    """What holds of each attribute that anybody speaks of, by its name."""
    found = {attribute: merge(attribute, some, strict) for attribute, some in voices.items()}
    return {attribute: held for attribute, held in sorted(found.items()) if held}


def member_key(value: Json) -> str:
    """What tells a member of a set from the others: two voices that give the same one speak of one member.

    A tag with a value is another one than the same tag without it, or with another value.
    """
    if not isinstance(value, Mapping):
        return str(value)
    named = next((str(value[key]) for key in _IDENTITY if value.get(key) is not None), None)
    if named is None:
        return _text(value)
    return f"{named}={value['value']}" if value.get("value") is not None else named


class Version(NamedTuple):
    """What one voice said from a time on (microseconds), as was known from a sequence on; `said` None: nothing."""

    time: int
    sequence: int
    said: Json


def beginning(versions: Sequence[Version], holds: Callable[[Json], bool]) -> Version | None:
    """The version from which on something holds without a break up to the last one; None if it does not hold there.

    Args:
        versions: in the order of their times.
        holds: asked of what a version says, never of None.
    """
    first = None
    for version in reversed(versions):
        if version.said is None or not holds(version.said):
            break
        first = version
    return first


def _held(voices: Sequence[Voice]) -> Held:
    if len(voices) == 1:
        return Held(voices[0])
    first, text = voices[0], _text(voices[0].value)
    agreeing = tuple(voice for voice in voices[1:] if _text(voice.value) == text)
    return Held(first, agreeing, tuple(voice for voice in voices[1:] if _text(voice.value) != text))


def _ordered(voices: Iterable[Voice]) -> list[Voice]:
    """The strongest first; of most attributes one voice alone speaks, and what orders several takes time to spell."""
    found = list(voices)
    return sorted(found, key=_order) if len(found) > 1 else found


def _order(voice: Voice) -> tuple[Any, ...]:
    newest_first = -(voice.since or 0)
    ties = (voice.by, voice.entry, _text(voice.value), voice.reason, voice.verified, voice.since is None)
    return (_STRENGTH[voice.origin], newest_first, *ties)


def _text(value: Json) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)
