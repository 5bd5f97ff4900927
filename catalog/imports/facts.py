"""What an importer hands over: the same for all of them, so that one command path plans, applies and reports it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from catalog.assets.keys import Key
from catalog.imports.members import Json


class Skipped(NamedTuple):
    """Something that was read and gives no fact: its name in the tool, and why."""

    what: str
    why: str


@dataclass(slots=True)
class Facts:
    """Facts of one import, all of them made from its files alone.

    Attributes:
        manifest: the manifest that the documents are applied as, such as `dbt:shop`.
        description: what that manifest is, in one line.
        documents: the canonical JSON of each entity by its key.
        events: OpenLineage events; equal files give equal events, so that a second import adds nothing.
        read: how many things of each kind the files have.
        skipped: what gives no fact, and why.
        notes: what else a reader of the report should know, such as an absent file.
    """

    manifest: str
    description: str
    documents: dict[Key, Json] = field(default_factory=dict)
    events: list[Json] = field(default_factory=list)
    read: Counter[str] = field(default_factory=Counter)
    skipped: list[Skipped] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def skip(self, what: str, why: str) -> None:
        """Note that something gives no fact."""
        self.skipped.append(Skipped(what, why))
