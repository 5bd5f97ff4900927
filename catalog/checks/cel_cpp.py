"""CEL by Google's cel-cpp, through its official wrapper: the engine of choice.

It checks types and names when it compiles, stops after 10,000 iterations, and reads patterns with RE2. It takes exactly
dict, list and scalars and gives errors as values; both are told here as `Failed`.

Source: https://github.com/cel-expr/cel-python
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

from cel_expr_python import cel

from catalog.checks.engine import Bound, Failed, InvalidExpression, Wanted
from catalog.checks.limits import NO_MEMORY, check, oversized

NOW = "now"
_ERROR = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): ([^\n]*)")
_KIND = re.compile(r"^[A-Z_]+: | \[[A-Z_]+\]$")
_TYPES = {"bool": {"BOOL"}, "text": {"STRING", "DYN"}}


class CelCpp:
    """The engine."""

    name = "cel-cpp"

    def compile(self, expression: str, variables: Collection[str], wanted: Wanted = "bool") -> CelCppProgram:
        """Compile an expression; see `Engine.compile`."""
        check(expression)
        try:
            compiled = _env(frozenset(variables)).compile(expression)
        except RuntimeError as wrong:
            raise _invalid(str(wrong)) from None
        kind = compiled.return_type().name()
        if kind not in _TYPES[wanted]:
            hint = "; compare it, for instance with `== true`" if (wanted, kind) == ("bool", "DYN") else ""
            needed = "a truth value" if wanted == "bool" else "a text"
            raise InvalidExpression(f"the expression has to give {needed}, it gives {kind}{hint}")
        return CelCppProgram(compiled, bool if wanted == "bool" else str)

    def bind(self, variables: Mapping[str, Any]) -> Bound:
        """Make variables ready; see `Engine.bind`."""
        for name, value in variables.items():
            if name != NOW and (reason := oversized(value)):
                return Bound(None, f"`{name}` has {reason}")
        return Bound(_env(frozenset(variables)).Activation(dict(variables)))


class CelCppProgram:
    """A compiled expression."""

    def __init__(self, compiled: Any, wanted: type[bool] | type[str]) -> None:
        self._compiled = compiled
        self._wanted = wanted

    def evaluate(self, variables: Bound) -> bool | str | Failed:
        """Its value; see `Program.evaluate`."""
        if variables.refused:
            return Failed(variables.refused)
        try:
            result = self._compiled.eval(variables.values)
            value = result.value()
        except MemoryError:
            return Failed(NO_MEMORY)
        except Exception as wrong:  # the wrapper does not say which; whatever it is, there is no answer
            return Failed(_KIND.sub("", str(wrong))[:500] or type(wrong).__name__)
        if type(value) is self._wanted and result.type() != cel.Type.ERROR:
            return value
        if result.type() == cel.Type.ERROR:
            return Failed(_KIND.sub("", str(value))[:500])
        return Failed(f"gave {result.type().name()}, not a {'truth value' if self._wanted is bool else 'text'}")


@cache
def _env(variables: frozenset[str]) -> Any:
    types = {name: cel.Type.TIMESTAMP if name == NOW else cel.Type.DYN for name in sorted(variables)}
    return cel.NewEnv(variables=types)


def _invalid(told: str) -> InvalidExpression:
    found = _ERROR.search(told)
    if found is None:
        return InvalidExpression(_KIND.sub("", told).partition("\n")[0][:500])
    line, column = (max(1, int(part)) for part in found.groups()[:2])
    return InvalidExpression(_KIND.sub("", found[3])[:500], line, column)
