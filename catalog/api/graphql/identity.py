"""What people decide about names of things."""

from __future__ import annotations

from typing import Annotated

import strawberry
from strawberry import argument
from strawberry.types import Info

from catalog.api.graphql.context import context_of
from catalog.api.graphql.inbox import Entry, find_entry
from catalog.identity import Name
from catalog.lineage.assertions import Verdict
from catalog.usecases.resolve_identity import resolve_identity

Reason = Annotated[str, argument(description="Why; kept with the decision.")]
By = Annotated[str | None, argument(description="Who decides, as people know them; kept as given.")]


@strawberry.input(description="A dataset by its exact namespace and name.")
class DatasetRef:
    """A dataset by its natural key."""

    namespace: str
    name: str

    def named(self) -> Name:
        """Its natural key."""
        return Name(self.namespace, self.name)


async def decide(info: Info, a: DatasetRef, b: DatasetRef, *, same: bool, reason: str, by: str | None) -> Entry:
    """Accept a decision about two names; its entry."""
    ctx = context_of(info)
    service = ctx.service
    verdict = Verdict(a.named(), b.named(), same, by or "", reason)
    receipt = await ctx.call(resolve_identity, ctx.reader, service.acceptor.submit, service.clock, verdict)
    entry = await find_entry(info, receipt.key)
    assert entry is not None, "an entry is there once it has a receipt"
    return entry
