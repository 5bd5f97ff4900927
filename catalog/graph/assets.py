"""Datasets and jobs as they are: by id, by page, with what is said about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from catalog.errors import InvalidQuestion
from catalog.graph.cells import read_points
from catalog.graph.reader import Question, Reader
from catalog.graph.shapes import load_bodies_for
from catalog.graph.store import Row
from catalog.graph.walk import PRESENT, Moment, holding
from catalog.identity import words
from catalog.lineage.observe import FACET, FORWARDED, READS, WRITES
from catalog.lineage.steps import value_at

AllNames = Mapping[str, Sequence[str]]
"""The ids of all names of a thing (`identity.closures`), by the id that is asked about."""

AROUND_LIMIT = 10_000
"""Neighbours of one thing that are listed; a lineage answer has caps, and says where it stops."""
RELATIONS: dict[str, tuple[str, dict[str, str]]] = {
    "written_by": ("jobs_around", {"kind": WRITES}),
    "read_by": ("jobs_around", {"kind": READS}),
    "outputs": ("datasets_around", {"kind": WRITES}),
    "inputs": ("datasets_around", {"kind": READS}),
    "parents": ("parents_of_jobs", {}),
    "children": ("children_of_jobs", {}),
}
"""Neighbours, each with the statement that finds them; its `_past` finds what may have held once."""
_WALK = "ask for its `lineage` with depth 1, which shows what fits and says where it stops"
_PAGES = "ask the pages of `jobs` for their `parents`"
_ASKED = {
    "written_by": ("datasets", "writtenBy", _WALK),
    "read_by": ("datasets", "readBy", _WALK),
    "outputs": ("jobs", "outputs", _WALK),
    "inputs": ("jobs", "inputs", _WALK),
    "parents": ("jobs", "parents", _PAGES),
    "children": ("jobs", "children", _PAGES),
}
"""What relations are asked of, as which field, and what to ask where they are too many."""


def datasets(reader: Reader, ids: Iterable[str]) -> dict[str, Row]:
    """Datasets by id; what is hidden or unknown is left out."""
    return {row["id"]: row for row in reader.ask(lambda q: q.rows_by_id("assets", "datasets_by_id", sorted(set(ids))))}


def jobs(reader: Reader, ids: Iterable[str]) -> dict[str, Row]:
    """Jobs by id; what is hidden or unknown is left out."""
    return {row["id"]: row for row in reader.ask(lambda q: q.rows_by_id("assets", "jobs_by_id", sorted(set(ids))))}


def page(reader: Reader, label: str, *, after: str, namespace: str | None, limit: int) -> list[Row]:
    """Datasets or jobs by name, behind the sort key `after`."""
    block = "page_datasets" if label == "Dataset" else "page_jobs"
    return reader.rows("assets", block, after=after, namespace=namespace, limit=limit)


def page_jobs_updated(reader: Reader, *, time: int, after: str, namespace: str | None, limit: int) -> list[Row]:
    """Jobs by their newest event, before (time, id)."""
    return reader.rows("assets", "page_jobs_updated", time=time, after=after, namespace=namespace, limit=limit)


def page_namespaces(reader: Reader, *, after: str, limit: int) -> list[Row]:
    """Namespaces by name, behind the sort key `after`."""
    return reader.rows("assets", "page_namespaces", after=after, limit=limit)


def count(reader: Reader, label: str, namespace: str | None) -> int:
    """How many datasets or jobs there are."""
    block = "count_datasets" if label == "Dataset" else "count_jobs"
    return int(reader.rows("assets", block, namespace=namespace)[0]["n"])


def around(
    reader: Reader,
    relation: str,
    ids: Iterable[str],
    moment: Moment = PRESENT,
    names: AllNames | None = None,
    *,
    whole: bool = True,
) -> dict[str, list[str]]:
    """The ids of a relation's other ends, by id, each once; the relations are those of RELATIONS.

    Args:
        whole: refuse to answer where one thing has more of them than AROUND_LIMIT; otherwise so many do.

    Raises:
        InvalidQuestion: that is the case.
    """
    block, parameters = RELATIONS[relation]
    asked = all_names(ids, names)
    found: dict[str, dict[str, None]] = {name: {} for all_ in asked.values() for name in all_}

    def work(q: Question, some: list[str]) -> list[Row]:
        given: dict[str, Any] = {"ids": some, "limit": AROUND_LIMIT + 1, **parameters}
        if moment.past:
            rows = q.rows("assets", f"{block}_past", **given, **moment.bounds)
        else:
            rows = q.rows("assets", block, **given)
        if len(rows) > AROUND_LIMIT and len(some) > 1:  # too many for one statement, not for each of them
            half = len(some) // 2
            return work(q, some[:half]) + work(q, some[half:])
        if len(rows) > AROUND_LIMIT and whole:
            raise _too_many(q, relation, some)
        return holding(q, rows, moment) if moment.past else rows

    for row in reader.ask(lambda q: work(q, sorted(found))):
        found[row["id"]][row["other"]] = None
    return {id_: list(dict.fromkeys(other for name in all_ for other in found[name])) for id_, all_ in asked.items()}


def _too_many(q: Question, relation: str, ids: list[str]) -> InvalidQuestion:
    kind, field, instead = _ASKED[relation]
    named = [f"{row['namespace']} {row['name']}" for row in q.rows_by_id("assets", f"{kind}_by_id", ids)]
    return InvalidQuestion(f"{field} of {', '.join(named)[:200]}: more than {AROUND_LIMIT:,}; {instead}")


def facets(
    reader: Reader, ids: Iterable[str], moment: Moment = PRESENT, names: AllNames | None = None
) -> dict[str, dict[str, Any]]:
    """The shared facets of datasets or jobs, by id and facet key."""
    asked = all_names(ids, names)

    def work(q: Question) -> dict[str, dict[str, Any]]:
        rows = facet_registers(q, sorted({name for all_ in asked.values() for name in all_}), moment)
        bodies = load_bodies_for(q, {row["cur"] for row in rows})
        said = newest_last(asked, rows)
        return {id_: {row["name"]: bodies[row["cur"]] for row in some} for id_, some in said.items()}

    return reader.ask(work)


def search(reader: Reader, label: str, text: str, limit: int) -> list[Row]:
    """Datasets or jobs whose words match every word of the text, by prefix; best first.

    Splitting the text like the names leaves letters and digits only, so nothing in it is query syntax.
    """
    parts = words(text).split()
    if not parts:
        return []
    query = " AND ".join(f"{part}*" for part in parts)
    return reader.rows("assets", "search", index=reader.full_text_index(label), query=query, limit=limit)


def all_names(ids: Iterable[str], names: AllNames | None) -> dict[str, Sequence[str]]:
    """The names to ask for by the id that is asked about: itself alone where nobody says more."""
    return {id_: names[id_] if names else (id_,) for id_ in ids}


def newest_last(asked: AllNames, rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Registers by the id that was asked about, those of all its names together: by name, then from the oldest on."""
    by_name: dict[str, list[Row]] = {}
    for row in rows:
        by_name.setdefault(row["of"], []).append(row)
    return {
        id_: sorted(
            (row for name in names for row in by_name.get(name, ())),
            key=lambda row: (str(row["name"]), row["since"] or 0, row["cur"]),
        )
        for id_, names in asked.items()
    }


def facet_registers(q: Question, ids: list[str], moment: Moment) -> list[Row]:
    """One register for each facet of things: their own or, without that, the newest that another job passed on."""
    held = {(row["of"], row["name"]): row for row in registers_at(q, ids, FACET, moment)}
    passed = registers_at(q, ids, FORWARDED, moment)
    for row in sorted(passed, key=lambda r: (-(r["since"] or 0), r["subject"])):
        held.setdefault((row["of"], row["name"]), row)
    return list(held.values())


def registers_at(q: Question, ids: list[str], aspect: str, moment: Moment) -> list[Row]:
    """The registers of an aspect that held at a moment, with their value and since when."""
    if not moment.past:
        return q.rows_by_id("assets", "registers_of", ids, aspect=aspect)
    asof, known = moment.bounds["asof"], moment.bounds["known"]
    held = []
    for row in q.rows_by_id("assets", "registers_of_past", ids, aspect=aspect):
        points = read_points(row)
        row["cur"] = value_at(points, asof, known)
        row["since"] = max((p.t for p in points if p.t <= asof and p.s <= known), default=None)
        if row["cur"]:
            held.append(row)
    return held
