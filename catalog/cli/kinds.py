"""The kinds of entities as people type them; spelled out here, so that help needs nothing of the catalog."""

from __future__ import annotations

import re

KINDS = (
    "Dataset",
    "Pipeline",
    "Model",
    "ModelVersion",
    "Deployment",
    "Dashboard",
    "Team",
    "Person",
    "Domain",
    "DataProduct",
    "Term",
    "Tag",
    "Contract",
    "DeclaredLineage",
    "ProcessingActivity",
    "Source",
    "Environment",
    "Grant",
    "SLO",
    "Policy",
    "Waiver",
)
NAMESPACED = ("Dataset", "Pipeline", "Model", "ModelVersion", "Deployment", "Dashboard")
"""Kinds whose entities are told by a namespace and a name; the others by a name alone."""
SEARCHED = ("dataset", "job", *(kind.lower() for kind in KINDS if kind not in ("Dataset", "Pipeline")))
"""What a search may be limited to."""
_NAMES = {kind.lower(): re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind).upper() for kind in (*KINDS, "Job")}


def api_name(kind: str) -> str:
    """How the API spells a kind: `MODEL_VERSION` for `ModelVersion`, in any case."""
    return _NAMES[kind.lower()]


def words(api_name: str) -> str:
    """How people read it: `model version`."""
    return api_name.lower().replace("_", " ")
