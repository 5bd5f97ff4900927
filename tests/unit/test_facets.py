"""The normal form of facets: a schema as far as it is one, nothing of the envelope."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.lineage.assertions import Json
from catalog.lineage.facets import RAW_ONLY, RUN_BOUND, TYPED, bare, is_tombstone, read_schema
from tests import corpus


def schema_of(facet: Json) -> tuple[Json, list[str]]:
    """The fields, and what was said about the others."""
    warnings: list[str] = []
    return read_schema(facet, "here", warnings), warnings


@pytest.mark.parametrize(
    ("facet", "schema"),
    [
        ({"fields": [{"name": "id", "type": "INT", "description": "key", "ordinal_position": 1}]},
         [{"name": "id", "type": "INT", "description": "key"}]),
        ({"fields": [{"name": "id"}, {"name": "n", "type": None}]}, [{"name": "id"}, {"name": "n"}]),
        ({"fields": [{"name": "id", "type": 5}]}, [{"name": "id", "type": "5"}]),
        ({"fields": [{"name": "a", "fields": [{"name": "b", "fields": [{"name": "c", "type": "x"}]}]}]},
         [{"name": "a", "fields": [{"name": "b", "fields": [{"name": "c", "type": "x"}]}]}]),
        ({"fields": [{"name": "a", "fields": []}]}, [{"name": "a"}]),
        ({"fields": []}, None),
        ({"fields": None}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_schemas(facet: Json, schema: Json) -> None:
    """In normal form, nested; a partial schema says what it says, an empty one nothing (dbt documents some columns)."""
    assert (schema, []) == schema_of(facet)


@pytest.mark.parametrize(
    ("facet", "schema", "warning"),
    [
        ([], None, ": no list of fields, left out"),
        ("text", None, ": no list of fields, left out"),
        ({"fields": {"id": "INT"}}, None, ": no list of fields, left out"),
        (
            {"fields": [{"type": "INT"}, {"name": "n"}]},
            [{"name": "n"}],
            ".fields[0]: a field without a name, left out",
        ),
        ({"fields": ["id", {"name": "n"}]}, [{"name": "n"}], ".fields[0]: a field without a name, left out"),
        (
            {"fields": [{"name": "a", "fields": [{"name": ""}, {"name": "b"}]}]},
            [{"name": "a", "fields": [{"name": "b"}]}],
            ".fields[0].fields[0]: a field without a name, left out",
        ),
    ],
)
def test_malformed_schemas(facet: Json, schema: Json, warning: str) -> None:
    """The fields that have a name stay."""
    assert (schema, [f"here{warning}"]) == schema_of(facet)


def test_deep_schemas_are_cut_with_a_warning() -> None:
    """20 levels of nesting are kept."""
    field: dict[str, Any] = {"name": "leaf"}
    for level in range(40):
        field = {"name": f"f{level}", "fields": [field]}
    schema, warnings = schema_of({"fields": [field]})

    depth, at = 0, schema
    while at:
        depth, at = depth + 1, at[0].get("fields")
    assert 21 == depth
    assert ["nested deeper than 20 levels, cut here"] == [w.rsplit(": ", 1)[1] for w in warnings]


@pytest.mark.parametrize("fragment", corpus.fragments("SchemaDatasetFacet"))
def test_schemas_of_the_specification(fragment: corpus.Event) -> None:
    """Every field is kept, with its type and description, at its place."""

    def paths(fields: list[Any], above: str = "") -> list[tuple[str, Any, Any]]:
        found = []
        for field in fields:
            path = f"{above}.{field['name']}"
            found += [(path, field.get("type"), field.get("description")), *paths(field.get("fields", []), path)]
        return found

    schema, warnings = schema_of(fragment["schema"])

    assert [] == warnings
    assert paths(fragment["schema"]["fields"]) == paths(schema)


def test_the_envelope_is_no_part_of_a_value() -> None:
    """Only its own two members go, and only at the top."""
    facet = {"_producer": "p", "_schemaURL": "s", "_deleted": False, "inner": {"_producer": "kept"}}

    assert {"_deleted": False, "inner": {"_producer": "kept"}} == bare(facet)
    assert ["a", None, [{"_producer": "p"}]] == [bare(v) for v in ("a", None, [{"_producer": "p"}])]


@pytest.mark.parametrize(
    "facet", [{}, {"_deleted": False}, {"_deleted": "true"}, {"_deleted": 1}, [], None, "_deleted"]
)
def test_only_true_deletes(facet: Json) -> None:
    """A tombstone is said in so many words."""
    assert not is_tombstone(facet)
    assert is_tombstone({"_deleted": True, "more": 1})


def test_a_facet_has_one_place() -> None:
    """No key is typed, bound to its run and left out at once."""
    assert len(RUN_BOUND | TYPED | RAW_ONLY) == len(RUN_BOUND) + len(TYPED) + len(RAW_ONLY)


def test_nested_fields_that_are_no_list_are_told() -> None:
    """The field stays, without them; null means that it has none."""
    schema, warnings = schema_of({"fields": [{"name": "a", "fields": {"x": 1}}, {"name": "b", "fields": None}]})

    assert [{"name": "a"}, {"name": "b"}] == schema
    assert 1 == len(warnings) and warnings[0].endswith("fields[0].fields: no list, left out")
