"""The explicit lineage facet: what feeds what, read from the specification's own examples and from broken ones."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.identity import Name
from catalog.lineage.assertions import Assertions, Basis, ColumnEdge, Flow, Sources
from catalog.lineage.translate import translate
from tests import corpus

ME = Name("jobs", "me")
IN, OUT = Name("db", "in"), Name("db", "out")
WAREHOUSE, AIRFLOW = "postgresql://warehouse:5432", "airflow://production"
EXAMPLES = dict(
    zip(
        (
            "dataset-to-dataset",
            "dataset-to-job",
            "generator",
            "implicit-job",
            "job-to-dataset",
            "job-to-job",
            "mixed-sources",
        ),
        corpus.fragments("LineageFacet"),
        strict=True,
    )
)


def said(facet: Any, kind: str = "run", **outputs: Any) -> Assertions:
    """What an event of `me` asserts that reads `in`, writes `out` and carries this facet."""
    event = {
        "eventTime": "2026-03-01T12:00:00Z",
        "eventType": "COMPLETE",
        "job": {**ME._asdict(), "facets": {"lineage": facet}},
        "inputs": [IN._asdict()],
        "outputs": [{**OUT._asdict(), "facets": outputs}],
    }
    return translate({**event, "run": {"runId": "1"}} if kind == "run" else event)


def alone(facet: Any) -> Assertions:
    """What a DatasetEvent of `out` asserts."""
    part = {**OUT._asdict(), "facets": {"lineage": facet}}
    return translate({"eventTime": "2026-03-01T12:00:00Z", "dataset": part})


def entry(**parts: Any) -> dict[str, Any]:
    """A facet whose one entry is `out` with these parts."""
    return {"entries": [{**OUT._asdict(), "type": "DATASET", **parts}]}


def columns(*edges: ColumnEdge) -> frozenset[ColumnEdge] | None:
    return frozenset(edges)


def source(name: str, **parts: Any) -> dict[str, Any]:
    return {"namespace": "db", "name": name, "type": "DATASET", **parts}


def test_dataset_to_dataset() -> None:
    """Spec example: of a DatasetEvent, its dataset derives from others, with columns."""
    told = alone(EXAMPLES["dataset-to-dataset"]["lineage"])
    customers = Name(WAREHOUSE, "public.customers")

    assert {OUT: Sources(Basis.EXPLICIT, (customers,))} == told.sources
    assert {OUT: columns(ColumnEdge("customer_id", customers, "id", "DIRECT", "IDENTITY", False, ""))} == told.columns
    assert ({}, ()) == (told.datasets[0].facets, told.warnings)


def test_dataset_to_job() -> None:
    """Spec example: another job than the event's own takes a dataset; who reads it is that job."""
    told = said(EXAMPLES["dataset-to-job"]["lineage"])

    assert (Flow(Name(AIRFLOW, "daily.load"), False, Name(WAREHOUSE, "public.staging_orders")),) == told.others
    assert [IN] == told.inputs


def test_generator() -> None:
    """Spec example: a dataset known to have no inputs, whose columns the job itself makes."""
    told = said(EXAMPLES["generator"]["lineage"])
    made = Name(WAREHOUSE, "public.extracted_data")

    assert {OUT: Sources(Basis.DANGLING), made: Sources(Basis.EXPLICIT)} == told.sources
    assert [OUT, made] == told.outputs
    assert {made: frozenset()} == told.columns
    assert ((), ()) == (told.fed_by, told.others)


def test_implicit_job() -> None:
    """Spec example: a job without a name is the event's own; its inputs are read and feed no output."""
    told = said(EXAMPLES["implicit-job"]["lineage"])

    assert [IN, Name("postgresql://production:5432", "public.transactions")] == told.inputs
    assert {OUT: Sources(Basis.DANGLING)} == told.sources


