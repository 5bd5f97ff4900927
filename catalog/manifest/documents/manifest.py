"""`headwater.yaml`: what a directory of documents is called, what belongs to it, and how much one apply may remove."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from catalog.manifest.documents.shape import Free, Named, Number, Strict, Text, Word

FILE = "headwater.yaml"
"""The file that makes a directory a manifest."""


class Manifest(Strict):
    """The head of a manifest. What one manifest declares, no other may."""

    schema_line: str | None = Field(
        default=None, alias="$schema", description="The JSON Schema of the kind, for editors; means nothing else."
    )
    kind: Literal["Manifest"] = Field(description="The word Manifest.")
    name: Named = Field(description="Its name; all that is declared here belongs to it.", examples=["shop"])
    description: Text | None = Field(default=None, description="What it is about.")
    include: list[Word] = Field(
        default=["**/*.yaml", "**/*.yml", "**/*.json"],
        min_length=1,
        description="Which files of the directory are documents; `**` stands for any folders.",
    )
    exclude: list[Word] = Field(default_factory=list, description="Which of those are not.")
    defaults: dict[Word, dict[Word, Free]] = Field(
        default_factory=dict,
        description="By kind (`*` for every kind): fields for documents that do not have them themselves.",
        examples=[{"Dataset": {"owners": ["team:data"]}}],
    )
    classification_levels: list[Named] = Field(
        default_factory=list,
        description="Levels of `classification`, the least confidential first, if another manifest declares them.",
    )
    max_removed_share: Annotated[Number, Field(ge=0, le=1)] = Field(
        default=0.2, description="Largest share of what the manifest declares that one apply may remove, 0 to 1."
    )
