"""The schema: every question and every decision of the API, each a line that names where it is answered."""

from __future__ import annotations

from typing import Annotated

import strawberry
from strawberry import argument
from strawberry.scalars import JSON
from strawberry.types import Info

from catalog.api.graphql import (
    assets,
    containers,
    diff,
    entities,
    evidence,
    identity,
    inbox,
    lineage,
    run_lineage,
    runs,
    search,
)
from catalog.api.graphql.assets import Dataset, Job, JobSort, Namespace
from catalog.api.graphql.classification import ClassificationMutations, ClassificationQueries
from catalog.api.graphql.consequences import ConsequenceQueries
from catalog.api.graphql.containers import Container
from catalog.api.graphql.diff import From, LineageDiff, To
from catalog.api.graphql.entities import Entities, Entity
from catalog.api.graphql.evaluations import EvaluationDecisions, EvaluationQueries
from catalog.api.graphql.evidence import EdgeEvidence
from catalog.api.graphql.identity import DatasetRef, IdentityConflict, IdentityDecision
from catalog.api.graphql.inbox import Entry, EntryState, Purge, Status
from catalog.api.graphql.limits import EXTENSIONS
from catalog.api.graphql.lineage import (
    Direction,
    Granularity,
    Lineage,
    LineageRoot,
    LineageView,
    Origin,
    Transformation,
    to_view,
)
from catalog.api.graphql.manifest_questions import ManifestDecisions, ManifestQuestions
from catalog.api.graphql.masking import MaskedSchema
from catalog.api.graphql.model_queries import ModelQueries
from catalog.api.graphql.moments import AsOf, KnownAt, moment_of
from catalog.api.graphql.orders import OrderQueries
from catalog.api.graphql.paging import After, Connection, First
from catalog.api.graphql.people import PeopleMutations, PeopleQueries
from catalog.api.graphql.projection import ProjectingExecutor
from catalog.api.graphql.reports import ReportMutations, ReportQueries
from catalog.api.graphql.retention import Retention, read_retention
from catalog.api.graphql.run_lineage import RunLineage
from catalog.api.graphql.runs import JobRef, Run
from catalog.api.graphql.search import AssetKind, SearchHit
from catalog.assets.keys import Kind
from catalog.lineage.runs import RunState
from catalog.usecases.choosing import Choice

NamespaceOf = Annotated[str, argument(description="OpenLineage namespace, exactly as sent.")]
NameOf = Annotated[str, argument(description="OpenLineage name, exactly as sent.")]
OnlyIn = Annotated[str | None, argument(description="Only in this namespace.")]
RunId = Annotated[strawberry.ID, argument(description="Its `id`.")]
EntryKey = Annotated[str, argument(description="The key of its receipt, or a unique beginning of it.")]
OneName = Annotated[DatasetRef, argument(description="The one name.")]
OtherName = Annotated[DatasetRef, argument(description="The other name.")]
WhereTo = Annotated[Direction, argument(description="Against the flow of the data, along it, or both.")]
Grain = Annotated[Granularity, argument(description="What the nodes are; of a column always FIELD.")]


