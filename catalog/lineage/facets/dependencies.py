"""The `jobDependencies` run facet: which jobs go before and after, by control flow alone (spec 1-0-1)."""

from __future__ import annotations

from typing import NamedTuple

from catalog.identity import Name
from catalog.lineage.facets.part import Part


class Dependency(NamedTuple):
    """One job that a run waits for, or that waits for it.

    Attributes:
        type: direct or indirect.
        sequence_rule: such as `FINISH_TO_START`.
        status_rule: such as `EXECUTE_ON_SUCCESS`.
    """

    job: Name
    run: str | None
    type: str | None
    sequence_rule: str | None
    status_rule: str | None


class Dependencies(NamedTuple):
    """The jobs before and after, and how those before are combined, such as `all_success`."""

    upstream: tuple[Dependency, ...]
    downstream: tuple[Dependency, ...]
    trigger_rule: str | None


def dependencies(part: Part) -> Dependencies:
    """`jobDependencies`."""
    return Dependencies(
        part.parts("upstream", _dependency), part.parts("downstream", _dependency), part.text("trigger_rule")
    )


def _dependency(part: Part) -> Dependency | None:
    job, run = _job_name(part), part.part("run")
    if job is None:
        return None
    return Dependency(
        job,
        run.text("runId") if run else None,
        part.text("dependency_type"),
        part.text("sequence_trigger_rule"),
        part.text("status_trigger_rule"),
    )


def _job_name(part: Part) -> Name | None:
    job = part.part("job")
    if job is None:
        part.complain("job", "missing")
        return None
    namespace, name = job.needed("namespace"), job.needed("name")
    return Name(namespace, name) if namespace and name else None
