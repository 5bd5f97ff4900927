"""What an error of a GraphQL operation shows, and what the log has instead."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any, NewType

import pytest
import strawberry
from graphql import GraphQLError
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionResult
from structlog.contextvars import bound_contextvars
from structlog.testing import capture_logs

from catalog.api.graphql.limits import EXTENSIONS
from catalog.api.graphql.masking import MaskedSchema
from catalog.errors import InvalidQuestion, Overloaded, StoreTimeout, UnknownKey

Even = NewType("Even", int)
SECRET = "bolt://neo4j:hunter2@db"


def even(value: int) -> int:
    if value % 2:
        raise ValueError(f"{value} is odd")
    return value


def asked(value: int) -> int:
    if value < 0:
        raise InvalidQuestion(f"{value} is below 0; ask for 0 or more")
    return even(value)


@strawberry.type
class Item:
    number: int

    @strawberry.field
    def broken(self) -> str | None:
        raise RuntimeError(SECRET)


@strawberry.type
class Query:
    @strawberry.field
    def missing(self) -> str | None:
        raise UnknownKey("no dataset has the key 'x'; search for its name", "x")

    @strawberry.field
    def busy(self) -> str:
        raise Overloaded("100 questions are waiting; ask again in a second")

    @strawberry.field
    def slow(self) -> str | None:
        raise StoreTimeout("the statement ran longer than 30 s; ask for fewer levels")

    @strawberry.field
    def broken(self) -> str | None:
        raise RuntimeError(SECRET)

    @strawberry.field
    def empty(self) -> str:
        return None  # type: ignore[return-value]

    @strawberry.field
    def deliberate(self) -> str | None:
        raise GraphQLError("sign in first", extensions={"code": "UNAUTHENTICATED"})

    @strawberry.field
    def items(self) -> list[Item]:
        return [Item(number=number) for number in range(50)]

    @strawberry.field
    def half(self, of: Even) -> int:
        return of // 2


class Failing(SchemaExtension):
    """An extension with a bug outside every field."""

    def on_execute(self) -> Iterator[None]:
        raise RuntimeError(SECRET)


CONFIG = StrawberryConfig(scalar_map={Even: strawberry.scalar(name="Even", serialize=int, parse_value=asked)})
SCHEMA = MaskedSchema(Query, extensions=EXTENSIONS, config=CONFIG)
BUGGY = MaskedSchema(Query, extensions=[*EXTENSIONS, Failing], config=CONFIG)


def ask(query: str, schema: MaskedSchema = SCHEMA, **options: Any) -> ExecutionResult:
    return asyncio.run(schema.execute(query, **options))


def shown(result: ExecutionResult) -> list[dict[str, Any]]:
    return [dict(error.formatted) for error in result.errors or []]


@pytest.mark.parametrize(
    ("field", "message", "extensions"),
    [
        (
            "missing",
            "no dataset has the key 'x'; search for its name",
            {"code": "NOT_FOUND", "retryable": False},
        ),
        (
            "busy",
            "100 questions are waiting; ask again in a second",
            {"code": "OVERLOADED", "retryable": True},
        ),
        (
            "slow",
            "the statement ran longer than 30 s; ask for fewer levels",
            {"code": "STORE_TIMEOUT", "retryable": False},
        ),
    ],
)
def test_an_error_raised_on_purpose_is_shown_with_its_code(
    field: str, message: str, extensions: dict[str, object]
) -> None:
    """Its text was written for the caller; a machine reads code and retryable. Nothing is logged."""
    with capture_logs() as logs:
        (error,) = shown(ask(f"{{ {field} }}"))

    assert {
        "message": message,
        "locations": [{"line": 1, "column": 3}],
        "path": [field],
        "extensions": extensions,
    } == error
    assert [] == logs


@pytest.mark.parametrize(
    ("query", "variables", "message"),
    [
        ("{", None, "Syntax Error: Expected Name, found <EOF>."),
        ("{ nothing }", None, "Cannot query field 'nothing' on type 'Query'."),
        ("{ half(of: 3) }", None, "Expected value of type 'Even', but encountered error '3 is odd'; found: 3."),
        ("query ($n: Even!) { half(of: $n) }", {"n": 3}, "Variable '$n' has invalid value: Expected"),
        ("query ($n: Even!) { half(of: $n) }", None, "Variable '$n' has invalid value"),
        ("query A { broken } query B { broken }", None, "The document has 2 operations"),
    ],
)
def test_what_graphql_says_about_the_request_stays(query: str, variables: dict[str, Any] | None, message: str) -> None:
    """Syntax, validation and coercion are the caller's to mend, so the words stay; nothing is logged."""
    with capture_logs() as logs:
        errors = shown(ask(query, variable_values=variables))

    assert [True] == [error["message"].startswith(message) for error in errors]
    assert [] == logs


