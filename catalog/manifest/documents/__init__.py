"""The documents of every kind: one model each, one file for each family.

`DOCUMENTS` is the list; JSON Schemas, examples and pages are made from it.
"""

from __future__ import annotations

from catalog.assets.keys import Kind
from catalog.manifest.documents.assets import Dashboard, Dataset, DeclaredLineage, Pipeline
from catalog.manifest.documents.blocks import Entity
from catalog.manifest.documents.contracts import SLO, Contract, DataProduct
from catalog.manifest.documents.erasure import ErasureRequest
from catalog.manifest.documents.models import Deployment, Model, ModelVersion
from catalog.manifest.documents.people import Grant, Person, Team
from catalog.manifest.documents.places import Environment, Source
from catalog.manifest.documents.policies import Attestation, Policy, Waiver
from catalog.manifest.documents.privacy import ProcessingActivity
from catalog.manifest.documents.words import Domain, Tag, Term

DOCUMENTS: dict[Kind, type[Entity]] = {
    Kind.DATASET: Dataset,
    Kind.PIPELINE: Pipeline,
    Kind.MODEL: Model,
    Kind.MODEL_VERSION: ModelVersion,
    Kind.DEPLOYMENT: Deployment,
    Kind.DASHBOARD: Dashboard,
    Kind.TEAM: Team,
    Kind.PERSON: Person,
    Kind.DOMAIN: Domain,
    Kind.DATA_PRODUCT: DataProduct,
    Kind.TERM: Term,
    Kind.TAG: Tag,
    Kind.CONTRACT: Contract,
    Kind.DECLARED_LINEAGE: DeclaredLineage,
    Kind.PROCESSING_ACTIVITY: ProcessingActivity,
    Kind.SOURCE: Source,
    Kind.ENVIRONMENT: Environment,
    Kind.GRANT: Grant,
    Kind.SLO: SLO,
    Kind.POLICY: Policy,
    Kind.WAIVER: Waiver,
    Kind.ATTESTATION: Attestation,
    Kind.ERASURE_REQUEST: ErasureRequest,
}
"""The model of each kind's documents."""
