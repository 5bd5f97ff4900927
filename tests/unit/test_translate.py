"""What an event turns into: every part in its place, and a facet that cannot be read costs a warning only."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.errors import InvalidEvent
from catalog.identity import Name
from catalog.lineage.assertions import Assertions, DatasetAssertion, EventType, Json, Origin, RunKey
from catalog.lineage.translate import translate
from catalog.lineage.wire import MAX_WARNINGS, WARNING_LENGTH
from tests import corpus

RUN: corpus.Event = {
    "eventTime": "2026-03-01T12:00:00Z",
    "eventType": "COMPLETE",
    "producer": "https://example.org/tests",
    "run": {"runId": "r1"},
    "job": {"namespace": "jobs", "name": "load"},
}
JOB: corpus.Event = {k: v for k, v in RUN.items() if k not in ("run", "eventType")}
USERS = {"namespace": "db", "name": "users"}
ENVELOPE = {"_producer": "https://example.org/p", "_schemaURL": "https://example.org/s"}

REAL = corpus.all_events() + [
    (path.name, event) for path in sorted(corpus.RECORDED.glob("*.ndjson")) for event in corpus.events(path)
]
WARNINGS = {
    ("marquez/api/src/test/resources/open_lineage/event_required_no_timezone.json", "eventTime"),
    ("openlineage/client/python/tests/serde_example_dataset_event.json", "eventTime"),
    ("openlineage/client/python/tests/serde_example_job_event.json", "eventTime"),
    ("openlineage/client/python/tests/serde_example_run_event.json", "eventTime"),
    (
        "openlineage/integration/spark/app/src/test/resources/test_data/serde/openlineage-event.json",
        "run.facets.parent",
    ),
    ("openlineage/proxy/fluentd/events/event_invalid_run_facet.json", "run.facets.parent"),
    ("openlineage/proxy/fluentd/events/event_invalid_job_facet.json", "job.facets.ownership.owners[0].name"),
    ("openlineage/proxy/fluentd/events/event_invalid_dataset_facet.json", "output 'instance.schema.output-1'"),
    ("openlineage/proxy/fluentd/events/event_invalid_output_dataset_facet.json", "output 'instance.schema.output-1'"),
}
"""Every warning the corpus gives rise to: its file, and the part it is about."""


def of_dataset(role: str, facets: dict[str, Any]) -> tuple[DatasetAssertion, tuple[str, ...]]:
    """What is understood of `users` with these facets, as an input, an output, or on its own."""
    part = {**USERS, "facets": facets}
    if role == "dataset":
        said = translate({"eventTime": RUN["eventTime"], "dataset": part})
    else:
        said = translate({**RUN, f"{role}s": [part]})
    (dataset,) = said.datasets
    return dataset, said.warnings


def with_parent(facet: Any) -> Assertions:
    return translate({**RUN, "run": {"runId": "r1", "facets": {"parent": facet}}})


def test_every_recorded_event_is_understood() -> None:
    """406 real events, none fails; what is not understood in them is this and no more."""
    said = [(name, translate(event)) for name, event in REAL]

    assert 406 == len(said)
    assert WARNINGS == {(name, warning.split(":")[0]) for name, a in said for warning in a.warnings}
    assert len(WARNINGS) == sum(len(a.warnings) for _, a in said)


def test_recorded_events_by_kind() -> None:
    """How often each part occurs in them: a part that stops being read changes a count."""
    said = [translate(event) for _, event in REAL]
    datasets = [d for a in said for d in a.datasets]
    counts = {
        "runs": sum(a.run is not None for a in said),
        "declared": sum(a.origin is Origin.DECLARED for a in said),
        "two parents": sum(len(a.parents) == 2 for a in said),
        "one parent": sum(len(a.parents) == 1 for a in said),
        "symlinks": sum(bool(a.symlinks) for a in said),
        "schemas": sum(d.schema is not None for d in datasets),
        "column lineage": sum(d.columns is not None for d in datasets),
        "statistics": sum("outputStatistics" in d.run_facets for d in datasets),
        "assertions": sum("dataQualityAssertions" in d.run_facets for d in datasets),
    }

    assert {
        "runs": 402,
        "declared": 4,
        "two parents": 134,
        "one parent": 175,
        "symlinks": 24,
        "schemas": 193,
        "column lineage": 53,
        "statistics": 14,
        "assertions": 27,
    } == counts


def test_a_run_event_observes() -> None:
    """Time, origin, type, job, run, inputs and outputs."""
    said = translate({**RUN, "inputs": [USERS], "outputs": [{**USERS, "name": "people"}]})

    assert (1772366400000000, Origin.OBSERVED, EventType.COMPLETE) == (said.time, said.origin, said.event_type)
    assert (Name("jobs", "load"), RunKey(Name("jobs", "load"), "r1")) == (said.job, said.run)
    assert ([Name("db", "users")], [Name("db", "people")]) == (said.inputs, said.outputs)
    assert ("https://example.org/tests", False, ()) == (said.producer, said.complete, said.warnings)


def test_static_events_declare() -> None:
    """A JobEvent and a DatasetEvent have no run; the dataset of the latter is neither input nor output."""
    of_job = translate({**JOB, "inputs": [USERS]})
    of_users = translate({"eventTime": RUN["eventTime"], "dataset": USERS})

    assert [Origin.DECLARED] * 2 == [of_job.origin, of_users.origin]
    assert [None] * 2 == [of_job.run, of_users.run]
    assert ([Name("db", "users")], None) == (of_job.inputs, of_users.job)
    assert (["dataset"], [], []) == ([d.role for d in of_users.datasets], of_users.inputs, of_users.outputs)


def test_sources_of_columns_are_inputs() -> None:
    """52 of 104 real columnLineage facets name datasets that are not among the event's inputs."""
    sources = [{"namespace": "db", "name": name, "field": "id"} for name in ("people", "users")]
    lineage = {"fields": {"id": {"inputFields": sources}}}
    said = translate({**RUN, "outputs": [{**USERS, "facets": {"columnLineage": lineage}}]})

    assert [Name("db", "people")] == said.inputs


