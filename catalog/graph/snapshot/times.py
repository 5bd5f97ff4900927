"""When datasets and jobs were heard of first and last, written and read, by a moment.

The bundles that subjects asserted tell it, unless a subject was heard after the moment: then its log does, looked
through by days from the ends of each bundle's time on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from catalog.clock import DAY
from catalog.graph import retention
from catalog.graph.reader import ID_BATCH, Question
from catalog.graph.shapes import load_bodies_for
from catalog.graph.snapshot.nodes import Heard
from catalog.graph.store import Row
from catalog.graph.walk import Moment
from catalog.lineage.observe import DECLARED, OTHERS, READS, WRITES, register_id

MOST_DAYS = 500
"""Of the log that one round looks at for each bundle."""


@dataclass(slots=True)
class Times:
    """Event times (µs) at which a dataset or job was heard of, written and read by runs; None for never."""

    first: int | None = None
    last: int | None = None
    written: int | None = None
    read: int | None = None

    def hear(self, first: int, last: int) -> None:
        """It was heard of between these times."""
        self.first = first if self.first is None else min(self.first, first)
        self.last = last if self.last is None else max(self.last, last)


class _Span(NamedTuple):
    first: int
    last: int


def times(q: Question, subjects: Mapping[str, Heard], moment: Moment, kept: retention.Kept) -> dict[str, Times]:
    """The times of all that these datasets and jobs spoke of, themselves included, by id."""
    t, k = moment.bounds["asof"], moment.bounds["known"]
    uses = q.rows_by_id("snapshot", "uses", sorted(subjects), asof=t)
    late = {id_ for id_, heard in subjects.items() if heard.time > t or heard.sequence > k}
    spans = {row["use"]: _Span(row["first"], row["last"]) for row in uses if row["id"] not in late}
    spans |= _logged(q, [row for row in uses if row["id"] in late], moment, kept.history)
    bodies = load_bodies_for(q, {value for row in uses if row["use"] in spans for value in _sets(row)})
    found: dict[str, Times] = {}
    for row in uses:
        if span := spans.get(row["use"]):
            found.setdefault(row["id"], Times()).hear(*span)
            for kind, id_ in _named(row, bodies):
                at = found.setdefault(id_, Times())
                at.hear(*span)
                if row["ofRun"] and kind == WRITES:
                    at.written = max(at.written or span.last, span.last)
                elif row["ofRun"] and kind == READS:
                    at.read = max(at.read or span.last, span.last)
    return found


def _sets(use: Row) -> list[str]:
    """The shapes of the inputs and outputs that a bundle asserts."""
    declared = register_id(use["id"], DECLARED, "io", use["id"])
    values = [v for r, v in zip(use["registers"], use["vals"], strict=True) if r == declared]
    return [value for value in (use["io"], *values) if value]


def _named(use: Row, bodies: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """What a bundle names: the kind of the edge and the id of its end."""
    for value in _sets(use):
        yield from ((kind, id_) for kind, id_ in bodies[value]["links"])
        for _, job, source in bodies[value].get(OTHERS, ()):
            yield from (("", job), ("", source))


def _logged(q: Question, uses: list[Row], moment: Moment, horizon: int | None) -> dict[str, _Span]:
    """When bundles were asserted by the moment, as the log tells; what is gone from the log was asserted by then."""
    until = moment.bounds["asof"]
    days = {use["use"]: range(use["first"] // DAY, min(use["last"], until) // DAY + 1) for use in uses}
    subjects = {use["use"]: use["id"] for use in uses}
    firsts = _search(q, subjects, days, moment)
    lasts = _search(q, {use: subjects[use] for use in firsts}, {use: days[use][::-1] for use in firsts}, moment)
    found = {use: _Span(firsts[use].first, lasts[use].last) for use in firsts}
    for use in uses:
        if horizon is not None and use["first"] < horizon:
            span = found.get(use["use"], _Span(use["first"], min(use["last"], horizon)))
            found[use["use"]] = span._replace(first=use["first"])
    return found


def _search(q: Question, subjects: Mapping[str, str], days: Mapping[str, range], moment: Moment) -> dict[str, _Span]:
    """The first of its days on which each bundle was asserted, and when on that day."""
    found: dict[str, _Span] = {}
    left, size = dict(days), 1
    left = {use: left[use] for use in subjects}
    while left:
        of = {f"{subjects[use]}|{day}" for use, some in left.items() for day in some[:size]}
        heard: dict[tuple[str, str], _Span] = {}
        for row in _portions(q, sorted(of), moment):
            heard[row["bucket"], row["use"]] = _Span(row["first"], row["last"])
        for use, some in left.items():
            spans = (heard.get((f"{subjects[use]}|{day}", use)) for day in some[:size])
            if span := next((span for span in spans if span), None):
                found[use] = span
        left = {use: some[size:] for use, some in left.items() if use not in found and len(some) > size}
        size = min(4 * size, MOST_DAYS)
    return found


def _portions(q: Question, buckets: list[str], moment: Moment) -> Iterable[Row]:
    for at in range(0, len(buckets), ID_BATCH):
        yield from q.rows("snapshot", "heard_on", buckets=buckets[at : at + ID_BATCH], **moment.bounds)


def earliest(*times: int | None) -> int | None:
    """The earliest of some times, as far as they are known."""
    return min((time for time in times if time is not None), default=None)


def latest(*times: int | None) -> int | None:
    """The latest of some times, as far as they are known."""
    return max((time for time in times if time is not None), default=None)
