"""Containers (databases, schemas, folders) as their datasets' hierarchy facets name them, at any moment.

A container exists while a dataset says that it is in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from catalog.graph.assets import AllNames, all_names
from catalog.graph.cells import read_points
from catalog.graph.queries import blocks
from catalog.graph.reader import Question, Reader
from catalog.graph.shapes import load_bodies_for, put_rows
from catalog.graph.store import Row, Tx
from catalog.graph.walk import PRESENT, Moment, holding
from catalog.lineage.containers import Place, places
from catalog.lineage.observe import CONTAINERS
from catalog.lineage.steps import ABSENT, value_at

MAX_WINDOWS = 20
_Q = blocks("containers")
_DATASETS = "datasets_in"
_OFTEN = "within_often"


def put_containers(tx: Tx, found: Iterable[Place]) -> None:
    """Make the containers that are not there yet."""
    rows = {
        place.id: {
            "id": place.id,
            "new": {
                "parent": place.parent,
                "namespace": place.namespace,
                "type": place.type,
                "name": place.name,
                "ord": place.ord,
            },
        }
        for place in found
    }
    put_rows(tx, _Q["put_containers"], [rows[id_] for id_ in sorted(rows)])


def containers_of(
    reader: Reader, ids: Iterable[str], moment: Moment = PRESENT, names: AllNames | None = None
) -> dict[str, list[Place]]:
    """The containers of datasets, outermost first: of the nearest of their names that has any."""
    asked = all_names(ids, names)
    wanted = sorted({name for some in asked.values() for name in some})

    def work(q: Question) -> dict[str, list[Place]]:
        held = {
            row["of"]: value_at(read_points(row), moment.bounds["asof"], moment.bounds["known"])
            for row in q.rows_by_id("assets", "registers_of_past", wanted, aspect=CONTAINERS)
        }
        bodies = load_bodies_for(q, set(held.values()) - {ABSENT})
        found: dict[str, list[Place]] = {}
        for id_, value in held.items():
            if value != ABSENT:
                found[id_] = places(bodies[value]["namespace"], bodies[value]["levels"])
        return {id_: next((found[name] for name in some if name in found), []) for id_, some in asked.items()}

    return reader.ask(work)


def containers(reader: Reader, ids: Iterable[str]) -> dict[str, Row]:
    """Containers by id; what is hidden or unknown is left out."""
    rows = reader.ask(lambda q: q.rows_by_id("containers", "containers_by_id", sorted(set(ids))))
    return {row["id"]: row for row in rows}


def sizes(reader: Reader, ids: Iterable[str], moment: Moment = PRESENT) -> dict[str, int]:
    """How many datasets are in containers, however deep."""
    return reader.ask(lambda q: _sizes(q, sorted(set(ids)), moment))


def page_containers(
    reader: Reader, parent: str, *, after: str, limit: int, moment: Moment = PRESENT
) -> tuple[list[Row], str | None]:
    """What a container (or a namespace, by `top`) contains: containers with any dataset in them, by name.

    Also gives the sort key to go on from where too many were looked through for nothing; None otherwise.
    """

    def work(q: Question) -> tuple[list[Row], str | None]:
        def counted(behind: str) -> tuple[list[Row], list[Row]]:
            rows = q.rows("containers", "containers_in", parent=parent, after=behind, limit=limit)
            found = _sizes(q, [row["id"] for row in rows], moment)
            return rows, [row for row in rows if found[row["id"]]]

        return _page(counted, after, limit)

    return reader.ask(work)


def page_datasets_in(
    reader: Reader, container: str, *, after: str, limit: int, moment: Moment = PRESENT
) -> tuple[list[Row], str | None]:
    """The datasets that are in a container directly, by name; and a sort key as `page_containers`."""

    def work(q: Question) -> tuple[list[Row], str | None]:
        def held(behind: str) -> tuple[list[Row], list[Row]]:
            asked = {"id": container, "after": behind, "limit": limit}
            if not moment.past:
                rows = q.rows("containers", _DATASETS, **asked)
                return rows, rows
            rows = q.rows("containers", f"{_DATASETS}_past", **asked, **moment.bounds)
            return rows, holding(q, rows, moment)

        return _page(held, after, limit)

    return reader.ask(work)


def _page(ask: Callable[[str], tuple[list[Row], list[Row]]], after: str, limit: int) -> tuple[list[Row], str | None]:
    """A page of what `ask` finds behind a sort key (all rows, and those that count), at most MAX_WINDOWS times."""
    found: list[Row] = []
    for _ in range(MAX_WINDOWS):
        rows, counting = ask(after)
        found += counting
        if len(rows) < limit or len(found) >= limit:
            return found[:limit], None
        after = rows[-1]["ord"]
    return found, after


def _sizes(q: Question, ids: list[str], moment: Moment) -> dict[str, int]:
    """Edges with one point are counted by the store, the few with more are decided here."""
    found = dict.fromkeys(ids, 0)
    if not moment.past:
        rows = q.rows_by_id("containers", "count_within", ids)
        undecided: list[Row] = []
    else:
        rows = q.rows_by_id("containers", "count_within_once", ids, **moment.bounds)
        undecided = q.rows_by_id("containers", f"{_OFTEN}_past", ids, **moment.bounds)
    for row in rows:
        found[row["id"]] += row["n"]
    for row in holding(q, undecided, moment):
        found[row["id"]] += 1
    return found
