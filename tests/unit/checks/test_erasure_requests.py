"""Requests for erasure: by when they are due, what is missing in them, and what comes back after an erasure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.assets.keys import Kind
from catalog.checks.snapshot import Edge, Place, Run, Snapshot, Thing
from catalog.checks.subjects_of import Subjects
from catalog.clock import to_iso
from tests.unit.checks.worlds import DAY, NOW, columns, snapshot, thing

PEOPLE: dict[str, Any] = {"personalData": {"contains": True, "subjects": ["customers"], "subjectKey": ["id"]}}
START = NOW - 20 * DAY
LATE = 40


def request(*leaves: dict[str, Any], **told: Any) -> Thing:
    lifecycle = {"lifecycle": told.pop("lifecycle")} if "lifecycle" in told else {}
    body = {"received": to_iso(START), "owner": "team:privacy", "subjects": ["customers"], "leaves": list(leaves)}
    return thing("er", Kind.ERASURE_REQUEST, document={**body, **told}, **lifecycle)


def leaf(name: str, status: str = "DONE", at: float | None = None, **told: Any) -> dict[str, Any]:
    """`at` is in days after the request."""
    when = {} if at is None else {"at": to_iso(START + int(at * DAY))}
    return {"asset": {"namespace": "pg", "name": name}, "status": status, **when, **told}


def member(world: Snapshot, name: str) -> Any:
    return Subjects(world).value("erasure_request", "erasure_request", name, Place("er"))


def back(world: Snapshot, name: str) -> list[tuple[str, str, float]]:
    """From where data came back, by which job, and when, in days after the request."""
    found = Subjects(world).value("dataset", "dataset", "brought_back", Place(name))
    days = {to_iso(START + int(step * DAY / 4)): step / 4 for step in range(4 * LATE)}
    return [(one["source"], one["job"], days[one["written"]]) for one in found]


def job(*at: float, start: float = 0.0) -> dict[str, Any]:
    """Runs that ended at these times and began `start` days before."""
    runs = [Run(f"r{t}", "COMPLETED", START + int((t - start) * DAY), START + int(t * DAY)) for t in sorted(at)[::-1]]
    return {"runs": tuple(runs)}


def edges(source: str, by: str, target: str, *at: float, read: Iterable[float] = ()) -> tuple[Edge, ...]:
    """What a job reads and writes at some times, in days after the request; it read at others, if they are told."""
    reads, writes = ([START + int(one * DAY) for one in times] for times in (tuple(read) or at, at))
    return (
        Edge(source, by, "READS", since=min(reads), last=max(reads)),
        Edge(by, target, "WRITES", since=min(writes), last=max(writes)),
    )


def world(*leaves: dict[str, Any], wrote: Iterable[float], start: float = 0.0, **read: Iterable[float]) -> Snapshot:
    """`people` is copied into `letters` by a job at some times."""
    at = tuple(wrote)
    return snapshot(
        thing("people", **PEOPLE),
        thing("letters", writes=tuple(sorted(START + int(one * DAY) for one in at))),
        thing("copy", Kind.PIPELINE, **job(*at, start=start)),
        request(*leaves),
        edges=edges("people", "copy", "letters", *at, **read),
        column_edges=columns("people.id -> letters.to", job="copy"),
    )


@pytest.mark.parametrize(
    ("extension", "expected"),
    [
        ({}, "2026-01-12"),
        ({"extension": {"told": "2026-01-12T00:00:00Z", "reason": "r"}}, "2026-03-12"),
        ({"extension": {"told": "2026-01-12T00:00:01Z", "reason": "r"}}, "2026-01-12"),
    ],
)
def test_a_request_is_due_within_the_time_of_the_law(extension: dict[str, Any], expected: str) -> None:
    """A month, or three if the person was told so within the first."""
    assert expected == member(snapshot(request(**extension)), "due")[:10]


def test_what_is_erased_tomorrow_is_open() -> None:
    """A plan is no deed; and a request without leaves is not settled."""
    done = snapshot(thing("a"), request(leaf("a", at=20)))
    planned = snapshot(thing("a"), request(leaf("a", at=21)))

    assert ([], True) == (member(done, "open"), member(done, "settled"))
    assert (["a"], False) == (member(planned, "open"), member(planned, "settled"))
    assert member(snapshot(request()), "settled") is False


def test_what_is_born_after_all_is_settled_is_missing_only_if_made_of_what_is_kept() -> None:
    """A table that is made of erased data has never held them; one that is made of exempt data does."""
    new: dict[str, Any] = {"first": START + 9 * DAY}

    def found(*leaves: dict[str, Any]) -> list[str]:
        return [
            one["name"]
            for one in member(
                snapshot(
                    *(thing("people", **PEOPLE), thing("kept", **PEOPLE)),
                    *(thing("clean", **new), thing("dirty", **new), thing("old", first=START)),
                    request(*leaves),
                    column_edges=columns("people.id -> clean.id", "kept.id -> dirty.id", "people.id -> old.id"),
                ),
                "missing",
            )
        ]

    settled = (leaf("people", at=1), leaf("kept", "EXEMPT", reason="legal_claims"))

    assert ["dirty", "old"] == found(*settled)
    assert ["clean", "dirty", "old"] == found(*settled[:1], leaf("kept", "OPEN"))


def test_whoever_is_outside_is_told_and_is_no_leaf() -> None:
    """By the recipient's name, however it is spelled; for want of one by the dataset's."""
    given = [
        thing("people", **PEOPLE),
        thing("feed", document={"external": True, "recipient": {"name": "Mail  Provider"}}),
        thing("drop", document={"external": True}),
    ]
    way: dict[str, Any] = {"column_edges": columns("people.id -> feed.id", "people.id -> drop.id")}
    told = request(leaf("people", at=1), recipients=[{"name": "mail provider", "at": "t"}, {"name": "drop"}])

    assert ["Mail  Provider", "drop"] == member(snapshot(*given, request(leaf("people", at=1)), **way), "untold")
    assert ["drop"] == member(snapshot(*given, told, **way), "untold")
    assert [] == member(snapshot(*given, told, **way), "missing")


moments = st.integers(0, 40)


@given(erased=moments, source=st.none() | moments, wrote=st.lists(moments, min_size=1, max_size=5, unique=True))
def test_data_come_back_with_a_write_between_both_erasures(erased: int, source: int | None, wrote: list[int]) -> None:
    """Exactly by the runs that end after the erasure here and not after that of the source."""
    of_source = leaf("people", "OPEN") if source is None else leaf("people", at=source / 4)
    found = back(world(leaf("letters", at=erased / 4), of_source, wrote=[one / 4 for one in wrote]), "letters")
    bad = [one / 4 for one in wrote if one > erased and (source is None or one <= source)]

    assert ([("people", "copy", max(bad))] if bad else []) == found


def test_a_run_that_began_before_the_erasure_brings_back_what_it_read() -> None:
    """It read before, and wrote after; a job that had stopped reading there by then brings nothing."""
    leaves = (leaf("letters", at=5), leaf("people", "OPEN"))

    assert [("people", "copy", 6.0)] == back(world(*leaves, wrote=[6], start=2, read=[4.5]), "letters")
    assert [] == back(world(*leaves, wrote=[6], start=0.25, read=[4.5]), "letters")


def test_what_is_kept_or_not_listed_still_holds_the_data() -> None:
    """So does a source that only fills the key; one that carries nothing of people does not."""
    here = leaf("letters", at=5)

    assert [("people", "copy", 6.0)] == back(world(here, wrote=[6]), "letters")
    assert [("people", "copy", 6.0)] == back(world(here, leaf("people", "EXEMPT"), wrote=[6]), "letters")

    def beside(into: str) -> Snapshot:
        return snapshot(
            *(thing("people", **PEOPLE), thing("raw"), thing("copy", Kind.PIPELINE, **job(6))),
            request(leaf("people", at=5)),
            edges=edges("raw", "copy", "people", 6),
            column_edges=columns(f"raw.x -> people.{into}", job="copy"),
        )

    assert [("raw", "copy", 6.0)] == back(beside("id"), "people")
    assert [] == back(beside("colour"), "people")


def test_a_job_is_not_blamed_for_the_writes_of_another() -> None:
    """Of two jobs that write a dataset the one whose own runs wrote it after the erasure."""
    told = snapshot(
        *(thing("people", **PEOPLE), thing("letters", writes=(START + 3 * DAY, START + 8 * DAY))),
        *(thing("copy", Kind.PIPELINE, **job(3)), thing("tidy", Kind.PIPELINE, **job(8))),
        request(leaf("letters", at=5), leaf("people", "OPEN")),
        edges=(*edges("people", "copy", "letters", 3), Edge("tidy", "letters", "WRITES", last=START + 8 * DAY)),
        column_edges=columns("people.id -> letters.to", job="copy"),
    )

    assert [] == back(told, "letters")


def test_a_request_that_was_withdrawn_asks_for_nothing() -> None:
    """Nor does a draft; it is shown as such."""
    there = world(leaf("letters", at=5), wrote=[6])
    gone = request(leaf("letters", at=5), lifecycle="retired")
    without = replace(there, things={**there.things, "er": gone})

    assert [] == back(without, "letters")
    assert member(without, "active") is False
