"""What differs between two manifests, neither of which has to be applied: what `headwater manifest diff` says."""

from __future__ import annotations

from collections import Counter

import strawberry
from strawberry.scalars import JSON

from catalog.api.graphql.manifests import First, ManifestChange, ManifestFile, checked, to_change, to_files
from catalog.api.manifests import bodies, work
from catalog.manifest.changes import Action, Change, compare
from catalog.manifest.sent import read_documents


@strawberry.input(description="The documents of one of two manifests that are compared; one of the two is needed.")
class ManifestContent:
    """What stands in a manifest."""

    documents: list[JSON] | None = strawberry.field(default=None, description="As JSON, in any order.")
    files: list[ManifestFile] | None = strawberry.field(
        default=None, description="As YAML or JSON files; of both, all count. Bounds and problems are as for `plan`."
    )


@strawberry.type(description="What differs between two manifests, whatever is applied. Nothing was written.")
class ManifestDiff:
    """What differs between two manifests."""

    created: int = strawberry.field(description="Entities that only the new one declares.")
    updated: int = strawberry.field(description="Entities that they declare otherwise.")
    removed: int = strawberry.field(description="Entities that only the old one declares.")
    differences: strawberry.Private[tuple[Change, ...]]

    @strawberry.field(description="The differences, sorted by kind, namespace and name.")
    def changes(self, first: First = 100) -> list[ManifestChange]:
        """The differences."""
        return [to_change(change) for change in self.differences[: checked(first)]]


async def compare_manifests(old: ManifestContent, new: ManifestContent) -> ManifestDiff:
    """What differs between two manifests."""

    def compared() -> tuple[Change, ...]:
        before, after = (read_documents(bodies(side.documents, to_files(side.files))[0]) for side in (old, new))
        return compare(before, after)

    found = await work(compared)
    counts = Counter(change.action for change in found)
    return ManifestDiff(
        created=counts[Action.CREATE],
        updated=counts[Action.UPDATE],
        removed=counts[Action.REMOVE],
        differences=found,
    )
