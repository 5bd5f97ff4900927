"""One prune at a time, and everybody can see how the newest one went."""

from __future__ import annotations

import pytest

from catalog.clock import DAY, SECOND, FrozenClock
from catalog.errors import Conflict, LeaseLost, StoreUnavailable, TooMuchAtOnce
from catalog.graph import pruning as pruned
from catalog.graph.fingerprint import fingerprint
from catalog.graph.pruning import DONE, FAILED, LEASE, REFUSED, RUNNING, Pruning, pruning
from catalog.graph.store import Store
from catalog.usecases.prune import Ages
from catalog.usecases.pruning import Schedule, prune_alone
from tests.store.conftest import accept_events, drain
from tests.store.events import NOON, event
from tests.store.lost import Answers

NOW = NOON + 100 * DAY
CLOCK = FrozenClock(NOW)
OLD = Ages(payloads=50)


def test_only_one_prunes_at_a_time(store: Store) -> None:
    """Whoever comes second is told; when the first one's lease is over, it takes over, and the first one stops."""
    first = pruned.claim(store, owner="a", by="schedule", now=NOW)
    assert first is not None

    with pytest.raises(Conflict, match="another prune is at work"):
        prune_alone(store, CLOCK, OLD, owner="b", by="command")
    assert RUNNING == pruning(store).state

    second = pruned.claim(store, owner="b", by="command", now=NOW + LEASE + 1)
    with pytest.raises(LeaseLost):
        pruned.renew(store, first, NOW + LEASE + 2)
    with pytest.raises(LeaseLost):
        pruned.end(store, first, NOW, DONE, gone={})
    assert second is not None
    assert (RUNNING, "command") == (pruning(store).state, pruning(store).by)


def test_a_lease_that_is_renewed_goes_on(store: Store) -> None:
    """However long a prune takes; and of an owner that is known to have ended nobody waits for the lease."""
    mine = pruned.claim(store, owner="a", by="schedule", now=NOW)
    assert mine is not None
    pruned.renew(store, mine, NOW + LEASE - SECOND)

    assert pruned.claim(store, owner="b", by="", now=NOW + LEASE + SECOND) is None
    assert pruned.claim(store, owner="b", by="", now=NOW + LEASE + SECOND, is_gone=lambda owner: owner == "a")


def test_a_claim_that_nobody_heard_of_stands_in_its_owners_way_for_no_moment(store: Store) -> None:
    """Its answer was lost, and its owner prunes nothing; others cannot know, and wait for the lease to end."""
    with Answers(lost=1).of(store), pytest.raises(StoreUnavailable):
        prune_alone(store, CLOCK, OLD, owner="a", by="schedule", grace=0)
    unheard = pruning(store)
    with pytest.raises(Conflict, match="another prune is at work"):
        prune_alone(store, CLOCK, OLD, owner="b", by="command", grace=0)
    prune_alone(store, CLOCK, OLD, owner="a", by="schedule", grace=0)

    assert (RUNNING, "a", DONE, "") == (unheard.state, unheard.owner, pruning(store).state, pruning(store).owner)
    assert 0.0 == Schedule(86_400.0, OLD).due(unheard, NOW, "a")


def test_an_end_that_nobody_heard_of_is_an_end(store: Store) -> None:
    """What went is gone, and whoever asked is told so."""
    answers = Answers(lost=3)
    with answers.of(store):
        prune_alone(store, CLOCK, OLD, owner="a", by="command", grace=0)

    assert ["graph.pruning.claim", "graph.retention.raise_horizons", "graph.pruning.end"] == answers.writers
    assert (DONE, "") == (pruning(store).state, pruning(store).owner)


def test_how_it_went_is_told(store: Store) -> None:
    """Done, with what went; refused, with the reason, and when one was last done."""
    assert Pruning() == pruning(store)
    accept_events(store, [event("1"), event("2", NOW - DAY)], now=NOON)
    accept_events(store, [event("3", NOW - DAY)], now=NOW - DAY)
    drain(store, CLOCK)
    before = fingerprint(store)

    prune_alone(store, CLOCK, OLD, owner="a", by="command", grace=0)
    done = pruning(store)
    with pytest.raises(TooMuchAtOnce):
        prune_alone(store, FrozenClock(NOW + 200 * DAY), OLD, owner="b", by="schedule", max_share=0.1)
    refused = pruning(store)

    assert (DONE, "command", NOW, "", {"payloads": 1}) == (
        *(done.state, done.by, done.ended, done.reason, dict(done.gone)),
    )
    assert (REFUSED, "schedule", NOW, "") == (refused.state, refused.by, refused.completed, refused.owner)
    assert "would go, the guard allows 10%" in refused.reason
    assert before == fingerprint(store)


def test_one_that_breaks_says_so_and_gives_the_lease_back(store: Store) -> None:
    """Whatever ends it: the next one need not wait."""

    accept_events(store, [event("1")], now=NOON)

    def broken(*_: object) -> None:
        raise KeyError("a bug")

    with pytest.raises(KeyError):
        prune_alone(store, CLOCK, OLD, owner="a", by="schedule", max_share=1, say=broken)

    assert (FAILED, "KeyError", "", None) == (
        *(pruning(store).state, pruning(store).reason, pruning(store).owner, pruning(store).completed),
    )
