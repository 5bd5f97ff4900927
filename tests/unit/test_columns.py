"""The `columnLineage` facet in all its forms becomes distinct, sorted column edges."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.identity import Name
from catalog.lineage.assertions import ColumnEdge
from catalog.lineage.columns import MAX_WORDS, read_columns
from catalog.lineage.translate import translate
from tests import corpus

USERS = {"namespace": "db", "name": "users"}
LONG = "w" * (MAX_WORDS + 1)


def source(field: Any = "id", **more: Any) -> dict[str, Any]:
    return {**USERS, "field": field, **more}


def edge(
    out: str, field: str, type_: str = "DIRECT", subtype: str = "", masking: bool = False, description: str = ""
) -> ColumnEdge:
    """An edge to a column of `users`."""
    return ColumnEdge(out, Name("db", "users"), field, type_, subtype, masking, description)


def columns(facet: dict[str, Any]) -> tuple[list[ColumnEdge], list[str]]:
    warnings: list[str] = []
    return list(read_columns(facet, "here", warnings)), warnings


def of_column(*sources: Any, **more: Any) -> dict[str, Any]:
    """The facet of one output column `total`."""
    return {"fields": {"total": {"inputFields": list(sources), **more}}}


def test_the_scenario_cll_has_its_21_edges() -> None:
    """3 direct and 18 indirect ones: the ground truth of the compatibility tests."""
    told = {
        (edge.out, edge.dataset.name.rsplit("/", 1)[1], edge.field, edge.type, edge.subtype)
        for event in corpus.scenario("CLL")
        for dataset in translate(event).datasets
        for edge in dataset.columns or ()
        if dataset.name.name.endswith("tbl1")
    }
    indirect = [
        ("cll_source1", "a", "FILTER"),
        ("cll_source2", "a", "FILTER"),
        ("cll_source1", "a", "JOIN"),
        ("cll_source2", "a", "JOIN"),
        ("cll_source1", "a", "GROUP_BY"),
        ("cll_source1", "b", "GROUP_BY"),
    ]

    assert {
        ("ident", "cll_source1", "a", "DIRECT", "IDENTITY"),
        ("trans", "cll_source1", "b", "DIRECT", "TRANSFORMATION"),
        ("agg", "cll_source2", "c", "DIRECT", "AGGREGATION"),
        *((out, table, field, "INDIRECT", why) for out in ("ident", "trans", "agg") for table, field, why in indirect),
    } == told
    assert 21 == len(told)


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [("airflow", 16), ("simple_run_event", 0), ("spark_dataproc_bigquery_shakespare", 8)],
)
def test_column_edges_of_the_other_scenarios(scenario: str, expected: int) -> None:
    """Distinct output column x input column x transformation, as the compatibility tests count them."""
    told = {
        (dataset.name, edge)
        for event in corpus.scenario(scenario)
        for dataset in translate(event).datasets
        for edge in dataset.columns or ()
    }

    assert expected == len(told)


@pytest.mark.parametrize(
    "fragment", [pytest.param(f, id=f"{i}") for i, f in enumerate(corpus.fragments("ColumnLineageDatasetFacet"))]
)
def test_spec_fragments(fragment: corpus.Event) -> None:
    """Every form the specification tests is read without a warning, and no reference in it is lost."""
    facet = fragment["columnLineage"]
    listed = [(out, s) for out, body in facet["fields"].items() for s in body["inputFields"]]
    listed += [("", s) for s in facet.get("dataset", [])]

    edges, warnings = columns(facet)

    assert [] == warnings
    assert {(out, s["namespace"], s["name"], s["field"]) for out, s in listed} == {
        (e.out, *e.dataset, e.field) for e in edges
    }
    assert len(
        {(out, s["name"], s["field"], str(t)) for out, s in listed for t in s.get("transformations") or [0]}
    ) == len(edges)


@pytest.mark.parametrize(
    ("facet", "expected"),
    [
        (of_column(source()), edge("total", "id")),
        (of_column(source(transformations=[])), edge("total", "id")),
        (
            of_column(source(transformations=[{"type": "INDIRECT", "subtype": "JOIN"}])),
            edge("total", "id", "INDIRECT", "JOIN"),
        ),
        (of_column(source(transformations=[{"type": "indirect"}])), edge("total", "id", "INDIRECT")),
        (of_column(source(transformations=[{"type": None}])), edge("total", "id")),
        (
            of_column(
                source(transformations=[{"type": "DIRECT", "subtype": "X", "masking": True, "description": "hash"}])
            ),
            edge("total", "id", "DIRECT", "X", True, "hash"),
        ),
        (of_column(source(transformations=[{"type": "DIRECT", "masking": "true"}])), edge("total", "id")),
        (
            of_column(source(), transformationType="IDENTITY", transformationDescription="as it is"),
            edge("total", "id", "DIRECT", "IDENTITY", False, "as it is"),
        ),
        (of_column(source(), transformationType="MASKED"), edge("total", "id", "DIRECT", "MASKED", True)),
        (of_column(source(), transformationType="INDIRECT"), edge("total", "id", "INDIRECT")),
        (
            of_column(source(transformations=[{"type": "DIRECT", "subtype": "NEW"}]), transformationType="OLD"),
            edge("total", "id", "DIRECT", "NEW"),
        ),
        ({"dataset": [source()]}, edge("", "id", "INDIRECT")),
        (
            {"fields": {}, "dataset": [source(transformations=[{"type": "INDIRECT", "subtype": "SORT"}])]},
            edge("", "id", "INDIRECT", "SORT"),
        ),
    ],
)
def test_forms(facet: dict[str, Any], expected: ColumnEdge) -> None:
    """Transformations as 1-2-0 has them, the deprecated pair of older facets, and whole datasets (output "")."""
    assert ([expected], []) == columns(facet)


def test_each_transformation_is_an_edge_and_repetition_is_none() -> None:
    """One input column may be both identity and filter; said twice it is still said once."""
    both = source(
        transformations=[{"type": "INDIRECT", "subtype": "FILTER"}, {"type": "DIRECT", "subtype": "IDENTITY"}]
    )

    edges, _ = columns(of_column(both, both))

    assert [edge("total", "id", "DIRECT", "IDENTITY"), edge("total", "id", "INDIRECT", "FILTER")] == edges


@pytest.mark.parametrize(
    ("facet", "warnings"),
    [
        ({}, []),
        ({"fields": None, "dataset": None}, []),
        ({"fields": {"total": None}}, []),
        ({"fields": {"total": {}}}, []),
        ({"fields": {"total": {"inputFields": None}}}, []),
        (of_column(None), []),
        ({"dataset": [None]}, []),
        ({"fields": []}, ["here.fields: not an object, left out"]),
        ({"fields": {"total": "id"}}, ["here.fields.total: not an object, left out"]),
        ({"fields": {"total": {"inputFields": 5}}}, ["here.fields.total.inputFields: not an array, left out"]),
        ({"fields": {"total": {"inputFields": source()}}}, ["here.fields.total.inputFields: not an array, left out"]),
        ({"dataset": "db.users"}, ["here.dataset: not an array, left out"]),
        (of_column("id"), ["here.fields.total.inputFields[0]: no dataset without namespace and name, left out"]),
        (of_column(source(None)), ["here.fields.total.inputFields[0]: no field, left out"]),
        (of_column(source("")), ["here.fields.total.inputFields[0]: no field, left out"]),
        (
            of_column({"namespace": None, "name": None, "field": None}),
            ["here.fields.total.inputFields[0]: no dataset without namespace and name, left out"],
        ),
        ({"dataset": [USERS]}, ["here.dataset[0]: no field, left out"]),
    ],
)
def test_what_is_null_or_malformed_is_left_out(facet: dict[str, Any], warnings: list[str]) -> None:
    """Null says nothing (Trino sends such); whatever else cannot be read is said, with its place."""
    assert ([], warnings) == columns(facet)


@pytest.mark.parametrize(
    ("facet", "cut"),
    [
        (of_column(source(transformations=[{"subtype": LONG}])), ".inputFields[0].transformations.subtype"),
        (of_column(source(transformations=[{"description": LONG}])), ".inputFields[0].transformations.description"),
        (of_column(source(), transformationType=LONG), ".transformationType"),
        (of_column(source(), transformationDescription=LONG), ".transformationDescription"),
    ],
)
def test_long_words_are_cut_and_it_is_said(facet: dict[str, Any], cut: str) -> None:
    """They stand on every edge; one of the longest length is whole."""
    (found,), warnings = columns(facet)
    whole, said = columns(json.loads(json.dumps(facet).replace(LONG, LONG[:MAX_WORDS])))

    assert LONG[:MAX_WORDS] in (found.subtype, found.description)
    assert [f"here.fields.total{cut}: 10,001 characters, cut after 10,000"] == warnings
    assert ([found], []) == (whole, said)


def test_a_bad_member_costs_only_itself() -> None:
    """The good columns of the same facet stay (Marquez #2158 lost the event)."""
    facet = {
        "fields": {
            "bad": {"inputFields": 5},
            "worse": 7,
            "total": {
                "inputFields": [None, source(None), source(transformations=5), source("x", transformations=[None, 3])]
            },
        }
    }

    edges, warnings = columns(facet)

    assert [edge("total", "id"), edge("total", "x")] == edges
    assert [
        "here.fields.bad.inputFields: not an array, left out",
        "here.fields.worse: not an object, left out",
        "here.fields.total.inputFields[1]: no field, left out",
        "here.fields.total.inputFields[2].transformations: not an array, left out",
        "here.fields.total.inputFields[3].transformations: one that is not an object, left out",
    ] == warnings


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["DIRECT", "id", ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["fields", "dataset", "inputFields", "namespace", "name", "field", "transformations", "type", "a"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(["fields", "dataset"]), anything))
def test_no_facet_fails(facet: dict[str, Any]) -> None:
    """Whatever is in it, the edges are distinct, sorted, and have both ends."""
    edges, _ = columns(facet)

    assert sorted(set(edges)) == edges
    assert all(e.dataset.namespace and e.dataset.name and e.field for e in edges)
