"""Decide about names: two are one thing, or two.

A decision is an entry of the inbox like all else (law 1): durable before the answer, applied once, replayed, and
taken back by the opposite decision. It is refused only where it could not mean what it says.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait

from catalog.clock import Clock, to_iso
from catalog.errors import InvalidQuestion, Overloaded, UnknownKey
from catalog.graph.assets import datasets
from catalog.graph.identity import closures
from catalog.graph.inbox import NewEntry, Receipt
from catalog.graph.reader import Reader
from catalog.identity import Name, dataset_id
from catalog.lineage.assertions import Verdict
from catalog.lineage.decisions import MAX_WORDS, identity_entry
from catalog.usecases.accept import prepare_decision

CONFIRM_SECONDS = 4.0
Submit = Callable[[Sequence[NewEntry]], list["Future[Receipt]"]]


def resolve_identity(reader: Reader, submit: Submit, clock: Clock, verdict: Verdict) -> Receipt:
    """Accept a decision about two names; it holds once it is applied.

    Raises:
        InvalidQuestion: the names are equal, a text is too long, or names to be split are tied through others only.
        UnknownKey: nothing is known under a name.
        Overloaded, StoreUnavailable: it may be decided again; a decision that is repeated changes nothing.
    """
    check_decision(reader, verdict)
    entry = prepare_decision(identity_entry(verdict, to_iso(clock.now()) or ""))
    (accepted,) = submit([entry])
    done, _ = wait([accepted], timeout=CONFIRM_SECONDS)
    if not done:
        raise Overloaded("the store is slow: it is not known whether the decision is kept; decide again")
    return accepted.result()


def check_decision(reader: Reader, verdict: Verdict) -> None:
    """Refuse what could not mean what it says, by what the graph knows now.

    Raises:
        InvalidQuestion, UnknownKey: as `resolve_identity`.
    """
    a, b = verdict.a, verdict.b
    if a == b:
        raise InvalidQuestion(f"{_said(a)} is given twice; a decision is about two names")
    for what, text in (("reason", verdict.reason), ("by", verdict.by)):
        if len(text) > MAX_WORDS:
            raise InvalidQuestion(f"`{what}` has {len(text):,} characters; it may have {MAX_WORDS:,}")
    ids = {dataset_id(a): a, dataset_id(b): b}
    known = datasets(reader, ids)
    for id_, name in ids.items():
        if id_ not in known:
            raise UnknownKey(f"no dataset is called {_said(name)}; decide about names that were heard", name.name)
    if verdict.same:
        return
    start, goal = ids
    names = closures(reader, [start])[start]
    way = names.way_to(goal)
    if len(way) > 1:
        steps = " = ".join([_said(a), *(_said(Name(tie.namespace, tie.name)) for tie in way)])
        raise InvalidQuestion(f"these names are tied through others only: {steps}; split one of these pairs")


def _said(name: Name) -> str:
    return f"{name.namespace[:100]} {name.name[:200]}"