@pytest.mark.parametrize("role", ["input", "output", "dataset"])
@pytest.mark.parametrize("key", ["dataSource", "documentation", "acme_custom"])
def test_shared_facets_belong_to_the_dataset(role: str, key: str) -> None:
    """Without their envelope, so that a new version of the producer is no new value."""
    dataset, _ = of_dataset(role, {key: {**ENVELOPE, "uri": "x"}})

    assert ({key: {"uri": "x"}}, {}) == (dataset.facets, dataset.run_facets)


@pytest.mark.parametrize("role", ["input", "output"])
@pytest.mark.parametrize(
    "key",
    [
        "version",
        "dataQualityMetrics",
        "dataQualityAssertions",
        "inputStatistics",
        "outputStatistics",
        "subset",
        "icebergScanReport",
        "icebergCommitReport",
        "test",
    ],
)
def test_facets_of_one_run_belong_to_the_run(role: str, key: str) -> None:
    """As registers of the dataset they would change with every event."""
    dataset, _ = of_dataset(role, {key: {**ENVELOPE, "rowCount": 1}})

    assert ({}, {key: {"rowCount": 1}}) == (dataset.facets, dataset.run_facets)


@pytest.mark.parametrize("key", ["schema", "columnLineage", "symlinks"])
def test_typed_facets_are_not_kept_twice(key: str) -> None:
    """They have a place of their own."""
    dataset, _ = of_dataset("output", {key: {"fields": [], "identifiers": []} if key != "columnLineage" else {}})

    assert ({}, {}) == (dataset.facets, dataset.run_facets)


@pytest.mark.parametrize("key", ["spark.logicalPlan", "spark_unknown"])
def test_known_noise_stays_in_the_raw_event(key: str) -> None:
    """Whether a run, a job or a dataset carries it."""
    facets = {key: {"plan": "x" * 10_000}, "kept": {"a": 1}}
    run, job = ({**RUN[part], "facets": facets} for part in ("run", "job"))
    said = translate({**RUN, "run": run, "job": job, "inputs": [{**USERS, "facets": facets}]})

    assert [{"kept": {"a": 1}}] * 3 == [said.run_facets, said.job_facets, said.datasets[0].facets]


def test_input_and_output_facets_belong_to_the_run() -> None:
    """`inputFacets` and `outputFacets` win over the same key among the shared ones, where some producers put it."""
    statistics = "inputStatistics"
    part = {
        **USERS,
        "facets": {statistics: {"rowCount": 1}},
        "inputFacets": {statistics: {"rowCount": 2}, "x": {"a": 1}},
    }
    said = translate({**RUN, "inputs": [part], "outputs": [{**USERS, "outputFacets": {"y": {**ENVELOPE, "b": 2}}}]})

    assert [{statistics: {"rowCount": 2}, "x": {"a": 1}}, {"y": {"b": 2}}] == [d.run_facets for d in said.datasets]
    assert [{}, {}] == [d.facets for d in said.datasets]


def test_a_facet_may_be_anything() -> None:
    """`additionalProperties: {}` is no object of the schema; it is kept as it came."""
    facets = {"a": [1], "b": "text", "c": 0, "d": False, "e": {}, "f": None}
    said = translate({**RUN, "run": {"runId": "r", "facets": facets}, "job": {**RUN["job"], "facets": facets}})

    kept = {k: v for k, v in facets.items() if v is not None}
    assert [kept, kept] == [said.run_facets, said.job_facets]


