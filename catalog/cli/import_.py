"""`headwater import`: what another tool has kept, in bulk: bounded memory, back-pressure, and a place to go on from.

Events have their content as their key, so sending what was sent before is harmless; the state of `--resume` saves time.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from catalog.cli.client import connect
from catalog.cli.documents import STDIN
from catalog.cli.import_dbt import dbt
from catalog.cli.odcs import odcs
from catalog.cli.options import examples, json_option, print_json, url_option
from catalog.cli.render import clean, count
from catalog.cli.send import MOST_IN_BATCH, Letter, Outcome, Report, batches, post, read_files
from catalog.errors import InvalidQuestion, Unavailable

ENDINGS = (".json", ".jsonl", ".ndjson", ".log", ".txt")
PACKED = ".gz"
PATIENT = 120
"""Tries of one batch while the service says 503, about a second apart."""


@click.group(
    "import",
    epilog=examples(
        "headwater import openlineage events.ndjson.gz",
        "headwater import openlineage /var/log/openlineage --resume import.state",
        "headwater import dbt target --dry-run",
        "headwater import odcs orders.odcs.yaml --output manifests/contracts",
    ),
)
def import_() -> None:
    """Bring in what another tool has kept; what is interrupted goes on."""


import_.add_command(dbt)
import_.add_command(odcs)


@import_.command(
    epilog=examples(
        "headwater import openlineage events.ndjson.gz",
        "headwater import openlineage /var/log/openlineage --resume import.state",
        "zcat backup/*.gz | headwater import openlineage - --json",
    )
)
@click.argument(
    "paths", metavar="FILE|DIR|-...", nargs=-1, required=True, type=click.Path(exists=True, allow_dash=True)
)
@click.option(
    "--batch",
    metavar="N",
    type=click.IntRange(1, MOST_IN_BATCH),
    default=500,
    show_default=True,
    help="Events in one request.",
)
@click.option("--resume", type=click.Path(dir_okay=False, path_type=Path), help="Remember there how far it is.")
@json_option
@url_option
@click.pass_context
def openlineage(
    ctx: click.Context, paths: tuple[str, ...], batch: int, resume: Path | None, as_json: bool, url: str
) -> None:
    """Import OpenLineage events from files, folders or standard input.

    A FILE holds a JSON object, an array, or one object a line, packed with gzip or not. Of a DIR, files that end in
    .json, .jsonl, .ndjson, .log or .txt (and .gz behind it) are read in the order of their names, folders in it too.

    While the service is busy it waits. After an interruption run it again: with --resume it goes on where it was (and
    later takes what was added since), without it sends all again, which is harmless. Exits 1 if any event was refused.
    """
    files, passed = find_files(paths)
    place = Place.read(resume) if resume else Place()
    outcome, report = Outcome(accepted=place.accepted, created=place.created), Report(quiet=as_json)
    with connect(url, tries=PATIENT) as client, _watched(files, quiet=as_json) as (watch, tell):
        letters = read_files(files, outcome, done=place.done, watch=watch)
        try:
            for part in batches(_noting(letters, tell), batch):
                post(client, part, outcome)
                report.end(outcome)
                if resume:
                    place.write(resume, part[-1], outcome)
        except Unavailable as error:
            hint = f"--resume {resume} goes on from here" if resume else "importing all of it again is harmless"
            raise type(error)(f"{error} ({_summary(outcome, place.refused, passed)} so far; {hint})") from error
    report.end(outcome)
    refused = place.refused + len(outcome.refused)
    if as_json:
        print_json(
            {
                "new": outcome.created,
                "known": outcome.accepted - outcome.created,
                "refused": refused,
                "refusals": outcome.refused,
                "passedOver": passed,
                "sequence": outcome.sequence,
            }
        )
    else:
        click.echo(_summary(outcome, place.refused, passed))
    if refused:
        ctx.exit(1)


def find_files(paths: Iterable[str]) -> tuple[list[str], int]:
    """The files that are meant, folders in the order of names, and how many in them are not read."""
    files: list[str] = []
    passed = 0
    for path in paths:
        if path == STDIN or not os.path.isdir(path):
            files.append(path)
            continue
        for folder, below, names in os.walk(path):
            below.sort()
            for name in sorted(names):
                wanted = name.lower().removesuffix(PACKED).endswith(ENDINGS) and not name.startswith(".")
                passed += not wanted
                if wanted:
                    files.append(os.path.join(folder, name))
    return files, passed


@dataclass(slots=True)
class Place:
    """How far an import is, over all calls.

    Attributes:
        done: how many events of each file (as messages name it) are settled.
        refused: how many events were refused in earlier calls.
    """

    done: dict[str, int] = field(default_factory=dict)
    accepted: int = 0
    created: int = 0
    refused: int = 0

    @classmethod
    def read(cls, path: Path) -> Place:
        """What an earlier call left; nothing if there is no such file.

        Raises:
            InvalidQuestion: it holds something else.
        """
        try:
            told = json.loads(path.read_text("utf-8"))
            done = {str(name): int(number) for name, number in told["done"].items()}
            return cls(done, *(int(told[name]) for name in ("accepted", "created", "refused")))
        except FileNotFoundError:
            return cls()
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as e:
            raise InvalidQuestion(f"{path} is no state of an import; choose another file for --resume") from e

    def write(self, path: Path, last: Letter, outcome: Outcome) -> None:
        """Keep that everything up to this event is settled; nobody ever reads half of it.

        What was refused behind it will be met again, and is not counted yet.
        """
        self.done[last.file] = last.number
        refused = sum(
            r["file"] in self.done and not (r["file"] == last.file and r["line"] > last.line) for r in outcome.refused
        )
        told = {"done": self.done, "accepted": outcome.accepted, "created": outcome.created}
        whole = path.with_name(f"{path.name}.new")
        whole.write_text(json.dumps({**told, "refused": self.refused + refused}), "utf-8")
        whole.replace(path)


def _summary(outcome: Outcome, before: int, passed: int) -> str:
    known, refused = outcome.accepted - outcome.created, before + len(outcome.refused)
    text = f"{outcome.created:,} new, {known:,} known, {refused:,} refused"
    return f"{text}; {count(passed, 'other file')} passed over" if passed else text


def _noting(letters: Iterable[Letter], tell: Callable[[str], None]) -> Iterator[Letter]:
    """The same letters; the file each is from is told."""
    for letter in letters:
        tell(letter.file)
        yield letter


@contextmanager
def _watched(files: list[str], quiet: bool) -> Iterator[tuple[Callable[[int], None], Callable[[str], None]]]:
    """Shows how far it is, where somebody watches: told the bytes read of a file, and the file."""
    if quiet or not sys.stderr.isatty():
        yield lambda _: None, lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    sizes = {path: os.path.getsize(path) if path != STDIN and os.path.isfile(path) else 0 for path in files}
    total = sum(sizes.values()) if STDIN not in sizes else None
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    before: dict[str, Any] = {"file": "", "size": 0}
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("importing", total=total)

        def tell(file: str) -> None:
            if file != before["file"]:
                before["size"] += sizes.get(before["file"], 0)
                before["file"] = file
                bar.update(task, description=clean(file))

        yield lambda read: bar.update(task, completed=before["size"] + read), tell
