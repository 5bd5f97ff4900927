"""What policies see of attestations, and what of them is about a thing."""

from __future__ import annotations

from typing import Any

from catalog.checks.filling.entity import Filler, block
from catalog.checks.filling.known import Known
from catalog.checks.selecting import means, selected
from catalog.checks.snapshot import Place, Thing


def vouched(attestation: Thing) -> dict[str, Any]:
    """An attestation as policies see it, without its id."""
    document = attestation.document
    evidence = document.get("evidence") or []
    return {
        "name": attestation.key.name,
        **{name: block(document.get("control")).get(name) for name in ("framework", "ref")},
        **{name: document.get(name) for name in ("statement", "owner", "date", "review")},
        "evidence": len(evidence) if isinstance(evidence, list | tuple) else evidence,
    }


def about(known: Known, thing: Thing) -> list[dict[str, Any]]:
    """The attestations about a thing: those that name it, select it, or are about the whole house."""
    return [vouched(one) for one in known.attestations if covers(known, one, thing)]


def covers(known: Known, attestation: Thing, thing: Thing) -> bool:
    """Whether an attestation is about a thing."""
    entities, select = attestation.document.get("entities"), attestation.document.get("select")
    if not entities and not select:
        return True
    return means(known, entities, thing) or bool(select and selected(known, select, Place(thing.id)))


def _told(name: str) -> Filler:
    return lambda known, thing: vouched(thing)[name]


ATTESTATION: dict[str, Filler] = {
    "id": lambda known, thing: thing.id,
    **{name: _told(name) for name in ("name", "framework", "ref", "evidence")},
}
