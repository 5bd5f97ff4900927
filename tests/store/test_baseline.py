"""What retention left is what a replay goes on from: the graph that is rebuilt beside it is the same."""

from __future__ import annotations

import random
from typing import Any

import pytest

from catalog.clock import DAY, FrozenClock, SystemClock
from catalog.graph.store import Store
from catalog.lineage.wire import read_time
from catalog.usecases.prune import Ages, prune
from catalog.usecases.rebuild import verify
from tests import corpus
from tests.store.conftest import accept_events, drain
from tests.store.referring import referred, shapes

NOW = 60 * 365 * DAY
Event = dict[str, Any]


def arriving(rng: random.Random, events: list[Event]) -> list[tuple[int, list[Event]]]:
    """Events in groups, each received when its last one happened, but for some that come years late."""
    in_time = sorted((e for e in events if rng.random() < 0.85), key=time_of)
    late = [e for e in events if e not in in_time]
    groups = [in_time[at : at + 20] for at in range(0, len(in_time), 20)]
    return [*((time_of(group[-1]), group) for group in groups), (NOW - DAY, late)]


def time_of(event: Event) -> int:
    return read_time(event["eventTime"], [])


def days_to(event: Event) -> int:
    """How many days ago it happened."""
    return (NOW - time_of(event)) // DAY


FEW = ({"payloads": 0.6, "history": 0.3}, {"payloads": 0.7, "history": 0.7, "runs": 0.7, "series": 0.5})
MORE = ({"payloads": 0.5}, {"history": 0.5}, {"payloads": 0.3, "history": 0.6})


@pytest.mark.parametrize(
    "classes",
    [*FEW, *(pytest.param(classes, marks=pytest.mark.soak) for classes in MORE)],
    ids=lambda classes: "-".join(f"{name}{part}" for name, part in classes.items()),
)
def test_a_replay_goes_on_from_what_retention_left(store: Store, fresh: Store, classes: dict[str, float]) -> None:
    """Whatever classes went, and however far: real events, some of them late, before the prune and after it."""
    rng = random.Random(str(classes))
    events = [event for _, event in corpus.all_events() if "eventTime" in event]
    then, later = events[::2], events[1::2]
    for now, group in arriving(rng, then):
        accept_events(store, group, now=now)
    drain(store, FrozenClock(NOW))
    by_time = sorted(then, key=time_of)
    ages = {name: days_to(by_time[int(part * len(by_time))]) for name, part in classes.items()}

    *_, collected = prune(store, FrozenClock(NOW), Ages(**ages), max_share=1, grace=0)
    assert shapes(store) <= referred(store)
    assert collected.going > 0 or not {"runs", "series"} & classes.keys()
    accept_events(store, later, now=NOW)
    drain(store, FrozenClock(NOW))
    verdict = verify(store, fresh, SystemClock(), shards=1, say=lambda *_: None)

    assert verdict.equal, [tuple(d) for d in verdict.differences[:5]]
    assert 0 < verdict.replayed < len(events)
