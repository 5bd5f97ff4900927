"""Who evaluates the present, and how far findings are: one worker at a time, on lease with a fencing token."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog.checks.reconciliation import SEVERITIES
from catalog.clock import SECOND
from catalog.errors import LeaseLost
from catalog.graph.inbox import token
from catalog.graph.queries import blocks
from catalog.graph.store import Row, Store, Tx

LEASE = 30 * SECOND
MENDED: Mapping[str, Any] = {"broken": "", "brokenSince": None}
"""What is kept of `put_broken` once what is due is judged."""
_Q = blocks("findings")
_OPEN = {severity: f"open{severity.capitalize()}" for severity in SEVERITIES}


@dataclass(frozen=True, slots=True)
class Watch:
    """How far findings are; times in µs.

    Attributes:
        number: of the newest evaluation that is kept.
        known, at: of the newest evaluation that changed findings: an older one changes none.
        through: every entry up to this one was judged.
        whole_at: moment of the newest evaluation of everything; None: there was none yet.
        basis: a hash of the packs and the version that one judged by.
        seconds: how long the newest evaluation took.
        failing: policies that could not be evaluated for something, by the newest evaluation of everything or since.
        unknown: what that one could not read, in words.
        broken: why what is due could not be judged the last time, in words; "" if it could.
        broken_since: when it broke first since it was judged.
        open: open findings by severity.
        waived: waived ones.
    """

    owner: str = ""
    fence: int = 0
    number: int = 0
    known: int = 0
    at: int = 0
    through: int = 0
    whole_at: int | None = None
    basis: str = ""
    seconds: float = 0.0
    failing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    broken: str = ""
    broken_since: int | None = None
    open: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys(SEVERITIES, 0))
    waived: int = 0


def watch(store: Store) -> Watch:
    """How far findings are."""
    rows = store.rows(_Q["watch"])
    return _watch(rows[0]["watch"]) if rows else Watch()


def claim(store: Store, *, owner: str, now: int, is_gone: Callable[[str], bool] = lambda _: False) -> Watch | None:
    """Be the one who evaluates; None while another worker does. Who finds it held writes nothing."""

    def is_held(row: Row) -> bool:
        free = row["owner"] in ("", owner) or is_gone(row["owner"])
        return not free and now < row["expires"] <= now + 2 * LEASE

    def work(tx: Tx) -> Watch | None:
        (held,) = tx.run(_Q["guard_watch"], token=token())
        row = held["watch"]
        if is_held(row):
            return None
        values = {"owner": owner, "fence": row["fence"] + 1, "expires": now + LEASE}
        tx.run(_Q["set_watch"], values=values)
        return _watch({**row, **values})

    if any(is_held(row["watch"]) for row in store.rows(_Q["watch"])):
        return None
    return store.write(work)


def hold(tx: Tx, mine: Watch) -> Watch:
    """First statement of a transaction that writes findings; how far they are now.

    Raises:
        LeaseLost: another worker evaluates by now.
    """
    (held,) = tx.run(_Q["guard_watch"], token=token())
    found = _watch(held["watch"])
    if found.fence != mine.fence:
        raise LeaseLost(f"the evaluation was taken over by {found.owner or 'another worker'}")
    return found


def renew(store: Store, mine: Watch, now: int) -> None:
    """Keep the lease.

    Raises:
        LeaseLost: another worker evaluates by now.
    """

    def work(tx: Tx) -> None:
        hold(tx, mine)
        tx.run(_Q["set_watch"], values={"expires": now + LEASE})

    store.write(work)


def release(store: Store, mine: Watch) -> None:
    """Give the lease back, if it is still ours."""

    def work(tx: Tx) -> None:
        (held,) = tx.run(_Q["guard_watch"], token=token())
        if held["watch"]["fence"] == mine.fence:
            tx.run(_Q["set_watch"], values={"owner": "", "expires": 0})

    store.write(work)


def advance(store: Store, mine: Watch, through: int) -> None:
    """Every entry up to `through` was judged, and changed nothing.

    Raises:
        LeaseLost: another worker evaluates by now.
    """

    def work(tx: Tx) -> None:
        hold(tx, mine)
        tx.run(_Q["set_watch"], values={"through": through, **MENDED})

    store.write(work)


def put_broken(store: Store, why: str, now: int) -> None:
    """What is due could not be judged; until it is, people are told since when, and why the last time."""

    def work(tx: Tx) -> None:
        (held,) = tx.run(_Q["guard_watch"], token=token())
        since = held["watch"].get("brokenSince")
        tx.run(_Q["set_watch"], values={"broken": why, "brokenSince": now if since is None else since})

    store.write(work)


def counts(open_: Mapping[str, int], waived: int) -> dict[str, Any]:
    """Numbers of findings as they are kept."""
    return {**{name: open_[severity] for severity, name in _OPEN.items()}, "waived": waived}


def _watch(row: Row) -> Watch:
    return Watch(
        owner=row["owner"],
        fence=row["fence"],
        number=row["number"],
        known=row["known"],
        at=row["at"],
        through=row["through"],
        whole_at=row.get("wholeAt"),
        basis=row.get("basis") or "",
        seconds=row.get("seconds") or 0.0,
        failing=tuple(row.get("failing") or ()),
        unknown=tuple(row.get("unknown") or ()),
        broken=row.get("broken") or "",
        broken_since=row.get("brokenSince"),
        open={severity: row.get(name) or 0 for severity, name in _OPEN.items()},
        waived=row.get("waived") or 0,
    )
