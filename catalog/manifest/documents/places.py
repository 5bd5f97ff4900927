"""Where data live and where things run: sources and environments."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from catalog.manifest.documents.blocks import Entity
from catalog.manifest.documents.recipients import Agreement
from catalog.manifest.documents.shape import EnvironmentRef, Integer, Named, Several, Truth, Wide, Word


class Source(Entity):
    """A system that keeps datasets, known by the namespaces that are its own."""

    kind: Literal["Source"] = Field(description="The word Source.")
    name: Named = Field(description="Its name.", examples=["warehouse"])
    system: Word | None = Field(default=None, description="What it is.", examples=["postgres", "s3", "kafka"])
    namespaces: Several[Wide] = Field(
        default_factory=list,
        description="Beginnings of the namespaces that are its own.",
        examples=[["postgres://db:5432"]],
    )
    environment: EnvironmentRef | None = Field(default=None, description="Where it runs.")
    provider: Word | None = Field(default=None, description="Who runs it.")
    processor: Truth | None = Field(default=None, description="Whether the provider is a processor (GDPR Art. 28).")
    agreements: Several[Agreement] = Field(default_factory=list, description="Contracts with the provider.")


class Environment(Entity):
    """Where things run, such as prod and test."""

    kind: Literal["Environment"] = Field(description="The word Environment.")
    name: Named = Field(description="Its name.", examples=["prod"])
    production: Truth | None = Field(default=None, description="Whether real people depend on it.")
    rank: Integer | None = Field(default=None, description="Place in the order of promotion, highest last.")
    namespaces: Several[Wide] = Field(
        default_factory=list, description="Beginnings of namespaces of datasets and jobs there."
    )
