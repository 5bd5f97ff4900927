"""A kept snapshot brought up to date: what does not fit is read again, and what changes by the clock is never kept."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from catalog.assets.keys import Key, Kind
from catalog.checks.renewal import cut, renewed
from catalog.checks.snapshot import ColumnEdge, Edge, Place, Snapshot, Thing
from catalog.identity import Name, dataset_id


def thing(name: str, kind: Kind = Kind.DATASET, *names: str) -> Thing:
    return Thing(name, Key(kind, "db", name), names=tuple(Name("db", one) for one in names))


def snapshot(
    things: Iterable[Thing], *edges: Edge, known_at: int = 1, columns: tuple[ColumnEdge, ...] = ()
) -> Snapshot:
    by_id = {one.id: one for one in sorted(things, key=lambda one: one.id)}
    return Snapshot(0, None, known_at, by_id, tuple(sorted(edges)), columns)


RAW, LOAD, MART, TEAM = thing("raw"), thing("load", Kind.PIPELINE), thing("mart"), thing("team", Kind.TEAM)
READ, WRITE = Edge("raw", "load", "READS"), Edge("load", "mart", "WRITES")
KEPT = snapshot([RAW, LOAD, MART, TEAM], READ, WRITE)


def test_what_was_touched_is_as_it_is_and_all_else_as_it_was() -> None:
    """Things and edges come, change and go with what was touched."""
    new = replace(MART, seen=True)
    fresh = snapshot([RAW, new, TEAM], Edge("raw", "mart", "DERIVES_FROM"), known_at=2)

    expected = snapshot([RAW, new, TEAM], Edge("raw", "mart", "DERIVES_FROM"), known_at=2)
    assert expected == renewed(KEPT, fresh, {"load", "mart"})


def test_what_leads_to_something_unknown_has_to_be_read() -> None:
    """An edge, or column lineage, to a thing that is not kept."""
    other = thing("other")
    assert renewed(KEPT, snapshot([MART, other], Edge("other", "mart", "DERIVES_FROM")), {"mart"}) is None
    columns = (ColumnEdge(Place("other", "a"), Place("mart", "a")),)
    assert renewed(KEPT, snapshot([MART, other], columns=columns), {"mart"}) is None


def test_a_dataset_that_got_another_name_has_to_be_read() -> None:
    """Where one of its names was touched, and the name it goes by was not."""
    kept = snapshot([replace(RAW, names=(Name("db", "raw"), Name("db", "alias")))])

    assert renewed(kept, snapshot([]), {dataset_id(Name("db", "alias"))}) is None


def test_a_part_has_all_that_is_upstream_and_what_is_never_in_the_way_of_data() -> None:
    """Columns lead upstream, too; what lies downstream of something upstream alone is left out."""
    side = thing("side")
    columns = (ColumnEdge(Place("source", "a"), Place("raw", "a")),)
    whole = snapshot(
        [RAW, LOAD, MART, TEAM, side, thing("source")],
        READ,
        WRITE,
        Edge("raw", "side", "DERIVES_FROM"),
        columns=columns,
    )

    part = cut(whole, {"mart"})

    assert part is not None
    assert ({"raw", "load", "mart", "team", "source"}, False) == (set(part.things), part.whole)
    assert ((READ, WRITE), columns) == ((part.edges[1], part.edges[0]), part.column_edges)


def test_what_the_clock_changes_is_not_taken_from_what_is_kept() -> None:
    """A model version may have lost an alias since, though nobody spoke of it."""
    version = thing("model/1", Kind.MODEL_VERSION)
    whole = snapshot([version, MART], Edge("model/1", "mart", "DERIVES_FROM"))

    assert cut(whole, {"mart"}) is None
    assert cut(whole, {"mart", "model/1"}) is not None
