"""Everything people said of entities, what they took back included: read from the entries that told it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import orjson

from catalog.errors import InvalidEvent
from catalog.graph import entries
from catalog.graph.cells import read_points
from catalog.graph.payloads import payloads
from catalog.graph.reader import Question, Reader
from catalog.graph.store import Row
from catalog.graph.walk import Moment
from catalog.lineage.assertions import Curated
from catalog.lineage.declaring import CURATED
from catalog.manifest.curation import read_curation


class Word(NamedTuple):
    """One word of a person.

    Attributes:
        time: event time, µs.
        sequence, entry: the entry that told it.
    """

    said: Curated
    time: int
    sequence: int
    entry: str

    @property
    def place(self) -> tuple[str, str, str]:
        """What it is about: of the words of one place the newest counts."""
        return self.said.attribute, self.said.field, self.said.item

    @property
    def order(self) -> tuple[int, str]:
        """Its place in time; of two at once the one with the greater key is the newer."""
        return self.time, self.entry


def history(reader: Reader, ids: Iterable[str], moment: Moment = Moment()) -> dict[str, list[Word]]:
    """What people said of entities by a moment, by entity id, oldest first; of nothing said an empty list.

    A word that said again what was said already is not kept, and neither is one whose entry is gone.
    """
    wanted = sorted(set(ids))
    asof, known = moment.bounds["asof"], moment.bounds["known"]

    def work(q: Question) -> dict[int, str]:
        rows = q.rows_by_id("entities", "said_of", wanted, aspect=CURATED)
        return {p.s: row["of"] for row in rows for p in read_points(row) if p.t <= asof and p.s <= known}

    of = reader.ask(work)
    found: dict[str, list[Word]] = {id_: [] for id_ in wanted}
    for word in _words(reader, entries.by_sequence(reader.store, of)):
        found[of[word.sequence]].append(word)
    return {id_: sorted(words, key=lambda word: word.order) for id_, words in found.items()}


def _words(reader: Reader, rows: list[Row]) -> Iterator[Word]:
    bodies = payloads(reader.store, {row["id"]: row["chunks"] for row in rows})
    for row in rows:
        if row["id"] not in bodies:
            continue
        try:
            told = read_curation(orjson.loads(bodies[row["id"]]))
        except InvalidEvent:  # an entry of another kind cannot tell a word: the sequence was of a rebuilt store
            continue
        for said in told.curated:
            yield Word(said, told.time, row["sequence"], row["id"])
