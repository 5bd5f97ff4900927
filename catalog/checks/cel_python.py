"""CEL in pure Python: the fallback where cel-cpp has no wheel. Same answers, without types at compile time.

What it does not do by itself is done here: undeclared variables and functions are found when an expression is compiled,
macros are counted against the budget that cel-cpp has built in, and a recursion too deep is a `Failed`.

Source: https://github.com/cloud-custodian/cel-python
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import celpy
import lark
from celpy import celtypes, evaluation
from celpy.adapter import json_to_cel
from celpy.celparser import CELParseError

from catalog.checks.engine import Bound, Failed, InvalidExpression, Wanted
from catalog.checks.limits import MAX_STEPS, NO_MEMORY, check, oversized

MACROS = frozenset({"all", "exists", "exists_one", "filter", "map"})
_FUNCTIONS = "bool bytes double duration dyn has int matches size string timestamp type uint"
_METHODS = """
contains endsWith getDate getDayOfMonth getDayOfWeek getDayOfYear getFullYear getHours getMilliseconds getMinutes
getMonth getSeconds matches size startsWith
"""
FUNCTIONS = frozenset(_FUNCTIONS.split())
METHODS = frozenset(_METHODS.split())
TYPES = frozenset(["bool", "bytes", "double", "int", "list", "map", "null_type", "string", "type", "uint"])


class CelPython:
    """The engine."""

    name = "cel-python"

    def __init__(self) -> None:
        self._environment = celpy.Environment()

    def compile(self, expression: str, variables: Collection[str], wanted: Wanted = "bool") -> CelPythonProgram:
        """Compile an expression; see `Engine.compile`. Types are checked when it is evaluated."""
        check(expression)
        try:
            tree = self._environment.compile(expression)
            _check_names(tree, frozenset(variables) | TYPES)
        except CELParseError as wrong:
            raise InvalidExpression("Syntax error", wrong.line or 1, wrong.column or 1) from None
        except RecursionError:
            raise InvalidExpression("the expression is nested too deep") from None
        if wanted == "bool" and _is_bare(tree):
            raise InvalidExpression("the expression has to give a truth value; compare it, for instance with `== true`")
        return CelPythonProgram(self._environment.program(tree, functions=_CORRECTED), tree, wanted)

    def bind(self, variables: Mapping[str, Any]) -> Bound:
        """Make variables ready; see `Engine.bind`."""
        ready: dict[str, Any] = {}
        for name, value in variables.items():
            if isinstance(value, datetime):
                ready[name] = celtypes.TimestampType(value)
            elif reason := oversized(value):
                return Bound(None, f"`{name}` has {reason}")
            else:
                ready[name] = json_to_cel(value)
        return Bound(ready)


class CelPythonProgram:
    """A compiled expression."""

    def __init__(self, runner: Any, tree: Any, wanted: Wanted) -> None:
        self._runner = runner
        self._tree = tree
        self._wanted = wanted

    def evaluate(self, variables: Bound) -> bool | str | Failed:
        """Its value; see `Program.evaluate`."""
        if variables.refused:
            return Failed(variables.refused)
        try:
            value = _Counting(self._tree, self._runner.new_activation(), [MAX_STEPS]).evaluate(variables.values)
        except _Exhausted:
            return Failed("Iteration budget exceeded")
        except MemoryError:
            return Failed(NO_MEMORY)
        except RecursionError:
            return Failed("the expression is nested too deep")
        except Exception as wrong:  # an error of CEL, or one of the interpreter's own: there is no answer
            told = str(wrong.args[0]) if wrong.args else type(wrong).__name__
            return Failed(told.partition(" (in activation")[0][:500])
        if self._wanted == "bool" and isinstance(value, celtypes.BoolType):
            return bool(value)
        if self._wanted == "text" and isinstance(value, str):  # its `+` gives a bare one within macros
            return str(value)
        return Failed(f"gave {type(value).__name__}, not a {'truth value' if self._wanted == 'bool' else 'text'}")


def _equal(left: Any, right: Any) -> Any:
    """Equality as cel-spec has it: values of different types are different, they are no error."""
    for value in (left, right):
        if isinstance(value, evaluation.CELEvalError):
            return value
    if left is None or right is None:
        return celtypes.BoolType(left is right)
    if _is_number(left) and _is_number(right):
        return celtypes.BoolType(float(left) == float(right))
    if isinstance(left, list) and isinstance(right, list):
        return celtypes.BoolType(len(left) == len(right) and all(map(_equal, left, right)))
    if isinstance(left, dict) and isinstance(right, dict):
        same = len(left) == len(right) and all(key in right and _equal(left[key], right[key]) for key in left)
        return celtypes.BoolType(same)
    return celtypes.BoolType(type(left) is type(right) and bool(left == right))


def _different(left: Any, right: Any) -> Any:
    found = _equal(left, right)
    return found if isinstance(found, evaluation.CELEvalError) else celtypes.BoolType(not found)


def _within(item: Any, container: Any) -> Any:
    for value in (item, container):
        if isinstance(value, evaluation.CELEvalError):
            return value
    if not isinstance(container, list | dict):
        return evaluation.CELEvalError(f"no matching overload for _in_ with {type(container).__name__}")
    return celtypes.BoolType(any(_equal(item, member) for member in container))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, celtypes.BoolType | bool)


def _ordered(name: str) -> Any:
    compare = evaluation.base_functions[name]

    def compared(left: Any, right: Any) -> Any:
        if type(left) is not type(right) and _is_number(left) and _is_number(right):
            left, right = celtypes.DoubleType(left), celtypes.DoubleType(right)
        return compare(left, right)

    return compared


def _size(value: Any) -> Any:
    """The size of null is an error; cel-python says 0, so that a missing list would pass for an empty one."""
    if value is None:
        return evaluation.CELEvalError("no matching overload for size with null")
    return evaluation.function_size(value)


_CORRECTED: dict[str, Any] = {
    **{"_==_": _equal, "_!=_": _different, "_in_": _within},
    "size": _size,
    **{name: _ordered(name) for name in ("_<_", "_<=_", "_>_", "_>=_")},
}
"""Functions that cel-python has otherwise than cel-spec says, mostly for values whose types differ."""


class _Exhausted(Exception):
    """No error of CEL, so that `||` does not hide it."""


class _Counting(evaluation.Evaluator):
    """Counts what macros look at; all evaluators of one evaluation share the count."""

    def __init__(self, ast: Any, activation: Any, left: list[int]) -> None:
        super().__init__(ast, activation)
        self._left = left

    def sub_evaluator(self, ast: Any) -> _Counting:
        """An evaluator of a macro's body; called once for each member of its list."""
        return _Body(ast, self.activation, self._left)


