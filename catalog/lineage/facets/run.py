"""Run facets: when a run was planned for, on what it ran, with which parameters, and what went wrong."""

from __future__ import annotations

from typing import NamedTuple

from catalog.lineage.assertions import Json
from catalog.lineage.facets.part import Part


class NominalTime(NamedTuple):
    """The time a run was planned for, in microseconds (spec 1-0-1)."""

    start: int | None
    end: int | None


class ErrorMessage(NamedTuple):
    """Why a run failed (spec 1-0-1)."""

    message: str
    language: str | None
    stack_trace: str | None


class TaskError(NamedTuple):
    """One thing whose lineage could not be found out: a statement, mostly."""

    message: str | None
    stack_trace: str | None
    task: str | None
    task_number: int | None


class ExtractionError(NamedTuple):
    """What the producer could not find out about a run's lineage; the run itself may be fine (spec 1-1-2)."""

    total: int | None
    failed: int | None
    errors: tuple[TaskError, ...]

    @property
    def incomplete(self) -> bool:
        """Whether lineage is missing."""
        return bool(self.failed or self.errors)


class Engine(NamedTuple):
    """What executed a run (spec 1-1-1)."""

    version: str | None
    name: str | None
    adapter_version: str | None


class Variable(NamedTuple):
    """An environment variable (spec 1-0-0); its value is for those only who were allowed to see it."""

    name: str
    value: str | None


class ExternalQuery(NamedTuple):
    """A query of another system (spec 1-0-2)."""

    id: str
    source: str | None


class Parameter(NamedTuple):
    """A parameter of a run, such as a hyper-parameter of a training (spec 1-0-0); its value is any JSON."""

    key: str
    name: str | None
    description: str | None
    value: Json


def nominal_time(part: Part) -> NominalTime:
    """`nominalTime`; an end of null is common (Marquez keeps one among its tests)."""
    if not part.members.get("nominalStartTime"):
        part.complain("nominalStartTime", "missing")
    return NominalTime(part.time("nominalStartTime"), part.time("nominalEndTime"))


def error_message(part: Part) -> ErrorMessage | None:
    """`errorMessage`; without a message it says nothing."""
    message = part.needed("message")
    if message is None:
        return None
    return ErrorMessage(message, part.text("programmingLanguage"), part.text("stackTrace"))


def extraction_error(part: Part) -> ExtractionError:
    """`extractionError`."""
    return ExtractionError(part.count("totalTasks"), part.count("failedTasks"), part.parts("errors", _task_error))


def _task_error(part: Part) -> TaskError:
    return TaskError(part.text("errorMessage"), part.text("stackTrace"), part.text("task"), part.count("taskNumber"))


def engine(part: Part) -> Engine:
    """`processing_engine`."""
    return Engine(part.needed("version"), part.text("name"), part.text("openlineageAdapterVersion"))


def environment(part: Part) -> tuple[Variable, ...]:
    """`environmentVariables`."""
    return part.parts("environmentVariables", _variable)


def _variable(part: Part) -> Variable | None:
    name = part.needed("name")
    return Variable(name, part.text("value")) if name else None


def external_query(part: Part) -> ExternalQuery | None:
    """`externalQuery`."""
    id_ = part.needed("externalQueryId")
    return ExternalQuery(id_, part.text("source")) if id_ else None


def parameters(part: Part) -> tuple[Parameter, ...]:
    """`executionParameters`."""
    return part.parts("parameters", _parameter)


def _parameter(part: Part) -> Parameter | None:
    key = part.needed("key")
    if key is None:
        return None
    return Parameter(key, part.text("name"), part.text("description"), part.members.get("value"))