@strawberry.type(description="Questions. Reads never write.")
class Query(
    ClassificationQueries,
    ConsequenceQueries,
    EvaluationQueries,
    ManifestQuestions,
    ModelQueries,
    OrderQueries,
    PeopleQueries,
    ReportQueries,
):
    """Questions."""

    @strawberry.field(description="Where a dataset, job or column came from, or what it feeds. Null: no such thing.")
    async def lineage(
        self,
        info: Info,
        start: Annotated[LineageRoot, argument(name="root", description="Where to start.")],
        direction: WhereTo = Direction.UPSTREAM,
        depth: Annotated[int, argument(description="How many datasets far to walk, 1 to 100.")] = 10,
        granularity: Grain = Granularity.ALL,
        as_of: AsOf = None,
        known_at: KnownAt = None,
        view: Annotated[LineageView, argument(description="Which edges.")] = LineageView.ALL,
        seen_since: Annotated[
            str | None, argument(description="Only edges with evidence since this event time, ISO-8601.")
        ] = None,
        origins: Annotated[
            list[Origin] | None, argument(description="Only edges of these origins; names of one thing always.")
        ] = None,
        transformations: Annotated[
            list[Transformation] | None, argument(description="Only column edges of these types; null for both.")
        ] = None,
        roll_up: Annotated[
            bool,
            argument(
                description="Show each job as its topmost known parent, and start at a job with all jobs below it. Of "
                "several parents the first by name counts."
            ),
        ] = False,
    ) -> Lineage | None:
        """Lineage."""
        moment, chosen = await moment_of(info, as_of, known_at), to_view(view, seen_since, origins, transformations)
        return await lineage.answer(info, start, direction, depth, granularity, moment, chosen, roll_up)

    @strawberry.field(description="What is behind an edge of lineage, by the edge's id. Null: nobody asserts it.")
    async def evidence(
        self, info: Info, edge: Annotated[strawberry.ID, argument(description="Its `id`.")]
    ) -> EdgeEvidence | None:
        """Evidence."""
        return await evidence.find(info, edge)

    @strawberry.field(description="One dataset by its exact names. Null: no such dataset.")
    async def dataset(
        self, info: Info, namespace: NamespaceOf, name: NameOf, as_of: AsOf = None, known_at: KnownAt = None
    ) -> Dataset | None:
        """One dataset."""
        return await assets.find_dataset(info, namespace, name, await moment_of(info, as_of, known_at))

    @strawberry.field(description="One job by its exact names. Null: no such job.")
    async def job(
        self, info: Info, namespace: NamespaceOf, name: NameOf, as_of: AsOf = None, known_at: KnownAt = None
    ) -> Job | None:
        """One job."""
        return await assets.find_job(info, namespace, name, await moment_of(info, as_of, known_at))

    @strawberry.field(
        description="One run by its id (not its runId, which several jobs may share). Null also where none of its "
        "events had happened, or was known, by then."
    )
    async def run(self, info: Info, id: RunId, as_of: AsOf = None, known_at: KnownAt = None) -> Run | None:
        """One run."""
        return await runs.find_run(info, id, await moment_of(info, as_of, known_at))

    @strawberry.field(description="What changed in a lineage from one moment to another, and why. Null: no such thing.")
    async def lineage_diff(
        self,
        info: Info,
        thing: Annotated[LineageRoot, argument(name="root", description="Where to start.")],
        start: From,
        end: To = None,
        direction: WhereTo = Direction.UPSTREAM,
        depth: Annotated[int, argument(description="How many datasets far to walk, 1 to 100.")] = 10,
        granularity: Grain = Granularity.ALL,
    ) -> LineageDiff | None:
        """What changed."""
        return await diff.answer(info, thing, start, end, direction, depth, granularity)

    @strawberry.field(description="What one run read, wrote and started, by its own events. Null: as for `run`.")
    async def run_lineage(
        self, info: Info, id: RunId, as_of: AsOf = None, known_at: KnownAt = None
    ) -> RunLineage | None:
        """The lineage of one run."""
        return await run_lineage.answer(info, id, await moment_of(info, as_of, known_at))

    @strawberry.field(description="Runs, last heard first. A page may be short while hasNextPage says to go on.")
    async def runs(
        self,
        info: Info,
        run_id: Annotated[str | None, argument(description="Only runs that events call so.")] = None,
        job: Annotated[JobRef | None, argument(description="Only of this job.")] = None,
        state: Annotated[RunState | None, argument(description="Only in this state.")] = None,
        first: First = 50,
        after: After = None,
        as_of: AsOf = None,
        known_at: KnownAt = None,
    ) -> Connection[Run]:
        """Runs."""
        moment = await moment_of(info, as_of, known_at)
        return await runs.page(info, first, after, job=runs.job_of(job), state=state, external=run_id, moment=moment)

    @strawberry.field(description="Namespaces by name.")
    async def namespaces(self, info: Info, first: First = 100, after: After = None) -> Connection[Namespace]:
        """Namespaces."""
        return await assets.page_namespaces(info, first, after)

    @strawberry.field(description="Datasets by namespace and name.")
    async def datasets(
        self, info: Info, namespace: OnlyIn = None, first: First = 50, after: After = None
    ) -> Connection[Dataset]:
        """Datasets."""
        return await assets.page_datasets(info, namespace, first, after)

    @strawberry.field(description="Jobs by namespace and name, or by their newest event.")
    async def jobs(
        self,
        info: Info,
        namespace: OnlyIn = None,
        sort: Annotated[JobSort, argument(description="In which order.")] = JobSort.NAME,
        first: First = 50,
        after: After = None,
    ) -> Connection[Job]:
        """Jobs."""
        return await assets.page_jobs(info, namespace, sort, first, after)

    @strawberry.field(description="Containers of datasets: the outermost ones of a namespace, or those in a parent.")
    async def containers(
        self,
        info: Info,
        namespace: OnlyIn = None,
        parent: Annotated[strawberry.ID | None, argument(description="The id of a container.")] = None,
        first: First = 50,
        after: After = None,
        as_of: AsOf = None,
        known_at: KnownAt = None,
    ) -> Connection[Container]:
        """Containers."""
        moment = await moment_of(info, as_of, known_at)
        return await containers.page(info, namespace, parent, first, after, moment)

    @strawberry.field(description="Things whose names have every word of the text, by prefix; best first.")
    async def search(
        self,
        info: Info,
        text: Annotated[str, argument(description="Words, or their beginnings.")],
        kind: Annotated[AssetKind | None, argument(description="Only of this kind.")] = None,
        limit: First = 20,
    ) -> list[SearchHit]:
        """Search."""
        return await search.find(info, text, kind, limit)

    @strawberry.field(
        description="One entity by its kind and exact names. Null: never declared, described or named by another, and "
        "no dataset or job either."
    )
    async def entity(
        self,
        info: Info,
        kind: Annotated[Kind, argument(description="What it is.")],
        name: Annotated[str, argument(description="Of a model version MODEL/VERSION.")],
        namespace: Annotated[
            str | None,
            argument(
                description="Of datasets, pipelines, dashboards; the environment of a deployment; the registry of a "
                "model (`models`, if it is not given); other kinds have none."
            ),
        ] = None,
        as_of: AsOf = None,
        known_at: KnownAt = None,
    ) -> Entity | None:
        """One entity."""
        return await entities.find_entity(info, kind, namespace, name, await moment_of(info, as_of, known_at))

    @strawberry.field(
        description="Entities that a manifest declares or a person describes, by kind and name. A page may be short "
        "while hasNextPage says to go on."
    )
    async def entities(
        self,
        info: Info,
        kind: Annotated[Kind | None, argument(description="Only of this kind.")] = None,
        namespace: OnlyIn = None,
        owner: Annotated[str | None, argument(description="Such as team:orders, whoever names it.")] = None,
        domain: Annotated[str | None, argument(description="Of this domain, or a part of it.")] = None,
        tag: Annotated[str | None, argument(description="With this tag, or one below it.")] = None,
        first: First = 50,
        after: After = None,
        as_of: AsOf = None,
        known_at: KnownAt = None,
    ) -> Entities:
        """Entities."""
        moment, choice = await moment_of(info, as_of, known_at), Choice(owner, domain, tag)
        return await entities.page_entities(info, kind, namespace, choice, first, after, moment)

    @strawberry.field(description="What became of an event, by the key of its receipt. Null: never accepted.")
    async def ingestion(self, info: Info, key: EntryKey) -> Entry | None:
        """One entry."""
        return await inbox.find_entry(info, key)

    @strawberry.field(
        description="The event of an entry as it was received, credentials removed. Null: never accepted, or purged."
    )
    async def event(self, info: Info, key: EntryKey) -> JSON | None:
        """The event of an entry."""
        return await inbox.read_event(info, key)

    @strawberry.field(description="Entries of the inbox, newest first.")
    async def inbox(
        self,
        info: Info,
        state: Annotated[EntryState | None, argument(description="Only in this state.")] = None,
        first: First = 50,
        after: After = None,
    ) -> Connection[Entry]:
        """Entries."""
        return await inbox.page_entries(info, state, first, after)

    @strawberry.field(
        description="Datasets whose names are alike by the rules of their stores, and of which nobody said whether "
        "they are one thing: suggestions. A page may be short while hasNextPage says to go on."
    )
    async def identity_conflicts(
        self,
        info: Info,
        namespace: Annotated[str | None, argument(description="Only groups with a name in it.")] = None,
        first: First = 20,
        after: After = None,
    ) -> Connection[IdentityConflict]:
        """Names that are alike."""
        return await identity.page_conflicts(info, namespace, first, after)

    @strawberry.field(
        description="What people decided about names, newest first: every merge and split, those taken back, too."
    )
    async def identity_decisions(
        self, info: Info, first: First = 50, after: After = None
    ) -> Connection[IdentityDecision]:
        """Merges and splits."""
        return await identity.page_decisions(info, first, after)

    @strawberry.field(description="How far the inbox is.")
    async def status(self, info: Info) -> Status:
        """Status."""
        return await inbox.read_status(info)

    @strawberry.field(description="How far back the catalog goes, and how the newest prune went.")
    async def retention(self, info: Info) -> Retention:
        """Retention."""
        return await read_retention(info)


