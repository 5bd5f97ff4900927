"""What manifests, people and events say of things, merged: each value with who says it and whom that overrules.

Source: compliance.md, section 3 (the fields every entity carries, each value with its provenance).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from strawberry.scalars import JSON
from strawberry.types import Info

from catalog.api.graphql.context import context_of
from catalog.assets.attributes import COMMENTS, Held, VoiceOrigin
from catalog.assets.attributes import Voice as Spoken
from catalog.assets.keys import Key, Kind, entity_id
from catalog.clock import to_iso
from catalog.graph.walk import PRESENT, Moment
from catalog.manifest.references import WORDS

if TYPE_CHECKING:
    from catalog.api.graphql.entities import Entity

EntityLazy = Annotated["Entity", strawberry.lazy("catalog.api.graphql.entities")]

strawberry.enum(
    VoiceOrigin,
    description="Where a value comes from: DECLARED by a manifest, said by a PERSON, OBSERVED in events, IMPORTED from "
    "another tool, INFERRED. Of single values the first of these counts, of the classification the strictest.",
)


@strawberry.type(description="What one manifest, person or producer says.")
class Voice:
    """A voice."""

    value: JSON = strawberry.field(description="What it says, as JSON.")
    origin: VoiceOrigin = strawberry.field(description="Where it comes from.")
    by: str = strawberry.field(description="The manifest, the person, or the producer as its events name it.")
    since: str | None = strawberry.field(description="Event time from which on it says so, ISO-8601.")
    entry: str | None = strawberry.field(description="The key of the entry that began it; null for facets of events.")
    verified: bool = strawberry.field(description="Whether it is known that it is who it says; false for a bare name.")
    reason: str | None = strawberry.field(description="Why, in a person's words.")


@strawberry.type
class Told:
    """A value that holds, with who says so."""

    held: strawberry.Private[Held]

    @strawberry.field(description="Where it comes from.")
    def origin(self) -> VoiceOrigin:
        """Where it comes from."""
        return self.held.voice.origin

    @strawberry.field(description="The manifest, the person, or the producer as its events name it.")
    def by(self) -> str:
        """Who says so."""
        return self.held.voice.by

    @strawberry.field(description="Event time from which on that voice says so, ISO-8601.")
    def since(self) -> str | None:
        """Since when."""
        return to_iso(self.held.voice.since)

    @strawberry.field(description="The key of the entry that began it; null for facets of events.")
    def entry(self) -> str | None:
        """The entry."""
        return self.held.voice.entry or None

    @strawberry.field(description="Whether it is known that `by` is who it says; false for a name that a client gave.")
    def verified(self) -> bool:
        """Whether it is known who says so."""
        return self.held.voice.verified

    @strawberry.field(description="Why, in a person's words.")
    def reason(self) -> str | None:
        """Why."""
        return self.held.voice.reason or None

    @strawberry.field(description="Who else says the same (of a set: names the same member), strongest first.")
    def agreeing(self) -> list[Voice]:
        """Who agrees."""
        return [to_voice(voice) for voice in self.held.agreeing]

    @strawberry.field(description="Who says otherwise and does not count, strongest first.")
    def overruled(self) -> list[Voice]:
        """Who is overruled."""
        return [to_voice(voice) for voice in self.held.overruled]


@strawberry.type(description="A text, such as a description, a level, or the name of an entity.")
class TextValue(Told):
    """A text."""

    @strawberry.field(description="The text; of an entity its reference, such as team:orders.")
    def value(self) -> str:
        """The text."""
        return _text(self.held.value)


@strawberry.type(description="Yes or no.")
class TruthValue(Told):
    """A truth value."""

    @strawberry.field(description="Whether it is so.")
    def value(self) -> bool:
        """Whether it is so."""
        return bool(self.held.value)


@strawberry.type(
    description="A block of values that belong together, such as where something is, or how long it is kept."
)
class BlockValue(Told):
    """A block."""

    @strawberry.field(description="The block as JSON; schema/manifest/v1 says what is in it.")
    def value(self) -> JSON:
        """The block."""
        return self.held.value  # type: ignore[no-any-return]


@strawberry.type
class Named:
    """What names an entity."""

    moment: strawberry.Private[Moment] = PRESENT
    named: strawberry.Private[Key | None] = None

    @strawberry.field(description="The entity it names, if it was ever declared; null for names of other systems.")
    async def entity(self, info: Info) -> EntityLazy | None:
        """The entity."""
        from catalog.api.graphql.entities import to_entity

        if self.named is None:
            return None
        row = await context_of(info).entities.load(entity_id(self.named))
        return to_entity(row.key, self.moment) if row else None


@strawberry.type(description="The name of an entity, such as a domain.")
class ReferenceValue(TextValue, Named):
    """A reference."""


@strawberry.type(description="Somebody who answers for it.")
class OwnerValue(Told, Named):
    """An owner."""

    @strawberry.field(description="Such as team:orders or person:7f3a; of events, as sent.")
    def name(self) -> str:
        """Who."""
        return _member(self.held, "name")

    @strawberry.field(description="In which role, where somebody says, such as MAINTAINER.")
    def type(self) -> str | None:
        """The role."""
        return _member(self.held, "type") or None


@strawberry.type(description="A tag, with or without a value.")
class TagValue(Told, Named):
    """A tag."""

    @strawberry.field(description="Its name, such as pii/email.")
    def key(self) -> str:
        """Its name."""
        return _member(self.held, "key")

    @strawberry.field(description="Its value, where it has one.")
    def value(self) -> str | None:
        """Its value."""
        return _member(self.held, "value") or None


@strawberry.type(description="A term of the glossary.")
class TermValue(Told, Named):
    """A term."""

    @strawberry.field(description="Such as term:revenue/net.")
    def name(self) -> str:
        """Its name."""
        return _member(self.held, "name")


@strawberry.type(description="A comment that a person left.")
class Comment:
    """A comment."""

    text: str = strawberry.field(description="The comment.")
    field: str | None = strawberry.field(description="The column it is about; null for the thing itself.")
    by: str = strawberry.field(description="Who, as the client says; empty: nobody said.")
    verified: bool = strawberry.field(description="Whether it is known that it was them.")
    at: str | None = strawberry.field(description="When, ISO-8601.")
    entry: str | None = strawberry.field(description="The key of its entry: `undo` takes it.")


@strawberry.type(description="A page about it.")
class LinkValue(Told):
    """A link."""

    @strawberry.field(description="What is found there.")
    def name(self) -> str | None:
        """What is found there."""
        return _member(self.held, "name") or None

    @strawberry.field(description="Where; only http and https.")
    def url(self) -> str:
        """Where."""
        return _member(self.held, "url")


class Values:
    """The attributes of one thing, or one column, that somebody speaks of."""

    def __init__(self, held: Mapping[str, tuple[Held, ...]], moment: Moment) -> None:
        self._held = held
        self._moment = moment

    def text(self, attribute: str) -> TextValue | None:
        """A single text."""
        held = self._one(attribute)
        return TextValue(held=held) if held else None

    def reference(self, attribute: str, kind: Kind | None = None) -> ReferenceValue | None:
        """A single name of an entity."""
        held = self._one(attribute)
        return ReferenceValue(held=held, named=_key(_text(held.value), kind), moment=self._moment) if held else None

    def truth(self, attribute: str) -> TruthValue | None:
        """A single truth value."""
        held = self._one(attribute)
        return TruthValue(held=held) if held else None

    def block(self, attribute: str) -> BlockValue | None:
        """A block."""
        held = self._one(attribute)
        return BlockValue(held=held) if held else None

    def owners(self) -> list[OwnerValue]:
        """The owners."""
        return [OwnerValue(held=h, named=_key(_member(h, "name")), moment=self._moment) for h in self._all("owners")]

    def tags(self) -> list[TagValue]:
        """The tags."""
        found = self._all("tags")
        return [TagValue(held=h, named=Key(Kind.TAG, "", _member(h, "key")), moment=self._moment) for h in found]

    def terms(self) -> list[TermValue]:
        """The terms."""
        found = self._all("terms")
        return [TermValue(held=h, named=_key(_member(h, "name"), Kind.TERM), moment=self._moment) for h in found]

    def links(self) -> list[LinkValue]:
        """The links, without those that a browser should not follow."""
        found = [LinkValue(held=held) for held in self._all("links")]
        return [link for link in found if _member(link.held, "url").startswith(("http://", "https://"))]

    def comments(self, field: str | None = None) -> list[tuple[int, Comment]]:
        """The comments, each with its time, µs."""
        return [(held.voice.since or 0, _to_comment(held, field)) for held in self._all(COMMENTS)]

    def _one(self, attribute: str) -> Held | None:
        return next(iter(self._all(attribute)), None)

    def _all(self, attribute: str) -> tuple[Held, ...]:
        return self._held.get(attribute, ())


def _to_comment(held: Held, field: str | None) -> Comment:
    voice = held.voice
    return Comment(
        text=_member(held, "value"),
        field=field,
        by=voice.by,
        verified=voice.verified,
        at=to_iso(voice.since),
        entry=voice.entry or None,
    )


def to_voice(voice: Spoken) -> Voice:
    """What one says, as the API has it."""
    return Voice(
        value=voice.value,
        origin=voice.origin,
        by=voice.by,
        since=to_iso(voice.since),
        entry=voice.entry or None,
        verified=voice.verified,
        reason=voice.reason or None,
    )


def _key(text: str, kind: Kind | None = None) -> Key | None:
    """The entity that a reference such as `team:orders` names; without a word, one of the kind."""
    word, colon, name = text.partition(":")
    if colon and word in WORDS and name:
        return Key(WORDS[word], "", name)
    return Key(kind, "", text) if kind is not None and text else None


def _member(held: Held, key: str) -> str:
    value = held.value.get(key) if isinstance(held.value, dict) else None
    return "" if value is None else _text(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else str(value)
