"""Findings: what does not hold, since when, for whom, why, and what to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

import strawberry
from strawberry.types import Info

from catalog.api.graphql.context import context_of
from catalog.api.graphql.entities import Entity
from catalog.api.graphql.kinds import EntityRef
from catalog.api.graphql.paging import Edge, PageInfo, check_first, connect, decode, encode
from catalog.api.graphql.witness import Witness, entity_of, to_witness
from catalog.assets.keys import Key, dataset_of, thing_id
from catalog.checks.choosing import ALL
from catalog.checks.reconciliation import SEVERITIES
from catalog.clock import to_iso
from catalog.graph import finding_pages
from catalog.graph import watch as watching
from catalog.graph.finding_pages import Choice, Event, Known
from catalog.graph.walk import PRESENT
from catalog.usecases.finding_names import Names, check_names
from catalog.usecases.moments import time_of

LIST = "findings"


@strawberry.enum(description="How bad it is.")
class Severity(Enum):
    """How bad it is."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"


@strawberry.enum(
    description="OPEN: it does not hold. RESOLVED: an evaluation did not find it any more. WAIVED: an unexpired waiver "
    "covers it."
)
class FindingState(Enum):
    """The state of a finding."""

    OPEN = "OPEN"
    RESOLVED = "RESOLVED"
    WAIVED = "WAIVED"


@strawberry.enum(
    description="FAIL: the policy does not hold. ERROR: it could not be evaluated, which is no pass. WAIVED: it does "
    "not hold, and a waiver covers that."
)
class FindingOutcome(Enum):
    """What became of the policy."""

    FAIL = "FAIL"
    ERROR = "ERROR"
    WAIVED = "WAIVED"


@strawberry.type(description="What became of a finding at an evaluation; nothing is logged while it stays as it is.")
class FindingEvent:
    """A transition."""

    kind: str = strawberry.field(description="OPENED, RESOLVED, REOPENED, WAIVED.")
    at: str = strawberry.field(description="The moment that was judged, ISO-8601.")
    known_at: int = strawberry.field(description="Entries up to this sequence counted.")
    evaluation: int = strawberry.field(description="The number of the evaluation.")
    severity: Severity = strawberry.field(description="How bad it was.")
    reason: str | None = strawberry.field(description="Why, where that can be said; of WAIVED the waiver.")


@strawberry.type(description="A control of a law or a standard that a policy is for.")
class PolicyControl:
    """A control."""

    framework: str = strawberry.field(description="Such as GDPR.")
    ref: str = strawberry.field(description="Such as Art. 30.")


@strawberry.type(description="A policy as it was judged by.")
class FindingPolicy:
    """A policy."""

    name: str = strawberry.field(description="Its name.")
    version: str | None = strawberry.field(description="Its version; null where its text is not kept.")
    pack: str = strawberry.field(description="The pack it came with, or the manifest that declares it.")
    sha256: str = strawberry.field(description="Of its canonical document.")
    breaks: str | None = strawberry.field(description="What is wrong where it fails.")
    description: str | None = strawberry.field(description="Why it matters.")
    remedy: str | None = strawberry.field(description="What to do about it.")
    source: str | None = strawberry.field(description="Where the rule comes from.")
    controls: list[PolicyControl] = strawberry.field(description="What it is for.")


