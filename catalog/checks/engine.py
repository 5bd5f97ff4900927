"""The engine that evaluates CEL, as policies see it: one Protocol, two adapters, the same limits before both.

Laws, each a test over both engines (`tests/unit/checks/test_engine.py`):

- What cannot be compiled is told with line and column; an unknown variable or function is found then, not later.
- What cannot be evaluated is a `Failed`, never an exception and never a truth value.
- An expression ends: by its own size, by its nesting, or by a budget of iterations.

Source: https://github.com/google/cel-spec/blob/master/doc/langdef.md
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from typing import Any, Literal, NamedTuple, Protocol

from catalog.errors import Misplaced

Wanted = Literal["bool", "text"]
"""What an expression gives: predicates a truth value, messages a text."""
ENGINES = ("cel-cpp", "cel-python")
"""The preferred one first."""


class InvalidExpression(Exception):
    """An expression that cannot be compiled.

    Attributes:
        line: where, from 1.
        column: where, from 1.
    """

    def __init__(self, reason: str, line: int = 1, column: int = 1) -> None:
        super().__init__(reason)
        self.line = line
        self.column = column


class Failed(NamedTuple):
    """An evaluation that gave no usable value, and why."""

    reason: str


class Bound(NamedTuple):
    """Variables in the form of an engine, made once and shown to many programs of it.

    Attributes:
        values: known to the engine alone.
        refused: why no program can be shown them; empty if they are well.
    """

    values: Any
    refused: str = ""


class Program(Protocol):
    """A compiled expression."""

    def evaluate(self, variables: Bound) -> bool | str | Failed:
        """Its value: a truth value or a text, as it was compiled for; `Failed` for everything else."""
        ...


class Engine(Protocol):
    """Compiles expressions.

    Attributes:
        name: as reports cite it.
    """

    name: str

    def compile(self, expression: str, variables: Collection[str], wanted: Wanted = "bool") -> Program:
        """Compile an expression over declared variables.

        Raises:
            InvalidExpression: it is no CEL, is over a limit, names something undeclared, or gives another type.
        """
        ...

    def bind(self, variables: Mapping[str, Any]) -> Bound:
        """Make variables ready: `now` is a `datetime` with a zone, the others are JSON values."""
        ...


class NoEngine(Misplaced):
    """No engine for CEL is installed, so no policy can be judged."""

    code = "NO_ENGINE"


@cache
def engine(name: str = "") -> Engine:
    """The engine of that name; without one the preferred of those that are installed.

    Raises:
        NoEngine: it is not installed, or none is.
    """
    for candidate in [name] if name else ENGINES:
        try:
            if candidate == "cel-cpp":
                from catalog.checks.cel_cpp import CelCpp

                return CelCpp()
            if candidate == "cel-python":
                from catalog.checks.cel_python import CelPython

                return CelPython()
        except ImportError:
            continue
    raise NoEngine(f"no engine {name or 'of CEL'} is installed; install headwater[cel-python]")
