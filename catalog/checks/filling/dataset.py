"""What policies see of datasets."""

from __future__ import annotations

from itertools import pairwise
from statistics import median
from typing import Any

from catalog.checks.filling import quality, serving
from catalog.checks.filling.entity import ENTITY, Filler
from catalog.checks.filling.field import column as column_of
from catalog.checks.filling.field import every_column
from catalog.checks.filling.known import Known
from catalog.checks.snapshot import Place, Thing
from catalog.clock import SECOND, to_iso

FEWEST_WRITES = 3
"""Of fewer nobody can tell how often a dataset is written."""


def cadence_hours(known: Known, thing: Thing) -> float | None:
    """The usual time between two writes, in hours; None where too few are known."""
    writes = sorted(set(thing.observed.writes))
    if len(writes) < FEWEST_WRITES:
        return None
    gaps = [later - earlier for earlier, later in pairwise(writes)]
    return median(gaps) / (3_600 * SECOND)


def contract_version(known: Known, thing: Thing) -> Any:
    """The version of the contract that a dataset is held to."""
    contract = known.contracts.get(thing.id)
    return contract.document.get("version") if contract else None


def contract(known: Known, thing: Thing) -> str | None:
    """The contract that a dataset is held to."""
    found = known.contracts.get(thing.id)
    return f"contract:{found.key.name}" if found else thing.document.get("contract")


def column_tags(known: Known, thing: Thing) -> list[str]:
    """The tags that hold of any of its columns."""
    return sorted({tag for name in known.columns(thing) for tag in known.tags(Place(thing.id, name))})


DATASET: dict[str, Filler] = {
    **ENTITY,
    **quality.DATASET,
    "high_risk_uses": serving.high_risk_uses,
    "contract": contract,
    "contract_version": contract_version,
    "producers": lambda known, thing: known.names(edge.source for edge in known.into.get(thing.id, ())),
    "consumers": lambda known, thing: known.names(edge.target for edge in known.out.get(thing.id, ())),
    "last_written": lambda known, thing: to_iso(thing.observed.written),
    "last_read": lambda known, thing: to_iso(thing.observed.read),
    "cadence_hours": cadence_hours,
    "column_tags": column_tags,
    "schema_version": lambda known, thing: thing.observed.schema or None,
    "fields": lambda known, thing: [column_of(known, thing, one) for one in every_column(known, thing)],
}