class _Body(_Counting):
    def evaluate(self, context: Any = None) -> Any:
        self._left[0] -= 1
        if self._left[0] < 0:
            raise _Exhausted
        return super().evaluate(context)


def _check_names(tree: Any, known: frozenset[str]) -> None:
    """Refuse names that nothing stands for."""
    data, children = str(tree.data), tree.children
    if data in ("ident", "dot_ident") and str(children[0]) not in known:
        raise _undeclared(children[0])
    if data in ("ident_arg", "dot_ident_arg") and str(children[0]) not in FUNCTIONS:
        raise _undeclared(children[0])
    if data == "member_object":
        raise InvalidExpression("objects of protobuf are not known here")
    if data == "member_dot_arg":
        _check_call(children, known)
        return
    for child in children:
        if isinstance(child, lark.Tree):
            _check_names(child, known)


def _check_call(children: list[Any], known: frozenset[str]) -> None:
    receiver, name, *rest = children
    arguments = rest[0] if rest else None
    _check_names(receiver, known)
    if str(name) in METHODS:
        if arguments is not None:
            _check_names(arguments, known)
        return
    if str(name) not in MACROS:
        raise _undeclared(name)
    given = arguments.children if arguments is not None else []
    bound = list(given[0].find_data("ident")) if given else []
    if len(given) < 2 or len(bound) != 1:
        raise InvalidExpression(f"`{name}` needs a variable and an expression", name.line, name.column)
    for body in given[1:]:
        _check_names(body, known | {str(bound[0].children[0])})


def _undeclared(name: Any) -> InvalidExpression:
    return InvalidExpression(f"undeclared reference to '{name}'", name.line, name.column)


def _is_bare(tree: Any) -> bool:
    """Whether it is a member or a variable, which may be of any type."""
    while str(tree.data) not in ("member_dot", "member_index", "ident"):
        below = [child for child in tree.children if child is not None]
        if len(below) != 1 or not isinstance(below[0], lark.Tree):
            return False
        tree = below[0]
    return True
