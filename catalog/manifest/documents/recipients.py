"""Who is at the other end where data leave the house, and what allows it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from catalog.manifest.documents.privacy import Transfer
from catalog.manifest.documents.shape import Day, Several, Strict, Word


class Agreement(Strict):
    """A contract with somebody who receives data."""

    type: Literal["dpa", "baa", "dua", "service_provider", "other"] = Field(
        description=(
            "`dpa`: processing on behalf (GDPR Art. 28); `baa`: business associate (HIPAA 164.504(e)); `dua`: use of a"
            " limited data set (HIPAA 164.514(e)(4)); `service_provider`: CCPA 1798.100(d)."
        )
    )
    reference: Word | None = Field(default=None, description="Where it is.", examples=["https://contracts.example/17"])
    signed: Day | None = Field(default=None, description="When it was signed; without it, it counts as not signed.")
    expires: Day | None = Field(default=None, description="When it ends; it does not end without it.")


class Disclosure(Strict):
    """What an accounting of disclosures says of each, besides its date and recipient (HIPAA 164.528(b)(2))."""

    description: Word | None = Field(default=None, description="Which information is disclosed, in brief.")
    purpose: Word | None = Field(default=None, description="What for.")
    exception: (
        Literal[
            "treatment",
            "payment",
            "operations",
            "individual",
            "incidental",
            "authorised",
            "directory",
            "national_security",
            "correctional",
            "limited_data_set",
        ]
        | None
    ) = Field(default=None, description="Why no accounting is owed (164.528(a)(1)).")


class Counterparty(Strict):
    """Who receives what is written here. Where they are stands in `location`."""

    name: Word = Field(description="Who, as records of processing name them.", examples=["Payment provider"])
    address: Word | None = Field(default=None, description="Their address (HIPAA 164.528(b)(2)(ii)).")
    role: (
        Literal[
            "processor",
            "controller",
            "joint_controller",
            "authority",
            "covered_entity",
            "business_associate",
            "service_provider",
            "contractor",
            "third_party",
            "data_subject",
            "other",
        ]
        | None
    ) = Field(default=None, description="What they are in law: the first four of the GDPR, then HIPAA, then the CCPA.")
    agreements: Several[Agreement] = Field(default_factory=list, description="Contracts with them.")
    transfer: Transfer | None = Field(default=None, description="What allows the transfer, in a third country.")
    disclosure: Disclosure | None = Field(default=None, description="What an accounting of disclosures says.")
