"""What every request passes: an id for the logs, the token where one is set, counting, and no stack trace ever."""

from __future__ import annotations

import hmac
import re
import time
import uuid
from itertools import count

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from catalog.api.problems import document
from catalog.api.reports import REPORTS
from catalog.api.schemas import AT as SCHEMAS
from catalog.metrics import REQUEST_SECONDS, REQUESTS

OPEN_PATHS = frozenset({"/healthz", "/readyz"})
DOORS = OPEN_PATHS | {
    "/api/v1/lineage",
    "/api/v1/lineage/batch",
    "/api/v1/manifests/plan",
    "/api/v1/manifests/apply",
    "/graphql",
    "/metrics",
}
"""What requests are counted by."""
_ID = re.compile(r"^[A-Za-z0-9._\-]{1,100}$")
log = structlog.get_logger(__name__)


class Gate:
    """Pure ASGI, around the whole application."""

    def __init__(self, app: ASGIApp, token: str | None) -> None:
        self.app = app
        self._token = token.encode() if token else None
        # Unique without asking the kernel for each: that gives up the interpreter's lock to the threads that commit.
        self._process = uuid.uuid4().hex
        self._numbers = count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        given = headers.get(b"x-request-id", b"").decode("latin-1")
        request_id = given if _ID.match(given) else f"{self._process}-{next(self._numbers)}"
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started = time.perf_counter()
        status = 0

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message.setdefault("headers", []).append((b"x-request-id", request_id.encode()))
            await send(message)

        try:
            if self._refuses(scope["path"], headers):
                refusal = document(
                    401,
                    {"code": "UNAUTHENTICATED", "detail": "send the service's token as `Authorization: Bearer TOKEN`"},
                    {"WWW-Authenticate": "Bearer"},
                )
                await refusal(scope, receive, answer)
            else:
                await self.app(scope, receive, answer)
        except Exception:
            log.exception("request failed", path=scope["path"])
            if status:
                raise
            detail = f"internal error; the service's log has it under request id {request_id}"
            await document(500, {"code": "INTERNAL", "detail": detail})(scope, receive, answer)
        finally:
            door = _door(scope["path"])
            REQUESTS.labels(door, str(status)).inc()
            REQUEST_SECONDS.labels(door).observe(time.perf_counter() - started)

    def _refuses(self, path: str, headers: dict[bytes, bytes]) -> bool:
        if self._token is None or path in OPEN_PATHS or path.startswith(SCHEMAS):
            return False
        scheme, _, token = headers.get(b"authorization", b"").partition(b" ")
        return scheme.lower() != b"bearer" or not hmac.compare_digest(token.strip(), self._token)


def _door(path: str) -> str:
    door = path.rstrip("/")
    if door in DOORS:
        return door
    return next((folder for folder in (SCHEMAS, REPORTS) if path.startswith(folder)), "other")
