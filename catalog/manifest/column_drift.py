"""Drift of column lineage: edges between columns that a manifest declares, held against those that were observed.

What is not stated cannot drift: the sources of a column are compared where the manifest declares some of the same type,
so that a filter somebody sees says nothing against a declared sum. A dataset of which no column lineage was ever
observed is counted, neither alike nor different: most producers send none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from catalog.assets.keys import Key
from catalog.identity import Name
from catalog.manifest.pictures import NOBODY, ColumnFlow, Declared, DriftType, Evidence, Item, Observed

DIRECT, INDIRECT = "DIRECT", "INDIRECT"


class ColumnDrift(NamedTuple):
    """The differences, and of how many datasets with declared column lineage none was ever observed."""

    items: list[Item]
    unseen: int


def column_drift(declared: Declared, observed: Observed) -> ColumnDrift:
    """Hold the declared lineage of columns against the observed."""
    view = _View(declared, observed)
    return ColumnDrift([*_declared_ones(view), *_observed_ones(view)], len(view.datasets - view.seen_datasets))


class _View:
    """Both sides with the several names of one thing brought together; what is masked stands beside the edge."""

    def __init__(self, declared: Declared, observed: Observed) -> None:
        self._same = observed.same
        self.evidence = declared.evidence
        self.declared: dict[ColumnFlow, tuple[ColumnFlow, Key]] = {}
        for flow, key in sorted(declared.column_flows.items()):
            one = self._one(flow)
            if one not in self.declared or (flow.masked and not self.declared[one][0].masked):
                self.declared[one] = flow, key
        self.known = {*self.declared, *map(self._one, declared.column_flows_elsewhere)}
        self.observed: dict[ColumnFlow, list[tuple[ColumnFlow, Evidence]]] = {}
        for flow, evidence in sorted(observed.column_flows.items()):
            self.observed.setdefault(self._one(flow), []).append((flow, evidence))
        self.datasets = {one.dataset for one in self.declared}
        self.seen_datasets = {one.dataset for one in self.observed}

    def _one(self, flow: ColumnFlow) -> ColumnFlow:
        """The edge under the names by which things are compared."""
        dataset, source = (self._same.get(name, name) for name in (flow.dataset, flow.source))
        return flow._replace(dataset=dataset, source=source, masked=False)

    def seen(self, one: ColumnFlow) -> list[tuple[ColumnFlow, Evidence]]:
        """The observed edges that bear a declared one out: one of the whole dataset counts for each of its columns."""
        found = self.observed.get(one, [])
        return found or (self.observed.get(one._replace(column=""), []) if one.type == INDIRECT else [])


def _declared_ones(view: _View) -> Iterator[Item]:
    for one, (flow, key) in view.declared.items():
        if one.dataset not in view.seen_datasets:
            continue
        evidence, seen = view.evidence.get(key, NOBODY), view.seen(one)
        if not seen:
            mend = "never seen: correct the declaration, or let the producer send it"
            yield Item(DriftType.COLUMN_LINEAGE, key, _edge(flow), _edge(flow), None, evidence, mend)
        elif flow.masked and not any(other.masked for other, _ in seen):
            mend = "seen without masking: mask the values on the way, or correct the declaration"
            yield Item(DriftType.COLUMN_LINEAGE, key, _edge(flow), "masked", "not masked", seen[0][1], mend)


def _observed_ones(view: _View) -> Iterator[Item]:
    stating: dict[tuple[Name, str, str], Key] = {}
    for one, (_, key) in view.declared.items():
        stating.setdefault((one.dataset, one.column, one.type), key)
    for one, seen in view.observed.items():
        owner = stating.get((one.dataset, one.column, one.type))
        if owner is not None and one not in view.known:
            (flow, evidence), mend = seen[0], "seen, and never declared: declare it, or stop it"
            yield Item(DriftType.COLUMN_LINEAGE, owner, _edge(flow), None, _edge(flow), evidence, mend)


def _edge(flow: ColumnFlow) -> str:
    how = "" if flow.type == DIRECT else f" ({flow.type})"
    made, of = (" ".join(part) for part in (flow.dataset, flow.source))
    return f"{made} [{flow.column}] derives from {of} [{flow.field}]{how}"
