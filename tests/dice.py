"""Where random histories take their choices from: a seeded generator, or Hypothesis, which shrinks what fails."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Protocol, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


class Dice(Protocol):
    """A source of choices; the first option, False and the given order are the simplest."""

    def pick(self, options: Sequence[T]) -> T: ...

    def chance(self, percent: int) -> bool: ...

    def shuffled(self, options: Sequence[T]) -> list[T]: ...


class Seeded:
    """Dice for volume."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def pick(self, options: Sequence[T]) -> T:
        return self._rng.choice(options)

    def chance(self, percent: int) -> bool:
        return self._rng.randrange(100) >= 100 - percent

    def shuffled(self, options: Sequence[T]) -> list[T]:
        return self._rng.sample(options, len(options))


class Drawn:
    """Dice whose throws Hypothesis can shrink."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def pick(self, options: Sequence[T]) -> T:
        return self._draw(st.sampled_from(options))

    def chance(self, percent: int) -> bool:
        return self._draw(st.integers(0, 99)) >= 100 - percent

    def shuffled(self, options: Sequence[T]) -> list[T]:
        return self._draw(st.permutations(options))
