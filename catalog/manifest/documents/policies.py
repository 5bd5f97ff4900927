"""What should hold, is excused or vouched for: policies, waivers, attestations. `catalog.checks` judges them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from catalog.manifest.documents.blocks import URL, Entity
from catalog.manifest.documents.people import Selector
from catalog.manifest.documents.pointers import EntityRef
from catalog.manifest.documents.shape import (
    Free,
    Integer,
    Moment,
    Named,
    OwnerRef,
    PolicyRef,
    Several,
    Strict,
    Text,
    Word,
    fault,
)

Expression = Annotated[str, Field(min_length=1, max_length=4_096)]
"""CEL, at most 4 KiB."""


class Control(Strict):
    """What a policy is for: a place in a law, a standard, a rule of the house."""

    framework: Word = Field(description="Which.", examples=["GDPR"])
    ref: Word = Field(description="Where in it.", examples=["Art. 6"])


class PolicyTest(Strict):
    """A case with its outcome."""

    name: Word = Field(description="What it shows.")
    input: dict[str, Free] = Field(default_factory=dict, description="Values of the variables.")
    graph: Free = Field(default=None, description="Of a flow policy: nodes and edges.")
    expect: Free = Field(description="PASS, FAIL, ERROR, NOT_APPLICABLE, or a list of violations.")


class Policy(Entity):
    """A rule in CEL."""

    kind: Literal["Policy"] = Field(description="The word Policy.")
    name: Named = Field(description="Its id.", examples=["gdpr.field.masking_or_basis"])
    version: Word = Field(description="Raised when the rule changes; reports cite it.", examples=["1"])
    severity: Literal["info", "low", "medium", "high", "critical"] = Field(description="How bad a breach is.")
    controls: Several[Control] = Field(default_factory=list, description="What it is for.")
    type: Literal["entity", "flow", "aggregate", "change"] = Field(description="Which question it asks.")
    target: Literal[
        "dataset",
        "field",
        "job",
        "run",
        "model",
        "model_version",
        "deployment",
        "flow",
        "metric",
        "waiver",
        "attestation",
        "erasure_request",
        "activity",
        "entity",
    ] = Field(description="What it is asked about.")
    when: Expression | None = Field(default=None, description="Where it applies (CEL).")
    assert_: Expression | None = Field(default=None, alias="assert", description="What must hold (CEL).")
    from_: Expression | None = Field(default=None, alias="from", description="Of a flow: where it starts (CEL).")
    to: Expression | None = Field(default=None, description="Of a flow: where it must not arrive (CEL).")
    barrier: Expression | None = Field(default=None, description="Of a flow: edges that stop it (CEL).")
    unless: Expression | None = Field(default=None, description="Of a flow: what excuses it (CEL).")
    population: Selector | None = Field(default=None, description="Of an aggregate: what is counted.")
    max_depth: Annotated[Integer, Field(ge=1, le=1_000)] | None = Field(default=None, description="Edges of a flow.")
    parameters: dict[str, Free] = Field(default_factory=dict, description="What expressions know as `params`.")
    message: Expression | None = Field(default=None, description="What a finding says: a text, or CEL that makes one.")
    breaks: Text | None = Field(default=None, description="What is wrong where it fails, in a sentence.")
    remedy: Text | None = Field(default=None, description="What to do about it.")
    source: Word | None = Field(default=None, description="Where the rule comes from: an article, a page, a decision.")
    law: Word | None = Field(
        default=None,
        description="The provision it hangs on, as `headwater policy law` names it: before its day it does not apply.",
        examples=["ai-act.high_risk"],
    )
    tests: list[PolicyTest] = Field(
        default_factory=list, description="Cases: at least one that passes and one that fails."
    )

    @model_validator(mode="after")
    def _fits_its_type(self) -> Policy:
        flow = {"from": self.from_, "to": self.to, "barrier": self.barrier, "unless": self.unless}
        if self.type == "flow":
            if missing := [name for name in ("from", "to") if flow[name] is None]:
                raise fault(f"a flow policy needs `{'`, `'.join(missing)}`")
            if self.assert_ is not None:
                raise fault("a flow policy has no `assert`", "`from` and `to`", at="assert")
        else:
            if extra := [name for name, given in flow.items() if given is not None]:
                raise fault(f"only a flow policy has `{'`, `'.join(extra)}`", at=extra[0])
            if self.assert_ is None:
                raise fault(f"a policy of type {self.type} needs `assert`")
        return self


class Waiver(Entity):
    """An exception from a policy, by somebody, until some day. An expired one is a finding itself."""

    kind: Literal["Waiver"] = Field(description="The word Waiver.")
    name: Named = Field(description="Unique among waivers.")
    policy: PolicyRef = Field(description="The policy.")
    entities: Several[EntityRef] = Field(default_factory=list, description="For these entities.")
    select: Selector | None = Field(default=None, description="For all these entities.")
    approver: OwnerRef = Field(description="Who answers for it.")
    reason: Text = Field(min_length=1, description="Why.")
    expires: Moment = Field(description="When it ends; there is no waiver for ever.")

    @model_validator(mode="after")
    def _something(self) -> Waiver:
        if not self.entities and self.select is None:
            raise fault("excuses nothing", "`entities` or `select`")
        return self


class Evidence(Strict):
    """What shows that a statement is true, and the hash by which it is told from a later edition."""

    name: Word = Field(description="What it is.", examples=["access review, second quarter"])
    url: Annotated[str, Field(pattern=URL, max_length=10_000)] | None = Field(
        default=None, description="Where it is; http or https."
    )
    digest: Word | None = Field(default=None, description="Its hash, with the algorithm.", examples=["sha256:9f86d081"])

    @model_validator(mode="after")
    def _found(self) -> Evidence:
        if self.url is None and self.digest is None:
            raise fault("shows nothing", "`url`, `digest`, or both")
        return self


class Attestation(Entity):
    """What no graph can show, stated by somebody, with evidence, until it has to be looked at again.

    It is about `entities` and all that `select` fits; about the whole house if it has neither. One whose `review` has
    come counts no longer, and is a finding.
    """

    kind: Literal["Attestation"] = Field(description="The word Attestation.")
    name: Named = Field(description="Unique among attestations.")
    control: Control = Field(description="The requirement it is about.")
    statement: Text = Field(min_length=1, description="What is so, in a sentence or two.")
    owner: OwnerRef = Field(description="Who states it and answers for it.")
    date: Moment = Field(description="When it was stated.")
    review: Moment = Field(description="From then on it is out of date; nothing is true for ever.")
    evidence: Several[Evidence] = Field(default_factory=list, description="What shows that it is so.")
    entities: Several[EntityRef] = Field(default_factory=list, description="It is about these entities.")
    select: Selector | None = Field(default=None, description="It is about all these entities.")

    @model_validator(mode="after")
    def _forwards(self) -> Attestation:
        if self.review <= self.date:
            raise fault("`review` is not after `date`", at="review")
        return self
