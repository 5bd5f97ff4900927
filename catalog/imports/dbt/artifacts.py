"""dbt's artifacts as types: what the catalog uses of them, the same for every version of their schemas."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from catalog.imports.members import Json

MODEL, SEED, SNAPSHOT, SOURCE, TEST = "model", "seed", "snapshot", "source", "test"
EPHEMERAL = "ephemeral"


class Relation(NamedTuple):
    """Where dbt keeps a node: database, schema, table; parts may be empty."""

    database: str
    schema: str
    table: str


class Owner(NamedTuple):
    """Who a project says is responsible."""

    name: str
    email: str


class Column(NamedTuple):
    """A column as the project declares it.

    Attributes:
        constraints: the kinds of its constraints, such as `not_null`.
    """

    name: str
    type: str
    description: str
    tags: tuple[str, ...]
    meta: Json
    constraints: tuple[str, ...]


class Check(NamedTuple):
    """What a test is.

    Attributes:
        kind: such as `not_null`; "" for one written as a query of its own.
        about: the node it is attached to, "" where dbt does not say.
        expected: what its threshold says of the number of failing rows.
    """

    kind: str
    about: str
    column: str
    severity: str
    expected: str
    params: Json


@dataclass(frozen=True, slots=True)
class Node:
    """A model, seed, snapshot, source or test.

    Attributes:
        id: dbt's unique id, such as `model.shop.orders`.
        relation: its table; for a source with the name the project gives it, as dbt's OpenLineage wrapper does.
        identifier: the table's own name where a source is called otherwise.
        parents: ids of the nodes it depends on.
        sql: as dbt compiled it, "" where it did not.
        contract: whether dbt enforces the declared columns.
        version: of a versioned model.
    """

    id: str
    kind: str
    package: str
    name: str
    relation: Relation
    identifier: str
    description: str
    columns: tuple[Column, ...]
    tags: tuple[str, ...]
    meta: Json
    owners: tuple[Owner, ...]
    group: str
    materialized: str
    access: str
    version: str
    path: str
    parents: tuple[str, ...]
    sql: str
    contract: bool
    loader: str
    freshness: Json
    test: Check | None

    @property
    def ephemeral(self) -> bool:
        """Whether it is a part of other queries and has no table."""
        return self.materialized == EPHEMERAL


@dataclass(frozen=True, slots=True)
class Exposure:
    """What the project says its data are used for."""

    id: str
    name: str
    label: str
    kind: str
    url: str
    maturity: str
    description: str
    owner: Owner
    tags: tuple[str, ...]
    meta: Json
    parents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """`manifest.json`.

    Attributes:
        project: the root project, "" where the file does not tell (before v10).
        project_id: a hash of its name.
        packages: those that nodes come from.
        generated: when, as written.
        others: ids of what has no kind here, each with what it is.
        disabled: ids of what the project has switched off.
    """

    schema: int
    dbt: str
    adapter: str
    project: str
    project_id: str
    packages: frozenset[str]
    generated: str
    nodes: dict[str, Node]
    exposures: dict[str, Exposure]
    others: tuple[tuple[str, str], ...]
    disabled: tuple[str, ...]


class Found(NamedTuple):
    """A table as the warehouse has it.

    Attributes:
        columns: name, type and comment, in order.
        rows: how many there are, None where the warehouse keeps no count.
    """

    id: str
    type: str
    columns: tuple[tuple[str, str, str], ...]
    rows: int | None
    bytes: int | None


@dataclass(frozen=True, slots=True)
class Catalog:
    """`catalog.json`."""

    generated: str
    tables: dict[str, Found]
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one node.

    Attributes:
        started, ended: of its execution, "" where it was not executed.
        failures: how many rows failed a test.
        query_id: what the warehouse calls the statement.
        rows: how many rows it wrote, None where the warehouse does not say.
    """

    id: str
    status: str
    started: str
    ended: str
    message: str
    failures: int | None
    query_id: str
    rows: int | None
    sql: str


@dataclass(frozen=True, slots=True)
class Results:
    """`run_results.json`.

    Attributes:
        command: such as `run`, "" where an old version does not say.
        invocation: dbt's id of the call.
    """

    dbt: str
    generated: str
    invocation: str
    command: str
    results: tuple[Result, ...]


@dataclass(frozen=True, slots=True)
class Age:
    """How fresh one source was found to be.

    Attributes:
        seconds: between its newest row and the moment it was looked at; None where that could not be found out.
    """

    id: str
    status: str
    newest: str
    looked: str
    seconds: float | None
    expected: str
    error: str


@dataclass(frozen=True, slots=True)
class Freshness:
    """`sources.json`."""

    dbt: str
    generated: str
    invocation: str
    results: tuple[Age, ...]


@dataclass(frozen=True, slots=True)
class Artifacts:
    """The artifacts of one target folder; None for a file that is not there."""

    manifest: Manifest
    catalog: Catalog | None
    results: Results | None
    freshness: Freshness | None
    notes: tuple[str, ...]