@pytest.mark.parametrize("role", ["input", "output", "dataset"])
def test_deleted_facets_are_tombstones(role: str) -> None:
    """`_deleted: true` takes a dataset's or job's facet away; anything else in its place is a value."""
    dataset, _ = of_dataset(role, {"ownership": {**ENVELOPE, "_deleted": True}, "tags": {"_deleted": "true"}})
    job = translate({**RUN, "job": {**RUN["job"], "facets": {"sql": {"_deleted": True, "query": "x"}}}})

    assert {"ownership": None, "tags": {"_deleted": "true"}} == dataset.facets
    assert {"sql": None} == job.job_facets


def test_tombstones_of_statistics_exist_on_datasets_alone() -> None:
    """Outside a run a version or profile is the dataset's; inside, input and output facets know no deletion."""
    alone, _ = of_dataset("dataset", {"version": {**ENVELOPE, "_deleted": True}})
    within, _ = of_dataset("output", {"version": {"_deleted": True}})

    assert ({"version": None}, {"version": {"_deleted": True}}) == (alone.run_facets, within.run_facets)


def test_a_schema_is_kept_in_normal_form() -> None:
    """Wherever it stands; without one, or with an empty one, nothing is said about columns; `_deleted` removes it."""
    schemas = [{"fields": [{"name": "id", "type": "INT", "ordinal_position": 1}]}, {"fields": []}, {"_deleted": True}]
    said = [of_dataset(role, {"schema": schema}) for role in ("input", "output", "dataset") for schema in schemas]

    assert [[{"name": "id", "type": "INT"}], None, None] * 3 == [dataset.schema for dataset, _ in said]
    assert [frozenset(), frozenset(), {"schema"}] * 3 == [dataset.gone for dataset, _ in said]
    assert [()] * 9 == [warnings for _, warnings in said]


def test_column_lineage_of_an_input_is_none() -> None:
    """It says how a dataset was written; outputs and datasets on their own have it."""
    lineage = {"columnLineage": {"fields": {"id": {"inputFields": [{**USERS, "field": "n"}]}}}}

    assert [False, True, True] == [
        of_dataset(role, lineage)[0].columns is not None for role in ("input", "output", "dataset")
    ]


def test_symlinks_are_pairs_told_once() -> None:
    """Whoever names whom, two names of one thing are one pair; a name is no alias of itself."""
    table = {"namespace": "hive", "name": "default.users", "type": "TABLE"}
    aliased = {**USERS, "facets": {"symlinks": {"identifiers": [table, table, {**USERS, "type": "TABLE"}]}}}
    back = {**table, "facets": {"symlinks": {"identifiers": [{**USERS, "type": "LOCATION"}]}}}
    said = translate({**RUN, "inputs": [aliased], "outputs": [aliased, back]})

    assert ((Name("db", "users"), Name("hive", "default.users")),) == said.symlinks
    assert () == said.warnings


@pytest.mark.parametrize(
    ("facet", "warnings"),
    [
        ({}, ()),
        ({"identifiers": None}, ()),
        ({"identifiers": [None]}, ()),
        (
            {"_deleted": True},
            (
                "output 'users': symlinks: `_deleted` has no effect: two names stay one thing until a person says "
                "otherwise",
            ),
        ),
        ([], ("output 'users': symlinks: not an object, left out",)),
        ({"identifiers": {}}, ("output 'users': symlinks.identifiers: not an array, left out",)),
        (
            {"identifiers": [{"namespace": "hive"}]},
            ("output 'users': symlinks.identifiers[0]: no dataset without namespace and name, left out",),
        ),
    ],
)
def test_malformed_symlinks(facet: Json, warnings: tuple[str, ...]) -> None:
    """They are said and left out."""
    said = translate({**RUN, "outputs": [{**USERS, "facets": {"symlinks": facet}}]})

    assert ((), warnings) == (said.symlinks, said.warnings)


PARENT = {"run": {"runId": "p1"}, "job": {"namespace": "jobs", "name": "flow"}}
ROOT = {"run": {"runId": "t1"}, "job": {"namespace": "jobs", "name": "top"}}
P1, T1 = RunKey(Name("jobs", "flow"), "p1"), RunKey(Name("jobs", "top"), "t1")


