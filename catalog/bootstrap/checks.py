"""What a worker that evaluates policies and makes reports works with."""

from __future__ import annotations

from functools import partial

from catalog.bootstrap.hand import Hand
from catalog.bootstrap.stores import arcade_admin
from catalog.clock import SystemClock
from catalog.graph.orders import Order
from catalog.graph.reader import Reader
from catalog.usecases.evaluate import Evaluator, Schedule
from catalog.usecases.evaluation_orders import EVALUATE, evaluating
from catalog.usecases.ingest import name_owner
from catalog.usecases.orders import Orders, Work
from catalog.usecases.remembering import Memory
from catalog.usecases.report import KIND as REPORT
from catalog.usecases.report import Reporting


class Checks:
    """Who does what was ordered and judges the catalog, by the connections of a hand."""

    def __init__(self, hand: Hand) -> None:
        self._hand = hand
        self._memory = Memory()
        self._owed: list[Order] = []

    def orders(self) -> Orders:
        """Who does what was ordered.

        Raises:
            StoreFull, StoreUnavailable: as `Hand.ingester`.
        """
        self._hand.gate.check()
        works: dict[str, Work] = {REPORT: self._reporting().work, EVALUATE: partial(evaluating, self.evaluator())}
        limit = self._hand.settings.order_seconds
        return Orders(self._hand.store, SystemClock(), works, owner=name_owner(), limit=limit, owed=self._owed)

    def _reporting(self) -> Reporting:
        return Reporting(self._reader(), SystemClock(), self._hand.settings.seal_key)

    def evaluator(self) -> Evaluator:
        """Who judges the catalog.

        Raises:
            StoreFull, StoreUnavailable: as `Hand.ingester`.
        """
        self._hand.gate.check()
        settings = self._hand.settings
        return Evaluator(
            self._reader(),
            SystemClock(),
            Schedule(settings.pack_names, settings.evaluate_every, settings.evaluate_after),
            owner=name_owner(),
            understanding=self._hand.understanding,
            memory=self._memory,
        )

    def _reader(self) -> Reader:
        return Reader(self._hand.store, arcade_admin(self._hand.settings), shards=self._hand.settings.shards)
