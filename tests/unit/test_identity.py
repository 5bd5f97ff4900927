"""A name is exact, an id is its hash: different things never share one, and an id never changes."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from catalog.identity import (
    SORT_LENGTH,
    WORD_LENGTH,
    WORDS_LENGTH,
    Name,
    dataset_id,
    digest,
    field_id,
    job_id,
    run_id,
    sort_key,
    words,
)
from tests import corpus

MANY = settings(max_examples=150, deadline=None)

# Few letters and many separators, so that two names often are one text cut elsewhere.
parts = st.text(st.sampled_from(list('ab:/.,"\\\n[] \0é')), max_size=4)
names = st.builds(Name, parts, parts)


@MANY
@given(names, names)
@example(Name("a", "b:c"), Name("a:b", "c"))
@example(Name("a\n", "b"), Name("a", "\nb"))
@example(Name('a","b', "c"), Name("a", 'b","c'))
def test_different_names_have_different_ids(one: Name, other: Name) -> None:
    """Wherever separators stand in them."""
    for id_ in (dataset_id, job_id):
        assert (one == other) == (id_(one) == id_(other))


@MANY
@given(names, parts, names, parts)
def test_runs_and_fields_differ_too(one: Name, run: str, other: Name, other_run: str) -> None:
    """One run id of two jobs is two runs; a column's path is no part of its dataset's name."""
    same = (one, run) == (other, other_run)

    assert same == (run_id(one, run) == run_id(other, other_run))
    assert same == (field_id(dataset_id(one), run) == field_id(dataset_id(other), other_run))


@MANY
@given(names)
def test_kinds_never_meet(name: Name) -> None:
    """A dataset and a job of one name are two nodes, and so are a run and a column."""
    ids = [dataset_id(name), job_id(name), run_id(name, ""), field_id(*name), digest(*name)]

    assert len(ids) == len(set(ids))


def test_real_names_have_different_ids() -> None:
    """Case counts: two real datasets differ in it alone."""
    found = set()
    for _, event in corpus.all_events():
        listed = [*(event.get("inputs") or ()), *(event.get("outputs") or ()), event.get("dataset"), event.get("job")]
        found |= {Name(d["namespace"], d["name"]) for d in listed if d}

    assert len(found) > 80
    assert len(found) == len({dataset_id(name) for name in found})
    assert dataset_id(Name("db", "Users")) != dataset_id(Name("db", "users"))


def test_ids_are_what_they_were() -> None:
    """They are stored in every graph there is."""
    name = Name("postgres://db:5432", "shop.public.users")

    assert "13c394a3f4a5d6d07a985850c4278af7" == dataset_id(name)
    assert "b3e4536585d4e199c20e784168e1a1b2" == job_id(name)
    assert "b80a760b5d2d036c8ebc7631fefcde63" == run_id(name, "r1")
    assert "d7c2ce525dd01cdcd7967673179940cb" == field_id(dataset_id(name), "address.zip")


def test_ids_have_one_length() -> None:
    """128 bits in hexadecimal, also of a name of 230 kB."""
    assert {32} == {len(dataset_id(Name("db", "x" * n))) for n in (0, 1, 230_000)}


@MANY
@given(names, names)
def test_sort_keys_are_unique_and_bounded(one: Name, other: Name) -> None:
    """Two things never share a place in a listing."""
    keys = [sort_key(name, dataset_id(name)) for name in (one, other)]

    assert (one == other) == (keys[0] == keys[1])
    assert max(map(len, keys)) <= SORT_LENGTH + 1 + 32


def test_sort_keys_order_as_people_read() -> None:
    """By namespace, then name, whatever the ids; a namespace comes before the longer one that it begins."""
    ordered = [Name("a", "z"), Name("a", "zz"), Name("a/b", "a"), Name("b", "a")]

    assert all(sort_key(x, "f" * 32) < sort_key(y, "0" * 32) for x, y in combinations(ordered, 2))


def test_long_names_still_have_places_of_their_own() -> None:
    """Names that differ behind the bound are told apart by id."""
    long, longer = Name("db", "x" * 1_000), Name("db", "x" * 1_000 + "y")

    assert sort_key(long, dataset_id(long)) != sort_key(longer, dataset_id(longer))
    assert SORT_LENGTH + 33 == len(sort_key(longer, dataset_id(longer)))


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("warehouse.dimCustomer_v2",), "warehouse dimcustomer dim customer v2"),
        (("s3://Bucket/dt=2026-03-01/part.parquet",), "s3 bucket dt 2026 03 01 part parquet"),
        (("a.b", "b.c"), "a b c"),
        (("Größe_in_m²", "日本.東京"), "größe in m² 日本 東京"),
        (("\U00020bb7野家–orders😀2026",), "\U00020bb7野家 orders 2026"),
        (("ABC",), "abc"),
        (("orders2Go",), "orders2go orders2 go"),
        (("", "...", "_"), ""),
        ((), ""),
    ],
)
def test_words(texts: tuple[str, ...], expected: str) -> None:
    """In parts and whole, lower case, each once, in the order of their first use."""
    assert expected == words(*texts)


@MANY
@given(st.lists(st.text(max_size=30), max_size=3))
def test_words_hold_what_a_search_needs(texts: list[str]) -> None:
    """They are distinct, and words of words are the same words: searching finds what was indexed."""
    found = words(*texts)

    assert len(found.split()) == len(set(found.split()))
    assert set(words(found).split()) <= set(found.split()) | {""}


def test_words_of_long_names_are_bounded() -> None:
    """Index entries do not grow with a name of 230 kB, and one long word is found by its beginning."""
    assert WORDS_LENGTH >= len(words("xy " * 80_000))
    assert "x" * WORD_LENGTH == words("x" * 230_000)
