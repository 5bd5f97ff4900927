"""What policies see of models in service: what they were made of, what is stated of them, where they run."""

from __future__ import annotations

from typing import Any

from catalog.assets.keys import Key, Kind
from catalog.checks.filling.card import ANNEX_IV, CARD, EVALUATING, lacking
from catalog.checks.filling.entity import Filler, block
from catalog.checks.filling.known import Known, model_of, version_of
from catalog.checks.filling.quality import failing
from catalog.checks.snapshot import Thing, Training
from catalog.clock import to_iso
from catalog.manifest.durations import days
from catalog.manifest.references import WrongReference, refer

RISKS = ("minimal", "limited", "high", "prohibited")
DAY = 86_400


def trained_on(version: Thing) -> list[Training]:
    """The data that trained a version."""
    return [one for one in version.observed.training if one.role not in EVALUATING]


def evaluated_on(version: Thing) -> list[Training]:
    """The data that a version was validated, tested or evaluated on."""
    return [one for one in version.observed.training if one.role in EVALUATING]


def overlaps(known: Known, version: Thing) -> list[str]:
    """Data that trained a version and were to show how good it is, at one version; two that nobody states are one."""
    seen = {(one.thing, one.version) for one in trained_on(version)}
    return known.names(one.thing for one in evaluated_on(version) if (one.thing, one.version) in seen)


def failed_data(known: Known, version: Thing) -> list[str]:
    """Data that trained a version and of which a check fails."""
    used = (known.snapshot.things.get(one.thing) for one in trained_on(version))
    return known.names(one.id for one in used if one is not None and failing(one))


def served(known: Known, deployment: Thing) -> list[Thing]:
    """The versions that a deployment serves, sorted."""
    found = (known.snapshot.things.get(id_) for id_ in deployment.observed.serves)
    return sorted((one for one in found if one and one.key.kind is Kind.MODEL_VERSION), key=lambda one: one.key)


def deployments(known: Known, version: Thing) -> list[Thing]:
    """The deployments that serve a version, sorted."""
    return known.kept(_serving).get(version.id, [])


def _serving(known: Known) -> dict[str, list[Thing]]:
    found: dict[str, list[Thing]] = {}
    for deployment in sorted(known.by_kind.get(Kind.DEPLOYMENT, ()), key=lambda one: one.key):
        for version in served(known, deployment):
            found.setdefault(version.id, []).append(deployment)
    return found


def versions(known: Known, model: Key) -> list[Thing]:
    """The versions of a model, sorted."""
    return known.kept(_versions).get(model, [])


def _versions(known: Known) -> dict[Key, list[Thing]]:
    found: dict[Key, list[Thing]] = {}
    for version in sorted(known.by_kind.get(Kind.MODEL_VERSION, ()), key=lambda one: one.key):
        found.setdefault(model_of(version), []).append(version)
    return found


def in_service(known: Known, model: Thing) -> list[Thing]:
    """The versions of a model that anything serves."""
    return [one for one in versions(known, model.key) if deployments(known, one)]


def risk(known: Known, deployment: Thing) -> str | None:
    """The highest risk of the models that a deployment serves."""
    models = [known.by_key.get(model_of(one)) for one in served(known, deployment)]
    told = [str(one.document.get("risk")) for one in models if one]
    return max((one for one in told if one in RISKS), key=RISKS.index, default=None)


def high_risk_uses(known: Known, dataset: Thing) -> list[str]:
    """The versions of high-risk models in service that a dataset trained, validated or tested."""
    return known.kept(_high_risk).get(dataset.id, [])


def _high_risk(known: Known) -> dict[str, list[str]]:
    found: dict[str, set[str]] = {}
    for version in known.by_kind.get(Kind.MODEL_VERSION, ()):
        model = known.by_key.get(model_of(version))
        if model is not None and model.document.get("risk") == "high" and deployments(known, version):
            for one in version.observed.training:
                found.setdefault(one.thing, set()).add(version.key.name)
    return {thing: sorted(names) for thing, names in found.items()}


def nameless(known: Known, deployment: Thing) -> list[str]:
    """Versions it serves that the registry has no alias for, though it has one for another version of the model."""
    found = []
    for version in served(known, deployment):
        others = versions(known, model_of(version))
        if not version.observed.aliases and any(one.observed.aliases for one in others):
            found.append(version.key.name)
    return found


