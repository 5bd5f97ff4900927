"""What producers promise and consumers rely on: contracts, data products, service level objectives.

A contract has the shape of the Open Data Contract Standard 3.x as far as that speaks of schema, quality, service
levels and people; `headwater export` and `import` translate the rest.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from catalog.manifest.documents.blocks import AnyTag, Entity
from catalog.manifest.documents.pointers import AssetRef, DatasetRef
from catalog.manifest.documents.shape import (
    ContractRef,
    Day,
    Duration,
    Free,
    Named,
    Number,
    ProductRef,
    Several,
    Strict,
    TermRef,
    Text,
    Truth,
    Wide,
    Word,
    check_distinct,
)


class QualityRule(Strict):
    """A rule of ODCS: by a named metric of the library, as SQL, in an engine's own words, or in plain text."""

    name: Word | None = Field(default=None, description="A short name.")
    type: Literal["library", "sql", "text", "custom"] = Field(default="library", description="How the rule is given.")
    description: Text | None = Field(default=None, description="What it demands.")
    metric: Word | None = Field(default=None, description="Of a library rule: the measure.", examples=["nullValues"])
    query: Text | None = Field(default=None, description="Of an SQL rule: the query.")
    engine: Word | None = Field(default=None, description="Of a custom rule: the engine.")
    implementation: Free = Field(default=None, description="Of a custom rule: the rule in the engine's words.")
    dimension: Word | None = Field(default=None, description="Accuracy, completeness, timeliness, …")
    severity: Word | None = Field(default=None, description="How bad a breach is.", examples=["error"])
    unit: Word | None = Field(default=None, description="Of the threshold.", examples=["rows", "percent"])
    schedule: Word | None = Field(default=None, description="When it is checked.")
    must_be: Free = Field(default=None, description="The metric equals this.")
    must_not_be: Free = Field(default=None, description="The metric does not equal this.")
    must_be_greater_than: Number | None = Field(default=None, description="A lower bound, itself excluded.")
    must_be_greater_or_equal_to: Number | None = Field(default=None, description="A lower bound.")
    must_be_less_than: Number | None = Field(default=None, description="An upper bound, itself excluded.")
    must_be_less_or_equal_to: Number | None = Field(default=None, description="An upper bound.")
    must_be_between: list[Number] | None = Field(default=None, min_length=2, max_length=2, description="Two bounds.")
    must_not_be_between: list[Number] | None = Field(
        default=None, min_length=2, max_length=2, description="Two bounds."
    )
    custom: dict[str, Free] = Field(default_factory=dict, description="Whatever else.")


class Property(Strict):
    """A column of a contract's table."""

    name: Wide = Field(description="Its name.")
    physical_name: Wide | None = Field(default=None, description="Its name in the store, if another.")
    logical_type: Word | None = Field(default=None, description="string, date, timestamp, number, integer, boolean, …")
    physical_type: Word | None = Field(default=None, description="The store's type.", examples=["varchar(100)"])
    logical_type_options: dict[str, Free] = Field(
        default_factory=dict, description="Length, format, bounds of the logical type."
    )
    business_name: Word | None = Field(default=None, description="What people call it.")
    description: Text | None = Field(default=None, description="What it holds.")
    required: Truth | None = Field(default=None, description="Whether a value must be there.")
    unique: Truth | None = Field(default=None, description="Whether values are never equal.")
    primary_key: Truth | None = Field(default=None, description="Part of the primary key.")
    critical_data_element: Truth | None = Field(default=None, description="BCBS 239.")
    classification: Named | None = Field(default=None, description="Level of confidentiality.")
    tags: Several[AnyTag] = Field(default_factory=list, description="Tags.")
    terms: Several[TermRef] = Field(default_factory=list, description="Terms it stands for.")
    quality: Several[QualityRule] = Field(default_factory=list, description="Rules of this column.")
    properties: list[Property] = Field(default_factory=list, description="Fields within it.")
    items: Property | None = Field(default=None, description="Of an array: its elements.")
    custom: dict[str, Free] = Field(default_factory=dict, description="Whatever else.")


class Table(Strict):
    """A table (ODCS: schema object) that a contract is about."""

    name: Wide = Field(description="Its name in the contract.")
    dataset: DatasetRef | None = Field(default=None, description="The dataset it is, by the names of events.")
    physical_name: Wide | None = Field(default=None, description="Its name in the store.")
    physical_type: Word | None = Field(default=None, description="table, view, topic, file.")
    business_name: Word | None = Field(default=None, description="What people call it.")
    description: Text | None = Field(default=None, description="What a row is.")
    granularity: Text | None = Field(default=None, description="What a row stands for.")
    tags: Several[AnyTag] = Field(default_factory=list, description="Tags.")
    properties: list[Property] = Field(default_factory=list, description="Its columns, in their order.")
    quality: Several[QualityRule] = Field(default_factory=list, description="Rules of the whole table.")
    custom: dict[str, Free] = Field(default_factory=dict, description="Whatever else.")

    @model_validator(mode="after")
    def _columns_once(self) -> Table:
        check_distinct([column.name for column in self.properties], "column", "properties")
        return self


