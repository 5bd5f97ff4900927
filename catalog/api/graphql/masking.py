"""What an error of an operation may show.

Three kinds, told apart by their cause:

- a `CatalogError` was raised on purpose: its message is written for the caller, its `code` and `retryable` go into
  `extensions`;
- what GraphQL itself says about the request (syntax, validation, coercion of input, a `GraphQLError` raised on
  purpose) stays as it is;
- everything else is a bug: the caller gets an id, the log gets the error under the same id.

This is done in `Schema.process_errors` and not in Strawberry's `MaskErrors`, because an extension's hooks do not run
to their end when another extension fails, so that failure would be shown as it is. The schema's own method sees
every error on every way out, before extensions do.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import uuid4

import strawberry
import structlog
from graphql import GraphQLError
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionContext
from structlog.contextvars import get_contextvars

from catalog.errors import CatalogError, InvalidManifest

INTERNAL = "INTERNAL"

# Raised by Strawberry about the request, and part of a result only where a result is streamed.
_ABOUT_THE_REQUEST = (MissingQueryError, CannotGetOperationTypeError, InvalidOperationTypeError)

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


class MaskedSchema(strawberry.Schema):
    """A schema whose answers show no error that was not meant for the caller."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Put what may be shown in the place of each error, and log what was hidden.

        Replaces the stock method, which logs every error, a caller's typing mistakes too. Doing it twice is harmless.
        """
        correlation_id = ""
        hidden: list[GraphQLError] = []
        for position, error in enumerate(errors):
            cause = cause_of(error)
            if isinstance(cause, CatalogError):
                errors[position] = _explained(error, cause)
            elif cause is not None and not _is_about_the_request(error, cause):
                correlation_id = correlation_id or find_correlation_id()
                hidden.append(error)
                errors[position] = _masked(error, correlation_id)
        if hidden:
            _report(hidden, correlation_id, execution_context)


def cause_of(error: GraphQLError) -> Exception | None:
    """The exception behind an error, None if GraphQL or a deliberate `GraphQLError` is all there is."""
    cause = error.original_error
    while isinstance(cause, GraphQLError):
        cause = cause.original_error
    return cause


def find_correlation_id() -> str:
    """The id under which the log has this request: the bound `request_id`, else a fresh one."""
    return str(get_contextvars().get("request_id") or uuid4().hex)


def _is_about_the_request(error: GraphQLError, cause: Exception) -> bool:
    """Whether GraphQL only words what it found wrong with the request.

    A scalar that refuses its input is quoted in an error that points into the document and at no field of the
    answer. An error of a resolver has a path; an error of an extension points nowhere.
    """
    return isinstance(cause, _ABOUT_THE_REQUEST) or (error.path is None and bool(error.nodes))


def _explained(error: GraphQLError, cause: CatalogError) -> GraphQLError:
    extensions: dict[str, object] = {"code": cause.code, "retryable": cause.retryable}
    if isinstance(cause, InvalidManifest):
        extensions["problems"] = list(cause.problems)
    return GraphQLError(
        error.message, error.nodes, error.source, error.positions, error.path, cause, extensions=extensions
    )


def _masked(error: GraphQLError, correlation_id: str) -> GraphQLError:
    message = f"Internal error; the service's log has it under id {correlation_id}"
    extensions = {"code": INTERNAL}
    return GraphQLError(message, error.nodes, error.source, error.positions, error.path, extensions=extensions)


def _report(hidden: Sequence[GraphQLError], correlation_id: str, context: ExecutionContext | None) -> None:
    """Log each distinct cause once: one bug below a list is as many errors as the list has items."""
    alike: dict[tuple[type[Exception], str], list[GraphQLError]] = {}
    for error in hidden:
        cause = cause_of(error) or error
        alike.setdefault((type(cause), str(cause)), []).append(error)
    for errors in alike.values():
        _log.exception(
            "an error of a GraphQL operation was masked",
            exc_info=cause_of(errors[0]),
            request_id=correlation_id,
            operation=context.operation_name if context else None,
            path=errors[0].path,
            times=len(errors),
        )
