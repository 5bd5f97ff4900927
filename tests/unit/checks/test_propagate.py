"""Tags and levels that follow the lineage of columns: rules T1 to T6."""

from __future__ import annotations

from dataclasses import replace

import pytest

from catalog.assets.keys import Key, Kind
from catalog.checks.classification.propagate import Effective, propagate
from catalog.checks.classification.unknown import Unknown
from catalog.checks.classification.why import DIRECT, INFLUENCED, PROPAGATED, STOPPED, derivation, tree
from catalog.checks.snapshot import Edge, Place, Thing
from tests.unit.checks.catalogs import EMAIL, PHONE, catalog, edge, of, place, said


def test_levels_take_the_strictest_and_tags_all() -> None:
    """T1: along column lineage levels are joined by their maximum and tags by union; T3: direct stays apart."""
    found = of(
        catalog(
            {"a.x": said(EMAIL, level="restricted"), "b.y": said(PHONE, level="internal"), "c.z": said("pii/name")},
            edge("a.x > c.z"),
            edge("b.y > c.z"),
        ),
        "c.z",
    )

    assert Effective("restricted", 3, (EMAIL, "pii/name", PHONE), ("pii/name",), None, ()) == found
    assert (EMAIL, PHONE) == found.propagated


def test_other_tags_stay_where_they_are() -> None:
    """Only what classifies data goes on, unless the tag's document says more."""
    about = {"a.x": said("finance", EMAIL), "b.y": said()}

    assert (EMAIL,) == of(catalog(about, edge("a.x > b.y")), "b.y").tags
    assert ("finance", EMAIL) == of(
        catalog(about, edge("a.x > b.y"), tags={"finance": {"propagates": "columns"}}), "b.y"
    ).tags
    assert () == of(catalog(about, edge("a.x > b.y"), tags={"pii": {"propagates": "none"}}), "b.y").tags


def test_indirect_dependencies_only_influence() -> None:
    """T4: a filter passes no level and no tag, only that it had influence, and influence goes on as influence."""
    snapshot = catalog(
        {"a.x": said(EMAIL, level="restricted"), "b.y": said()},
        edge("a.x > b.y", type="INDIRECT"),
        edge("b.y > c.z"),
    )

    expected = Effective(None, -1, (), (), None, (EMAIL,))
    assert (expected, expected) == (of(snapshot, "b.y"), of(snapshot, "c.z"))


def test_a_dependency_of_the_whole_dataset_counts_for_each_of_its_columns() -> None:
    """Rows that were filtered by a column were filtered in every column."""
    snapshot = catalog({"a.x": said(EMAIL), "b.y": said(), "b.z": said()}, edge("a.x > b", type="INDIRECT"))

    assert [(EMAIL,)] * 3 == [of(snapshot, text).influenced for text in ("b.y", "b.z", "b")]


@pytest.mark.parametrize(
    ("hidden_by", "level", "tags", "influenced"),
    [
        (None, "restricted", (EMAIL,), ()),
        ("", "restricted", (EMAIL,), ()),
        ("md5(email)", "restricted", (EMAIL,), ()),
        ("unsalted sha256", "restricted", (EMAIL,), ()),
        ("sha256 without salt", "restricted", (EMAIL,), ()),
        ("hmac_sha256(email, key)", "confidential", (EMAIL,), ()),
        ("SHA256 with a salt", "confidential", (EMAIL,), ()),
        ("redacted", "confidential", (), (EMAIL,)),
    ],
)
def test_masking_counts_by_its_algorithm(
    hidden_by: str | None, level: str, tags: tuple[str, ...], influenced: tuple[str, ...]
) -> None:
    """T5: one level, for what is on the list; a producer's flag alone, or a hash without secret, changes nothing."""
    snapshot = catalog({"a.x": said(EMAIL, level="restricted"), "b.y": said()}, edge("a.x > b.y", hidden_by=hidden_by))

    found = of(snapshot, "b.y")
    assert (level, tags, influenced) == (found.level, found.tags, found.influenced)


def test_masking_without_the_flag_is_none() -> None:
    """T5: words about an algorithm do not mask where nobody says that values are masked."""
    told = edge("a.x > b.y")._replace(description="hmac(email)")

    assert "restricted" == of(catalog({"a.x": said(level="restricted")}, told), "b.y").level


