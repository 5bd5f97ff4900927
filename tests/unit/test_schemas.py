"""Schemas: the union of what tellers say, its versions, and the law that a difference makes one of the other."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.lineage.schema_diff import BY_LINEAGE, BY_PLACE, Changed, Renamed, applied, diff
from catalog.lineage.schemas import Column, Flat, Spoken, Teller, Telling, as_flat, unite, versions
from catalog.lineage.steps import ABSENT, Point

MANY = settings(max_examples=300, deadline=None)
WRITER, OTHER = Teller("a", "O", "output"), Teller("b", "O", "output")
READER = Teller("c", "O", "input")


def fields_of(*names: str, type: str = "int") -> list[dict[str, Any]]:
    return [{"name": name, "type": type} for name in names]


def telling(who: Teller, since: int, fields: Any) -> Telling:
    return Telling(who, since, str(fields), fields)


def flat(fields: Any) -> Flat:
    """The columns of one teller's fields."""
    return as_flat(unite([telling(WRITER, 1, fields)]))


def names(columns: Any) -> list[str]:
    return [".".join(column.path) for column in columns]


@st.composite
def schemas(draw: st.DrawFn, depth: int = 2) -> list[dict[str, Any]]:
    """Fields in normal form, of few names, so that two schemas share some; a name may come twice."""
    found = []
    for name in draw(st.lists(st.sampled_from(["a", "b", "c", "a.b", ""][:4]), max_size=4)):
        field: dict[str, Any] = {"name": name}
        if draw(st.booleans()):
            field["type"] = draw(st.sampled_from(["int", "text"]))
        if draw(st.integers(0, 4)) == 0:
            field["description"] = draw(st.sampled_from(["x", "y"]))
        if depth and draw(st.integers(0, 2)) == 0:
            field["fields"] = draw(schemas(depth - 1))
        found.append(field)
    return found


@MANY
@given(schemas(), schemas(), st.randoms(use_true_random=False))
def test_a_difference_makes_the_second_of_the_first(one: Any, other: Any, rng: random.Random) -> None:
    """Applying the difference of two schemas to the first gives the second, whatever is taken for a rename."""
    before, after = flat(one), flat(other)
    derived = {to: rng.choice([*before]) for to in after if before and rng.random() < 0.5}

    assert after == applied(before, diff(before, after))
    assert after == applied(before, diff(before, after, derived))


@MANY
@given(schemas())
def test_nothing_is_different_between_a_schema_and_itself(fields: Any) -> None:
    """No change is invented."""
    change = diff(flat(fields), flat(fields))

    assert ({}, {}, [], [], []) == (
        change.added,
        change.removed,
        change.renamed,
        change.retyped,
        change.redescribed,
    )


def test_each_kind_of_change() -> None:
    """Added, removed, retyped and described otherwise, nested columns by their whole path."""
    before = flat([{"name": "s", "type": "struct", "fields": fields_of("x", "y")}, *fields_of("gone", "same")])
    after = flat(
        [
            {"name": "s", "type": "struct", "fields": [*fields_of("x", type="text"), *fields_of("y", "z")]},
            {"name": "same", "type": "int", "description": "why"},
        ]
    )
    change = diff(before, after)

    assert {("s", "z"): Column("int")} == change.added
    assert {("gone",): Column("int")} == change.removed
    assert [Changed(("s", "x"), "int", "text")] == change.retyped
    assert [Changed(("same",), None, "why")] == change.redescribed
    assert [] == change.renamed


def test_a_column_of_one_type_at_one_place_is_taken_for_renamed() -> None:
    """Between the same neighbours, with all that is nested in it; of another type or place it is another column."""
    inner = fields_of("x")

    def schema(*columns: Any) -> Flat:
        return flat([{"name": name, "type": type_, "fields": inner} for name, type_ in columns])

    before = schema(("a", "int"), ("b", "text"), ("c", "int"))
    renamed = diff(before, schema(("a", "int"), ("z", "text"), ("c", "int")))
    retyped = diff(before, schema(("a", "int"), ("z", "date"), ("c", "int")))
    moved = diff(before, schema(("a", "int"), ("c", "int"), ("z", "text")))

    assert [Renamed(("b",), ("z",), Column("text"), Column("text"), BY_PLACE)] == renamed.renamed
    assert ({}, {}) == (renamed.added, renamed.removed)
    assert [] == retyped.renamed + moved.renamed
    assert [("z",), ("z", "x")] == [*moved.added]


