"""Samples in the store: rows of a log beside the observations, written with their entry, read by month.

A dataset's samples of one month stand under one key, so that they are found by equality (stores.md, rule 16a), and a
node for each month that has any tells where to look.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Generic, NamedTuple

import orjson

from catalog.clock import DAY
from catalog.graph.queries import blocks
from catalog.graph.reader import Question, Reader
from catalog.graph.shapes import INLINE_BYTES, load_bodies_for, put_rows, put_shapes
from catalog.graph.store import Row, Tx
from catalog.graph.walk import Moment
from catalog.identity import digest
from catalog.lineage.observe import Record
from catalog.lineage.series import KeyT, Read, Sample, Told, ValueT, last_told, versions
from catalog.lineage.steps import FOREVER

MONTH = 30 * DAY
PAGE = 500
MAX_PAGES = 20
"""Pages of samples looked through for one page of an answer; then it ends early and says where to go on."""
_Q = blocks("samples")


def put_samples(tx: Tx, records: Iterable[Record]) -> None:
    """Write the samples of a batch's entries; nothing is asked of the store where there are none."""
    rows: list[Row] = []
    months: dict[str, Row] = {}
    large = {}
    for r in records:
        for (of, role), body in r.samples.items():
            run = r.run.id if r.run else ""
            bucket = f"{of}|{r.time // MONTH}"
            months[bucket] = {"id": bucket, "of": of, "month": r.time // MONTH}
            told = {"t": r.time, "rank": r.rank, "key": r.key, "s": r.sequence, "run": run, "role": role, "of": of}
            inline = len(body.body) <= INLINE_BYTES
            if not inline:
                large[body.id] = body
            text = {"body": body.body.decode() if inline else "", "shape": "" if inline else body.id}
            place = {"id": digest("sample", r.key, of, role), "bucket": bucket, "pair": _pair(of, run)}
            rows.append({**place, **told, **text})
    if rows:
        put_shapes(tx, large)
        put_rows(tx, _Q["put_sample_months"], sorted(months.values(), key=lambda row: row["id"]))
        put_rows(tx, _Q["put_samples"], sorted(rows, key=lambda row: row["id"]))


class Place(NamedTuple):
    """Where in an answer something stands: event time, newest first; then the sample, and the key within it as text."""

    t: int
    sample: str
    key: str

    @property
    def order(self) -> tuple[int, str, str]:
        """What answers are sorted by."""
        return -self.t, self.sample, self.key


class Span(NamedTuple):
    """Event times (µs), both ends within; None: no end."""

    since: int | None = None
    until: int | None = None


class Page(NamedTuple, Generic[KeyT, ValueT]):
    """What samples say, newest first, each with its place; `more` is where to go on from, None at the end."""

    told: list[tuple[Place, Told[KeyT, ValueT]]]
    more: Place | None


_BEHIND = "\U0010ffff"
"""Behind every key of a sample."""


def page_told(
    reader: Reader,
    ids: Iterable[str],
    read: Read[KeyT, ValueT],
    limit: int,
    *,
    span: Span = Span(),
    moment: Moment = Moment(),
    after: Place | None = None,
    settle: Callable[[list[Told[KeyT, ValueT]]], list[Told[KeyT, ValueT]]] = lambda told: told,
) -> Page[KeyT, ValueT]:
    """What samples of a dataset say, newest first, each thing once per run; a page may be short and yet have more.

    Args:
        ids: the dataset, under all its names.
        read: what one sample says, by key.
        after: the place of the last one known.
        settle: what is left of all that some runs say.
    """
    wanted = sorted(set(ids))

    def work(q: Question) -> Page[KeyT, ValueT]:
        found: list[tuple[Place, Told[KeyT, ValueT]]] = []
        rows_before = _Log(q, wanted, span, moment)
        at = after
        for _ in range(MAX_PAGES):
            here = rows_before(at)
            if not here:
                return Page(found, None)
            pairs = {_pair(id_, row["run"]) for row in here for id_ in wanted if row["run"]}
            rows = {
                row["id"]: row for row in q.rows_by_id("samples", "samples_of_runs", sorted(pairs), **moment.bounds)
            }
            rows.update((row["id"], row) for row in here)
            ids_here = {row["id"] for row in here}
            told = settle(last_told(_samples(q, list(rows.values())), read))
            placed = [(Place(one.t, one.sample, repr(one.key)), one) for one in told if one.sample in ids_here]
            new = [p for p in placed if at is None or p[0].order > at.order]
            found += sorted(new, key=lambda p: p[0].order)
            if len(found) > limit:
                return Page(found[:limit], found[limit - 1][0])
            at = Place(here[-1]["t"], here[-1]["id"], _BEHIND)
        return Page(found, at)

    return reader.ask(work)


def of_runs(reader: Reader, pairs: Iterable[tuple[str, str]], moment: Moment) -> dict[tuple[str, str], list[Sample]]:
    """All that runs said of datasets, by dataset and run; where they said nothing, an empty list."""
    return reader.ask(lambda q: _of_runs(q, pairs, moment))


def _of_runs(q: Question, pairs: Iterable[tuple[str, str]], moment: Moment) -> dict[tuple[str, str], list[Sample]]:
    asked = sorted(set(pairs))
    rows = q.rows_by_id("samples", "samples_of_runs", [_pair(*pair) for pair in asked], **moment.bounds)
    of = {row["id"]: (row["of"], row["run"]) for row in rows}
    found: dict[tuple[str, str], list[Sample]] = {pair: [] for pair in asked}
    for sample in _samples(q, rows):
        found[of[sample.id]].append(sample)
    return found


def all_samples(reader: Reader, ids: Iterable[str], moment: Moment) -> dict[str, list[Sample]] | None:
    """Everything that was said of datasets by a moment, by dataset; None where that is more than MAX_PAGES."""
    wanted = sorted(set(ids))

    def work(q: Question) -> dict[str, list[Sample]] | None:
        log, place, rows = _Log(q, wanted, Span(), moment), None, list[Row]()
        for _ in range(MAX_PAGES):
            here = log(place)
            rows += here
            if len(here) < PAGE:
                break
            place = Place(here[-1]["t"], here[-1]["id"], _BEHIND)
        else:
            return None
        of = {row["id"]: row["of"] for row in rows}
        found: dict[str, list[Sample]] = {id_: [] for id_ in wanted}
        for sample in _samples(q, rows):
            found[of[sample.id]].append(sample)
        return found

    return reader.ask(work)


def versions_read(q: Question, pairs: Iterable[tuple[str, str]], moment: Moment) -> dict[tuple[str, str], set[str]]:
    """The versions in which runs read datasets, by dataset and run; those that told none are left out."""
    found = {
        pair: {version.version for sample in said for version, _ in versions(sample) if version.use == "READ"}
        for pair, said in _of_runs(q, pairs, moment).items()
    }
    return {pair: read for pair, read in found.items() if read}


class _Log:
    """The samples of a dataset, a page at a time, newest first."""

    def __init__(self, q: Question, ids: list[str], span: Span, moment: Moment) -> None:
        self._q = q
        self._known = moment.bounds["known"]
        self._since = -FOREVER if span.since is None else span.since
        self._until = min(FOREVER if span.until is None else span.until, moment.bounds["asof"])
        self._months: dict[int, list[str]] = {}
        for row in q.rows_by_id("samples", "sample_months", ids):
            self._months.setdefault(row["month"], []).append(row["id"])

    def __call__(self, at: Place | None) -> list[Row]:
        """The next page behind a place; of the sample at the place again, if something of it is left."""
        until = self._until if at is None else min(self._until, at.t)
        months = sorted((m for m in self._months if self._since // MONTH <= m <= until // MONTH), reverse=True)
        found: list[Row] = []
        begun, wide = 0, 1
        while begun < len(months) and len(found) < PAGE:
            buckets = [bucket for month in months[begun : begun + wide] for bucket in self._months[month]]
            begun, wide = begun + wide, 2 * wide
            found += self._q.rows(
                "samples",
                "samples_before",
                buckets=buckets,
                since=self._since,
                until=until,
                known=self._known,
                at=FOREVER if at is None else at.t,
                id="" if at is None else at.sample,
                again=at is not None and at.key != _BEHIND,
                limit=PAGE,
            )
        return found[:PAGE]


def _samples(q: Question, rows: list[Row]) -> Iterator[Sample]:
    bodies = load_bodies_for(q, {row["shape"] for row in rows if row["shape"]})
    for row in rows:
        facets = bodies[row["shape"]] if row["shape"] else orjson.loads(row["body"])
        yield Sample(row["id"], row["t"], row["rank"], row["key"], row["run"], row["role"], facets)


def _pair(of: str, run: str) -> str:
    return f"{of}|{run}"
