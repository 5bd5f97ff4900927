"""Which entry, and which run, a point of an edge's Steps comes from: its sequence names the entry."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from catalog.graph.reader import Question, Reader
from catalog.identity import digest


class Source(NamedTuple):
    """Where a point comes from: the sequence of its entry, and the job or dataset whose word it is."""

    sequence: int
    subject: str


class Cause(NamedTuple):
    """An entry by its key, and the id of the run it is about; "" where there is none, or it is not kept any more."""

    entry: str = ""
    run: str = ""


def causes(reader: Reader, sources: Iterable[Source]) -> dict[Source, Cause]:
    """The entries and runs of points, each found by equality."""
    wanted = sorted(set(sources))

    def work(q: Question) -> dict[Source, Cause]:
        sequences = sorted({source.sequence for source in wanted})
        keys: dict[int, str] = {}
        for at in range(0, len(sequences), 500):
            rows = q.rows("assets", "entries_by_sequence", sequences=sequences[at : at + 500])
            keys.update((row["sequence"], row["key"]) for row in rows)
        seen = {digest(keys[s.sequence], s.subject): s for s in wanted if s.sequence in keys}
        found = {source: Cause(keys.get(source.sequence, "")) for source in wanted}
        for row in q.rows_by_id("assets", "runs_of_observations", sorted(seen)):
            source = seen[row["id"]]
            found[source] = found[source]._replace(run=row["run"])
        return found

    return reader.ask(work)