def test_masking_never_makes_public() -> None:
    """T5: however often it is masked, what was hidden stays at least at the second level."""
    chain = [edge(f"a.x{i} > a.x{i + 1}", hidden_by="hmac") for i in range(5)]
    snapshot = catalog({"a.x0": said(level="restricted")}, *chain)

    found = [of(snapshot, f"a.x{i}").level for i in range(6)]
    assert ["restricted", "confidential", "internal", "internal", "internal", "internal"] == found


def test_a_stewards_stop_ends_what_arrives() -> None:
    """T6: nothing arrives there and nothing goes on from there; what is said of the place itself does."""
    snapshot = catalog(
        {"a.x": said(EMAIL, PHONE, level="restricted"), "b.y": said("pii/name", stop=("pii", "classification"))},
        edge("a.x > b.y"),
        edge("b.y > c.z"),
    )

    assert Effective(None, -1, ("pii/name",), (), None, ()) == of(snapshot, "c.z")
    assert (EMAIL,) == of(
        catalog({"a.x": said(EMAIL, PHONE), "b.y": said(stop=(PHONE,))}, edge("a.x > b.y")), "b.y"
    ).tags


def test_blocks_and_values_say_tags_too() -> None:
    """`personalData` of a column, and tags that producers give a value, are read as the tags that mean the same."""
    snapshot = catalog(
        {
            "a.x": {"personalData": {"contains": True, "specialCategories": ["health"]}},
            "a.y": {"tags": [{"key": "pii", "value": "email"}, {"key": "checked", "value": "true"}]},
            "a.z": {"tags": [{"key": "pii", "value": "false"}]},
        }
    )

    assert ("pii", "pii/health") == of(snapshot, "a.x").tags
    assert ("checked", EMAIL) == of(snapshot, "a.y").tags
    assert () == of(snapshot, "a.z").tags


def test_columns_have_the_level_of_their_dataset_unless_they_have_one() -> None:
    """A level of a dataset is about its data; a column's own word is the nearer one."""
    snapshot = catalog(
        {"a": said(level="confidential"), "a.x": said(), "a.y": said(level="public")},
        edge("a.x > b.x"),
        edge("a.y > b.y"),
    )

    assert ["confidential", "public"] == [of(snapshot, text).level for text in ("b.x", "b.y")]
    found = derivation(propagate(snapshot), place("b.x"), "classification")
    assert found is not None
    assert (Place("a"), 1) == (found.origin, found.depth)


def test_own_levels_are_kept_in_their_order() -> None:
    """The tag `classification` gives the scale; a level that is not on it counts as stricter than all."""
    scale = {"classification": {"levels": ["open", "closed", "secret"]}}
    snapshot = catalog(
        {"a.x": said(level="closed"), "a.y": said(level="secret"), "a.z": said(level="cosmic")},
        *(edge(f"a.{column} > b.{column}{n}") for column in "xy" for n in "12"),
        edge("a.y > b.x1"),
        edge("a.z > b.z", hidden_by="hmac"),
        tags=scale,
    )

    assert ["secret", "closed", "secret", "cosmic"] == [of(snapshot, t).level for t in ("b.x1", "b.x2", "b.z", "a.z")]


def test_parts_of_a_column_are_in_it() -> None:
    """What holds of `user.email` holds of `user`, since one copies the other; not of `user.id`."""
    snapshot = catalog({"a.user": said(), "a.user.email": said(EMAIL), "a.user.id": said()}, edge("a.user > b.user"))

    assert [(EMAIL,), (EMAIL,), ()] == [of(snapshot, t).tags for t in ("a.user", "b.user", "a.user.id")]