def test_job_to_dataset() -> None:
    """Spec example: a dataset is fed by another job, so the job that writes it takes that one's data."""
    told = said(EXAMPLES["job-to-dataset"]["lineage"])
    extract, summary = Name(AIRFLOW, "daily.extract"), Name(WAREHOUSE, "public.daily_summary")

    assert (extract,) == told.fed_by
    assert Sources(Basis.EXPLICIT, (), (extract,)) == told.sources[summary]


def test_job_to_job() -> None:
    """Spec example: who tells of two other jobs takes no part in what flows between them."""
    told = said(EXAMPLES["job-to-job"]["lineage"])

    assert (Flow(Name(AIRFLOW, "daily.load"), True, Name(AIRFLOW, "daily.transform")),) == told.others
    assert () == told.fed_by
    own = {**EXAMPLES["job-to-job"]["lineage"]["entries"][0], **ME._asdict()}
    assert (Name(AIRFLOW, "daily.transform"),) == said({"entries": [own]}).fed_by


def test_mixed_sources() -> None:
    """Spec example: datasets and jobs feed one output; a job among a column's inputs feeds the dataset."""
    told = said(EXAMPLES["mixed-sources"]["lineage"])
    orders, enriched = Name(WAREHOUSE, "public.orders"), Name(WAREHOUSE, "public.enriched_orders")
    enrichment = Name(AIRFLOW, "daily.enrichment")

    assert Sources(Basis.EXPLICIT, (orders,), (enrichment,)) == told.sources[enriched]
    assert (
        columns(ColumnEdge("customer_segment", orders, "customer_id", "DIRECT", "", False, ""))
        == (told.columns[enriched])
    )
    assert (enrichment,) == told.fed_by


def test_a_run_gives_its_complete_set_and_a_declaration_replaces_anyway() -> None:
    """Only what a run observed needs to be closed; without entries the facet says nothing."""
    assert [True, False] == [said(entry(inputs=[]), kind).complete for kind in ("run", "job")]
    assert not said({}).complete
    assert {} == said({}).sources
    assert ("job.facets.lineage: no object with a list of `entries`, left out",) == said({}).warnings


def test_no_inputs_is_an_answer_and_an_absent_list_is_none() -> None:
    """`inputs: []` is known to have none; a target without inputs and fields is left open, as one never named is."""
    facets: list[Any] = [entry(inputs=[]), entry(), {"entries": []}]
    told = [said(facet).sources[OUT] for facet in facets]

    assert [Sources(Basis.EXPLICIT), Sources(Basis.DANGLING), Sources(Basis.DANGLING)] == told
    assert (
        Sources(Basis.EXPLICIT, (Name("db", "a"),)) == said(entry(fields={"c": {"inputs": [source("a")]}})).sources[OUT]
    )


def test_an_entity_level_input_with_a_field_is_a_dependency_of_the_whole_dataset() -> None:
    """It has no output column; within `fields` it has one."""
    told = said(entry(inputs=[source("a", field="x")], fields={"c": {"inputs": [source("b", field="y")]}}))

    assert (
        columns(
            ColumnEdge("", Name("db", "a"), "x", "INDIRECT", "", False, ""),
            ColumnEdge("c", Name("db", "b"), "y", "DIRECT", "", False, ""),
        )
        == told.columns[OUT]
    )


def test_column_lineage_is_not_heard_beside_it() -> None:
    """Of an output it names that is what the facet is for; of one it does not name the loss is said."""
    lineage = {"fields": {"c": {"inputFields": [source("b", field="y")]}}}
    named, unnamed = (
        said(entry(inputs=[source("a")]), columnLineage=lineage),
        said({"entries": []}, columnLineage=lineage),
    )

    assert ({OUT: frozenset()}, ()) == (named.columns, named.warnings)
    assert [Name("db", "a"), IN] == named.inputs
    assert ({}, [IN]) == (unnamed.columns, unnamed.inputs)
    assert ["the job's lineage facet is the whole picture" in w for w in unnamed.warnings] == [True]


def test_it_is_no_facet_of_inputs_and_outputs() -> None:
    """There it is left out with a word: the specification has it on jobs, and on the dataset of a DatasetEvent."""
    told = said(None, lineage={"inputs": []})

    assert ("output 'out': lineage: read on the job of a run or job event only, left out",) == told.warnings
    assert {} == told.datasets[1].facets


