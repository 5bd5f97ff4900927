"""Projecting lists at once gives, byte for byte, what the engine gives field by field: data, errors, paths, nulls."""

from __future__ import annotations

import asyncio
import math
from enum import Enum
from typing import Any

import orjson
import pytest
import strawberry
from hypothesis import given, settings
from hypothesis import strategies as st
from strawberry.extensions import SchemaExtension

from catalog.api.graphql.projection import ProjectingExecutor


@strawberry.enum
class Colour(Enum):
    """An enum whose values differ from its names."""

    RED = "r"
    BLUE = "b"


@strawberry.interface
class Named:
    """Which type it is takes a resolver."""

    name: str


@strawberry.type
class Small(Named):
    """A type with an interface: the engine asks it what it is."""

    size: int


@strawberry.type
class Part:
    """A plain object below another."""

    name: str
    weight: float | None


@strawberry.type
class Thing:
    """Everything an object may be made of."""

    id: strawberry.ID
    name: str
    count: int
    ratio: float | None
    fine: bool
    colour: Colour | None
    part: Part
    parts: list[Part]
    maybe: list[Part | None] | None
    tags: list[str]
    smalls: list[Small]
    named: Named | None
    secret: strawberry.Private[str] = ""

    @strawberry.field
    def shout(self, times: int = 1) -> str:
        """A resolver with an argument."""
        return self.name * times

    @strawberry.field
    async def later(self) -> str:
        """A resolver that is awaited."""
        await asyncio.sleep(0)
        return self.name

    @strawberry.field
    def broken(self) -> str:
        """A resolver that fails."""
        raise ValueError(f"no {self.name}")


THINGS: list[Any] = []


@strawberry.type
class Query:
    """Lists of things, nullable in every way."""

    @strawberry.field
    def things(self) -> list[Thing]:
        """None may be null."""
        return THINGS

    @strawberry.field
    def holes(self) -> list[Thing | None] | None:
        """Any may be null."""
        return THINGS

    @strawberry.field
    async def slow(self) -> list[Thing]:
        """Awaited first."""
        return THINGS


STOCK = strawberry.Schema(Query, types=[Small])
FAST = strawberry.Schema(Query, types=[Small], execution_context_class=ProjectingExecutor)


def thing(**parts: Any) -> Thing:
    """A thing as it should be, but for these parts."""
    whole: dict[str, Any] = {
        "id": strawberry.ID("1"),
        "name": "chair",
        "count": 4,
        "ratio": 0.5,
        "fine": True,
        "colour": Colour.RED,
        "part": Part(name="leg", weight=1.5),
        "parts": [Part(name="leg", weight=None), Part(name="seat", weight=2.0)],
        "maybe": [None, Part(name="back", weight=3.0)],
        "tags": ["a", "b"],
        "smalls": [Small(name="nail", size=1)],
        "named": Small(name="screw", size=2),
    }
    return Thing(**{**whole, **parts})


GOOD = [thing(), thing(id="2", ratio=None, colour=None, maybe=None, parts=[], named=None)]
ODD: list[Any] = [
    None,
    thing(name=None),
    thing(name=7),
    thing(count=2**31),
    thing(count=1.0),
    thing(count="3"),
    thing(count=True),
    thing(ratio=math.inf),
    thing(ratio=3),
    thing(fine=1),
    thing(fine="yes"),
    thing(colour="r"),
    thing(colour="no such"),
    thing(id=5),
    thing(part=None),
    thing(part=Part(name=None, weight=None)),  # type: ignore[arg-type]
    thing(parts=(Part(name="in a tuple", weight=None),)),
    thing(parts="text"),
    thing(parts=[None]),
    thing(parts={"a": 1}),
    thing(maybe=[Part(name=None, weight=None)]),  # type: ignore[arg-type]
    thing(tags=["a", None]),
    thing(tags=("a",)),
    thing(tags=None),
    thing(tags="ab"),
    thing(tags={"a": 1}),
    object(),
]


