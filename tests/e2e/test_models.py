"""The four questions about models over HTTP, one query each, and on the command line."""

from __future__ import annotations

import json
from typing import Any

import pytest

from catalog.lineage.facets.known import READERS
from tests.e2e.commands import run
from tests.model_history import EVENTS, day
from tests.servers import plain
from tests.servers.asking import Asking

KEY = "{ model version }"
PRODUCTION = f"""{{ production(on: "{day(2, 10)}", environment: "prod", deployment: "churn-api") {{
  deployments {{ environment name now {{ modelVersion {KEY} from to origin region }} }}
  modelVersions {{ model version trainings {{ run {{ runId state }} }}
                  data {{ dataset {{ namespace name }} versions columns columnsBasis origin }} }}
  untold {KEY} extent {{ complete truncatedBy stale hiddenCount }} }} }}"""
TOUCHED = f"""query ($field: String, $version: String) {{
  deploymentsTouchedBy(dataset: {{namespace: "lake", name: "raw"}}, field: $field, version: $version) {{
    deployments {{ environment name modelVersion {KEY} verdict because serving path {{ kind name }} }}
    cleared {{ modelVersion {KEY} }} extent {{ complete }} }} }}"""
DIFF = """{ modelVersionDiff(model: "churn", from: "1", to: "3", registry: "mlflow") {
  parameters { name before after } metrics { name before after } about { name before after } unknown empty
  data { dataset { name } before after columnsAdded columnsRemoved } aliasesBefore aliasesAfter
  extent { complete } } }"""
ROLLBACK = f"""{{ rollbackCandidates(environment: "prod", deployment: "churn-api", on: "{day(3, 5)}",
    bad: {{namespace: "lake", name: "raw", version: "r2"}}) {{
  current {{ modelVersion {KEY} }} candidates {{ modelVersion {KEY} eligible reasonsFor reasonsAgainst }} unknown
  extent {{ complete truncatedBy }} }} }}"""

IMPACT = """query ($first: Int!, $after: String, $asOf: String, $knownAt: String) {
  impactOfChange(change: {what: DROP_COLUMN, entity: {kind: DATASET, namespace: "lake", name: "raw"}, field: "age"},
      first: $first, after: $after, asOf: $asOf, knownAt: $knownAt) {
    reached { edges { cursor node { entity { kind name } sureness columns deadline owners
        path { entity { name } field job { name } } } } pageInfo { hasNextPage endCursor } }
    counts { kind sureness count } complete unknown knownThrough } }"""


@pytest.fixture(scope="module")
def told(service: Asking) -> Asking:
    """The service with the history, the last event first."""
    service.wait_applied(service.send(*reversed(EVENTS)))
    return service


def test_what_was_in_production_and_what_trained_it(told: Asking) -> None:
    """The version, its run, the dataset's version and columns; and that nothing was left out."""
    found = told.ask(PRODUCTION)["production"]
    (deployment,), (version,) = found["deployments"], found["modelVersions"]

    assert [{"model": "churn", "version": "2"}] == [stint["modelVersion"] for stint in deployment["now"]]
    assert [{"run": {"runId": "churn-2", "state": "COMPLETED"}}] == version["trainings"]
    assert [
        {
            "dataset": {"namespace": "lake", "name": "features"},
            "versions": ["f2"],
            "columns": ["age", "segment", "spend"],
            "columnsBasis": "TOLD",
            "origin": "OBSERVED",
        }
    ] == version["data"]
    assert {"complete": True, "truncatedBy": [], "stale": False, "hiddenCount": 0} == found["extent"]


@pytest.mark.parametrize("given", [{"version": "r2"}, {"field": "postcode"}])
def test_what_is_touched(told: Asking, given: dict[str, str]) -> None:
    """By the bad version, and by the column that only one version was trained on."""
    found = told.ask(TOUCHED, **given)["deploymentsTouchedBy"]
    hit = {(d["environment"], d["modelVersion"]["version"], d["verdict"], d["serving"]) for d in found["deployments"]}

    assert {("prod", "2", "TOUCHED", False), ("staging", "2", "TOUCHED", False)} == hit
    assert {"name": "raw", "kind": "DATASET"} == found["deployments"][0]["path"][0]
    assert {("churn", "1"), ("churn", "3"), ("uplift", "1")} == {
        (c["modelVersion"]["model"], c["modelVersion"]["version"]) for c in found["cleared"]
    }


def test_what_changed(told: Asking) -> None:
    """Between the first version and the third."""
    found = told.ask(DIFF)["modelVersionDiff"]

    assert [{"name": "max_depth", "before": 4, "after": 6}] == found["parameters"]
    assert [{"name": "auc", "before": 0.85, "after": 0.9}] == found["metrics"]
    assert [(["f1"], ["f3"], [], [])] == [
        (d["before"], d["after"], d["columnsAdded"], d["columnsRemoved"]) for d in found["data"]
    ]
    assert ([], ["champion"]) == (found["aliasesBefore"], found["aliasesAfter"])


