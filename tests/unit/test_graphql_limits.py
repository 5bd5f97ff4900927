"""What a GraphQL document may ask for, and that finding out is cheap."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import strawberry
from graphql import get_introspection_query, parse
from graphql.validation.validate import ValidationAbortedError
from strawberry.extensions import ValidationCache
from strawberry.types import ExecutionResult

from catalog.api.graphql.limits import DEFAULT_LIMITS, EXTENSIONS, Limits, Survey, check, limits_rule, protections


@strawberry.type
class Node:
    id: strawberry.ID = strawberry.ID("1")

    @strawberry.field
    def kids(self) -> list[Node]:
        return []


@strawberry.type
class Query:
    @strawberry.field
    def hello(self) -> str:
        return "hi"

    @strawberry.field
    def n(self) -> Node:
        return Node()


@strawberry.type
class Mutation:
    @strawberry.field
    def erase(self) -> str:
        return "erased"


SCHEMA = strawberry.Schema(Query, Mutation, extensions=EXTENSIONS)


@pytest.fixture(autouse=True)
def silent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stock schema logs every error; these are all expected."""
    monkeypatch.setattr(strawberry.Schema, "process_errors", lambda *_: None)


def ask(query: str, **options: Any) -> ExecutionResult:
    return SCHEMA.execute_sync(query, **options)


def refused(query: str, limits: Limits = DEFAULT_LIMITS) -> ValidationAbortedError:
    with pytest.raises(ValidationAbortedError) as caught:
        check(parse(query), limits)
    assert "OPERATION_TOO_COMPLEX" == (caught.value.extensions or {})["code"]
    return caught.value


def numbers(error: ValidationAbortedError) -> tuple[Any, Any]:
    extensions = error.extensions or {}
    return extensions.get("found"), extensions.get("limit")


def chain(links: int, below: str = "...F{0} ...F{0}", last: str = "id") -> str:
    """Fragments that each hold the next one twice: 2^links copies of the last."""
    parts = [f"fragment F{link} on Node {{ {below.format(link + 1)} }}" for link in range(links)]
    return " ".join([*parts, f"fragment F{links} on Node {{ {last} }}"])


def fields(count: int, field: str = "kids { id }") -> str:
    return " ".join([field] * count)


@pytest.mark.parametrize("links", [60, 150])
def test_a_fragment_bomb_is_refused_after_one_look_at_each_selection(links: int) -> None:
    """2^60 and 2^150 expansions cost as many steps as the text has selections."""
    document = parse("{ n { ...F0 } } " + chain(links))
    survey = Survey(document)
    (weight,) = [weight for _, weight in survey.weigh_operations()]

    assert 10**9 == weight.fields
    assert 2 + 2 * links + 1 == survey.visited
    assert "The document has more than 1,000,000,000 selections" in str(refused("{ n { ...F0 } } " + chain(links)))


def test_a_bomb_of_fields_is_refused_by_its_depth() -> None:
    """Fields inside the fragments change the limit that is met, not the result."""
    error = refused("{ n { ...F0 } } " + chain(60, below="a: kids {{ ...F{0} }} b: kids {{ ...F{0} }}"))

    assert (62, 15) == numbers(error)


def test_a_refusal_is_the_only_error_of_its_document() -> None:
    """Raising ends the validation, so the quadratic rule never starts."""
    result = ask("{ n { unknown ...F0 } } " + chain(60))

    assert [["OPERATION_TOO_COMPLEX"]] == [[e.extensions["code"]] for e in result.errors or [] if e.extensions]
    assert 1 == len(result.errors or [])


REPEATS = {
    "at the root": "{ " + fields(240, "n { id }") + " }",
    "below a field": "{ n { " + fields(480) + " } }",
    "in inline fragments": "{ n { " + fields(240, "... { kids { id } }") + " } }",
    "in inline fragments with types": "{ n { " + fields(160, "... on Node { kids { id } }") + " } }",
    "in 20 fragments of 20": "{ n { "
    + " ".join(f"...P{i}" for i in range(20))
    + " } } "
    + " ".join(f"fragment P{i} on Node {{ {fields(20)} }}" for i in range(20)),
    "in an unused fragment": "{ hello } fragment Unused on Node { " + fields(400) + " }",
    "in a fragment whose name is taken": "{ n { ...A } } fragment A on Node { "
    + fields(80)
    + " } fragment A on Node { id }",
    "in a fragment that 150 operations share": " ".join(f"query Q{i} {{ n {{ ...S }} }}" for i in range(150))
    + f" fragment S on Node {{ {fields(20)} }}",
    "leaves": "{ " + fields(1_900, "hello") + " }",
    "leaves below a field": "{ n { " + fields(1_900, "id") + " } }",
    "under one alias": "{ n { " + fields(46, "same: kids { id }") + " } }",
    "two levels down": "{ n { " + fields(30, "kids { " + fields(5, "kids { id }") + " }") + " } }",
}


