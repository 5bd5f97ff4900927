"""All names of things: the closure over ties between names, at any moment, with who says so.

Identity does not depend on event time, so of a moment only what is known counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from catalog.graph.cells import read_points
from catalog.graph.reader import Question, Reader
from catalog.graph.store import Row
from catalog.graph.walk import PRESENT, Moment, holding
from catalog.identity import Name
from catalog.lineage.assertions import Origin
from catalog.lineage.decisions import rests_on

MAX_NAMES = 500
"""Of one thing; beyond, the closure says that it is not complete."""
MAX_TIES = 20_000


class Tie(NamedTuple):
    """How a name was reached from another one.

    `since` is the sequence it holds from: of the first symlink, or of the newest decision; `by` and `reason` are a
    person's.
    """

    id: str
    namespace: str
    name: str
    through: str
    key: str
    origin: str
    since: int
    by: str = ""
    reason: str = ""


@dataclass(slots=True)
class Names:
    """Every name of one thing.

    Attributes:
        ids: the asked name first, then the others in the order in which they were reached.
        ties: how each of the others was reached, by id.
        tables: the ids of names that a symlink calls a table.
        complete: no cap cut it off, and nothing is hidden from the reader.
    """

    ids: list[str]
    ties: dict[str, Tie] = field(default_factory=dict)
    tables: set[str] = field(default_factory=set)
    complete: bool = True

    def way_to(self, id_: str) -> list[Tie]:
        """The ties from the asked name to another one; empty when there are none."""
        way: list[Tie] = []
        while id_ in self.ties:
            way.append(self.ties[id_])
            id_ = self.ties[id_].through
        return way[::-1]

    def canonical(self, own: Name) -> Name:
        """The name to show the thing by: one that is called a table, of several the first; the same from each of them.

        Args:
            own: the asked name.
        """
        named = {self.ids[0]: own} | {id_: Name(tie.namespace, tie.name) for id_, tie in self.ties.items()}
        return min(named[id_] for id_ in self.tables or named)


def closures(reader: Reader, ids: Iterable[str], moment: Moment = PRESENT) -> dict[str, Names]:
    """The names of the things that these datasets are, by id: one statement per step of the longest way."""
    wanted = sorted(set(ids))

    def work(q: Question) -> dict[str, Names]:
        return names_of(q, wanted, moment)

    return reader.ask(work)


def names_of(q: Question, ids: Iterable[str], moment: Moment = PRESENT) -> dict[str, Names]:
    """The same within a question that is being asked."""
    found = {id_: Names([id_]) for id_ in ids}
    near = {id_: [id_] for id_ in found}
    rows: dict[str, list[Row]] = {}
    while any(near.values()):
        missing = sorted({id_ for some in near.values() for id_ in some} - rows.keys())
        rows.update({id_: [] for id_ in missing})
        ties = _ties(q, missing, moment)
        for row in ties:
            rows[row["id"]].append(row)
        if len(ties) >= MAX_TIES:
            for names in found.values():
                names.complete = False
        near = {id_: _grow(found[id_], some, rows, moment) for id_, some in near.items()}
    _give_words(q, found, moment)
    return found


def _ties(q: Question, ids: list[str], moment: Moment) -> list[Row]:
    if not ids:
        return []
    block = "names_of"
    if not moment.past:
        rows = q.rows_by_id("identity", block, ids, limit=MAX_TIES)
    else:
        rows = q.rows_by_id("identity", f"{block}_past", ids, limit=MAX_TIES, **moment.bounds)
        rows = holding(q, rows, moment)
    return sorted(rows, key=lambda row: (row["namespace"], row["name"]))


def _grow(names: Names, near: list[str], rows: dict[str, list[Row]], moment: Moment) -> list[str]:
    """Take in what is tied to the names reached last; the ones reached now."""
    found = []
    known = moment.bounds["known"]
    for here in near:
        for row in rows[here]:
            other = row["other"]
            if not row["visible"] or (other not in names.ties and len(names.ids) >= MAX_NAMES):
                names.complete &= other == names.ids[0]
                continue
            names.tables.update(
                id_
                for id_, since in ((here, row["ownTable"]), (other, row["otherTable"]))
                if since is not None and since <= known
            )
            if other in names.ties or other == names.ids[0]:
                continue
            names.ids.append(other)
            names.ties[other] = _tie(row, moment)
            found.append(other)
    return found


def _tie(row: Row, moment: Moment) -> Tie:
    origin = row["origin"]
    if moment.past:
        points = read_points(row) if row["n"] is not None else []
        origin = str(rests_on(points, moment.bounds["known"]))
    return Tie(row["other"], row["namespace"], row["name"], row["id"], row["key"], origin, row["seen"])


def _give_words(q: Question, found: dict[str, Names], moment: Moment) -> None:
    """Who decided, and why: the newest decision that was known; only where a tie rests on one."""
    decided = {tie.key for names in found.values() for tie in names.ties.values() if tie.origin == Origin.PERSON}
    if not decided:
        return
    newest: dict[str, Row] = {}
    for row in q.rows_by_id("identity", "decisions_of", sorted(decided)):
        if row["s"] <= moment.bounds["known"]:
            newest[row["pair"]] = max(newest.get(row["pair"], row), row, key=lambda d: (d["t"], d["entry"]))
    for names in found.values():
        for id_, tie in names.ties.items():
            if tie.origin == Origin.PERSON:
                row = newest[tie.key]
                names.ties[id_] = tie._replace(since=row["s"], by=row["who"], reason=row["why"])