def test_where_to_roll_back_to(told: Asking) -> None:
    """To the first: the second was trained on the bad version, and had failed."""
    found = told.ask(ROLLBACK)["rollbackCandidates"]

    assert [("1", True), ("2", False)] == [(c["modelVersion"]["version"], c["eligible"]) for c in found["candidates"]]
    assert ([], True) == (found["unknown"], found["extent"]["complete"])


def test_what_follows_from_a_dropped_column(told: Asking) -> None:
    """Page by page what one page has, the surest first; each of the same moment."""
    at = {"asOf": day(3, 5)}
    whole = told.ask(IMPACT, **at, first=500)["impactOfChange"]
    pages, after = list[Any](), None
    for _ in whole["reached"]["edges"]:
        page = told.ask(IMPACT, **at, first=1, after=after, knownAt=str(whole["knownThrough"]))["impactOfChange"]
        pages += page["reached"]["edges"]
        after = page["reached"]["pageInfo"]["endCursor"]
    sure = {edge["node"]["entity"]["name"]: edge["node"]["sureness"] for edge in pages}

    assert whole["reached"]["edges"] == pages
    assert {"features": "CERTAIN", "build_features": "CERTAIN", "churn-api": "CERTAIN"}.items() <= sure.items()
    assert (len(pages), True) == (sum(one["count"] for one in whole["counts"]), whole["complete"])


def test_what_cannot_change_is_not_found(told: Asking) -> None:
    """Exit code 3, with what is near."""
    for arguments, words in (
        (("drop-column", "lake", "raw", "aeg"), "did you mean age"),
        (("drop-column", "lake", "raw", "age", "--as-of", "2025-01-01"), "nothing was known of Dataset lake raw"),
        (("retention", "lake", "raww"), "did you mean Dataset lake raw"),
        (("erase", "nobody-of-these"), "nothing states that it holds data of 'nobody-of-these'"),
    ):
        done = run(told.url, "impact", *arguments)
        assert 3 == done.returncode, done.stdout + done.stderr
        assert words in done.stderr


COMMANDS: dict[tuple[str, ...], tuple[str, ...]] = {
    ("model", "versions", "churn", "--registry", "mlflow"): ("champion", "observed"),
    ("model", "show", "churn", "2", "--registry", "mlflow"): (
        "train_churn",
        "lake features version f2",
        "age, segment",
    ),
    ("model", "diff", "churn", "1", "2", "--registry", "mlflow"): ("max_depth: 4 -> 6", "+segment"),
    ("model", "rollback", "prod", "churn-api", "--bad", "lake", "raw", "--bad-version", "r2"): ("go back to churn/1",),
    ("impact", "drop-column", "lake", "raw", "age"): ("column age of dataset lake raw", "CERTAIN", "churn-api"),
    ("deployments", "--on", day(2, 10), "--environment", "prod"): ("churn/2", "uplift/1"),
}


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_commands(told: Asking, arguments: tuple[str, ...]) -> None:
    """For people and for programs; exit 0."""
    plain, as_json = run(told.url, *arguments), run(told.url, *arguments, "--json")

    assert (0, 0) == (plain.returncode, as_json.returncode), plain.stderr
    assert [] == [words for words in COMMANDS[arguments] if words not in plain.stdout], plain.stdout
    assert json.loads(as_json.stdout)


def test_an_environment_that_nobody_knows_is_told_the_nearest(told: Asking) -> None:
    """No deployments there would be no answer to a name that is misspelled: exit 3."""
    done = run(told.url, "deployments", "--environment", "prd")

    assert (3, True) == (done.returncode, "no environment is called 'prd'; did you mean prod?" in done.stderr)


def test_schemas_of_facets_are_served(told: Asking) -> None:
    """Each at its own path, as a JSON Schema; what is not there is a 404 that says what there is."""
    ours = sorted({key for _, key in READERS if key.startswith("headwater_")})
    found: dict[str, Any] = {key: plain.get(f"{told.url}/schema/facets/{key}.json", timeout=30) for key in ours}
    missing = plain.get(f"{told.url}/schema/facets/unheard.json", timeout=30)

    assert ["headwater_mlDeployment", "headwater_mlModel", "headwater_mlTraining", "headwater_processing"] == ours
    assert {200} == {answer.status_code for answer in found.values()}
    assert {key: f"urn:headwater:facets:{key}:1-0-0" for key in ours} == {
        key: answer.json()["$id"] for key, answer in found.items()
    }
    assert 404 == missing.status_code
    assert "facets/headwater_mlModel.json" in missing.json()["detail"]
