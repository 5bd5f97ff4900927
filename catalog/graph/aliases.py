"""Which datasets are one thing during a walk, as far as it was told or had to be asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from catalog.graph.store import Row


class Aliases:
    """The names of things by id: ties that a walk met, and those it asked for."""

    def __init__(self) -> None:
        self._near: dict[str, set[str]] = {}
        self._asked: set[str] = set()

    def told(self, ids: Iterable[str], rows: Iterable[Row]) -> None:
        """Take in all ties of some datasets, among other rows."""
        self._asked.update(ids)
        for row in rows:
            if row["kind"] == "SAME_AS":
                self._near.setdefault(row["id"], set()).add(row["other"])
                self._near.setdefault(row["other"], set()).add(row["id"])

    def learn(self, ids: Iterable[str], ask: Callable[[list[str]], list[Row]]) -> None:
        """Ask for all names of these datasets, as far as they are not known: once for each degree of alias."""
        wanted = set(ids)
        while missing := sorted({name for id_ in wanted for name in self.of(id_)} - self._asked):
            self.told(missing, ask(missing))

    def of(self, id_: str) -> frozenset[str]:
        """All names known, its own included."""
        if id_ not in self._near:
            return frozenset((id_,))
        seen, todo = {id_}, [id_]
        while todo:
            new = self._near.get(todo.pop(), set()) - seen
            seen |= new
            todo += new
        return frozenset(seen)
