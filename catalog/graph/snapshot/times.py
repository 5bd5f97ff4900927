"""When datasets and jobs were heard of first and last, written and read, by a moment.

The bundles that subjects asserted tell it, unless a subject was heard after the moment: then its log does, looked
through by days from the ends of each bundle's time on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
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


class Span(NamedTuple):
    """The first and last of some event times (µs)."""

    first: int
    last: int


@dataclass(slots=True)
class Times:
    """Event times (µs) at which a dataset or job was heard of, written and read by runs; None for never."""

    first: int | None = None
    last: int | None = None
    written: int | None = None
    read: int | None = None

    def hear(self, span: Span) -> None:
        """It was heard of between these times."""
        self.first, self.last = earliest(self.first, span.first), latest(self.last, span.last)


class Bundle(NamedTuple):
    """What a subject asserted as one, by the moment.

    Attributes:
        named: the edges it asserts, by kind ("" for one that is another's) and the id of the other end.
    """

    subject: str
    of_run: bool
    span: Span
    named: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Hearing:
    """All that was heard by the moment.

    Attributes:
        bundles: by id.
        times: by dataset or job.
        edges: when each edge of a job was asserted last, by job, kind and the other end.
    """

    bundles: dict[str, Bundle]
    times: dict[str, Times] = field(default_factory=dict)
    edges: dict[tuple[str, str, str], int] = field(default_factory=dict)

    def add_up(self) -> None:
        """Work out times and edges."""
        for subject, of_run, span, named in self.bundles.values():
            self.times.setdefault(subject, Times()).hear(span)
            for kind, id_ in named:
                at = self.times.setdefault(id_, Times())
                at.hear(span)
                if of_run and kind == WRITES:
                    at.written = latest(at.written, span.last)
                elif of_run and kind == READS:
                    at.read = latest(at.read, span.last)
                place = (subject, kind, id_)
                self.edges[place] = max(self.edges.get(place, span.last), span.last)

    def spans_of_runs(self) -> dict[str, Span]:
        """When each job was heard of by its own runs."""
        found: dict[str, Span] = {}
        for subject, of_run, span, _ in self.bundles.values():
            if of_run:
                known = found.get(subject, span)
                found[subject] = Span(min(known.first, span.first), max(known.last, span.last))
        return found

    def writers(self, ids: AbstractSet[str]) -> set[str]:
        """The jobs whose runs wrote some datasets."""
        return {
            one.subject
            for one in self.bundles.values()
            if one.of_run and any(kind == WRITES and id_ in ids for kind, id_ in one.named)
        }


def hearing(q: Question, subjects: Mapping[str, Heard], moment: Moment, kept: retention.Kept) -> Hearing:
    """What these datasets and jobs spoke of by a moment."""
    t, k = moment.bounds["asof"], moment.bounds["known"]
    uses = q.rows_by_id("snapshot", "uses", sorted(subjects), asof=t)
    late = {id_ for id_, heard in subjects.items() if heard.time > t or heard.sequence > k}
    spans = {row["use"]: Span(row["first"], row["last"]) for row in uses if row["id"] not in late}
    spans |= _logged(q, [row for row in uses if row["id"] in late], moment, kept.history)
    uses = [row for row in uses if row["use"] in spans]
    bodies = load_bodies_for(q, {value for row in uses for value in _sets(row)})
    found = Hearing(
        {row["use"]: Bundle(row["id"], row["ofRun"], spans[row["use"]], tuple(_named(row, bodies))) for row in uses}
    )
    found.add_up()
    return found


def _sets(use: Row) -> list[str]:
    """The shapes of the inputs and outputs that a bundle asserts."""
    values: list[str] = []
    if use["registers"]:
        declared = register_id(use["id"], DECLARED, "io", use["id"])
        values = [v for r, v in zip(use["registers"], use["vals"], strict=True) if r == declared]
    return [value for value in (use["io"], *values) if value]


def _named(use: Row, bodies: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for value in _sets(use):
        yield from ((kind, id_) for kind, id_ in bodies[value]["links"])
        for _, job, source in bodies[value].get(OTHERS, ()):
            yield from (("", job), ("", source))


def _logged(q: Question, uses: list[Row], moment: Moment, horizon: int | None) -> dict[str, Span]:
    """When bundles were asserted by the moment, as the log tells; what is gone from the log was asserted by then."""
    until = moment.bounds["asof"]
    days = {use["use"]: range(use["first"] // DAY, min(use["last"], until) // DAY + 1) for use in uses}
    subjects = {use["use"]: use["id"] for use in uses}
    firsts = _search(q, subjects, days, moment)
    lasts = _search(q, {use: subjects[use] for use in firsts}, {use: days[use][::-1] for use in firsts}, moment)
    found = {use: Span(firsts[use].first, lasts[use].last) for use in firsts}
    for use in uses:
        if horizon is not None and use["first"] < horizon:
            span = found.get(use["use"], Span(use["first"], min(use["last"], horizon)))
            found[use["use"]] = span._replace(first=use["first"])
    return found


def _search(q: Question, subjects: Mapping[str, str], days: Mapping[str, range], moment: Moment) -> dict[str, Span]:
    """The first of its days on which each bundle was asserted, and when on that day."""
    found: dict[str, Span] = {}
    left, size = {use: days[use] for use in subjects}, 1
    while left:
        of = sorted({f"{subjects[use]}|{day}" for use, some in left.items() for day in some[:size]})
        heard: dict[tuple[str, str], Span] = {}
        for at in range(0, len(of), ID_BATCH):
            for row in q.rows("snapshot", "heard_on", buckets=of[at : at + ID_BATCH], **moment.bounds):
                heard[row["bucket"], row["use"]] = Span(row["first"], row["last"])
        for use, some in left.items():
            spans = (heard.get((f"{subjects[use]}|{day}", use)) for day in some[:size])
            if span := next((span for span in spans if span), None):
                found[use] = span
        left = {use: some[size:] for use, some in left.items() if use not in found and len(some) > size}
        size = min(4 * size, MOST_DAYS)
    return found


def earliest(*times: int | None) -> int | None:
    """The earliest of some times, as far as they are known."""
    return min((time for time in times if time is not None), default=None)


def latest(*times: int | None) -> int | None:
    """The latest of some times, as far as they are known."""
    return max((time for time in times if time is not None), default=None)
