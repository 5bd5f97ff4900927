"""Lineage: one typed question, nodes and edges back, and everything that is missing said."""

from __future__ import annotations

from enum import Enum

import strawberry
from strawberry.types import Info

from catalog.api.graphql.assets import Dataset, Job, to_dataset, to_job
from catalog.api.graphql.context import context_of
from catalog.api.graphql.entities import kinds_of
from catalog.api.graphql.evidence import Evidence, edge_id, to_evidence
from catalog.api.graphql.moments import AS_OF, KNOWN_AT, STALE
from catalog.assets.keys import Kind as EntityKind
from catalog.assets.keys import manifest_id
from catalog.clock import to_iso
from catalog.errors import InvalidQuestion
from catalog.graph.evidence import Evidence as Found
from catalog.graph.views import EVERYTHING, View
from catalog.graph.walk import PRESENT, Edge, Moment, Node
from catalog.identity import Name, dataset_id
from catalog.usecases.agreement import Agreement, agreements, told_apart
from catalog.usecases.columns import check_column
from catalog.usecases.moments import Standing, time_of
from catalog.usecases.trace import LineageAnswer, lineage


@strawberry.enum(description="What a node of lineage is.")
class NodeKind(Enum):
    """What a node is."""

    DATASET = "DATASET"
    JOB = "JOB"
    FIELD = "FIELD"


@strawberry.enum(description="Which way to walk: where it came from, what it feeds, or both.")
class Direction(Enum):
    """Which way to walk."""

    UPSTREAM = "UPSTREAM"
    DOWNSTREAM = "DOWNSTREAM"
    BOTH = "BOTH"


@strawberry.enum(
    description="ALL: datasets and jobs. DATASET, JOB: the other kind collapsed into edges. FIELD: columns."
)
class Granularity(Enum):
    """How fine the answer is."""

    ALL = "ALL"
    DATASET = "DATASET"
    JOB = "JOB"
    FIELD = "FIELD"


@strawberry.enum(
    description="ALL: every edge that holds. LATEST_RUN: of those, what the latest completed run of each job asserted."
)
class LineageView(Enum):
    """Which edges count."""

    ALL = "ALL"
    LATEST_RUN = "LATEST_RUN"


@strawberry.enum(description="Who says so: observed in a run, declared beforehand, or inferred from SQL.")
class Origin(Enum):
    """Who says so."""

    OBSERVED = "O"
    DECLARED = "D"
    INFERRED = "I"


@strawberry.enum(
    description="DIRECT: a value is made of another. INDIRECT: it depends on it by a filter, a join, an order."
)
class Transformation(Enum):
    """How a column depends on another."""

    DIRECT = "DIRECT"
    INDIRECT = "INDIRECT"


@strawberry.input(description="Where lineage starts. A field asks for the lineage of that column.")
class LineageRoot:
    """Where lineage starts."""

    namespace: str = strawberry.field(description="OpenLineage namespace, exactly as sent.")
    name: str = strawberry.field(description="OpenLineage name, exactly as sent.")
    kind: NodeKind = strawberry.field(default=NodeKind.DATASET, description="DATASET or JOB.")
    field: str | None = strawberry.field(default=None, description="A column of the dataset, by its dotted path.")


strawberry.enum(
    Agreement,
    description="Whether what is declared was seen. BOTH: declared, and a run was seen to do it. DECLARED_ONLY: no run "
    "was seen to do it. OBSERVED_ONLY: nobody declares it. Lineage that is declared from dataset to dataset is seen "
    "where a job reads the one and writes the other.",
)
_ORIGINS = {origin.value: origin.name for origin in Origin}
_OF_COLUMNS = {transformation.value for transformation in Transformation}


