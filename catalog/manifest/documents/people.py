"""Who answers for things and who may do what: teams, persons, grants."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from catalog.manifest.documents.blocks import Entity
from catalog.manifest.documents.pointers import EntityRef
from catalog.manifest.documents.shape import (
    DomainRef,
    Moment,
    Named,
    OwnerRef,
    PersonRef,
    Several,
    Strict,
    TagRef,
    TeamRef,
    Text,
    Truth,
    Word,
    fault,
)


class Contact(Strict):
    """A way to reach somebody."""

    channel: Literal["email", "slack", "teams", "pagerduty", "phone", "url"] = Field(description="How.")
    address: Word = Field(description="Where; of a person, a handle that says no more than it must.")


class Team(Entity):
    """People who answer for something together."""

    kind: Literal["Team"] = Field(description="The word Team.")
    name: Named = Field(description="Its name.", examples=["orders"])
    parent: TeamRef | None = Field(default=None, description="The team it is part of.")
    members: Several[PersonRef] = Field(default_factory=list, description="Who is in it.")
    contacts: Several[Contact] = Field(default_factory=list, description="Ways to reach it.")


class Person(Entity):
    """Somebody, under an opaque name.

    There is no field for a real name: the catalog is read by many and kept for long. Who a person is stands in your
    directory, where it can be corrected and erased (GDPR Art. 16, 17, 25).
    """

    kind: Literal["Person"] = Field(description="The word Person.")
    name: Named = Field(description="An opaque name, no real one: an id of your directory.", examples=["7f3a"])
    contact: Contact | None = Field(default=None, description="A way to reach them, such as a handle.")
    active: Truth | None = Field(default=None, description="False, once they have left.")


class Selector(Strict):
    """Which entities are meant: those that fit every key that is given."""

    entities: Several[EntityRef] = Field(default_factory=list, description="These, by name.")
    kinds: Several[Word] = Field(default_factory=list, description="Of these kinds.", examples=[["Dataset"]])
    namespace: Word | None = Field(default=None, description="Of this namespace; `*` stands for any characters.")
    name: Word | None = Field(default=None, description="Of this name; `*` stands for any characters.")
    domains: Several[DomainRef] = Field(default_factory=list, description="Of these domains, or parts of them.")
    owners: Several[OwnerRef] = Field(default_factory=list, description="Owned by one of these.")
    tags: Several[TagRef] = Field(default_factory=list, description="With one of these tags.")
    classifications: Several[Named] = Field(default_factory=list, description="Of one of these levels.")

    @model_validator(mode="after")
    def _something(self) -> Selector:
        if not self.model_fields_set:
            raise fault("selects nothing in particular", "at least one key, such as `entities` or `namespace`")
        return self


class Grant(Entity):
    """Who may do what, and until when. Stored and shown; judged once there is access control."""

    kind: Literal["Grant"] = Field(description="The word Grant.")
    name: Named = Field(description="Unique among grants.")
    principals: Several[OwnerRef] = Field(min_length=1, description="Who: teams or persons.")
    resources: Selector = Field(description="What it is about.")
    actions: Several[Literal["read", "query", "write", "annotate", "approve", "administer"]] = Field(
        min_length=1, description="What they may do."
    )
    expires: Moment | None = Field(default=None, description="From then on it means nothing; it never ends without it.")
    reason: Text | None = Field(default=None, description="Why.")
