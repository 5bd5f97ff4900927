"""Subjects in columns: for each member that policies read the value of every subject, equal values under one number.

Policies look at few values that many subjects share, so each is judged once for every combination of them. What that
gives is what judging each subject by itself would give, since an expression sees nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from catalog.checks.snapshot import Place
from catalog.checks.subjects import WrongSubject


class Wrong(NamedTuple):
    """A value of another form than its member."""

    reason: str


class Values:
    """Values by number; shared by all rows of one evaluation."""

    def __init__(self) -> None:
        self.known: list[Any] = [None]
        self._numbers: dict[Any, int] = {}

    def number(self, value: Any) -> int:
        """The number of a value; those that an expression could tell apart have different ones."""
        if value is None:
            return 0
        kind = type(value)
        key = (kind, value) if kind is str or kind is bool or kind is int or kind is float else (kind, repr(value))
        found = self._numbers.get(key)
        if found is None:
            found = self._numbers[key] = len(self.known)
            self.known.append(value)
        return found

    def completing(self, complete: Callable[[Any], Any]) -> Callable[[Any], int]:
        """Gives the number of the complete value of what is known; one of a wrong form is a `Wrong`."""
        done: dict[int, int] = {}

        def number(raw: Any) -> int:
            before = self.number(raw)
            found = done.get(before)
            if found is None:
                try:
                    found = self.number(complete(raw))
                except WrongSubject as wrong:
                    found = self.number(Wrong(str(wrong)))
                done[before] = found
            return found

        return number


class Rows:
    """Some subjects.

    Args:
        places: sorted.
        fill: gives what is known of a member of a variable at a place.
        complete: brings that into the form of the member, or raises WrongSubject; done once for equal values.
        shared: by variable what its values depend on besides the member: they are found once for each.
    """

    def __init__(
        self,
        places: Sequence[Place],
        values: Values,
        fill: Callable[[str, str, Place], Any],
        complete: Callable[[str, str, Any], Any],
        shared: Callable[[str, Place], Any] = lambda variable, place: None,
    ) -> None:
        self.places = places
        self.values = values
        self._fill = fill
        self._complete = complete
        self._shared = shared
        self._vectors: dict[tuple[str, str], list[int]] = {}

    def vector(self, variable: str, name: str) -> list[int]:
        """The numbers of a member's values, by place."""
        found = self._vectors.get((variable, name))
        if found is None:
            found = self._vectors[variable, name] = self._made(variable, name)
        return found

    def _made(self, variable: str, name: str) -> list[int]:
        known: dict[Any, int] = {}
        found = []
        number = self.values.completing(lambda raw: self._complete(variable, name, raw))
        for place in self.places:
            shared = self._shared(variable, place)
            held = known.get(shared) if shared is not None else None
            if held is None:
                held = number(self._fill(variable, name, place))
                if shared is not None:
                    known[shared] = held
            found.append(held)
        return found
