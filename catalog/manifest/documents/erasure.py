"""Requests of people that their data be erased, and what became of them (GDPR Art. 17, 19).

Nothing of the person stands here: whoever handles the request knows who it is, the catalog knows the case by its name.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, model_validator

from catalog.manifest.documents.blocks import Entity
from catalog.manifest.documents.pointers import AssetRef, DatasetRef
from catalog.manifest.documents.policies import Evidence
from catalog.manifest.documents.shape import Moment, Named, OwnerRef, Several, Strict, Text, Wide, Word, fault, order

CASE = r"^[A-Za-z0-9][A-Za-z0-9._:/#-]*$"
"""A reference without spaces and without `@`: names and addresses of people have them."""

Exemption = Literal["expression", "legal_obligation", "public_interest", "public_health", "archiving", "legal_claims"]


class SubjectKey(Strict):
    """Columns by which a person's rows are found; never their values."""

    dataset: DatasetRef = Field(description="The dataset.")
    columns: Several[Wide] = Field(min_length=1, description="Its columns.", examples=[["customer_id"]])


class Extension(Strict):
    """Two months more, where a request is complex or there are many (Art. 12(3))."""

    told: Moment = Field(description="When the person was told; after the first month it extends nothing.")
    reason: Text = Field(min_length=1, description="Why.")


class Leaf(Strict):
    """A thing that the data reach, and what became of them there."""

    asset: AssetRef = Field(description="The dataset, or a dashboard or a version of a model.")
    status: Literal["OPEN", "DONE", "EXEMPT"] = Field(
        description="OPEN: not yet. DONE: erased, or looked for and not found. EXEMPT: kept (Art. 17(3))."
    )
    reason: Exemption | None = Field(default=None, description="Of EXEMPT: why it is kept (Art. 17(3)(a) to (e)).")
    at: Moment | None = Field(default=None, description="Of DONE: when it was erased.")
    evidence: Several[Evidence] = Field(default_factory=list, description="What shows it.")
    note: Text | None = Field(default=None, description="What else is to be said.")

    @model_validator(mode="after")
    def _settled(self) -> Leaf:
        if self.status == "DONE" and self.at is None:
            raise fault("it is DONE, and `at` does not say when", at="status")
        if self.status == "EXEMPT" and self.reason is None:
            raise fault("it is EXEMPT, and `reason` does not say why", at="status")
        if self.status != "DONE" and self.at is not None:
            raise fault(f"it is {self.status}, so nothing was erased `at` some time", at="at")
        if self.status != "EXEMPT" and self.reason is not None:
            raise fault(f"it is {self.status}, so it needs no `reason` to be kept", at="reason")
        return self


class Told(Strict):
    """A recipient that was told of the erasure, or why that was not possible (Art. 19)."""

    name: Word = Field(description="The recipient, as `recipient.name` of what it receives spells it.")
    at: Moment | None = Field(default=None, description="When it was told.")
    impossible: Text | None = Field(default=None, description="Why it could not be told, or only with undue effort.")
    evidence: Several[Evidence] = Field(default_factory=list, description="What shows it.")


class ErasureRequest(Entity):
    """A person asks that their data be erased: what they reach, and what became of them at each leaf.

    Which leaves there are, the report `erasure-plan` tells. Never write who the person is: `name` and `subject` are
    those of the case.
    """

    kind: Literal["ErasureRequest"] = Field(description="The word ErasureRequest.")
    name: Named = Field(description="The case, unique among requests; nothing of the person.", examples=["ER-2026-017"])
    subject: Annotated[str, Field(pattern=CASE, min_length=1, max_length=200)] | None = Field(
        default=None, description="The person, by a pseudonym that only the register of requests resolves."
    )
    received: Moment = Field(description="When it was received: from then on the month of Art. 12(3) runs.")
    extension: Extension | None = Field(default=None, description="That it takes longer.")
    owner: OwnerRef = Field(description="Who answers it.")
    subjects: Several[Word] = Field(
        default_factory=list, description="Which people, as `personalData.subjects` of datasets names them."
    )
    keys: Several[SubjectKey] = Field(
        default_factory=list, description="Where the data begin, beside the datasets that name these people."
    )
    leaves: Several[Leaf] = Field(default_factory=list, description="Where the data are, and what became of them.")
    recipients: Several[Told] = Field(default_factory=list, description="Who was told (Art. 19).")

    @model_validator(mode="after")
    def _consistent(self) -> ErasureRequest:
        if "@" in self.name:
            raise fault("the name looks like an address of somebody", "the name of a case", at="name")
        if not self.subjects and not self.keys:
            raise fault("begins nowhere", "`subjects` or `keys`")
        seen = set[str]()
        for i, leaf in enumerate(self.leaves):
            if (asset := order(leaf.asset)) in seen:
                raise fault("the asset stands twice in `leaves`", at=f"leaves.{i}.asset")
            seen.add(asset)
            if leaf.at is not None and datetime.fromisoformat(leaf.at) < datetime.fromisoformat(self.received):
                raise fault("`at` is before the request was `received`", at=f"leaves.{i}.at")
        return self
