"""Orders in GraphQL: work that takes long, how far it is, and how it ended."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Any, cast

import orjson
import strawberry
from strawberry import argument
from strawberry.scalars import JSON
from strawberry.types import Info

from catalog.api.graphql.context import context_of
from catalog.api.graphql.paging import After, Connection, First, connect_newest
from catalog.clock import to_iso
from catalog.graph import orders
from catalog.usecases.evaluation_orders import EVALUATE, shown_to


@strawberry.enum(
    description="QUEUED: no worker has taken it up, or it waits for another try. RUNNING: a worker is at it. DONE: "
    "`result` says what came out. FAILED: `error` says why."
)
class OrderState(Enum):
    """How far an order is."""

    QUEUED = orders.QUEUED
    RUNNING = orders.RUNNING
    DONE = orders.DONE
    FAILED = orders.FAILED


@strawberry.type(description="Work that takes long, done by a worker; ask again until it is DONE or FAILED.")
class Order:
    """An order."""

    id: strawberry.ID = strawberry.field(description="Its id.")
    number: int = strawberry.field(description="Its place among all orders, without gaps.")
    kind: str = strawberry.field(description="What is done, such as REPORT.")
    state: OrderState = strawberry.field(description="How far it is.")
    parameters: JSON = strawberry.field(description="What was ordered, as its kind has it; moments are pinned.")
    by: str = strawberry.field(description="Who ordered it, as the client said; empty: nobody said.")
    placed: str = strawberry.field(description="When it was ordered, ISO-8601.")
    started: str | None = strawberry.field(description="When a worker took it up last; null: none has.")
    ended: str | None = strawberry.field(description="When it ended; null: it has not.")
    attempts: int = strawberry.field(description="How often a worker began, times left out that the store went away.")
    step: str = strawberry.field(description="What is being done, in words; empty: nothing yet.")
    done: int = strawberry.field(description="So much of `total` is done.")
    total: int = strawberry.field(description="How much there is to do; 0: nobody knows.")
    result: str = strawberry.field(description="Of a DONE one what came out, such as an id; empty: nothing to name.")
    error: str = strawberry.field(description="Why it failed, or why it waits for another try; empty otherwise.")
    code: str = strawberry.field(description="Of a FAILED one the code of its error, such as NOT_FOUND; may be empty.")
    own: strawberry.Private[orders.Order]

    @strawberry.field(
        description="Of a DONE evaluation what came out: the moment, policies with their counts, findings (the worst "
        "5,000), what was unknown, how many are hidden from the reader. Null else."
    )
    async def outcome(self, info: Info) -> JSON | None:
        """What came out."""
        if self.kind != EVALUATE or self.state is not OrderState.DONE:
            return None
        ctx = context_of(info)
        found = await ctx.call(orders.outcome, ctx.reader.store, self.own)
        return cast(JSON, shown_to(ctx.reader, orjson.loads(found))) if found else None


@strawberry.type
class OrderQueries:
    """Questions about orders."""

    @strawberry.field(description="An order by its id. Null: there is none.")
    async def order(self, info: Info, id: Annotated[strawberry.ID, argument(description="Its `id`.")]) -> Order | None:
        """An order."""
        ctx = context_of(info)
        found = await ctx.call(orders.order, ctx.reader.store, str(id))
        return to_order(found) if found else None

    @strawberry.field(description="Orders, the newest first.")
    async def orders(
        self,
        info: Info,
        kind: Annotated[str | None, argument(description="Only of this kind.")] = None,
        state: Annotated[OrderState | None, argument(description="Only in this state.")] = None,
        first: First = 50,
        after: After = None,
    ) -> Connection[Order]:
        """Orders."""
        ctx, wanted = context_of(info), state.value if state else None

        async def ask(before: int | None, limit: int) -> list[orders.Order]:
            store = ctx.reader.store
            return await ctx.call(orders.orders, store, kind=kind, state=wanted, before=before, limit=limit)

        return await connect_newest("orders", first, after, ask, to_order)


async def place(info: Info, kind: str, parameters: dict[str, Any], by: str | None) -> Order:
    """Order some work, and wake who does it."""
    ctx = context_of(info)
    service = ctx.service
    await ctx.call(service.gate.check)
    who, now = ctx.speaker(by), service.clock.now()
    found, _ = await ctx.call(orders.place, ctx.reader.store, kind, parameters, by=who, now=now)
    service.dispatcher.wake_checks()
    return to_order(found)


def to_order(order: orders.Order) -> Order:
    """An order as GraphQL shows it."""
    return Order(
        id=strawberry.ID(order.id),
        number=order.number,
        kind=order.kind,
        state=OrderState(order.state),
        parameters=cast(JSON, dict(order.parameters)),
        by=order.by,
        placed=to_iso(order.placed) or "",
        started=to_iso(order.started),
        ended=to_iso(order.ended),
        attempts=order.attempts,
        code=order.code,
        step=order.step,
        done=order.done,
        total=order.total,
        result=order.result,
        error=order.error,
        own=order,
    )
