"""`headwater model` and `headwater deployments` as people run them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.unit.cli_service import data, run

KEY = {"registry": "mlflow", "model": "churn", "version": "2"}
EXTENT = {
    "complete": True,
    "truncatedBy": [],
    "hiddenCount": 0,
    "knownAt": None,
    "sequence": 9,
    "appliedThrough": 9,
    "stale": False,
}
CUT = {**EXTENT, "complete": False, "truncatedBy": ["RUNS"], "hiddenCount": 2, "stale": True}
CUT_SAID = "not complete: cut off by RUNS\n2 nodes you may not see\nentries are still waiting: ask again\n"
FEATURES = {"namespace": "lake", "name": "features"}


def stint(**said: Any) -> dict[str, Any]:
    """A stint of the version."""
    return {
        "modelVersion": KEY,
        "from": "2026-02-05T12:00:00.000000Z",
        "to": None,
        "origin": "OBSERVED",
        "manifest": None,
        "sequence": 7,
        "health": None,
        "region": None,
        **said,
    }


def use(**said: Any) -> dict[str, Any]:
    """A dataset of a training."""
    told = {"versions": ["f2"], "columns": ["age"], "columnsBasis": "TOLD", "origin": "OBSERVED", "manifest": None}
    return {"dataset": FEATURES, **told, **said}


VERSION = {
    **KEY,
    "origins": ["OBSERVED", "DECLARED"],
    "dataset": {"namespace": "mlflow", "name": "churn/2"},
    **dict.fromkeys(("asOf", "knownAt", "stage", "flavor", "signature", "card")),
    "stale": False,
    "framework": "scikit-learn",
    "codeVersion": "bbb",
    "allTrainings": False,
    "parameters": [{"name": "max_depth", "value": 6}],
    "metrics": [{"name": "auc", "value": 0.91}],
    "data": [use(), use(versions=[], columns=[], columnsBasis="UNKNOWN", manifest="ml")],
    "evaluatedOn": [use(columnsBasis="SCHEMA")],
    "trainings": [
        {
            "run": {"id": "1", "runId": "churn-2", "state": "COMPLETED", "startedAt": None, "endedAt": None},
            "job": {"namespace": "ml", "name": "train"},
            "hiddenCount": 1,
            "failedChecks": [{"dataset": FEATURES, "checks": ["not_null age"]}],
        }
    ],
    "artifacts": [{"name": "model.pkl", "uri": None, "digest": "sha256:9f", "size": 3}],
    "aliases": [{"name": "champion", "stint": stint(to="2026-02-26T12:00:00.000000Z")}],
    "deployments": [{"environment": "prod", "name": "api", "stint": stint(health="FAILED", manifest="ml")}],
    "declarations": [],
}
VERSION_SAID = """mlflow churn 2  observed, declared
  framework scikit-learn, code bbb
  trained by ml train, run churn-2 COMPLETED -
    checks failed on lake features: not_null age
    1 inputs you may not see
  there are more training runs
  trained on lake features version f2: age
  trained on lake features no version told: nobody tells which columns, says manifest ml
  evaluated on lake features version f2: age (all: nobody tells which)
  parameters max_depth=6
  metrics auc=0.91
  alias champion 2026-02-05 12:00:00Z to 2026-02-26 12:00:00Z (observed)
  deployed prod api 2026-02-05 12:00:00Z to now (observed, manifest ml, FAILED)
  file model.pkl  sha256:9f
"""
DIFF = {
    "from": {**KEY, "version": "1"},
    "to": KEY,
    "empty": False,
    "unknown": ["nobody tells data of version 1"],
    "aliasesBefore": [],
    "aliasesAfter": ["champion"],
    "parameters": [{"name": "max_depth", "before": 4, "after": 6}],
    "metrics": [{"name": "auc", "before": None, "after": 0.91}],
    "about": [{"name": "codeVersion", "before": "aaa", "after": "bbb"}],
    "artifacts": [],
    "data": [{"dataset": FEATURES, "before": ["f1"], "after": ["f2"], "columnsAdded": ["a"], "columnsRemoved": ["b"]}],
    "evaluatedOn": [{"dataset": FEATURES, "before": None, "after": [], "columnsAdded": [], "columnsRemoved": []}],
    "extent": CUT,
}
DIFF_SAID = f"""~ codeVersion: "aaa" -> "bbb"
~ parameter max_depth: 4 -> 6
~ metric auc: nothing -> 0.91
~ trained on lake features: version f1 -> version f2 +a -b
~ evaluated on lake features: not used -> no version told
~ aliases: nothing -> champion
? nobody tells data of version 1
{CUT_SAID}"""
ROLLBACK = {
    "environment": "prod",
    "deployment": "api",
    "on": "2026-03-05T12:00:00.000000Z",
    "unknown": [],
    "current": [stint()],
    "candidates": [
        {
            "modelVersion": {**KEY, "version": version},
            "eligible": version == "1",
            "reasonsFor": ["served well"],
            "reasonsAgainst": ["a doubt"],
            "stints": [],
        }
        for version in ("1", "0")
    ],
    "extent": EXTENT,
}
ROLLBACK_SAID = """prod api serves churn/2 at 2026-03-05 12:00:00Z
go back to churn/1
  + served well
  - a doubt
