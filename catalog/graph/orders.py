"""Orders: work that takes long, is asked for at a door and done by a worker.

An order is durable before its client hears of it, and done by one worker at a time, on lease with a fencing token: one
whose worker died is taken up by another, and the old one can neither tell progress nor end it any more.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from catalog.clock import SECOND
from catalog.errors import LeaseLost, Overloaded
from catalog.graph.inbox import token
from catalog.graph.numbered import newest_first
from catalog.graph.payloads import by_size, cut, payloads
from catalog.graph.queries import blocks
from catalog.graph.store import Row, Store, Tx
from catalog.identity import digest

QUEUED, RUNNING, DONE, FAILED = "QUEUED", "RUNNING", "DONE", "FAILED"
MOST_OPEN = 100
"""So many may wait or be at work at a time."""
MAX_ATTEMPTS = 3
"""A worker that ends so often over an order ends by its fault."""
MOST_OUTAGES = 20
"""An order that the store went away from so often may be what takes it away."""
LEASE = 30 * SECOND

_Q = blocks("orders")
_ENDED: dict[str, Any] = {"open": None, "owner": "", "expires": 0}


@dataclass(frozen=True, slots=True)
class Order:
    """An order as it stood when it was read; times in µs.

    Attributes:
        number: its place among all orders, without gaps.
        kind: what is to be done, such as EVALUATE.
        parameters: of the work, JSON.
        by: who ordered it, as the client says.
        step: what is being done, in words; `done` of `total` say how far it is (0 of 0: nobody knows).
        attempts: how often a worker began, without those that the store went away from.
        fence: rises with every worker; what one under an older fence writes is refused.
        retry_at: before this time no worker takes it up again.
        result: of a DONE one what came out, as its kind defines, such as an id.
        error: of a FAILED one why, in words.
        code: of a FAILED one the code of that error, see `catalog.errors`; empty if it has none.
    """

    id: str
    number: int
    kind: str
    state: str
    parameters: Mapping[str, Any]
    by: str
    placed: int
    step: str = ""
    done: int = 0
    total: int = 0
    attempts: int = 0
    fence: int = 0
    owner: str = ""
    started: int | None = None
    ended: int | None = None
    retry_at: int = 0
    result: str = ""
    error: str = ""
    code: str = ""
    chunks: int = 0


def place(store: Store, kind: str, parameters: Mapping[str, Any], *, by: str, now: int) -> tuple[Order, bool]:
    """Order some work; whether it is a new order. The same work that waits already is not ordered twice.

    Raises:
        Overloaded: too much is ordered already.
    """
    text = orjson.dumps(parameters, option=orjson.OPT_SORT_KEYS).decode()
    request, id_ = digest("order", kind, text), secrets.token_hex(8)

    def work(tx: Tx) -> tuple[Order, bool]:
        (book,) = tx.run(_Q["guard_orders"], token=token())
        waiting = [row["order"] for row in tx.run(_Q["open_orders"])]
        for row in waiting:
            if row["request"] == request and row["state"] == QUEUED:
                return _order(row), False
        if len(waiting) >= MOST_OPEN:
            raise Overloaded(f"{MOST_OPEN} orders wait or are at work; look at `orders`, and order again later")
        number = book["number"] + 1
        values = {
            **{"number": number, "kind": kind, "state": QUEUED, "parameters": text, "request": request, "by": by},
            **{"placed": now, "step": "", "done": 0, "total": 0, "attempts": 0, "fence": 0, "owner": "", "expires": 0},
            **{"retryAt": 0, "result": "", "error": "", "chunks": 0, "open": True, "forgiven": []},
        }
        tx.run(_Q["place_order"], id=id_, number=number, values=values)
        return _order({"id": id_, **values}), True

    return store.write(work)


def take(
    store: Store, kinds: Collection[str], *, owner: str, now: int, is_gone: Callable[[str], bool] = lambda _: False
) -> Order | None:
    """The oldest order of these kinds that waits, or whose worker died, now this worker's; None if there is none.

    One that ended its workers too often is FAILED here. Where there is nothing to take, nothing is written.
    """

    def is_free(row: Row) -> bool:
        if row["kind"] not in kinds:
            return False
        if row["state"] == QUEUED:
            return bool(row["retryAt"] <= now)
        return bool(row["expires"] <= now or row["expires"] > now + 2 * LEASE or is_gone(row["owner"]))

    def work(tx: Tx) -> Order | None:
        tx.run(_Q["guard_orders"], token=token())
        for row in filter(is_free, [row["order"] for row in tx.run(_Q["open_orders"])]):
            (held,) = tx.run(_Q["guard_order"], id=row["id"], token=token())
            order = held["order"]
            if order.get("open") is None or not is_free(order):
                continue
            if order["attempts"] >= MAX_ATTEMPTS:
                reason = f"{order['attempts']} workers ended over it; see their log for why, then order it again"
                tx.run(_Q["set_order"], id=row["id"], values={**_ENDED, "state": FAILED, "error": reason, "ended": now})
                continue
            values = {
                **{"state": RUNNING, "owner": owner, "expires": now + LEASE, "fence": order["fence"] + 1},
                **{"attempts": order["attempts"] + 1, "started": now, "step": "", "done": 0, "total": 0},
            }
            tx.run(_Q["set_order"], id=row["id"], values=values)
            return _order({**order, **values})
        return None

    waiting = [row["order"] for row in store.rows(_Q["open_orders"])]
    return store.write(work) if any(map(is_free, waiting)) else None


def hold(tx: Tx, order: Order) -> None:
    """First statement of a transaction that writes what comes of an order.

    Raises:
        LeaseLost: another worker took it up, or it has ended.
    """
    rows = tx.run(_Q["guard_order"], id=order.id, token=token())
    held = rows[0]["order"] if rows else {}
    if held.get("fence") != order.fence or held.get("state") != RUNNING:
        raise LeaseLost(f"order {order.id} was taken over by {held.get('owner') or 'another worker'}")


def progress(store: Store, order: Order, values: Mapping[str, Any], now: int) -> None:
    """Renew the lease, and tell how far it is: `step`, `done`, `total`.

    Raises:
        LeaseLost: it is not this worker's any more.
    """

    def work(tx: Tx) -> None:
        hold(tx, order)
        tx.run(_Q["set_order"], id=order.id, values={**values, "expires": now + LEASE})

    store.write(work)


def end(tx: Tx, order: Order, now: int, *, result: str = "", payload: bytes = b"") -> None:
    """The order is DONE, in the transaction that writes what came of it; `hold` comes before.

    Args:
        payload: what came out where that is large; `outcome` gives it back.
    """
    parts = cut(payload_key(order.id), payload) if payload else []
    for batch in by_size(parts):
        tx.run(blocks("inbox")["insert_chunks"], rows=batch)
    values = {**_ENDED, "state": DONE, "ended": now, "result": result, "chunks": len(parts), "error": ""}
    tx.run(_Q["set_order"], id=order.id, values=values)


def finish(store: Store, order: Order, now: int, *, result: str = "", payload: bytes = b"") -> None:
    """`hold` and `end` in a transaction of their own.

    Raises:
        LeaseLost: it is not this worker's any more.
    """

    def work(tx: Tx) -> None:
        hold(tx, order)
        end(tx, order, now, result=result, payload=payload)

    store.write(work)


def fail(store: Store, order: Order, error: str, now: int, code: str = "") -> None:
    """The order is FAILED, and why.

    Raises:
        LeaseLost: it is not this worker's any more.
    """

    def work(tx: Tx) -> None:
        hold(tx, order)
        values = {**_ENDED, "state": FAILED, "error": error, "code": code, "ended": now}
        tx.run(_Q["set_order"], id=order.id, values=values)

    store.write(work)


def put_off(store: Store, order: Order, error: str, until: int) -> None:
    """The order waits again until a time (µs): nothing is wrong with it, it could not be done now.

    Raises:
        LeaseLost: it is not this worker's any more.
    """

    def work(tx: Tx) -> None:
        hold(tx, order)
        values = {"state": QUEUED, "owner": "", "expires": 0, "retryAt": until, "error": error}
        tx.run(_Q["set_order"], id=order.id, values=values)

    store.write(work)


def forgive(store: Store, order: Order, error: str, now: int, until: int) -> None:
    """The store was away while this worker had the order, so that its attempt does not count, whoever has it by now.

    If nobody else has, it waits again until a time (µs). Safe to call again: each attempt is forgiven once.
    """

    def work(tx: Tx) -> None:
        rows = tx.run(_Q["guard_order"], id=order.id, token=token())
        held = rows[0]["order"] if rows else {}
        forgiven = held.get("forgiven") or []
        if held.get("open") is None or order.fence in forgiven:
            return
        values: dict[str, Any] = {"attempts": held["attempts"] - 1, "forgiven": [*forgiven, order.fence]}
        if held["fence"] == order.fence and held["state"] == RUNNING:
            values |= {"state": QUEUED, "owner": "", "expires": 0, "retryAt": until, "error": error}
        if len(forgiven) >= MOST_OUTAGES:
            reason = f"the store went away {len(forgiven) + 1} times while it was worked on; see `headwater doctor`"
            values |= {**_ENDED, "state": FAILED, "error": f"{reason}, then order it again", "ended": now}
        tx.run(_Q["set_order"], id=order.id, values=values)

    store.write(work)


def order(store: Store, id_: str) -> Order | None:
    """One order."""
    rows = store.rows(_Q["orders_by_id"], ids=[id_])
    return _order(rows[0]["order"]) if rows else None


def orders(
    store: Store, *, kind: str | None = None, state: str | None = None, before: int | None = None, limit: int = 50
) -> list[Order]:
    """Orders, the newest first, below the number `before`."""
    rows = store.rows(_Q["newest_order"])

    def look_up(numbers: list[int]) -> list[Order]:
        return [_order(row["order"]) for row in store.rows(_Q["orders_by_number"], numbers=numbers)]

    def fits(order: Order) -> bool:
        return kind in (None, order.kind) and state in (None, order.state)

    return newest_first(rows[0]["number"] if rows else 0, look_up, before=before, limit=limit, fits=fits)


def outcome(store: Store, order: Order) -> bytes | None:
    """What came of an order, where it is kept with it."""
    key = payload_key(order.id)
    return payloads(store, {key: order.chunks}).get(key) if order.chunks else None


def payload_key(id_: str) -> str:
    """Under what the chunks of an order's outcome are kept."""
    return f"order.{id_}"


def _order(row: Row) -> Order:
    return Order(
        id=row["id"],
        number=row["number"],
        kind=row["kind"],
        state=row["state"],
        parameters=orjson.loads(row["parameters"]),
        by=row["by"],
        placed=row["placed"],
        step=row["step"],
        done=row["done"],
        total=row["total"],
        attempts=row["attempts"],
        fence=row["fence"],
        owner=row["owner"],
        started=row.get("started"),
        ended=row.get("ended"),
        retry_at=row["retryAt"],
        result=row["result"],
        error=row["error"],
        code=row.get("code") or "",
        chunks=row["chunks"],
    )