@strawberry.type(description="A dataset, job or column of a lineage answer.")
class LineageNode:
    """A node."""

    id: strawberry.ID = strawberry.field(description="What edges refer to.")
    kind: NodeKind = strawberry.field(description="What it is.")
    namespace: str = strawberry.field(description="Its namespace (a column's: its dataset's).")
    name: str = strawberry.field(description="Its name (a column's: its dataset's).")
    field: str | None = strawberry.field(description="The column's dotted path.")
    moment: strawberry.Private[Moment] = PRESENT

    @strawberry.field(
        description="What it is as an entity: a DATASET, unless it is declared or described as a MODEL_VERSION, a "
        "DEPLOYMENT or a DASHBOARD; a PIPELINE for jobs. Null for columns."
    )
    async def entity_kind(self, info: Info) -> EntityKind | None:
        """What it is as an entity."""
        if self.kind is NodeKind.FIELD:
            return None
        if self.kind is NodeKind.JOB:
            return EntityKind.PIPELINE
        return (await kinds_of(info, [Name(self.namespace, self.name)]))[0]

    @strawberry.field(description="The job, for job nodes.")
    async def job(self, info: Info) -> Job | None:
        """The job."""
        if self.kind is not NodeKind.JOB:
            return None
        row = await context_of(info).jobs.load(self.id)
        return to_job(row, self.moment) if row else None

    @strawberry.field(description="The dataset, for dataset and column nodes.")
    async def dataset(self, info: Info) -> Dataset | None:
        """The dataset."""
        if self.kind is NodeKind.JOB:
            return None
        row = await context_of(info).datasets.load(dataset_id(Name(self.namespace, self.name)))
        return to_dataset(row, self.moment) if row else None

    @strawberry.field(
        description="Whether the dataset is gone: dropped, or known by another name only; lineage goes through it all "
        "the same. Null for jobs."
    )
    async def dropped(self, info: Info) -> bool | None:
        """Whether it is gone."""
        if self.kind is NodeKind.JOB:
            return None
        found = await context_of(info).lifecycles.load((self.moment, dataset_id(Name(self.namespace, self.name))))
        return found is not None and found.gone


@strawberry.type(description="An edge, pointing the way data flows (SAME_AS: two names of one thing).")
class LineageEdge:
    """An edge."""

    source: strawberry.ID = strawberry.field(description="Data flow from this node.")
    target: strawberry.ID = strawberry.field(description="Data flow to this node.")
    kind: str = strawberry.field(
        description="READS (dataset to job), WRITES (job to dataset), DERIVES_FROM (input to what derives from it), "
        "FEEDS (job to job), SAME_AS, HAS_FIELD."
    )
    origin: str | None = strawberry.field(
        description="OBSERVED, DECLARED, or INFERRED (from SQL); null for collapsed edges."
    )
    transformation_type: str | None = strawberry.field(
        description="DIRECT or INDIRECT, for columns; RENAME from a dataset's old name to its new one."
    )
    transformation_subtype: str | None = strawberry.field(description="IDENTITY, AGGREGATION, FILTER, JOIN, …")
    masking: bool | None = strawberry.field(description="Whether the transformation hides the value, for columns.")
    description: str | None = strawberry.field(description="The producer's words, for columns.")
    job: strawberry.ID | None = strawberry.field(description="The job whose runs assert it.")
    via: list[strawberry.ID] = strawberry.field(description="The jobs or datasets collapsed into it.")
    basis: str | None = strawberry.field(
        description="What is known of which inputs made the output. EXPLICIT: the lineage facet says so, if only that "
        "there are none; DANGLING: it leaves the output open; COLUMN: the column lineage shows it; PRODUCT: nothing is "
        "known, so every input may feed it. Of edges to what is made: WRITES (null: nothing is known), DERIVES_FROM."
    )
    whole_dataset: bool | None = strawberry.field(
        description="Whether the dataset as a whole depends on the column (a filter, a join), for columns."
    )
    agreement: Agreement | None = strawberry.field(
        description="Whether it is declared, was seen, or both; null for collapsed and SAME_AS edges, and where the "
        "answer leaves edges out by origin, age, latest run or the cap on edges."
    )
    id: strawberry.ID | None = strawberry.field(
        description="What `evidence` is asked by for the entries behind it; null for collapsed and SAME_AS edges."
    )
    key: strawberry.Private[str] = ""
    subject: strawberry.Private[str] = ""
    moment: strawberry.Private[Moment] = PRESENT

    @strawberry.field(description="How often, when and by whom it was asserted; null for collapsed and SAME_AS edges.")
    async def evidence(self, info: Info) -> Evidence | None:
        """Its evidence."""
        if not self.key or not self.subject:
            return None
        if self.moment.past:
            raise InvalidQuestion("evidence counts all that is known now; ask without asOf and knownAt")
        found: Found | None = await context_of(info).evidence.load((self.subject, self.key))
        if found is None:
            return None
        return to_evidence(found, context_of(info).service)