def test_a_graphql_error_raised_by_a_field_stays() -> None:
    """It is raised for the caller, as a `CatalogError` is."""
    (error,) = shown(ask("{ deliberate }"))

    assert ("sign in first", {"code": "UNAUTHENTICATED"}) == (error["message"], error["extensions"])


@pytest.mark.parametrize("variables", [None, {"n": -2}], ids=["literal", "variable"])
def test_a_scalar_can_refuse_with_a_code(variables: dict[str, Any] | None) -> None:
    """Input refused on purpose has the code of its error, however often it is sent."""
    query = "query ($n: Even!) { half(of: $n) }" if variables else "{ half(of: -2) }"
    for _ in range(2):
        (error,) = shown(ask(query, variable_values=variables))

        assert {"code": "INVALID_QUESTION", "retryable": False} == error["extensions"]
        assert "-2 is below 0; ask for 0 or more" in error["message"]


def test_a_bug_is_hidden_and_logged_under_the_id_that_is_shown() -> None:
    """The caller can quote the id; whoever reads the log finds the cause under it."""
    with capture_logs() as logs, bound_contextvars(request_id="r-17"):
        (error,) = shown(ask("query Look { broken }"))
    (entry,) = logs
    cause = entry.pop("exc_info")

    assert {
        "message": "Internal error; the service's log has it under id r-17",
        "locations": [{"line": 1, "column": 14}],
        "path": ["broken"],
        "extensions": {"code": "INTERNAL"},
    } == error
    assert {
        "event": "an error of a GraphQL operation was masked",
        "log_level": "error",
        "request_id": "r-17",
        "operation": "Look",
        "path": ["broken"],
        "times": 1,
    } == entry
    assert isinstance(cause, RuntimeError)
    assert SECRET == str(cause)
    assert cause.__traceback__ is not None


def test_without_a_request_id_a_fresh_one_is_made() -> None:
    """32 hexadecimal digits, the same in answer and log, another for the next request."""
    with capture_logs() as logs:
        ids = [shown(ask("{ broken }"))[0]["message"].rpartition(" ")[2] for _ in range(2)]

    assert ids == [entry["request_id"] for entry in logs]
    assert [32, 32] == [len(bytes.fromhex(one)) * 2 for one in ids]
    assert 2 == len(set(ids))


def test_one_bug_below_a_list_is_logged_once() -> None:
    """All 50 errors are masked under one id; the log says how many there were."""
    with capture_logs() as logs:
        errors = shown(ask("{ items { broken } }"))

    assert 50 == len(errors)
    assert 1 == len({error["message"] for error in errors})
    assert [50] == [entry["times"] for entry in logs]
    assert SECRET not in str(errors)


def test_null_in_a_field_that_has_no_null_is_a_bug() -> None:
    """GraphQL itself notices it, but the caller can do nothing about it."""
    with capture_logs() as logs:
        (error,) = shown(ask("{ empty }"))

    assert {"code": "INTERNAL"} == error["extensions"]
    assert ["Cannot return null for non-nullable field Query.empty."] == [str(entry["exc_info"]) for entry in logs]


@pytest.mark.parametrize("sync", [True, False], ids=["sync", "async"])
def test_a_failing_extension_is_hidden_too(sync: bool) -> None:
    """Its error belongs to no field; an extension that masks would not see it."""
    with capture_logs() as logs:
        result = BUGGY.execute_sync("{ broken }") if sync else ask("{ broken }", BUGGY)
        (error,) = shown(result)

    assert {"message", "extensions"} == set(error)
    assert {"code": "INTERNAL"} == error["extensions"]
    assert [SECRET] == [str(entry["exc_info"]) for entry in logs]


def test_masking_twice_changes_nothing() -> None:
    """Strawberry may hand over the errors of one result more than once."""
    with capture_logs() as logs:
        errors = list(ask("{ broken missing }").errors or [])
        again = list(errors)
        SCHEMA.process_errors(again)

    assert [error.formatted for error in errors] == [error.formatted for error in again]
    assert 1 == len(logs)


def test_a_stream_is_masked_as_an_answer_is() -> None:
    """Whatever way an operation is run, its errors come by here."""

    async def first(query: str) -> list[dict[str, Any]]:
        return [error async for result in await SCHEMA.stream(query) for error in shown(result)]  # type: ignore[arg-type]

    with capture_logs():
        (bug,) = asyncio.run(first("{ broken }"))
        (fault,) = asyncio.run(first("query A { missing }"))

    assert {"code": "INTERNAL"} == bug["extensions"]
    assert "NOT_FOUND" == fault["extensions"]["code"]
