"""What is behind an edge: every entry that asserts it and no other, however long ago, page by page."""

from __future__ import annotations

import random

import pytest

from catalog.clock import DAY
from catalog.graph import evidence
from catalog.graph.evidence import Behind, entries_of
from catalog.graph.reader import Reader
from catalog.graph.store import Row, Store
from catalog.graph.walk import Moment
from catalog.identity import Name, dataset_id, job_id, run_id
from catalog.lineage.observe import READS, link
from tests.servers.stores import StoreServer
from tests.store.conftest import accept_events, drain
from tests.store.events import NOON, dataset, event

JOB = Name("jobs", "load")


def asked(reader: Reader, name: str, limit: int, moment: Moment | None = None) -> list[Row]:
    """All entries of an edge, in pages."""
    subject = job_id(JOB)
    key = link(READS, subject, dataset_id(Name("db", name))).key
    found: list[Row] = []
    behind: Behind | None = None
    while True:
        told = entries_of(reader, subject, key, behind=behind, limit=limit, moment=moment or Moment())
        assert len(told.entries) <= limit
        found += told.entries
        behind = told.following
        if behind is None:
            return found


@pytest.mark.parametrize("most_days", [1_860, 40])
def test_an_edge_names_its_entries(
    store: Store, server: StoreServer, monkeypatch: pytest.MonkeyPatch, most_days: int
) -> None:
    """Newest first, ties by key, over gaps of years, whatever the size of a page; at a moment, those of then."""
    monkeypatch.setattr(evidence, "MOST_DAYS", most_days)
    monkeypatch.setattr(evidence, "DAYS", 20)
    pick = random.Random(7)
    days = [0, 0, 0, 1, 2, 400, 401, 2_500, 2_501, 2_501]
    events = [
        event(
            str(n), NOON - day * DAY + pick.choice([0, 1]), inputs=[dataset(x) for x in pick.choice(["a", "ab", "b"])]
        )
        for n, day in enumerate(days * 3)
    ]
    receipts = accept_events(store, events)
    drain(store)
    reader = Reader(store, server.admin)
    told = [
        {"key": r.key, "sequence": r.sequence, "time": time, "run": run_id(JOB, e["run"]["runId"]), "of": e["inputs"]}
        for r, e, time in zip(receipts, events, map(_time, events), strict=True)
    ]
    for name in "ab":
        expected = [
            {k: v for k, v in row.items() if k != "of"}
            for row in sorted(told, key=lambda row: (row["time"], row["key"]), reverse=True)
            if name in {d["name"] for d in row["of"]}
        ]
        then = Moment(as_of=NOON - 300 * DAY, known_at=20)

        assert expected == asked(reader, name, 500) == asked(reader, name, 4)
        assert [row for row in expected if row["time"] <= NOON - 300 * DAY and row["sequence"] <= 20] == asked(
            reader, name, 3, then
        )


def test_an_edge_that_nobody_asserts_has_none(store: Store, server: StoreServer) -> None:
    """An empty page, and no more."""
    accept_events(store, [event("1", inputs=[dataset("a")])])
    drain(store)

    assert [] == asked(Reader(store, server.admin), "z", 5)


def _time(told: Row) -> int:
    from catalog.lineage.wire import read_time

    return read_time(told["eventTime"], [])