@strawberry.type(description="A policy that does not hold of something, or could not be evaluated.")
class Finding:
    """A finding."""

    id: strawberry.ID = strawberry.field(description="The same over evaluations: of its policy and what it is about.")
    state: FindingState = strawberry.field(description="Whether it is open.")
    outcome: FindingOutcome = strawberry.field(description="What became of the policy when it was judged last.")
    severity: Severity = strawberry.field(description="How bad it is.")
    message: str = strawberry.field(description="What is wrong, for people.")
    policy_name: str = strawberry.field(description="The policy.")
    entity: Entity | None = strawberry.field(description="What it is about; of a flow the sink. Null: not known.")
    field: str | None = strawberry.field(description="The column it is about; null for the whole.")
    source: Entity | None = strawberry.field(description="Of a flow where it began.")
    source_field: str | None = strawberry.field(description="The column where it began.")
    owners: list[str] = strawberry.field(description="Who answers for it, such as team:orders.")
    waiver: str | None = strawberry.field(description="The waiver that covers it.")
    first_seen: str = strawberry.field(description="When an evaluation found it the first time, ISO-8601.")
    last_seen: str = strawberry.field(description="When one that covers it found it the last time, ISO-8601.")
    opened_at: str = strawberry.field(description="When it was opened, or opened again, ISO-8601.")
    resolved_at: str | None = strawberry.field(description="When an evaluation did not find it any more, ISO-8601.")
    due_at: str | None = strawberry.field(
        description="Until when it is to be resolved, ISO-8601: 7 days from `openedAt` for critical, 30 for high, 90 "
        "for medium, 180 for low. Null for info, and while it is not open."
    )
    evaluation: int = strawberry.field(description="The number of the evaluation that changed it last.")
    witness: Witness = strawberry.field(description="What it rests on.")
    own: strawberry.Private[Known]

    @strawberry.field(description="The policy as it was judged by, with what to do about the finding.")
    async def policy(self, info: Info) -> FindingPolicy:
        """Its policy."""
        own = self.own
        document = await context_of(info).policy_texts.load(own.text) or {}
        return FindingPolicy(
            name=own.policy,
            version=document.get("version"),
            pack=own.pack,
            sha256=own.text,
            breaks=document.get("breaks"),
            description=document.get("description"),
            remedy=document.get("remedy"),
            source=document.get("source"),
            controls=[PolicyControl(framework=c["framework"], ref=c["ref"]) for c in document.get("controls", ())],
        )

    @strawberry.field(description="What became of it, oldest first.")
    async def history(self, info: Info) -> list[FindingEvent]:
        """Its history."""
        return [_to_event(event) for event in await context_of(info).finding_histories.load(self.own.id) or ()]


@strawberry.type(description="How many findings are open.")
class OpenFindings:
    """Open findings by severity."""

    severity: Severity = strawberry.field(description="How bad they are.")
    count: int = strawberry.field(description="How many, whoever may see them.")


@strawberry.type(description="How far findings are, and what they may not say.")
class FindingStanding:
    """How far findings are."""

    evaluated_at: str | None = strawberry.field(
        description="The moment of the newest evaluation that looked at findings, ISO-8601; null: there was none yet."
    )
    evaluated_through: int = strawberry.field(description="Every entry up to this one was judged.")
    applied_through: int = strawberry.field(description="Every entry up to this one is in the graph.")
    stale: bool = strawberry.field(description="Whether entries that are in the graph were not judged yet.")
    whole_at: str | None = strawberry.field(
        description="When everything was judged last, ISO-8601: policies about time say no more than that."
    )
    failing_policies: list[str] = strawberry.field(
        description="Policies that could not be evaluated for something since then: nothing passes by them there."
    )
    unknown: list[str] = strawberry.field(description="What could not be read then, in words.")
    broken: str | None = strawberry.field(
        description="Why what is due could not be judged, such as for want of memory; findings are as old as "
        "`evaluatedAt` until it is. Null: it could."
    )
    broken_since: str | None = strawberry.field(description="Since when it could not, ISO-8601.")
    packs: list[str] = strawberry.field(description="The packs that the catalog is judged by.")
    open: list[OpenFindings] = strawberry.field(description="Open findings, the worst first.")
    waived: int = strawberry.field(description="Findings that are waived.")


@strawberry.type(description="A page of findings, and how far they are.")
class Findings:
    """A page of findings."""

    edges: list[Edge[Finding]] = strawberry.field(description="The findings: by state, severity, policy, thing.")
    page_info: PageInfo = strawberry.field(description="Where this page ends.")
    notices: list[str] = strawberry.field(
        description="Of an empty first page, why nothing can be found by what was asked for: a pack that the catalog "
        "is not judged by, an owner whom nobody declares."
    )
    choice: strawberry.Private[Choice]

    @strawberry.field(description="How many there are in all that the reader may see, counted when selected.")
    async def total_count(self, info: Info) -> int:
        """How many there are."""
        seen, _ = await context_of(info).finding_counts.load(self.choice)
        return int(seen)

    @strawberry.field(description="How many more there are that speak of what the reader may not see.")
    async def hidden_count(self, info: Info) -> int:
        """How many are hidden."""
        _, hidden = await context_of(info).finding_counts.load(self.choice)
        return int(hidden)

    @strawberry.field(description="How far findings are.")
    async def standing(self, info: Info) -> FindingStanding:
        """How far findings are."""
        return await read_standing(info)


