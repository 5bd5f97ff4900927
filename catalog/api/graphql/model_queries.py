"""Questions about models: a model, a version, production, what is touched, what changed, where to roll back to."""

from __future__ import annotations

from typing import Annotated

import strawberry
from strawberry import argument
from strawberry.types import Info

from catalog.api.graphql.context import context_of
from catalog.api.graphql.identity import DatasetRef
from catalog.api.graphql.model_answers import (
    BadDataInput,
    ClearedVersion,
    Deployments,
    ModelVersionDiff,
    Production,
    Rollback,
    TouchedDeployments,
    to_deployment,
    to_diff,
    to_extent,
    to_rollback,
    to_touch,
)
from catalog.api.graphql.models import Model, ModelVersion, to_key, to_model, to_version
from catalog.api.graphql.moments import AsOf, KnownAt, moment_of
from catalog.assets.keys import REGISTRY
from catalog.clock import SystemClock, to_iso
from catalog.errors import InvalidQuestion
from catalog.identity import Name
from catalog.lineage.facets.model import VersionKey
from catalog.usecases import model_diff, model_versions, touched
from catalog.usecases import production as producing
from catalog.usecases import rollback as rolling
from catalog.usecases.moments import time_of

ModelName = Annotated[str, argument(description="The model's name in its registry.")]
Registry = Annotated[str, argument(description="The registry that keeps the model.")]
On = Annotated[str | None, argument(description="The time, ISO-8601; now without it.")]


