"""A kept snapshot brought up to date: what does not fit is read again, and what changes by the clock is never kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.assets.keys import Key, Kind
from catalog.checks.renewal import Kept
from catalog.checks.snapshot import ColumnEdge, Edge, Observed, Place, Snapshot, Thing, Training
from catalog.identity import Name, dataset_id


def thing(name: str, kind: Kind = Kind.DATASET, *names: str) -> Thing:
    return Thing(name, Key(kind, "db", name), names=tuple(Name("db", one) for one in names))


def snapshot(
    things: Iterable[Thing], *edges: Edge, known_at: int = 1, columns: tuple[ColumnEdge, ...] = ()
) -> Snapshot:
    by_id = {one.id: one for one in sorted(things, key=lambda one: one.id)}
    return Snapshot(0, None, known_at, by_id, tuple(sorted(edges)), columns)


def renewed(kept: Snapshot, fresh: Snapshot, touched: set[str]) -> Snapshot | None:
    found = Kept(kept)
    return found.whole() if found.renew(fresh, touched) else None


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

    part = Kept(whole).cut({"mart"})

    assert part is not None
    assert ({"raw", "load", "mart", "team", "source"}, False) == (set(part.things), part.whole)
    assert ((READ, WRITE), columns) == ((part.edges[1], part.edges[0]), part.column_edges)


def test_what_the_clock_changes_is_not_taken_from_what_is_kept() -> None:
    """A model version may have lost an alias since, though nobody spoke of it."""
    version = thing("model/1", Kind.MODEL_VERSION)
    whole = snapshot([version, MART], Edge("model/1", "mart", "DERIVES_FROM"))

    assert Kept(whole).cut({"mart"}) is None
    assert Kept(whole).cut({"mart", "model/1"}) is not None


KINDS = {"a": Kind.DATASET, "b": Kind.DATASET, "c": Kind.DATASET, "job": Kind.PIPELINE, "team": Kind.TEAM}
CLOCKED = {"version": Kind.MODEL_VERSION, "served": Kind.DEPLOYMENT}
ENDS = st.sampled_from(sorted({*KINDS, *CLOCKED} - {"team"}))
IDS = st.sets(st.sampled_from(sorted({*KINDS, *CLOCKED})))


@st.composite
def catalogs(draw: st.DrawFn) -> Snapshot:
    """Any things, of which versions tell what trained them and deployments what they serve, and what leads where."""
    things = [
        replace(thing(name, kind), seen=draw(st.booleans())) for name, kind in KINDS.items() if draw(st.booleans())
    ]
    for name, kind in CLOCKED.items():
        if draw(st.integers(0, 3)) == 0:
            told = draw(st.sets(ENDS, max_size=1))
            serves, used = ((tuple(told), ()), ((), tuple(map(Training, told))))[kind is Kind.MODEL_VERSION]
            things.append(replace(thing(name, kind), observed=Observed(serves=serves, training=used)))
    ids = sorted({one.id for one in things} - {"team"})
    if not ids:
        return snapshot(things)
    end = st.sampled_from(ids)
    edges = draw(
        st.sets(
            st.tuples(end, end, st.sampled_from(["READS", "DERIVES_FROM"])).map(lambda told: Edge(*told)), max_size=6
        )
    )
    place = st.tuples(end, st.sampled_from("xy")).map(lambda told: Place(*told))
    return snapshot(
        things,
        *edges,
        columns=tuple(sorted(draw(st.sets(st.tuples(place, place).map(lambda told: ColumnEdge(*told)), max_size=4)))),
    )


def mixed(kept: Snapshot, other: Snapshot, touched: set[str]) -> Snapshot:
    """The one, with what was touched and all that begins or ends there as in the other."""
    things = {id_: one for id_, one in kept.things.items() if id_ not in touched}
    things |= {id_: one for id_, one in other.things.items() if id_ in touched}

    def chosen(old: Iterable[Any], new: Iterable[Any], ends: Callable[[Any], set[str]]) -> list[Any]:
        found = [edge for edge in old if not ends(edge) & touched] + [edge for edge in new if ends(edge) & touched]
        return [edge for edge in found if ends(edge) <= things.keys()]

    edges = chosen(kept.edges, other.edges, lambda edge: {edge.source, edge.target})
    columns = chosen(kept.column_edges, other.column_edges, lambda edge: {edge.source.thing, edge.target.thing})
    return snapshot(things.values(), *edges, known_at=other.known_at, columns=tuple(sorted(columns)))


def part(whole: Snapshot, asked: set[str]) -> Snapshot | None:
    """What `cut` gives, by definition."""
    steps = {(edge.source, edge.target) for edge in whole.edges}
    steps |= {(edge.source.thing, edge.target.thing) for edge in whole.column_edges}
    for one in whole.things.values():
        steps |= {(id_, one.id) for id_ in (*one.observed.serves, *(used.thing for used in one.observed.training))}
    steps = {step for step in steps if whole.things.keys() >= {*step}}
    upstream = asked & whole.things.keys()
    while more := {source for source, target in steps if target in upstream} - upstream:
        upstream |= more
    near = {end for step in steps if asked & {*step} for end in step}
    if any(whole.things[id_].key.kind in CLOCKED.values() for id_ in (upstream | near) - asked):
        return None
    within = upstream | near | ({"team"} & whole.things.keys())
    return replace(
        whole,
        things={id_: one for id_, one in whole.things.items() if id_ in within},
        edges=tuple(edge for edge in whole.edges if {edge.source, edge.target} <= within),
        column_edges=tuple(edge for edge in whole.column_edges if {edge.source.thing, edge.target.thing} <= within),
        whole=False,
    )


@settings(max_examples=60, deadline=None)
@given(catalogs(), st.lists(st.tuples(catalogs(), IDS), max_size=3), IDS)
def test_what_is_kept_is_what_would_be_read(
    whole: Snapshot, changes: list[tuple[Snapshot, set[str]]], asked: set[str]
) -> None:
    """After any changes, the whole and every part."""
    kept = Kept(whole)
    for number, (other, touched) in enumerate(changes, 2):
        whole = mixed(whole, replace(other, known_at=number), touched)
        assert kept.renew(whole, touched)
        assert (whole, number) == (kept.whole(), kept.known_at)
    assert part(whole, asked) == kept.cut(asked)
