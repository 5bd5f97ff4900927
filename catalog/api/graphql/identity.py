"""What people decide about names of things."""

from __future__ import annotations

from typing import Annotated

import orjson
import strawberry
from strawberry import argument
from strawberry.types import Info

from catalog.api.graphql.assets import Dataset, to_dataset
from catalog.api.graphql.context import context_of
from catalog.api.graphql.inbox import Entry, find_entry
from catalog.api.graphql.names import DatasetName
from catalog.api.graphql.paging import Connection, Edge, PageInfo, check_first, connect, decode, encode
from catalog.clock import to_iso
from catalog.graph import decisions, near
from catalog.identity import Name
from catalog.lineage.assertions import Verdict
from catalog.usecases.resolve_identity import resolve_identity

Reason = Annotated[str, argument(description="Why; kept with the decision.")]
By = Annotated[str | None, argument(description="Who decides, as people know them; kept as given.")]


@strawberry.input(description="A dataset by its exact namespace and name.")
class DatasetRef:
    """A dataset by its natural key."""

    namespace: str = strawberry.field(description="OpenLineage namespace, exactly as sent.")
    name: str = strawberry.field(description="OpenLineage name, exactly as sent.")

    def named(self) -> Name:
        """Its natural key."""
        return Name(self.namespace, self.name)


@strawberry.type(description="A difference between names that stores spell in several ways.")
class NamingRule:
    """A rule of naming."""

    name: str = strawberry.field(description="CASE, PORT, SCHEME, SLASH, QUOTES, ACCOUNT.")
    words: str = strawberry.field(description="What it takes away.")


@strawberry.type(description="A pair of names of which nobody said whether they are one thing.")
class OpenPair:
    """An open question."""

    a: DatasetName = strawberry.field(description="One name.")
    b: DatasetName = strawberry.field(description="The other.")
    merge: str = strawberry.field(description="The mutation that would merge them.")
    split: str = strawberry.field(description="The mutation that would keep them apart, and end the suggestion.")


@strawberry.type(description="Names that are alike; nothing is merged until somebody decides.")
class IdentityConflict:
    """Names that are alike."""

    datasets: list[Dataset] = strawberry.field(
        description="The datasets of these names: their writers, readers and newest facets are evidence, too."
    )
    rules: list[NamingRule] = strawberry.field(description="What is different between the names, and all that is.")
    open: list[OpenPair] = strawberry.field(description="The pairs to decide about.")

    @strawberry.field(description="Columns that all of them have which have columns.")
    async def columns_in_common(self, info: Info) -> list[str]:
        """Columns in common."""
        keys = [(each.moment, str(each.id)) for each in self.datasets]
        said = [[".".join(c.path) for c in columns] for columns in await context_of(info).schemas.load_many(keys)]
        known = [columns for columns in said if columns]
        return [c for c in known[0] if all(c in columns for columns in known)] if len(known) > 1 else []


async def page_conflicts(
    info: Info, namespace: str | None, first: int, after: str | None
) -> Connection[IdentityConflict]:
    """Names that are alike and undecided, in an order of no meaning."""
    ctx, key = context_of(info), decode("identity conflicts", after, str, str)
    limit = check_first(first)
    page = await ctx.call(near.conflicts, ctx.reader, namespace, (key[0], key[1]) if key else ("", ""), limit)
    edges = [Edge(cursor=encode("identity conflicts", *one.place), node=_conflict(one)) for one in page.found]
    end = encode("identity conflicts", *page.after) if page.after else edges[-1].cursor if edges else None
    return Connection(edges=edges, page_info=PageInfo(has_next_page=page.after is not None, end_cursor=end))


@strawberry.type(description="What somebody decided about two names.")
class IdentityDecision:
    """A decision."""

    a: DatasetName = strawberry.field(description="One name; of the two the first in order.")
    b: DatasetName = strawberry.field(description="The other.")
    same: bool = strawberry.field(description="True: one thing (a merge). False: two (a split).")
    holds: bool = strawberry.field(description="No newer decision is about the same two names.")
    by: str = strawberry.field(description="Who decided, as the client gave it; empty: nobody said.")
    reason: str = strawberry.field(description="Why, in their words.")
    at: str = strawberry.field(description="When, ISO-8601.")
    sequence: int = strawberry.field(description="The place of its entry in the inbox: it is known from there on.")
    entry: str = strawberry.field(description="The key of its entry.")


async def page_decisions(info: Info, first: int, after: str | None) -> Connection[IdentityDecision]:
    """Decisions, newest first."""
    ctx, key = context_of(info), decode("identity decisions", after, int)
    limit = check_first(first) + 1
    found = await ctx.call(decisions.page, ctx.reader, before=key[0] if key else None, limit=limit)
    return connect([(encode("identity decisions", one.sequence), _decision(one)) for one in found], first)


def _decision(one: decisions.Decision) -> IdentityDecision:
    return IdentityDecision(
        a=DatasetName(namespace=one.a.namespace, name=one.a.name),
        b=DatasetName(namespace=one.b.namespace, name=one.b.name),
        same=one.same,
        holds=one.holds,
        by=one.by,
        reason=one.reason,
        at=to_iso(one.at) or "",
        sequence=one.sequence,
        entry=one.entry,
    )


def _conflict(one: near.Likeness) -> IdentityConflict:
    names = {row["id"]: DatasetName(namespace=row["namespace"], name=row["name"]) for row in one.members}
    return IdentityConflict(
        datasets=[to_dataset(row) for row in one.members],
        rules=[NamingRule(name=rule.value, words=rule.words) for rule in one.rules],
        open=[
            OpenPair(
                a=names[a],
                b=names[b],
                merge=_mutation("merge", names[a], names[b]),
                split=_mutation("split", names[a], names[b]),
            )
            for a, b in one.open
        ],
    )


def _mutation(verb: str, a: DatasetName, b: DatasetName) -> str:
    refs = (f"{{namespace: {_text(n.namespace)}, name: {_text(n.name)}}}" for n in (a, b))
    return f'mutation {{ {verb}Datasets(a: {next(refs)}, b: {next(refs)}, reason: "") {{ key }} }}'


def _text(text: str) -> str:
    return orjson.dumps(text).decode()


async def decide(info: Info, a: DatasetRef, b: DatasetRef, *, same: bool, reason: str, by: str | None) -> Entry:
    """Accept a decision about two names; its entry."""
    ctx = context_of(info)
    service = ctx.service
    verdict = Verdict(a.named(), b.named(), same, by or "", reason)
    receipt = await ctx.call(resolve_identity, ctx.reader, service.acceptor.submit, service.clock, verdict)
    entry = await find_entry(info, receipt.key)
    assert entry is not None, "an entry is there once it has a receipt"
    return entry