def candidates(known: Known, deployment: Thing) -> list[str]:
    """Other versions of what it serves that are not retired: it could go back to one of them."""
    serving = served(known, deployment)
    others = {one.key.name for mine in serving for one in versions(known, model_of(mine)) if not _over(one)}
    return sorted(others - {one.key.name for one in serving})


def rollback_known(known: Known, deployment: Thing) -> bool | None:
    """Whether the version to go back to is one of the model's, and not retired; null where none is stated."""
    to = deployment.document.get("rollbackTo")
    if to is None:
        return None
    found = [one for mine in served(known, deployment) for one in versions(known, model_of(mine))]
    return any(version_of(one) == str(to) and not _over(one) for one in found)


def _over(thing: Thing) -> bool:
    return thing.attributes.get("lifecycle") == "retired"


def trainers(known: Known, version: Thing) -> list[str]:
    """The jobs that trained a version, as lineage or its document says."""
    jobs = {edge.source for edge in known.into.get(version.id, ()) if edge.kind == "WRITES"}
    named = block(version.document.get("trainedBy")).get("pipeline")
    try:
        told = {refer(named, (Kind.PIPELINE,)).name} if named else set()
    except WrongReference:
        told = set()
    return sorted({*known.names(jobs), *told})


def metrics(version: Thing) -> list[str]:
    """The names of a version's metrics."""
    return sorted({*block(version.document.get("metrics")), *(name for name, _ in version.observed.metrics)})


def _production(known: Known, deployment: Thing) -> bool | None:
    environment = known.named(Kind.ENVIRONMENT, deployment.key.namespace)
    told = environment.document.get("production") if environment else None
    return told if isinstance(told, bool) else None


def _days(duration: Any) -> Any:
    """An ISO-8601 duration in days; what is none stays as it is, so that a policy errs over it."""
    found = days(duration)
    return duration if found is None else found


def _thresholds(model: Thing, on: str = "") -> int:
    told = [block(one).get("on", "performance") for one in model.document.get("thresholds") or ()]
    return sum(1 for one in told if on in ("", one))


def _technical(model: Thing, part: str) -> Any:
    return block(model.document.get("technicalFile")).get(part)


MODEL: dict[str, Filler] = {
    "risk_management": lambda known, thing: _technical(thing, "riskManagement"),
    "declaration": lambda known, thing: _technical(thing, "declaration"),
    "thresholds": lambda known, thing: _thresholds(thing),
    "drift_thresholds": lambda known, thing: _thresholds(thing, "drift"),
    "deployments": lambda known, thing: known.names(
        one.id for version in in_service(known, thing) for one in deployments(known, version)
    ),
    "card": lambda known, thing: lacking(CARD, thing, in_service(known, thing) or versions(known, thing.key)),
    "annex_iv": lambda known, thing: lacking(ANNEX_IV, thing, in_service(known, thing) or versions(known, thing.key)),
}
MODEL_VERSION: dict[str, Filler] = {
    "training_data": lambda known, thing: known.names(one.thing for one in trained_on(thing)),
    "evaluation_data": lambda known, thing: known.names(one.thing for one in evaluated_on(thing)),
    "metrics": lambda known, thing: metrics(thing),
    "unversioned_data": lambda known, thing: known.names(one.thing for one in trained_on(thing) if not one.version),
    "failed_data": failed_data,
    "overlaps": overlaps,
    "trained_by": trainers,
    "code_version": lambda known, thing: thing.document.get("codeVersion") or thing.observed.code_version or None,
    "deployments": lambda known, thing: known.names(one.id for one in deployments(known, thing)),
}
DEPLOYMENT: dict[str, Filler] = {
    "production": _production,
    "risk": risk,
    "versions": lambda known, thing: [one.key.name for one in served(known, thing)],
    "nameless": nameless,
    "untested": lambda known, thing: [one.key.name for one in served(known, thing) if not evaluated_on(one)],
    "rollback_known": rollback_known,
    "candidates": candidates,
    "logs_kept_days": lambda known, thing: _days(thing.document.get("logsKept")),
    "last_event": lambda known, thing: to_iso(thing.observed.last),
}