@strawberry.type(description="Decisions.")
class Mutation(ClassificationMutations, EvaluationDecisions, ManifestDecisions, PeopleMutations, ReportMutations):
    """Decisions."""

    @strawberry.mutation(
        description="Decide that two names are one thing. Holds at every moment, once its entry is applied; "
        "splitDatasets takes it back."
    )
    async def merge_datasets(
        self, info: Info, a: OneName, b: OtherName, reason: identity.Reason, by: identity.By = None
    ) -> Entry:
        """Merge two names."""
        return await identity.decide(info, a, b, same=True, reason=reason, by=by)

    @strawberry.mutation(
        description="Decide that two names are two things, whatever symlinks say. Names that are tied through others "
        "only are refused, with the way between them. mergeDatasets takes it back."
    )
    async def split_datasets(
        self, info: Info, a: OneName, b: OtherName, reason: identity.Reason, by: identity.By = None
    ) -> Entry:
        """Split two names."""
        return await identity.decide(info, a, b, same=False, reason=reason, by=by)

    @strawberry.mutation(description="Apply a REJECTED or DEAD entry again. Null: none under this key, or purged.")
    async def retry_entry(self, info: Info, key: EntryKey) -> Entry | None:
        """Retry an entry."""
        return await inbox.retry(info, key)

    @strawberry.mutation(
        description="Take the events of REJECTED or DEAD entries that were settled before a time; the entries stay. "
        "One page of them: go on behind endCursor."
    )
    async def purge_payloads(
        self,
        info: Info,
        state: Annotated[EntryState, argument(description="REJECTED or DEAD.")],
        before: Annotated[str, argument(description="Settled before this time, ISO-8601.")],
        dry_run: Annotated[bool, argument(description="Only say what would be purged.")] = True,
        after: Annotated[str | None, argument(description="endCursor of the page before.")] = None,
    ) -> Purge:
        """Purge payloads."""
        return await inbox.purge_page(info, state, before, dry_run, after)


schema = MaskedSchema(
    query=Query, mutation=Mutation, extensions=list(EXTENSIONS), execution_context_class=ProjectingExecutor
)
