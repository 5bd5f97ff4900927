"""Expressions asked of rows: once for each combination of the values that they read.

What an expression reads is found in its text (`policy.members`), so it is shown those members alone; one that uses a
variable as a whole is shown all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import repeat
from typing import Any

from catalog.checks.engine import Bound, Failed
from catalog.checks.judge import Outcome, Verdict, bind, judge_bound, message_of
from catalog.checks.policy import CompiledPolicy, expressions, members, paths, variables
from catalog.checks.rows import Rows, Wrong

Read = tuple[str, str]
"""A variable and one of its members."""


class Asking:
    """A policy asked of rows."""

    def __init__(self, compiled: CompiledPolicy, rows: Rows, now: datetime) -> None:
        self.compiled = compiled
        self._rows = rows
        self._now = now
        self._texts = expressions(compiled.policy)

    def verdicts(self) -> Iterator[Verdict]:
        """What becomes of each row, without messages."""
        reads = self._reads([text for field, text in self._texts.items() if field in ("when", "assert")], "assert")
        return self._each(reads, self._judge)

    def matching(self) -> Iterator[bool | Failed]:
        """Whether `when` holds of each row; everything matches where there is none."""
        if "when" not in self.compiled.programs:
            return repeat(True, len(self._rows.places))
        return self._each(self._reads([self._texts["when"]], "when"), self._when)

    def message(self, at: int) -> str:
        """What a finding says of a row."""
        text = self.compiled.policy.message
        if isinstance(self.compiled.message, str) or text is None:
            return str(self.compiled.message)
        reads = self._reads([text], "message")
        given = self._given(reads, [self._rows.vector(*read)[at] for read in reads])
        ready = given if isinstance(given, Bound) else Bound(None, given)
        return message_of(self.compiled, ready)

    def facts(self, at: int) -> dict[str, Any]:
        """What the expressions read of a row, by dotted name."""
        known = variables(self.compiled.policy, "when")
        found = {}
        for field, text in self._texts.items():
            for variable in known if field in ("when", "assert") else ():
                whole = members(text, variable) is None
                if whole and not known[variable]:
                    found[variable] = self._at(variable, ("",), at)
                for path in known[variable] if whole else paths(text, variable):
                    value = self._at(variable, path.split("."), at)
                    if not whole or value not in (None, []):
                        found[f"{variable}.{path}"] = value
        return dict(sorted(found.items()))

    def reads(self) -> set[Read]:
        """What the predicates read."""
        return set(self._reads([text for field, text in self._texts.items() if field in ("when", "assert")], "assert"))

    def _each(self, reads: Sequence[Read], judge: Any) -> Iterator[Any]:
        known: dict[Any, Any] = {}
        vectors = [self._rows.vector(*read) for read in reads]
        keys: Iterable[tuple[int, ...]] = zip(*vectors, strict=True) if vectors else repeat((), len(self._rows.places))
        for key in keys:
            found = known.get(key)
            if found is None:
                found = known[key] = judge(self._given(reads, key))
            yield found

    def _judge(self, given: Bound | str) -> Verdict:
        if isinstance(given, str):
            return Verdict(Outcome.ERROR, self.compiled.policy.name, "", reason=given)
        return judge_bound(self.compiled, given, told=False)

    def _when(self, given: Bound | str) -> bool | Failed:
        if isinstance(given, str):
            return Failed(given)
        held = self.compiled.programs["when"].evaluate(given)
        return held if isinstance(held, bool | Failed) else Failed("gave a text")

    def _given(self, reads: Sequence[Read], numbers: Sequence[int]) -> Bound | str:
        """Variables with what is read of them; or why they cannot be had."""
        known = self._rows.values.known
        found: dict[str, Any] = {name: {} for name in variables(self.compiled.policy, "when")}
        for (variable, name), number in zip(reads, numbers, strict=True):
            value = known[number]
            if isinstance(value, Wrong):
                return value.reason
            if name:
                found[variable][name] = value
            else:
                found[variable] = value
        return bind(self.compiled.engine, self.compiled.policy.parameters, self._now, found)

    def _reads(self, texts: Iterable[str], field: str) -> list[Read]:
        found: set[Read] = set()
        for text in texts:
            for variable, shape in variables(self.compiled.policy, field).items():
                read = members(text, variable)
                if not shape:
                    found |= {(variable, "")} if read is None else set()
                    continue
                found |= {(variable, name) for name in (shape if read is None else read)}
        return sorted(found)

    def _at(self, variable: str, path: Sequence[str], at: int) -> Any:
        value = self._rows.values.known[self._rows.vector(variable, path[0])[at]]
        for part in path[1:]:
            value = value.get(part) if isinstance(value, Mapping) else None
        return value.reason if isinstance(value, Wrong) else value
