"""What people say of entities: words given and taken back, and all that was said."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry
from strawberry import argument
from strawberry.scalars import JSON
from strawberry.types import Info

from catalog.api.graphql.context import context_of
from catalog.api.graphql.entities import Entity, to_entity
from catalog.api.graphql.inbox import Entry, find_entry
from catalog.api.graphql.kinds import EntityRef
from catalog.api.graphql.moments import moment_of
from catalog.api.graphql.paging import Connection, check_first, connect, decode, encode
from catalog.assets.keys import Kind, entity_id
from catalog.clock import to_iso
from catalog.errors import InvalidQuestion
from catalog.graph.curations import Word, history
from catalog.lineage.assertions import Curated
from catalog.manifest.references import WrongReference, parse, spell
from catalog.usecases.curate import Said, check_known, curate, undo

Field = Annotated[str | None, argument(description="A column of the dataset, by its dotted path; else the entity.")]
Words = Annotated[str, argument(description="What is said.")]
Reason = Annotated[str, argument(description="Why; kept with the word.")]
By = Annotated[
    str | None,
    argument(description="Who says so, kept as given and marked unverified; else the header X-Headwater-As."),
]

TagName = Annotated[str, argument(description="The tag's name, such as pii/email, or tag:pii/email.")]
OwnerName = Annotated[str, argument(description="team:NAME or person:NAME.")]
_MEMBERS = {"tags": (Kind.TAG,), "owners": (Kind.TEAM, Kind.PERSON)}


@strawberry.type(description="What became of a word: accepted, and what that comes to beside what manifests say.")
class CurationReceipt:
    """What became of a word."""

    entry: Entry = strawberry.field(description="Its entry: `undo` takes its key.")
    counts: bool = strawberry.field(
        description="Whether readers are shown it, once it is applied. Single values: a manifest's counts before a "
        "person's. Sets: what anybody names is in. Classification: the strictest counts."
    )
    notice: str = strawberry.field(description="The same in words, with the manifest that says otherwise.")


@strawberry.type(description="One word of a person about an entity.")
class Curation:
    """One word of a person."""

    entity: Entity = strawberry.field(description="What it is about.")
    attribute: str = strawberry.field(
        description="description, tags, owners, classification, lifecycle, certified, comments; suggestions (accepted "
        "or rejected), propagation (stopped)."
    )
    field: str | None = strawberry.field(description="The column it is about; null for the entity.")
    item: str | None = strawberry.field(description="Which tag, owner or comment; null where there is only one.")
    value: JSON | None = strawberry.field(description="What was said; null: taken back.")
    by: str = strawberry.field(description="Who, as the client says; empty: nobody said.")
    verified: bool = strawberry.field(description="Whether it is known that it was them.")
    reason: str = strawberry.field(description="Why.")
    at: str = strawberry.field(description="When, ISO-8601.")
    key: str = strawberry.field(description="The key of its entry: `undo` takes it.")
    sequence: int = strawberry.field(description="The place of its entry in the inbox.")
    undoes: str | None = strawberry.field(description="The key of the entry that it took back.")
    current: bool = strawberry.field(description="Whether nothing newer was said of the same.")


async def say(
    info: Info,
    entity: EntityRef,
    attribute: str,
    value: Any,
    *,
    field: str | None = None,
    item: str = "",
    reason: str = "",
    by: str | None = None,
) -> CurationReceipt:
    """Accept a word; what became of it."""
    ctx = context_of(info)
    service = ctx.service
    word = Curated(entity.key(), attribute, field or "", item, value, ctx.speaker(by), False, reason)
    return await _receipt(info, await ctx.call(curate, ctx.reader, service.acceptor.submit, service.clock, word))


async def member(
    info: Info,
    entity: EntityRef,
    attribute: str,
    name: str,
    given: bool,
    *,
    field: str | None = None,
    reason: str = "",
    by: str | None = None,
) -> CurationReceipt:
    """Accept a word about one member of a set: it is given, or taken back.

    Raises:
        InvalidQuestion: the name is none of such a member.
    """
    try:
        spelled = str(spell(parse(name, _MEMBERS[attribute])))
    except WrongReference as wrong:
        expected = f"; expected {wrong.expected}" if wrong.expected else ""
        raise InvalidQuestion(f"{attribute}: {wrong}{expected}") from wrong
    value = True if given else None
    return await say(info, entity, attribute, value, field=field, item=spelled, reason=reason, by=by)


async def take_back(info: Info, entry: str, reason: str, by: str | None) -> CurationReceipt:
    """Undo one word."""
    ctx = context_of(info)
    service = ctx.service
    submit, clock = service.acceptor.submit, service.clock
    return await _receipt(info, await ctx.call(undo, ctx.reader, submit, clock, entry, ctx.speaker(by), reason))


async def page_words(
    info: Info, entity: EntityRef, first: int, after: str | None, as_of: str | None, known_at: str | None
) -> Connection[Curation]:
    """What people said of an entity, newest first."""
    ctx, key, moment = context_of(info), entity.key(), await moment_of(info, as_of, known_at)
    limit, place = check_first(first), decode("curations", after, int, str)
    await ctx.call(check_known, ctx.reader, key)
    id_ = entity_id(key)
    words: list[Word] = (await ctx.call(history, ctx.reader, [id_], moment))[id_]
    newest = {word.place: word.entry for word in words}
    behind = [word for word in reversed(words) if place is None or word.order < (place[0], place[1])]
    nodes = [(encode("curations", *word.order), _to_curation(word, newest)) for word in behind[: limit + 1]]
    return connect(nodes, first)


async def _receipt(info: Info, said: Said) -> CurationReceipt:
    entry = await find_entry(info, said.receipt.key)
    assert entry is not None, "an entry is there once it has a receipt"
    return CurationReceipt(entry=entry, counts=said.counts, notice=said.notice)


def _to_curation(word: Word, newest: dict[tuple[str, str, str], str]) -> Curation:
    said = word.said
    return Curation(
        entity=to_entity(said.key),
        attribute=said.attribute,
        field=said.field or None,
        item=said.item or None,
        value=said.value,
        by=said.by,
        verified=said.verified,
        reason=said.reason,
        at=to_iso(word.time) or "",
        key=word.entry,
        sequence=word.sequence,
        undoes=said.undoes or None,
        current=newest[word.place] == word.entry,
    )
