"""`POST /api/v1/lineage` and `/api/v1/lineage/batch`: OpenLineage in.

An event is answered 201 when it is durable, and only then; understanding it comes later. Nothing but size, encoding,
or an unrecognisable structure refuses one.
Source: OpenLineage API 2.0.2; batch: OpenLineage #4109.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import orjson
import structlog
from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response

from catalog.api.asking import ask
from catalog.api.body import bounded, read_body
from catalog.api.problems import overloaded, problem
from catalog.bootstrap.service import Service
from catalog.errors import CatalogError, InvalidEvent
from catalog.graph.inbox import NewEntry, Receipt
from catalog.lineage.canonical import canonical, parse
from catalog.metrics import ACCEPTED, REFUSED, STORE_ERRORS
from catalog.usecases.accept import prepare
from catalog.usecases.edit import edit

CONFIRM_SECONDS = 4.0
MAX_BATCH = 2_000
LARGE, HUGE = 50_000, 1_000_000
_UNDERSTANDING = CapacityLimiter(4)
"""Threads of its own: those that wait for a silent store must not keep events from being answered."""
_UNDERSTANDING_HUGE = CapacityLimiter(1)
"""One at a time: JSON takes many times its size when it is parsed."""
log = structlog.get_logger(__name__)


@bounded
async def receive_event(request: Request) -> Response:
    """One event -> 201 `{key, sequence, state, created}`, or a problem document.

    With `?edits=KEY` it is taken for the correction of an entry that was rejected or is dead.
    """
    service: Service = request.app.state.service
    try:
        body = await read_body(request, service.settings.max_event_bytes)
        entry = await _understand(body)
        if edited := request.query_params.get("edits"):
            entry = await ask(partial(edit, service.store, entry, edited))
        (receipt,) = await _store(service, [entry])
    except CatalogError as e:
        return refused(e)
    ACCEPTED.inc()
    return Response(orjson.dumps(receipt._asdict()), 201, media_type="application/json")


@bounded
async def receive_batch(request: Request) -> Response:
    """An array of events -> 200 with one outcome each, as the spec's batch endpoint has it, and the receipts."""
    service: Service = request.app.state.service
    try:
        body = await read_body(request, service.settings.max_event_bytes)
        limiter = _limiter(body)
        events = await to_thread.run_sync(parse, body, limiter=limiter)
        if not isinstance(events, list):
            raise InvalidEvent("the body must be a JSON array of events; POST a single one to /api/v1/lineage")
        if len(events) > MAX_BATCH:
            raise InvalidEvent(f"{len(events)} events in one batch; send at most {MAX_BATCH}")
        entries, failed = await to_thread.run_sync(_prepare_all, events, limiter=limiter)
        receipts = dict(zip(entries, await _store(service, list(entries.values())), strict=True))
    except CatalogError as e:
        return refused(e)
    ACCEPTED.inc(len(receipts))
    for _ in failed:
        REFUSED.labels(InvalidEvent.code).inc()
    status = "success" if not failed else "partial_success" if receipts else "failure"
    answer = {
        "status": status,
        "summary": {
            "received": len(events),
            "successful": len(receipts),
            "failed": len(failed),
            "retriable": 0,
            "non_retriable": len(failed),
        },
        "failed_events": failed,
        "receipts": [{"index": index, **receipt._asdict()} for index, receipt in sorted(receipts.items())],
    }
    return Response(orjson.dumps(answer), 200, media_type="application/json")


def refused(error: CatalogError) -> Response:
    """The problem document of an error, counted and logged."""
    REFUSED.labels(error.code).inc()
    if error.retryable:
        STORE_ERRORS.labels(error.code).inc()
        log.warning("could not accept", code=error.code, error=str(error))
    return problem(error)


async def _understand(body: bytes) -> NewEntry:
    """Parse and prepare; large bodies in a thread, so that one of them does not hold up the others."""
    if len(body) > LARGE:
        return await to_thread.run_sync(lambda: prepare(parse(body), body), limiter=_limiter(body))
    return prepare(parse(body), body)


def _limiter(body: bytes) -> CapacityLimiter:
    return _UNDERSTANDING_HUGE if len(body) > HUGE else _UNDERSTANDING


def _prepare_all(events: list[Any]) -> tuple[dict[int, NewEntry], list[dict[str, Any]]]:
    """Each event with its own text: searching the whole body once per event would cost its square."""
    entries: dict[int, NewEntry] = {}
    failed = []
    for index, event in enumerate(events):
        try:
            entries[index] = prepare(event, canonical(event))
        except InvalidEvent as e:
            where = f"{e.field}: " if e.field else ""
            failed.append({"index": index, "reason": f"{where}{e}", "retriable": False})
    return entries, failed


async def _store(service: Service, entries: list[NewEntry]) -> list[Receipt]:
    futures = [asyncio.wrap_future(f) for f in service.acceptor.submit(entries)]
    if not futures:
        return []
    _, waiting = await asyncio.wait(futures, timeout=CONFIRM_SECONDS)
    if waiting:
        for future in futures:  # what becomes of them is not this request's any more
            future.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
        raise overloaded()
    return [future.result() for future in futures]
