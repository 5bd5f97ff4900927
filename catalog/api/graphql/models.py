"""Models, their versions, what trained them, and where they are deployed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

import strawberry
from strawberry.scalars import JSON

from catalog.api.graphql.moments import AtMoment
from catalog.api.graphql.names import DatasetName
from catalog.api.graphql.runs import Run, to_run
from catalog.clock import to_iso
from catalog.identity import Name
from catalog.lineage.assertions import Origin
from catalog.lineage.facets.model import VersionKey
from catalog.lineage.serving import Stint
from catalog.usecases.model_versions import Detail
from catalog.usecases.model_versions import Model as Found
from catalog.usecases.trainings import Data, TrainingRun

SAID = {Origin.OBSERVED: "OBSERVED", Origin.DECLARED: "DECLARED"}
ORIGIN = "OBSERVED by events or DECLARED by a manifest."


@strawberry.type(description="The key of a version of a model.")
class ModelVersionKey:
    """A key."""

    registry: str = strawberry.field(description="The registry that keeps the model.")
    model: str = strawberry.field(description="Its name there.")
    version: str = strawberry.field(description="The version.")


@strawberry.type(description="A model version behind a deployment, or behind an alias, for a time.")
class ModelStint:
    """A stint."""

    model_version: ModelVersionKey = strawberry.field(description="What was served, or pointed at.")
    start: str | None = strawberry.field(name="from", description="Since when, ISO-8601.")
    end: str | None = strawberry.field(name="to", description="Until when; null: it lasts.")
    origin: str = strawberry.field(description=ORIGIN)
    manifest: str | None = strawberry.field(description="The manifest that declares it.")
    sequence: int | None = strawberry.field(description="The place in the inbox of the entry that told it.")
    health: str | None = strawberry.field(description="What was said of it last while it was served.")
    region: str | None = strawberry.field(description="Where it was served.")


@strawberry.type(description="An alias of a model version, and for how long.")
class ModelAlias:
    """An alias."""

    name: str = strawberry.field(description="Such as champion.")
    stint: ModelStint = strawberry.field(description="Where it pointed, and when.")


@strawberry.type(description="A deployment of a model version, and for how long.")
class ModelDeployment:
    """A deployment."""

    environment: str = strawberry.field(description="Such as prod.")
    name: str = strawberry.field(description="Its name there.")
    stint: ModelStint = strawberry.field(description="When it served the version.")


@strawberry.type(description="A dataset that trained or evaluated a model version.")
class TrainingData:
    """A dataset."""

    dataset: DatasetName = strawberry.field(description="The dataset, as it is named there.")
    versions: list[str] = strawberry.field(description="Its versions, as they were told; empty: nobody told any.")
    columns: list[str] = strawberry.field(description="Its columns; columnsBasis says how they are known.")
    columns_basis: str = strawberry.field(
        description="COLUMN_LINEAGE of the run, TOLD by a facet or document, SCHEMA: all that the dataset had then, "
        "since nobody told which; UNKNOWN."
    )
    origin: str = strawberry.field(description=ORIGIN)
    manifest: str | None = strawberry.field(description="The manifest that declares it.")


@strawberry.type(description="A parameter or metric.")
class NamedJson:
    """A named value."""

    name: str = strawberry.field(description="Its name, as the producer spells it.")
    value: JSON | None = strawberry.field(description="Its value.")


@strawberry.type(description="Checks that failed in a run on one of its inputs.")
class FailedChecks:
    """Failed checks."""

    dataset: DatasetName = strawberry.field(description="The dataset.")
    checks: list[str] = strawberry.field(description="What they assert: assertion, column and name.")


@strawberry.type(description="A run that wrote a model version.")
class ModelTraining:
    """A training run."""

    job: DatasetName = strawberry.field(description="Namespace and name of its job.")
    framework: str | None = strawberry.field(description="Such as scikit-learn.")
    framework_version: str | None = strawberry.field(description="The framework's version.")
    seed: str | None = strawberry.field(description="Of the random numbers.")
    code_version: str | None = strawberry.field(description="Such as a commit.")
    parameters: list[NamedJson] = strawberry.field(description="What it was told.")
    metrics: list[NamedJson] = strawberry.field(description="What it reached.")
    data: list[TrainingData] = strawberry.field(description="What it trained on.")
    evaluated_on: list[TrainingData] = strawberry.field(description="What it evaluated on.")
    failed_checks: list[FailedChecks] = strawberry.field(description="Checks of its inputs that failed in it.")
    hidden_count: int = strawberry.field(description="Inputs left out because the reader may not see them.")
    found: strawberry.Private[TrainingRun]
    at: strawberry.Private[Detail]

    @strawberry.field(description="The run.")
    def run(self) -> Run:
        """The run."""
        return to_run(self.found.run, self.at.moment)


@strawberry.type(description="A file of a model version.")
class ModelArtifact:
    """A file."""

    name: str = strawberry.field(description="Path or name.")
    uri: str | None = strawberry.field(description="Where it is.")
    digest: str | None = strawberry.field(description="Its hash.")
    size: float | None = strawberry.field(description="Bytes.")


@strawberry.type(description="What a manifest says of a model version.")
class ModelDeclaration:
    """A declaration."""

    manifest: str = strawberry.field(description="The manifest's name.")
    since: str | None = strawberry.field(description="When it was applied, ISO-8601.")
    document: JSON = strawberry.field(description="The document, in canonical form.")


@strawberry.type(description="A version of a model, and all that is said of it, each with who says so.")
class ModelVersion(AtMoment):
    """A version."""

    registry: str = strawberry.field(description="The registry that keeps the model.")
    model: str = strawberry.field(description="Its name there.")
    version: str = strawberry.field(description="The version.")
    dataset: DatasetName = strawberry.field(description="The dataset that it is in lineage.")
    origins: list[str] = strawberry.field(description="Who speaks of it: OBSERVED, DECLARED.")
    trainings: list[ModelTraining] = strawberry.field(description="The runs that wrote it, newest first.")
    all_trainings: bool = strawberry.field(description="Whether these are all of them.")
    data: list[TrainingData] = strawberry.field(description="What it was trained on, by all who say so.")
    evaluated_on: list[TrainingData] = strawberry.field(description="What it was evaluated on, by all who say so.")
    parameters: list[NamedJson] = strawberry.field(description="Of the newest run; else as declared.")
    metrics: list[NamedJson] = strawberry.field(description="Of the newest run; else as declared.")
    code_version: str | None = strawberry.field(description="Of the newest run; else as declared.")
    framework: str | None = strawberry.field(description="Of the newest run; else as declared.")
    stage: str | None = strawberry.field(description="Of registries that have stages.")
    flavor: str | None = strawberry.field(description="How it is stored.")
    signature: JSON | None = strawberry.field(description="Inputs and outputs, as the registry tells them.")
    card: JSON | None = strawberry.field(description="The model card.")
    artifacts: list[ModelArtifact] = strawberry.field(description="Its files, as observed.")
    aliases: list[ModelAlias] = strawberry.field(description="Names that pointed at it, and when.")
    deployments: list[ModelDeployment] = strawberry.field(description="Where it was served, and when.")
    declarations: list[ModelDeclaration] = strawberry.field(description="What manifests say of it.")


@strawberry.type(description="A version of a model in its list.")
class ListedVersion:
    """A version in a list."""

    version: str = strawberry.field(description="The version.")
    since: str | None = strawberry.field(description="When events told it first; null where none did.")
    origins: list[str] = strawberry.field(description="Who speaks of it: OBSERVED, DECLARED.")


@strawberry.type(description="A model: its versions and its aliases.")
class Model(AtMoment):
    """A model."""

    registry: str = strawberry.field(description="The registry that keeps it.")
    name: str = strawberry.field(description="Its name there.")
    versions: list[ListedVersion] = strawberry.field(description="Its versions, newest first.")
    aliases: list[ModelAlias] = strawberry.field(description="Where its aliases pointed, by name and time.")
    complete: bool = strawberry.field(description="Whether these are all versions.")


def to_key(key: VersionKey) -> ModelVersionKey:
    """A key as the API shows it."""
    return ModelVersionKey(registry=key.registry, model=key.model, version=key.version)


def to_name(name: Name) -> DatasetName:
    """A name as the API shows it."""
    return DatasetName(namespace=name.namespace, name=name.name)


def to_stint(stint: Stint) -> ModelStint:
    """A stint as the API shows it."""
    return ModelStint(
        model_version=to_key(stint.key),
        start=to_iso(stint.since),
        end=to_iso(stint.until),
        origin=SAID[stint.origin],
        manifest=stint.by or None,
        sequence=stint.sequence,
        health=stint.health,
        region=stint.region,
    )


def to_alias(alias: tuple[str, Stint]) -> ModelAlias:
    """An alias as the API shows it."""
    return ModelAlias(name=alias[0], stint=to_stint(alias[1]))


def to_model(found: Found) -> Model:
    """A model as the API shows it."""
    listed = [
        ListedVersion(version=version, since=to_iso(since), origins=[SAID[origin] for origin in origins])
        for version, since, origins in found.versions
    ]
    aliases = [to_alias(alias) for alias in found.aliases]
    return Model(
        registry=found.registry,
        name=found.name,
        versions=listed,
        aliases=aliases,
        complete=found.complete,
        moment=found.moment,
    )


def to_version(found: Detail) -> ModelVersion:
    """A version as the API shows it."""
    said = found.said
    return ModelVersion(
        moment=found.moment,
        registry=found.key.registry,
        model=found.key.model,
        version=found.key.version,
        dataset=to_name(found.key.name),
        origins=[SAID[origin] for origin in found.origins],
        trainings=[_training(training, found) for training in found.trainings],
        all_trainings=found.all_trainings,
        data=_data(found.data),
        evaluated_on=_data(found.evaluated),
        parameters=named(found.params),
        metrics=named(found.metrics),
        code_version=found.code_version,
        framework=found.framework,
        stage=said.stage if said else None,
        flavor=said.flavor if said else None,
        signature=said.signature if said else None,
        card=said.card if said else None,
        artifacts=[
            ModelArtifact(name=a.name, uri=a.uri, digest=a.digest, size=a.size)
            for a in (said.artifacts if said else ())
        ],
        aliases=[to_alias(alias) for alias in found.aliases],
        deployments=[
            ModelDeployment(environment=name.namespace.partition(":")[2], name=name.name, stint=to_stint(stint))
            for name, stint in found.deployments
        ],
        declarations=[
            ModelDeclaration(manifest=d.manifest, since=to_iso(d.since), document=cast(JSON, d.document))
            for d in found.documents
        ],
    )


def named(values: Mapping[str, Any]) -> list[NamedJson]:
    """Values by name, sorted."""
    return [NamedJson(name=name, value=values[name]) for name in sorted(values)]


def _training(found: TrainingRun, at: Detail) -> ModelTraining:
    said = found.said
    return ModelTraining(
        found=found,
        at=at,
        job=to_name(found.job),
        framework=said.framework if said else None,
        framework_version=said.framework_version if said else None,
        seed=said.seed if said else None,
        code_version=said.code_version if said else None,
        parameters=named(said.params if said else {}),
        metrics=named(said.metrics if said else {}),
        data=_data(found.data),
        evaluated_on=_data(found.evaluated),
        failed_checks=[
            FailedChecks(dataset=to_name(name), checks=checks) for name, checks in sorted(found.failed.items())
        ],
        hidden_count=found.hidden,
    )


def _data(data: Iterable[Data]) -> list[TrainingData]:
    return [
        TrainingData(
            dataset=to_name(one.name),
            versions=list(one.versions),
            columns=list(one.columns),
            columns_basis=one.basis,
            origin=SAID[one.origin],
            manifest=one.by or None,
        )
        for one in data
    ]
