"""Refusals as problem documents (RFC 9457): what is wrong, where, and whether trying again helps."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import orjson
from starlette.responses import Response

from catalog.errors import (
    CatalogError,
    ClaimedElsewhere,
    InvalidEvent,
    InvalidManifest,
    Overloaded,
    Rejected,
    StalePlan,
    TooLarge,
    Unavailable,
    UnknownKey,
    UnsafePlan,
    UnsupportedEncoding,
)

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 1


def status_of(error: CatalogError) -> int:
    """The HTTP status of an error. Overload is 503, never 429: OpenLineage clients drop events on 429."""
    match error:
        case TooLarge():
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        case UnsupportedEncoding():
            return HTTPStatus.UNSUPPORTED_MEDIA_TYPE
        case UnknownKey():
            return HTTPStatus.NOT_FOUND
        case StalePlan() | UnsafePlan() | ClaimedElsewhere():
            return HTTPStatus.CONFLICT
        case Rejected():
            return HTTPStatus.BAD_REQUEST
        case Unavailable():
            return HTTPStatus.SERVICE_UNAVAILABLE
        case _:
            return HTTPStatus.INTERNAL_SERVER_ERROR


def problem(error: CatalogError) -> Response:
    """The answer that tells a client about an error."""
    status = status_of(error)
    body: dict[str, Any] = {"code": error.code, "detail": str(error), "retryable": error.retryable}
    if isinstance(error, InvalidEvent) and error.field:
        body["field"] = error.field
    if isinstance(error, InvalidManifest):
        body["problems"] = list(error.problems)
    if isinstance(error, UnknownKey):
        body["key"] = error.key
    if isinstance(error, StalePlan):
        body["manifest"] = error.manifest
    if isinstance(error, TooLarge):
        body["limit"] = error.limit
    headers = {"Retry-After": str(RETRY_SECONDS)} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    return document(status, body, headers)


def document(status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    """A problem document with these members."""
    full = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": int(status), **body}
    return Response(orjson.dumps(full), status, headers, MEDIA_TYPE)


def overloaded() -> Overloaded:
    """The store did not confirm in time: the event may or may not be stored, and sending it again is harmless."""
    return Overloaded("the store did not confirm in time; send the event again: it counts once however often it comes")
