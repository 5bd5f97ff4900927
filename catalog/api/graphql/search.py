"""Datasets, jobs and entities by the words of their names."""

from __future__ import annotations

from enum import Enum

import strawberry
from strawberry.types import Info

from catalog.api.graphql.context import context_of
from catalog.api.graphql.paging import check_first
from catalog.assets.keys import Kind, dataset_of
from catalog.graph import assets, entities
from catalog.graph.store import Row
from catalog.identity import dataset_id


@strawberry.enum(description="What can be searched for. A JOB is what manifests call a Pipeline.")
class AssetKind(Enum):
    """What can be searched for."""

    DATASET = "Dataset"
    JOB = "Pipeline"
    MODEL = "Model"
    MODEL_VERSION = "ModelVersion"
    DEPLOYMENT = "Deployment"
    DASHBOARD = "Dashboard"
    TEAM = "Team"
    PERSON = "Person"
    DOMAIN = "Domain"
    DATA_PRODUCT = "DataProduct"
    TERM = "Term"
    TAG = "Tag"
    CONTRACT = "Contract"
    DECLARED_LINEAGE = "DeclaredLineage"
    PROCESSING_ACTIVITY = "ProcessingActivity"
    SOURCE = "Source"
    ENVIRONMENT = "Environment"
    GRANT = "Grant"
    SLO = "SLO"
    POLICY = "Policy"
    WAIVER = "Waiver"
    ATTESTATION = "Attestation"
    ERASURE_REQUEST = "ErasureRequest"


_NODES = {AssetKind.DATASET: "Dataset", AssetKind.JOB: "Job"}
"""Kinds that are found as what events name, with the label of their nodes."""


@strawberry.type(description="Something whose name matches.")
class SearchHit:
    """A search hit."""

    id: strawberry.ID = strawberry.field(description="The id of the dataset, job or entity.")
    kind: AssetKind = strawberry.field(description="What it is.")
    namespace: str = strawberry.field(description="Its namespace; empty for kinds without one.")
    name: str = strawberry.field(description="Its name.")


async def find(info: Info, text: str, kind: AssetKind | None, limit: int) -> list[SearchHit]:
    """Things by their words, best first; one that is a model version, say, is that and not a dataset besides."""
    ctx = context_of(info)
    most = check_first(limit)
    hits: list[tuple[float, str, SearchHit]] = []
    replaced: set[str] = set()
    if kind not in _NODES:
        of = Kind(kind.value) if kind else None
        for score, entity in await ctx.call(entities.search, ctx.reader, text, most, of):
            if (name := dataset_of(entity.key)) is not None:
                replaced.add(dataset_id(name))
            hits.append((-score, entity.ord, _hit(entity._asdict(), AssetKind(entity.kind.value))))
    for each in _NODES if kind is None else _NODES.keys() & {kind}:
        for row in await ctx.call(assets.search, ctx.reader, _NODES[each], text, most):
            if row["id"] not in replaced:
                hits.append((-row["score"], row["ord"], _hit(row, each)))
    return [hit for _, _, hit in sorted(hits, key=lambda h: h[:2])][:most]


def _hit(row: Row, kind: AssetKind) -> SearchHit:
    return SearchHit(id=strawberry.ID(row["id"]), kind=kind, namespace=row["namespace"], name=row["name"])
