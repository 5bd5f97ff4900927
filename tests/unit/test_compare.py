"""The comparison of the compatibility tests: what is expected must be there, and what it says must be true."""

from __future__ import annotations

from typing import Any

import pytest

from tests.compatibility.compare import differences

ANY, LIST = "{{ any(result) }}", "{{ unordered_list(result, 'all') }}"
AB = [{"n": "a"}, {"n": "b"}]


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ({"a": 1}, {"a": 1, "b": 2}),
        ({}, {"b": 2}),
        ({"a": None}, {"a": None}),
        ([1, {"a": 2}], [1, {"a": 2, "b": 3}]),
        (ANY, 0),
        (ANY, ""),
        ("{{ match(result, 'a.c') }}", "abc"),
        ("{{ not_match(result, 'a.c') }}", "abcd"),
        ("{{ is_datetime(result) }}", "2026-03-01T12:00:00.5Z"),
        ("{{ is_uuid(result) }}", "019127de-fd25-7000-8000-000000000000"),
        ("{{ one_of(result, 'a', 2) }}", 2),
        ("{{ contains(result, 'b') }}", "abc"),
        ({"{{ key_not_defined(result, 'x') }}": ""}, {"a": 1}),
        ({LIST: AB}, {"all": AB[::-1]}),
        ({LIST: []}, {"all": []}),
        ({LIST: [{"n": ANY}, {"n": "a"}]}, {"all": AB}),
        ({LIST: [{"n": ANY}, {"n": ANY}, {"n": "a"}]}, {"all": [{"n": "a"}, {"n": "b"}, {"n": "c"}]}),
        ({LIST: [{LIST: [1, 2]}]}, {"all": [{"all": [2, 1]}]}),
    ],
    ids=repr,
)
def test_what_is_expected_is_found(expected: Any, actual: Any) -> None:
    """Objects hold more than is asked for; of an unordered list each member stands for one, whatever order helps."""
    assert [] == differences(expected, actual)


@pytest.mark.parametrize(
    ("expected", "actual", "place"),
    [
        ({"a": 1}, {}, ".a: is missing"),
        ({"a": None}, {}, ".a: is missing"),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, ".a.b: 2 instead of 1"),
        ({"a": 1}, {"a": True}, ".a: True instead of 1"),
        ({"a": {}}, {"a": []}, ".a: [] instead of an object"),
        ([1, 2], [2, 1], "[0]: 2 instead of 1"),
        ([1], [1, 2], ": [1, 2] instead of 1 members"),
        ([], None, ": None instead of 0 members"),
        (ANY, None, ": is null"),
        ("{{ match(result, 'a') }}", "ab", "is not like a"),
        ("{{ match(result, 'a') }}", None, "is not like a"),
        ("{{ not_match(result, 'a') }}", "a", "is like a"),
        ("{{ is_datetime(result) }}", "soon", "no date"),
        ("{{ is_uuid(result) }}", "run_id", "no UUID"),
        ("{{ one_of(result, 'a') }}", "b", "none of"),
        ("{{ contains(result, 'd') }}", "abc", "does not hold"),
        ({"{{ key_not_defined(result, 'x') }}": ""}, {"x": None}, ".x: is there"),
        ({LIST: AB}, {}, ".all: is missing"),
        ({LIST: AB}, {"all": AB[:1]}, ".all: 1 members instead of 2"),
        ({LIST: AB}, {"all": [AB[0], AB[0]]}, ".all[1]: no such member: {'n': 'b'}; nearest: .all[1].n"),
        ({LIST: AB[:1]}, {"all": AB}, ".all: not expected: {'n': 'b'}"),
        ({LIST: AB}, {"all": None}, ".all: None instead of a list"),
    ],
    ids=repr,
)
def test_what_differs_is_told_with_its_place(expected: Any, actual: Any, place: str) -> None:
    """Also what the project's own comparison passes over: a missing member, a wrong member of an unordered list."""
    assert any(place in said for said in differences(expected, actual)), differences(expected, actual)


def test_a_helper_that_does_not_exist_is_an_error() -> None:
    """A misspelt expectation must not pass for a text."""
    with pytest.raises(ValueError, match="no helper"):
        differences("{{ anything(result) }}", "x")
