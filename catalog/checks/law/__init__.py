"""Dates of law as data: from when a provision applies, who says so, and when that was looked at last.

A policy names the provision that it hangs on under `law`. When it is compiled, `params.applies_from` becomes that date,
so that a report shows the date it was judged by; before it the policy applies to nothing, which is told with the date.
One file for each instrument stands beside this one: a change of law is a change of data. None of it is legal advice.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from catalog.manifest.documents.policies import Policy
from catalog.manifest.documents.shape import Day, Duration, Strict, Text, Word
from catalog.manifest.files import read_pieces
from catalog.manifest.nodes import Fault
from catalog.manifest.validating import nearest

FILES = Path(__file__).parent
APPLIES_FROM = "applies_from"
"""The parameter of a policy that the date of its provision becomes; null while that is only proposed."""


class Provision(Strict):
    """A part of an instrument whose duties begin on one day."""

    id: Word = Field(description="What policies call it.")
    provision: Word = Field(description="Which part, in words.")
    status: Literal["in_force", "adopted", "proposed"] = Field(description="Adopted: it is law, but may apply later.")
    applies_from: Day | None = Field(default=None, description="The first day; none while it is proposed.")
    instead_of: Day | None = Field(default=None, description="The day that was set before.")
    remark: Text | None = Field(default=None, description="What the day does not say.")
    source: Word = Field(description="Who says so.")
    checked_at: Day = Field(description="When that was looked at last.")
    mark: Text | None = Field(default=None, description="What has to be compared with the primary text.")


class Period(Strict):
    """A span of time within which something has to be done."""

    id: Word = Field(description="What the code calls it.")
    period: Word = Field(description="For what, in words.")
    duration: Duration = Field(description="How long, in months and days.", examples=["P1M", "P45D"])
    remark: Text | None = Field(default=None, description="What the span does not say.")
    source: Word = Field(description="Who says so.")
    checked_at: Day = Field(description="When that was looked at last.")


class Instrument(Strict):
    """A law, a regulation, a rule."""

    instrument: Word = Field(description="Its name.")
    citation: Word = Field(description="Where it is found.")
    provisions: list[Provision] = Field(description="Those with a day of their own.")
    periods: list[Period] = Field(default_factory=list, description="Spans of time that deadlines follow from.")


class UnknownProvision(ValueError):
    """A policy hangs on a provision that no file has."""


@cache
def instruments() -> tuple[Instrument, ...]:
    """All instruments, sorted by name."""
    found, faults = [], list[Fault]()
    for path in sorted(FILES.glob("*.yaml")):
        found += [Instrument.model_validate(piece.value) for piece in read_pieces(path, faults)]
    assert not faults, faults
    return tuple(sorted(found, key=lambda one: one.instrument))


@cache
def provisions() -> dict[str, Provision]:
    """All provisions by their ids."""
    return {one.id: one for instrument in instruments() for one in instrument.provisions}


def dated(policy: Policy) -> Policy:
    """A policy with the day of its provision among its parameters; a day that it states itself counts before.

    Raises:
        UnknownProvision: there is no such provision.
    """
    if policy.law is None or APPLIES_FROM in policy.parameters:
        return policy
    found = provisions().get(policy.law)
    if found is None:
        near = nearest(policy.law, provisions())
        raise UnknownProvision(f"no provision is called {policy.law!r}{f'; did you mean {near}?' if near else ''}")
    return policy.model_copy(update={"parameters": {**policy.parameters, APPLIES_FROM: found.applies_from}})


def not_yet(policy: Policy, now: datetime) -> str:
    """Why a policy applies to nothing yet, in words; empty if it may apply.

    A day that cannot be read holds nothing back: whoever judges fails closed.
    """
    if policy.law is None:
        return ""
    day = policy.parameters.get(APPLIES_FROM)
    if day is None:
        return f"not in force: {policy.law} is proposed only"
    return f"applies from {day} on ({policy.law})" if now < _first_moment(day, now) else ""


def _first_moment(day: Any, otherwise: datetime) -> datetime:
    try:
        found = datetime.fromisoformat(str(day))
    except ValueError:
        return otherwise
    return found if found.tzinfo else found.replace(tzinfo=UTC)
