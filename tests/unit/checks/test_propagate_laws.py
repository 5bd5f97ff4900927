"""Laws of propagation, held against the rules read aloud: random catalogs with circles, stops and masks."""

from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.checks.classification.propagate import Propagated, propagate
from catalog.checks.classification.ways import EVERY_COLUMN, GAITS, Gait, gait_of
from catalog.checks.classification.why import derivation, tree
from catalog.checks.snapshot import Place, Snapshot
from tests.unit.checks.catalogs import EMAIL, PHONE, catalog, edge, place, said

COLUMNS = [f"{thing}.{column}" for thing in "abcd" for column in ("x", "y")]
ABOUT = st.builds(
    said,
    st.sampled_from([EMAIL, PHONE, "finance"]),
    level=st.sampled_from([None, "public", "internal", "confidential", "restricted"]),
    stop=st.sampled_from([(), (), (), (EMAIL,), ("classification",), ("*",)]),
)
EDGES = st.builds(
    lambda a, b, type, hidden: edge(f"{a} > {b}", f"{a}{b}", type, hidden_by=hidden),
    st.sampled_from(COLUMNS),
    st.sampled_from([*COLUMNS, "a", "b"]),
    st.sampled_from(["DIRECT", "DIRECT", "", "INDIRECT"]),
    st.sampled_from([None, None, None, "md5", "hmac", "redacted"]),
)
CATALOGS = st.builds(
    lambda about, edges: catalog({**{text: said() for text in COLUMNS}, **about}, *edges),
    st.dictionaries(st.sampled_from(COLUMNS), ABOUT, max_size=3),
    st.lists(EDGES, max_size=14),
)


def naive(snapshot: Snapshot) -> dict[str, tuple[int, frozenset[str], frozenset[str]]]:
    """The rules read aloud: sweep over all edges until a sweep changes nothing."""
    ranks = ["public", "internal", "confidential", "restricted"]
    about = {
        f"{id_}.{name}": column.attributes for id_, t in snapshot.things.items() for name, column in t.columns.items()
    }
    level = {text: ranks.index(a["classification"]) if "classification" in a else -1 for text, a in about.items()}
    tags = {text: {tag["key"] for tag in a.get("tags", ())} for text, a in about.items()}
    weak: dict[str, set[str]] = {text: set() for text in about}
    stop = {text: {word["name"] for word in a.get("propagation", ())} for text, a in about.items()}
    while True:
        before = repr((level, tags, weak))
        for told in snapshot.column_edges:
            source = ".".join(told.source)
            for target in [
                t
                for t in about
                if t == ".".join(told.target) or (not told.target.column and t.startswith(told.target.thing))
            ]:
                going, arriving, weaker = level[source], {t for t in tags[source] if t != "finance"}, set(weak[source])
                if told.type == "INDIRECT":
                    going, arriving, weaker = -1, set(), weaker | arriving
                elif told.description in ("hmac", "redacted"):
                    going = max(1, going - 1) if going > 0 else going
                    if told.description == "redacted":
                        arriving, weaker = set(), weaker | arriving
                if stop[target] & {"*", "classification"}:
                    going = -1
                kept_out = {EMAIL, PHONE} if "*" in stop[target] else stop[target]
                level[target] = max(level[target], going)
                tags[target] |= arriving - kept_out
                weak[target] |= weaker - kept_out
        if repr((level, tags, weak)) == before:
            return {text: (level[text], frozenset(tags[text]), frozenset(weak[text] - tags[text])) for text in about}


def everything(snapshot: Snapshot) -> dict[str, tuple[int, frozenset[str], frozenset[str]]]:
    """What holds of every column."""
    found = propagate(snapshot)
    return {
        text: (e.rank, frozenset(e.tags), frozenset(e.influenced)) for text in COLUMNS for e in [found.of(place(text))]
    }


@settings(max_examples=300, deadline=None)
@given(CATALOGS)
def test_it_is_the_least_fixpoint(snapshot: Snapshot) -> None:
    """T2: what holds is what sweeping over all edges by the rules comes to, circles included."""
    assert naive(snapshot) == everything(snapshot)


