"""The part of the schema that is about judging: findings, evaluations, and ordering one."""

from __future__ import annotations

from typing import Annotated, cast

import strawberry
from strawberry import argument
from strawberry.scalars import JSON
from strawberry.types import Info

from catalog.api.graphql import findings, orders
from catalog.api.graphql.context import context_of
from catalog.api.graphql.findings import Finding, Findings, FindingStanding, FindingState, Severity
from catalog.api.graphql.kinds import EntityRef
from catalog.api.graphql.moments import AS_OF_GIVEN, KNOWN_AT_GIVEN, moment_of
from catalog.api.graphql.orders import Order
from catalog.api.graphql.paging import After, Connection, First, connect_newest
from catalog.checks.choosing import pack_names
from catalog.clock import to_iso
from catalog.graph import finding_pages
from catalog.graph import findings as graph_findings
from catalog.usecases.evaluation_orders import EVALUATE, Asked

ID_GIVEN = "Its `id`; of one that is open or waived a unique beginning of it will do, of 6 characters or more."


@strawberry.type(description="What became of a policy's subjects at an evaluation.")
class PolicyCount:
    """Counts of a policy."""

    policy: str = strawberry.field(description="The policy.")
    version: str = strawberry.field(description="Its version.")
    pack: str = strawberry.field(description="Its pack, or the manifest that declares it.")
    sha256: str = strawberry.field(description="Of its canonical document.")
    outcomes: JSON = strawberry.field(
        description="Subjects by outcome: PASS, FAIL, ERROR, NOT_APPLICABLE, WAIVED; those that are none are left out."
    )


@strawberry.type(description="An evaluation of the present that is kept.")
class Evaluation:
    """An evaluation."""

    number: int = strawberry.field(description="Its place among those that are kept.")
    kind: str = strawberry.field(
        description="WHOLE: of everything. TOUCHED: of what entries touched, kept if it changed a finding. PLACES: of "
        "what somebody named."
    )
    at: str = strawberry.field(description="The moment that was judged, ISO-8601.")
    known_at: int = strawberry.field(description="Entries up to this sequence counted.")
    packs: list[str] = strawberry.field(description="The packs of policies.")
    started: str = strawberry.field(description="When it began, ISO-8601.")
    seconds: float = strawberry.field(description="How long it took until findings were written.")
    things: int = strawberry.field(description="How many things were judged.")
    entries: int = strawberry.field(description="How many entries it took in.")
    moved: JSON = strawberry.field(
        description="Findings that it covered: OPENED, REOPENED, RESOLVED, WAIVED, and KEPT as they were."
    )
    unknown: list[str] = strawberry.field(description="What could not be read, and what is wrong with policies.")
    complete: bool = strawberry.field(description="False: its worker ended in the middle, or is at work.")
    policies: list[PolicyCount] = strawberry.field(description="Policies by name, with their counts.")


@strawberry.input(description="What is to be judged: the present and everything, if nothing is given.")
class EvaluateInput:
    """What is to be judged."""

    packs: list[str] = strawberry.field(
        default_factory=list,
        description="By these packs, or `all`. Findings are reconciled only by those of HEADWATER_PACKS; by others the "
        "question is answered.",
    )
    entities: list[EntityRef] = strawberry.field(default_factory=list, description="Only these.")
    as_of: str | None = strawberry.field(default=None, description=AS_OF_GIVEN)
    known_at: str | None = strawberry.field(default=None, description=KNOWN_AT_GIVEN)
    by: str | None = strawberry.field(default=None, description="Who asks, kept as given.")


@strawberry.type
class EvaluationQueries:
    """Questions about findings."""

    @strawberry.field(
        description="What does not hold: findings by state, severity, policy and thing. Refused where nobody knows the "
        "policy, the pack or the entity."
    )
    async def findings(
        self,
        info: Info,
        policy: Annotated[str | None, argument(description="Only of this policy.")] = None,
        pack: Annotated[
            str | None,
            argument(
                description="Only of this pack, or of the policies that this manifest declares; `all` for every one."
            ),
        ] = None,
        severity: Annotated[Severity | None, argument(description="Only of this severity.")] = None,
        state: Annotated[
            FindingState | None, argument(description="Only in this state; null for all.")
        ] = FindingState.OPEN,
        entity: Annotated[EntityRef | None, argument(description="Only about this, or one of its columns.")] = None,
        owner: Annotated[str | None, argument(description="Only those that it answers for: team:orders.")] = None,
        due_before: Annotated[str | None, argument(description="Only those due before this time, ISO-8601.")] = None,
        first: First = 50,
        after: After = None,
    ) -> Findings:
        """Findings."""
        choice = await findings.choice_of(info, state, severity, policy, pack, entity, owner, due_before)
        return await findings.page(info, choice, entity, first, after)

    @strawberry.field(description="One finding. Null: there is none of this id, or the reader may not see it.")
    async def finding(self, info: Info, id: Annotated[strawberry.ID, argument(description=ID_GIVEN)]) -> Finding | None:
        """One finding."""
        return await findings.find(info, str(id))

    @strawberry.field(description="How far findings are.")
    async def finding_standing(self, info: Info) -> FindingStanding:
        """How far findings are."""
        return await findings.read_standing(info)

    @strawberry.field(description="Evaluations of the present, the newest first.")
    async def evaluations(self, info: Info, first: First = 20, after: After = None) -> Connection[Evaluation]:
        """Evaluations."""
        ctx = context_of(info)

        async def ask(before: int | None, limit: int) -> list[graph_findings.Evaluation]:
            return await ctx.call(finding_pages.evaluations, ctx.reader, before=before, limit=limit)

        return await connect_newest("evaluations", first, after, ask, _to_evaluation)


@strawberry.type
class EvaluationDecisions:
    """Ordering an evaluation."""

    @strawberry.mutation(
        description="Have the catalog judged; `order` tells how far it is, and what came out. The same that waits "
        "already is not ordered twice."
    )
    async def evaluate(
        self, info: Info, input: Annotated[EvaluateInput | None, argument(description="What.")] = None
    ) -> Order:
        """Order an evaluation."""
        given = input or EvaluateInput()
        pack_names(given.packs)
        moment = await moment_of(info, given.as_of, given.known_at)
        entities = tuple(entity.key() for entity in given.entities)
        asked = Asked(tuple(given.packs), entities, moment.as_of, moment.known_at)
        return await orders.place(info, EVALUATE, asked.to_json(), given.by)


def _to_evaluation(one: graph_findings.Evaluation) -> Evaluation:
    return Evaluation(
        number=one.number,
        kind=one.kind,
        at=to_iso(one.at) or "",
        known_at=one.known_at,
        packs=list(one.packs),
        started=to_iso(one.started) or "",
        seconds=one.seconds,
        things=one.things,
        entries=one.entries,
        moved=cast(JSON, dict(one.moved)),
        unknown=list(one.unknown),
        complete=one.done,
        policies=[
            PolicyCount(
                policy=name, version=version, pack=pack, sha256=hash_, outcomes=cast(JSON, one.counts.get(name))
            )
            for name, version, pack, hash_ in one.policies
        ],
    )
