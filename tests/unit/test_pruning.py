"""When a prune on schedule is due."""

from __future__ import annotations

import pytest

from catalog.clock import SECOND
from catalog.graph.pruning import DONE, FAILED, REFUSED, RUNNING, Pruning
from catalog.usecases.prune import Ages
from catalog.usecases.pruning import AGAIN, Schedule

DAILY = 86_400.0
NOW = 10_000_000 * SECOND
SOME = Ages(payloads=90)


def began(seconds_ago: float, state: str, owner: str = "") -> Pruning:
    return Pruning(state=state, started=NOW - int(seconds_ago * SECOND), owner=owner)


@pytest.mark.parametrize(
    ("schedule", "newest", "due"),
    [
        (Schedule(0.0, SOME), Pruning(), None),
        (Schedule(DAILY, Ages()), Pruning(), None),
        (Schedule(DAILY, SOME), Pruning(), 0.0),
        (Schedule(DAILY, SOME), began(400, DONE), DAILY - 400),
        (Schedule(DAILY, SOME), began(400, REFUSED), DAILY - 400),
        (Schedule(DAILY, SOME), began(400, FAILED), AGAIN - 400),
        (Schedule(DAILY, SOME), began(400, RUNNING), AGAIN - 400),
        (Schedule(DAILY, SOME), began(400, RUNNING, "another"), AGAIN - 400),
        (Schedule(DAILY, SOME), began(1, RUNNING, "me"), 0.0),
        (Schedule(0.0, SOME), began(1, RUNNING, "me"), None),
        (Schedule(60.0, SOME), began(20, FAILED), 40.0),
        (Schedule(DAILY, SOME), began(DAILY + 1, DONE), 0.0),
        (Schedule(DAILY, SOME), began(-5, DONE), 0.0),
    ],
    ids=[
        "off by default",
        "nothing has an age",
        "never pruned",
        "done lately",
        "refused lately: it would be refused again",
        "failed: tried again sooner",
        "killed: gone on with soon",
        "another's, of which nobody knows",
        "ours, and nobody heard that it began",
        "ours, by a command, and off",
        "never rarer than the schedule",
        "due",
        "the clock was put back",
    ],
)
def test_when_the_next_one_is_due(schedule: Schedule, newest: Pruning, due: float | None) -> None:
    """In so many seconds; None: nothing ever goes by itself."""
    assert due == schedule.due(newest, NOW, "me")