def test_tags_of_datasets_go_on_only_where_their_document_says_so() -> None:
    """`propagates: datasets` follows reads and writes; column lineage is not needed for it."""
    flows = (Edge("a", "job", "READS"), Edge("job", "b", "WRITES"), Edge("b", "c", "DERIVES_FROM"))
    about = {"a": said("partner"), "a.x": said(EMAIL), "b.y": said(), "c": said()}

    declared = catalog(about, flows=flows, tags={"partner": {"propagates": "datasets"}})
    assert [("partner",)] * 2 == [of(declared, text).tags for text in ("b", "c")]
    assert () == of(declared, "b.y").tags
    assert [()] * 2 == [of(catalog(about, flows=flows), text).tags for text in ("b", "c")]
    job = Thing("job", Key(Kind.PIPELINE, "n", "job"))
    found = derivation(propagate(replace(declared, things={**declared.things, "job": job})), Place("c"), "partner")
    assert found is not None
    assert (Place("a"), ("job",), 2) == (found.origin, found.via, found.depth)


def test_what_nobody_told_is_unknown_not_clean() -> None:
    """Where a job reads and writes and no column lineage says what became of what, the columns are named."""
    flows = (Edge("a", "j", "READS"), Edge("j", "b", "WRITES"), Edge("k", "c", "WRITES"), Edge("a", "l", "READS"))
    more = (Edge("l", "d", "WRITES"), Edge("a", "e", "DERIVES_FROM"))
    about = {text: said() for text in ("a.x", "b.y", "b.z", "c.x", "d.x", "d.loaded", "e")}
    snapshot = catalog(about, edge("a.x > d.x", "l"), edge("a.x > b.z", "other"), flows=flows + more)

    assert (
        Unknown("b", "j", ("a",), ("y",)),
        Unknown("d", "l", ("a",), ("loaded",), True),
        Unknown("e", "", ("a",), ()),
    ) == propagate(snapshot).unknown


def test_a_thing_with_all_of_its_columns() -> None:
    """A dataset as a whole holds what its columns hold."""
    snapshot = catalog(
        {"a.x": said(EMAIL, level="restricted"), "b": said("finance"), "b.y": said()},
        edge("a.x > b.y"),
        edge("a.x > b.z", type="INDIRECT"),
    )

    assert Effective("restricted", 3, ("finance", EMAIL), ("finance",), None, ()) == propagate(snapshot).whole("b")


def test_the_shortest_way_is_told() -> None:
    """T3: origin, jobs, depth and path of a propagated tag; of two ways the shorter one."""
    snapshot = catalog(
        {"a.x": said(EMAIL), "o.x": said(EMAIL)},
        edge("a.x > b.x", "one"),
        edge("b.x > c.x", "two"),
        edge("c.x > z.x", "three"),
        edge("o.x > p.x", "four", hidden_by="md5"),
        edge("p.x > z.x", "five"),
    )

    found = derivation(propagate(snapshot), place("z.x"), EMAIL)
    assert found is not None
    assert (place("o.x"), ("four", "five"), 2) == (found.origin, found.via, found.depth)
    assert [("o.x", "p.x"), ("p.x", "z.x")] == [(".".join(s.source), ".".join(s.target)) for s in found.path]
    assert "told to be masked, but by no algorithm that counts" == (found.path[0].masking or ((),) * 4)[3]


def test_the_tree_has_every_way_and_every_decision() -> None:
    """All that a tag came from, circles included once, and where it was stopped or only had influence."""
    snapshot = catalog(
        {"a.x": said(EMAIL), "s.x": said(stop=(EMAIL,)), "b.x": said()},
        edge("a.x > b.x", "one"),
        edge("b.x > c.x", "two"),
        edge("c.x > b.x", "back"),
        edge("a.x > s.x", "three"),
        edge("s.x > c.x", "four"),
        edge("a.x > d.x", "five", "INDIRECT"),
    )
    found = propagate(snapshot)

    shown = {
        ".".join(branch.place): (branch.how, [step.job for step in branch.steps])
        for branch in tree(found, place("c.x"), EMAIL).branches
    }
    assert {"c.x": (PROPAGATED, ["two"]), "b.x": (PROPAGATED, ["one", "back"]), "a.x": (DIRECT, [])} == shown
    assert [STOPPED, DIRECT] == [branch.how for branch in tree(found, place("s.x"), EMAIL).branches]
    assert [INFLUENCED, DIRECT] == [branch.how for branch in tree(found, place("d.x"), EMAIL).branches]
    assert () == tree(found, place("a.x"), PHONE).branches
    assert not tree(found, place("c.x"), EMAIL, most=2).complete