async def ask(schema: strawberry.Schema, query: str) -> tuple[bytes, list[dict[str, Any]]]:
    """The data, and the errors with their paths, in an order that both ways share."""
    answer = await schema.execute(query)
    errors = [dict(error.formatted) for error in answer.errors or ()]
    return orjson.dumps(answer.data), sorted(errors, key=orjson.dumps)


def both(query: str, things: list[Any]) -> tuple[Any, Any]:
    """What the engine says, and what projecting says."""
    THINGS[:] = things
    return asyncio.run(ask(STOCK, query)), asyncio.run(ask(FAST, query))


LEAVES = ["id", "name", "count", "ratio", "fine", "colour", "tags", "__typename", "other: name", "name @skip(if: true)"]
DEEPER = [
    "part { name weight }",
    "parts { __typename name }",
    "p: parts { w: weight }",
    "maybe { name }",
    "... on Thing { name parts { weight } }",
    "...F",
    "part @include(if: false) { name }",
]
UNFIT = ["shout", "shout(times: 2)", "later", "broken", "smalls { size }", "named { name __typename }"]
selections = st.lists(st.sampled_from(LEAVES + DEEPER + UNFIT), min_size=1, max_size=6, unique=True)
plain = st.lists(st.sampled_from(LEAVES + DEEPER), min_size=1, max_size=6, unique=True)
roots = st.sampled_from(["things", "holes", "slow"])
FRAGMENT = " fragment F on Thing { colour part { name } }"


def document(root: str, selected: list[str]) -> str:
    """A document that selects these."""
    return f"{{ {root} {{ {' '.join(selected)} }} }}" + (FRAGMENT if "...F" in selected else "")


@settings(max_examples=250, deadline=None)
@given(roots, selections, st.lists(st.sampled_from(GOOD), max_size=3), st.lists(st.sampled_from(ODD), max_size=2))
def test_any_answer_is_the_engines(root: str, selected: list[str], good: list[Any], odd: list[Any]) -> None:
    """Whatever is selected, and whatever is wrong with the values."""
    stock, fast = both(document(root, selected), [*good, *odd])

    assert stock == fast


@pytest.mark.parametrize("odd", ODD, ids=range(len(ODD)))
@pytest.mark.parametrize("root", ["things", "holes"])
def test_every_odd_value_is_the_engines(root: str, odd: Any) -> None:
    """Each alone, behind a good one, with everything selected that can be projected."""
    stock, fast = both(document(root, LEAVES + DEEPER), [thing(), odd])

    assert stock == fast


@settings(max_examples=50, deadline=None)
@given(roots, plain)
def test_plain_lists_are_projected(root: str, selected: list[str]) -> None:
    """The short way is taken, or nothing above would prove anything."""
    taken: list[int] = []

    class Counting(ProjectingExecutor):
        def complete_iterable_value(self, *args: Any) -> Any:
            done = super().complete_iterable_value(*args)
            taken.append(self.projected)
            return done

    schema = strawberry.Schema(Query, types=[Small], execution_context_class=Counting)
    THINGS[:] = GOOD
    asyncio.run(ask(schema, document(root, selected)))

    assert [1] == taken


def test_an_extension_that_wraps_fields_is_heard() -> None:
    """With one, no list is projected: it must see every field."""
    seen: list[str] = []

    class Watching(SchemaExtension):
        def resolve(self, _next: Any, root: Any, info: Any, *args: Any, **kwargs: Any) -> Any:
            seen.append(info.field_name)
            return _next(root, info, *args, **kwargs)

    schema = strawberry.Schema(Query, types=[Small], extensions=[Watching], execution_context_class=ProjectingExecutor)
    THINGS[:] = [thing()]
    asyncio.run(ask(schema, "{ things { name } }"))

    assert ["things", "name"] == seen
