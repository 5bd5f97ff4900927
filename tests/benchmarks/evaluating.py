"""How long a company's catalog takes to be evaluated on the store: all by every pack, and what one event touched."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from catalog.checks.choosing import ALL
from catalog.clock import DAY, SECOND, FrozenClock, from_datetime
from catalog.graph.reader import Reader
from catalog.graph.store import Store
from catalog.lineage.understand import Understanding
from catalog.manifest.readers import READERS
from catalog.usecases.evaluate import Evaluator, Schedule
from tests.benchmarks.figures import SECONDS, Figure, timed
from tests.benchmarks.session import Session
from tests.company.documents import documents
from tests.company.events import events
from tests.company.tables import Json, tables
from tests.planted import NOW, World
from tests.store.conftest import accept_events, drain
from tests.store.planting import accept_worlds

TOUCHES = 5
BATCH = 2_000


def measure(session: Session) -> Iterator[Figure]:
    """A company of 10,000 datasets and 100,000 columns; 144 datasets where it has to be quick."""
    copies, extra = (70, 7) if session.size.limit > 1_000 else (1, 0)
    yield from judged(session.bare().store, copies, extra)


def judged(store: Store, copies: int, extra: int) -> Iterator[Figure]:
    """Fill a store with companies and evaluate them."""
    kept = tables(copies, extra)
    columns = sum(len(table.columns) for table in kept.values())
    papers, founded = list(documents(kept, NOW)), NOW - timedelta(days=200)
    for begin in range(0, len(papers), BATCH):
        part = World(tuple(papers[begin : begin + BATCH]), ())
        accept_worlds(store, [(f"linden-{begin}", part, None)], founded)
    told = [event for event in events(kept, NOW, 1) if event["eventType"] == "COMPLETE"]
    for begin in range(0, len(told), BATCH):
        accept_events(store, told[begin : begin + BATCH])
        drain(store)
    clock = FrozenClock(from_datetime(NOW))
    understanding = Understanding(readers=READERS)
    schedule = Schedule((ALL,), float(DAY), 0.0)
    evaluator = Evaluator(Reader(store, None), clock, schedule, owner="bench", understanding=understanding)
    note = f"{len(kept):,} datasets, {columns:,} columns, {len(told):,} events, all packs"
    yield Figure("evaluate.whole", "evaluation of everything, at first", timed(evaluator.look), SECONDS, note)
    clock.at += SECOND
    yield Figure("evaluate.again", "the same again", timed(lambda: evaluator.present(None)), SECONDS, note)
    for what, name in (("mart", "fct_orders.build.run"), ("source", "extract_sales.customers")):
        event = next(one for one in told if one["job"]["name"].endswith(name))
        took = []
        for number in range(TOUCHES):
            accept_events(store, [_again(event, number)])
            drain(store)
            clock.at += SECOND
            took.append(timed(evaluator.look))
        yield Figure(
            f"evaluate.{what}", f"what one event of a {what} touched", sorted(took)[TOUCHES // 2], SECONDS, note
        )


def _again(event: Json, number: int) -> Json:
    """Another run of the same job, which nobody heard of."""
    run = {**event["run"], "runId": f"{event['run']['runId'][:-2]}{number:02}"}
    return {**event, "run": run, "eventTime": (NOW - timedelta(minutes=10 - number)).isoformat()}
