"""`make bench`: measures the service on either store and prints what it found; docs/benchmarks.md explains it."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

from tests.benchmarks import (
    accepting,
    backlog,
    big,
    contradicting,
    dbt,
    declaring,
    draining,
    evaluating,
    history,
    importing,
    judging,
    peer,
    posting,
    reading,
    result,
    seeing,
    snapshots,
    starting,
)
from tests.benchmarks.figures import Figure
from tests.benchmarks.machine import describe, load
from tests.benchmarks.session import Session
from tests.benchmarks.size import FULL, QUICK
from tests.servers.stores import EMBEDDED, NEO4J

GROUPS: dict[str, Callable[[Session], Iterator[Figure]]] = {
    "accept": accepting.measure,
    "drain": draining.measure,
    "late": draining.measure_late,
    "contradict": contradicting.measure,
    "lineage": reading.measure_lineage,
    "reads": reading.measure_reads,
    "history": history.measure,
    "big": big.measure,
    "backlog": backlog.measure,
    "post": posting.measure,
    "both": posting.measure_both,
    "import": importing.measure,
    "dbt": dbt.measure,
    "declare": declaring.measure,
    "snapshot": snapshots.measure,
    "judge": judging.measure,
    "evaluate": evaluating.measure,
    "visible": seeing.measure_visible,
    "graphql": seeing.measure_graphql,
    "after": seeing.measure_memory,
    "start": starting.measure,
}
"""In the order they run: first the store alone, then the whole service, then its start."""


class OutOfTime(BaseException):
    """The whole run took too long."""


def main() -> int:
    """Measure what the command line asks for; 0 if all of it was measured."""
    asked = _arguments()
    for name in [name for name in os.environ if name.startswith("HEADWATER_")]:
        del os.environ[name]
    size = QUICK if asked.quick else FULL
    mode = "quick" if asked.quick else "full"
    _end_in_time(size.limit)
    started = time.monotonic()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="headwater-bench-", ignore_cleanup_errors=True) as folder:
        machine = {**describe(Path(folder)), "store": asked.store, "load before": load()}
        print(f"{result.machine_lines(machine, mode)}\n\n{result.head()}", flush=True)
        session = Session(size, Path(folder), asked.store)
        failed = ""
        try:
            for name, measured in _wanted(asked, session):
                begun = time.monotonic()
                for figure in measured:
                    figures.append(figure)
                    print(result.line(figure), flush=True)
                print(f"{name}: {time.monotonic() - begun:.0f} s", file=sys.stderr)
        except (Exception, KeyboardInterrupt, OutOfTime) as e:  # what was measured before it is told all the same
            failed = f"{type(e).__name__}: {e}"
        finally:
            signal.alarm(0)
            session.close()
    machine["load after"] = load()
    seconds = time.monotonic() - started
    print(f"\n{seconds:.0f} s; load before {machine['load before']}, after {machine['load after']}")
    if asked.json:
        told = result.as_json(machine, mode, seconds, figures)
        asked.json.write_text(json.dumps(told, indent=2) + "\n", "utf-8")
    if failed:
        print(f"not everything was measured: {failed}", file=sys.stderr)
    return 1 if failed else 0


def _wanted(asked: argparse.Namespace, session: Session) -> Iterator[tuple[str, Iterator[Figure]]]:
    """The groups that are asked for, in their order, and the peer."""
    for name, measure in GROUPS.items():
        if name in (asked.only or GROUPS) and (name != "start" or asked.store == EMBEDDED):
            yield name, measure(session)
    if asked.peer_url:
        yield "peer", peer.measure(asked.peer_url, session.size.posts[8])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.benchmarks", description="Measure Headwater on this machine.")
    parser.add_argument("--quick", action="store_true", help="some minutes instead of about an hour")
    parser.add_argument("--store", choices=(EMBEDDED, NEO4J), default=EMBEDDED, help="[embedded]")
    parser.add_argument("--peer-url", metavar="URL", help="also measure a peer with Marquez's API at this address")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result there too")
    parser.add_argument(
        "--only",
        nargs="+",
        choices=GROUPS,
        metavar="NAME",
        help=f"some of: {', '.join(GROUPS)}; `start` is about the embedded store alone",
    )
    return parser.parse_args()


def _end_in_time(seconds: int) -> None:
    """Have this process tidy up and end after these seconds, or when it is asked to end."""

    def end(number: int, _: FrameType | None) -> None:
        raise OutOfTime(f"given up after {seconds} s" if number == signal.SIGALRM else "asked to end")

    for number in (signal.SIGALRM, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    signal.alarm(seconds)


if __name__ == "__main__":
    sys.exit(main())
