"""The timers of a worker go on, and leave alone for longer and longer what breaks each time."""

from __future__ import annotations

import pytest

from catalog.errors import Conflict
from catalog.heap import TOO_LARGE
from workers.hand import MOST_REST, Tried, guarded, rest


@pytest.mark.parametrize(
    ("error", "broke"),
    [(Conflict("later"), ""), (MemoryError(), TOO_LARGE), (KeyError("x"), "KeyError: 'x'; see the worker's log")],
)
def test_whatever_work_raises_its_timer_goes_on(error: Exception, broke: str) -> None:
    """What may be tried again at once is told apart from what breaks."""

    def work() -> str:
        raise error

    assert Tried(None, broke) == guarded("work", work)
    assert Tried("done") == guarded("work", lambda: "done")


def test_what_breaks_each_time_is_tried_less_and_less() -> None:
    """Twice as long a rest each time, up to a bound; none once it does not break."""
    assert [0.0, 2.0, 4.0, 8.0] == [rest(broke, 1.0) for broke in range(4)]
    assert MOST_REST == rest(1_000_000, 1.0)
