"""The schema explains itself: whoever reads it in an editor has no other manual."""

from __future__ import annotations

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    build_schema,
    is_specified_scalar_type,
)

from catalog.api.graphql.limits import HEAVY
from catalog.api.graphql.schema import schema

SCHEMA = build_schema(schema.as_str())


def test_everything_is_described() -> None:
    """Types, fields, arguments and fields of inputs (where `argument(...)` would be ignored without a word)."""
    parts: dict[str, GraphQLField | GraphQLInputField | GraphQLArgument] = {}
    types = [type_ for name, type_ in SCHEMA.type_map.items() if not name.startswith("__")]
    for type_ in types:
        if isinstance(type_, GraphQLObjectType | GraphQLInputObjectType):
            for name, field in type_.fields.items():
                parts[f"{type_}.{name}"] = field
                if isinstance(field, GraphQLField):
                    parts.update({f"{type_}.{name}({argument})": its for argument, its in field.args.items()})

    assert [] == [str(t) for t in types if not t.description and not is_specified_scalar_type(t)]
    assert [] == [name for name, part in parts.items() if not part.description]


def test_heavy_questions_are_questions() -> None:
    """Those that one operation may have few of are fields of the schema, so a renamed one is not forgotten."""
    assert SCHEMA.query_type is not None
    assert set() == HEAVY - set(SCHEMA.query_type.fields)
