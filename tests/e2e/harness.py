"""Kills every part of the service, in random order at random moments, while clients post; then judges what is left.

python -m tests.e2e.harness --store embedded --seconds 120 --seed 7
python -m tests.e2e.harness --store neo4j --broker rabbitmq --seconds 300

Prints each kill with its time, part and process, and how long the service took to be whole again: it says that it is
ready, and an event posted after the kill is applied. Ends with 1 when anything accepted is lost, doubled or half there.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import httpx

from catalog.errors import CatalogError
from catalog.graph.entries import progress
from catalog.graph.store import Store
from tests.e2e.faults.clients import Clients, stream
from tests.e2e.faults.pace import contention
from tests.e2e.faults.sides import SHARDS_ON_NEO4J, Deployed, Laptop, Side, ready
from tests.e2e.faults.verdict import judge
from tests.servers.brokers import FOLDER, RABBITMQ, REDIS
from tests.servers.stores import EMBEDDED, NEO4J

SEED_VARIABLE = "HEADWATER_TESTS_SEED"
SEED = 20261121
MAX_LAG = 200
DOUBLE = 0.2
DRAIN_SECONDS = 180.0
SLACK = 3
"""How much longer than promised a part may take before the run fails: it is a test, not a measurement."""


def seed_from_environment() -> int:
    """The seed that is asked for, or the usual one."""
    return int(os.environ.get(SEED_VARIABLE, SEED))


class Harness:
    """One run against one side.

    Args:
        seconds: how long to go on killing; every victim is killed at least once, whatever it takes.
    """

    def __init__(self, side: Side, *, seed: int, seconds: float, clients: int = 8) -> None:
        self._side = side
        self._rng = random.Random(seed)
        self._seconds = seconds
        self._lag = 0
        self._ended = threading.Event()
        self._clients = Clients(side.urls, stream(seed), count=clients, may_post=lambda: self._lag < MAX_LAG)
        self._started = time.monotonic()
        self._shared = contention()
        self.took: list[tuple[float, str]] = []

    def run(self) -> None:
        """Post, kill, mend, and judge.

        Raises:
            AssertionError: a promise is broken; the text says which.
        """
        watcher = threading.Thread(target=self._watch, name="watcher", daemon=True)
        watcher.start()
        self._clients.start()
        try:
            for victim in self._schedule():
                self._attack(victim)
        finally:
            self._stop_clients()
            self._ended.set()
            watcher.join()
        self._say(self._clients.summary())
        self._judge()
        for seconds, victim in sorted(self.took):
            print(f"  {seconds:6.1f} s until whole after {victim}")
        shared = max(self._shared, contention())
        print(
            f"  median {median(s for s, _ in self.took):.1f} s, worst {max(self.took)[0]:.1f} s, on a machine whose "
            f"processors others left us 1/{shared:.1f} of",
            flush=True,
        )

        worst = max(self.took)[0]
        if worst > self._side.patience:
            print(f"  the promise is {self._side.patience:.0f} s on a machine of one's own", flush=True)
        late = f"not always whole again within {SLACK} times {self._side.patience:.0f} s of a machine of one's own"
        assert worst < SLACK * self._side.patience * shared, late

    def _schedule(self) -> Iterator[str]:
        """Bags of all victims in random order, until the time is over; the first bag is always emptied."""
        end = time.monotonic() + self._seconds
        for bag in range(1_000):
            for victim in self._rng.sample(self._side.victims, len(self._side.victims)):
                if bag and time.monotonic() > end:
                    return
                yield victim

    def _attack(self, victim: str) -> None:
        self._rest(self._rng.uniform(0.2, 2.5))
        self._kill(victim)
        if self._rng.random() < DOUBLE:
            self._rest(self._rng.uniform(0, 1))
            second = self._rng.choice(self._side.victims)
            self._kill(second)
            victim = f"{victim}, then {second}"
        seconds = self._until_whole()
        self.took.append((seconds, victim))
        self._say(f"whole again after {seconds:.1f} s")

    def _kill(self, victim: str) -> None:
        self._say(f"kill -9 {victim}: {self._side.kill(victim, self._rng)}")

    def _until_whole(self) -> float:
        """Seconds until every API is ready and an event posted from now on is applied."""
        begun = time.monotonic()
        event, key = self._clients.take(), None
        with httpx.Client(timeout=2) as http:
            while time.monotonic() < begun + 3 * self._side.patience:
                self._side.tend()
                url = self._side.urls[0]
                if key is None:
                    key = self._clients.try_once(http, url, event)
                elif self._is_applied(http, url, key) and ready(self._side.urls):
                    break
                time.sleep(0.05)
        return time.monotonic() - begun

    def _is_applied(self, http: httpx.Client, url: str, key: str) -> bool:
        query = f'{{ ingestion(key: "{key}") {{ state }} }}'
        try:
            answer = http.post(f"{url}/graphql", json={"query": query}).json()
        except (httpx.HTTPError, ValueError):
            return False
        found = (answer.get("data") or {}).get("ingestion")
        return bool(found and found["state"] == "APPLIED")

    def _watch(self) -> None:
        """Keep count of what waits, so that clients go as fast as what they post can be applied."""
        with httpx.Client(timeout=2) as http:
            while not self._ended.wait(0.2):
                try:
                    query = {"query": "{ status { sequence appliedThrough } }"}
                    status = http.post(f"{self._side.urls[0]}/graphql", json=query).json()["data"]["status"]
                    self._lag = status["sequence"] - status["appliedThrough"]
                except (httpx.HTTPError, ValueError, KeyError, TypeError):
                    continue

    def _rest(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._side.tend()
            time.sleep(0.05)

    def _stop_clients(self) -> None:
        """Mended while the clients end, since they stay until their last event is accepted."""
        ending = threading.Thread(target=self._clients.stop, name="ending")
        ending.start()
        while ending.is_alive():
            self._side.tend()
            time.sleep(0.05)

    def _judge(self) -> None:
        assert not self._clients.faults, self._clients.faults[:5]
        store = self._side.open_store()
        try:
            self._wait_applied(store)
            judge(store, self._clients.accepted)
        finally:
            store.close()
        self._say("every entry answered 201 is applied exactly once; the graph is the oracle's")

    def _wait_applied(self, store: Store) -> None:
        shards = SHARDS_ON_NEO4J if isinstance(self._side, Deployed) else 1
        deadline = time.monotonic() + DRAIN_SECONDS
        while (now := progress(store, shards)).applied_through < now.sequence:
            assert time.monotonic() < deadline, f"not applied in {DRAIN_SECONDS:.0f} s: {now}"
            self._side.tend()
            time.sleep(0.2)

    def _say(self, what: str) -> None:
        print(f"{time.monotonic() - self._started:7.1f} s  {what}", flush=True)


def run(store: str, folder: Path, *, seed: int, seconds: float, broker: str = FOLDER, clients: int = 8) -> Harness:
    """One run on a store of its own below a folder; says what it did."""
    print(f"seed {seed} ({SEED_VARIABLE}={seed} repeats the order of the kills), store {store}, {seconds:.0f} s")
    side: Side = Laptop(folder) if store == EMBEDDED else Deployed(folder, broker)
    harness = Harness(side, seed=seed, seconds=seconds, clients=clients)
    try:
        harness.run()
    finally:
        side.close()
    return harness


def main() -> None:
    """Run it by hand, for as long as one likes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", choices=[EMBEDDED, NEO4J], default=EMBEDDED, help="[%(default)s]")
    parser.add_argument("--broker", choices=[FOLDER, REDIS, RABBITMQ], default=FOLDER, help="Neo4j only [%(default)s]")
    parser.add_argument("--seed", type=int, default=seed_from_environment(), help="[%(default)s]")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long to go on killing [%(default)s]")
    parser.add_argument("--clients", type=int, default=8, help="threads that post [%(default)s]")
    parser.add_argument("--folder", type=Path, help="a new folder to keep all files in [a temporary one]")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="headwater-faults-") as temporary:
        run(
            given.store,
            given.folder or Path(temporary),
            seed=given.seed,
            seconds=given.seconds,
            broker=given.broker,
            clients=given.clients,
        )


if __name__ == "__main__":
    try:
        main()
    except (AssertionError, CatalogError) as e:
        raise SystemExit(f"broken: {e}") from e