@settings(max_examples=60, deadline=None)
@given(CATALOGS, st.randoms(use_true_random=False))
def test_no_order_counts(snapshot: Snapshot, dice: random.Random) -> None:
    """Edges and things in another order, or twice, give the same values and the same ways."""
    edges, things = list(snapshot.column_edges) * 2, list(snapshot.things.items())
    dice.shuffle(edges)
    dice.shuffle(things)
    other = replace(snapshot, things=dict(things), column_edges=tuple(edges))

    one, two = propagate(snapshot), propagate(other)
    assert everything(snapshot) == everything(other)
    for text in COLUMNS:
        for tag in one.of(place(text)).tags:
            assert derivation(one, place(text), tag) == derivation(two, place(text), tag)


@settings(max_examples=100, deadline=None)
@given(CATALOGS, st.sampled_from(COLUMNS))
def test_more_said_is_never_less(snapshot: Snapshot, text: str) -> None:
    """Monotone: a further tag and a stricter level take nothing away from anywhere; taken back, all is as before."""
    where = place(text)
    column = snapshot.things[where.thing].columns[where.column]
    tags = [*column.attributes.get("tags", ()), {"key": "pii/health"}]
    more = column._replace(attributes={**column.attributes, "tags": tags, "classification": "restricted"})
    thing = snapshot.things[where.thing]
    richer = replace(
        snapshot,
        things={**snapshot.things, where.thing: replace(thing, columns={**thing.columns, where.column: more})},
    )

    before, after = everything(snapshot), everything(richer)
    for column_, (rank, tags_, influenced) in before.items():
        assert rank <= after[column_][0]
        assert tags_ <= after[column_][1]
        assert influenced <= after[column_][1] | after[column_][2]


@settings(max_examples=100, deadline=None)
@given(CATALOGS)
def test_everything_that_holds_has_a_way(snapshot: Snapshot) -> None:
    """T3: of every tag and level that arrived there is a way from a place that says so, of steps that were told."""
    found = propagate(snapshot)
    told = {(e.source, e.target) for e in snapshot.column_edges}
    for text in COLUMNS:
        held = found.of(place(text))
        wanted = [*held.tags, *held.influenced, *(["classification"] if held.level else [])]
        for what in wanted:
            way = derivation(found, place(text), what)
            assert way is not None
            origin = found.of(way.origin)
            assert what in origin.direct or origin.said is not None
            assert sum((step.source, step.target) in told for step in way.path) >= way.depth
            branches = tree(found, place(text), what).branches
            assert way.origin in {branch.place for branch in branches}


@settings(max_examples=200, deadline=None)
@given(CATALOGS, st.sets(st.sampled_from(COLUMNS), max_size=2))
def test_without_masking_is_as_if_masked_lineage_were_not_told(snapshot: Snapshot, undeclared: set[str]) -> None:
    """What one propagation keeps of before anything went on masked is what another one finds without those edges.

    Also where lineage alone names a column: if it is masked, without it nobody knows of the column.
    """
    things = {
        id_: replace(thing, columns={name: c for name, c in thing.columns.items() if f"{id_}.{name}" not in undeclared})
        for id_, thing in snapshot.things.items()
    }
    whole = replace(snapshot, things=things)
    told = tuple(edge for edge in whole.column_edges if gait_of(edge) is not Gait.MASKED)

    expected, actual = propagate(replace(whole, column_edges=told)), propagate(whole).unmasked

    everywhere = [*map(place, COLUMNS), *map(Place, things)]
    assert [expected.of(one) for one in everywhere] == [actual.of(one) for one in everywhere]
    assert [expected.columns(id_) for id_ in things] == [actual.columns(id_) for id_ in things]
    assert expected.snapshot == actual.snapshot
    assert _told_ways(expected) == _told_ways(actual)


def _told_ways(found: Propagated) -> list[tuple[Place, Place, int]]:
    """All ways by the names of their ends, but those that spread to all columns what came to all of them."""
    places = found.ways.places
    return sorted(
        (places[at], places[way // GAITS], way % GAITS)
        for at, some in enumerate(found.ways.out)
        for way in some
        if places[at].column != EVERY_COLUMN
    )