@pytest.mark.parametrize("query", REPEATS.values(), ids=REPEATS.keys())
def test_repeated_fields_are_refused_wherever_they_hide(query: str) -> None:
    """Each of these would be compared in pairs, which costs the square of the repeats."""
    refused(query)


def test_pairs_are_counted_per_name_and_over_the_levels() -> None:
    """k fields of one name are k(k-1)/2 pairs; what is below them is one group."""
    document = parse("{ n { kids { id } kids { id } ...P other: kids { id } } } fragment P on Node { kids { id } id }")
    survey = Survey(document)

    assert 3 + 3 == survey.pairs(survey.operations[0].selection_set, most=100)


def test_counting_pairs_stops_above_the_limit() -> None:
    """The answer is then only known to be too large."""
    survey = Survey(parse("{ n { " + fields(10, "id") + " " + fields(10, "kids { id }") + " } }"))

    assert 45 == survey.pairs(survey.operations[0].selection_set, most=44)


def test_counting_pairs_visits_no_more_than_the_weight() -> None:
    """Pass one bounds pass two, through spreads that hold no field too."""
    groups = " ".join(f"k{i}: kids {{ ...F0 }}" for i in range(30))
    query = f"{{ n {{ {groups} }} }} " + chain(30, below="...F{0}")
    survey = Survey(parse(query))
    (weight,) = [weight for _, weight in survey.weigh_operations()]
    before = survey.visited
    survey.pairs(survey.operations[0].selection_set, most=1_000)

    assert weight.fields >= survey.visited - before


@pytest.mark.parametrize(
    ("query", "circle"),
    [
        ("{ n { ...A } } fragment A on Node { ...A }", "A -> A"),
        (
            "{ n { ...X } } fragment X on Node { ...A } "
            "fragment A on Node { kids { ...B } } fragment B on Node { ... { ...A } }",
            "A -> B -> A",
        ),
        ("{ hello } fragment A on Node { kids { ...A } }", "A -> A"),
    ],
    ids=["itself", "each other", "unused"],
)
def test_a_cycle_of_fragments_is_refused_by_name(query: str, circle: str) -> None:
    """A cycle has no end to count to; the error says which fragments to look at."""
    assert f"The fragments {circle} contain each other" in str(refused(query))


def test_the_introspection_query_passes() -> None:
    """Tools must be able to read the schema; its levels count as none."""
    query = get_introspection_query(
        specified_by_url=True, schema_description=True, directive_is_repeatable=True, input_value_deprecation=True
    )

    assert ask(query).errors is None


def test_deep_introspection_is_left_to_the_rule_of_graphql_itself() -> None:
    """Counting introspection as no level opens no way to expand the schema without end."""
    result = ask("{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }")

    assert ["Maximum introspection depth exceeded"] == [error.message for error in result.errors or []]


def test_twelve_fragments_that_repeat_each_other_pass() -> None:
    """Components that each bring their own fragment are the normal case."""
    spreads = " ".join(f"...C{i}" for i in range(12))
    parts = " ".join(f"fragment C{i} on Node {{ id __typename kids {{ id __typename }} }}" for i in range(12))

    assert ask(f"{{ n {{ {spreads} }} }} {parts}").errors is None


def nested(levels: int) -> str:
    return "{ n " + "{ kids " * (levels - 2) + "{ id }" + " }" * (levels - 1)


LIMITED = {
    "depth": (nested(15), nested(16)),
    "aliases": tuple("{ n { " + " ".join(f"a{i}: id" for i in range(n)) + " } }" for n in (50, 51)),
    "root_selections": tuple("{ " + " ".join(f"f{i}" for i in range(n)) + " }" for n in (20, 21)),
    "fields": tuple("{ n { " + " ".join(f"f{i}" for i in range(n - 1)) + " } }" for n in (2_000, 2_001)),
    "pairs": tuple("{ n { " + " ".join(["a"] * 45 + ["b"] * 5 + extra) + " } }" for extra in ([], ["b"])),
}


