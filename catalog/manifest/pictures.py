"""The two pictures that drift compares, and what a difference between them is: values only."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from catalog.assets.keys import Key, Kind
from catalog.identity import Name
from catalog.manifest.changes import Document

OBSERVABLE = (Kind.DATASET, Kind.PIPELINE)
"""Kinds that events tell of by themselves: such a thing that was declared is expected to be seen."""
OBSERVED, PERSON = "OBSERVED", "PERSON"
READS, WRITES, DERIVES_FROM = "READS", "WRITES", "DERIVES_FROM"


class DriftType(StrEnum):
    """What kind of difference it is."""

    MISSING = "MISSING"
    UNDECLARED = "UNDECLARED"
    SCHEMA = "SCHEMA"
    LINEAGE = "LINEAGE"
    COLUMN_LINEAGE = "COLUMN_LINEAGE"
    OWNER = "OWNER"


class Evidence(NamedTuple):
    """Since when something holds (µs; None: not known), and the sequence of the entry that says so (0: none)."""

    since: int | None = None
    sequence: int = 0


NOBODY = Evidence()


class Flow(NamedTuple):
    """An edge of lineage: `subject` is the job, for DERIVES_FROM the dataset that is fed; `dataset` the other end."""

    kind: str
    subject: Name
    dataset: Name


class ColumnFlow(NamedTuple):
    """An edge between columns: `column` of `dataset` ("": the dataset as a whole) is made of `field` of `source`.

    Attributes:
        type: DIRECT if values go on, INDIRECT if they only decide.
        masked: whether the values cannot be told from the result; it does not make another edge.
    """

    dataset: Name
    column: str
    source: Name
    field: str
    type: str
    masked: bool = False


class Columns(NamedTuple):
    """The columns of a dataset: type by path; an empty type is not known."""

    types: Mapping[str, str]
    evidence: Evidence = NOBODY


class Owners(NamedTuple):
    """Owners by name as one source gives them; `origin` is OBSERVED or PERSON."""

    names: frozenset[str]
    origin: str
    evidence: Evidence = NOBODY


@dataclass(frozen=True)
class Declared:
    """What one manifest declares.

    Attributes:
        flows: the lineage that follows from its documents, each edge with the document that says it.
        evidence: which apply said each document last.
        elsewhere: what other manifests declare.
        flows_elsewhere: the lineage that others declare.
        owners: the spellings under which each declared owner of an entity may be observed.
        column_flows: the lineage of columns that follows from its documents, each edge with the document that says it.
        column_flows_elsewhere: that which others declare.
    """

    documents: Mapping[Key, Document]
    flows: Mapping[Flow, Key]
    evidence: Mapping[Key, Evidence]
    elsewhere: Collection[Key] = frozenset()
    flows_elsewhere: Collection[Flow] = frozenset()
    owners: Mapping[Key, Mapping[str, Collection[str]]] = field(default_factory=dict)
    column_flows: Mapping[ColumnFlow, Key] = field(default_factory=dict)
    column_flows_elsewhere: Collection[ColumnFlow] = frozenset()


@dataclass(frozen=True)
class Observed:
    """What was observed of the things a manifest declares, and of the namespaces it covers.

    Attributes:
        things: datasets and pipelines that events told of, by first sight.
        same: the one name under which a thing with several is compared; others stand for themselves.
    """

    things: Mapping[Key, Evidence]
    columns: Mapping[Key, Columns] = field(default_factory=dict)
    flows: Mapping[Flow, Evidence] = field(default_factory=dict)
    owners: Mapping[Key, Sequence[Owners]] = field(default_factory=dict)
    same: Mapping[Name, Name] = field(default_factory=dict)
    column_flows: Mapping[ColumnFlow, Evidence] = field(default_factory=dict)


class Item(NamedTuple):
    """One difference.

    Attributes:
        path: the field, or the edge, that differs; empty for the thing as a whole.
        declared, observed: both sides as they are said; None where one says nothing.
        evidence: of the observation, or of the declaration where nothing was observed.
        mend: what to do about it, in words.
    """

    type: DriftType
    key: Key
    path: str
    declared: Any
    observed: Any
    evidence: Evidence
    mend: str


@dataclass(frozen=True)
class Drift:
    """All differences, sorted, and how much there was to compare.

    Attributes:
        compared: how many entities the manifest declares.
        unseen_schemas: datasets with declared fields of which no schema was ever observed.
        unseen_column_lineage: datasets with declared lineage of columns of which none was ever observed.
    """

    items: tuple[Item, ...]
    compared: int
    unseen_schemas: int
    unseen_column_lineage: int = 0