@strawberry.type(description="A lineage answer: a subgraph, and what is missing from it.")
class Lineage:
    """A lineage answer."""

    root: strawberry.ID = strawberry.field(description="The node it starts at.")
    nodes: list[LineageNode] = strawberry.field(description="All nodes, the root included.")
    edges: list[LineageEdge] = strawberry.field(description="All edges between them that the walk met.")
    complete: bool = strawberry.field(description="Whether nothing was cut off.")
    truncated_by: list[str] = strawberry.field(description="What cut it off: DEPTH, NODES, EDGES, TIME.")
    frontier: list[strawberry.ID] = strawberry.field(description="Nodes behind which there is more.")
    hidden_count: int = strawberry.field(description="Nodes left out because the reader may not see them.")
    sequence: int = strawberry.field(description="Newest accepted entry when the question was asked.")
    applied_through: int = strawberry.field(description="Every entry up to this one was in the answer.")
    as_of: str | None = strawberry.field(description=AS_OF)
    known_at: int | None = strawberry.field(description=KNOWN_AT)
    stale: bool = strawberry.field(description=STALE)


async def answer(
    info: Info,
    root: LineageRoot,
    direction: Direction,
    depth: int,
    granularity: Granularity,
    moment: Moment,
    view: View = EVERYTHING,
    roll_up: bool = False,
) -> Lineage | None:
    """Answer one lineage question; None if there is no such root."""
    ctx = context_of(info)
    found = await ctx.call(
        lineage,
        ctx.reader,
        kind=root.kind.value,
        name=Name(root.namespace, root.name),
        field=root.field,
        direction=direction.value,
        depth=depth,
        granularity=granularity.value,
        moment=moment,
        view=view,
        roll_up=roll_up,
    )
    if found and root.field is not None and not found.edges:
        await ctx.call(check_column, ctx.reader, Name(root.namespace, root.name), root.field, moment)
    return _to_lineage(found, told_apart(view, found.truncated_by)) if found else None


def to_view(
    view: LineageView,
    seen_since: str | None,
    origins: list[Origin] | None,
    transformations: list[Transformation] | None,
) -> View:
    """The choice of edges that the arguments give.

    Raises:
        InvalidQuestion: no origin or transformation at all, or a time that is none.
    """
    if transformations is not None and not transformations:
        raise InvalidQuestion("transformations: [] leaves nothing to walk; leave it out for both")
    if origins is not None and not origins:
        raise InvalidQuestion("origins: [] leaves nothing to walk; leave it out for all")
    return View(
        origins=frozenset(origin.value for origin in origins) if origins else None,
        since=time_of("seenSince", seen_since) if seen_since is not None else None,
        latest=view is LineageView.LATEST_RUN,
        transformations=frozenset(t.value for t in transformations) if transformations else None,
    )


def _to_lineage(found: LineageAnswer, apart: bool) -> Lineage:
    known = agreements(found.edges, found.nodes) if apart else {}
    return Lineage(
        root=strawberry.ID(found.root.id),
        nodes=[to_node(node, found.moment) for node in found.nodes],
        edges=[to_edge(edge, found.moment, known.get(edge)) for edge in found.edges],
        complete=found.complete,
        truncated_by=list(found.truncated_by),
        frontier=[strawberry.ID(id_) for id_ in found.frontier],
        hidden_count=found.hidden,
        sequence=found.sequence,
        applied_through=found.applied_through,
        as_of=to_iso(found.moment.as_of),
        known_at=found.moment.known_at,
        stale=Standing(found.sequence, found.applied_through).is_stale(found.moment),
    )


def to_node(node: Node, moment: Moment) -> LineageNode:
    """A node as the API shows it."""
    return LineageNode(
        id=strawberry.ID(node.id),
        kind=NodeKind(node.kind),
        namespace=node.namespace,
        name=node.name,
        field=node.field,
        moment=moment,
    )


def to_edge(edge: Edge, moment: Moment, agreement: Agreement | None = None) -> LineageEdge:
    """An edge as the API shows it."""
    column = edge.type in _OF_COLUMNS
    subject = edge.job or (edge.target if edge.kind == "DERIVES_FROM" else "")
    if edge.manifest:
        subject = manifest_id(edge.manifest)
    return LineageEdge(
        source=strawberry.ID(edge.source),
        target=strawberry.ID(edge.target),
        kind=edge.kind,
        origin=_ORIGINS.get(edge.origin),
        transformation_type=edge.type or None,
        transformation_subtype=edge.subtype or None,
        masking=edge.masking if column else None,
        description=edge.description or None,
        job=strawberry.ID(edge.job) if edge.job else None,
        via=[strawberry.ID(id_) for id_ in edge.via],
        basis=edge.basis or None,
        whole_dataset=edge.whole if column else None,
        agreement=agreement,
        id=edge_id(subject, edge.key) if subject and edge.key else None,
        key=edge.key,
        subject=subject,
        moment=moment,
    )
