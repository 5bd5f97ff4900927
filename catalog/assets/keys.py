"""Keys of entities: what people declare, describe and own.

Datasets and pipelines keep the namespace and name that events give them. Model versions, deployments and dashboards
are reached by lineage through a dataset node of their own, so that every walk goes on to them; all other kinds are
known by their names alone.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from catalog.identity import Name, dataset_id, digest, job_id


class Kind(StrEnum):
    """The kinds of entities; the value is the word that manifests and the API use."""

    DATASET = "Dataset"
    PIPELINE = "Pipeline"
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


NAMESPACED = frozenset({Kind.DATASET, Kind.PIPELINE, Kind.MODEL, Kind.MODEL_VERSION, Kind.DEPLOYMENT, Kind.DASHBOARD})
"""Kinds whose keys have a namespace: that of events, a model's registry, a deployment's environment."""
REGISTRY = "models"
"""The namespace of models whose registry is not named."""


class Key(NamedTuple):
    """The natural key of an entity; `namespace` is empty where a kind has none.

    The name of a model version is `model/version`.
    """

    kind: Kind
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace} {self.name}" if self.namespace else f"{self.kind} {self.name}"

    def spelled(self) -> dict[str, str]:
        """The key as a JSON object, as entries of the inbox and answers of the doors have it."""
        return {"kind": str(self.kind), "namespace": self.namespace, "name": self.name}


def entity_id(key: Key) -> str:
    """The id of an entity node."""
    return digest("entity", *key)


def manifest_id(name: str) -> str:
    """The id of the node that stands for a manifest."""
    return digest("manifest", name)


def dataset_of(key: Key) -> Name | None:
    """The dataset through which lineage reaches an entity; None for kinds that data never flow to."""
    if key.kind in (Kind.DATASET, Kind.DASHBOARD, Kind.MODEL_VERSION):
        return Name(key.namespace, key.name)
    if key.kind is Kind.DEPLOYMENT:
        return Name(f"deployment:{key.namespace}", key.name)
    return None


def job_of(key: Key) -> Name | None:
    """The job that a pipeline is."""
    return Name(key.namespace, key.name) if key.kind is Kind.PIPELINE else None


def thing_id(key: Key) -> str:
    """The id by which lineage and snapshots know an entity, if its name is the canonical one."""
    if (name := dataset_of(key)) is not None:
        return dataset_id(name)
    if (name := job_of(key)) is not None:
        return job_id(name)
    return entity_id(key)


def model_version(model: str, version: str, registry: str = REGISTRY) -> Key:
    """The key of a version of a model."""
    return Key(Kind.MODEL_VERSION, registry, f"{model}/{version}")
