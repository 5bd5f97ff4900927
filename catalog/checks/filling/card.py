"""What a model card and the technical documentation of a model consist of, and which parts are empty.

Reports show the same parts in the same order.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from catalog.checks.filling.entity import block
from catalog.checks.snapshot import Thing

EVALUATING = frozenset({"validation", "test", "evaluation"})
"""Roles of data that a version is judged by; all others trained it."""
Stated = Callable[[Thing, Sequence[Thing]], bool]


class Part(NamedTuple):
    """A part of a document about a model.

    Attributes:
        name: as messages and reports name it.
        section: where the requirement has it.
        stated: whether a model, or each of the versions that count, says anything of it; "none" is something.
        where: the field of documents that would state it.
    """

    name: str
    section: str
    stated: Stated
    where: str


def _model(name: str, field: str, section: str) -> Part:
    return Part(name, section, lambda model, versions: bool(model.document.get(field)), f"Model `{field}`")


def _technical(name: str, field: str, section: str) -> Part:
    def stated(model: Thing, versions: Sequence[Thing]) -> bool:
        found = block(model.document.get("technicalFile")).get(field)
        return found is not None and found != ""

    return Part(name, section, stated, f"Model `technicalFile.{field}`")


def _version(name: str, section: str, where: str, stated: Callable[[Thing], Any]) -> Part:
    return Part(
        name,
        section,
        lambda model, versions: bool(versions) and all(stated(one) for one in versions),
        f"ModelVersion `{where}`",
    )


def _described(model: Thing, versions: Sequence[Thing]) -> bool:
    return bool(model.attributes.get("description") or model.document.get("description"))


def _metrics(version: Thing) -> bool:
    return bool(version.document.get("metrics") or version.observed.metrics)


def _evaluated(version: Thing) -> bool:
    return any(one.role in EVALUATING for one in version.observed.training)


def _trained(version: Thing) -> bool:
    return any(one.role not in EVALUATING for one in version.observed.training)


CARD = (
    Part("details", "model details", _described, "Model `description`"),
    _model("intended use", "intendedUse", "intended use"),
    _model("factors", "factors", "factors"),
    _version("metrics", "metrics", "metrics", _metrics),
    _version("evaluation data", "evaluation data", "evaluatedOn", _evaluated),
    _version("training data", "training data", "trainedOn", _trained),
    _model("analyses", "analyses", "quantitative analyses"),
    _model("ethics", "ethics", "ethical considerations"),
    _model("limitations", "limitations", "caveats and recommendations"),
)
"""The parts of a model card.

Source: Mitchell et al., Model Cards for Model Reporting, 2019.
"""
ANNEX_IV = (
    Part("description", "1(a)", _described, "Model `description`"),
    _model("intended use", "intendedUse", "1(a)"),
    _model("instructions for use", "instructions", "1(h)"),
    _technical("design", "design", "2(a)-(c)"),
    _version("training data", "2(d)", "trainedOn", _trained),
    _model("oversight", "oversight", "2(e)"),
    _technical("validation and testing", "testing", "2(g)"),
    _version("test data", "2(g)", "evaluatedOn", _evaluated),
    _technical("cybersecurity", "security", "2(h)"),
    _technical("monitoring, functioning and control", "control", "3"),
    _version("metrics", "3", "metrics", _metrics),
    _technical("choice of metrics", "metricsChoice", "4"),
    _technical("risk management", "riskManagement", "5"),
    _technical("changes", "changes", "6"),
    _technical("standards", "standards", "7"),
    _technical("declaration of conformity", "declaration", "8"),
    _model("plan after release", "monitoring", "9"),
)
"""The sections of the technical documentation that a catalog can hold.

Source: Regulation (EU) 2024/1689, Annex IV.
"""


def lacking(parts: Sequence[Part], model: Thing, versions: Sequence[Thing]) -> dict[str, Any]:
    """Which parts are empty, and the share of those that are not.

    Args:
        versions: those that count: in service, or all where none is.
    """
    missing = [part.name for part in parts if not part.stated(model, versions)]
    share = (len(parts) - len(missing)) / len(parts)
    return {"missing": missing, "lacks": ", ".join(missing) or None, "score": round(share, 3)}
