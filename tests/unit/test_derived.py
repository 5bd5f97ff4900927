"""Edges that follow from a register hold exactly while one of its values implies them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.identity import Name, dataset_id, field_id, job_id
from catalog.lineage.derived import (
    DATASET_FROM_DATASET,
    DATASET_FROM_FIELD,
    DERIVING,
    FIELD_FROM_FIELD,
    Bodies,
    Derived,
    FieldEnd,
    derived_edges,
)
from catalog.lineage.observe import COLUMNS, DECLARED, FACET, FED_BY, MAP, OTHERS, READS, SCHEMA, WRITES, Register
from catalog.lineage.steps import ABSENT, OPEN, Point, Points, push, value_at

JOB, RAW, CLEAN = job_id(Name("jobs", "load")), dataset_id(Name("db", "raw")), dataset_id(Name("db", "clean"))
OTHER = job_id(Name("jobs", "other"))
IO = Register("r1", JOB, DECLARED, "io", JOB)
OF_JOB = Register("r2", JOB, COLUMNS, "O", CLEAN)
ALONE = Register("r3", CLEAN, COLUMNS, "D", CLEAN)


def column(out: str, path: str, dataset: str = RAW, subtype: str = "IDENTITY", description: str = "") -> list[Any]:
    return [out, dataset, path, "DIRECT", subtype, False, description]


def edges(register: Register, body: Any) -> list[Derived]:
    """What follows while the register has this one value."""
    return list(derived_edges(register, [Point(5, 1, "v")], {"v": body}).values())


def test_a_declared_set_has_an_edge_for_each_member() -> None:
    """From the job to what it is declared to read and write, from the declaration's time on."""
    found = edges(IO, {"links": [[READS, RAW], [WRITES, CLEAN]], "complete": False})

    assert {(READS, "D", JOB, RAW), (WRITES, "D", JOB, CLEAN)} == {
        (e.kind, e.origin, e.source, e.target) for e in found
    }
    assert [[Point(5, 1, OPEN)]] * 2 == [e.points for e in found]


def test_a_column_edge_points_to_its_source() -> None:
    """It names the job, says how, and which fields must exist."""
    (edge,) = edges(OF_JOB, [column("id", "key", description="copied")])
    out, source = FieldEnd(field_id(CLEAN, "id"), CLEAN, "id"), FieldEnd(field_id(RAW, "key"), RAW, "key")

    assert (FIELD_FROM_FIELD, "O", out.id, source.id, (out, source)) == (
        edge.kind,
        edge.origin,
        edge.source,
        edge.target,
        edge.fields,
    )
    assert {
        "type": "DIRECT",
        "subtype": "IDENTITY",
        "masking": False,
        "description": "copied",
        "job": JOB,
    } == edge.values


def test_a_dependency_of_the_whole_dataset_starts_at_the_dataset() -> None:
    """A filter or a join has no output column."""
    (edge,) = edges(OF_JOB, [column("", "key")])

    assert (DATASET_FROM_FIELD, CLEAN, field_id(RAW, "key")) == (edge.kind, edge.source, edge.target)
    assert ["key"] == [end.path for end in edge.fields]


def test_lineage_without_a_job_is_lineage_of_datasets_too() -> None:
    """Once for each source; a dataset is not derived from itself, and a job that feeds it writes it."""
    made = {"basis": "EXPLICIT", "from": [RAW, CLEAN], "jobs": [JOB], "not": []}
    derived, written = edges(ALONE._replace(aspect=MAP), made)

    assert (DATASET_FROM_DATASET, CLEAN, RAW, {"job": "", "basis": "EXPLICIT"}) == (
        derived.kind,
        derived.source,
        derived.target,
        derived.values,
    )
    assert (WRITES, JOB, CLEAN, {"by": CLEAN}) == (written.kind, written.source, written.target, written.values)
    assert [""] == [e.values["job"] for e in edges(ALONE, [column("a", "x")])]
    assert [] == edges(OF_JOB._replace(aspect=MAP), made)