async def choice_of(
    info: Info,
    state: FindingState | None,
    severity: Severity | None,
    policy: str | None,
    pack: str | None,
    entity: EntityRef | None,
    owner: str | None,
    due_before: str | None,
) -> Choice:
    """Which findings are asked for.

    Raises:
        InvalidQuestion: a moment or a reference is none.
    """
    return Choice(
        state=state.value if state else None,
        severity=severity.value if severity else None,
        policy=policy,
        pack=None if pack == ALL else pack,
        things=tuple(await thing_ids(info, entity.key())) if entity else None,
        owner=owner,
        due_before=None if due_before is None else time_of("dueBefore", due_before),
    )


async def page(info: Info, choice: Choice, entity: EntityRef | None, first: int, after: str | None) -> Findings:
    """A page of findings.

    Raises:
        UnknownKey: nobody knows the policy, the pack or the entity that they are asked for by.
    """
    ctx, key, limit = context_of(info), decode(LIST, after, str), check_first(first) + 1
    found = await ctx.call(finding_pages.page, ctx.reader, choice, key[0] if key else None, limit)
    shown = connect([(encode(LIST, one.ord), to_finding(one)) for one in found], first)
    notices: list[str] = []
    if not found and after is None:
        names = Names(choice.policy, choice.pack, entity.key() if entity else None, choice.owner)
        notices = await ctx.call(check_names, ctx.reader, names, ctx.service.settings.pack_names)
    return Findings(edges=shown.edges, page_info=shown.page_info, notices=notices, choice=choice)


async def find(info: Info, id_: str) -> Finding | None:
    """One finding.

    Raises:
        InvalidQuestion: the ids of several begin so.
    """
    ctx = context_of(info)
    found = await ctx.call(finding_pages.find, ctx.reader, id_)
    return to_finding(found) if found else None


async def of_entity(info: Info, key: Key, first: int) -> list[Finding]:
    """Open findings about an entity, the worst first."""
    ctx = context_of(info)
    choice = Choice(state="OPEN", things=tuple(await thing_ids(info, key)))
    return [to_finding(one) for one in await ctx.call(finding_pages.page, ctx.reader, choice, None, first)]


async def thing_ids(info: Info, key: Key) -> Sequence[str]:
    """The ids by which findings about an entity may go: those of all its names."""
    if dataset_of(key) is None:
        return [thing_id(key)]
    names = await context_of(info).names.load((PRESENT, thing_id(key)))
    return list(names.ids)


async def read_standing(info: Info) -> FindingStanding:
    """How far findings are."""
    ctx = context_of(info)
    found = await ctx.call(watching.watch, ctx.reader.store)
    inbox = await ctx.standing.load(None)
    return FindingStanding(
        evaluated_at=to_iso(found.at) if found.number else None,
        evaluated_through=found.through,
        applied_through=inbox.applied_through,
        stale=found.whole_at is None or inbox.applied_through > found.through,
        whole_at=to_iso(found.whole_at),
        failing_policies=list(found.failing),
        unknown=list(found.unknown),
        broken=found.broken or None,
        broken_since=to_iso(found.broken_since),
        packs=list(ctx.service.settings.pack_names),
        open=[OpenFindings(severity=Severity(one), count=found.open[one]) for one in SEVERITIES],
        waived=found.waived,
    )


def to_finding(one: Known) -> Finding:
    """A finding as the API shows it."""
    return Finding(
        id=strawberry.ID(one.id),
        state=FindingState(one.state),
        outcome=FindingOutcome(one.outcome),
        severity=Severity(one.severity),
        message=one.message,
        policy_name=one.policy,
        entity=entity_of(one.key),
        field=one.column or None,
        source=entity_of(one.witness["things"].get(one.source)),
        source_field=one.source_column or None,
        owners=list(one.owners),
        waiver=one.waiver or None,
        first_seen=to_iso(one.first) or "",
        last_seen=to_iso(one.last) or "",
        opened_at=to_iso(one.since) or "",
        resolved_at=to_iso(one.resolved),
        due_at=to_iso(one.due),
        evaluation=one.evaluation,
        witness=to_witness(one.witness),
        own=one,
    )


def _to_event(event: Event) -> FindingEvent:
    return FindingEvent(
        kind=event.kind,
        at=to_iso(event.at) or "",
        known_at=event.known,
        evaluation=event.evaluation,
        severity=Severity(event.severity),
        reason=event.reason or None,
    )