not churn/0
  + served well
  - a doubt
"""
MODEL = {
    "registry": "mlflow",
    "name": "churn",
    **dict.fromkeys(("asOf", "knownAt")),
    "stale": False,
    "complete": False,
    "versions": [{"version": "2", "since": "2026-02-02T12:00:00.000000Z", "origins": ["OBSERVED"]}],
    "aliases": [{"name": "champion", "stint": stint()}, {"name": "old", "stint": stint(to="2026-02-06T00:00:00Z")}],
}
SERVING = {"environment": "prod", "name": "api", "now": [stint(), stint(origin="DECLARED")], "stints": []}
DEPLOYMENTS = {"on": None, "deployments": [SERVING], "extent": CUT}

ASKED = {
    "show": (("model", "show", "churn", "2"), "modelVersion", VERSION, VERSION_SAID),
    "diff": (("model", "diff", "churn", "1", "2"), "modelVersionDiff", DIFF, DIFF_SAID),
    "rollback": (("model", "rollback", "prod", "api"), "rollbackCandidates", ROLLBACK, ROLLBACK_SAID),
}


@pytest.mark.parametrize("words", ASKED)
def test_each_answer_in_both_forms(words: str) -> None:
    """What people read is all that is said, and what it leaves out; what programs read is the answer."""
    command, field, answer, said = ASKED[words]
    plain, _ = run(lambda _: data(**{field: answer}), *command)
    as_json, _ = run(lambda _: data(**{field: answer}), *command, "--json")

    assert (0, 0) == (plain.exit_code, as_json.exit_code)
    assert said == plain.stdout
    assert answer == json.loads(as_json.stdout)


@pytest.mark.parametrize("words", [*ASKED, "versions"])
def test_what_is_not_there_exits_3(words: str) -> None:
    """And says what was looked for."""
    command, field = (("model", "versions", "churn"), "model") if words == "versions" else ASKED[words][:2]
    result, _ = run(lambda _: data(**{"model": None, field: None}), *command)

    assert 3 == result.exit_code
    assert result.stderr.startswith("headwater: no")


def test_a_version_that_is_none_is_told_those_that_there_are() -> None:
    """And `show` without a version lists them."""
    none, _ = run(lambda _: data(modelVersion=None, model=MODEL), "model", "show", "churn", "9")
    listed, _ = run(lambda _: data(model=MODEL), "model", "show", "churn", "--json")

    assert (3, "there are 2, and more\n") == (none.exit_code, none.stderr.rpartition("; ")[2])
    assert MODEL == json.loads(listed.stdout)


def test_versions_say_which_aliases_point_at_them() -> None:
    """Now, not once; and that there are more."""
    result, heard = run(lambda _: data(model=MODEL), "model", "versions", "churn", "--registry", "mlflow")

    assert ["2", "2026-02-02", "12:00:00Z", "champion", "observed"] == result.stdout.splitlines()[1].split()
    assert "there are more versions\n" == result.stderr
    assert {"name": "churn", "registry": "mlflow", "asOf": None, "knownAt": None} == heard[0].body["variables"]


def test_deployments_say_who_says_so() -> None:
    """A version that events and a manifest name is one line; nothing is silent."""
    question = ("deployments", "--on", "2026-03-01", "--environment", "prod")
    result, heard = run(lambda _: data(deployments=DEPLOYMENTS), *question)
    none, _ = run(lambda _: data(deployments={**DEPLOYMENTS, "deployments": [], "extent": EXTENT}), "deployments")

    assert ["prod", "api", "churn/2", "2026-02-05", "12:00:00Z", "declared,", "observed"] == (
        result.stdout.splitlines()[1].split()
    )
    assert result.stdout.endswith(CUT_SAID)
    assert {"on": "2026-03-01", "environment": "prod", "knownAt": None} == heard[0].body["variables"]
    assert "no deployments\n" == none.stdout


def test_nothing_different_and_nothing_to_go_back_to() -> None:
    """Are said."""
    same = {**DIFF, **{part: [] for part, value in DIFF.items() if isinstance(value, list)}, "extent": EXTENT}
    alone = {**ROLLBACK, "candidates": []}

    assert "~ no difference" not in run(lambda _: data(modelVersionDiff=same), *ASKED["diff"][0])[0].stdout
    assert "no difference\n" == run(lambda _: data(modelVersionDiff=same), *ASKED["diff"][0])[0].stdout
    assert (
        "it served nothing else before"
        in run(lambda _: data(rollbackCandidates=alone), *ASKED["rollback"][0])[0].stdout
    )


def test_bad_data_is_named_whole() -> None:
    """A version or column belongs to a dataset; exit 2, and nothing is asked."""
    wrong, heard = run(lambda _: data(), "model", "rollback", "prod", "api", "--bad-version", "r2")
    _, asked = run(
        lambda _: data(rollbackCandidates=ROLLBACK),
        *("model", "rollback", "prod", "api", "--bad", "lake", "raw", "--bad-version", "r2"),
    )

    assert (2, []) == (wrong.exit_code, heard)
    assert {"namespace": "lake", "name": "raw", "version": "r2", "field": None} == asked[0].body["variables"]["bad"]
