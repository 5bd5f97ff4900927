"""Compare two reports that were made here: what the later says otherwise."""

from __future__ import annotations

from typing import NamedTuple

from catalog.errors import UnknownKey
from catalog.graph import reports
from catalog.graph.reports import Kept
from catalog.graph.store import Store
from catalog.reports.diff import Difference, diff
from catalog.reports.document import Report
from catalog.reports.verify import report_of


class Compared(NamedTuple):
    """Two reports, and what differs."""

    before: Kept
    after: Kept
    difference: Difference


def compare(store: Store, before: str, after: str) -> Compared:
    """What a report says otherwise than one before it; each by its number, its id, or the beginning of that.

    Raises:
        UnknownKey: there is no such report, or several.
        InvalidQuestion: they are of different kinds.
    """
    old, new = _kept(store, before), _kept(store, after)
    return Compared(old, new, diff(_report(store, old), _report(store, new)))


def _kept(store: Store, reference: str) -> Kept:
    found = reports.find(store, reference)
    if found is None:
        told = f"no report, or more than one, has the number or id {reference[:80]!r}; `reports` lists them"
        raise UnknownKey(told, reference)
    return found


def _report(store: Store, kept: Kept) -> Report:
    file = reports.file(store, kept, "json")
    if file is None:
        raise UnknownKey(f"report {kept.number} was not kept as JSON", kept.id)
    return report_of(file)
