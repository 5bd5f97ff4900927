"""Both engines of CEL, and one evaluation."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from catalog.checks.engine import ENGINES, Engine, Failed, InvalidExpression, engine

NOW = datetime(2026, 1, 1, tzinfo=UTC)
both = pytest.mark.parametrize("on", [engine(name) for name in ENGINES], ids=ENGINES)


def evaluate(on: Engine, expression: str, **variables: Any) -> bool | str | Failed | InvalidExpression:
    """The value of a predicate, or why there is none."""
    given = {**variables, "now": NOW, "params": {}}
    try:
        return on.compile(expression, tuple(given)).evaluate(on.bind(given))
    except InvalidExpression as wrong:
        return wrong
