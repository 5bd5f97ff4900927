"""What questions about models answer with."""

from __future__ import annotations

import strawberry
from strawberry.scalars import JSON

from catalog.api.graphql.models import ModelStint, ModelVersion, ModelVersionKey, to_key, to_name, to_stint, to_version
from catalog.api.graphql.moments import KNOWN_AT, STALE
from catalog.api.graphql.names import DatasetName
from catalog.clock import to_iso
from catalog.graph.walk import Moment
from catalog.usecases import model_diff, touched
from catalog.usecases import production as producing
from catalog.usecases import rollback as rolling
from catalog.usecases.moments import Standing

SEQUENCE = "Newest accepted entry when the question was asked."
APPLIED = "Every entry up to this one was in the answer."


@strawberry.type(description="How far an answer goes.")
class Extent:
    """How far an answer goes."""

    complete: bool = strawberry.field(description="Whether nothing was cut off.")
    truncated_by: list[str] = strawberry.field(description="What cut it off: DEPTH, NODES, EDGES, TIME, RUNS, …")
    hidden_count: int = strawberry.field(description="Nodes left out because the reader may not see them.")
    known_at: int | None = strawberry.field(description=KNOWN_AT)
    sequence: int = strawberry.field(description=SEQUENCE)
    applied_through: int = strawberry.field(description=APPLIED)
    stale: bool = strawberry.field(description=STALE)


@strawberry.type(description="A deployment: what it serves at a time, and all it ever served.")
class Deployment:
    """A deployment."""

    environment: str = strawberry.field(description="Such as prod.")
    name: str = strawberry.field(description="Its name there.")
    now: list[ModelStint] = strawberry.field(
        description="What it serves at that time; twice where events and manifests both say so."
    )
    stints: list[ModelStint] = strawberry.field(description="All it served, by time.")


@strawberry.type(description="What was served at a time, and what had trained it.")
class Production:
    """Production."""

    on: str | None = strawberry.field(description="The time, ISO-8601.")
    deployments: list[Deployment] = strawberry.field(description="Those that served something.")
    model_versions: list[ModelVersion] = strawberry.field(
        description="What they served, with the runs, dataset versions and columns behind it."
    )
    untold: list[ModelVersionKey] = strawberry.field(
        description="Served, but nobody tells more of them, or they are beyond the first "
        f"{producing.MOST_DETAILS} versions."
    )
    extent: Extent = strawberry.field(description="How far the answer goes.")


@strawberry.type(description="Deployments by name.")
class Deployments:
    """Deployments."""

    on: str | None = strawberry.field(description="The time that `now` is about, ISO-8601.")
    deployments: list[Deployment] = strawberry.field(description="All, also those that serve nothing.")
    extent: Extent = strawberry.field(description="How far the answer goes.")


@strawberry.type(description="A step on the way from a dataset to a deployment.")
class PathStep:
    """A step."""

    kind: str = strawberry.field(description="DATASET or JOB.")
    namespace: str = strawberry.field(description="Namespace.")
    name: str = strawberry.field(description="Name.")


@strawberry.type(description="A deployment of a model version that is touched.")
class TouchedDeployment:
    """A touched deployment."""

    environment: str = strawberry.field(description="Such as prod.")
    name: str = strawberry.field(description="Its name there.")
    model_version: ModelVersionKey = strawberry.field(description="What it serves, or served.")
    verdict: str = strawberry.field(description="TOUCHED: surely. POSSIBLE: somebody did not tell enough to say.")
    because: str = strawberry.field(description="Why.")
    serving: bool = strawberry.field(description="Whether it serves the version now.")
    stints: list[ModelStint] = strawberry.field(description="When it served the version.")
    path: list[PathStep] = strawberry.field(description="The way from the dataset to the deployment.")


@strawberry.type(description="A model version that was reached, but whose training is clear.")
class ClearedVersion:
    """A cleared version."""

    model_version: ModelVersionKey = strawberry.field(description="The version.")
    because: str = strawberry.field(description="Why.")


@strawberry.type(description="What a dataset, column or dataset version touches.")
class TouchedDeployments:
    """What is touched."""

    deployments: list[TouchedDeployment] = strawberry.field(description="The surest first.")
    cleared: list[ClearedVersion] = strawberry.field(description="Versions that lineage reaches and training clears.")
    extent: Extent = strawberry.field(description="How far the answer goes.")


@strawberry.type(description="A value that is not the same.")
class ChangedValue:
    """A changed value."""

    name: str = strawberry.field(description="What it is of.")
    before: JSON | None = strawberry.field(description="Null: there was none.")
    after: JSON | None = strawberry.field(description="Null: there is none.")


@strawberry.type(description="A dataset whose part in the training is not the same.")
class ChangedData:
    """Changed data."""

    dataset: DatasetName = strawberry.field(description="The dataset.")
    before: list[str] | None = strawberry.field(description="Its versions; null: not used.")
    after: list[str] | None = strawberry.field(description="Its versions; null: not used.")
    columns_added: list[str] = strawberry.field(description="Columns that came, where both are known.")
    columns_removed: list[str] = strawberry.field(description="Columns that went, where both are known.")


