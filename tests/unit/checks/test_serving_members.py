"""What policies see of models in service, over snapshots written down."""

from __future__ import annotations

from typing import Any

from catalog.assets.keys import Kind
from catalog.checks.snapshot import Check, Place, Thing, Training
from catalog.checks.subjects_of import Subjects
from tests.unit.checks.worlds import NOW, flows, snapshot, thing


def model(name: str = "churn", **document: Any) -> Thing:
    return thing(f"model {name}", Kind.MODEL, namespace="models", name=name, document=document)


def version(number: int, *training: Training, of: str = "churn", **told: Any) -> Thing:
    name = f"{of}/{number}"
    return thing(name, Kind.MODEL_VERSION, namespace="models", name=name, training=training, **told)


def deployment(*serves: str, name: str = "api", **document: Any) -> Thing:
    return thing(name, Kind.DEPLOYMENT, namespace="prod", serves=serves, document=document)


def use(name: str, role: str | None = None, at: str | None = None) -> Training:
    return Training(name, role, at)


def value(target: str, name: str, of: str, *things: Thing, **more: Any) -> Any:
    return Subjects(snapshot(*things, **more)).value(target, target, name, Place(of))


def test_data_that_judge_a_version_did_not_train_it() -> None:
    """By their roles; one without a role trained it."""
    one = version(1, use("a"), use("b", "training"), use("c", "test"), use("d", "validation"), use("e", "evaluation"))
    things = [one, *(thing(name) for name in "abcde")]

    assert ["a", "b"] == value("model_version", "training_data", "churn/1", *things)
    assert ["c", "d", "e"] == value("model_version", "evaluation_data", "churn/1", *things)


def test_only_the_same_version_of_data_overlaps() -> None:
    """Another version is another set of rows; two that nobody states are taken for one."""
    one = version(1, use("a", None, "1"), use("a", "test", "2"), use("b"), use("b", "test"), use("c", None, "1"))
    things = [one, thing("a"), thing("b"), thing("c")]

    assert ["b"] == value("model_version", "overlaps", "churn/1", *things)


def test_high_risk_uses_are_those_in_service() -> None:
    """Of a high-risk model, by a version that something serves; training, validation and test alike."""
    things = [
        model("churn", risk="high"),
        model("rank", risk="limited"),
        version(1, use("old")),
        version(2, use("train"), use("hold", "test")),
        version(1, use("train"), of="rank"),
        deployment("churn/2", "rank/1"),
        *(thing(name) for name in ("old", "train", "hold")),
    ]

    found = {name: value("dataset", "high_risk_uses", name, *things) for name in ("old", "train", "hold")}
    assert {"old": [], "train": ["churn/2"], "hold": ["churn/2"]} == found


def test_failed_data_are_those_of_which_a_check_fails() -> None:
    """A warning is none, nor is a failure of data that only tested it."""
    checked = {
        "bad": Check("unique", "", False, "error", NOW),
        "warned": Check("unique", "", False, "warn", NOW),
        "fine": Check("unique", "", True, "error", NOW),
        "tested": Check("unique", "", False, "error", NOW),
    }
    one = version(1, use("bad"), use("warned"), use("fine"), use("tested", "test"))
    things = [one, *(thing(name, checks=(check,)) for name, check in checked.items())]

    assert ["bad"] == value("model_version", "failed_data", "churn/1", *things)


def test_a_way_back() -> None:
    """To a version that is there and not retired; other versions are candidates."""
    things = [model(), version(1, lifecycle="retired"), version(2), version(3)]

    assert ["churn/2"] == value("deployment", "candidates", "api", *things, deployment("churn/3"))
    assert value("deployment", "rollback_known", "api", *things, deployment("churn/3", rollbackTo="2")) is True
    assert value("deployment", "rollback_known", "api", *things, deployment("churn/3", rollbackTo="1")) is False
    assert value("deployment", "rollback_known", "api", *things, deployment("churn/3")) is None


def test_a_version_is_nameless_only_beside_named_ones() -> None:
    """Where the registry uses no aliases, none is missing."""
    named = [version(1, aliases=("champion",)), version(2), version(1, of="rank"), deployment("churn/2", "rank/1")]

    assert ["churn/2"] == value("deployment", "nameless", "api", *named)


def test_the_risk_of_a_deployment_is_the_highest() -> None:
    """Of the models that it serves; null where nobody states one."""
    things = [model("churn", risk="minimal"), model("rank", risk="high"), version(1), version(1, of="rank")]

    assert "high" == value("deployment", "risk", "api", *things, deployment("churn/1", "rank/1"))
    assert value("deployment", "risk", "api", version(1), deployment("churn/1")) is None


def test_trainers_are_told_by_lineage_or_declared() -> None:
    """Each once."""
    told = {"trainedBy": {"pipeline": {"kind": "Pipeline", "namespace": "ml", "name": "retrain"}}}
    things = [version(1, document=told), thing("job", Kind.PIPELINE)]

    found = value("model_version", "trained_by", "churn/1", *things, edges=flows("job -> churn/1"))
    assert ["job", "retrain"] == found


def test_a_card_is_as_complete_as_its_parts() -> None:
    """Parts of versions count only if each version in service states them."""
    said = {"description": "d", "intendedUse": "u", "limitations": "l"}
    trained = version(1, use("a"), use("b", "test"), document={"metrics": {"auc": 0.9}})
    bare = version(2)
    one = value("model", "card", "model churn", model(**said), trained, bare, deployment("churn/1"))
    two = value("model", "card", "model churn", model(**said), trained, bare, deployment("churn/1", "churn/2"))

    assert (["factors", "analyses", "ethics"], 0.667) == (one["missing"], one["score"])
    assert {"metrics", "evaluation data", "training data"} == {*two["missing"]} - {*one["missing"]}


def test_stating_none_is_stating() -> None:
    """`standards: []` answers Annex IV(7); leaving it out does not."""
    missing = value("model", "annex_iv", "model churn", model(technicalFile={"standards": [], "design": "d"}))[
        "missing"
    ]

    assert not {"standards", "design"} & {*missing}
    assert {"changes", "declaration of conformity"} <= {*missing}


def test_durations_are_days() -> None:
    """What is no duration stays what it is, so that a policy errs over it."""
    assert 7 == value("deployment", "logs_kept_days", "api", deployment(logsKept="P1W"))
    assert "long" == value("deployment", "logs_kept_days", "api", deployment(logsKept="long"))


def test_thresholds_are_counted() -> None:
    """All, and those of drift."""
    bounds = [{"metric": "auc", "atLeast": 0.7}, {"metric": "psi", "atMost": 0.2, "on": "drift"}]

    assert 2 == value("model", "thresholds", "model churn", model(thresholds=bounds))
    assert 1 == value("model", "drift_thresholds", "model churn", model(thresholds=bounds))
