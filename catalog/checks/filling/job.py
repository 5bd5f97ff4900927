"""What policies see of jobs and of their runs."""

from __future__ import annotations

from typing import Any

from catalog.checks.filling.entity import ENTITY, Filler, block
from catalog.checks.filling.known import Known
from catalog.checks.snapshot import Run, Thing
from catalog.clock import to_iso

SUCCESS, FAILURES = "COMPLETED", frozenset({"FAILED", "ABORTED"})


def failed_runs(known: Known, thing: Thing) -> list[dict[str, Any]]:
    """Runs that failed since the last one that did not; `custom.incidents` of the job names incidents by run."""
    incidents = block(block(thing.attributes.get("custom")).get("incidents"))
    found = []
    for run in thing.observed.runs:
        if run.state == SUCCESS:
            break
        if run.state in FAILURES:
            found.append({"id": run.id, "ended": to_iso(run.ended), "incident": incidents.get(run.id)})
    return found


def last_run(known: Known, thing: Thing) -> str | None:
    """When the newest run ended, or began if it goes on."""
    newest = next(iter(thing.observed.runs), None)
    return to_iso(newest.started if newest.ended is None else newest.ended) if newest else None


def last_state(known: Known, thing: Thing) -> str | None:
    """How the newest run stands."""
    newest = next(iter(thing.observed.runs), None)
    return newest.state if newest else None


def activities(known: Known, thing: Thing) -> list[str]:
    """The records of processing that a job belongs to, whichever of the two says so."""
    told = {str(name) for name in thing.document.get("activities") or ()}
    return sorted(told | {f"processingactivity:{one.key.name}" for one in known.activities.get(thing.id, ())})


def inputs(known: Known, thing: Thing) -> list[str]:
    """What a job reads."""
    return known.names(edge.source for edge in known.into.get(thing.id, ()) if edge.kind == "READS")


def outputs(known: Known, thing: Thing) -> list[str]:
    """What a job writes."""
    return known.names(edge.target for edge in known.out.get(thing.id, ()) if edge.kind == "WRITES")


JOB: dict[str, Filler] = {
    **ENTITY,
    "source_code": lambda known, thing: thing.observed.source_code or thing.document.get("sourceCode"),
    "activities": activities,
    "inputs": inputs,
    "outputs": outputs,
    "last_run": last_run,
    "last_state": last_state,
    "failed_runs": failed_runs,
}


def run(known: Known, thing: Thing, one: Run) -> dict[str, Any]:
    """A run as policies see it, without its job."""
    times = {"started": to_iso(one.started), "ended": to_iso(one.ended)}
    return {
        **{"id": one.id, "state": one.state, **times},
        **{"inputs": inputs(known, thing), "outputs": outputs(known, thing)},
    }
