"""Which of two applies of one manifest is accepted: the one that stands on the newest accepted one, and no other.

Decided in the transaction that accepts, under the inbox's guard. A manifest's newest apply is bookkeeping of the inbox
and no fact: it has a node of its own (`Head`), apart from the manifest's, which a long apply holds.
"""

from __future__ import annotations

from typing import NamedTuple

from catalog.assets.keys import manifest_id
from catalog.errors import AppliedMeanwhile, InvalidEvent, StalePlan
from catalog.graph.queries import blocks
from catalog.graph.store import Row, Tx

_Q = blocks("inbox")


class Chain(NamedTuple):
    """What an apply of a manifest stands on; it is accepted only if that is still so.

    Attributes:
        manifest: its name.
        base: key of its newest accepted apply when the plan was made; "" for none.
        plan: checksum of the plan: sending the newest one again is answered as it was.
        at: the apply's time, µs.
        applies: how many applies of any manifest there were when claims were checked; None: nobody checked.
        by: who applies, as the client says.
    """

    manifest: str
    base: str
    plan: str
    at: int
    applies: int | None = None
    by: str = ""


def admit(tx: Tx, chain: Chain, key: str, sequence: int, applies: int) -> str | None:
    """Make an apply the newest of its manifest; or, if its plan is that of the newest one, the key of that.

    Args:
        key, sequence: of the entry that is about to be accepted.
        applies: how many were accepted so far.

    Raises:
        StalePlan, AppliedMeanwhile, InvalidEvent: it must not be accepted.
    """
    id_ = manifest_id(chain.manifest)
    rows = tx.run(_Q["head"], id=id_)
    newest: Row = rows[0] if rows else {"entry": "", "plan": "", "at": -1}
    if newest["entry"] != chain.base:
        if chain.plan and newest["plan"] == chain.plan:
            return str(newest["entry"])
        raise StalePlan(
            f"manifest {chain.manifest!r} was applied since this plan was made (the plan stands on "
            f"{chain.base[:12] or 'nothing'}, the newest apply is {newest['entry'][:12] or 'none'}); plan again",
            chain.manifest,
        )
    if chain.at <= newest["at"]:
        raise InvalidEvent("an apply must be later than the one before; plan again", "appliedAt")
    if chain.applies is not None and chain.applies != applies:
        raise AppliedMeanwhile("another manifest was applied while this one was checked; apply again")
    told = {"manifest": chain.manifest, "plan": chain.plan, "at": chain.at, "by": chain.by}
    values = {**told, "entry": key, "sequence": sequence}
    tx.run(_Q["move_head"], id=id_, values=values, applies=applies + 1)
    return None
