"""What contracts promise, in the form that two of them, or a contract and a dataset, can be compared in."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from catalog.assets.keys import Key, Kind
from catalog.lineage.schemas import Path
from catalog.manifest.durations import seconds

Document = Mapping[str, Any]
UNBOUND = frozenset({"proposed", "draft", "development", "in development", "in review", "retired"})
"""Statuses of contracts that bind nobody (yet, or any more)."""
_VERSION = re.compile(r"\s*v?(\d{1,9})(?:\.(\d{1,9}))?", re.ASCII | re.IGNORECASE)
_UNITS = {
    **dict.fromkeys(("y", "yr", "year", "years"), "Y"),
    **dict.fromkeys(("mo", "month", "months"), "M"),
    **dict.fromkeys(("w", "wk", "week", "weeks"), "W"),
    **dict.fromkeys(("d", "day", "days"), "D"),
}


@dataclass(frozen=True, slots=True)
class Promise:
    """The columns of one table: what a contract promises, or a dataset declares.

    Attributes:
        dataset: the dataset it is; None where the contract does not say.
        columns: of each its `type`, `nullable`, `key`, `unique` and `classification`, as far as they are said.
    """

    name: str
    dataset: Key | None
    columns: Mapping[Path, Document]

    @classmethod
    def of_dataset(cls, key: Key, document: Document) -> Promise:
        """What a dataset's document declares."""
        return cls(key.name, key, {(str(column["name"]),): column for column in document.get("fields") or ()})


@dataclass(frozen=True, slots=True)
class ServiceLevel:
    """One promise about the service: its value and unit as given."""

    property: str
    value: Any
    unit: str

    def __str__(self) -> str:
        return f"{self.value} {self.unit}".strip()

    def weaker_than(self, other: ServiceLevel) -> bool:
        """Whether less is promised than by another of the same property, as far as that can be told."""
        lasting = self.property.lower() == "retention"
        mine, theirs = (seconds(_period(one)) if lasting else _number(one.value) for one in (self, other))
        if mine is None or theirs is None or (not lasting and self.unit != other.unit):
            return False
        return mine < theirs if self.property.lower() in _MORE_IS_BETTER else mine > theirs


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract: what it promises, and whether it binds.

    Attributes:
        service_levels: by property and the element they are about.
    """

    key: Key
    version: str
    status: str
    promises: tuple[Promise, ...]
    service_levels: Mapping[str, ServiceLevel]

    @classmethod
    def of(cls, key: Key, document: Document, state: Mapping[Key, Document]) -> Contract:
        """A contract's document, with the datasets that it, or they themselves, say it is about.

        Args:
            state: declared entities, of which the datasets that name the contract are looked at.
        """
        tied = [k for k, d in state.items() if k.kind is Kind.DATASET and d.get("contract") == f"contract:{key.name}"]
        promises = [promise_of(table, dataset) for table, dataset in tables_of(document, tied)]
        named = {promise.dataset for promise in promises}
        promises += [Promise(dataset.name, dataset, {}) for dataset in tied if dataset not in named]
        levels = {}
        for level in document.get("slaProperties") or ():
            of = f" of {level['element']}" if level.get("element") else ""
            for_ = f" ({level['driver']})" if level.get("driver") else ""
            said = ServiceLevel(str(level["property"]), level.get("value"), str(level.get("unit") or ""))
            levels[f"{level['property']}{of}{for_}"] = said
        return cls(key, str(document.get("version") or ""), _status(document), tuple(promises), levels)

    @property
    def in_force(self) -> bool:
        """Whether others may rely on it."""
        return self.status not in UNBOUND

    def covers(self, key: Key, field: str) -> bool:
        """Whether it promises something of a thing or its column; of a table without columns it promises all."""
        if key == self.key:
            return True
        mine = [promise for promise in self.promises if promise.dataset == key]
        return any(not field or not promise.columns or (field,) in promise.columns for promise in mine)

    def announced_by(self, later: Contract | None) -> bool:
        """Whether a later version says by its number that promises break."""
        old, new = _version(self.version), _version(later.version) if later else None
        if old is None or new is None:
            return False
        return new[0] > old[0] or (new[0] == old[0] == 0 and new[1] > old[1])


def contracts_of(state: Mapping[Key, Document]) -> list[Contract]:
    """The contracts among declared entities, by name."""
    tied: dict[str, dict[Key, Document]] = defaultdict(dict)
    for key, document in state.items():
        if key.kind is Kind.DATASET and document.get("contract"):
            tied[str(document["contract"])][key] = document
    found = sorted(key for key in state if key.kind is Kind.CONTRACT)
    return [Contract.of(key, state[key], tied.get(f"contract:{key.name}", {})) for key in found]


def is_in_force(document: Document) -> bool:
    """Whether a contract's document counts: whether others may rely on it."""
    return _status(document) not in UNBOUND


def _status(document: Document) -> str:
    return str(document.get("status") or "").strip().lower()


def tables_of(document: Document, tied: list[Key]) -> Iterator[tuple[Document, Key | None]]:
    """The tables of a contract's document, each with the dataset that it is about, if that is said.

    Args:
        tied: the datasets that name the contract.
    """
    tables = document.get("schema") or ()
    return ((table, _dataset(table, tied, alone=len(tables) == 1)) for table in tables)


def promise_of(table: Document, dataset: Key | None) -> Promise:
    """What a contract promises of one of its tables."""
    return Promise(str(table["name"]), dataset, dict(_columns(table.get("properties") or (), "")))


def _columns(properties: Iterable[Document], prefix: str) -> Iterator[tuple[Path, Document]]:
    """Columns by dotted path, as datasets have them; each before those nested in it."""
    for one in properties:
        path = f"{prefix}{one['name']}"
        required = one.get("required")
        yield (
            (path,),
            {
                "type": one.get("physicalType"),
                "logicalType": one.get("logicalType"),
                "nullable": None if required is None else not required,
                "key": bool(one.get("primaryKey")),
                "unique": bool(one.get("unique")),
                "classification": one.get("classification"),
            },
        )
        yield from _columns(one.get("properties") or (), f"{path}.")
        items = one.get("items")
        if isinstance(items, Mapping):
            yield from _columns(items.get("properties") or (), f"{path}.")


def _dataset(table: Document, tied: list[Key], *, alone: bool) -> Key | None:
    """The dataset of a table: the one it names, else of those that name the contract the one called like it."""
    named = table.get("dataset")
    if isinstance(named, Mapping):
        return Key(Kind.DATASET, str(named["namespace"]), str(named["name"]))
    words = {str(table[part]).lower() for part in ("name", "physicalName") if table.get(part)}
    fit = [key for key in tied if words & {key.name.lower(), re.split(r"[./]", key.name.lower())[-1]}]
    if len(fit) == 1:
        return fit[0]
    return tied[0] if alone and len(tied) == 1 else None


def _version(text: str) -> tuple[int, int] | None:
    found = _VERSION.match(text)
    return None if found is None else (int(found[1]), int(found[2] or 0))


def _period(level: ServiceLevel) -> str:
    """A value with a unit as an ISO-8601 period; a value that is one already stays."""
    unit = _UNITS.get(level.unit.strip().lower())
    return f"P{level.value}{unit}" if unit else str(level.value)


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


_MORE_IS_BETTER = frozenset({"retention", "availability", "throughput", "completeness", "accuracy"})