def test_what_a_job_says_of_another_is_an_edge_of_the_other() -> None:
    """It carries who says so, whether it was observed or declared."""
    flows = [[READS, OTHER, RAW], [FED_BY, OTHER, JOB]]
    observed = edges(IO._replace(aspect=OTHERS, name="O"), flows)
    declared = edges(IO, {"links": [], "complete": False, "others": flows})

    for origin, found in (("O", observed), ("D", declared)):
        assert [(READS, origin, OTHER, RAW), (FED_BY, origin, OTHER, JOB)] == [
            (e.kind, e.origin, e.source, e.target) for e in found
        ]
        assert [{"by": JOB}] * 2 == [e.values for e in found]


def test_transformations_are_edges_of_their_own() -> None:
    """The same two columns by another transformation are another edge, so that an edge's properties never change."""
    ways = [column("id", "key"), column("id", "key", subtype="FILTER"), column("id", "key", description="copied")]
    found = edges(OF_JOB, ways)

    assert ways == [
        ["id", RAW, "key", *(e.values[k] for k in ("type", "subtype", "masking", "description"))] for e in found
    ]


def test_two_jobs_never_share_a_column_edge() -> None:
    """Each job's map is a register of its own: what one drops, the other keeps."""
    (ours,) = edges(OF_JOB, [column("id", "key")])
    (theirs,) = edges(OF_JOB._replace(id="r9"), [column("id", "key")])

    assert ours.key != theirs.key


@pytest.mark.parametrize("aspect", [SCHEMA, FACET, "unknown"])
def test_other_registers_imply_nothing(aspect: str) -> None:
    """A schema or a facet is a value, no edge."""
    assert {} == derived_edges(IO._replace(aspect=aspect), [Point(1, 1, "v")], {"v": {}})
    assert aspect not in DERIVING


def test_an_edge_ends_where_its_register_says_something_else() -> None:
    """Replaced, then removed: each edge is open exactly while a value contains it."""
    bodies: Bodies = {
        "both": {"links": [[READS, RAW], [WRITES, CLEAN]], "complete": False},
        "one": {"links": [[WRITES, CLEAN]], "complete": False},
    }
    points = [Point(1, 1, "both"), Point(2, 2, "one"), Point(3, 3, ABSENT)]
    found = {edge.target: edge.points for edge in derived_edges(IO, points, bodies).values()}

    assert {
        RAW: [Point(1, 1, OPEN), Point(2, 2, ABSENT)],
        CLEAN: [Point(1, 1, OPEN), Point(3, 3, ABSENT)],
    } == found


def test_a_register_of_nothing_implies_nothing() -> None:
    """Neither without points nor with removals alone."""
    assert {} == derived_edges(IO, [], {})
    assert {} == derived_edges(IO, [Point(1, 1, ABSENT)], {})


BODIES: Bodies = {
    f"v{mask}": [
        column(out, path) for i, (out, path) in enumerate([("a", "x"), ("b", "x"), ("", "y")]) if mask >> i & 1
    ]
    for mask in range(8)
}
told = st.lists(
    st.tuples(st.integers(0, 5), st.integers(0, 6), st.sampled_from([*BODIES, ABSENT])),
    max_size=6,
    unique_by=lambda p: p[1],
).map(lambda points: sorted(points, key=lambda p: p[0]))


@settings(max_examples=150, deadline=None)
@given(told)
def test_edges_follow_their_register_at_every_moment(told: list[tuple[int, int, str]]) -> None:
    """At every (T, K) the open edges are those of the value that the register has there."""
    register: Points = []
    for point in told:
        push(register, Point(*point))
    found = derived_edges(ALONE, register, BODIES)
    for t in range(-1, 7):
        for k in range(-1, 8):
            value = value_at(register, t, k)
            expected = {e.key for e in edges(ALONE, BODIES[value])} if value else set()

            assert expected == {key for key, e in found.items() if value_at(e.points, t, k) == OPEN}
