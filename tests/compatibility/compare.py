"""Does an answer hold what is expected? Expectations are JSON with helpers in double braces, as in the project's own.

An object is expected to have these members, perhaps among others; a list has exactly these, in this order; a text like
`{{ match(result, 'a.*') }}` is a question about the value in its place. A member named `{{ unordered_list(result,
'runs') }}` is the list `runs` in any order, and `{{ key_not_defined(result, 'x') }}` says that there is no `x`.

Source: the helpers are those of `scripts/compare_events.py` in OpenLineage/compatibility-tests; there an unordered list
matches nothing, and of a missing member nothing is said.
"""

from __future__ import annotations

import ast
import re
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

ABSENT = object()


class Call(NamedTuple):
    """A helper and what it is given besides the value."""

    name: str
    arguments: tuple[Any, ...]


def differences(expected: Any, actual: Any, where: str = "") -> list[str]:
    """What is not as expected, each with its place; nothing when all is."""
    if isinstance(expected, dict):
        return _of_object(expected, actual, where)
    if isinstance(expected, list):
        return _of_list(expected, actual, where)
    call = _call(expected)
    if call:
        said = HELPERS[call.name](actual, *call.arguments)
        return [f"{where}: {said}"] if said else []
    if type(expected) is type(actual) and expected == actual:
        return []
    return [f"{where}: {_shown(actual)} instead of {_shown(expected)}"]


def unordered(expected: Sequence[Any], actual: Any, where: str) -> list[str]:
    """Whether each expected member is one of the actual ones, and each actual one is one of the expected."""
    if not isinstance(actual, list):
        return [f"{where}: {_shown(actual)} instead of a list"]
    fits = [[j for j, found in enumerate(actual) if not differences(wanted, found)] for wanted in expected]
    taken: dict[int, int] = {}
    missing = [i for i in range(len(expected)) if not _place(i, fits, taken, set())]
    left = [j for j in range(len(actual)) if j not in taken]
    told = [_nearest(expected[i], [actual[j] for j in left], f"{where}[{i}]") for i in missing]
    if len(expected) != len(actual):
        told.append(f"{where}: {len(actual)} members instead of {len(expected)}")
        told += [f"{where}: not expected: {_shown(actual[j])}" for j in left[: max(0, len(actual) - len(expected))]]
    return told


def _place(i: int, fits: list[list[int]], taken: dict[int, int], tried: set[int]) -> bool:
    """Give an expected member an actual one, if need be by giving another expected one a different one."""
    for j in fits[i]:
        if j not in tried:
            tried.add(j)
            if j not in taken or _place(taken[j], fits, taken, tried):
                taken[j] = i
                return True
    return False


def _nearest(expected: Any, left: list[Any], where: str) -> str:
    """Why no member is this one: how the most similar one differs."""
    said = min((differences(expected, found, where) for found in left), key=len, default=[])
    return f"{where}: no such member: {_shown(expected)}" + (f"; nearest: {'; '.join(said[:3])}" if said else "")


def _of_object(expected: dict[str, Any], actual: Any, where: str) -> list[str]:
    if not isinstance(actual, dict):
        return [f"{where}: {_shown(actual)} instead of an object"]
    told: list[str] = []
    for key, value in expected.items():
        call = _call(key)
        name = call.arguments[0] if call else key
        found, place = actual.get(name, ABSENT), f"{where}.{name}"
        if call and call.name == "key_not_defined":
            told += [f"{place}: is there"] if found is not ABSENT else []
        elif found is ABSENT:
            told.append(f"{place}: is missing")
        elif call and call.name == "unordered_list":
            told += unordered(value, found, place)
        else:
            told += differences(value, found, place)
    return told


def _of_list(expected: list[Any], actual: Any, where: str) -> list[str]:
    if not isinstance(actual, list) or len(actual) != len(expected):
        return [f"{where}: {_shown(actual)} instead of {len(expected)} members"]
    pairs = enumerate(zip(expected, actual, strict=True))
    return [said for i, (wanted, found) in pairs for said in differences(wanted, found, f"{where}[{i}]")]


def _call(text: Any) -> Call | None:
    """The helper that a text in double braces names.

    Raises:
        ValueError: it names none, so the expectation itself is wrong.
    """
    asked = re.fullmatch(r"\s*\{\{(.*)\}\}\s*", text, re.DOTALL) if isinstance(text, str) else None
    if not asked:
        return None
    node = ast.parse(asked.group(1).strip(), mode="eval").body
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id not in {*HELPERS, *KEYS}:
        raise ValueError(f"no helper of these: {text}")
    return Call(node.func.id, tuple(ast.literal_eval(argument) for argument in node.args[1:]))


def _shown(value: Any) -> str:
    return "nothing" if value is ABSENT else repr(value)[:200]


def _any(value: Any) -> str:
    return "" if value is not None else "is null"


def _is_datetime(value: Any) -> str:
    try:
        datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return f"{_shown(value)} is no date and time"
    return ""


def _is_uuid(value: Any) -> str:
    try:
        uuid.UUID(value)
    except (AttributeError, TypeError, ValueError):
        return f"{_shown(value)} is no UUID"
    return ""


def _match(value: Any, pattern: str) -> str:
    return "" if isinstance(value, str) and re.fullmatch(pattern, value) else f"{_shown(value)} is not like {pattern}"


def _not_match(value: Any, pattern: str) -> str:
    return f"{_shown(value)} is like {pattern}" if not _match(value, pattern) else ""


def _contains(value: Any, part: Any) -> str:
    return "" if isinstance(value, str | list | dict) and part in value else f"{_shown(value)} does not hold {part!r}"


def _one_of(value: Any, *options: Any) -> str:
    return "" if value in options else f"{_shown(value)} is none of {options}"


HELPERS: dict[str, Callable[..., str]] = {
    "any": _any,
    "is_datetime": _is_datetime,
    "is_uuid": _is_uuid,
    "match": _match,
    "not_match": _not_match,
    "contains": _contains,
    "one_of": _one_of,
}
"""Questions about a value: nothing when it is as asked, else what is wrong."""

KEYS = {"unordered_list", "key_not_defined"}
"""Those in the place of a member's name."""
