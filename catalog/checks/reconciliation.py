"""What an evaluation makes of the findings that there were: opened, kept, resolved, reopened, waived.

A finding is the same over evaluations by its policy and what it is about, not by what it says. An evaluation speaks for
what it covers only: everything, or some things under the policies it judged.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from catalog.checks.judgement import DAYS, Finding
from catalog.clock import DAY

OPEN, RESOLVED, WAIVED = "OPEN", "RESOLVED", "WAIVED"
STATES = (OPEN, RESOLVED, WAIVED)
OPENED, REOPENED = "OPENED", "REOPENED"
"""Transitions; the others are called as the state they lead to. To be kept is none."""
SEVERITIES = tuple(DAYS)
"""The worst first."""
UNJUDGED = "its policy is not judged any more"
GONE = "no longer found"


class Stored(NamedTuple):
    """What is known of a finding before an evaluation.

    Attributes:
        content: a hash of what it says.
        since: when it was opened the last time, µs.
    """

    state: str
    content: str
    severity: str
    since: int
    last: int


class Move(NamedTuple):
    """What becomes of a finding.

    Attributes:
        state: afterwards.
        transition: what is logged; "" if it is kept.
        finding: what it says now; None if it is resolved.
        before: what was known of it; None if it is new.
    """

    id: str
    state: str
    transition: str
    finding: Finding | None
    before: Stored | None


def moves(stored: Mapping[str, Stored], found: Mapping[str, Finding]) -> Iterator[Move]:
    """What becomes of each finding that an evaluation covers, sorted by id.

    Args:
        stored: those that are open or waived and covered, and the resolved ones of `found`.
    """
    for id_ in sorted(stored.keys() | found.keys()):
        before, finding = stored.get(id_), found.get(id_)
        if finding is None:
            if before is not None and before.state != RESOLVED:
                yield Move(id_, RESOLVED, RESOLVED, None, before)
            continue
        state = WAIVED if finding.outcome == WAIVED else OPEN
        yield Move(id_, state, _transition(before, state), finding, before)


def due(severity: str, since: int) -> int | None:
    """Until when a finding is to be resolved that was opened, or opened again, at a time (µs)."""
    days = DAYS.get(severity)
    return None if days is None else since + days * DAY


def _transition(before: Stored | None, state: str) -> str:
    if before is not None and before.state == state:
        return ""
    if state == WAIVED:
        return WAIVED
    return OPENED if before is None else REOPENED
