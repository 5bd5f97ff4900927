"""The blocks that documents of every kind may carry: responsibility, classification, place, personal data, retention,
quality, protection.

Of a list that is marked so, "stated: none" (`[]`) is another thing than "not stated" (no such key): a record of
processing must tell them apart. Of all other lists an empty one says nothing.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from catalog.manifest.documents.shape import (
    Country,
    Day,
    DomainRef,
    Duration,
    Free,
    Integer,
    Named,
    Number,
    OwnerRef,
    Several,
    SloRef,
    Strict,
    TagRef,
    TermRef,
    Text,
    Truth,
    Wide,
    Word,
)

LegalBasis = Literal[
    "consent", "contract", "legal_obligation", "vital_interests", "public_task", "legitimate_interests"
]
"""GDPR Art. 6(1)(a)-(f)."""
Article9 = Literal[
    "explicit_consent",
    "employment",
    "vital_interests",
    "foundation",
    "made_public",
    "legal_claims",
    "public_interest",
    "health_care",
    "public_health",
    "research",
]
"""GDPR Art. 9(2)(a)-(j)."""


class TagUse(Strict):
    """A tag with a value."""

    tag: TagRef = Field(description="The tag.")
    value: Word = Field(description="What it says of this entity.", examples=["30d"])


def _tagged(value: object) -> str:
    return "object" if isinstance(value, dict | Strict) else "text"


AnyTag = Annotated[Annotated[TagRef, Tag("text")] | Annotated[TagUse, Tag("object")], Discriminator(_tagged)]


class Location(Strict):
    """Where data are, for questions of law and of latency."""

    region: Word | None = Field(default=None, description="The provider's region.", examples=["eu-central-1"])
    country: Country | None = Field(default=None, description="ISO 3166-1 alpha-2, upper case.")
    jurisdiction: Word | None = Field(
        default=None, description="Whose data protection law applies, such as EEA, UK or US-CA (GDPR Art. 44-49)."
    )
    zone: Word | None = Field(default=None, description="Zone of trust within the house.", examples=["restricted"])


class Ccpa(Strict):
    """What the CCPA asks of personal information."""

    categories: Several[Word] | None = Field(
        default=None, description="Statutory categories (1798.140(v)). `[]` states: none."
    )
    sensitive: Truth | None = Field(default=None, description="Sensitive personal information (1798.140(ae)).")
    sold: Truth | None = Field(default=None, description="Sold to third parties.")
    shared: Truth | None = Field(default=None, description="Shared for cross-context behavioural advertising.")
    sources: Several[Word] | None = Field(default=None, description="Categories of sources (1798.110). `[]`: none.")
    opt_out: Word | None = Field(
        default=None, description="The column or list by which those who opted out are left out (1798.120)."
    )


class Deidentification(Strict):
    """How data of patients were made to tell no person any more (HIPAA 164.514)."""

    method: Literal["safe_harbor", "expert", "limited_data_set"] | None = Field(
        default=None, description="164.514(b)(2), (b)(1) or (e); a limited data set is still protected."
    )
    reference: Word | None = Field(default=None, description="The expert's report, or how it was done.")
    date: Day | None = Field(default=None, description="When it was determined.")


class PersonalData(Strict):
    """What personal data there are, whose, and what may be done with them."""

    contains: Truth | None = Field(default=None, description="Whether there are personal data; not stated is not no.")
    categories: Several[Word] | None = Field(
        default=None, description="Categories of personal data (GDPR Art. 30(1)(c)). `[]` states: none."
    )
    subjects: Several[Word] | None = Field(
        default=None, description="Categories of data subjects (GDPR Art. 30(1)(c)). `[]` states: none."
    )
    special_categories: Several[Word] | None = Field(
        default=None, description="Special categories held (GDPR Art. 9(1)). `[]` states: none."
    )
    legal_basis: LegalBasis | None = Field(default=None, description="GDPR Art. 6(1).")
    article9_condition: Article9 | None = Field(default=None, description="GDPR Art. 9(2).")
    purposes: Several[Word] | None = Field(
        default=None, description="Purposes the data may serve (GDPR Art. 5(1)(b)). `[]` states: none is allowed."
    )
    consent_scope: Several[Word] | None = Field(default=None, description="What consent covers. `[]` states: nothing.")
    subject_key: Several[Word] = Field(
        default_factory=list, description="Columns that tell whose a row is: where erasure starts (GDPR Art. 17)."
    )
    erasure: Literal["delete", "anonymise", "key_deletion", "expiry", "manual", "exempt"] | None = Field(
        default=None, description="How a person's data are erased here (GDPR Art. 17)."
    )
    erasure_exemption: Word | None = Field(default=None, description="Which exemption of GDPR Art. 17(3), and why.")
    phi: Truth | None = Field(default=None, description="Protected health information (HIPAA).")
    deidentification: Deidentification | None = Field(default=None, description="How they were de-identified (HIPAA).")
    ccpa: Ccpa | None = Field(default=None, description="What the CCPA asks.")


class Retention(Strict):
    """How long data are kept (GDPR Art. 5(1)(e))."""

    duration: Duration | None = Field(default=None, description="ISO-8601, counted from the trigger.", examples=["P2Y"])
    basis: Word | None = Field(default=None, description="Why so long.", examples=["tax law: ten years"])
    trigger: Word | None = Field(default=None, description="What starts the time.", examples=["order closed"])


class Expectation(Strict):
    """Something that should hold of the values."""

    name: Word = Field(description="Unique within the document.")
    column: Wide | None = Field(default=None, description="The column it is about; the whole without it.")
    rule: Word = Field(description="What is measured.", examples=["not_null", "unique", "row_count"])
    parameters: dict[str, Free] = Field(default_factory=dict, description="What the rule needs.")
    severity: Literal["info", "warning", "error"] | None = Field(default=None, description="How bad a breach is.")


class Quality(Strict):
    """How good the data should be."""

    freshness: Duration | None = Field(default=None, description="At most this old (ISO-8601).", examples=["PT24H"])
    completeness: Annotated[Number, Field(ge=0, le=1)] | None = Field(
        default=None, description="Least share of rows or values that must be there, 0 to 1."
    )
    accuracy: Word | None = Field(default=None, description="How accuracy is ensured (GDPR Art. 5(1)(d), BCBS 239 P3).")
    expectations: Several[Expectation] = Field(default_factory=list, description="What should hold of the values.")
    slos: Several[SloRef] = Field(default_factory=list, description="The objectives it is held to.")


class Protection(Strict):
    """How data are protected (GDPR Art. 25 and 32, HIPAA 164.312)."""

    access: Word | None = Field(default=None, description="Class of access.", examples=["need to know"])
    masking: Word | None = Field(default=None, description="How values are masked.", examples=["tokenised"])
    encrypted_at_rest: Truth | None = Field(default=None, description="164.312(a)(2)(iv).")
    encrypted_in_transit: Truth | None = Field(default=None, description="164.312(e)(1).")
    audited: Truth | None = Field(default=None, description="Whether access is recorded (164.312(b)).")


URL = r"^https?://\S+$"


class Link(Strict):
    """A page about the entity."""

    name: Word = Field(description="What is found there.")
    url: Annotated[str, Field(pattern=URL, max_length=10_000)] = Field(description="http or https.")


class Entity(Strict):
    """What documents of every kind may say."""

    schema_line: str | None = Field(
        default=None, alias="$schema", description="The JSON Schema of the kind, for editors; means nothing else."
    )
    description: Text | None = Field(default=None, description="What it is, in words for people; Markdown.")
    owners: Several[OwnerRef] = Field(default_factory=list, description="Who answers for it: teams or persons.")
    steward: OwnerRef | None = Field(default=None, description="Who looks after its meaning and quality.")
    domain: DomainRef | None = Field(default=None, description="The business domain it belongs to.")
    tier: Annotated[Integer, Field(ge=1, le=5)] | None = Field(default=None, description="1 is the most important.")
    critical: Truth | None = Field(default=None, description="A critical data element (BCBS 239).")
    lifecycle: Literal["proposed", "development", "production", "deprecated", "retired"] | None = Field(
        default=None, description="Where it is in its life."
    )
    classification: Named | None = Field(
        default=None, description="Level of confidentiality: public, internal, confidential, restricted, or your own."
    )
    tags: Several[AnyTag] = Field(default_factory=list, description="Tags, with or without a value.")
    terms: Several[TermRef] = Field(default_factory=list, description="What it means: terms of the glossary.")
    location: Location | None = Field(default=None, description="Where it is.")
    personal_data: PersonalData | None = Field(default=None, description="What personal data there are.")
    retention: Retention | None = Field(default=None, description="How long it is kept.")
    quality: Quality | None = Field(default=None, description="How good it should be.")
    protection: Protection | None = Field(default=None, description="How it is protected.")
    links: Several[Link] = Field(default_factory=list, description="Pages about it.")
    custom: dict[str, Free] = Field(default_factory=dict, description="Whatever else you want to keep; any JSON value.")
