"""Records of processing (GDPR Art. 30).

In every list `[]` states "none", and a list that is left out is "not stated": the first is an answer, the second a gap
in the record.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from catalog.manifest.documents.blocks import Article9, Entity, LegalBasis
from catalog.manifest.documents.pointers import PipelineRef
from catalog.manifest.documents.shape import Country, Day, Duration, Named, Several, Strict, Text, Truth, Word


class Party(Strict):
    """An organisation or an office with its contact (Art. 30(1)(a)); offices rather than persons by name."""

    name: Word = Field(description="Who.", examples=["Example Ltd", "Data Protection Office"])
    contact: Word | None = Field(default=None, description="How to reach them.")
    country: Country | None = Field(default=None, description="Where they are.")


class Recipient(Strict):
    """Who receives personal data (Art. 30(1)(d))."""

    name: Word = Field(description="The category of recipients, or the recipient.")
    country: Country | None = Field(default=None, description="Where it is; another than the own needs a transfer.")
    role: Literal["processor", "controller", "joint_controller", "authority", "internal", "other"] | None = Field(
        default=None, description="What it is to the controller."
    )
    agreement: Word | None = Field(default=None, description="The contract with it (Art. 28; HIPAA 164.504(e)).")


class Transfer(Strict):
    """A transfer to a third country or an international organisation (Art. 30(1)(e), Art. 44-49)."""

    country: Country | None = Field(default=None, description="The third country.")
    organisation: Word | None = Field(default=None, description="The international organisation.")
    mechanism: Literal["adequacy", "scc", "bcr", "code_of_conduct", "certification", "derogation"] | None = Field(
        default=None, description="What allows it: Art. 45, 46, 47 or 49."
    )
    document: Word | None = Field(default=None, description="Where the safeguards are documented.")
    assessment: Word | None = Field(default=None, description="The transfer impact assessment.")


class CategoryRetention(Strict):
    """When a category of data is erased (Art. 30(1)(f))."""

    category: Word = Field(description="The category of data; `*` for all.")
    duration: Duration = Field(description="ISO-8601.", examples=["P10Y"])
    basis: Word | None = Field(default=None, description="Why so long.")
    trigger: Word | None = Field(default=None, description="What starts the time.")


class Dpia(Strict):
    """The impact assessment (Art. 35)."""

    required: Truth | None = Field(default=None, description="Whether one is needed.")
    triggers: Several[Word] | None = Field(default=None, description="Why (Art. 35(3)). `[]` states: no reason.")
    status: Literal["planned", "in_progress", "approved", "rejected"] | None = Field(
        default=None, description="How far it is."
    )
    date: Day | None = Field(default=None, description="When it was approved.")
    next_review: Day | None = Field(default=None, description="When it is looked at again (Art. 35(11)).")
    reference: Word | None = Field(default=None, description="Where it is.")


class Assessment(Strict):
    """An assessment of risks that a law asks for before processing begins (11 CCR 7150-7157)."""

    status: Literal["planned", "in_progress", "approved", "rejected"] | None = Field(
        default=None, description="How far it is."
    )
    date: Day | None = Field(default=None, description="When it was approved.")
    next_review: Day | None = Field(default=None, description="When it is looked at again.")
    reference: Word | None = Field(default=None, description="Where it is.")


class ProcessingActivity(Entity):
    """A record of processing, by a controller (Art. 30(1)) or by a processor (Art. 30(2))."""

    kind: Literal["ProcessingActivity"] = Field(description="The word ProcessingActivity.")
    name: Named = Field(description="Its name.", examples=["order fulfilment"])
    role: Literal["controller", "joint_controller", "processor"] | None = Field(
        default=None, description="What the house is here."
    )
    controllers: Several[Party] | None = Field(default=None, description="Art. 30(1)(a), 30(2)(a).")
    joint_controllers: Several[Party] | None = Field(default=None, description="Art. 30(1)(a), Art. 26.")
    representatives: Several[Party] | None = Field(default=None, description="Art. 30(1)(a), Art. 27.")
    dpo: Party | None = Field(default=None, description="Data protection officer (Art. 30(1)(a)).")
    dpo_required: Truth | None = Field(default=None, description="False states: no officer is needed (Art. 37(1)).")
    purposes: Several[Word] | None = Field(default=None, description="Art. 30(1)(b).")
    legal_basis: LegalBasis | None = Field(default=None, description="Art. 6(1).")
    legitimate_interest: Text | None = Field(default=None, description="Which, for Art. 6(1)(f).")
    article9_condition: Article9 | None = Field(default=None, description="Art. 9(2), for special categories.")
    subject_categories: Several[Word] | None = Field(default=None, description="Categories of people (Art. 30(1)(c)).")
    data_categories: Several[Word] | None = Field(default=None, description="Categories of data (Art. 30(1)(c)).")
    processing_categories: Several[Word] | None = Field(
        default=None, description="Of a processor: what is done for each controller (Art. 30(2)(b))."
    )
    recipients: Several[Recipient] | None = Field(default=None, description="Who receives data (Art. 30(1)(d)).")
    transfers: Several[Transfer] | None = Field(default=None, description="To third countries (Art. 30(1)(e)).")
    erasure: Several[CategoryRetention] | None = Field(default=None, description="Time limits (Art. 30(1)(f)).")
    security_measures: Several[Text] | None = Field(default=None, description="Art. 30(1)(g), Art. 32(1).")
    automated_decisions: Truth | None = Field(default=None, description="Decisions without people (Art. 22).")
    dpia: Dpia | None = Field(default=None, description="Impact assessment (Art. 35).")
    risk_assessment: Assessment | None = Field(default=None, description="Of the CCPA's rules (11 CCR 7150-7157).")
    pipelines: Several[PipelineRef] = Field(default_factory=list, description="The pipelines that do it.")
