"""The words things are ordered by: domains, terms, tags, and the levels of confidentiality."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from catalog.manifest.documents.blocks import Entity
from catalog.manifest.documents.shape import DomainRef, Named, Several, TagRef, TermRef, Text, Word, fault


class Domain(Entity):
    """A part of the business."""

    kind: Literal["Domain"] = Field(description="The word Domain.")
    name: Named = Field(description="Its name; slashes make a hierarchy.", examples=["sales/online"])
    parent: DomainRef | None = Field(
        default=None, description="The domain it is part of; without it, the name up to the last slash."
    )


class Term(Entity):
    """A word of the business and what it means."""

    kind: Literal["Term"] = Field(description="The word Term.")
    name: Named = Field(description="Its name; slashes make a hierarchy.", examples=["revenue/net"])
    parent: TermRef | None = Field(
        default=None, description="The wider term; without it, the name up to the last slash."
    )
    definition: Text | None = Field(default=None, description="What it means.")
    formula: Text | None = Field(default=None, description="How it is computed.")
    unit: Word | None = Field(default=None, description="In what it is measured.", examples=["EUR"])
    synonyms: Several[Word] = Field(default_factory=list, description="Other words for it.")
    related: Several[TermRef] = Field(default_factory=list, description="Terms to read with it.")


class Tag(Entity):
    """A label. One with `levels` is a scale, from the least to the most.

    The tag named `classification` is the scale that `classification` fields are measured by; where nobody declares it,
    it is public, internal, confidential, restricted.
    """

    kind: Literal["Tag"] = Field(description="The word Tag.")
    name: Named = Field(description="Its name; slashes make a hierarchy.", examples=["pii/email"])
    parent: TagRef | None = Field(default=None, description="The wider tag; without it, the name up to the last slash.")
    levels: list[Named] = Field(default_factory=list, description="Its values in order, the least first.")
    values: Several[Word] = Field(
        default_factory=list, description="The values it may have, where order means nothing."
    )
    propagates: Literal["none", "columns", "datasets"] | None = Field(
        default=None, description="Whether it follows the lineage, and at which granularity."
    )

    @model_validator(mode="after")
    def _levels_once(self) -> Tag:
        if len(set(self.levels)) < len(self.levels):
            raise fault("a level stands twice in `levels`", at="levels")
        if self.levels and self.values:
            raise fault("`levels` and `values` both say which values there are", "one of them", at="values")
        return self
