"""What names entities, for many of them at once: the first page of each in one statement."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from catalog.graph.entities import Reference, reference, referring
from catalog.graph.reader import Question, Reader
from catalog.graph.store import Row
from catalog.graph.walk import PRESENT, Moment, holding

MOST_ROWS = 20_000
"""Of one statement."""


def first_referring(
    reader: Reader, ids: Iterable[str], roles: Collection[str] | None, limit: int, moment: Moment = PRESENT
) -> dict[str, list[Reference]]:
    """The first entities that name each of these, in the order of `entities.referring`, which has the next pages."""
    wanted = sorted(set(ids))
    portion = max(1, MOST_ROWS // limit)
    given = {"roles": None if roles is None else sorted(roles), "limit": limit}

    def work(q: Question) -> list[Row]:
        rows: list[Row] = []
        block = "referring_first"
        for at in range(0, len(wanted), portion):
            some = wanted[at : at + portion]
            if moment.past:
                rows += q.rows("entities", f"{block}_past", ids=some, **given, **moment.bounds)
            else:
                rows += q.rows("entities", block, ids=some, **given)
        return rows

    met: dict[str, list[Row]] = {id_: [] for id_ in wanted}
    for row in reader.ask(work):
        met[row["of"]].append(row)
    held = met
    if moment.past:
        every = [row for some in met.values() for row in some]
        kept = {row["key"] for row in reader.ask(lambda q: holding(q, every, moment))}
        held = {id_: [row for row in rows if row["key"] in kept] for id_, rows in met.items()}
    found: dict[str, list[Reference]] = {}
    for id_, rows in held.items():
        if len(rows) < len(met[id_]) == limit:  # some of the page do not hold; what stands behind it may
            found[id_] = referring(reader, id_, roles, limit=limit, moment=moment)
        else:
            found[id_] = [reference(row) for row in sorted(rows, key=lambda row: str(row["key"]))]
    return found
