"""`/healthz` (the process lives), `/readyz` (it can accept and answer), `/metrics` (Prometheus)."""

from __future__ import annotations

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from catalog.api.asking import ask
from catalog.api.problems import problem
from catalog.bootstrap.service import Service
from catalog.clock import SECOND
from catalog.errors import CatalogError
from catalog.graph import entries
from catalog.graph import watch as watching
from catalog.graph.pruning import FAILED, REFUSED, pruning
from catalog.metrics import render


async def healthz(_: Request) -> Response:
    """200 while the process lives; asks nothing else."""
    return JSONResponse({"status": "ok"})


async def readyz(request: Request) -> Response:
    """200 when the store answers and its schema is up to date, else 503 with the reason."""
    service: Service = request.app.state.service
    try:
        progress = await ask(lambda: _progress(service))
    except CatalogError as e:
        return problem(e)
    return JSONResponse({"status": "ready", "sequence": progress.sequence, "appliedThrough": progress.applied_through})


def _progress(service: Service) -> entries.Progress:
    service.gate.check()
    return entries.progress(service.store, service.settings.shards)


async def metrics(request: Request) -> Response:
    """Counters of all processes of this machine, and the inbox's gauges; without the store, the counters alone."""
    service: Service = request.app.state.service
    gauges: dict[str, float] = {}
    try:
        p, judged, pruned = await ask(
            lambda: (
                entries.progress(service.store, service.settings.shards),
                watching.watch(service.store),
                pruning(service.store),
            )
        )
    except CatalogError:
        pass
    else:
        age = 0 if p.oldest_waiting is None else max(0, service.clock.now() - p.oldest_waiting)
        gauges = {
            "headwater_inbox_sequence": p.sequence,
            "headwater_inbox_applied_through": p.applied_through,
            "headwater_inbox_lag_entries": p.sequence - p.applied_through,
            "headwater_inbox_lag_seconds": age / SECOND,
            "headwater_inbox_applied": p.applied,
            "headwater_inbox_rejected": p.rejected,
            "headwater_inbox_dead": p.dead,
            "headwater_prune_completed_seconds": (pruned.completed or 0) / SECOND,
            "headwater_prune_not_done": pruned.state in (REFUSED, FAILED),
            "headwater_findings_through": judged.through,
            "headwater_findings_lag_entries": max(0, p.applied_through - judged.through),
            "headwater_findings_waived": judged.waived,
            "headwater_findings_failing_policies": len(judged.failing),
            "headwater_findings_broken": int(bool(judged.broken)),
            **{f"headwater_findings_open_{severity}": count for severity, count in judged.open.items()},
        }
    text = await to_thread.run_sync(render, gauges)
    return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")
