"""Entities: what people declare, describe and own, with who says each value, and what names what."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated, cast

import strawberry
from strawberry import argument
from strawberry.scalars import JSON
from strawberry.types import Info

from catalog.api.graphql.context import context_of
from catalog.api.graphql.described import Attributes, described
from catalog.api.graphql.paging import After, Connection, Edge, First, PageInfo, check_first, connect, decode, encode
from catalog.assets.keys import NAMESPACED, REGISTRY, Key, Kind, dataset_of, entity_id, job_of
from catalog.clock import to_iso
from catalog.errors import InvalidQuestion
from catalog.graph import entities
from catalog.graph.attributes import keys_of
from catalog.graph.walk import PRESENT, Moment
from catalog.identity import Name, dataset_id, job_id
from catalog.manifest.meaning import ROLES, meaning
from catalog.usecases.choosing import EVERYTHING, Choice, check, fits
from catalog.usecases.finding_names import unknown_names

if TYPE_CHECKING:
    from catalog.api.graphql.assets import Dataset, Job
    from catalog.api.graphql.findings import Finding

FindingLazy = Annotated["Finding", strawberry.lazy("catalog.api.graphql.findings")]
DatasetLazy = Annotated["Dataset", strawberry.lazy("catalog.api.graphql.assets")]
JobLazy = Annotated["Job", strawberry.lazy("catalog.api.graphql.assets")]
strawberry.enum(Kind, name="EntityKind", description="The kinds of entities. A PIPELINE is a job of events.")
SCANNED = 2_000
"""Entities that one page looks through for those that fit."""
PORTION = 250
_LIST, _REFERRING = "entities", "entities that name another"


@strawberry.type(description="A document of a manifest that tells of an entity.")
class Declaration:
    """A declaration."""

    manifest: str = strawberry.field(description="The manifest.")
    since: str | None = strawberry.field(description="Event time from which on it says exactly this, ISO-8601.")
    entry: str | None = strawberry.field(description="The key of the entry of the apply; null if it is not kept.")
    sequence: int = strawberry.field(description="The place of that entry in the inbox.")
    document: JSON = strawberry.field(description="The document in canonical form.")


@strawberry.type(description="That an entity names another.")
class EntityReference:
    """A reference."""

    role: str = strawberry.field(description="As what it is named, such as owner, domain, parent, input, trained_on.")
    entity: Entity = strawberry.field(description="The other one.")


@strawberry.type(
    description="A thing with a kind and a name that people declare, describe, or name as an owner, a term…"
)
class Entity(Attributes):
    """An entity."""

    id: strawberry.ID = strawberry.field(description="Stable id: a hash of kind, namespace and name.")
    kind: Kind = strawberry.field(description="What it is.")
    namespace: str = strawberry.field(
        description="Of datasets, pipelines and dashboards as events spell it; the registry of models, the environment "
        "of deployments; empty for other kinds."
    )
    name: str = strawberry.field(description="Its name; of a model version MODEL/VERSION.")

    @strawberry.field(description="The document that declares it, those of manifests before imported ones; else null.")
    async def declared_by(self, info: Info) -> Declaration | None:
        """Who declares it."""
        return next(iter(await self._declarations(info)), None)

    @strawberry.field(description="All documents that tell of it, under any of its names.")
    async def declarations(self, info: Info) -> list[Declaration]:
        """All documents."""
        return await self._declarations(info)

    @strawberry.field(description="The document of `declaredBy`; null where no manifest declares it.")
    async def document(self, info: Info) -> JSON | None:
        """Its document."""
        first = next(iter(await self._declarations(info)), None)
        return first.document if first else None

    @strawberry.field(description="Entities that its documents name, by role and name.")
    async def references(
        self,
        info: Info,
        roles: Annotated[list[str] | None, argument(description="Only these roles.")] = None,
        first: First = 100,
        after: After = None,
    ) -> Connection[EntityReference]:
        """What it names."""
        behind = decode("references", after, str, str, str, str)
        limit, wanted = check_first(first) + 1, _roles(roles)
        found = await described(info, self.key, self.moment)
        named = {ref for d in found.declarations for ref in meaning(d.key, d.document).refs}
        keyed = sorted(((role, *key), key) for role, key in named if wanted is None or role in wanted)
        shown = [(place, key) for place, key in keyed if behind is None or place > tuple(behind)][:limit]
        items = [
            (encode("references", *place), EntityReference(role=place[0], entity=to_entity(key, self.moment)))
            for place, key in shown
        ]
        return connect(items, first)

    @strawberry.field(description="Entities whose documents name it.")
    async def referenced_by(
        self,
        info: Info,
        roles: Annotated[list[str] | None, argument(description="Only these roles, such as owner.")] = None,
        first: First = 50,
        after: After = None,
    ) -> Connection[EntityReference]:
        """What names it."""
        return await _referring(info, self.key, _roles(roles), first, after, self.moment)

    @strawberry.field(
        description="What it is part of: of a domain, term or tag the one that its document names or, without that, "
        "the name up to the last slash; of a team the one it is part of."
    )
    async def parent(self, info: Info) -> Entity | None:
        """What it is part of."""
        found = await described(info, self.key, self.moment)
        refs = [
            ref for declaration in found.declarations for ref in meaning(declaration.key, declaration.document).refs
        ]
        key = next((key for role, key in refs if role == "parent"), None)
        return to_entity(key, self.moment) if key else None

    @strawberry.field(description="What is part of it: domains, terms, tags, teams whose parent it is.")
    async def children(self, info: Info, first: First = 50, after: After = None) -> Connection[Entity]:
        """Its parts."""
        found = await _referring(info, self.key, frozenset({"parent"}), first, after, self.moment)
        edges = [Edge(cursor=edge.cursor, node=edge.node.entity) for edge in found.edges]
        return Connection(edges=edges, page_info=found.page_info)

    @strawberry.field(description="What does not hold of it and its columns: open findings, the worst first.")
    async def findings(self, info: Info, first: First = 20) -> list[FindingLazy]:
        """Open findings about it."""
        from catalog.api.graphql.findings import of_entity

        return await of_entity(info, self.key, check_first(first))

    @strawberry.field(description="The dataset that it is in lineage; null for kinds that data never flow to.")
    async def dataset(self, info: Info) -> DatasetLazy | None:
        """The dataset it is."""
        from catalog.api.graphql.assets import to_dataset

        name = dataset_of(self.key)
        row = await context_of(info).datasets.load(dataset_id(name)) if name else None
        return to_dataset(row, self.moment) if row else None

    @strawberry.field(description="The job that a pipeline is; null for other kinds.")
    async def job(self, info: Info) -> JobLazy | None:
        """The job it is."""
        from catalog.api.graphql.assets import to_job

        name = job_of(self.key)
        row = await context_of(info).jobs.load(job_id(name)) if name else None
        return to_job(row, self.moment) if row else None

    async def _declarations(self, info: Info) -> list[Declaration]:
        found = await described(info, self.key, self.moment)
        return [
            Declaration(
                manifest=declaration.manifest,
                since=to_iso(declaration.since),
                entry=declaration.entry or None,
                sequence=declaration.sequence,
                document=cast(JSON, declaration.document),
            )
            for declaration in found.declarations
        ]


@strawberry.type(description="A page of entities.")
class Entities:
    """A page of entities."""

    edges: list[Edge[Entity]] = strawberry.field(description="The entities: by kind and name.")
    page_info: PageInfo = strawberry.field(description="Where this page ends.")
    notices: list[str] = strawberry.field(
        default_factory=list,
        description="Of an empty first page, which of the names that were asked for nobody declares nor uses.",
    )


def to_entity(key: Key, moment: Moment = PRESENT) -> Entity:
    """An entity as the API shows it."""
    id_ = strawberry.ID(entity_id(key))
    return Entity(id=id_, kind=key.kind, namespace=key.namespace, name=key.name, key=key, moment=moment)


async def find_entity(info: Info, kind: Kind, namespace: str | None, name: str, moment: Moment) -> Entity | None:
    """One entity by its key; None if it was never declared, described or named, and is no dataset or job either."""
    ctx, key = context_of(info), key_of(kind, namespace, name)
    row = await ctx.entities.load(entity_id(key))
    if row is None and (dataset := dataset_of(key)) is not None and kind is Kind.DATASET:
        row = await ctx.datasets.load(dataset_id(dataset))
    if row is None and (job := job_of(key)) is not None:
        row = await ctx.jobs.load(job_id(job))
    return to_entity(key, moment) if row else None


async def page_entities(
    info: Info, kind: Kind | None, namespace: str | None, choice: Choice, first: int, after: str | None, moment: Moment
) -> Entities:
    """Entities that are declared or described at a moment, by kind and name; a page may be short."""
    ctx, wanted = context_of(info), check_first(first)
    check(choice)
    key = decode(_LIST, after, str, str) or ["", ""]
    kinds = list(Kind) if kind is None else [kind]
    if key[0] and key[0] not in kinds:
        raise InvalidQuestion("this cursor belongs to a list of other kinds; use endCursor of the page before")
    portion = PORTION if choice != EVERYTHING else wanted + 1
    edges: list[Edge[Entity]] = []
    seen, last = 0, after
    async for rows in _portions(info, kinds[kinds.index(Kind(key[0])) if key[0] else 0 :], namespace, key[1], portion):
        found = await ctx.descriptions.load_many([(moment, row.key) for row in rows])
        for row, description in zip(rows, found, strict=True):
            here = (description.declarations or description.curated) and fits(choice, description.values.get("", {}))
            if seen >= SCANNED or (here and len(edges) >= wanted):
                return Entities(edges=edges, page_info=PageInfo(has_next_page=True, end_cursor=last))
            seen, last = seen + 1, encode(_LIST, str(row.kind), row.ord)
            if here:
                edges.append(Edge(cursor=last, node=to_entity(row.key, moment)))
    notices = [] if edges or after is not None else await ctx.call(unknown_names, ctx.reader, choice)
    return Entities(edges=edges, page_info=PageInfo(has_next_page=False, end_cursor=last), notices=notices)


async def _portions(
    info: Info, kinds: list[Kind], namespace: str | None, behind: str, limit: int
) -> AsyncIterator[list[entities.Entity]]:
    """Entities kind by kind, in portions."""
    ctx = context_of(info)
    for kind in kinds:
        while True:
            rows = await ctx.call(entities.page, ctx.reader, kind, after=behind, limit=limit, namespace=namespace)
            if rows:
                yield rows
            if len(rows) < limit:
                break
            behind = rows[-1].ord
        behind = ""


async def _referring(
    info: Info, key: Key, roles: frozenset[str] | None, first: int, after: str | None, moment: Moment
) -> Connection[EntityReference]:
    ctx, limit = context_of(info), check_first(first) + 1
    behind = decode(_REFERRING, after, str)
    if behind is None:
        found = await ctx.referring.load((moment, entity_id(key), roles, limit))
    else:
        found = await ctx.call(
            entities.referring, ctx.reader, entity_id(key), roles, after=behind[0], limit=limit, moment=moment
        )
    items = [
        (encode(_REFERRING, ref.cursor), EntityReference(role=ref.role, entity=to_entity(ref.entity.key, moment)))
        for ref in found
    ]
    return connect(items, first)


async def declared(info: Info, key: Key, moment: Moment) -> Entity | None:
    """The entity that a dataset or job is declared as, under any of its names; None where no manifest does."""
    found = await described(info, key, moment)
    first = next(iter(found.declarations), None)
    return to_entity(first.key, moment) if first else None


async def kinds_of(info: Info, names: list[Name]) -> list[Kind]:
    """What datasets of these names are, as far as somebody declares or describes them as anything else."""
    keys = [[key for key in keys_of(name) if key.kind is not Kind.DATASET] for name in names]
    rows = await context_of(info).entities.load_many([entity_id(key) for some in keys for key in some])
    known = {row.key for row in rows if row is not None}
    return [next((key.kind for key in some if key in known), Kind.DATASET) for some in keys]


def key_of(kind: Kind, namespace: str | None, name: str) -> Key:
    """The key that arguments give.

    Raises:
        InvalidQuestion: a namespace is missing, or there is one too many, or no name.
    """
    if not name.strip():
        raise InvalidQuestion("`name` is empty")
    if kind in (Kind.MODEL, Kind.MODEL_VERSION):
        return Key(kind, namespace or REGISTRY, name)
    if kind in NAMESPACED:
        if not namespace:
            raise InvalidQuestion(f"a {kind} has a namespace (of a Deployment, its environment); give it")
        return Key(kind, namespace, name)
    if namespace:
        raise InvalidQuestion(f"a {kind} has no namespace; leave {namespace[:80]!r} out")
    return Key(kind, "", name)


def _roles(roles: list[str] | None) -> frozenset[str] | None:
    if roles is None:
        return None
    if unknown := sorted(set(roles) - ROLES):
        raise InvalidQuestion(f"{unknown[0][:80]!r} is no role; the roles are {', '.join(sorted(ROLES))}")
    return frozenset(roles)
