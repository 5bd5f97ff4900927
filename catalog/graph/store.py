"""The graph store behind the `neo4j` driver: Neo4j in production, ArcadeDB embedded; one text for both.

Four promises: a write is one transaction whose body may run twice (law 2); two writers who create one key at once
both succeed; every failure of the store arrives as one of the errors of `catalog.errors`; no call waits for ever for a
store that went silent.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, Protocol, TypeVar

import neo4j
from neo4j import exceptions as bolt

from catalog.errors import Conflict, InvalidSetting, StoreTimeout, StoreUnavailable

T = TypeVar("T")
Row = dict[str, Any]

CONSTRAINT_RERUNS = 8
SILENCE = 15.0
LIMIT = 2.0
"""A transaction may take so many silences: its client may have vanished, and Neo4j keeps its locks that long.

ArcadeDB ignores it, and has no locks that outlast a statement.
"""
_CONSTRAINT = "ConstraintValidationFailed"
_NOT_OPEN = "Neo.ClientError.Database.DatabaseNotFound"
_GIVEN_UP = "Neo.ClientError.Transaction.TransactionNotFound"
_TIMED_OUT = "Neo.ClientError.Transaction.TransactionTimedOut"
_AWAY = (
    bolt.ServiceUnavailable,
    bolt.SessionExpired,
    bolt.ConnectionAcquisitionTimeoutError,
    bolt.IncompleteCommit,
    OSError,
)


class Tx(Protocol):
    """One open transaction."""

    def run(self, text: str, **parameters: Any) -> list[Row]:
        """All rows of one statement: scalars and lists, as no statement returns nodes or relationships."""
        ...


class Heard:
    """When a statement of one caller was last answered, monotonic seconds: tells slow work from a silent store."""

    def __init__(self) -> None:
        self.at = time.monotonic()


HEARD: ContextVar[Heard | None] = ContextVar("heard", default=None)
"""Set by whoever waits for another thread's work on the store."""


class _BoltTx:
    def __init__(self, tx: neo4j.ManagedTransaction) -> None:
        self._tx = tx

    def run(self, text: str, **parameters: Any) -> list[Row]:
        result = self._tx.run(text, parameters)
        keys = result.keys()
        rows = [dict(zip(keys, tuple(record), strict=True)) for record in result]
        if heard := HEARD.get():
            heard.at = time.monotonic()
        return rows


class Store:
    """A pool of connections to one database.

    Make it after forking: the driver must not cross a fork.
    """

    def __init__(self, driver: neo4j.Driver, database: str, limit: float) -> None:
        self._driver = driver
        self._database = database
        self._limit = neo4j.unit_of_work(timeout=limit)
        self.errors = 0

    @classmethod
    def open(
        cls,
        url: str,
        *,
        user: str,
        password: str,
        database: str,
        pool: int = 16,
        patience: float = 15.0,
        silence: float = SILENCE,
    ) -> Store:
        """Connect lazily; nothing is sent until the first statement.

        Args:
            pool: connections at most; about the number of threads that use the store.
            patience: seconds to retry transient errors and refused connections.
            silence: seconds without a byte of an answer after which a connection is given up, a new one too: a store
                that has just started needs seconds for a login, and giving up earlier only makes it do more of them.

        Raises:
            InvalidSetting: the address is no Bolt address.
        """
        try:
            driver = neo4j.GraphDatabase.driver(
                url,
                auth=(user, password),
                max_connection_pool_size=pool,
                connection_acquisition_timeout=silence,
                connection_timeout=min(patience, 5.0),
                max_transaction_retry_time=patience,
                initial_retry_delay=0.01,
                telemetry_disabled=True,
                notifications_min_severity="OFF",
                keep_alive=True,
            )
        except (bolt.ConfigurationError, ValueError) as e:
            raise InvalidSetting(f"HEADWATER_STORE_URL={url!r} is no Bolt address ({e}); try bolt://HOST:7687") from e
        _end_silence(driver, silence)
        return cls(driver, database, LIMIT * silence)

    def patient(self, seconds: float) -> Store:
        """The same store for transactions that may take longer than all others."""
        return Store(self._driver, self._database, seconds)

    def write(self, work: Callable[[Tx], T]) -> T:
        """Run `work` in one write transaction; it may run more than once and must have no other effects.

        Raises:
            StoreTimeout, Conflict: nothing was written.
            StoreUnavailable: nothing was written, or all was and the answer to the commit was lost; so whoever does the
                same again has to find it as it is (`tests/store/test_lost_answers.py`).
        """
        for attempt in range(CONSTRAINT_RERUNS):
            try:
                with self._driver.session(database=self._database) as session:
                    return session.execute_write(self._limit(lambda tx: work(_BoltTx(tx))))
            except bolt.Neo4jError as e:
                if not (e.code or "").endswith(_CONSTRAINT):
                    raise self._ours(e) from e
                time.sleep(random.uniform(0, 0.005) * 2**attempt)
            except (*_AWAY, bolt.DriverError) as e:
                raise self._ours(e) from e
        self.errors += 1
        raise Conflict(f"two writers created the same key {CONSTRAINT_RERUNS} times in a row; try again")

    def read(self, work: Callable[[Tx], T]) -> T:
        """Run `work` in one read transaction (routed to readers on a cluster).

        Raises:
            StoreUnavailable, StoreTimeout, Conflict.
        """
        try:
            with self._driver.session(database=self._database) as session:
                return session.execute_read(self._limit(lambda tx: work(_BoltTx(tx))))
        except (*_AWAY, bolt.Neo4jError, bolt.DriverError) as e:
            raise self._ours(e) from e

    def rows(self, text: str, **parameters: Any) -> list[Row]:
        """All rows of one read statement."""
        return self.read(lambda tx: tx.run(text, **parameters))

    def define(self, *texts: str) -> None:
        """Run schema statements in a transaction of their own (never mixed with data: `stores.md` rule 1)."""
        self.write(lambda tx: [tx.run(text) for text in texts])

    def close(self) -> None:
        """Give the connections back."""
        self._driver.close()

    def _ours(self, e: Exception) -> Exception:
        self.errors += 1
        code = getattr(e, "code", None) or ""
        if isinstance(e, bolt.AuthError):
            return StoreUnavailable(
                "the store refused the login; check HEADWATER_STORE_USER and HEADWATER_STORE_PASSWORD"
            )
        if code.startswith(_TIMED_OUT):
            return StoreTimeout("a statement ran into the store's time limit; ask for less at once")
        if isinstance(e, bolt.TransientError):
            return Conflict("the store kept reporting conflicts; try again")
        if code == _GIVEN_UP:  # ArcadeDB when its disk is full, which is nobody's entry's fault
            return StoreUnavailable("the store gave the transaction up; is its disk full? see `headwater doctor`")
        if isinstance(e, _AWAY) or code == _NOT_OPEN:  # a starting store listens before its database is open
            return StoreUnavailable("the graph store does not answer; see `headwater doctor`")
        return e


def _end_silence(driver: neo4j.Driver, seconds: float) -> None:
    """Have every connection give up reading after a while: the driver waits for ever for a frozen or vanished server.

    There is no option for it: only a server can set it, and neither store does. So it is set where the pool opens
    connections; the driver's exact version is pinned, and `tests/e2e/test_outages.py` fails if this stops working.
    """
    pool = driver._pool
    open_plain = pool.opener

    def open_bounded(*args: Any) -> Any:
        connection = open_plain(*args)
        connection.socket.set_read_timeout(seconds)
        return connection

    pool.opener = open_bounded