@pytest.mark.parametrize("deleted", [{"lineage": {"_deleted": True}}, {"columnLineage": {"_deleted": True}}])
def test_deleted_lineage_is_a_tombstone(deleted: Any) -> None:
    """Of the job's facet for each output of the event, of `columnLineage` for its own; what is told anew stands."""
    told = said(deleted.get("lineage"), **{k: v for k, v in deleted.items() if k != "lineage"})
    lineage = {"fields": {"c": {"inputFields": [source("b", field="y")]}}}
    anew = said({"_deleted": True}, columnLineage=lineage)

    assert ({OUT: None}, {OUT: None}, ()) == (told.columns, told.sources, told.warnings)
    assert {OUT: Sources(Basis.COLUMN, (Name("db", "b"),))} == anew.sources
    assert {OUT: None} == alone({"_deleted": True}).sources


@pytest.mark.parametrize(
    ("facet", "place"),
    [
        ([], "job.facets.lineage"),
        ({"entries": {}}, "job.facets.lineage"),
        ({"entries": [None]}, "entries[0]"),
        (entry(type="MODEL"), "entries[0]"),
        (entry(inputs={}), "entries[0].inputs"),
        (entry(inputs=[None]), "entries[0].inputs[0]"),
        (entry(inputs=[{"namespace": "db"}]), "entries[0].inputs[0]"),
        (entry(inputs=[], fields=[]), "entries[0].fields"),
        (entry(inputs=[], fields={"c": None}), "entries[0].fields.c"),
        (entry(inputs=[], fields={"c": {"inputs": [source("a")]}}), "entries[0].fields.c.inputs[0]"),
        (entry(inputs=[source("a", field=1)]), "entries[0].inputs[0]"),
    ],
)
def test_what_cannot_be_read_costs_a_warning(facet: Any, place: str) -> None:
    """The rest of the event stands."""
    told = said(facet)

    assert [OUT] == told.outputs
    assert [place in warning for warning in told.warnings] == [True]


def test_columns_tell_outputs_of_one_event_apart() -> None:
    """What explains one output and not the other does not feed the other; an input no column names may feed both."""
    outputs = [
        {"namespace": "db", "name": out, "facets": {"columnLineage": lineage}}
        for out, lineage in (
            ("a", {"fields": {"c": {"inputFields": [source("x", field="f"), source("z", field="f")]}}}),
            ("b", {"dataset": [source("y", field="f"), source("z", field="f")]}),
        )
    ]
    event = {"eventTime": "2026-03-01T12:00:00Z", "job": ME._asdict(), "run": {"runId": "1"}, "outputs": outputs}
    x, y, z = (Name("db", name) for name in "xyz")

    assert {
        Name("db", "a"): Sources(Basis.COLUMN, (x, z), (), (y,)),
        Name("db", "b"): Sources(Basis.COLUMN, (y, z), (), (x,)),
    } == translate(event).sources


def test_what_is_excluded_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of outputs that exclude each other's sources would take their square in room: it is said."""
    monkeypatch.setattr("catalog.lineage.assertions.MAX_EXCLUDED", 3)
    outputs = [
        {**OUT._asdict(), "name": n, "facets": {"columnLineage": {"dataset": [source(n * 2, field="f")]}}} for n in "ab"
    ]
    event = {"eventTime": "2026-03-01T12:00:00Z", "job": ME._asdict(), "run": {"runId": "1"}, "outputs": outputs}

    said = translate(event)
    assert [()] * 2 == [told.excluded for told in said.sources.values() if told]
    assert (
        "columnLineage: 2 outputs times 2 datasets are more than 3 pairs; which of the datasets do not feed an output "
        "is left out",
    ) == said.warnings
    monkeypatch.setattr("catalog.lineage.assertions.MAX_EXCLUDED", 4)
    assert () == translate(event).warnings
