"""Laws of `catalog.checks.evaluate` over random catalogs and policies."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.assets.keys import Kind
from catalog.checks.choosing import Chosen
from catalog.checks.evaluate import evaluate
from catalog.checks.judge import judge
from catalog.checks.judgement import Judgement
from catalog.checks.renewal import Kept
from catalog.checks.snapshot import Column, ColumnEdge, Edge, Place, Snapshot
from catalog.checks.subjects_of import Subjects
from tests.unit.checks.worlds import NOW, chosen, snapshot, thing

ENTITY = [
    chosen(name="a", **{"assert": "size(dataset.owners) > 0", "when": "dataset.tier != 2"}),
    chosen(name="b", **{"assert": "dataset.tier < 3", "message": "dataset.name + ' of tier ' + string(dataset.tier)"}),
    chosen(name="c", target="field", **{"assert": "field.level == null || field.level <= 2 || dataset.tier == 1"}),
    chosen(name="d", target="field", **{"assert": "entity.sources.all(s, !('pii' in s.tags))", "when": "now > now"}),
    chosen(name="e", target="job", **{"assert": "size(job.outputs) < 2"}),
    chosen(name="f", **{"assert": "dataset.custom.limit > dataset.tier"}),
    chosen(name="g", target="field", **{"assert": "!('pii' in field.tags) || size(dataset.owners) > 0"}),
]
FLOWS = [
    chosen(name="h", type="flow", target="flow", **{"from": "'pii' in node.tags", "to": "node.tier == 1"}),
    chosen(
        name="i",
        type="flow",
        target="flow",
        barrier="edge.masking == true",
        unless="source.tier == sink.tier",
        **{"from": "'pii' in node.tags", "to": "size(node.owners) == 0"},
    ),
    chosen(name="j", type="flow", target="flow", **{"from": "node.tier < 2", "to": "node.tier > 2"}),
]
SHARE = chosen(name="k", type="aggregate", **{"when": "size(dataset.owners) > 0", "assert": "population.share > 0.5"})
EVERY = [*ENTITY, *FLOWS, SHARE]
IDS = ["a", "b", "c", "d", "e"]
JOBS = ["job1", "job2"]
TIERS: list[dict[str, Any]] = [{}, {"tier": 1}, {"tier": 2}, {"tier": 4}, {"tier": "two"}, {"tier": [1]}]
MORE: list[dict[str, Any]] = [{}, {"owners": ["team:x"]}, {"owners": "nobody"}, {"custom": {"limit": 3}}]


@st.composite
def catalogs(draw: st.DrawFn) -> Snapshot:
    """Some datasets with columns, two jobs, waivers, and lineage between them."""
    things = [thing(id_, Kind.PIPELINE) for id_ in JOBS]
    tags: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
        [{}, {"tags": [{"key": "pii/email"}]}, {"classification": "restricted"}]
    )
    for id_ in draw(st.sets(st.sampled_from(IDS), min_size=1)):
        said = {**draw(tags)}
        said |= draw(st.sampled_from(TIERS)) | draw(st.sampled_from(MORE))
        named = [Column(name, "text", draw(tags)) for name in draw(st.sets(st.sampled_from("xy")))]
        things.append(thing(id_, columns=named, **said))
    there = [one.id for one in things if one.id not in JOBS]
    anywhere = st.sampled_from(there)
    reads = draw(st.sets(st.builds(lambda a, j: Edge(a, j, "READS"), anywhere, st.sampled_from(JOBS)), max_size=6))
    writes = draw(st.sets(st.builds(lambda a, j: Edge(j, a, "WRITES"), anywhere, st.sampled_from(JOBS)), max_size=6))
    made = draw(st.sets(st.builds(lambda a, b: Edge(a, b, "DERIVES_FROM"), anywhere, anywhere), max_size=3))
    columns = draw(
        st.sets(
            st.builds(
                lambda a, x, b, y, job, how: ColumnEdge(Place(a, x), Place(b, y), job, *how),
                *(anywhere, st.sampled_from("xy"), anywhere, st.sampled_from("xy"), st.sampled_from(["", *JOBS])),
                st.sampled_from([("DIRECT",), ("INDIRECT",), ("DIRECT", "", True, "sha256 with a salt")]),
            ),
            max_size=8,
        )
    )
    excused = {"policy": "policy:g", "entities": [{"namespace": "pg", "name": "a"}], "expires": "2027-01-01T00:00:00Z"}
    things += [thing("w", Kind.WAIVER, document=excused)] if draw(st.booleans()) else []
    edges = tuple(sorted({*reads, *writes, *(one for one in made if one.source != one.target)}))
    return snapshot(*things, edges=edges, column_edges=tuple(sorted(columns)))


def found(judged: Judgement) -> list[Any]:
    return [judged.populations, judged.findings]


@settings(max_examples=30, deadline=None)
@given(catalogs())
def test_what_is_judged_once_for_equal_values_is_what_each_gives_by_itself(at: Snapshot) -> None:
    """An expression sees nothing but the members that it reads."""
    subjects, now = Subjects(at), datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=NOW)
    judged = evaluate(at, ENTITY)
    told = {(one.policy, one.place): one for one in judged.findings}

    for policy, population in zip(ENTITY, judged.populations, strict=True):
        for outcome, places in population.outcomes.items():
            for place in places:
                read = _read_only(subjects, policy, place)
                if read is None:
                    assert "ERROR" == outcome
                    continue
                verdict = judge(policy.compiled, read, now)
                assert outcome in (str(verdict.outcome), "WAIVED" if verdict.outcome == "FAIL" else "")
                if verdict.outcome == "FAIL":
                    assert verdict.message == told[population.policy, place].message


def _read_only(subjects: Subjects, policy: Chosen, place: Place) -> Any:
    """A subject with the members that the policy reads; None if one of them has a wrong form."""
    from catalog.checks.policy import expressions, members, variables
    from catalog.checks.subjects import WrongSubject, subject

    target = policy.compiled.policy.target
    texts = [*expressions(policy.compiled.policy).values(), policy.compiled.policy.message or ""]
    facts: dict[str, dict[str, Any]] = {}
    for variable in variables(policy.compiled.policy, "assert"):
        for text in texts:
            for name in members(text, variable) or ():
                try:
                    owner = target if variable == "entity" else variable
                    facts.setdefault(owner, {})[name] = subjects.value(target, variable, name, place)
                except WrongSubject:
                    return None
    return subject(target, facts)


@settings(max_examples=30, deadline=None)
@given(catalogs())
def test_numbers_add_up_and_no_error_passes(at: Snapshot) -> None:
    """Every subject has one outcome; every FAIL, ERROR and WAIVED is a finding."""
    judged = evaluate(at, EVERY)
    subjects = Subjects(at)
    data = [one for one in subjects.places("entity") if at.things[one.thing].key.kind is not Kind.WAIVER]

    for policy, population in zip(EVERY, judged.populations, strict=True):
        places = [place for some in population.outcomes.values() for place in some]
        target = policy.compiled.policy.target
        shown = data if target == "flow" else subjects.places(target)
        open_ = {one.place for one in judged.findings if one.policy == population.policy}
        bad = {place for name in ("FAIL", "ERROR", "WAIVED") for place in population.outcomes.get(name, ())}

        assert len(places) == len(set(places)) == population.selected
        assert policy is SHARE or sorted(shown) == sorted(places)
        assert bad == open_


@settings(max_examples=30, deadline=None)
@given(catalogs(), st.randoms(use_true_random=False))
def test_nothing_depends_on_an_order(at: Snapshot, rng: Random) -> None:
    """Of things, of edges, of policies."""
    things, edges, columns = list(at.things.items()), list(at.edges), list(at.column_edges)
    policies = list(EVERY)
    for some in (things, edges, columns, policies):
        rng.shuffle(some)
    shuffled = replace(at, things=dict(things), edges=tuple(edges), column_edges=tuple(columns))

    assert found(evaluate(at, EVERY)) == found(evaluate(shuffled, policies))


@settings(max_examples=30, deadline=None)
@given(catalogs(), st.sets(st.sampled_from(IDS)))
def test_some_places_are_judged_as_they_are_in_the_whole(at: Snapshot, ids: set[str]) -> None:
    """The outcome is that of all, restricted to them."""
    places = {place for target in ("entity", "field") for place in Subjects(at).places(target) if place.thing in ids}
    whole, part = evaluate(at, EVERY), evaluate(at, EVERY, places=places)
    kept = {
        one.policy: {name: within for name, some in one.outcomes.items() if (within := _within(some, places))}
        for one in whole.populations
    }

    assert kept == {one.policy: dict(one.outcomes) for one in part.populations}
    assert [one for one in whole.findings if one.place in places] == list(part.findings)


@settings(max_examples=150, deadline=None)
@given(catalogs(), st.sets(st.sampled_from([*IDS, *JOBS]), min_size=1))
def test_a_part_is_judged_by_flows_as_the_whole_is(at: Snapshot, ids: set[str]) -> None:
    """Errors included: what lies elsewhere decides nothing about what is asked. A part does not tell, of what nothing
    reaches, whether anything begins anywhere."""
    told = {Edge(edge.job, edge.target.thing, "WRITES") for edge in at.column_edges if edge.job}
    at = replace(at, edges=tuple(sorted({*at.edges, *told})))  # a job that tells of columns writes them
    part = Kept(at).cut(ids)
    assert part is not None
    places = {place for place in Subjects(at).places("entity") if place.thing in ids}
    whole, some = evaluate(at, FLOWS), evaluate(part, FLOWS, places=places)

    assert [one for one in whole.findings if one.place in places] == list(some.findings)
    for one, other in zip(whole.populations, some.populations, strict=True):
        bad = [name for name in other.outcomes if name not in ("PASS", "NOT_APPLICABLE")]
        assert {name: _within(one.outcomes[name], places) for name in bad} == {
            name: other.outcomes[name] for name in bad
        }


def _within(some: tuple[Place, ...], places: set[Place]) -> tuple[Place, ...]:
    return tuple(place for place in some if place in places)


@settings(max_examples=30, deadline=None)
@given(catalogs())
def test_what_has_nothing_to_do_with_it_changes_nothing(at: Snapshot) -> None:
    """A dataset that nothing joins to the others is judged beside them."""
    more = thing("z", columns=[Column("x", "text", {"tags": [{"key": "pii"}]})], tier=1)
    judged, with_more = (evaluate(one, [*ENTITY, *FLOWS]) for one in (at, replace(at, things={**at.things, "z": more})))
    apart = [one for one in with_more.findings if one.place.thing != "z"]

    assert list(judged.findings) == apart
