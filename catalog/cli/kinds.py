"""The kinds of entities as people type them; spelled out here, so that help needs nothing of the catalog."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

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
    "Attestation",
    "ErasureRequest",
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


class KindName(click.ParamType[str]):
    """A kind, in any case; a wrong one is told the nearest."""

    name = "kind"

    def __init__(self, kinds: Sequence[str] = KINDS) -> None:
        self._kinds = {kind.lower(): kind for kind in kinds}

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The kind as it is spelled."""
        if (kind := self._kinds.get(value.lower())) is not None:
            return kind
        near = difflib.get_close_matches(value.lower(), self._kinds, n=1)
        hint = f"did you mean {self._kinds[near[0]]}?" if near else f"it is one of {', '.join(self._kinds.values())}"
        self.fail(f"{value!r} is no kind; {hint}", param, ctx)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The kinds that begin so."""
        from click.shell_completion import CompletionItem

        return [CompletionItem(kind) for low, kind in self._kinds.items() if low.startswith(incomplete.lower())]
