"""Dataset facets: where it is kept, what it is, and what became of it."""

from __future__ import annotations

from typing import NamedTuple

from catalog.identity import Name
from catalog.lineage.assertions import Json
from catalog.lineage.facets.part import Part

CHANGES = frozenset({"CREATE", "ALTER", "DROP", "OVERWRITE", "RENAME", "TRUNCATE"})


class Source(NamedTuple):
    """The system that holds a dataset (spec 1-0-1)."""

    name: str | None
    uri: str | None


class Catalog(NamedTuple):
    """The catalog that knows a dataset, such as a Glue or an Iceberg REST catalog (spec 1-1-0)."""

    framework: str | None
    type: str | None
    name: str | None
    metadata_uri: str | None
    warehouse_uri: str | None
    source: str | None
    properties: dict[str, Json]


class Storage(NamedTuple):
    """How it is stored: a layer such as `delta`, a file format such as `parquet` (spec 1-0-1)."""

    layer: str | None
    file_format: str | None


class DatasetType(NamedTuple):
    """TABLE, VIEW, FILE, TOPIC, STREAM, MODEL or JOB_OUTPUT, and a kind of it such as MATERIALIZED (spec 1-0-1)."""

    type: str
    sub_type: str | None


class Version(NamedTuple):
    """A snapshot of an Iceberg or Delta table, or whatever else numbers a dataset's states (spec 1-0-1)."""

    version: str


class Change(NamedTuple):
    """What happened to a dataset (one of CHANGES); `previous` is the name before a RENAME (spec 1-0-1)."""

    change: str
    previous: Name | None


class Container(NamedTuple):
    """One level of what contains a dataset, such as a database or schema."""

    type: str
    name: str


def source(part: Part) -> Source:
    """`dataSource`."""
    return Source(part.text("name"), part.text("uri"))


def catalog(part: Part) -> Catalog:
    """`catalog`."""
    return Catalog(
        part.text("framework"),
        part.text("type"),
        part.text("name"),
        part.text("metadataUri"),
        part.text("warehouseUri"),
        part.text("source"),
        part.mapping("catalogProperties"),
    )


def storage(part: Part) -> Storage:
    """`storage`."""
    return Storage(part.needed("storageLayer"), part.text("fileFormat"))


def dataset_type(part: Part) -> DatasetType | None:
    """`datasetType`."""
    type_ = part.needed("datasetType")
    return DatasetType(type_, part.text("subType")) if type_ else None


def version(part: Part) -> Version | None:
    """`version`; a number is as good as a text."""
    told = part.needed("datasetVersion")
    return Version(told) if told else None


def change(part: Part) -> Change | None:
    """`lifecycleStateChange`."""
    word = (part.needed("lifecycleStateChange") or "").upper()
    if word not in CHANGES:
        if word:
            part.complain("lifecycleStateChange", f"{word[:80]!r} is none of {', '.join(sorted(CHANGES))}, left out")
        return None
    before = part.part("previousIdentifier")
    return Change(word, _name(before) if before else None)


def hierarchy(part: Part) -> tuple[Container, ...]:
    """`hierarchy`, outermost first."""
    return part.parts("hierarchy", _container)


def _container(part: Part) -> Container | None:
    type_, name = part.needed("type"), part.needed("name")
    return Container(type_, name) if type_ and name else None


def _name(part: Part) -> Name | None:
    namespace, name = part.needed("namespace"), part.needed("name")
    return Name(namespace, name) if namespace and name else None
