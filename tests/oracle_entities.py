"""What the graph says about entities, by definition: what manifests declare, and what people say (see `tests.oracle`).

A document stands until the manifest that declares it sets another or removes it; a word until another is said about the
same, or it is taken back. Nobody's word touches another's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from catalog.assets.keys import Key
from catalog.identity import Name
from catalog.lineage.assertions import Assertions, ColumnEdge, Curated, Declared, DeclaredFlow, Json


class Named(NamedTuple):
    """That a document of a manifest names an entity in a role."""

    manifest: str
    key: Key
    role: str
    named: Key


@dataclass(frozen=True)
class EntityFacts:
    """What is declared and said of entities.

    Attributes:
        documents: by manifest and entity.
        named: which entities documents name.
        flows, columns: the lineage that documents declare, by manifest.
        headings: what manifests say of themselves.
        words: what people say and when they did, by (entity, attribute, field, item).
    """

    documents: dict[tuple[str, Key], Json] = field(default_factory=dict)
    named: frozenset[Named] = frozenset()
    flows: frozenset[tuple[str, DeclaredFlow]] = frozenset()
    columns: frozenset[tuple[str, Name, ColumnEdge]] = frozenset()
    words: dict[tuple[Key, str, str, str], tuple[Curated, int]] = field(default_factory=dict)
    headings: dict[str, Json] = field(default_factory=dict)


class EntityWalk:
    """The state of the entities while the entries pass by."""

    def __init__(self) -> None:
        self._declared: dict[tuple[str, Key], Declared] = {}
        self._headings: dict[str, Json] = {}
        self._words: dict[tuple[Key, str, str, str], tuple[Curated, int]] = {}

    def step(self, said: Assertions) -> None:
        """Take in what an entry says of entities."""
        for told in said.declared:
            self._declared[said.manifest, told.key] = told
        if said.heading is not None:
            self._headings[said.manifest] = said.heading
        for word in said.curated:
            self._words[word.key, word.attribute, word.field, word.item] = word, said.time

    def facts(self) -> EntityFacts:
        """What is said now."""
        told = [(manifest, d) for (manifest, _), d in self._declared.items() if d.body is not None]
        return EntityFacts(
            documents={(manifest, d.key): d.body for manifest, d in told},
            named=frozenset(Named(manifest, d.key, role, key) for manifest, d in told for role, key in d.refs),
            flows=frozenset((manifest, flow) for manifest, d in told for flow in d.flows),
            columns=frozenset((manifest, *column) for manifest, d in told for column in d.columns),
            words={place: said for place, said in self._words.items() if said[0].value is not None},
            headings={manifest: heading for manifest, heading in self._headings.items() if heading},
        )
