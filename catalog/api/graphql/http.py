"""The HTTP door of the GraphQL API.

Strawberry's ASGI view answers 53 of the 61 GraphQL-over-HTTP audits, reads bodies of any size and breaks (500) on a
JSON body that is no object. This view passes all audits (`tests/architecture/graphql_http_audit.mjs` runs them) and
refuses what it cannot read, always with a JSON body.

Not offered, on purpose: GraphiQL (its page loads from a CDN), batches, multipart uploads (a form can be posted from
any origin), subscriptions and with them WebSockets, which browsers open across origins.

Source: https://graphql.github.io/graphql-over-http/draft/
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from http import HTTPStatus
from typing import Any

import orjson
from cross_web import HTTPException
from graphql import GraphQLError, GraphQLSyntaxError
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketClose
from strawberry.asgi import GraphQL
from strawberry.http import GraphQLHTTPResponse
from strawberry.http.base import BaseRequestProtocol
from strawberry.schema import BaseSchema
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from catalog.api.graphql.masking import INTERNAL
from catalog.errors import TooLarge

JSON = "application/json"
GRAPHQL_RESPONSE = "application/graphql-response+json"
MAX_DOCUMENT = 100_000
MAX_BODY = 4_000_000
"""Variables may be long: names of 200 kB exist, and whoever has one asks for it by its name."""

_OFFERS = {"*/*": JSON, "application/*": JSON, JSON: JSON, GRAPHQL_RESPONSE: GRAPHQL_RESPONSE}
_PARTIAL_ANSWER = 294


def negotiate(accept: str) -> str:
    """The media type to answer with: highest quality first, the earlier one on ties, JSON if none fits."""
    chosen, highest = JSON, 0.0
    for media_range in accept.split(","):
        name, *parameters = (part.strip().lower() for part in media_range.split(";"))
        quality = _quality(parameters)
        if name in _OFFERS and quality > highest:
            chosen, highest = _OFFERS[name], quality
    return chosen


def _quality(parameters: list[str]) -> float:
    written = next((parameter[2:] for parameter in parameters if parameter.startswith("q=")), "1")
    try:
        return min(float(written), 1.0)
    except ValueError:
        return 0.0


class _Exchange(Request):
    """A request that is read no further than `limit` bytes, and what is settled about its answer.

    Attributes:
        media_type: what the caller wants to be answered with.
        sub_response: where resolvers, and the view, leave the status and headers of the answer.
    """

    sub_response: Response

    def __init__(self, scope: Scope, receive: Receive, limit: int) -> None:
        super().__init__(scope, receive)
        self.limit = limit
        self.media_type = negotiate(",".join(self.headers.getlist("accept")))

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """The body in pieces.

        Raises:
            TooLarge: it goes on behind the limit; the rest is not read.
        """
        size = 0
        async for piece in super().stream():
            size += len(piece)
            if size > self.limit:
                raise _too_large("body", self.limit)
            yield piece


def _too_large(part: str, limit: int) -> TooLarge:
    return TooLarge(f"The {part} of a GraphQL request may have {limit:,} bytes; send less at once.", limit)


class GraphQLDoor(GraphQL[Any, None]):
    """The GraphQL endpoint as an ASGI application; answers GET and POST.

    Args:
        schema: what is served.
        make_context: called once per request for `info.context`.
        max_body: bytes that a body may have; more is answered with 413. A document, and a query string (414), may have
            MAX_DOCUMENT at most.
        draft_statuses: with `application/graphql-response+json`, answer as the current draft of GraphQL over HTTP
            wants it: 422 for a document that can be parsed but not run, 294 for data beside errors. Proxies may not
            know 294.
    """

    def __init__(
        self,
        schema: BaseSchema,
        make_context: Callable[[Request], Any],
        *,
        max_body: int = MAX_BODY,
        draft_statuses: bool = False,
    ) -> None:
        super().__init__(schema, graphql_ide=None, subscription_protocols=(), multipart_uploads_enabled=False)
        self.make_context = make_context
        self.max_body = max_body
        self.draft_statuses = draft_statuses

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; a WebSocket handshake is refused (403)."""
        if scope["type"] != "http":
            await WebSocketClose()(scope, receive, send)
            return
        request = _Exchange(scope, receive, self.max_body)
        await (await self._answer(request))(scope, receive, send)

    async def _answer(self, request: _Exchange) -> Response:
        limit = min(self.max_body, MAX_DOCUMENT)
        if len(request.scope["query_string"]) > limit:
            return self._refuse(request, 414, str(_too_large("query string", limit)), TooLarge.code)
        try:
            return await self.run(request)
        except TooLarge as error:
            return self._refuse(request, 413, str(error), error.code)
        except HTTPException as error:
            return self._refuse_as_strawberry(request, error)

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Any:
        """What resolvers find in `info.context`."""
        assert isinstance(request, Request)  # __call__ lets nothing else through
        return self.make_context(request)

    async def get_sub_response(self, request: Request | WebSocket) -> Response:
        """The draft of the answer: it has its media type now and gets its status in `process_result`."""
        assert isinstance(request, _Exchange)
        request.sub_response = await super().get_sub_response(request)
        request.sub_response.media_type = request.media_type
        return request.sub_response

    def should_render_graphql_ide(self, request: BaseRequestProtocol) -> bool:
        """Never: a GET without a query is told that a query is missing, not that nothing is here."""
        return False

    def parse_json(self, data: str | bytes) -> Any:
        """What a body (bytes) or a parameter of the URL (text) holds; a body has to be an object."""
        value = super().parse_json(data)
        if isinstance(data, bytes) and not isinstance(value, dict | list):  # a list is a batch: refused by name
            raise HTTPException(400, "The body must be a JSON object with the key `query`")
        if isinstance(value, dict) and len(str(value.get("query"))) > MAX_DOCUMENT:
            raise _too_large("document", MAX_DOCUMENT)
        return value

    def decode_json(self, data: str | bytes) -> object:
        """Parse JSON; orjson's error is a `json.JSONDecodeError`, also for bytes that are no UTF-8."""
        return orjson.loads(data)

    def encode_json(self, data: object) -> bytes:
        """Print JSON."""
        return orjson.dumps(data)

    async def process_result(self, request: Request, result: ExecutionResult) -> GraphQLHTTPResponse:
        """Leave `data` out if execution never began, and choose the status."""
        answer = await super().process_result(request, result)
        errors = result.errors or []
        began = not errors or result.data is not None or any(error.path for error in errors)
        if not began:
            answer.pop("data", None)
        assert isinstance(request, _Exchange)
        if request.media_type == GRAPHQL_RESPONSE and not request.sub_response.status_code:
            request.sub_response.status_code = self._status(errors, began)
        return answer

    def _status(self, errors: list[GraphQLError], began: bool) -> int:
        if not errors:
            return HTTPStatus.OK
        if began:
            return _PARTIAL_ANSWER if self.draft_statuses else HTTPStatus.OK
        if any((error.extensions or {}).get("code") == INTERNAL for error in errors):
            return HTTPStatus.INTERNAL_SERVER_ERROR
        unreadable = any(isinstance(error, GraphQLSyntaxError) for error in errors)
        return HTTPStatus.UNPROCESSABLE_ENTITY if self.draft_statuses and not unreadable else HTTPStatus.BAD_REQUEST

    def create_response(
        self, response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse], sub_response: Response
    ) -> Response:
        """The answer, in the media type that was negotiated."""
        response = super().create_response(response_data, sub_response)
        if sub_response.media_type == GRAPHQL_RESPONSE:
            response.headers["content-type"] = f"{GRAPHQL_RESPONSE}; charset=utf-8"
        return response

    def _refuse_as_strawberry(self, request: _Exchange, error: HTTPException) -> Response:
        """Refuse with more statuses than Strawberry, which says 400 to three things that HTTP tells apart."""
        cause = error.__cause__
        status, allow = HTTPStatus(error.status_code), "GET, POST"
        if isinstance(cause, InvalidOperationTypeError) and cause.operation_type is OperationType.MUTATION:
            status, allow = HTTPStatus.METHOD_NOT_ALLOWED, "POST"
        elif error.reason == "Unsupported content type":
            status = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
        response = self._refuse(request, status, error.reason, status.name)
        if status is HTTPStatus.METHOD_NOT_ALLOWED:
            response.headers["allow"] = allow
        return response

    def _refuse(self, request: _Exchange, status: int, reason: str, code: str) -> Response:
        body: GraphQLHTTPResponse = {"errors": [{"message": reason, "extensions": {"code": code}}]}
        draft = Response(status_code=status)
        draft.media_type = request.media_type
        del draft.headers["content-length"]
        return self.create_response(body, draft)
