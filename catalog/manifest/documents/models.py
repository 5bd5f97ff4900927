"""Models: what was trained, on what, and where it runs."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from catalog.assets.keys import REGISTRY
from catalog.manifest.documents.blocks import Entity
from catalog.manifest.documents.pointers import DatasetRef, PipelineRef
from catalog.manifest.documents.privacy import Assessment
from catalog.manifest.documents.recipients import Counterparty
from catalog.manifest.documents.shape import (
    Duration,
    EnvironmentRef,
    Free,
    Moment,
    Number,
    Several,
    Strict,
    Text,
    Wide,
    Word,
    fault,
)

UNSLASHED = r"^[^/]+$"
VersionName = Annotated[str, Field(min_length=1, max_length=1_000, pattern=UNSLASHED)]


class TechnicalFile(Strict):
    """What the technical documentation of a high-risk system holds that stands nowhere else (EU AI Act Annex IV)."""

    design: Text | None = Field(default=None, description="How it is built and why so (Annex IV(2)).")
    testing: Text | None = Field(default=None, description="How it was validated and tested (Annex IV(2)(g)).")
    security: Text | None = Field(
        default=None, description="Accuracy, robustness, cybersecurity measures (Annex IV(2)(h), Art. 15)."
    )
    control: Text | None = Field(default=None, description="Monitoring, functioning, control (Annex IV(3)).")
    metrics_choice: Text | None = Field(default=None, description="Why these metrics are the right ones (Annex IV(4)).")
    risk_management: Text | None = Field(default=None, description="Risks and what is done (Annex IV(5), Art. 9).")
    changes: Text | None = Field(default=None, description="What the provider changed since (Annex IV(6)).")
    standards: Several[Word] | None = Field(
        default=None, description="Harmonised standards applied (Annex IV(7)). `[]` states: none."
    )
    declaration: Word | None = Field(default=None, description="Where the EU declaration is (Annex IV(8), Art. 47).")


class Threshold(Strict):
    """Between which values a metric has to stay while the model serves."""

    metric: Word = Field(description="The metric, as versions name it.", examples=["auc"])
    at_least: Number | None = Field(default=None, description="Its least value.")
    at_most: Number | None = Field(default=None, description="Its largest value.")
    on: Literal["performance", "drift"] = Field(default="performance", description="What it watches.")

    @model_validator(mode="after")
    def _bounded(self) -> Threshold:
        if self.at_least is None and self.at_most is None:
            raise fault("bounds nothing", "`atLeast`, `atMost`, or both")
        return self


class Model(Entity):
    """A model, by which its versions are one thing; its fields are those of a model card."""

    kind: Literal["Model"] = Field(description="The word Model.")
    registry: Wide = Field(default=REGISTRY, description="The registry that keeps it.", examples=["mlflow://ml:5000"])
    name: Word = Field(description="Its name there.", examples=["churn"])
    purpose: Word | None = Field(default=None, description="What it is for (GDPR Art. 5(1)(b)).")
    compatibility: Word | None = Field(
        default=None, description="The assessment that this purpose fits those of its data (GDPR Art. 6(4))."
    )
    admt: (
        Several[
            Literal[
                "significant_decision",
                "facial_recognition",
                "emotion_recognition",
                "identity_verification",
                "profiling",
            ]
        ]
        | None
    ) = Field(default=None, description="What it automates that 11 CCR 7150(b) names. `[]` states: nothing.")
    risk_assessment: Assessment | None = Field(default=None, description="Of the CCPA's rules (11 CCR 7150-7157).")
    intended_use: Text | None = Field(default=None, description="What it may be used for (EU AI Act Art. 13).")
    out_of_scope: Text | None = Field(default=None, description="What it must not be used for.")
    risk: Literal["prohibited", "high", "limited", "minimal"] | None = Field(
        default=None, description="Class of risk (EU AI Act)."
    )
    instructions: Word | None = Field(default=None, description="Where the instructions for use are (Art. 13).")
    thresholds: Several[Threshold] = Field(
        default_factory=list, description="Where it has to be looked at or taken back (EU AI Act Art. 15, 72)."
    )
    factors: Text | None = Field(default=None, description="Groups and conditions by which it may differ.")
    analyses: Text | None = Field(default=None, description="Results by those factors, and what they show.")
    technical_file: TechnicalFile | None = Field(default=None, description="Technical documentation (Annex IV).")
    oversight: Text | None = Field(default=None, description="How people watch over it (EU AI Act Art. 14).")
    limitations: Text | None = Field(default=None, description="Where it fails; caveats.")
    ethics: Text | None = Field(default=None, description="Ethical considerations.")
    monitoring: Text | None = Field(default=None, description="The plan after release (EU AI Act Art. 72).")


class Training(Strict):
    """Which run trained a version."""

    pipeline: PipelineRef = Field(description="The job that trained it.")
    run: Word | None = Field(default=None, description="The run's id, as events give it.")


class DatasetVersion(Strict):
    """A dataset, at a version if one is known."""

    dataset: DatasetRef = Field(description="The dataset.")
    version: Word | None = Field(default=None, description="Its version, as events give it.")
    role: Literal["training", "validation", "test", "evaluation"] | None = Field(
        default=None, description="What it served for."
    )
    columns: Several[Wide] = Field(
        default_factory=list, description="The columns that were used; all, if none is named."
    )


class Interval(Strict):
    """A span of time that ends before `to`."""

    from_: Moment = Field(alias="from", description="When it began.")
    to: Moment | None = Field(default=None, description="When it ended; not yet, without it.")

    @model_validator(mode="after")
    def _forwards(self) -> Interval:
        if self.to is not None and self.to <= self.from_:
            raise fault("`to` is not after `from`", at="to")
        return self


class Alias(Interval):
    """A name that a version had for a time, such as champion."""

    name: Word = Field(description="The alias.", examples=["champion"])


class Artifact(Strict):
    """A file that belongs to a version."""

    name: Word = Field(description="What it is.", examples=["weights"])
    uri: Word = Field(description="Where it is.")
    digest: Word | None = Field(default=None, description="Its hash, with the algorithm.", examples=["sha256:9f86d081"])


class ModelVersion(Entity):
    """A version of a model: what it was trained on, by which run, with what result."""

    kind: Literal["ModelVersion"] = Field(description="The word ModelVersion.")
    registry: Wide = Field(default=REGISTRY, description="The registry that keeps the model.")
    model: Word = Field(description="The model's name.", examples=["churn"])
    version: VersionName = Field(description="The version; a text without a slash.", examples=["7"])
    trained_by: Training | None = Field(default=None, description="The run that trained it.")
    trained_on: Several[DatasetVersion] = Field(default_factory=list, description="What it was trained on.")
    evaluated_on: Several[DatasetVersion] = Field(default_factory=list, description="What it was evaluated on.")
    parameters: dict[str, Free] = Field(default_factory=dict, description="What training was told.")
    metrics: dict[str, Number] = Field(default_factory=dict, description="How good it was, by name.")
    artifacts: Several[Artifact] = Field(default_factory=list, description="Its files.")
    aliases: Several[Alias] = Field(default_factory=list, description="Names it had, and when.")
    framework: Word | None = Field(default=None, description="What it is made with.", examples=["scikit-learn 1.7"])
    code_version: Word | None = Field(default=None, description="The commit of the code that trained it.")


class Served(Interval):
    """A version that a deployment served for a time."""

    registry: Wide = Field(default=REGISTRY, description="The registry that keeps the model.")
    model: Word = Field(description="The model's name.")
    version: VersionName = Field(description="The version.")


class Deployment(Entity):
    """A place where versions of models answer."""

    kind: Literal["Deployment"] = Field(description="The word Deployment.")
    environment: EnvironmentRef = Field(description="Where it runs; part of its key.", examples=["environment:prod"])
    name: Word = Field(description="Its name there.", examples=["churn-api"])
    model_versions: Several[Served] = Field(
        default_factory=list, description="What it served, and when; lineage leads to those without `to`."
    )
    purpose: Word | None = Field(default=None, description="What its answers are used for (GDPR Art. 5(1)(b)).")
    compatibility: Word | None = Field(
        default=None, description="The assessment that this purpose fits those of its data (GDPR Art. 6(4))."
    )
    recipient: Counterparty | None = Field(default=None, description="Who runs it, if not the house.")
    endpoint: Word | None = Field(default=None, description="Where it answers.")
    rollback_to: VersionName | None = Field(default=None, description="The version to go back to if this one fails.")
    monitor: Word | None = Field(
        default=None, description="What watches it: a dashboard, an alert (EU AI Act Art. 72)."
    )
    logs_kept: Duration | None = Field(
        default=None, description="How long its logs are kept (EU AI Act Art. 19, 26(6)).", examples=["P6M"]
    )
