"""What data are in and what moves them: datasets, pipelines, dashboards, lineage that no event tells."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from catalog.manifest.documents.blocks import AnyTag, Entity, PersonalData
from catalog.manifest.documents.pointers import AssetRef, DatasetRef, PipelineRef
from catalog.manifest.documents.recipients import Counterparty
from catalog.manifest.documents.shape import (
    ActivityRef,
    ContractRef,
    EnvironmentRef,
    Named,
    Several,
    SourceRef,
    Strict,
    TermRef,
    Text,
    Truth,
    Wide,
    Word,
    check_distinct,
    fault,
)


class Column(Strict):
    """A column, or a field within one (`address.city`)."""

    name: Wide = Field(description="Its name or dotted path, as events spell it.")
    type: Word | None = Field(default=None, description="Its type, as the system spells it.", examples=["varchar(100)"])
    description: Text | None = Field(default=None, description="What it holds.")
    classification: Named | None = Field(default=None, description="Level of confidentiality.")
    tags: Several[AnyTag] = Field(default_factory=list, description="Tags of this column.")
    terms: Several[TermRef] = Field(default_factory=list, description="Terms it stands for.")
    personal_data: PersonalData | None = Field(default=None, description="What personal data it holds.")
    necessity: Word | None = Field(default=None, description="Why it is needed (GDPR Art. 5(1)(c)).")
    critical: Truth | None = Field(default=None, description="A critical data element (BCBS 239).")
    nullable: Truth | None = Field(default=None, description="Whether a value may be missing.")
    key: Truth | None = Field(default=None, description="Part of the key that tells rows apart.")


class Datasheet(Strict):
    """What the EU AI Act asks about data that train, validate or test a model (Art. 10(2), (3), (5))."""

    design_choices: Text | None = Field(default=None, description="Why these data, for this (Art. 10(2)(a)).")
    origin: Text | None = Field(default=None, description="Where the data come from (Art. 10(2)(b)).")
    collection: Text | None = Field(default=None, description="How they were collected (Art. 10(2)(b)).")
    original_purpose: Text | None = Field(default=None, description="What for, if personal (Art. 10(2)(b)).")
    preparation: list[Text] | None = Field(
        default=None, description="Annotation, labelling, cleaning, enrichment, in order (Art. 10(2)(c)). `[]`: none."
    )
    assumptions: Several[Text] | None = Field(default=None, description="Art. 10(2)(d). `[]` states: none.")
    availability: Text | None = Field(default=None, description="Quantity and suitability (Art. 10(2)(e)).")
    bias_examination: Text | None = Field(default=None, description="How biases were looked for (Art. 10(2)(f)).")
    bias_mitigations: Several[Text] | None = Field(
        default=None, description="What was done against them (Art. 10(2)(g)). `[]` states: nothing."
    )
    gaps: Several[Text] | None = Field(default=None, description="Known shortcomings (Art. 10(2)(h)). `[]`: none.")
    representativeness: Text | None = Field(default=None, description="For whom and where they stand (Art. 10(3)).")
    special_categories_reason: Text | None = Field(
        default=None, description="Why special categories are needed against bias (Art. 10(5))."
    )


class Dataset(Entity):
    """A table, a file, a topic: anything events read and write."""

    kind: Literal["Dataset"] = Field(description="The word Dataset.")
    namespace: Wide = Field(description="Exactly as events spell it.", examples=["postgres://db:5432"])
    name: Wide = Field(description="Exactly as events spell it.", examples=["shop.public.orders"])
    type: Word | None = Field(default=None, description="What it is.", examples=["table", "view", "topic", "file"])
    fields: list[Column] = Field(default_factory=list, description="Its columns, in their order.")
    inputs: Several[AssetRef] = Field(
        default_factory=list, description="What it is made of, where no pipeline is known."
    )
    source: SourceRef | None = Field(default=None, description="The system that keeps it.")
    contract: ContractRef | None = Field(default=None, description="The contract it is held to.")
    authoritative: Truth | None = Field(default=None, description="The one place to trust for these data (BCBS 239).")
    external: Truth | None = Field(default=None, description="Belongs to a recipient outside (GDPR Art. 30(1)(d)).")
    recipient: Counterparty | None = Field(default=None, description="Who receives what is written here.")
    datasheet: Datasheet | None = Field(default=None, description="What the EU AI Act asks of training data.")

    @model_validator(mode="after")
    def _consistent(self) -> Dataset:
        check_distinct([column.name for column in self.fields], "column", "fields")
        if any((ref.kind, ref.namespace, ref.name) == ("Dataset", self.namespace, self.name) for ref in self.inputs):
            raise fault("the dataset is among its own `inputs`: nothing is made of itself", at="inputs")
        return self


class Schedule(Strict):
    """When a pipeline runs."""

    cron: Word | None = Field(default=None, description="A cron expression of five fields.", examples=["0 3 * * *"])
    timezone: Word | None = Field(default=None, description="Of the expression; UTC without it.")


class Pipeline(Entity):
    """A job: what reads datasets and writes others."""

    kind: Literal["Pipeline"] = Field(description="The word Pipeline.")
    namespace: Wide = Field(description="Exactly as events spell it.", examples=["airflow"])
    name: Wide = Field(description="Exactly as events spell it.", examples=["nightly_orders.load"])
    inputs: Several[AssetRef] = Field(default_factory=list, description="What it reads.")
    outputs: Several[AssetRef] = Field(default_factory=list, description="What it writes.")
    activities: Several[ActivityRef] = Field(
        default_factory=list, description="The records of processing it belongs to (GDPR Art. 30)."
    )
    purpose: Word | None = Field(default=None, description="What the data are used for (GDPR Art. 5(1)(b)).")
    compatibility: Word | None = Field(
        default=None, description="The assessment that this purpose fits those of its data (GDPR Art. 6(4))."
    )
    schedule: Schedule | None = Field(default=None, description="When it runs.")
    environment: EnvironmentRef | None = Field(default=None, description="Where it runs.")
    source_code: Word | None = Field(default=None, description="Where its code is.")


class Dashboard(Entity):
    """A report or a dashboard: what people look at."""

    kind: Literal["Dashboard"] = Field(description="The word Dashboard.")
    namespace: Wide = Field(description="The tool that shows it.", examples=["https://bi.example.com"])
    name: Wide = Field(description="Its name there.", examples=["finance/revenue"])
    inputs: Several[AssetRef] = Field(default_factory=list, description="What it shows.")
    tool: Word | None = Field(default=None, description="What it is made with.", examples=["Superset"])
    purpose: Word | None = Field(default=None, description="What it is for.")


class Derivation(Strict):
    """One column that another is made of."""

    dataset: DatasetRef | None = Field(default=None, description="Its dataset; may be left out if `from` has one.")
    field: Wide = Field(description="The column.")
    type: Literal["DIRECT", "INDIRECT"] = Field(
        default="DIRECT", description="DIRECT if values go on, INDIRECT if they only decide (filter, join, order)."
    )
    subtype: Literal[
        "IDENTITY", "TRANSFORMATION", "AGGREGATION", "JOIN", "GROUP_BY", "FILTER", "SORT", "WINDOW", "CONDITIONAL", ""
    ] = Field(default="", description="How, in the words of OpenLineage.")
    masking: Truth = Field(default=False, description="Whether the values cannot be told from the result.")
    description: Text = Field(default="", description="How, in words.")


class DeclaredLineage(Entity):
    """Lineage that no event tells: what goes from where to where, by which pipeline if one is known."""

    kind: Literal["DeclaredLineage"] = Field(description="The word DeclaredLineage.")
    name: Named = Field(description="Unique among declarations.")
    pipeline: PipelineRef | None = Field(default=None, description="What moves the data; without it, datasets alone.")
    from_: Several[AssetRef] = Field(alias="from", min_length=1, description="Where the data come from.")
    to: AssetRef = Field(description="Where they go.")
    columns: dict[Wide, Several[Derivation]] = Field(
        default_factory=dict, description="For columns of `to`, the columns they are made of."
    )

    @model_validator(mode="after")
    def _to_elsewhere(self) -> DeclaredLineage:
        if self.to in self.from_:
            raise fault("`to` is also in `from`: nothing is made of itself", at="to")
        if len(self.from_) > 1 and any(d.dataset is None for listed in self.columns.values() for d in listed):
            raise fault("`columns` must name the `dataset` of each column, since `from` has several", at="columns")
        return self
