"""Real events made wrong: fields dropped, nulled, retyped, nested, enlarged, and grafted from other events.

`tests/unit/test_mutated.py` understands them at volume, `tests/store/test_mutated.py` and `tests/e2e/test_mutated.py`
put them through the store and the service. One seed gives one endless list; a case is named by seed and number, and
`mutant(SEED, NUMBER)` makes it again without those before it.
"""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, NamedTuple

from catalog.resources import demo_dir
from tests import corpus

SEED_VARIABLE = "HEADWATER_TESTS_SEED"
SEED = 20261121

DEEPER = (1, 0.95, 0.9, 0.7)
"""How likely it is to go on into a part, by its depth: above are the few parts without which there is no event."""

ESSENTIAL = {"eventTime", "run", "run.runId"}
ESSENTIAL |= {f"{part}{key}" for part in ("job", "dataset") for key in ("", ".namespace", ".name")}
"""Places without which an event is refused: hit less often, or most mutants would never reach the graph."""

Path = tuple[str | int, ...]

_MARK = re.compile(r"<mutation [\d.]+>")


class Mark(NamedTuple):
    """A text that no real event has, and where it ended up: the path of a value, or of the member it names."""

    text: str
    path: Path


class Mutant(NamedTuple):
    """One wrong event.

    Attributes:
        name: seed and number.
        steps: what was done to the real event, in order.
        marks: new texts in it, once for each place; whoever understands the event keeps each, or says that it did not.
    """

    name: str
    event: dict[str, Any]
    steps: tuple[str, ...]
    marks: tuple[Mark, ...]

    @property
    def body(self) -> bytes:
        """As a client sends it."""
        return json.dumps(self.event).encode()

    def __str__(self) -> str:
        return f"mutant({self.name}): {'; '.join(self.steps)}"


def seed_from_environment() -> int:
    """The seed that is asked for, or the usual one."""
    return int(os.environ.get(SEED_VARIABLE, SEED))


def mutants(seed: int, count: int, start: int = 0) -> Iterator[Mutant]:
    """`count` mutants of a seed; every real event has its turn before any has a second."""
    return (mutant(seed, number) for number in range(start, start + count))


def mutant(seed: int, number: int) -> Mutant:
    """One mutant by its name."""
    rng = random.Random(f"{seed}-{number}")
    texts = _texts()
    order = random.Random(f"{seed}-{number // len(texts)}").sample(range(len(texts)), len(texts))
    origin = order[number % len(texts)]
    surgery = _Surgery(rng, json.loads(texts[origin][1]), number)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 5))):
        surgery.operate()
    marks = tuple(_marks(surgery.event))
    return Mutant(f"{seed}, {number}", surgery.event, (texts[origin][0], *surgery.steps), marks)


def _marks(value: Any, path: Path = ()) -> Iterator[Mark]:
    """All marks below a value."""
    if isinstance(value, str):
        yield from (Mark(text, path) for text in set(_MARK.findall(value[-200:])))
    members: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in members:
        if isinstance(key, str):
            yield from (Mark(text, (*path, key)) for text in set(_MARK.findall(key)))
        yield from _marks(child, (*path, key))


@cache
def _texts() -> list[tuple[str, str]]:
    """Every real event as JSON, with the name of its file and its number there."""
    recorded = [*sorted(corpus.RECORDED.glob("*.ndjson")), *sorted(demo_dir().glob("*.ndjson"))]
    named = [(corpus.file_id(path), path) for path in corpus.EVENT_FILES] + [(path.name, path) for path in recorded]
    return [(f"{name}[{i}]", json.dumps(event)) for name, path in named for i, event in enumerate(corpus.events(path))]


class _Surgery:
    """Changes one event, and notes what it does."""

    def __init__(self, rng: random.Random, event: dict[str, Any], number: int) -> None:
        self.rng = rng
        self.event = event
        self.steps: list[str] = []
        self._marks = 0
        self._number = number
        self._kinds: tuple[Callable[[Any, Path], Any], ...] = (
            self._null,
            self._retype,
            self._retype,
            self._nest,
            self._enlarge,
            self._graft,
        )

    def operate(self) -> None:
        """One change somewhere; places near the top are as likely as the many deep ones together."""
        path = self._place()
        if shown(path) in ESSENTIAL and self.rng.random() < 0.8:
            path = self._place()
        if not path:
            return
        holder = self.event
        for key in path[:-1]:
            holder = holder[key]  # type: ignore[index]
        last: Any = path[-1]
        if self.rng.random() < 0.2:
            del holder[last]
            self._note("drop", path)
            return
        kind = self.rng.choice(self._kinds)
        self._note(kind.__name__[1:], path)
        holder[last] = kind(holder[last], path)

    def _place(self) -> Path:
        path: list[str | int] = []
        value: Any = self.event
        while isinstance(value, dict | list) and value and self.rng.random() < DEEPER[min(len(path), 3)]:
            key: Any = self.rng.choice(list(value)) if isinstance(value, dict) else self.rng.randrange(len(value))
            path.append(key)
            value = value[key]
        return tuple(path)

    def _note(self, kind: str, path: Path) -> None:
        self.steps.append(f"{kind} {shown(path)}")

    def _mark(self) -> str:
        self._marks += 1
        return f"<mutation {self._number}.{self._marks}>"

    def _null(self, value: Any, path: Path) -> Any:
        return None

    def _retype(self, value: Any, path: Path) -> Any:
        """A value of another JSON type: mostly one that can be found again."""
        others: list[Callable[[], Any]] = [
            lambda: self.rng.choice([True, 0, -1, 1.5, 2**63, "", " ", [], {}, [None], {"": None}]),
            lambda: [self._mark()],
            lambda: [{"namespace": self._mark(), "name": self._mark()}],
            lambda: {"x": self._mark()},
            lambda: {"namespace": self._mark(), "name": self._mark(), "fields": [self._mark()]},
        ]
        if not isinstance(value, str):
            others += [lambda: self._mark()] * 2
        return self.rng.choice(others)()

    def _nest(self, value: Any, path: Path) -> Any:
        depth = self.rng.choice((1, 1, 2, 25, 120))
        for _ in range(depth):
            value = [value] if self.rng.random() < 0.5 else {self.rng.choice(("x", "fields", "facets", "name")): value}
        return value

    def _enlarge(self, value: Any, path: Path) -> Any:
        """Ten to a hundred times of what is there, by far the longest text now and then."""
        times = self.rng.choice((10, 30, 100))
        if isinstance(value, str):
            return value + self._mark() * (20_000 if self.rng.random() < 0.02 else times)
        if isinstance(value, list):
            return [*value, *value[:20] * times][:1_000] or [self._mark()] * times
        if isinstance(value, dict):
            keys = [f"{i} {self._mark()}" for i in range(times)]
            return {**value, **dict.fromkeys(keys, next(iter(value.values()), 1))}
        if isinstance(value, bool) or value is None:
            return [value] * times
        return value * 10**times

    def _graft(self, value: Any, path: Path) -> Any:
        """A part of another real event."""
        other: Any = json.loads(self.rng.choice(_texts())[1])
        for _ in range(self.rng.randint(1, 6)):
            if isinstance(other, dict | list) and other:
                other = self.rng.choice(list(other.values()) if isinstance(other, dict) else other)
        return other


def shown(path: Path) -> str:
    """A path as one text, list members as `[]`."""
    return "".join("[]" if isinstance(key, int) else f".{key}" for key in path).removeprefix(".")
