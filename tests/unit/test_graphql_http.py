"""The HTTP door of GraphQL: media types, statuses, refusals."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

import httpx
import orjson
import pytest
import strawberry
from starlette.requests import Request
from strawberry.extensions import SchemaExtension

from catalog.api.graphql.http import GRAPHQL_RESPONSE, JSON, GraphQLDoor, negotiate
from catalog.api.graphql.limits import EXTENSIONS
from catalog.api.graphql.masking import MaskedSchema

NEW = f"{GRAPHQL_RESPONSE}; charset=utf-8"
URL = "http://headwater.test/graphql"


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, name: str = "world") -> str:
        return f"hello {name}"

    @strawberry.field
    def maybe(self) -> str | None:
        raise ValueError("a secret")

    @strawberry.field
    def never(self) -> str:
        raise ValueError("a secret")

    @strawberry.field
    def caller(self, info: strawberry.Info[dict[str, str], None]) -> str:
        return info.context["caller"]


@strawberry.type
class Mutation:
    @strawberry.mutation
    def erase(self) -> str:
        raise AssertionError("a GET must not come here")


def make_context(request: Request) -> dict[str, str]:
    return {"caller": request.headers.get("x-caller", "nobody")}


SCHEMA = MaskedSchema(Query, Mutation, extensions=EXTENSIONS)
DOOR = GraphQLDoor(SCHEMA, make_context)


def send(method: str, door: GraphQLDoor = DOOR, **request: Any) -> httpx.Response:
    async def exchange() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=door)) as client:
            return await client.request(method, URL, **request)

    return asyncio.run(exchange())


def post(content: bytes, door: GraphQLDoor = DOOR, **headers: str) -> httpx.Response:
    named = {"content-type": JSON} | {name.replace("_", "-"): value for name, value in headers.items()}
    return send("POST", door, content=content, headers=named)


def ask(query: str, accept: str = JSON, door: GraphQLDoor = DOOR, **parts: Any) -> httpx.Response:
    return post(orjson.dumps({"query": query, **parts}), door, accept=accept)


def codes(response: httpx.Response) -> list[str]:
    return [error["extensions"]["code"] for error in response.json()["errors"]]


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        ("application/json", JSON),
        ("application/json; charset=utf-8", JSON),
        ("application/graphql-response+json", GRAPHQL_RESPONSE),
        ("Application/GraphQL-Response+JSON", GRAPHQL_RESPONSE),
        ("application/graphql-response+json; charset=utf-8, application/json; charset=utf-8", GRAPHQL_RESPONSE),
        ("application/json, application/graphql-response+json", JSON),
        ("application/json;q=0.8, application/graphql-response+json", GRAPHQL_RESPONSE),
        ("application/graphql-response+json;q=0.5, */*;q=0.9", JSON),
        ("text/html, application/graphql-response+json;q=0.9, */*;q=0.8", GRAPHQL_RESPONSE),
        ("application/graphql-response+json;q=0, */*;q=0.1", JSON),
        ("application/graphql-response+json; q=many", JSON),
        ("application/graphql-response+json;q=nan", JSON),
        ("application/graphql-response+json;q=high, application/json;q=0.1", JSON),
        ("text/event-stream", JSON),
        ("image/png", JSON),
        (",;q=1,", JSON),
    ],
)
def test_the_best_of_two_media_types_is_chosen(accept: str, chosen: str) -> None:
    """Highest quality, first on ties, plain JSON when nothing fits."""
    assert chosen == negotiate(accept)


def test_an_answer_without_errors_is_200_in_either_type() -> None:
    """The media type changes the header alone."""
    plain, new = ask("{ hello }"), ask("{ hello }", GRAPHQL_RESPONSE)

    assert [(200, JSON), (200, NEW)] == [(r.status_code, r.headers["content-type"]) for r in (plain, new)]
    assert {"data": {"hello": "hello world"}} == plain.json() == new.json()


REQUEST_ERRORS: dict[str, dict[str, Any]] = {
    "syntax": {"query": "{"},
    "validation": {"query": "{ unknown }"},
    "coercion": {"query": "query ($n: String!) { hello(name: $n) }", "variables": {"n": 5}},
    "no operation name": {"query": "query A { hello } query B { hello }"},
    "too complex": {"query": "{ " + "hello " * 21 + "}"},
}


@pytest.mark.parametrize("name", REQUEST_ERRORS)
def test_a_request_error_has_no_data_and_its_status_depends_on_the_media_type(name: str) -> None:
    """200 in plain JSON, whose clients expect it; 400 in the type that was made to tell."""
    request = REQUEST_ERRORS[name]
    plain, new = ask(**request), ask(**request, accept=GRAPHQL_RESPONSE)

    assert (200, 400) == (plain.status_code, new.status_code)
    assert {"errors"} == set(plain.json()) == set(new.json())


@pytest.mark.parametrize("query", ["{ maybe }", "{ never }"])
def test_an_error_of_a_field_keeps_data(query: str) -> None:
    """Execution began, so `data` is there, be it null, and the status is 200."""
    response = ask(query, GRAPHQL_RESPONSE)

    assert 200 == response.status_code
    assert {"data", "errors"} == set(response.json())


def test_draft_statuses_are_a_setting() -> None:
    """The current draft has 422 for what parses but cannot run, and 294 for data beside errors."""
    door = GraphQLDoor(SCHEMA, make_context, draft_statuses=True)
    statuses = {name: ask(**request, accept=GRAPHQL_RESPONSE, door=door) for name, request in REQUEST_ERRORS.items()}
    expected = {name: 400 if name == "syntax" else 422 for name in REQUEST_ERRORS}

    assert expected == {name: response.status_code for name, response in statuses.items()}
    assert 294 == ask("{ maybe }", GRAPHQL_RESPONSE, door).status_code
    assert 200 == ask("{ maybe }", JSON, door).status_code
    assert 200 == ask("{ hello }", GRAPHQL_RESPONSE, door).status_code


def test_a_failure_before_execution_is_not_blamed_on_the_request() -> None:
    """When the service itself fails, the new media type says 500."""

    class Broken(SchemaExtension):
        def on_execute(self) -> Any:
            raise RuntimeError("a secret")

    door = GraphQLDoor(MaskedSchema(Query, extensions=[*EXTENSIONS, Broken]), make_context)
    response = ask("{ hello }", GRAPHQL_RESPONSE, door)

    assert (500, ["INTERNAL"]) == (response.status_code, codes(response))
    assert "secret" not in response.text


@pytest.mark.parametrize("body", [b'"abc"', b"5", b"null", b"true", b"[]", b'[{"query": "{ hello }"}]'])
def test_a_body_that_is_no_object_is_refused(body: bytes) -> None:
    """Any JSON can be parsed; only an object can be a request."""
    response = post(body)

    assert (400, ["BAD_REQUEST"]) == (response.status_code, codes(response))


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b'{"query": "\\ud800"}', b"NaN", b"[" * 5_000, b"{}"])
def test_a_body_that_cannot_be_read_is_refused(body: bytes) -> None:
    """Broken JSON, bytes that are no UTF-8, endless nesting, no query: always 400, never a crash."""
    response = post(body)

    assert (400, ["BAD_REQUEST"]) == (response.status_code, codes(response))


@pytest.mark.parametrize("accept", [JSON, GRAPHQL_RESPONSE])
@pytest.mark.parametrize(
    "wrong", [{"query": 0}, {"operationName": 0}, {"operationName": []}, {"variables": "x"}, {"extensions": ["x"]}]
)
def test_a_parameter_of_the_wrong_type_is_refused(wrong: dict[str, object], accept: str) -> None:
    """Nothing ran, so plain JSON says 400 too; the error has the media type that was asked for."""
    response = post(orjson.dumps({"query": "{ hello }"} | wrong), accept=accept)

    assert (400, ["BAD_REQUEST"]) == (response.status_code, codes(response))
    assert response.headers["content-type"].startswith(accept)


def test_parameters_may_be_null() -> None:
    """Null is how many clients say nothing, in bodies and in URLs."""
    query = "query A { hello }"
    body = ask(query, operationName=None, variables=None, extensions=None)
    url = send("GET", params={"query": query, "variables": "null", "extensions": "null"})

    assert [200, 200] == [body.status_code, url.status_code]
    assert {"data": {"hello": "hello world"}} == body.json() == url.json()


def test_a_query_may_come_in_the_url() -> None:
    """GET reads; variables are JSON text."""
    query = "query ($n: String!) { hello(name: $n) }"

    assert {"hello": "hello Å"} == send("GET", params={"query": query, "variables": '{"n": "Å"}'}).json()["data"]
    assert 400 == send("GET", params={"query": query, "variables": "5"}).status_code
    assert 400 == send("GET", params={"query": query, "variables": "{"}).status_code


@pytest.mark.parametrize("accept", ["text/html", "*/*"])
def test_there_is_no_page_behind_the_door(accept: str) -> None:
    """A browser is told that a query is missing."""
    response = send("GET", headers={"accept": accept})

    assert (400, ["BAD_REQUEST"]) == (response.status_code, codes(response))


def test_a_mutation_by_get_is_refused() -> None:
    """A link must not change anything; the answer names the method that may."""
    response = send("GET", params={"query": "mutation { erase }"})

    assert (405, ["METHOD_NOT_ALLOWED"]) == (response.status_code, codes(response))
    assert "POST" == response.headers["allow"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH"])
def test_other_methods_are_refused(method: str) -> None:
    """The answer names the methods there are."""
    response = send(method)

    assert (405, "GET, POST") == (response.status_code, response.headers["allow"])


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml"]
)
def test_what_a_form_can_send_is_refused(kind: str) -> None:
    """A page of another origin can post these types without asking the browser first."""
    response = post(b'{"query": "{ hello }"}', content_type=kind)

    assert (415, ["UNSUPPORTED_MEDIA_TYPE"]) == (response.status_code, codes(response))


def test_a_body_is_read_no_further_than_the_limit() -> None:
    """An endless body is refused while it still comes; what reaches the limit is read."""
    door = GraphQLDoor(SCHEMA, make_context, max_body=100)
    pieces = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal pieces
        while True:
            pieces += 1
            yield b" " * 10

    response = send("POST", door, content=endless(), headers={"content-type": JSON})

    assert (413, ["TOO_LARGE"]) == (response.status_code, codes(response))
    assert "100 bytes" in response.text
    assert 11 == pieces
    assert 200 == post(b'{"query": "{ hello }"}'.ljust(100), door).status_code
    assert 413 == post(b'{"query": "{ hello }"}'.ljust(101), door).status_code


def test_a_query_string_has_the_same_limit() -> None:
    """GET is no way around the limit of POST."""
    response = send("GET", GraphQLDoor(SCHEMA, make_context, max_body=100), params={"query": "{ hello }" + " " * 100})

    assert (414, ["TOO_LARGE"]) == (response.status_code, codes(response))


def test_a_document_is_short_but_names_may_be_long() -> None:
    """A document over 100 kB is a mistake or an attack, however it is padded; a variable may hold a name of 200 kB."""
    document = b'{"query": "%s", "variables": {"x": "%s"}}'

    assert [200, 413] == [post(document % (b"{ hello }".ljust(size), b"")).status_code for size in (100_000, 100_001)]
    assert 200 == post(document % (b"{ hello }", b"x" * 200_000)).status_code
    assert [200, 413] == [post(b'{"query": "{ hello }"}'.ljust(size)).status_code for size in (4_000_000, 4_000_001)]


def test_the_context_is_made_from_the_request() -> None:
    """Each request has a context of its own."""
    query = b'{"query": "{ caller }"}'

    assert {"caller": "ada"} == post(query, x_caller="ada").json()["data"]
    assert {"caller": "nobody"} == post(query).json()["data"]


def test_introspection_is_allowed() -> None:
    """The schema is public; tools read it from here."""
    assert {"name": "Query"} == ask("{ __schema { queryType { name } } }").json()["data"]["__schema"]["queryType"]


def test_a_websocket_is_refused_before_anything_runs() -> None:
    """There are no subscriptions, so a handshake of any origin is closed."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def answer(message: Any) -> None:
        sent.append(cast("dict[str, Any]", message))

    asyncio.run(DOOR({"type": "websocket", "headers": [], "subprotocols": ["graphql-transport-ws"]}, receive, answer))

    assert ["websocket.close"] == [message["type"] for message in sent]


def test_concurrent_requests_keep_their_media_types_apart() -> None:
    """What is settled about one answer belongs to its request, not to the door."""

    async def many() -> list[httpx.Response]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=DOOR)) as client:
            return await asyncio.gather(
                *(
                    client.post(URL, json={"query": "{"}, headers={"accept": accept})
                    for accept in (JSON, GRAPHQL_RESPONSE) * 10
                )
            )

    assert [200, 400] * 10 == [response.status_code for response in asyncio.run(many())]
