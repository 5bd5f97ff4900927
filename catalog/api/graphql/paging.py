"""Connections with keyset cursors: opaque, versioned, never an offset."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Generic, Protocol, TypeVar

import orjson
import strawberry
from strawberry import argument

from catalog.errors import InvalidQuestion

MAX_PAGE = 500
NodeT = TypeVar("NodeT")
_VERSION = 1
First = Annotated[int, argument(description=f"So many of them, 1 to {MAX_PAGE}.")]
After = Annotated[str | None, argument(description="`endCursor` of the page before; null: from the first.")]


@strawberry.type(description="Where a page ends.")
class PageInfo:
    """Where a page ends."""

    has_next_page: bool = strawberry.field(description="Whether another page follows.")
    end_cursor: str | None = strawberry.field(description="Give this as `after` to get the next page.")


@strawberry.type(description="One item of a page.")
class Edge(Generic[NodeT]):
    """One item of a page."""

    cursor: str = strawberry.field(description="Give this as `after` to go on behind this item.")
    node: NodeT = strawberry.field(description="The item.")


@strawberry.type(description="One page of a list.")
class Connection(Generic[NodeT]):
    """One page of a list."""

    edges: list[Edge[NodeT]] = strawberry.field(description="The items of this page.")
    page_info: PageInfo = strawberry.field(description="Where this page ends.")
    count: strawberry.Private[Callable[[], Awaitable[int]] | None] = None

    @strawberry.field(description="How many there are in all, counted when selected; null where nobody counts.")
    async def total_count(self) -> int | None:
        """How many there are in all."""
        return await self.count() if self.count else None


def check_first(first: int) -> int:
    """A page size.

    Raises:
        InvalidQuestion: outside 1..MAX_PAGE.
    """
    if not 0 < first <= MAX_PAGE:
        raise InvalidQuestion(f"first must be between 1 and {MAX_PAGE}, not {first}")
    return first


def connect(
    items: list[tuple[str, NodeT]], first: int, count: Callable[[], Awaitable[int]] | None = None
) -> Connection[NodeT]:
    """A page of `(cursor, item)` pairs that were asked for one more than `first`."""
    shown = [Edge(cursor=cursor, node=node) for cursor, node in items[:first]]
    end = shown[-1].cursor if shown else None
    return Connection(edges=shown, page_info=PageInfo(has_next_page=len(items) > first, end_cursor=end), count=count)


class _Numbered(Protocol):
    @property
    def number(self) -> int: ...


NumberedT = TypeVar("NumberedT", bound=_Numbered)


async def connect_newest(
    kind: str,
    first: int,
    after: str | None,
    ask: Callable[[int | None, int], Awaitable[list[NumberedT]]],
    show: Callable[[NumberedT], NodeT],
) -> Connection[NodeT]:
    """A page of things that have numbers, the newest first.

    Args:
        kind: of list, for its cursors.
        ask: gives those below a number (None: from the newest on), at most so many.
    """
    key = decode(kind, after, int)
    found = await ask(key[0] if key else None, check_first(first) + 1)
    return connect([(encode(kind, one.number), show(one)) for one in found], first)


def encode(kind: str, *key: Any) -> str:
    """The cursor for a sort key of one kind of list."""
    return base64.urlsafe_b64encode(orjson.dumps([_VERSION, kind, *key])).decode().rstrip("=")


def decode(kind: str, cursor: str | None, *types: type) -> list[Any] | None:
    """The sort key of a cursor, its parts of these types; None for no cursor.

    Raises:
        InvalidQuestion: it is no cursor of this list.
    """
    if cursor is None:
        return None
    try:
        version, of, *key = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, TypeError) as e:
        raise InvalidQuestion(f"{cursor[:40]!r} is no cursor; use endCursor of the page before") from e
    if of != kind:
        raise InvalidQuestion(f"this cursor belongs to another list ({str(of)[:40]}), not to {kind}")
    if version != _VERSION or [type(part) for part in key] != list(types):
        raise InvalidQuestion(f"{cursor[:40]!r} is no cursor of {kind}; use endCursor of the page before")
    return list(key)
