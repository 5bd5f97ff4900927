"""`POST /api/v1/manifests/plan` and `/apply`: manifests of any size, for the command line and for CI.

GraphQL offers the same verbs, in bodies of at most 4 MB, which guard its engine. Ten thousand documents are more, so
they have doors of their own, with the size limit and the compression of events.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import orjson
from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response

from catalog.api.body import bounded, read_body
from catalog.api.problems import problem
from catalog.api.speaker import checked, said_by
from catalog.bootstrap.service import Service
from catalog.errors import CatalogError, InvalidEvent, InvalidManifest, InvalidQuestion
from catalog.lineage.canonical import parse
from catalog.manifest.documents.manifest import Manifest
from catalog.manifest.effects import Effect
from catalog.manifest.heading import heading_of, read_heading
from catalog.manifest.plan import read_plan
from catalog.manifest.sent import MAX_NAME, read_documents, read_files
from catalog.metrics import REFUSED, STORE_ERRORS
from catalog.usecases.apply import Applied, apply
from catalog.usecases.plan import Planned, Sent, plan

MANIFESTS = "/api/v1/manifests"
T = TypeVar("T")
_WORKING = CapacityLimiter(4)
"""Threads of its own: an apply is waited for, and must not keep questions and events from being answered."""


async def work(verb: Callable[[], T]) -> T:
    """Run a verb that takes seconds, and may wait for others, in a thread of those that may."""
    return await to_thread.run_sync(verb, limiter=_WORKING, abandon_on_cancel=True)


@bounded
async def receive_plan(request: Request) -> Response:
    """`{manifest, documents, files, heading, removable}` -> 200 and the plan: what is changed, and what forbids it."""
    service: Service = request.app.state.service
    try:
        body = await _body(request)
        planned = await work(lambda: plan(service.reader, read_sent(_object(body))))
    except CatalogError as e:
        return refused(e)
    return _answer(tell_plan(planned))


@bounded
async def receive_apply(request: Request) -> Response:
    """`{plan}` -> 200 and what became of it; the header X-Headwater-As says who applies."""
    service: Service = request.app.state.service
    try:
        by, body = checked(said_by(request)), await _body(request)
        applied = await work(lambda: apply_sent(service, _object(body).get("plan"), by))
    except CatalogError as e:
        return refused(e)
    return _answer(tell_applied(applied))


def apply_sent(service: Service, sent: Any, by: str) -> Applied:
    """Apply a plan as a client sent it.

    Raises:
        InvalidManifest, InvalidPlan: it, or a document in it, cannot be read.
        CatalogError: as `apply`.
    """
    asked = read_plan(sent)
    set_ = [change for change in asked.changes if change.after is not None]
    read = read_documents(change.after for change in set_)
    if any(read.get(change.key) != change.after for change in set_):
        raise InvalidManifest(["a document of the plan has another key, or is not in canonical form; make it again"])
    if asked.heading is not None and read_heading(dict(asked.heading.after)) != asked.heading.after:
        raise InvalidManifest(["the heading of the plan is not in canonical form; make it again"])
    return apply(service.reader, service.acceptor.submit, service.clock, asked, by)


def read_sent(body: dict[str, Any]) -> Sent:
    """What a client wants a manifest to be.

    Raises:
        InvalidQuestion: it has no name, neither a list of documents nor one of files, or a share that is none.
        InvalidManifest: something is wrong with what stands in the files, or with the heading.
    """
    name, documents, files, removable = (body.get(part) for part in ("manifest", "documents", "files", "removable"))
    if not isinstance(name, str) or not name.strip() or len(name) > MAX_NAME or not name.isprintable():
        raise InvalidQuestion(
            f"`manifest` must be the manifest's name, a text of at most {MAX_NAME} characters that can be seen"
        )
    heading = None if body.get("heading") is None else read_heading(body["heading"])
    told, head = bodies(documents, files)
    if heading is None and head is not None:
        heading = heading_of(head)
    if removable is not None and (
        isinstance(removable, bool) or not isinstance(removable, int | float) or not 0 <= removable <= 1
    ):
        raise InvalidQuestion("`removable` must be a share from 0 to 1")
    return Sent(name, told, None if removable is None else float(removable), heading)


def bodies(documents: Any, files: Any) -> tuple[list[Any], Manifest | None]:
    """All documents that were sent, as JSON and in files, and the head among the files.

    Raises:
        InvalidQuestion: neither is a list, or one is something else.
        InvalidManifest: something is wrong with what stands in the files.
    """
    if not isinstance([] if documents is None else documents, list) or (documents is None and files is None):
        raise InvalidQuestion("`documents` must be a list of documents, each an object; an empty one removes all")
    if not isinstance([] if files is None else files, list):
        raise InvalidQuestion("`files` must be a list of objects, each with a `name` and a `text` of YAML or JSON")
    if files is None:
        return documents, None
    loaded = read_files(files)
    return [*(documents or ()), *(document.body for document in loaded.documents)], loaded.manifest


def tell_plan(planned: Planned) -> dict[str, Any]:
    """A plan as JSON: what `apply` takes, and for readers what follows from it."""
    made = planned.plan
    return {
        **made.to_json(),
        "summary": summary(planned),
        "effects": [tell_effect(effect) for effect in planned.effects],
        "obstacles": [
            {"type": type_.value, "key": None if key is None else str(key), "message": message}
            for type_, key, message in made.obstacles
        ],
    }


def summary(planned: Planned) -> dict[str, int]:
    """How many entities and edges a plan touches."""
    counts = {action: 0 for action in ("create", "update", "remove")}
    for change in planned.plan.changes:
        counts[change.action.lower()] += 1
    added = sum(effect.added for effect in planned.effects)
    return {
        **counts,
        "unchanged": planned.plan.unchanged,
        "edgesAdded": added,
        "edgesRemoved": len(planned.effects) - added,
    }


def tell_effect(effect: Effect) -> dict[str, Any]:
    """An edge that comes or goes, both ends in words."""
    kind, source, source_field, target, target_field = effect.edge
    return {
        "added": effect.added,
        "kind": kind,
        "source": {**source._asdict(), "field": source_field},
        "target": {**target._asdict(), "field": target_field},
    }


def tell_applied(applied: Applied) -> dict[str, Any]:
    """What became of a plan, as JSON."""
    receipt = applied.receipt
    entry = None if receipt is None else {"key": receipt.key, "sequence": receipt.sequence, "state": applied.state}
    return {"entry": entry, "again": applied.again}


def refused(error: CatalogError) -> Response:
    """The problem document of an error, counted."""
    REFUSED.labels(error.code).inc()
    if error.retryable:
        STORE_ERRORS.labels(error.code).inc()
    return problem(error)


async def _body(request: Request) -> bytes:
    """The body, unpacked; what is wrong with it is said of a question, not of an event."""
    try:
        return await read_body(request, request.app.state.service.settings.max_event_bytes)
    except InvalidEvent as e:
        raise InvalidQuestion(str(e)) from e


def _object(body: bytes) -> dict[str, Any]:
    if not body.strip():
        raise InvalidQuestion("the body is empty; send a JSON object")
    try:
        value = parse(body)
    except InvalidEvent as e:
        raise InvalidQuestion(str(e)) from e
    if not isinstance(value, dict):
        raise InvalidQuestion("the body must be a JSON object")
    return value


def _answer(value: dict[str, Any]) -> Response:
    return Response(orjson.dumps(value), 200, media_type="application/json")
