"""`headwater send`: OpenLineage events from files, in batches, each told apart from its neighbours.

Sending an event again is harmless (it is stored once), so after an interruption the whole file may be sent again.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import click

from catalog.cli.client import Client, connect
from catalog.cli.documents import STDIN, open_events, read_events
from catalog.cli.options import examples, json_option, print_json, url_option
from catalog.cli.render import clean, count
from catalog.errors import CatalogError, InvalidEvent, TooLarge, Unavailable

STATUS = "query Status { status { appliedThrough rejected dead } }"
BATCH_BYTES = 8_000_000
MOST_IN_BATCH = 2_000
TRIES = 3


class Letter(NamedTuple):
    """An event on its way: the file and line it is from, its JSON text, and the how-manieth of its file it is."""

    file: str
    line: int
    raw: bytes
    number: int = 0


@dataclass(slots=True)
class Outcome:
    """What became of the events so far.

    Attributes:
        accepted: how many the service has stored.
        created: how many of these it did not know.
        refused: what was not, each with `file`, `line` and `reason`.
        receipts: each stored event with `file`, `line`, `key`, `sequence` and `state`; filled only on demand.
        sequence: the highest sequence received.
    """

    accepted: int = 0
    created: int = 0
    refused: list[dict[str, Any]] = field(default_factory=list)
    receipts: list[dict[str, Any]] = field(default_factory=list)
    sequence: int = 0
    keep_receipts: bool = False

    def accept(self, letter: Letter, receipt: dict[str, Any]) -> None:
        """Note that an event is stored."""
        self.accepted += 1
        self.created += bool(receipt.get("created"))
        self.sequence = max(self.sequence, receipt["sequence"])
        if self.keep_receipts:
            told = {key: receipt[key] for key in ("key", "sequence", "state")}
            self.receipts.append({"file": letter.file, "line": letter.line, **told})

    def refuse(self, file: str, line: int, reason: str) -> None:
        """Note that an event is not stored."""
        self.refused.append({"file": file, "line": line, "reason": reason})

    def __str__(self) -> str:
        return f"{self.accepted:,} accepted, {len(self.refused):,} refused"


@click.command(
    epilog=examples(
        "headwater send events.ndjson.gz --wait",
        "zcat logs/*.gz | headwater send - --batch 500",
        "headwater send event.json --json",
    )
)
@click.argument(
    "files", metavar="FILE...", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, allow_dash=True)
)
@click.option(
    "--batch",
    metavar="N",
    type=click.IntRange(1, MOST_IN_BATCH),
    default=100,
    show_default=True,
    help="Events in one request.",
)
@click.option("--wait", is_flag=True, help="Wait until the events are applied.")
@click.option(
    "--timeout",
    metavar="SECONDS",
    type=click.FloatRange(min=0),
    default=60.0,
    show_default=True,
    help="Seconds to --wait.",
)
@json_option
@url_option
@click.pass_context
def send(
    ctx: click.Context, files: tuple[str, ...], batch: int, wait: bool, timeout: float, as_json: bool, url: str
) -> None:
    """Send OpenLineage events from files or standard input.

    A FILE holds a JSON object, an array, or one object a line, packed with gzip or not; - is standard input. Exits 1 if
    any event was refused, or if --wait ends before they are applied. An event that was sent before is stored once.
    """
    outcome = Outcome(keep_receipts=as_json)
    report = Report(quiet=as_json)
    waited: dict[str, Any] = {}
    with connect(url) as client:
        before = _status(client) if wait else {}
        try:
            for letters in batches(read_files(files, outcome), batch):
                post(client, letters, outcome)
                report.show(outcome)
        except Unavailable as error:
            report.end(outcome)
            raise type(error)(f"{error} ({outcome} so far; sending all of it again is harmless)") from error
        report.end(outcome)
        if wait and outcome.accepted:
            waited = await_applied(client, outcome.sequence, timeout, before)
    if as_json:
        print_json(
            {
                "accepted": outcome.accepted,
                "refused": sorted(outcome.refused, key=_place),
                "receipts": sorted(outcome.receipts, key=_place),
                "sequence": outcome.sequence,
                **waited,
            }
        )
    else:
        click.echo(f"{outcome}{_waited_text(outcome, waited, timeout)}")
    if outcome.refused or waited.get("applied") is False:
        ctx.exit(1)


MOST_TOLD = 50
"""Refusals that are printed: a file that holds something else altogether would fill the screen."""


class Report:
    """Tells about refusals as they happen, and how far it is where somebody watches."""

    def __init__(self, quiet: bool = False) -> None:
        self._told = 0
        self._quiet = quiet
        self._watched = sys.stderr.isatty()

    def show(self, outcome: Outcome) -> None:
        """Print new refusals, then the progress."""
        self.end(outcome)
        if self._watched:
            click.echo(f"{outcome} …", err=True, nl=False)

    def end(self, outcome: Outcome) -> None:
        """Print new refusals; the progress is wiped away."""
        if self._watched:
            click.echo("\r\x1b[K", err=True, nl=False)
        for refusal in outcome.refused[self._told : MOST_TOLD] if not self._quiet else ():
            where = f"{clean(refusal['file'])}:{refusal['line']}"
            click.echo(f"{where}: {clean(refusal['reason'], 1_000)}", err=True)
        if self._told <= MOST_TOLD < len(outcome.refused) and not self._quiet:
            click.echo("further refusals are counted only; --json lists them all", err=True)
        self._told = len(outcome.refused)


def read_files(
    files: Iterable[str],
    outcome: Outcome,
    *,
    done: Mapping[str, int] | None = None,
    watch: Callable[[int], None] = lambda _: None,
) -> Iterator[Letter]:
    """The events of these files one by one; what is none is noted as refused.

    Args:
        done: how many events of a file to pass over, by the name it has in messages.
        watch: told how many bytes of the present file were read.
    """
    for path in files:
        shown = "stdin" if path == STDIN else path
        line = 0
        try:
            with open_events(path) as pieces:
                for number, found in enumerate(read_events(pieces), 1):
                    line = found.line
                    watch(pieces.position())
                    if number <= (done or {}).get(shown, 0):
                        continue
                    if found.fault:
                        outcome.refuse(shown, line, found.fault)
                    else:
                        yield Letter(shown, line, found.raw, number)
        except OSError as error:
            outcome.refuse(shown, line + 1, f"cannot be read from here on: {error.strerror or error}")


def batches(letters: Iterable[Letter], most: int, most_bytes: int = BATCH_BYTES) -> Iterator[list[Letter]]:
    """Lists of at most so many events and, unless one alone is larger, so many bytes."""
    batch: list[Letter] = []
    size = 0
    for letter in letters:
        if batch and (len(batch) >= most or size + len(letter.raw) > most_bytes):
            yield batch
            batch, size = [], 0
        batch.append(letter)
        size += len(letter.raw)
    if batch:
        yield batch


def post(client: Client, letters: list[Letter], outcome: Outcome, sleep: Callable[[float], None] = time.sleep) -> None:
    """Send a batch; what the service asks for again is sent again, a batch refused as a whole is halved.

    Raises:
        Unavailable: the service does not take anything now.
    """
    for attempt in range(1, TRIES + 1):
        try:
            answer = client.post_batch([letter.raw for letter in letters])
        except (TooLarge, InvalidEvent) as error:
            _halve(client, letters, outcome, error, sleep)
            return
        failed = {failure["index"]: failure for failure in answer.get("failed_events") or ()}
        receipts = {receipt["index"]: receipt for receipt in answer.get("receipts") or ()}
        again: list[Letter] = []
        for index, letter in enumerate(letters):
            failure = failed.get(index, {"reason": "the service did not say what became of it", "retriable": False})
            if index in receipts:
                outcome.accept(letter, receipts[index])
            elif failure.get("retriable") and attempt < TRIES:
                again.append(letter)
            else:
                outcome.refuse(letter.file, letter.line, str(failure.get("reason")))
        letters = again
        if not letters:
            return
        sleep(0.5 * 2**attempt)


def _halve(
    client: Client, letters: list[Letter], outcome: Outcome, error: CatalogError, sleep: Callable[[float], None]
) -> None:
    if len(letters) == 1:
        outcome.refuse(letters[0].file, letters[0].line, str(error))
        return
    middle = len(letters) // 2
    post(client, letters[:middle], outcome, sleep)
    post(client, letters[middle:], outcome, sleep)


def await_applied(client: Client, sequence: int, timeout: float, before: dict[str, Any]) -> dict[str, Any]:
    """Wait until everything up to `sequence` is settled, at most `timeout` seconds; what is known at the end."""
    deadline = time.monotonic() + timeout
    pause = 0.05
    while True:
        status = _status(client)
        applied = status["appliedThrough"] >= sequence
        if applied or time.monotonic() + pause > deadline:
            failed = {f"{key}Meanwhile": status[key] - before.get(key, 0) for key in ("rejected", "dead")}
            return {"applied": applied, "appliedThrough": status["appliedThrough"], **failed}
        time.sleep(pause)
        pause = min(pause * 1.5, 1.0)


def _status(client: Client) -> dict[str, Any]:
    status: dict[str, Any] = client.graphql(STATUS)["status"]
    return status


def _place(told: dict[str, Any]) -> tuple[str, int]:
    return told["file"], told["line"]


def _waited_text(outcome: Outcome, waited: dict[str, Any], timeout: float) -> str:
    if not waited:
        return ""
    text = f"; applied through {waited['appliedThrough']}"
    if not waited["applied"]:
        text += f" of {outcome.sequence} after {timeout:g} seconds; is a worker running?"
    for kind in ("rejected", "dead"):
        if (failed := waited[f"{kind}Meanwhile"]) > 0:
            entries = count(failed, "entry", "entries")
            text += f"; {entries} {kind} meanwhile, see `headwater inbox list --state {kind}`"
    return text
