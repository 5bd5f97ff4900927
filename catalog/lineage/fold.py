"""Observations -> facts: how one subject's observations move the Steps of its cells.

A subject is a job or a dataset; its cells are the registers and edges that only its own observations write, so its
`last_t` bounds them all. Three ways in, by cost:

* quiet: a known bundle again, later than everything, changes no cell;
* in order: later than everything, the cell's end decides (`steps.push`);
* late: a cell that never had two values takes the point in place (`steps.insert`); any other needs the log from that
  time on, since points were dropped that now matter.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from catalog.lineage.assertions import TERMINAL_RANK
from catalog.lineage.observe import ACCUMULATING, Use
from catalog.lineage.steps import ABSENT, FOREVER, OPEN, Point, Points, insert, push

VERSION = 1
"""Raised when the same entries make another graph than before, be it by reading them otherwise or by folding them
otherwise: reports are sealed with it. `tests/unit/test_fold_version.py` notices.
"""
MAX_SIGNATURES = 8


@dataclass(slots=True)
class Cell:
    """One edge or register.

    Attributes:
        mixed: it was ever told two different values (a removal counts), so late points need the log.
        closable: it is an edge that a complete set may end.
    """

    points: Points = field(default_factory=list)
    mixed: bool = False
    closable: bool = False


@dataclass(slots=True)
class Subject:
    """What is remembered of a subject's past.

    Attributes:
        last_t, max_s: the newest event time and sequence applied.
        closes: some run gave a complete set, so terminal events may end edges.
        signatures: uses that would change nothing if they came again now.
    """

    last_t: int = -FOREVER
    max_s: int = -1
    closes: bool = False
    signatures: list[str] = field(default_factory=list)


class Item(NamedTuple):
    """One observation, in the order of the fold: event time, state rank, entry key."""

    t: int
    rank: int
    key: str
    s: int
    run: str
    use: Use


class RunPoint(NamedTuple):
    """What one event told about its run: the keys of edges it asserted, and whether they are complete."""

    t: int
    rank: int
    s: int
    links: frozenset[str]
    complete: bool


Runs = Mapping[str, Iterable[RunPoint]]


def is_quiet(subject: Subject, item: Item) -> bool:
    """Whether an observation can change no cell of its subject."""
    return (
        item.t > subject.last_t
        and item.s > subject.max_s
        and not subject.closes
        and not item.use.complete
        and item.use.id in subject.signatures
    )


def note_quiet(subject: Subject, item: Item) -> None:
    """Remember a quiet observation."""
    subject.last_t, subject.max_s = item.t, item.s


@dataclass(frozen=True, slots=True)
class Rebuild:
    """Cells to put together again from the log, from event time `since` on."""

    since: int
    cells: frozenset[str]


def needs_log(subject: Subject, cells: Mapping[str, Cell], items: Iterable[Item]) -> Rebuild | None:
    """What the log is needed for; None when the cells alone decide.

    Args:
        items: those of one subject in one batch.
        cells: all of its edges, and the registers the items touch, as far as they exist.
    """
    items = list(items)
    late = [item for item in items if item.t <= subject.last_t]
    dirty: set[str] = set()
    if late and (subject.closes or any(item.use.complete for item in items)):
        dirty |= _edges(cells, items)
    told: dict[str, set[str]] = {}
    for item in late:
        for register, value in item.use.values.items():
            told.setdefault(register, set()).add(value)
    for register, values in told.items():
        cell = cells.get(register, Cell())
        if cell.mixed or len(values.union(p.v for p in cell.points)) > 1:
            dirty.add(register)
    return Rebuild(min(item.t for item in late), frozenset(dirty)) if dirty else None


def fold(
    subject: Subject,
    cells: dict[str, Cell],
    items: Iterable[Item],
    *,
    runs: Runs,
    rebuild: Rebuild | None = None,
    log: Iterable[Item] = (),
) -> None:
    """Move the cells by a batch of one subject's observations, in place.

    Args:
        items: the batch, in any order.
        runs: all that is known of the runs whose terminal events may close edges, this batch included.
        rebuild: what `needs_log` asked for, and
        log: the applied observations from `rebuild.since` on.
    """
    batch = sorted(items, key=_order)
    for cell in cells.values():
        cell.mixed |= any(p.v != cell.points[0].v for p in cell.points)
    for link in (k for item in batch for k in item.use.links):
        cells.setdefault(link.key, Cell(closable=link.kind not in ACCUMULATING))
    subject.closes |= any(item.use.complete for item in batch)
    edges = _edges(cells, batch) if subject.closes else frozenset()
    before = subject.last_t
    dirty: frozenset[str] = frozenset()
    if rebuild:
        dirty = rebuild.cells
        for key in dirty:
            cell = cells.setdefault(key, Cell())
            cell.points[:] = [p for p in cell.points if p.t < rebuild.since]
        for item in sorted([*log, *(i for i in batch if i.t >= rebuild.since)], key=_order):
            for key, s, value in _told(item, edges, runs):
                if key in dirty:
                    _put(cells[key], Point(item.t, s, value), late=False)
        subject.signatures.clear()
    for item in batch:
        late = item.t <= before
        changed = False
        for key, s, value in _told(item, edges, runs):
            if key not in dirty:
                changed |= _put(cells.setdefault(key, Cell()), Point(item.t, s, value), late=late)
        _remember(subject, item, late=late, changed=changed or bool(dirty))


def _order(item: Item) -> tuple[int, int, str]:
    return item[:3]


def _edges(cells: Mapping[str, Cell], items: Iterable[Item]) -> frozenset[str]:
    links = {k.key for item in items for k in item.use.links if k.kind not in ACCUMULATING}
    return frozenset(links.union(key for key, cell in cells.items() if cell.closable))


def _told(item: Item, edges: frozenset[str], runs: Runs) -> Iterable[tuple[str, int, str]]:
    for register, value in item.use.values.items():
        yield register, item.s, value
    for link in item.use.links:
        yield link.key, item.s, OPEN
    if edges and item.rank >= TERMINAL_RANK:
        yield from _closings(item, edges, runs)


def _put(cell: Cell, point: Point, *, late: bool) -> bool:
    cell.mixed |= point.v == ABSENT or bool(cell.points and cell.points[0].v != point.v)
    if not late:
        return push(cell.points, point)
    return point.v != ABSENT and insert(cell.points, point)


def _remember(subject: Subject, item: Item, *, late: bool, changed: bool) -> None:
    if changed:
        subject.signatures.clear()
    if not late and item.use.id not in subject.signatures:
        subject.signatures[:] = [*subject.signatures, item.use.id][-MAX_SIGNATURES:]
    subject.last_t = max(subject.last_t, item.t)
    subject.max_s = max(subject.max_s, item.s)


def _closings(item: Item, edges: frozenset[str], runs: Runs) -> Iterable[tuple[str, int, str]]:
    """What a terminal event says about every edge of its job, if its run gave a complete set.

    An edge its run asserted stays open; any other ends here, or, where the run's assertion became known only later
    than the closing, ends for those who know no more.
    """
    own = [p for p in runs.get(item.run, ()) if (p.t, p.rank) <= (item.t, item.rank)]
    complete = min((p.s for p in own if p.complete), default=FOREVER)
    if complete == FOREVER:
        return
    s = max(item.s, complete)
    for key in sorted(edges):
        asserted = min((p.s for p in own if key in p.links), default=FOREVER)
        if asserted <= s:
            yield key, s, OPEN
        else:
            yield key, s, ABSENT
            if asserted < FOREVER:
                yield key, asserted, OPEN
