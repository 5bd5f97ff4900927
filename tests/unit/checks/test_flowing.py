"""Laws of `catalog.checks.flowing`: what flows where over things and columns, and how a witness tells it."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.assets.keys import Kind
from catalog.checks.choosing import Chosen
from catalog.checks.evaluate import evaluate
from catalog.checks.judgement import Finding
from catalog.checks.snapshot import Column, Snapshot, Thing, Training
from tests.unit.checks.worlds import chosen, column, columns, flows, outcomes, snapshot, spelled, thing

PII: dict[str, Any] = {"tags": [{"key": "pii/email"}]}
EEA: dict[str, Any] = {"location": {"country": "DE"}}
US: dict[str, Any] = {"location": {"jurisdiction": "US"}}


def export(**fields: Any) -> Chosen:
    given = {
        **{"type": "flow", "target": "flow", "message": "source.name + ' reaches ' + sink.name"},
        **{"from": "'pii' in node.tags && node.location.jurisdiction == 'EEA'"},
        **{"to": "!(node.location.jurisdiction in ['EEA', '', null])"},
    }
    return chosen(**{**given, **fields})


def found(at: Snapshot, policy: Chosen | None = None) -> list[str]:
    """Each finding as its way: `a.x -job-> b.x -> c`."""
    return [way(one) for one in evaluate(at, [policy or export()]).findings]


def way(finding: Finding) -> str:
    told = ""
    for hop in finding.witness.path:
        told = told or spelled(hop.source)
        told += f" -{hop.job}-> {spelled(hop.target)}" if hop.job else f" -> {spelled(hop.target)}"
    return told


def dataset(id: str, *named: Column, **told: Any) -> Thing:
    return thing(id, columns=named, **told)


JOBS = [thing("job1", Kind.PIPELINE), thing("job2", Kind.PIPELINE)]
WAY = flows("a -> job1", "job1 -> b", "b -> job2", "job2 -> c")


def world(**lineage: Any) -> Snapshot:
    things = [dataset("a", column("email", **PII), column("id"), **EEA), dataset("b", **EEA), dataset("c", **US)]
    return snapshot(*things, *JOBS, edges=WAY, **lineage)


def test_where_no_column_is_told_of_the_whole_flows() -> None:
    """Unknown is never clear."""
    assert ["a.email -job1-> b -job2-> c"] == found(world())


def test_along_columns_only_those_that_are_tagged_go() -> None:
    """A column that leaves without the tagged one is no breach."""
    other = columns("a.id -> b.id", job="job1") + columns("b.id -> c.id", job="job2")
    email = columns("a.email -> b.mail", job="job1") + columns("b.mail -> c.x", job="job2")

    assert [] == found(world(column_edges=other))
    assert ["a.email -job1-> b.mail -job2-> c.x"] == found(world(column_edges=[*other, *email]))


def test_what_one_job_tells_is_no_word_about_another() -> None:
    """Behind a step that is told, a step that is not lets the whole go."""
    told = columns("a.email -> b.mail", job="job1")
    cleared = columns("a.id -> b.id", job="job1")

    assert ["a.email -job1-> b.mail -job2-> c"] == found(world(column_edges=told))
    assert [] == found(world(column_edges=cleared))


def test_what_only_decides_about_rows_carries_nothing() -> None:
    """A filter by an address shows none; where nothing else is told of a step it is not told at all."""
    filtered = [
        *columns("a.id -> b.id", job="job1"),
        *columns("a.email -> b", job="job1", type="INDIRECT", subtype="FILTER"),
        *columns("b.id -> c.id", job="job2"),
    ]

    assert [] == found(world(column_edges=filtered))
    assert ["a.email -job1-> b -job2-> c"] == found(world(column_edges=[filtered[1]]))


@pytest.mark.parametrize(
    ("description", "barrier", "stopped"),
    [
        ("sha256 with a salt", "edge.masking == true", True),
        ("md5", "edge.masking == true", False),
        ("sha256 with a salt", "edge.anonymized == true", False),
        ("", "edge.masking == true", False),
    ],
)
def test_a_barrier_stops_masking_that_counts(description: str, barrier: str, stopped: bool) -> None:
    """And what is behind it, tagged because masked data are personal still, begins no flow of its own."""
    from catalog.checks.classification.masking import decide

    masked = columns("a.email -> b.mail", job="job1", masking=True, description=description)
    told = decide(masked[0])
    at = world(column_edges=[*masked, *columns("b.mail -> c.x", job="job2")])

    assert stopped == (told is not None and told.counts and "masking" in barrier)
    assert ([] if stopped else ["a.email -job1-> b.mail -job2-> c.x"]) == found(at, export(barrier=barrier))


def test_a_way_begins_where_the_data_do() -> None:
    """A copy that is tagged by propagation is on the way, not its beginning; what it states itself is one."""
    at = world(column_edges=columns("a.email -> b.mail", job="job1") + columns("b.mail -> c.x", job="job2"))
    (one,) = evaluate(at, [export()]).findings

    assert ("c", "a", "a reaches c") == (one.place.thing, one.source and one.source.thing, one.message)
    assert {
        "sink.location.jurisdiction": "US",
        "source.location.jurisdiction": "EEA",
        "source.tags": ["pii", "pii/email"],
    } == one.witness.facts


def test_a_copy_brought_in_begins_where_the_rule_begins_to_hold() -> None:
    """Data from the US are subject to the rule from their copy in the EEA on."""
    at = world(column_edges=columns("a.email -> b.mail", job="job1") + columns("b.mail -> c.x", job="job2"))
    moved = {**at.things, "a": dataset("a", column("email", **PII), **US)}

    assert ["b.mail -job2-> c.x"] == found(snapshot(*moved.values(), edges=at.edges, column_edges=at.column_edges))


def test_what_is_said_of_a_whole_dataset_is_of_all_its_columns_unless_they_say_it_themselves() -> None:
    """A tag of the dataset makes every column one; a tag of some columns makes those."""
    told = columns("a.id -> b.id", job="job1") + columns("b.id -> c.id", job="job2")
    whole = [dataset("a", column("id"), **PII, **EEA), dataset("b", **EEA), dataset("c", **US), *JOBS]
    part = [dataset("a", column("id"), column("email", **PII), **PII, **EEA), *whole[1:]]

    assert ["a -job1-> b.id -job2-> c.id"] == found(snapshot(*whole, edges=WAY, column_edges=told))
    assert [] == found(snapshot(*part, edges=WAY, column_edges=told))


def test_a_stop_of_a_steward_counts_as_anonymised() -> None:
    """Who says that no personal data arrive answers for it."""
    stop = {"propagation": [{"name": "pii", "value": "STOP"}]}
    things = [dataset("a", column("email", **PII), **EEA), dataset("b", column("n", **stop), **EEA)]
    told = columns("a.email -> b.n", job="job1") + columns("b.n -> c.n", job="job2")
    at = snapshot(*things, dataset("c", **US), *JOBS, edges=WAY, column_edges=told)

    assert [] == found(at, export(barrier="edge.anonymized == true"))


def test_models_are_reached_by_the_columns_they_were_trained_on() -> None:
    """Where they are named; else by all."""
    a = dataset("a", column("email", **PII), column("id"), **EEA)
    edges = flows("a -> v", "v -> d")

    def reached(**training: Any) -> list[str]:
        version = thing("v", Kind.MODEL_VERSION, name="m/1", training=(Training("a", **training),))
        deployed = thing("d", Kind.DEPLOYMENT, **US)
        return found(snapshot(a, version, deployed, edges=edges))

    assert ["a.email -> v -> d"] == reached()
    assert ["a.email -> v -> d"] == reached(columns=("email", "id"))
    assert [] == reached(columns=("id",))


def test_a_job_can_be_where_data_must_not_go() -> None:
    """It is the end of the way, then."""
    at = snapshot(dataset("a", **PII, **EEA), thing("job1", Kind.PIPELINE, **US), edges=flows("a -> job1"))

    assert ["a -> job1"] == found(at)


def test_a_transfer_is_excused_by_the_records_of_all_jobs_that_make_it() -> None:
    """One job without a record, or a record that names another country, excuses nothing."""
    scc = {"country": "US", "mechanism": "scc"}
    excused = export(unless="sink.transfer.mechanism in ['scc']", **{"to": "node.location.country == 'US'"})
    c = dataset("c", location={"country": "US"})

    def left(*transfers: Any, more: tuple[str, ...] = ()) -> list[str]:
        document = {"pipelines": [{"namespace": "pg", "name": "job1"}], "transfers": list(transfers)}
        activity = thing("p", Kind.PROCESSING_ACTIVITY, document=document)
        edges = flows("a -> job1", "job1 -> c", *more)
        return found(snapshot(dataset("a", **PII, **EEA), c, activity, *JOBS, edges=edges), excused)

    assert [] == left(scc)
    assert ["a -job1-> c"] == left({**scc, "country": "IN"})
    assert ["a -job1-> c"] == left(scc, more=("job2 -> c",))


def test_a_population_of_a_flow_is_all_that_data_reach() -> None:
    """Sinks pass or fail, others are not concerned; where nothing begins, nobody is; numbers add up."""
    judged = evaluate(world(), [export()])
    nowhere = evaluate(world(), [export(**{"from": "'secret' in node.tags"})])

    assert {"p": {"FAIL": ["c"], "NOT_APPLICABLE": ["a", "b", "job1", "job2"]}} == outcomes(judged)
    assert {"p": {"NOT_APPLICABLE": ["a", "b", "c", "job1", "job2"]}} == outcomes(nowhere)


def test_what_cannot_be_said_is_an_error_of_what_it_leads_to() -> None:
    """No sink passes that something leads to of which it is not known whether it is a source; others may."""
    at = snapshot(
        dataset("a", **PII, **EEA),
        dataset("b", location={"jurisdiction": ["US"]}),
        dataset("c", **US),
        dataset("d", **US),
        edges=flows("b -> d"),
    )
    judged = evaluate(at, [export()])

    assert {"p": {"ERROR": ["b", "d"], "PASS": ["c"], "NOT_APPLICABLE": ["a"]}} == outcomes(judged)


def test_a_waiver_covers_the_sink() -> None:
    """The way is told all the same."""
    document = {"policy": "policy:p", "entities": [{"namespace": "pg", "name": "c"}], "expires": "2027-01-01T00:00:00Z"}
    at = world()
    judged = evaluate(snapshot(*at.things.values(), thing("w", Kind.WAIVER, document=document), edges=WAY), [export()])

    assert ["WAIVED"] == [one.outcome for one in judged.findings]
    assert {"p": {"WAIVED": ["c"], "NOT_APPLICABLE": ["a", "b", "job1", "job2"]}} == outcomes(judged)
