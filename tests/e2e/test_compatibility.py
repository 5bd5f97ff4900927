"""The six scenarios that OpenLineage asks every consumer to pass, against a real service."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from catalog.resources import schema_dir
from tests.compatibility import validate
from tests.compatibility.service import emptied
from tests.compatibility.validate import HERE, SUCCESS, Result, read, report
from tests.corpus import SCENARIOS
from tests.servers.stores import LONG

ENTITIES = {"job", "run", "dataset", "link", "column_edge", "symlink"}


@pytest.fixture(scope="module", params=LONG)
def component(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Result]:
    """The report on one service."""
    with emptied(request.param, tmp_path_factory.mktemp("compatibility")) as (service, clean):
        (only,) = report(service, clean)
        yield only


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_succeeds(component: Result, name: str) -> None:
    """Every event is taken, and jobs, runs, datasets, links, column edges and names are all there are, and no more."""
    (scenario,) = (found for found in component["scenarios"] if found["name"] == name)
    failed = [test for test in scenario["tests"] if test["status"] != SUCCESS]

    assert [] == failed
    assert SUCCESS == scenario["status"]
    assert ENTITIES == {test["entity_type"] for test in scenario["tests"] if test["validation_type"] == "semantics"}


def test_the_report_has_the_projects_form(component: Result) -> None:
    """The members that its scripts read, of the types that they expect, and nothing that is no JSON."""
    assert component == json.loads(json.dumps(component))
    assert {"name", "component_type", "component_version", "openlineage_version", "scenarios"} == component.keys()
    assert ("headwater", "consumer", "2-0-2") == tuple(
        component[key] for key in ("name", "component_type", "openlineage_version")
    )
    assert list(SCENARIOS) == [scenario["name"] for scenario in component["scenarios"]]
    tests = [test for scenario in component["scenarios"] for test in scenario["tests"]]
    assert 74 == sum(test["validation_type"] == "syntax" for test in tests)
    assert {("name", "status", "validation_type", "entity_type", "details", "tags")} == {tuple(t) for t in tests}
    told = [test["tags"] for test in tests if test["validation_type"] == "semantics"]
    assert all(isinstance(tags["facets"], list) and isinstance(tags["producer"], str) for tags in told)


def test_a_wrong_expectation_is_a_failure() -> None:
    """What is missing, what is too much and what differs is told: the tests above can fail."""
    (run,) = read(HERE / "simple_run_event" / "validation" / "runs.json")
    state: dict[str, Any] = {"run": [{**run, "inputs": [], "outputs": []}]}
    state["run"][0] = {key: value for key, value in state["run"][0].items() if "{{" not in key}
    test = {"name": "runs", "path": "validation/runs.json", "entity": "run", "tags": {}}
    wrong = validate.compare("simple_run_event", test, state)
    none = validate.compare("simple_run_event", test, {"run": []})
    two = validate.compare("simple_run_event", test, {"run": [*state["run"], *state["run"]]})

    assert ["FAILURE"] * 3 == [result["status"] for result in (wrong, none, two)]
    assert "run[0].inputs" in wrong["details"][0]
    assert "run: 0 members instead of 1" in none["details"]
    assert "run: 2 members instead of 1" in two["details"]


def test_the_mapping_names_what_the_api_has() -> None:
    """`mapping.json` says where each part of an event is found; every field that it names is one of the schema."""
    mapped = read(HERE.parent / "mapping.json")["mapped"]
    named = {place for part in mapped.values() for places in part.values() for place in places}
    text = (schema_dir() / "graphql" / "schema.graphql").read_text(encoding="utf-8")
    bodies = {name: body for name, body in re.findall(r"^type (\w+) \{\n(.*?)^\}", text, re.MULTILINE | re.DOTALL)}

    for kind, _, field in (place.partition(".") for place in named):
        assert kind in bodies
        assert not field or re.search(rf"^  {field}[:(]", bodies[kind], re.MULTILINE), (kind, field)