class ServiceLevel(Strict):
    """A promise about the service (ODCS: slaProperties)."""

    property: Word = Field(description="What is promised.", examples=["freshness", "retention", "availability"])
    value: Free = Field(description="How much.")
    value_ext: Free = Field(default=None, description="A second value, where one is not enough.")
    unit: Word | None = Field(default=None, description="Of the value.", examples=["d", "h"])
    element: Word | None = Field(default=None, description="The table or column it is about.")
    driver: Word | None = Field(default=None, description="Why: regulatory, analytics, operational.")
    description: Text | None = Field(default=None, description="In words.")


class Member(Strict):
    """Somebody of the team behind a contract, under an opaque name."""

    username: Word = Field(description="An opaque name or a handle.")
    role: Word | None = Field(default=None, description="What they do.", examples=["data steward"])
    description: Text | None = Field(default=None, description="In words.")
    date_in: Day | None = Field(default=None, description="When they joined.")
    date_out: Day | None = Field(default=None, description="When they left.")
    replaced_by_username: Word | None = Field(default=None, description="Who came after.")


class Server(Strict):
    """Where the data of a contract are served."""

    server: Word = Field(description="A name for it.", examples=["production"])
    type: Word = Field(description="What it is.", examples=["postgres", "s3", "kafka"])
    description: Text | None = Field(default=None, description="In words.")
    environment: Word | None = Field(default=None, description="prod, test, …")
    settings: dict[str, Free] = Field(
        default_factory=dict, description="Host, port, database, location: as ODCS names them."
    )


class Contract(Entity):
    """A data contract, in the shape of ODCS 3.x."""

    kind: Literal["Contract"] = Field(description="The word Contract.")
    name: Named = Field(description="Its id.", examples=["orders"])
    version: Word = Field(description="Its version; raised when the promise changes.", examples=["1.2.0"])
    title: Word | None = Field(default=None, description="Its name for people.")
    status: Word | None = Field(default=None, description="proposed, draft, active, deprecated or retired.")
    tenant: Word | None = Field(default=None, description="Whose it is, where several share a catalog.")
    data_product: ProductRef | None = Field(default=None, description="The product it belongs to.")
    purpose: Text | None = Field(default=None, description="What the data are for.")
    limitations: Text | None = Field(default=None, description="What they must not be used for.")
    usage: Text | None = Field(default=None, description="How to use them.")
    schema_: list[Table] = Field(default_factory=list, alias="schema", description="The tables.")
    sla_properties: Several[ServiceLevel] = Field(default_factory=list, description="What the service promises.")
    team: Several[Member] = Field(default_factory=list, description="Who stands behind it.")
    servers: Several[Server] = Field(default_factory=list, description="Where the data are.")
    roles: Several[dict[str, Free]] = Field(
        default_factory=list, description="Roles that give access, as ODCS has them."
    )
    support: Several[dict[str, Free]] = Field(default_factory=list, description="Where to ask, as ODCS has it.")
    price: dict[str, Free] = Field(default_factory=dict, description="What it costs, as ODCS has it.")

    @model_validator(mode="after")
    def _tables_once(self) -> Contract:
        check_distinct([table.name for table in self.schema_], "table", "schema")
        return self


class Port(Strict):
    """Where data enter or leave a product."""

    name: Word = Field(description="Unique within the product.")
    asset: AssetRef = Field(description="What is there.")
    contract: ContractRef | None = Field(default=None, description="What is promised about it.")


class DataProduct(Entity):
    """Data that are looked after as one product."""

    kind: Literal["DataProduct"] = Field(description="The word DataProduct.")
    name: Named = Field(description="Its name.", examples=["customer-360"])
    version: Word | None = Field(default=None, description="Its version.")
    purpose: Text | None = Field(default=None, description="What it is for.")
    members: Several[AssetRef] = Field(default_factory=list, description="What belongs to it.")
    inputs: Several[Port] = Field(default_factory=list, description="Input ports.")
    outputs: Several[Port] = Field(default_factory=list, description="Output ports: what others may rely on.")


class SLO(Entity):
    """A service level objective. Stored and shown; measured once there are checks."""

    kind: Literal["SLO"] = Field(description="The word SLO.")
    name: Named = Field(description="Unique among objectives.")
    targets: Several[AssetRef] = Field(min_length=1, description="What it is about.")
    indicator: Literal["freshness", "completeness", "availability", "latency", "volume", "quality"] = Field(
        description="What is measured."
    )
    objective: Annotated[Number, Field(gt=0, le=100)] = Field(
        description="How often the threshold must be met, in percent.", examples=[99.5]
    )
    threshold: Duration | None = Field(default=None, description="Of freshness and latency: at most this (ISO-8601).")
    minimum: Number | None = Field(default=None, description="Of the other indicators: at least this.")
    window: Duration = Field(default="P30D", description="Over which time it is judged (ISO-8601).")
