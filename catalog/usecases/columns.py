"""The columns of datasets at any moment, under all their names, and whether a dataset has one that is asked about."""

from __future__ import annotations

from collections.abc import Iterable

from catalog.errors import UnknownKey
from catalog.graph import identity, schemas
from catalog.graph.reader import Reader
from catalog.graph.walk import PRESENT, Moment
from catalog.identity import Name, dataset_id, field_id
from catalog.manifest.validating import hint


def columns_at(
    reader: Reader, wanted: Iterable[tuple[Name, int | None]], moment: Moment
) -> dict[tuple[Name, int | None], list[str]]:
    """The columns of datasets, each at an event time (None: now), as far as a moment knows."""
    asked = {(dataset_id(name), time): (name, time) for name, time in wanted}
    if not asked:
        return {}
    closures = identity.closures(reader, {id_ for id_, _ in asked}, Moment(None, moment.known_at))
    names = {id_: closure.ids for id_, closure in closures.items()}
    found = schemas.schemas_at(reader, asked, moment, names)
    return {asked[place]: [".".join(column.path) for column in said] for place, said in found.items()}


def check_column(reader: Reader, name: Name, column: str, *moments: Moment) -> None:
    """Refuse a column that nobody tells of: in no schema at these moments or now, and in no lineage ever.

    A column that is inside of one, or has one inside of it, is none to refuse.

    Raises:
        UnknownKey: with the nearest name, or those that there are.
    """
    id_ = dataset_id(name)
    known: set[str] = set()
    for moment in dict.fromkeys((PRESENT, *moments)):
        names = identity.closures(reader, [id_], moment)[id_].ids
        if _in_lineage(reader, [field_id(one, column) for one in names]):
            return
        known.update(columns_at(reader, [(name, None)], moment)[name, None])
    if any(f"{one}.".startswith(f"{column}.") for one in known):
        return
    where = "`headwater schema` has all" if known else "nobody tells which it has"
    near = hint(column, known, where) if known else f"; {where}"
    raise UnknownKey(f"{name.namespace[:200]} {name.name[:200]} has no column {column[:200]!r}{near}", column)


def _in_lineage(reader: Reader, ids: list[str]) -> bool:
    return bool(reader.ask(lambda q: q.rows_by_id("lineage", "fields", ids)))
