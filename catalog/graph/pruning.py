"""Who takes away what is not kept any more, and how that went last: one at a time, on lease with a fencing token."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import orjson

from catalog.clock import SECOND
from catalog.errors import LeaseLost
from catalog.graph.inbox import token
from catalog.graph.queries import blocks
from catalog.graph.store import Row, Store, Tx

LEASE = 30 * SECOND
NEVER, RUNNING, DONE, REFUSED, FAILED = "NEVER", "RUNNING", "DONE", "REFUSED", "FAILED"
"""How the newest prune went. REFUSED: more than its guard allows would have gone, and nothing did."""
_Q = blocks("pruning")


@dataclass(frozen=True, slots=True)
class Pruning:
    """The newest prune; times in µs.

    Attributes:
        state: NEVER, RUNNING, DONE, REFUSED or FAILED. RUNNING without a living owner: it was killed.
        by: what began it: the schedule, or a command.
        reason: of one that was refused or failed, in words.
        gone: how many things of each class it took.
        completed: when a prune was last DONE, this one or one before it.
    """

    owner: str = ""
    fence: int = 0
    expires: int = 0
    state: str = NEVER
    by: str = ""
    started: int | None = None
    ended: int | None = None
    reason: str = ""
    gone: Mapping[str, int] = field(default_factory=dict)
    completed: int | None = None

    def is_held(self, owner: str, now: int, is_gone: Callable[[str], bool]) -> bool:
        """Whether another worker than this one is at it, and alive.

        Who asks is at none: what it has is a claim whose answer was lost. A lease longer than any is by a clock that
        was put back since.
        """
        free = self.owner in ("", owner) or is_gone(self.owner)
        return not free and now < self.expires <= now + 2 * LEASE


def pruning(store: Store) -> Pruning:
    """The newest prune."""
    rows = store.rows(_Q["pruning"])
    return _pruning(rows[0]["pruning"]) if rows else Pruning()


def claim(
    store: Store, *, owner: str, by: str, now: int, is_gone: Callable[[str], bool] = lambda _: False
) -> Pruning | None:
    """Be the one who prunes; None while somebody else does. Who finds it held writes nothing.

    Args:
        owner: does one prune at a time.
    """

    def work(tx: Tx) -> Pruning | None:
        (held,) = tx.run(_Q["guard_pruning"], token=token())
        found = _pruning(held["pruning"])
        if found.is_held(owner, now, is_gone):
            return None
        values = {
            **{"owner": owner, "fence": found.fence + 1, "expires": now + LEASE, "state": RUNNING, "by": by},
            **{"started": now, "ended": None, "reason": "", "gone": "{}"},
        }
        tx.run(_Q["set_pruning"], values=values)
        return _pruning({**held["pruning"], **values})

    return None if pruning(store).is_held(owner, now, is_gone) else store.write(work)


def renew(store: Store, mine: Pruning, now: int) -> None:
    """Keep the lease.

    Raises:
        LeaseLost: somebody else prunes by now.
    """

    def work(tx: Tx) -> None:
        _hold(tx, mine)
        tx.run(_Q["set_pruning"], values={"expires": now + LEASE})

    store.write(work)


def end(store: Store, mine: Pruning, now: int, state: str, *, gone: Mapping[str, int], reason: str = "") -> None:
    """Say how it went, and give the lease back.

    Raises:
        LeaseLost: somebody else prunes by now, and will say how that went.
    """

    def work(tx: Tx) -> None:
        _hold(tx, mine)
        values = {"owner": "", "expires": 0, "state": state, "ended": now, "reason": reason}
        completed = {"completed": now} if state == DONE else {}
        tx.run(_Q["set_pruning"], values={**values, **completed, "gone": orjson.dumps(gone).decode()})

    store.write(work)


def _hold(tx: Tx, mine: Pruning) -> None:
    (held,) = tx.run(_Q["guard_pruning"], token=token())
    if held["pruning"]["fence"] != mine.fence:
        raise LeaseLost(f"the prune was taken over by {held['pruning']['owner'] or 'another worker'}")


def _pruning(row: Row) -> Pruning:
    return Pruning(
        owner=row["owner"],
        fence=row["fence"],
        expires=row["expires"],
        state=row.get("state") or NEVER,
        by=row.get("by") or "",
        started=row.get("started"),
        ended=row.get("ended"),
        reason=row.get("reason") or "",
        gone=orjson.loads(row.get("gone") or "{}"),
        completed=row.get("completed"),
    )
