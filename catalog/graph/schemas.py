"""The schemas of datasets: who says what now or at an earlier moment, and every version there was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from catalog.graph.assets import AllNames, all_names
from catalog.graph.cells import read_points
from catalog.graph.identity import names_of
from catalog.graph.reader import Question, Reader
from catalog.graph.shapes import load_bodies_for
from catalog.graph.store import Row
from catalog.graph.walk import PRESENT, Moment
from catalog.lineage.observe import COLUMNS, SCHEMA
from catalog.lineage.schema_diff import SchemaDiff, diff
from catalog.lineage.schemas import (
    Flat,
    Path,
    Spoken,
    Teller,
    Telling,
    United,
    Version,
    as_flat,
    teller,
    unite,
    versions,
)
from catalog.lineage.steps import ABSENT, Point, told, value_at


def schemas(
    reader: Reader, ids: Iterable[str], moment: Moment = PRESENT, names: AllNames | None = None
) -> dict[str, list[United]]:
    """The schemas of datasets: the union of what all say at that moment; empty where nobody says anything."""
    return {id_: unite(said) for id_, said in tellings(reader, ids, moment, names).items()}


def tellings(
    reader: Reader, ids: Iterable[str], moment: Moment = PRESENT, names: AllNames | None = None
) -> dict[str, list[Telling]]:
    """What each says of the schemas of datasets at that moment."""
    asked = all_names(ids, names)
    return reader.ask(lambda q: _tellings(q, asked, moment))


def schemas_at(
    reader: Reader, wanted: Iterable[tuple[str, int | None]], moment: Moment, names: AllNames
) -> dict[tuple[str, int | None], list[United]]:
    """The schemas of datasets, each at an event time of its own (None: at the moment's), as far as a moment knows."""
    asked = sorted(set(wanted), key=lambda one: (one[0], one[1] is not None, one[1] or 0))

    def work(q: Question) -> dict[tuple[str, int | None], list[United]]:
        rows = _registers(q, {name for id_, _ in asked for name in names[id_]})
        found = {}
        for id_, time in asked:
            then = Moment(min((t for t in (time, moment.as_of) if t is not None), default=None), moment.known_at)
            found[id_, time] = _newest(_spoken_in(rows, {id_: names[id_]}, then)[id_])
        bodies = load_bodies_for(q, {point.v for said in found.values() for _, point in said} - {ABSENT})
        return {place: unite(_told(said, bodies)) for place, said in found.items()}

    return reader.ask(work)


def schema_versions(reader: Reader, id_: str, moment: Moment = PRESENT) -> list[Version]:
    """Every schema a dataset had by that moment, as it is known at it, oldest first."""

    def work(q: Question) -> list[Version]:
        spoken = _spoken(q, _own(q, id_, moment), moment)[id_]
        bodies = load_bodies_for(q, {point.v for one in spoken for point in one.points} - {ABSENT})
        return versions(spoken, bodies)

    return reader.ask(work)


def schema_diff(reader: Reader, id_: str, before: Moment, after: Moment) -> SchemaDiff:
    """What is different between a dataset's schemas of two moments."""

    def work(q: Question) -> SchemaDiff:
        first, second = _flat(q, id_, before), _flat(q, id_, after)
        return diff(first, second, _derived(q, _own(q, id_, after)[id_], after, [*first, *second]))

    return reader.ask(work)


def _own(q: Question, id_: str, moment: Moment) -> AllNames:
    return {id_: names_of(q, [id_], moment)[id_].ids}


def _flat(q: Question, id_: str, moment: Moment) -> Flat:
    return as_flat(unite(_tellings(q, _own(q, id_, moment), moment)[id_]))


def _tellings(q: Question, asked: AllNames, moment: Moment) -> dict[str, list[Telling]]:
    newest = {id_: _newest(said) for id_, said in _spoken(q, asked, moment).items()}
    bodies = load_bodies_for(q, {point.v for said in newest.values() for _, point in said} - {ABSENT})
    return {id_: _told(said, bodies) for id_, said in newest.items()}


def _newest(spoken: Iterable[Spoken]) -> list[tuple[Teller, Point]]:
    return [(one.teller, one.points[-1]) for one in spoken]


def _told(said: Iterable[tuple[Teller, Point]], bodies: Mapping[str, Any]) -> list[Telling]:
    return [Telling(who, point.t, point.v, bodies[point.v]) for who, point in said if point.v != ABSENT]


def _spoken(q: Question, asked: AllNames, moment: Moment) -> dict[str, list[Spoken]]:
    """What each teller said by the moment, under any name; those who had not said anything are left out."""
    return _spoken_in(_registers(q, {name for names in asked.values() for name in names}), asked, moment)


def _registers(q: Question, names: Iterable[str]) -> list[Row]:
    return q.rows_by_id("assets", "registers_of_past", sorted(names), aspect=SCHEMA)


def _spoken_in(rows: Iterable[Row], asked: AllNames, moment: Moment) -> dict[str, list[Spoken]]:
    by_name: dict[str, list[Spoken]] = {name: [] for names in asked.values() for name in names}
    for row in rows:
        if row["of"] not in by_name:
            continue
        points = told(read_points(row), moment.bounds["asof"], moment.bounds["known"])
        if points:
            by_name[row["of"]].append(Spoken(teller(row["subject"], row["name"]), points))
    return {
        id_: [
            one if name == id_ else one._replace(teller=one.teller._replace(of=name))
            for name in names
            for one in by_name[name]
        ]
        for id_, names in asked.items()
    }


def _derived(q: Question, names: Sequence[str], moment: Moment, known: Iterable[Path]) -> dict[Path, Path]:
    """The dataset's columns that column lineage says are made of one other of its columns alone."""
    paths = {".".join(path): path for path in known}
    values = set()
    for row in q.rows_by_id("assets", "registers_of_past", sorted(names), aspect=COLUMNS):
        values.add(value_at(read_points(row), moment.bounds["asof"], moment.bounds["known"]))
    sources: dict[str, set[str]] = {}
    for body in load_bodies_for(q, values - {ABSENT}).values():
        for out, dataset, path, type_, *_ in body:
            if type_ == "DIRECT":
                sources.setdefault(out, set()).add(path if dataset in names else "")
    return {
        paths[out]: paths[path]
        for out, members in sources.items()
        if len(members) == 1 and out in paths and (path := next(iter(members))) in paths
    }
