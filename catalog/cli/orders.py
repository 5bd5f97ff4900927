"""Waits for what was ordered, with progress on standard error; on a terminal in one line that goes on."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from catalog.cli.render import clean, columns
from catalog.errors import OrderFailed, ServiceUnreachable, UnknownKey

if TYPE_CHECKING:
    from catalog.cli.client import Client

ORDER = "query Order($id: ID!) { order(id: $id) { id kind state step done total result error code } }"
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 1.0


def wait_for(
    client: Client, order: str, *, seconds: float, sleep: Callable[[float], None] = time.sleep
) -> dict[str, Any]:
    """The order once it is DONE.

    Raises:
        OrderFailed: it is FAILED, with its words.
        ServiceUnreachable: it was not done in time; it goes on without us.
        UnknownKey: there is no such order, or what it names is not known.
    """
    until, pause, said = time.monotonic() + seconds, FIRST_PAUSE, _Line()
    try:
        while True:
            found: dict[str, Any] | None = client.graphql(ORDER, {"id": order})["order"]
            if found is None:
                raise UnknownKey(f"there is no order {order}", order)
            if found["state"] == "DONE":
                return found
            if found["state"] == "FAILED":
                reason = found["error"] or "it failed, and nothing says why; see the worker's log"
                raise UnknownKey(reason, "") if found["code"] == UnknownKey.code else OrderFailed(reason)
            said.tell(_progress(found))
            if time.monotonic() >= until:
                raise ServiceUnreachable(
                    f"order {order} was not done within {seconds:.0f} seconds ({_progress(found)}); it goes on: "
                    f"`order(id)` in GraphQL tells how far it is. Is a worker running? See `headwater doctor`"
                )
            sleep(pause)
            pause = min(LONGEST_PAUSE, pause * 1.5)
    finally:
        said.end()


def _progress(order: dict[str, Any]) -> str:
    if order["state"] == "QUEUED":
        return f"waits: {clean(order['error'])}" if order["error"] else "waits for a worker"
    share = f" ({order['done']} of {order['total']})" if order["total"] else ""
    return f"{clean(order['step']) or 'begins'}{share}"


class _Line:
    """One line of a terminal that is written over; elsewhere a line for each new word."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._last = ""

    def tell(self, text: str) -> None:
        if text == self._last:
            return
        blank = " " * max(0, columns(self._last) - columns(text))
        click.echo(f"\r{text}{blank}" if self._terminal else text, err=True, nl=not self._terminal)
        self._last = text

    def end(self) -> None:
        if self._terminal and self._last:
            click.echo("\r" + " " * columns(self._last) + "\r", err=True, nl=False)
