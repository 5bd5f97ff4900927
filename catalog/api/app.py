"""The ASGI application: routes, the gate around them, and the service behind them.

`make_app` is the factory the server process calls; it builds its own connections, so nothing crosses a fork.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import to_thread
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from catalog.api.events import receive_batch, receive_event
from catalog.api.graphql.context import make_context
from catalog.api.graphql.http import GraphQLDoor
from catalog.api.graphql.schema import schema
from catalog.api.health import healthz, metrics, readyz
from catalog.api.manifests import MANIFESTS, receive_apply, receive_plan
from catalog.api.middleware import Gate
from catalog.api.problems import document
from catalog.api.reports import REPORTS, chain, public_key, report_file
from catalog.api.schemas import AT as SCHEMAS
from catalog.api.schemas import schema_file
from catalog.bootstrap.service import Service
from catalog.logs import set_up_logs
from catalog.process import end_with_parent
from catalog.settings import Settings, read_settings

LINEAGE = "/api/v1/lineage"
DOORS = (
    f"POST {LINEAGE}, POST {LINEAGE}/batch, POST {MANIFESTS}/plan, POST {MANIFESTS}/apply, {REPORTS}/…, /graphql, "
    "/schema/…, /healthz, /readyz, /metrics"
)


def build(settings: Settings) -> ASGIApp:
    """The application for these settings."""

    @asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        to_thread.current_default_thread_limiter().total_tokens = settings.threads
        app.state.service = service = Service(settings)
        try:
            yield
        finally:
            await to_thread.run_sync(service.close)

    door = GraphQLDoor(schema, make_context)
    routes = [
        # Both spellings are served: a redirect would turn a client's POST into a GET.
        *(Route(path, receive_event, methods=["POST"]) for path in (LINEAGE, f"{LINEAGE}/")),
        *(Route(path, receive_batch, methods=["POST"]) for path in (f"{LINEAGE}/batch", f"{LINEAGE}/batch/")),
        *(Route(path, receive_plan, methods=["POST"]) for path in (f"{MANIFESTS}/plan", f"{MANIFESTS}/plan/")),
        *(Route(path, receive_apply, methods=["POST"]) for path in (f"{MANIFESTS}/apply", f"{MANIFESTS}/apply/")),
        Route(f"{REPORTS}/key", public_key),
        Route(f"{REPORTS}/chain", chain),
        Route(REPORTS + "/{id}", report_file),
        Route("/graphql", door),
        Route("/graphql/", door),
        Route(SCHEMAS + "{path:path}", schema_file),
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/metrics", metrics),
    ]
    app = Starlette(routes=routes, lifespan=life, exception_handlers={404: _not_found, 405: _not_allowed})
    app.router.redirect_slashes = False
    token = settings.api_token.get_secret_value() if settings.api_token else None
    return Gate(app, token)


def make_app() -> ASGIApp:
    """The application of a server process, set up from the environment."""
    end_with_parent()
    settings = read_settings()
    set_up_logs(settings.log_level, settings.log_format)
    return build(settings)


def _not_found(request: Request, _: Exception) -> Response:
    return document(404, {"code": "NOT_FOUND", "detail": f"nothing at {request.url.path}; there is: {DOORS}"})


def _not_allowed(request: Request, error: Exception) -> Response:
    detail = f"{request.method} is not for {request.url.path}; there is: {DOORS}"
    return document(405, {"code": "METHOD_NOT_ALLOWED", "detail": detail}, getattr(error, "headers", None))