@pytest.mark.parametrize("name", LIMITED)
def test_a_limit_is_the_last_number_allowed(name: str) -> None:
    """What reaches a limit passes, one more is refused, and the error says both numbers and what to do."""
    limit = getattr(DEFAULT_LIMITS, name)
    fits, exceeds = LIMITED[name]
    check(parse(fits), DEFAULT_LIMITS)
    error = refused(exceeds)
    found, allowed = numbers(error)

    assert limit == allowed < found
    assert f"{found:,}" in error.message
    assert f"the limit is {limit:,}: " in error.message


def test_fields_are_summed_over_operations_and_unreached_fragments() -> None:
    """Neither many operations nor fragments nobody spreads get round the limit."""
    query = "query A { n { ...S } } query B { n { ...S } } fragment S on Node { id } fragment U on Node { id kids }"
    limits = Limits(fields=2 * 3 + 2)
    check(parse(query), limits)

    assert (8, 7) == numbers(refused(query, replace(limits, fields=7)))


def test_an_unknown_fragment_weighs_nothing() -> None:
    """Another rule reports it, with a better text."""
    result = ask("{ n { ...Missing } }")

    assert ["Unknown fragment 'Missing'."] == [error.message for error in result.errors or []]


def test_a_chain_too_long_to_follow_is_refused_with_the_same_code() -> None:
    """Running out of stack is an answer, not a crash."""
    refused("{ n { ...F0 } } " + chain(2_000, below="...F{0}"))


@pytest.mark.parametrize(("words", "accepted"), [(1_998, True), (1_999, False)])
def test_tokens_are_limited_while_reading(words: int, accepted: bool) -> None:
    """Text over the limit is never parsed to its end."""
    errors = [error.message for error in ask("{ " + "hello " * words + "}").errors or []]

    assert accepted == (errors != ["Syntax Error: Document contains more than 2000 tokens. Parsing aborted."])


@pytest.mark.parametrize("first", ["query A { hello }", "mutation A { erase }"])
def test_several_operations_need_a_name(first: str) -> None:
    """None of them runs when the request does not say which."""
    document = first + " query B { hello }"
    (error,) = ask(document).errors or []

    assert {"code": "OPERATION_NAME_REQUIRED", "found": 2, "limit": 1} == error.extensions
    assert "set operationName" in error.message
    assert {"hello": "hi"} == ask(document, operation_name="B").data


def test_one_operation_needs_no_name() -> None:
    """A named operation alone may be run without saying its name."""
    assert {"hello": "hi"} == ask("query A { hello }").data


def test_the_rule_is_one_class_for_all_requests() -> None:
    """A class per request would be a new key of the validation cache per request."""
    schema = strawberry.Schema(Query, extensions=protections(Limits(depth=14)))
    cache = ValidationCache().cached_validate_document
    before = cache.cache_info()  # type: ignore[attr-defined]
    for _ in range(3):
        assert schema.execute_sync("{ hello n { id } }").errors is None
    after = cache.cache_info()  # type: ignore[attr-defined]

    assert (1, 2) == (after.misses - before.misses, after.hits - before.hits)


def test_a_schema_can_have_other_limits() -> None:
    """The numbers are settings; each set of them makes a rule of its own."""
    schema = strawberry.Schema(Query, extensions=protections(Limits(depth=1)))
    (error,) = schema.execute_sync("{ n { id } }").errors or []

    assert {"code": "OPERATION_TOO_COMPLEX", "found": 2, "limit": 1} == error.extensions
    assert limits_rule(DEFAULT_LIMITS) is not limits_rule(DEFAULT_LIMITS)


def test_few_heavy_questions_at_once() -> None:
    """What reads whole manifests is counted at the root, through fragments; the same names further down are not."""
    most = " ".join(f'd{n}: drift(manifest: "m") {{ total }}' for n in range(5))
    check(parse(f"{{ {most} kids {{ plan drift impact }} }}"), DEFAULT_LIMITS)

    assert (6, 5) == numbers(refused(f"{{ {most} plan }}"))
    assert (6, 5) == numbers(refused(f"{{ ...F ... {{ impact }} }} fragment F on Query {{ {most} }}"))
