"""The catalog as it was judged last, kept by the process that judged it, so that the next time less has to be read."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

import structlog

from catalog.checks.renewal import Kept
from catalog.checks.snapshot import Snapshot
from catalog.graph.reader import Reader
from catalog.graph.snapshot import UPSTREAM, take, take_fresh
from catalog.graph.walk import PRESENT, Moment
from catalog.heap import check_room, growing, is_full

log = structlog.get_logger(__name__)
MOST = 200_000
"""Things, columns and edges between columns of a catalog that is kept: of a larger one the memory would be missed."""


class Memory:
    """One process's; of the newest whole snapshot that it read, as entries have changed it since.

    It is as old as that reading in all that goes without an entry (what became too old to be kept), so evaluations of
    everything always read.

    Attributes:
        kept: the whole catalog, None if nothing is remembered.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self.kept: Kept | None = None

    def forget(self) -> None:
        """Let go: of a catalog that is about to be read whole there must not be two."""
        self.kept = None

    def keep(self, snapshot: Snapshot) -> None:
        """Remember a snapshot, if it is a complete one of the whole catalog, not too large, and if there is room."""
        self.kept = None
        if snapshot.whole and not (snapshot.unknown or snapshot.hidden) and _size(snapshot) <= self._most:
            try:
                check_room()
                with growing():
                    self.kept = Kept(snapshot)
            except MemoryError:  # it is judged without being remembered
                log.warning("too little memory to remember the catalog", things=len(snapshot.things))

    @contextmanager
    def giving_way(self) -> Iterator[None]:
        """What is remembered is the first to go when memory runs out, so that the next try has more."""
        try:
            yield
        except Exception as e:
            if is_full(e):
                self.forget()
            raise

    def take(self, reader: Reader, since: int, through: int, at: int, touched: Collection[str]) -> Snapshot:
        """What is needed to judge what some entries touched, as `catalog.graph.snapshot.take` gives it.

        Args:
            since: everything up to this sequence had been judged before; `through`: up to this one is now.
            touched: ids of all things that the entries between may have made others.
        """
        with growing():
            found = self._renew(reader, since, through, at, touched)
        return found or take(reader, PRESENT, at=at, things=touched)

    def _renew(self, reader: Reader, since: int, through: int, at: int, touched: Collection[str]) -> Snapshot | None:
        kept, self.kept = self.kept, None
        if kept is not None and kept.known_at == since:
            fresh = take_fresh(reader, Moment(None, through), at=at, things=touched)
            complete = fresh is not None and fresh.unknown == (UPSTREAM,) and not fresh.hidden
            if fresh is not None and complete and kept.renew(fresh, touched):
                self.kept = kept
                return kept.cut(touched)
        return None

    def untouched(self, since: int, through: int) -> None:
        """The entries between these touched nothing."""
        if self.kept is not None and self.kept.known_at == since:
            self.kept.pass_by(through)


def _size(snapshot: Snapshot) -> int:
    columns = sum(len(thing.columns) for thing in snapshot.things.values())
    return len(snapshot.things) + columns + len(snapshot.column_edges)
