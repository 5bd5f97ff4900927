"""What a report is chosen by: its name, what it says, which parameters it takes, and which packs it judges by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from catalog.assets.keys import Kind
from catalog.checks.classification.propagate import Propagated
from catalog.checks.judgement import Judgement
from catalog.checks.snapshot import Snapshot
from catalog.errors import InvalidQuestion, UnknownKey
from catalog.manifest.validating import hint
from catalog.reports.document import Cell, Report

Scope = Mapping[str, Cell]
"""Every parameter of a report with its value; None where nothing was chosen."""
Builder = Callable[[Snapshot, Judgement, Propagated, Scope], Report]


class Parameter(NamedTuple):
    """Something that a report is asked with.

    Attributes:
        type: `text`, `number` (whole, from 0), `day` (2026-03-01), or `choice`.
        default: None means that nothing is chosen; `description` says what then holds.
        required: whether the report cannot be made without it.
        choices: of a `choice`, what it may be.
        most: of a `number`, the largest.
        kinds: of a `text` that names a thing, what it may be.
    """

    name: str
    type: Literal["text", "number", "day", "choice"]
    description: str
    default: Cell = None
    required: bool = False
    choices: tuple[str, ...] = ()
    most: int = 1_000
    kinds: tuple[Kind, ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """A report that can be asked for.

    Attributes:
        version: raised when the same facts would be told otherwise.
        one_of: parameters of which at least one must be given; empty: none need be.
        packs: what it judges by; None: by the packs that the caller chooses. Empty: by none.
    """

    name: str
    version: int
    title: str
    description: str
    parameters: tuple[Parameter, ...]
    packs: tuple[str, ...] | None
    build: Builder
    one_of: tuple[str, ...] = ()

    def scope(self, given: Mapping[str, str | int | None]) -> Scope:
        """Every parameter with its value.

        Raises:
            InvalidQuestion: an unknown parameter, a missing one, or a value that it cannot have.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in sorted(given):
            if name not in known:
                raise InvalidQuestion(f"the report {self.name} has no parameter {name[:80]!r}{hint(name, known)}")
        found = {name: _value(self.name, known[name], given.get(name)) for name in sorted(known)}
        if self.one_of and all(found[name] is None for name in self.one_of):
            told = "; ".join(f"`{name}`: {known[name].description}" for name in self.one_of)
            raise InvalidQuestion(f"the report {self.name} needs {' or '.join(f'`{n}`' for n in self.one_of)}. {told}")
        return found


def choose(name: str, contents: Mapping[str, Content]) -> Content:
    """The report of a name.

    Raises:
        UnknownKey: there is none; those that are spelled nearly so are named.
    """
    if name not in contents:
        raise UnknownKey(f"no report is called {name[:80]!r}{hint(name, contents)}", name)
    return contents[name]


def _value(report: str, parameter: Parameter, given: str | int | None) -> Cell:
    what = f"parameter {parameter.name!r} of the report {report}"
    if given is None or given == "":
        if parameter.required:
            raise InvalidQuestion(f"{what} is missing: {parameter.description}")
        return parameter.default
    if parameter.type == "number":
        return _number(what, given, parameter.most)
    text = str(given).strip()
    if parameter.type == "day":
        return _day(what, text)
    if parameter.type == "choice" and text not in parameter.choices:
        raise InvalidQuestion(f"{what} is {text[:80]!r}; it may be {', '.join(parameter.choices)}")
    return text


def _number(what: str, given: str | int, most: int) -> int:
    try:
        number = int(given)
    except ValueError:
        number = -1
    if isinstance(given, bool) or not 0 <= number <= most:
        raise InvalidQuestion(f"{what} is {str(given)[:80]!r}; it may be a whole number from 0 to {most}")
    return number


def _day(what: str, text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise InvalidQuestion(f"{what} is {text[:80]!r}; it may be a day such as 2026-03-01") from None
