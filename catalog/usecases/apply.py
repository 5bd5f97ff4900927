"""Apply: what a plan says becomes one entry of the inbox, all or nothing.

The plan is made again, of what the graph says now, and must be the one that was shown: so a plan from a file is worth
no more than what it says, and whatever changed meanwhile is found. Of two applies that stand on one base exactly one is
accepted (`graph.inbox`), and claims are checked again if any manifest was applied between check and commit.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, wait
from typing import NamedTuple

from catalog.assets.keys import Key
from catalog.clock import Clock, to_iso
from catalog.errors import AppliedMeanwhile, InvalidPlan, Overloaded, StalePlan
from catalog.graph import entities, entries
from catalog.graph.entities import Head
from catalog.graph.inbox import ACCEPTED, NewEntry, Receipt
from catalog.graph.reader import Reader
from catalog.manifest.changes import Document, compare
from catalog.manifest.entry import manifest_entry
from catalog.manifest.plan import SHOWN, Plan, as_planned
from catalog.usecases.accept import prepare_apply
from catalog.usecases.plan import LOOK_SECONDS, Wanted, check_policies, heading_now, plan_over, settled

CONFIRM_SECONDS = 8.0
APPLY_SECONDS = 20.0
CHECKS = 5
"""How often claims are checked again because some manifest was applied meanwhile."""
Submit = Callable[[Sequence[NewEntry]], list["Future[Receipt]"]]


class Applied(NamedTuple):
    """What became of a plan.

    Attributes:
        receipt: of its entry; None: there was nothing to change, so nothing was accepted.
        state: of the entry; ACCEPTED where it is durable, and not in the graph yet.
        again: it had been accepted before.
    """

    receipt: Receipt | None
    state: str
    again: bool = False


def apply(
    reader: Reader, submit: Submit, clock: Clock, plan: Plan, by: str, *, patience: float = APPLY_SECONDS
) -> Applied:
    """Accept a plan as one entry, and wait until it is applied, or `patience` is over (seconds).

    Sending a plan again is harmless: the newest apply of a manifest is known by its plan.

    Raises:
        StalePlan: the manifest was applied since; the text says what changed.
        UnsafePlan: something stands against it now.
        InvalidPlan: it does not follow from what the graph says.
        InvalidManifest: a policy of it does not do what its cases say.
        Unsettled, AppliedMeanwhile, Overloaded, StoreUnavailable: it may be sent again.
    """
    for _ in range(CHECKS):
        applies = entities.applies(reader)
        settled(reader)
        head = entities.head_of(reader, plan.manifest)
        if head is not None and head.plan == plan.checksum:
            return _known(reader, head)
        existing = entities.manifest_documents(reader, plan.manifest)
        _check(reader, plan, head, existing)
        if plan.is_empty:
            return Applied(None, "")
        try:
            receipt = _submit(submit, _entry(plan, by, head, applies, clock.now()))
        except (AppliedMeanwhile, StalePlan):
            continue  # looked at again, a stale plan is refused with what changed
        return _wait_applied(reader, receipt, patience)
    raise AppliedMeanwhile(
        f"other manifests were applied {CHECKS} times while this one's claims were checked; try again"
    )


def _check(reader: Reader, plan: Plan, head: Head | None, existing: Mapping[Key, Document]) -> None:
    """Pass, if the plan is what would be planned now."""
    base = head.entry if head else ""
    if base != plan.base:
        raise StalePlan(_since(plan, head, existing), plan.manifest)
    if plan.heading is not None and plan.heading.before != heading_now(reader, plan.manifest):
        raise InvalidPlan("this plan changes what the manifest says of itself from what it does not say; plan again")
    wanted = Wanted(plan.manifest, as_planned(existing, plan), plan.removable, plan.heading)
    check_policies(wanted.documents, existing)
    now = plan_over(reader, wanted, base, existing)
    now.check()
    if now.checksum != plan.checksum:
        raise InvalidPlan(
            "this plan is not what would be planned now, though its base is: it was made elsewhere; plan again"
        )


def _since(plan: Plan, head: Head | None, existing: Mapping[Key, Document]) -> str:
    """What changed of that which the plan was made of."""
    if head is None:
        return f"the manifest {plan.manifest!r} was never applied here, and this plan stands on an apply; plan again"
    before = {change.key: change.before for change in plan.changes if change.before is not None}
    now = {change.key: existing[change.key] for change in plan.changes if change.key in existing}
    moved = compare(before, now)
    named = ", ".join(f"{change.key} ({change.action})" for change in moved[:SHOWN])
    more = f" and {len(moved) - SHOWN:,} more" if len(moved) > SHOWN else ""
    what = f"it changed {named}{more}, which this plan changes, too" if moved else "it changed nothing of this plan"
    return (
        f"the manifest {plan.manifest!r} was applied at {to_iso(head.at)} (entry {head.sequence}) since this plan was "
        f"made: {what}; plan again"
    )


def _entry(plan: Plan, by: str, head: Head | None, applies: int, now: int) -> NewEntry:
    at = max(now, head.at + 1) if head else now
    entry = manifest_entry(
        plan.manifest,
        by=by,
        applied_at=to_iso(at) or "",
        base=plan.base,
        plan=plan.checksum,
        documents={change.key: dict(change.after) for change in plan.changes if change.after is not None},
        removed=[change.key for change in plan.changes if change.after is None],
        heading=None if plan.heading is None else plan.heading.after,
    )
    return prepare_apply(entry, applies=applies)


def _submit(submit: Submit, entry: NewEntry) -> Receipt:
    (accepted,) = submit([entry])
    done, _ = wait([accepted], timeout=CONFIRM_SECONDS)
    if not done:
        raise Overloaded("the store is slow: it is not known whether the plan is accepted; send it again")
    return accepted.result()


def _known(reader: Reader, head: Head) -> Applied:
    state = entries.ended(reader.store, head.entry)
    return Applied(Receipt(head.entry, head.sequence, state), state, again=True)


def _wait_applied(reader: Reader, receipt: Receipt, patience: float) -> Applied:
    until = time.monotonic() + patience
    while True:
        state = entries.ended(reader.store, receipt.key) or ACCEPTED
        if state != ACCEPTED or time.monotonic() > until:
            return Applied(receipt, state, again=not receipt.created)
        time.sleep(LOOK_SECONDS)