def test_columns_whose_types_nobody_knows_are_not_taken_for_renamed() -> None:
    """Two unknown types are no evidence."""
    change = diff(flat([{"name": "a"}]), flat([{"name": "b"}]))

    assert [] == change.renamed


def test_column_lineage_tells_a_rename_at_another_place() -> None:
    """A column made of one that went, of the same dataset, has its new name, wherever it stands now."""
    before, after = flat(fields_of("a", "b", "c")), flat(fields_of("b", "c", "z", type="text"))
    change = diff(before, after, {("z",): ("a",)})

    assert [Renamed(("a",), ("z",), Column("int"), Column("text"), BY_LINEAGE)] == change.renamed
    assert after == applied(before, change)


def test_a_partial_schema_deletes_nothing() -> None:
    """A teller of some columns stands beside one of all; each column says who told it."""
    full, partial = telling(WRITER, 1, fields_of("a", "b", "c")), telling(READER, 2, fields_of("b"))
    united = unite([partial, full])

    assert ["a", "b", "c"] == names(united)
    assert [[WRITER], [WRITER, READER], [WRITER]] == [[t.teller for t in column.told_by] for column in united]


def test_the_best_informed_is_heard_first() -> None:
    """Writers before readers, newer before older; what one does not say, the next may."""
    old = telling(WRITER, 1, [{"name": "a", "type": "old", "description": "said"}])
    new = telling(OTHER, 2, [{"name": "a", "type": "new"}])
    reader = telling(READER, 3, [{"name": "a", "type": "read", "description": "echo"}])

    assert {("a",): Column("new", "said")} == as_flat(unite([reader, old, new]))


def test_others_columns_stand_behind_their_neighbours() -> None:
    """The order is that of the best-informed."""
    united = unite(
        [telling(WRITER, 2, fields_of("a", "d")), telling(READER, 1, fields_of("z", "a", "b", "c", "d", "e"))]
    )

    assert ["z", "a", "b", "c", "d", "e"] == names(united)


@MANY
@given(
    st.permutations([telling(who, t, f) for t, (who, f) in enumerate([(WRITER, "ab"), (READER, "bc"), (OTHER, "d")])])
)
def test_a_union_has_no_order_of_telling(tellings: list[Telling]) -> None:
    """Whoever was heard first."""
    said = [t._replace(fields=fields_of(*t.fields)) for t in tellings]
    first = sorted(said, key=lambda t: t.since)

    assert names(unite(first)) == names(unite(said))


def test_versions_are_the_changes_of_the_union() -> None:
    """A teller who says what is known makes none; a column goes when the last who told it drops it."""
    bodies = {"ab": fields_of("a", "b"), "a": fields_of("a"), "b": fields_of("b")}
    spoken = [
        Spoken(WRITER, [Point(1, 5, "ab"), Point(4, 2, "a")]),
        Spoken(READER, [Point(2, 7, "ab"), Point(3, 9, "b"), Point(6, 8, "a"), Point(8, 10, ABSENT)]),
        Spoken(OTHER, [Point(7, 11, ABSENT)]),
    ]
    found = versions(spoken, bodies)

    assert [(1, 5, (WRITER,), ["a", "b"]), (6, 8, (READER,), ["a"])] == [
        (v.since, v.known_since, v.tellers, names(v.columns)) for v in found
    ]
    assert [{}, found[0].flat] == [v.before for v in found]


def test_each_version_is_the_union_of_its_moment() -> None:
    """Held against the union of what all say then, over random histories."""
    rng = random.Random("versions")
    bodies = {value: fields_of(*value) for value in ("a", "ab", "bc", "c")}
    for _ in range(200):
        spoken = []
        for who in (WRITER, OTHER, READER):
            times = sorted(rng.sample(range(8), rng.randrange(5)))
            points, last = [], ABSENT
            for t in times:
                last = rng.choice([v for v in [*bodies, ABSENT] if v != last])
                points.append(Point(t, t, last))
            spoken.append(Spoken(who, points))
        found = versions(spoken, bodies)
        for t in range(8):
            now = [(one.teller, [p for p in one.points if p.t <= t]) for one in spoken]
            said = [telling(who, ps[-1].t, bodies[ps[-1].v]) for who, ps in now if ps and ps[-1].v]
            shown = [v for v in found if v.since <= t]
            assert as_flat(unite(said)) == (shown[-1].flat if shown else {})
