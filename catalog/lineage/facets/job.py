"""Job facets: what kind of job it is, and the code it runs."""

from __future__ import annotations

from typing import NamedTuple

from catalog.lineage.facets.part import Part

CONTINUOUS = frozenset({"STREAMING", "SERVICE"})
"""Processing types whose START and terminal events "should not be relied upon" (spec, run cycle)."""
ACCUMULATIVE = "ACCUMULATIVE"
COMPLETE_SNAPSHOT = "COMPLETE_SNAPSHOT"


class Emission(NamedTuple):
    """When events of a job are sent, and whether each adds to the others or says everything (spec 2-0-4)."""

    trigger: str
    content: str
    window_seconds: int | None


class JobType(NamedTuple):
    """What kind of job it is: `BATCH | SPARK | QUERY`. MODEL, from dbt, is a statement in SQL (spec 2-0-4)."""

    processing_type: str
    integration: str | None
    job_type: str | None
    emission: Emission

    @property
    def continuous(self) -> bool:
        """Whether it runs without an end."""
        return self.processing_type in CONTINUOUS


class Sql(NamedTuple):
    """The statement a job runs (spec 1-1-0)."""

    query: str
    dialect: str | None


class SourceCode(NamedTuple):
    """The program a job runs (spec 1-0-1)."""

    code: str
    language: str | None


class SourceLocation(NamedTuple):
    """Where the program is kept; the version of a git location is its commit (spec 1-1-0)."""

    type: str | None
    url: str | None
    repo_url: str | None
    path: str | None
    version: str | None
    tag: str | None
    branch: str | None
    pull_request: str | None


def job_type(part: Part) -> JobType:
    """`jobType`; what it leaves out has the spec's defaults: BATCH, EVENT_BASED, ACCUMULATIVE."""
    processing = part.needed("processingType") or "BATCH"
    pattern = part.part("emissionPattern")
    emission = Emission("EVENT_BASED", ACCUMULATIVE, None)
    if pattern is not None:
        emission = Emission(
            _word(pattern, "eventTrigger") or emission.trigger,
            _word(pattern, "eventContentMode") or emission.content,
            pattern.count("windowDuration"),
        )
    return JobType(processing.upper(), part.text("integration"), part.text("jobType"), emission)


def _word(part: Part, key: str) -> str | None:
    text = part.needed(key)
    return text.upper() if text else None


def sql(part: Part) -> Sql | None:
    """`sql`."""
    query = part.needed("query")
    return Sql(query, part.text("dialect")) if query else None


def source_code(part: Part) -> SourceCode | None:
    """`sourceCode`."""
    code = part.needed("sourceCode")
    return SourceCode(code, part.text("language")) if code else None


def source_location(part: Part) -> SourceLocation:
    """`sourceCodeLocation`; some clients send a repository and no url."""
    keys = ("type", "url", "repoUrl", "path", "version", "tag", "branch", "pullRequestNumber")
    return SourceLocation(*(part.text(key) for key in keys))