@pytest.mark.parametrize(
    ("facet", "parents"),
    [
        (PARENT, (P1,)),
        ({**PARENT, "root": ROOT}, (P1, T1)),
        ({**PARENT, "root": PARENT}, (P1,)),
        ({**PARENT, "root": None}, (P1,)),
        ({"run": {"runId": "r1"}, "job": RUN["job"], "root": ROOT}, (T1,)),
        ({"run": {"runId": "r2"}, "job": RUN["job"]}, (RunKey(Name("jobs", "load"), "r2"),)),
        ({"run": {"runId": "r1"}, "job": PARENT["job"]}, (RunKey(Name("jobs", "flow"), "r1"),)),
        ({**PARENT, "run": {"runId": "free text"}}, (RunKey(Name("jobs", "flow"), "free text"),)),
        (None, ()),
    ],
)
def test_parents(facet: Json, parents: tuple[RunKey, ...]) -> None:
    """Nearest first, each once; a run is no parent of itself, while a run of the same job or id may be."""
    said = with_parent(facet)

    assert (parents, ()) == (said.parents, said.warnings)


@pytest.mark.parametrize("fragment", corpus.fragments("ParentRunFacet"))
def test_parents_of_the_specification(fragment: corpus.Event) -> None:
    """Old and new forms, with copies of facets and a root."""
    facet = fragment["parent"]
    said = with_parent(facet)
    named = [part for part in (facet, facet.get("root")) if part]

    assert [p["run"]["runId"] for p in named] == [p.external for p in said.parents]
    assert [tuple(p["job"][k] for k in ("namespace", "name")) for p in named] == [p.job for p in said.parents]


@pytest.mark.parametrize(
    ("facet", "parents", "places"),
    [
        ("text", (), ["parent"]),
        ([], (), ["parent"]),
        ({}, (), ["parent"]),
        ({"run": {"runId": "p1"}}, (), ["parent"]),
        ({"job": PARENT["job"]}, (), ["parent"]),
        ({**PARENT, "run": {"runId": " "}}, (), ["parent"]),
        ({**PARENT, "run": "p1"}, (), ["parent"]),
        ({**PARENT, "job": {"namespace": "", "name": "flow"}}, (), ["parent"]),
        ({**PARENT, "root": "t1"}, (P1,), ["parent.root"]),
        ({"root": ROOT}, (T1,), ["parent"]),
        ({"run": None, "root": {}}, (), ["parent", "parent.root"]),
    ],
)
def test_malformed_parents(facet: Json, parents: tuple[RunKey, ...], places: list[str]) -> None:
    """One warning each; the other one of parent and root stands."""
    said = with_parent(facet)

    assert parents == said.parents
    assert [f"run.facets.{place}: no run id or job, left out" for place in places] == list(said.warnings)


def test_column_lineage_that_is_no_object_is_said() -> None:
    """As every other facet that cannot be read."""
    assert ("output 'users': columnLineage: not an object, left out",) == of_dataset("output", {"columnLineage": [1]})[
        1
    ]


def test_warnings_are_bounded() -> None:
    """A hundred are kept, each of a bounded length, and how many more there were."""
    said = translate({**RUN, "inputs": [{"name": i} for i in range(1_000)]})
    deep: Json = {"name": 5}
    for _ in range(19):
        deep = {"name": "nested", "fields": [deep]}
    wide = of_dataset("output", {"schema": {"fields": [deep]}, "columnLineage": {"fields": {"c" * 100_000: 5}}})[1]

    assert MAX_WARNINGS + 1 == len(said.warnings)
    assert "and 900 more warnings" == said.warnings[-1]
    assert 2 == len(wide)
    assert WARNING_LENGTH >= max(len(w) for w in wide)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["x", "", "INT"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["fields", "identifiers", "run", "job", "runId", "root", "namespace", "name", "inputFields", "_deleted"]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=15,
)
facet_maps = st.dictionaries(
    st.sampled_from(["schema", "symlinks", "columnLineage", "parent", "version", "x"]), anything
)


@settings(max_examples=200, deadline=None)
@given(facet_maps, facet_maps, facet_maps, st.sampled_from([RUN, JOB]))
def test_no_facet_costs_the_event(a: Json, b: Json, c: Json, event: corpus.Event) -> None:
    """Whatever facets hold, the job, the datasets and the other facets are understood."""
    parts = {"job": {**event["job"], "facets": a}, "outputs": [{**USERS, "facets": b, "outputFacets": c}]}
    if "run" in event:
        parts["run"] = {"runId": "r1", "facets": c}
    said = translate({**event, **parts})

    assert (Name("jobs", "load"), [Name("db", "users")]) == (said.job, said.outputs)


def test_what_can_never_be_understood_is_refused() -> None:
    """A job without a name, or no time: the entry is rejected with its reason."""
    for broken in ({**RUN, "job": {"namespace": "jobs", "name": ""}}, {**RUN, "eventTime": "soon"}):
        with pytest.raises(InvalidEvent):
            translate(broken)
