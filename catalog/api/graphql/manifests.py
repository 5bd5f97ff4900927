"""Manifests: plan, apply, drift and export, the same verbs as the command line's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, cast

import strawberry
from strawberry import argument
from strawberry.scalars import JSON
from strawberry.types import Info

from catalog.api import manifests
from catalog.api.graphql.context import context_of
from catalog.api.graphql.inbox import Entry, find_entry
from catalog.clock import to_iso
from catalog.errors import InvalidQuestion
from catalog.graph import entities
from catalog.manifest.changes import Change, FieldChange
from catalog.manifest.pictures import DriftType, Item
from catalog.manifest.plan import Obstacle
from catalog.manifest.sent import DEFAULT_NAME, MAX_FILES, MAX_TEXT
from catalog.usecases.drift import Found, drift_of
from catalog.usecases.export import exported
from catalog.usecases.plan import Planned, plan
from catalog.usecases.starter import starter

MOST = 10_000
By = Annotated[
    str | None,
    argument(description="Who applies, kept as given and marked unverified; else the header X-Headwater-As."),
]
First = Annotated[int, argument(description=f"So many of them, at most {MOST}; the counts say how many there are.")]
strawberry.enum(
    DriftType,
    description="MISSING: declared, never observed. UNDECLARED: observed where the manifest declares, not declared by "
    "anybody. SCHEMA: other columns. LINEAGE: a declared edge never seen, or a seen one never declared. "
    "COLUMN_LINEAGE: the same of edges between columns, or declared masking that was not seen. OWNER: a "
    "producer or a person names other owners.",
)


@strawberry.input(description="A file as it stands in a repository.")
class ManifestFile:
    """A file."""

    text: str = strawberry.field(description="Documents in YAML, divided by `---`; JSON if the name ends in `.json`.")
    name: str = strawberry.field(
        default=DEFAULT_NAME,
        description="What problems call it: `name:line:column`. `headwater.yaml` is the head of the others.",
    )


@strawberry.input(description="What a manifest shall declare.")
class ManifestInput:
    """What a manifest shall declare."""

    name: str = strawberry.field(description="Its name: everything it declares belongs to it.")
    documents: list[JSON] | None = strawberry.field(
        default=None,
        description="All its documents as JSON, in any order; what is left out is removed. What does not fit into a "
        "request takes POST /api/v1/manifests/plan. One of `documents` and `files` must be given; of both, all count.",
    )
    files: list[ManifestFile] | None = strawberry.field(
        default=None,
        description=f"Its documents as YAML or JSON files, at most {MAX_FILES:,} with {MAX_TEXT:,} characters. What is "
        "wrong with them is an error with `problems` in its extensions, each with file, line and column.",
    )
    heading: JSON | None = strawberry.field(
        default=None,
        description="What it says of itself, all of it: `description`, `maxRemovedShare`, `classificationLevels`; else "
        "what the head among `files` says; null without one: as it was applied last.",
    )
    removable: float | None = strawberry.field(
        default=None,
        description="Share of its entities that may be removed, 0 to 1; else what its heading says, or 0.2.",
    )


@strawberry.type(description="One field before and after; null where it is not said.")
class ManifestField:
    """One field."""

    path: str = strawberry.field(description="Such as `fields[order_id].type`.")
    before: JSON | None = strawberry.field(description="What is declared now.")
    after: JSON | None = strawberry.field(description="What would be.")


@strawberry.type(description="What happens to one entity.")
class ManifestChange:
    """What happens to one entity."""

    action: str = strawberry.field(description="CREATE, UPDATE or REMOVE.")
    kind: str = strawberry.field(description="Dataset, Pipeline, Team, …")
    namespace: str = strawberry.field(description="Empty where a kind has none.")
    name: str = strawberry.field(description="Its name.")
    fields: list[ManifestField] = strawberry.field(description="Field by field, sorted by path.")


@strawberry.type(description="Something that forbids to apply a plan.")
class ManifestObstacle:
    """An obstacle."""

    type: str = strawberry.field(description="CLAIMED, DANGLING, STILL_REFERRED or TOO_MANY_REMOVALS.")
    entity: str | None = strawberry.field(description="The entity it is about; null: the plan as a whole.")
    message: str = strawberry.field(description="What is wrong, and what to do.")


@strawberry.type(description="What applying a manifest would change. Nothing was written.")
class ManifestPlan:
    """A plan."""

    manifest: str = strawberry.field(description="The manifest's name.")
    base: str = strawberry.field(description="Key of the apply it stands on; empty before the first.")
    checksum: str = strawberry.field(description="SHA-256 of its canonical JSON.")
    applicable: bool = strawberry.field(description="Whether nothing forbids to apply it.")
    created: int = strawberry.field(description="Entities that would be created.")
    updated: int = strawberry.field(description="Entities that would change.")
    removed: int = strawberry.field(description="Entities that would be removed.")
    unchanged: int = strawberry.field(description="Entities that would stay.")
    edges_added: int = strawberry.field(description="Declared edges of lineage that would come.")
    edges_removed: int = strawberry.field(description="Declared edges of lineage that would go.")
    obstacles: list[ManifestObstacle] = strawberry.field(description="What forbids to apply it.")
    plan: JSON = strawberry.field(description="The whole plan, for `apply`.")
    heading_before: JSON | None = strawberry.field(
        description="What the manifest says of itself now, if the plan changes it."
    )
    heading_after: JSON | None = strawberry.field(description="What it would say; null: it stays.")
    planned: strawberry.Private[Planned]

    @strawberry.field(description="The changes, sorted by kind, namespace and name.")
    def changes(self, first: First = 100) -> list[ManifestChange]:
        """The changes."""
        return [to_change(change) for change in self.planned.plan.changes[: checked(first)]]


@strawberry.type(description="What became of a plan.")
class ManifestApply:
    """What became of a plan."""

    entry: Entry | None = strawberry.field(
        description="Its entry; ACCEPTED: durable, and not in the graph yet. Null: there was nothing to change."
    )
    again: bool = strawberry.field(description="The same plan had been accepted before; it counts once.")


@strawberry.type(description="A manifest that was applied at least once.")
class ManifestSummary:
    """A manifest."""

    name: str = strawberry.field(description="Its name.")
    applied_at: str = strawberry.field(description="When it was applied last, ISO-8601.")
    entry: str = strawberry.field(description="The key of the entry of that apply.")
    sequence: int = strawberry.field(description="The place of that entry in the inbox.")
    applied_by: str = strawberry.field(description="Who applied it last, as the client said; empty: nobody said.")

    heading: JSON = strawberry.field(
        description="What it says of itself: `description`, `maxRemovedShare`, `classificationLevels`, where it does."
    )

    @strawberry.field(description="How many entities it declares.")
    async def entities(self, info: Info) -> int:
        """How many entities it declares."""
        return await context_of(info).document_counts.load(self.name)


@strawberry.type(description="Documents to begin a manifest with.")
class StarterManifest:
    """Documents to begin a manifest with."""

    documents: list[JSON] = strawberry.field(description="Sorted by kind, namespace and name.")
    declared: int = strawberry.field(description="Datasets and pipelines left out since a manifest declares them.")
    left_out: list[str] = strawberry.field(description="What has a name that no document can have.")


@strawberry.type(description="One difference between what is declared and what was observed.")
class DriftItem:
    """One difference."""

    type: DriftType = strawberry.field(description="What kind of difference it is.")
    kind: str = strawberry.field(description="The kind of entity.")
    namespace: str = strawberry.field(description="Empty where a kind has none.")
    name: str = strawberry.field(description="Its name.")
    path: str = strawberry.field(description="The field or edge that differs; empty for the thing as a whole.")
    declared: JSON | None = strawberry.field(description="What is declared; null: nothing.")
    observed: JSON | None = strawberry.field(description="What was observed; null: nothing.")
    since: str | None = strawberry.field(
        description="Since when it is observed so or, where nothing was observed, declared, ISO-8601; null: not known."
    )
    entry: str | None = strawberry.field(description="The key of the entry that says so; null: not kept, or several.")
    mend: str = strawberry.field(description="What to do about it.")


@strawberry.type(description="Where what was observed differs from what a manifest declares.")
class ManifestDrift:
    """Drift."""

    manifest: str = strawberry.field(description="The manifest's name.")
    compared: int = strawberry.field(description="How many entities it declares.")
    unseen_schemas: int = strawberry.field(
        description="Datasets with declared fields of which no schema was ever observed: neither alike nor different."
    )
    unseen_column_lineage: int = strawberry.field(
        description="Datasets with declared lineage of columns of which none was ever observed: neither alike nor "
        "different."
    )
    total: int = strawberry.field(description="How many differences there are.")
    found: strawberry.Private[Found]

    @strawberry.field(description="The differences, sorted by type, kind, namespace, name and path.")
    def items(
        self,
        types: Annotated[list[DriftType] | None, argument(description="Only these; null: all.")] = None,
        first: First = 100,
    ) -> list[DriftItem]:
        """The differences."""
        wanted = [item for item in self.found.drift.items if types is None or item.type in types]
        return [_item(item, self.found.entries) for item in wanted[: checked(first)]]


async def make_plan(info: Info, manifest: ManifestInput) -> ManifestPlan:
    """The plan of a manifest."""
    ctx = context_of(info)
    sent = {
        "manifest": manifest.name,
        "documents": manifest.documents,
        "files": to_files(manifest.files),
        "heading": manifest.heading,
        "removable": manifest.removable,
    }
    planned = await manifests.work(lambda: plan(ctx.reader, manifests.read_sent(sent)))
    counts, made = manifests.summary(planned), planned.plan
    return ManifestPlan(
        manifest=made.manifest,
        base=made.base,
        checksum=made.checksum,
        applicable=not made.obstacles,
        created=counts["create"],
        updated=counts["update"],
        removed=counts["remove"],
        unchanged=counts["unchanged"],
        edges_added=counts["edgesAdded"],
        edges_removed=counts["edgesRemoved"],
        obstacles=[_obstacle(obstacle) for obstacle in made.obstacles],
        plan=cast(JSON, manifests.tell_plan(planned)),
        heading_before=cast(JSON, made.heading and made.heading.before),
        heading_after=cast(JSON, made.heading and made.heading.after),
        planned=planned,
    )


async def apply_plan(info: Info, sent: Any, by: str | None) -> ManifestApply:
    """Apply a plan."""
    ctx = context_of(info)
    who = ctx.speaker(by)
    applied = await manifests.work(lambda: manifests.apply_sent(ctx.service, sent, who))
    entry = await find_entry(info, applied.receipt.key) if applied.receipt else None
    return ManifestApply(entry=entry, again=applied.again)


async def read_drift(info: Info, manifest: str) -> ManifestDrift:
    """The drift of a manifest."""
    ctx = context_of(info)
    found = await manifests.work(lambda: drift_of(ctx.reader, manifest))
    return ManifestDrift(
        manifest=manifest,
        compared=found.drift.compared,
        unseen_schemas=found.drift.unseen_schemas,
        unseen_column_lineage=found.drift.unseen_column_lineage,
        total=len(found.drift.items),
        found=found,
    )


async def export(info: Info, manifest: str) -> JSON:
    """The documents of a manifest."""
    ctx = context_of(info)
    return cast(JSON, await manifests.work(lambda: exported(ctx.reader, manifest)))


async def start(info: Info, namespaces: list[str] | None) -> StarterManifest:
    """Documents to begin a manifest with."""
    ctx = context_of(info)
    begun = await manifests.work(lambda: starter(ctx.reader, namespaces))
    return StarterManifest(
        documents=cast(list[JSON], begun.documents),
        declared=begun.declared,
        left_out=[str(key) for key in begun.left_out],
    )


async def list_manifests(info: Info) -> list[ManifestSummary]:
    """All manifests."""
    ctx = context_of(info)
    heads = await ctx.call(entities.manifests, ctx.reader)
    headings = await ctx.call(entities.headings, ctx.reader, [head.manifest for head in heads])
    return [
        ManifestSummary(
            name=head.manifest,
            applied_at=to_iso(head.at) or "",
            entry=head.entry,
            sequence=head.sequence,
            applied_by=head.by,
            heading=cast(JSON, headings.get(head.manifest, {})),
        )
        for head in heads
    ]


def to_files(files: list[ManifestFile] | None) -> list[dict[str, str]] | None:
    """Files as the verbs take them."""
    return None if files is None else [{"name": file.name, "text": file.text} for file in files]


def to_change(change: Change) -> ManifestChange:
    """A change as the schema has it."""
    return ManifestChange(
        action=change.action.value,
        kind=change.key.kind.value,
        namespace=change.key.namespace,
        name=change.key.name,
        fields=[_field(field) for field in change.fields],
    )


def _field(field: FieldChange) -> ManifestField:
    return ManifestField(path=field.path, before=cast(JSON, field.before), after=cast(JSON, field.after))


def _obstacle(obstacle: Obstacle) -> ManifestObstacle:
    entity = None if obstacle.key is None else str(obstacle.key)
    return ManifestObstacle(type=obstacle.type.value, entity=entity, message=obstacle.message)


def _item(item: Item, keys: Mapping[int, str]) -> DriftItem:
    return DriftItem(
        type=item.type,
        kind=item.key.kind.value,
        namespace=item.key.namespace,
        name=item.key.name,
        path=item.path,
        declared=cast(JSON, item.declared),
        observed=cast(JSON, item.observed),
        since=to_iso(item.evidence.since),
        entry=keys.get(item.evidence.sequence),
        mend=item.mend,
    )


def checked(first: int) -> int:
    """How many are asked for.

    Raises:
        InvalidQuestion: none, or more than are told at once.
    """
    if not 0 < first <= MOST:
        raise InvalidQuestion(f"first must be between 1 and {MOST}, not {first}")
    return first
