"""What is said of datasets and jobs at a moment, read in one pass over their registers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from catalog.graph.cells import read_points
from catalog.graph.reader import Question
from catalog.graph.shapes import load_bodies_for
from catalog.graph.store import Row
from catalog.graph.told import Told
from catalog.graph.walk import Moment
from catalog.lineage.assertions import Origin
from catalog.lineage.observe import COLUMNS, FACET, FORWARDED, LIFECYCLE, SCHEMA
from catalog.lineage.schemas import Spoken, Telling, teller
from catalog.lineage.steps import ABSENT, Points, told

Wanted = Callable[[str], bool]
AT_ONCE = 100
"""Nodes whose registers one statement reads: on a busy machine those of 500 ran into the embedded store's limit."""


class Word(NamedTuple):
    """A register that was heard by the moment.

    Attributes:
        points: its changes, as known, in order.
    """

    of: str
    subject: str
    aspect: str
    name: str
    points: Points

    @property
    def value(self) -> str:
        """The value that holds; ABSENT for none."""
        return self.points[-1].v


class Saying:
    """All registers of some datasets and jobs, with the values that a snapshot shows.

    Attributes:
        words: by dataset or job.
        bodies: parsed values by id.
    """

    def __init__(self, q: Question, ids: Iterable[str], moment: Moment, facets: Wanted) -> None:
        t, k = moment.bounds["asof"], moment.bounds["known"]
        self.words: dict[str, list[Word]] = {}
        for row in q.rows_by_id("snapshot", "registers", sorted(ids), at_once=AT_ONCE):
            if points := told(read_points(row), t, k):
                self._add(row, points)
        wanted = {word.value for word in self._all() if word.aspect in (SCHEMA, COLUMNS)}
        wanted |= {p.v for word in self._all() if word.aspect == LIFECYCLE for p in word.points}
        wanted |= {
            p.v for word in self._all() if word.aspect in (FACET, FORWARDED) and facets(word.name) for p in word.points
        }
        self.bodies: dict[str, Any] = load_bodies_for(q, wanted - {ABSENT})

    def _add(self, row: Row, points: Points) -> None:
        word = Word(row["id"], row["subject"], row["aspect"], row["name"], points)
        self.words.setdefault(word.of, []).append(word)

    def _all(self) -> Iterator[Word]:
        return (word for words in self.words.values() for word in words)

    def of(self, id_: str, *aspects: str) -> list[Word]:
        """What holds of a dataset or job, of some aspects."""
        return [w for w in self.words.get(id_, ()) if w.aspect in aspects and w.value != ABSENT]

    def first(self, id_: str) -> int | None:
        """When anything was first said of it (µs)."""
        return min((word.points[0].t for word in self.words.get(id_, ())), default=None)

    def facets(self, id_: str) -> dict[str, Word]:
        """The facets of one name, by key: its own or, without that, the newest that another job passed on."""
        held = {word.name: word for word in self.of(id_, FACET)}
        passed = self.of(id_, FORWARDED)
        for word in sorted(passed, key=lambda w: (-w.points[-1].t, w.subject)):
            held.setdefault(word.name, word)
        return held

    def told(self, id_: str, entries: dict[int, str]) -> dict[str, Told]:
        """The same with their values, as far as those were asked for, and the entries that began them.

        Instead of a producer the name stands there: of two names that say otherwise since one time always one counts.
        """
        return {
            key: Told(self.bodies[word.value], point.t, Origin.OBSERVED, id_, entries.get(point.s, ""))
            for key, word in self.facets(id_).items()
            if word.value in self.bodies
            for point in [word.points[-1]]
        }

    def tellings(self, names: Iterable[str]) -> list[Telling]:
        """What each says of the schema of a dataset, under any of its names."""
        return [
            Telling(one.teller, one.points[-1].t, one.points[-1].v, self.bodies[one.points[-1].v])
            for name in names
            for word in self.of(name, SCHEMA)
            for one in [Spoken(teller(word.subject, word.name)._replace(of=name), word.points)]
        ]