@strawberry.type(description="What changed between two versions of a model.")
class ModelVersionDiff:
    """What changed."""

    start: ModelVersionKey = strawberry.field(name="from", description="The first version.")
    end: ModelVersionKey = strawberry.field(name="to", description="The second version.")
    parameters: list[ChangedValue] = strawberry.field(description="Parameters.")
    metrics: list[ChangedValue] = strawberry.field(description="Metrics.")
    about: list[ChangedValue] = strawberry.field(
        description="codeVersion, framework, frameworkVersion, seed, trainingJob, flavor, stage, signature."
    )
    data: list[ChangedData] = strawberry.field(description="Training data.")
    evaluated_on: list[ChangedData] = strawberry.field(description="Evaluation data.")
    artifacts: list[ChangedValue] = strawberry.field(description="Files, by their hash.")
    aliases_before: list[str] = strawberry.field(description="Aliases that point at the first version.")
    aliases_after: list[str] = strawberry.field(description="Aliases that point at the second version.")
    empty: bool = strawberry.field(description="Whether nothing is different that could be compared.")
    unknown: list[str] = strawberry.field(description="What could not be compared, since nobody told it.")
    extent: Extent = strawberry.field(description="How far the answer goes.")


@strawberry.input(description="Data that a version must not have been trained on.")
class BadDataInput:
    """Bad data."""

    namespace: str = strawberry.field(description="The dataset's namespace.")
    name: str = strawberry.field(description="The dataset's name.")
    field: str | None = strawberry.field(default=None, description="One column of it.")
    version: str | None = strawberry.field(default=None, description="One version of it.")


@strawberry.type(description="A version to go back to.")
class RollbackCandidate:
    """A candidate."""

    model_version: ModelVersionKey = strawberry.field(description="The version.")
    eligible: bool = strawberry.field(description="Nothing rules it out; reasonsAgainst are doubts then.")
    reasons_for: list[str] = strawberry.field(description="What speaks for it.")
    reasons_against: list[str] = strawberry.field(description="What rules it out first, then doubts.")
    stints: list[ModelStint] = strawberry.field(description="When the deployment served it.")
    detail: ModelVersion | None = strawberry.field(description="All that is said of it.")


@strawberry.type(description="Which version to roll back to.")
class Rollback:
    """Rollback."""

    environment: str = strawberry.field(description="The deployment's environment.")
    deployment: str = strawberry.field(description="The deployment's name.")
    on: str | None = strawberry.field(description="The time, ISO-8601.")
    current: list[ModelStint] = strawberry.field(description="What it serves at that time.")
    candidates: list[RollbackCandidate] = strawberry.field(description="What it served before, the best first.")
    unknown: list[str] = strawberry.field(description="What could not be looked for.")
    extent: Extent = strawberry.field(description="How far the answer goes.")


def to_extent(standing: Standing, moment: Moment, cut: tuple[str, ...], hidden: int = 0) -> Extent:
    """How far an answer goes."""
    return Extent(
        complete=not cut,
        truncated_by=list(cut),
        hidden_count=hidden,
        known_at=moment.known_at,
        sequence=standing.sequence,
        applied_through=standing.applied_through,
        stale=standing.is_stale(moment),
    )


def to_deployment(found: producing.Serving) -> Deployment:
    """A deployment as the API shows it."""
    stints = [to_stint(stint) for stint in found.stints]
    return Deployment(
        environment=found.environment, name=found.name, now=[to_stint(stint) for stint in found.now], stints=stints
    )


def to_touch(found: touched.Touch, now: int) -> TouchedDeployment:
    """A touched deployment as the API shows it; `now` decides whether it is serving."""
    return TouchedDeployment(
        environment=found.deployment.namespace.partition(":")[2],
        name=found.deployment.name,
        model_version=to_key(found.key),
        verdict=found.verdict.value,
        because=found.because,
        serving=any(stint.holds(now) for stint in found.stints),
        stints=[to_stint(stint) for stint in found.stints],
        path=[PathStep(kind=node.kind, namespace=node.namespace, name=node.name) for node in found.path],
    )


def to_diff(found: model_diff.VersionDiff, moment: Moment) -> ModelVersionDiff:
    """A difference as the API shows it."""

    def values(changed: tuple[model_diff.Changed, ...]) -> list[ChangedValue]:
        return [ChangedValue(name=c.name, before=c.before, after=c.after) for c in changed]

    def data(changed: tuple[model_diff.DataChanged, ...]) -> list[ChangedData]:
        return [
            ChangedData(
                dataset=to_name(c.name),
                before=None if c.before is None else list(c.before),
                after=None if c.after is None else list(c.after),
                columns_added=list(c.added),
                columns_removed=list(c.removed),
            )
            for c in changed
        ]

    whole = found.before.all_trainings and found.after.all_trainings
    return ModelVersionDiff(
        start=to_key(found.before.key),
        end=to_key(found.after.key),
        parameters=values(found.params),
        metrics=values(found.metrics),
        about=values(found.about),
        data=data(found.data),
        evaluated_on=data(found.evaluated),
        artifacts=values(found.artifacts),
        aliases_before=list(found.aliases_before),
        aliases_after=list(found.aliases_after),
        empty=found.empty,
        unknown=list(found.unknown),
        extent=to_extent(found.standing, moment, () if whole else ("RUNS",)),
    )


def to_rollback(found: rolling.Rollback) -> Rollback:
    """Candidates as the API shows them."""
    return Rollback(
        environment=found.environment,
        deployment=found.name,
        on=to_iso(found.on),
        current=[to_stint(stint) for stint in found.current],
        candidates=[
            RollbackCandidate(
                model_version=to_key(c.key),
                eligible=c.eligible,
                reasons_for=list(c.reasons_for),
                reasons_against=list(c.reasons_against),
                stints=[to_stint(stint) for stint in c.stints],
                detail=to_version(c.detail) if c.detail else None,
            )
            for c in found.candidates
        ],
        unknown=list(found.unknown),
        extent=to_extent(found.standing, found.moment, found.truncated_by),
    )
