"""The one builder of read statements: every question to the graph goes through it and carries the reader's grants.

Today everybody may read everything (`grants=None`); the predicate is in every statement from the first day, so that
giving somebody less is a matter of a list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from catalog.graph.migrate import ArcadeAdmin, full_text_index
from catalog.graph.queries import blocks
from catalog.graph.store import Row, Store, Tx
from catalog.heap import check_room

T = TypeVar("T")
ID_BATCH = 500


class Question:
    """One read transaction, bound to a reader's grants."""

    def __init__(self, tx: Tx, grants: list[str] | None) -> None:
        self._tx = tx
        self._grants = grants

    def rows(self, noun: str, block: str, **parameters: Any) -> list[Row]:
        """All rows of a named block.

        Raises:
            MemoryError: this process may have too little more to read on.
        """
        check_room()
        return self._tx.run(blocks(noun)[block], grants=self._grants, **parameters)

    def rows_by_id(
        self, noun: str, block: str, ids: list[str], *, at_once: int = ID_BATCH, **parameters: Any
    ) -> list[Row]:
        """All rows of a block that takes `$ids`, asked in bounded portions: fewer at once where each has many rows."""
        found: list[Row] = []
        for at in range(0, len(ids), at_once):
            found += self.rows(noun, block, ids=ids[at : at + at_once], **parameters)
        return found


class Reader:
    """Reads for one set of grants: namespaces that may be seen, or None for all."""

    def __init__(
        self, store: Store, admin: ArcadeAdmin | None, *, shards: int = 1, grants: list[str] | None = None
    ) -> None:
        self.store = store
        self.shards = shards
        self._admin = admin
        self._grants = grants

    def may_see(self, namespaces: Iterable[str]) -> bool:
        """Whether these may all be seen."""
        return self._grants is None or all(namespace in self._grants for namespace in namespaces)

    def ask(self, work: Callable[[Question], T]) -> T:
        """Run `work` in one read transaction."""
        return self.store.read(lambda tx: work(Question(tx, self._grants)))

    def rows(self, noun: str, block: str, **parameters: Any) -> list[Row]:
        """All rows of one block in a transaction of its own."""
        return self.ask(lambda q: q.rows(noun, block, **parameters))

    def full_text_index(self, label: str) -> str:
        """The name of a label's full-text index on this store."""
        return full_text_index(label, self._admin)
