"""Laws of `catalog.checks.engine`, over both engines of CEL."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from typing import Any

import pytest

from catalog.checks.engine import Engine, Failed, InvalidExpression
from tests.unit.checks.engines import both, evaluate

FIELD: dict[str, Any] = {
    **{"i": 3, "d": 3.0, "s": "a", "n": None, "b": True, "empty": []},
    **{"l": ["a", None, 1], "m": {"k": 1}},
}
TRUE = """
field.i == 3.0
field.i > 2.5
field.i != null
field.n == null
field.n != ''
field.s != ''
field.b != 1
1 in field.l
null in field.l
!(2 in field.l)
'k' in field.m
field.l == ['a', null, 1]
field.m == {'k': 1}
field.missing == 1 || true
!(field.missing == 1 && false)
!has(field.missing)
field.empty.all(x, x.y == 1)
field.l.exists(x, x == 1)
field.l.filter(x, x == 'a').size() == 1
field.l.map(x, x)[0] == 'a'
field.s.matches('^(a+)+$')
now - timestamp('2025-12-31T00:00:00Z') > duration('23h')
now.getFullYear() == 2026
type(field.i) == int
"""
FAILING = """
field.missing == 1
field.n.size() == 0
size(field.n) == 0
'a' in field.n
field.s > 1
field.l[9] == 1
field.i / 0 == 1
9223372036854775807 + field.i > 0
int(field.s) == 1
timestamp('yesterday') < now
field.s + field.i == 'a3'
field.s ? true : false
"""


@both
@pytest.mark.parametrize("expression", TRUE.strip().splitlines())
def test_both_engines_agree_on_what_is_true(on: Engine, expression: str) -> None:
    """The same expression has the same value, whichever engine is installed."""
    assert evaluate(on, expression, field=FIELD) is True


@both
@pytest.mark.parametrize("expression", FAILING.strip().splitlines())
def test_what_cannot_be_evaluated_has_no_value(on: Engine, expression: str) -> None:
    """Neither true nor false, and no exception: a `Failed` that says why, or no compilation."""
    found = evaluate(on, expression, field=FIELD)

    assert isinstance(found, Failed | InvalidExpression)
    assert str(found)


@both
@pytest.mark.parametrize(
    ("expression", "place", "word"),
    [
        ("nobody == 1", (1, 1), "nobody"),
        ("field.s == 'a' &&\n  nobody == 1", (2, 3), "nobody"),
        ("field.l.all(x, y == 1)", (1, 16), "y"),
        ("field.l.exists(x, true) && x == 1", (1, 28), "x"),
    ],
)
def test_an_unknown_variable_is_found_with_its_place(
    on: Engine, expression: str, place: tuple[int, int], word: str
) -> None:
    """When it is compiled, not once it is evaluated."""
    found = evaluate(on, expression, field=FIELD)

    assert isinstance(found, InvalidExpression)
    assert (place, True) == ((found.line, found.column), word in str(found))


@both
@pytest.mark.parametrize(
    "expression",
    ["nosuch(field)", "field.s.nosuch()", "field.l.reduce(a, b, 0, a + b) == 1", "(((", "'a' ==", "field.s"],
)
def test_what_is_no_predicate_is_refused(on: Engine, expression: str) -> None:
    """Unknown functions, wrong syntax, and members that may be of any type."""
    assert isinstance(evaluate(on, expression, field=FIELD), InvalidExpression)


@both
@pytest.mark.parametrize("value", [{1, 2}, (1,), 2**63, object(), {1: 2}, "x" * 100_001, [0] * 100_001])
def test_values_that_are_no_json_or_too_large_are_refused(on: Engine, value: Any) -> None:
    """The engine never sees them; every expression over them fails, even one that does not look."""
    assert isinstance(evaluate(on, "true || field == 1", field=value), Failed)


NESTED = "field.l" + "".join(f".all({v}, field.l" for v in "abc") + ".all(d, true))))"
ATTACKS = {
    "nested loops": NESTED,
    "nested loops hidden by or": f"({NESTED}) || true == false",
    "a long chain": " || ".join(["field.n == 1"] * 20_000),
    "a chain within the limit": "||".join(["false"] * 585),
    "deep brackets": "(" * 5_000 + "true" + ")" * 5_000,
    "deep lists": "[" * 1_500 + "]" * 1_500 + " == []",
    "many nots": "!" * 4_000 + "true",
    "many members": "field" + ".a" * 2_000 + " == 1",
    "many macros": "['x']" + ".map(a, a + a)" * 200 + " == []",
    "macros within macros": "['x'].all(a, " * 30 + "true" + ")" * 30,
    "doubling as far as allowed": "[field.t]" + ".map(a, a + a + a + a + a)" * 4 + ".size() == 1",
    "macros behind texts": "r'\\' == '' || " + "['x']" + ".map(a, a + a)" * 200 + " == ['//']",
    "macros behind a comment": "true // '\n && ['x']" + ".map(a, a + a)" * 200 + " == ['x']",
    "a pattern that backtracks": "field.t.matches('^(x+)+y$')",
    "python behind it": "field.__class__.__mro__ == 1",
}
_ATTACK = """
import json, sys
from tests.unit.checks.engines import evaluate
from catalog.checks.engine import engine
field = {"l": list(range(100)), "t": "x" * 10_000, "n": None}
for name, attack in json.load(sys.stdin).items():
    found = type(evaluate(engine(sys.argv[1]), attack, field=field)).__name__
    print(json.dumps([name, found]), flush=True)
"""
ENDS = {
    "doubling as far as allowed": {"bool"},
    "a chain within the limit": {"bool", "Failed", "InvalidExpression"},
    "many nots": {"bool", "Failed", "InvalidExpression"},
    "a pattern that backtracks": {"bool"},
}


@both
@pytest.mark.slow
def test_attacks_end_within_bounds(on: Engine) -> None:
    """In a process with 2 GB of address space and 30 s of CPU for all, each ends, and none has a wrong value."""

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
        resource.setrlimit(resource.RLIMIT_CPU, (30, 30))

    command, given = [sys.executable, "-c", _ATTACK, on.name], json.dumps(ATTACKS)
    done = subprocess.run(
        command, input=given, text=True, capture_output=True, timeout=120, preexec_fn=limited, check=False
    )
    ended = dict(json.loads(line) for line in done.stdout.splitlines())
    wrong = {name: end for name, end in ended.items() if end not in ENDS.get(name, {"Failed", "InvalidExpression"})}

    assert (0, list(ATTACKS), {}) == (done.returncode, list(ended), wrong), done.stderr[-2_000:]
