"""Policies ready to be judged: expressions compiled, names checked, everything that is wrong told at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from catalog.checks.engine import Engine, InvalidExpression, Program
from catalog.checks.law import UnknownProvision, dated
from catalog.checks.limits import bare
from catalog.checks.subjects import ANY, SHAPES, Shape, names, no_member
from catalog.manifest.documents.policies import Policy

_ALWAYS = ("now", "params")
_MEMBERS = re.compile(r"(?<![\w.])([A-Za-z_]\w*)((?:\.\w+)+)(\s*\()?")
_FLOW: dict[str, tuple[str, ...]] = {
    "from": ("node",),
    "to": ("node",),
    "barrier": ("edge",),
    "unless": ("source", "sink", "path"),
    "message": ("source", "sink", "path"),
}


class PolicyFault(NamedTuple):
    """What is wrong with a policy.

    Attributes:
        field: of the document, such as `assert`; empty for the whole.
        line: within the expression, from 1.
        column: within the expression, from 1.
        reason: in words.
    """

    field: str
    line: int
    column: int
    reason: str

    def __str__(self) -> str:
        return f"`{self.field}` {self.line}:{self.column}: {self.reason}" if self.field else self.reason


class RefusedPolicy(Exception):
    """A policy that must not be judged by.

    Attributes:
        faults: all of them.
    """

    def __init__(self, name: str, faults: Sequence[PolicyFault]) -> None:
        super().__init__(f"policy {name}: " + "; ".join(map(str, faults)))
        self.name = name
        self.faults = tuple(faults)


@dataclass(frozen=True)
class CompiledPolicy:
    """A policy with its programs.

    Attributes:
        policy: the document; with the day of its provision, if it hangs on one.
        engine: what compiled it.
        programs: by the document's field, those that it has.
        message: a program, or the text itself.
    """

    policy: Policy
    engine: Engine
    programs: Mapping[str, Program]
    message: Program | str


def expressions(policy: Policy) -> dict[str, str]:
    """The predicates that a policy has, by field."""
    found = {
        **{"when": policy.when, "assert": policy.assert_, "from": policy.from_},
        **{"to": policy.to, "barrier": policy.barrier, "unless": policy.unless},
    }
    return {name: text for name, text in found.items() if text is not None}


def variables(policy: Policy, field: str) -> dict[str, Shape]:
    """What an expression of a policy may name, besides `now` and `params`."""
    target = policy.target
    if policy.type == "flow":
        return {name: SHAPES[name] for name in _FLOW[field]}
    if policy.type == "change":
        return {"before": SHAPES[target], "after": SHAPES[target], "created": {}, "deleted": {}}
    if policy.type == "aggregate" and field != "when":
        return {"population": SHAPES["population"]}
    return {name: SHAPES[target if name == "entity" else name] for name in names(target)}


def compile_policy(policy: Policy, engine: Engine) -> CompiledPolicy:
    """Compile all expressions of a policy.

    Raises:
        RefusedPolicy: with every fault of every expression.
    """
    faults: list[PolicyFault] = []
    programs: dict[str, Program] = {}
    try:
        policy = dated(policy)
    except UnknownProvision as wrong:
        faults.append(PolicyFault("law", 1, 1, str(wrong)))
    for field, text in expressions(policy).items():
        if policy.type == "flow" and field == "when":
            faults.append(PolicyFault(field, 1, 1, "a flow policy has no `when`: say it in `from`"))
            continue
        known = variables(policy, field)
        try:
            programs[field] = engine.compile(text, (*known, *_ALWAYS))
            faults += _unknown_members(field, text, known)
        except InvalidExpression as wrong:
            faults.append(PolicyFault(field, wrong.line, wrong.column, str(wrong)))
    message = _message(policy, engine, faults)
    if faults:
        raise RefusedPolicy(policy.name, faults)
    return CompiledPolicy(policy, engine, programs, message)


@lru_cache(maxsize=10_000)
def members(text: str, variable: str) -> frozenset[str] | None:
    """The members of a variable that an expression reads; None if it uses the variable as a whole."""
    code = bare(text).code
    used = frozenset(found[2].split(".")[1] for found in _MEMBERS.finditer(code) if found[1] == variable)
    whole = re.search(rf"(?<![\w.]){variable}\b(?!\.\w)", code) or re.search(rf"(?<![\w.]){variable}\.\w+\s*\(", code)
    return None if whole else used


@lru_cache(maxsize=10_000)
def paths(text: str, variable: str) -> frozenset[str]:
    """The members of a variable that an expression reads, as far down as it names them: `location.country`."""
    found = set()
    for read in _MEMBERS.finditer(bare(text).code):
        if read[1] == variable:
            parts = read[2].split(".")[1:]
            found.add(".".join(parts[:-1] if read[3] else parts))
    return frozenset(found - {""})


def _message(policy: Policy, engine: Engine, faults: list[PolicyFault]) -> Program | str:
    """A message that begins with a quote or a variable is an expression; every other one that is none is a text."""
    text = policy.message
    if text is None:
        return policy.breaks or policy.description or f"breaks {policy.name}"
    known = variables(policy, "message")
    meant = text.lstrip()[:1] in ("'", '"') or re.match(rf"\s*({'|'.join((*known, *_ALWAYS))})\s*\.", text)
    try:
        program = engine.compile(text, (*known, *_ALWAYS), "text")
    except InvalidExpression as wrong:
        if meant:
            faults.append(PolicyFault("message", wrong.line, wrong.column, str(wrong)))
        return text
    faults += _unknown_members("message", text, known)
    return program


def _unknown_members(field: str, text: str, known: Mapping[str, Shape]) -> Iterator[PolicyFault]:
    """Members that no subject has, which engines cannot know."""
    code = bare(text)
    for found in _MEMBERS.finditer(code.code):
        if found[1] not in known:
            continue
        path = found[2].split(".")[1:]
        at: Any = known[found[1]]
        offset = found.start(2) + 1
        for depth, part in enumerate(path[:-1] if found[3] else path):
            if at is ANY:
                break
            if not isinstance(at, dict) or part not in at:
                line, column = code.at(offset)
                yield PolicyFault(field, line, column, no_member(found[1], path[: depth + 1], at))
                break
            at, offset = at[part], offset + len(part) + 1
