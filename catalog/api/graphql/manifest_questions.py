"""The part of the schema that is about manifests."""

from __future__ import annotations

from typing import Annotated

import strawberry
from strawberry import argument
from strawberry.scalars import JSON
from strawberry.types import Info

from catalog.api.graphql import manifests
from catalog.api.graphql.manifest_diff import ManifestContent, ManifestDiff, compare_manifests
from catalog.api.graphql.manifests import (
    ManifestApply,
    ManifestDrift,
    ManifestInput,
    ManifestPlan,
    ManifestSummary,
    StarterManifest,
)


@strawberry.type
class ManifestQuestions:
    """Questions about manifests."""

    @strawberry.field(description="What applying a manifest would change, and what forbids it. Nothing is written.")
    async def plan(
        self, info: Info, manifest: Annotated[ManifestInput, argument(description="What it shall declare.")]
    ) -> ManifestPlan:
        """A plan."""
        return await manifests.make_plan(info, manifest)

    @strawberry.field(
        description="What differs between two manifests, field by field, by what they mean: order, comments and "
        "defaults make no difference. Neither has to be applied."
    )
    async def manifest_diff(
        self,
        old: Annotated[ManifestContent, argument(description="The one before.")],
        new: Annotated[ManifestContent, argument(description="The one after.")],
    ) -> ManifestDiff:
        """A difference."""
        return await compare_manifests(old, new)

    @strawberry.field(description="Where what was observed differs from what a manifest declares.")
    async def drift(self, info: Info, manifest: Annotated[str, argument(description="Its name.")]) -> ManifestDrift:
        """Drift."""
        return await manifests.read_drift(info, manifest)

    @strawberry.field(description="The documents of a manifest, sorted: planned again, they change nothing.")
    async def export_manifest(self, info: Info, name: Annotated[str, argument(description="Its name.")]) -> JSON:
        """The documents of a manifest."""
        return await manifests.export(info, name)

    @strawberry.field(
        description="Documents to begin a manifest with: the datasets, pipelines and owners that were observed."
    )
    async def starter_manifest(
        self,
        info: Info,
        namespaces: Annotated[list[str] | None, argument(description="Only in these; null: in all.")] = None,
    ) -> StarterManifest:
        """Documents to begin with."""
        return await manifests.start(info, namespaces)

    @strawberry.field(description="All manifests that were applied, by name.")
    async def manifests(self, info: Info) -> list[ManifestSummary]:
        """Manifests."""
        return await manifests.list_manifests(info)


@strawberry.type
class ManifestDecisions:
    """Decisions about manifests."""

    @strawberry.mutation(
        description="Apply a plan: all of it, or nothing. Refused if the manifest was applied since it was made. The "
        "answer waits some seconds until it is in the graph; sending the same plan again is harmless."
    )
    async def apply(
        self,
        info: Info,
        plan: Annotated[JSON, argument(description="The `plan` of a plan.")],
        by: manifests.By = None,
    ) -> ManifestApply:
        """Apply a plan."""
        return await manifests.apply_plan(info, plan, by)