@strawberry.type
class ModelQueries:
    """Questions about models."""

    @strawberry.field(description="A model with its versions and aliases. Null: nobody speaks of it.")
    async def model(
        self, info: Info, name: ModelName, registry: Registry = REGISTRY, as_of: AsOf = None, known_at: KnownAt = None
    ) -> Model | None:
        """A model."""
        _named(name=name, registry=registry)
        ctx, moment = context_of(info), await moment_of(info, as_of, known_at)
        found = await ctx.call(model_versions.model_of, ctx.reader, registry, name, moment)
        return to_model(found) if found else None

    @strawberry.field(
        description="A version of a model: what trained it, on which dataset versions and columns, with what result, "
        "its aliases and deployments. Null: nobody speaks of it."
    )
    async def model_version(
        self,
        info: Info,
        model: ModelName,
        version: Annotated[str, argument(description="The version.")],
        registry: Registry = REGISTRY,
        as_of: AsOf = None,
        known_at: KnownAt = None,
    ) -> ModelVersion | None:
        """A version."""
        _named(model=model, version=version, registry=registry)
        ctx, moment = context_of(info), await moment_of(info, as_of, known_at)
        found = await ctx.call(model_versions.detail, ctx.reader, VersionKey(registry, model, version), moment)
        return to_version(found) if found else None

    @strawberry.field(
        description="What was in production at a time: the model versions, and the dataset versions and columns that "
        "trained them. Events count by their times, documents by their intervals."
    )
    async def production(
        self,
        info: Info,
        on: On = None,
        environment: Annotated[str | None, argument(description="Only this environment.")] = None,
        deployment: Annotated[str | None, argument(description="Only deployments of this name.")] = None,
        known_at: KnownAt = None,
    ) -> Production:
        """Production."""
        _named(environment=environment, deployment=deployment)
        ctx, moment = context_of(info), await moment_of(info, None, known_at)
        found = await ctx.call(
            producing.production,
            ctx.reader,
            _time(on),
            environment=environment,
            deployment=deployment,
            known_at=moment.known_at,
        )
        return Production(
            on=to_iso(found.on),
            deployments=[to_deployment(one) for one in found.deployments],
            model_versions=[to_version(one) for one in found.versions],
            untold=[to_key(key) for key in found.untold],
            extent=to_extent(found.standing, moment, () if found.complete else ("DEPLOYMENTS",)),
        )

    @strawberry.field(description="All deployments, with what they serve at a time and ever served.")
    async def deployments(
        self,
        info: Info,
        on: On = None,
        environment: Annotated[str | None, argument(description="Only this environment.")] = None,
        known_at: KnownAt = None,
    ) -> Deployments:
        """Deployments."""
        _named(environment=environment)
        ctx, moment = context_of(info), await moment_of(info, None, known_at)
        before, at = await ctx.standing.load(None), _time(on)
        found, whole = await ctx.call(
            producing.deployments, ctx.reader, at, environment=environment, known_at=moment.known_at
        )
        extent = to_extent(before, moment, () if whole else ("DEPLOYMENTS",))
        return Deployments(on=to_iso(at), deployments=[to_deployment(one) for one in found], extent=extent)

    @strawberry.field(
        description="The deployments that a dataset touches, or one column or one (bad) version of it, with the way "
        "there. Null: no such dataset."
    )
    async def deployments_touched_by(
        self,
        info: Info,
        dataset: Annotated[DatasetRef, argument(description="The dataset, by any of its names.")],
        field: Annotated[str | None, argument(description="One column of it.")] = None,
        version: Annotated[str | None, argument(description="One version of it.")] = None,
        as_of: AsOf = None,
        known_at: KnownAt = None,
    ) -> TouchedDeployments | None:
        """What is touched."""
        _named(**{"dataset.namespace": dataset.namespace, "dataset.name": dataset.name}, field=field, version=version)
        ctx, moment = context_of(info), await moment_of(info, as_of, known_at)
        name = Name(dataset.namespace, dataset.name)
        found = await ctx.call(
            touched.deployments_touched_by, ctx.reader, name, field=field, version=version, moment=moment
        )
        if found is None:
            return None
        cleared = [ClearedVersion(model_version=to_key(key), because=because) for key, because in found.cleared]
        extent = to_extent(found.standing, moment, found.truncated_by, found.hidden)
        return TouchedDeployments(
            deployments=[to_touch(one, _time(as_of)) for one in found.touches], cleared=cleared, extent=extent
        )

    @strawberry.field(description="What changed between two versions of a model. Null: nobody speaks of one of them.")
    async def model_version_diff(
        self,
        info: Info,
        model: ModelName,
        start: Annotated[str, argument(name="from", description="The first version.")],
        end: Annotated[str, argument(name="to", description="The second version.")],
        registry: Registry = REGISTRY,
        as_of: AsOf = None,
        known_at: KnownAt = None,
    ) -> ModelVersionDiff | None:
        """What changed."""
        _named(**{"model": model, "from": start, "to": end, "registry": registry})
        ctx, moment = context_of(info), await moment_of(info, as_of, known_at)
        keys = VersionKey(registry, model, start), VersionKey(registry, model, end)
        found = await ctx.call(model_diff.version_diff, ctx.reader, *keys, moment)
        return to_diff(found, moment) if found else None

    @strawberry.field(
        description="Which version a deployment should go back to: what it served before, with reasons for and "
        "against, the best first. Null: no such deployment."
    )
    async def rollback_candidates(
        self,
        info: Info,
        environment: Annotated[str, argument(description="The deployment's environment.")],
        deployment: Annotated[str, argument(description="Its name there.")],
        on: On = None,
        bad: Annotated[BadDataInput | None, argument(description="Data it must not have been trained on.")] = None,
        known_at: KnownAt = None,
    ) -> Rollback | None:
        """Candidates."""
        _named(environment=environment, deployment=deployment)
        ctx, moment = context_of(info), await moment_of(info, None, known_at)
        spoilt = rolling.BadData(Name(bad.namespace, bad.name), bad.field, bad.version) if bad else None
        found = await ctx.call(
            rolling.rollback_candidates,
            ctx.reader,
            environment,
            deployment,
            _time(on),
            bad=spoilt,
            known_at=moment.known_at,
        )
        return to_rollback(found) if found else None


def _named(**names: str | None) -> None:
    """Refuse a name that is empty: nothing has it, and that is no answer to a question with a slip in it."""
    for what, name in names.items():
        if name is not None and not name.strip():
            raise InvalidQuestion(f"`{what}` is empty")


def _time(on: str | None) -> int:
    if on is not None and not on.strip():
        raise InvalidQuestion("on: an empty text is no time")
    return SystemClock().now() if on is None else time_of("on", on)
