"""`headwater inbox rebuild --verify`: prove that the graph says what its entries say."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from catalog.cli.options import examples, json_option, print_json
from catalog.cli.render import clean, count

if TYPE_CHECKING:
    from catalog.usecases.rebuild import Verdict

SHOWN = 20
LONGEST = 300
_WORDS = {
    "baseline": "copying what retention left",
    "replay": "replaying entries",
    "hold": "waiting until the workers pause",
    "compare": "comparing (entries wait)",
}


@click.command(
    epilog=examples(
        "headwater inbox rebuild --verify",
        "headwater inbox rebuild --verify --data ./catalog-data --json",
        "HEADWATER_STORE_URL=bolt://neo4j:7687 headwater inbox rebuild --verify --dir /var/tmp/rebuild",
    )
)
@click.option("--verify", is_flag=True, required=True, help="Rebuild beside the live graph, and compare the two.")
@click.option("--data", type=click.Path(path_type=Path), help="Data directory of the `headwater up` that is meant.")
@click.option("--dir", "folder", type=click.Path(path_type=Path), help="Where to rebuild. [rebuild below --data]")
@click.option("--keep", is_flag=True, help="Leave the rebuilt graph there when done.")
@json_option
@click.pass_context
def rebuild(
    ctx: click.Context, verify: bool, data: Path | None, folder: Path | None, keep: bool, as_json: bool
) -> None:
    """Replay all applied entries into a fresh graph and compare it with the live one.

    The service runs on; at the end entries wait, for as long as the graphs are compared, while accepting goes on. The
    store is reached directly: that of HEADWATER_STORE_URL, or of `headwater up` on this machine. If it is interrupted,
    the same command goes on where it was. Exits 1 if the graphs differ, and shows where.
    """
    from catalog.bootstrap.proof import verify_store
    from catalog.settings import read_settings

    settings = read_settings(data=data)
    with _watched(quiet=as_json) as say:
        verdict = verify_store(settings, folder or settings.data.expanduser() / "rebuild", say=say, keep=keep)
    if as_json:
        print_json(_as_json(verdict))
    else:
        for line in _lines(verdict):
            click.echo(line)
    if not verdict.equal:
        ctx.exit(1)


@contextmanager
def _watched(quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """Shows how far it is, where somebody watches."""
    if quiet or not sys.stderr.isatty():
        yield lambda what, done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("opening", total=None)
        yield lambda what, done, total: bar.update(task, description=_WORDS[what], completed=done, total=total)


def _as_json(verdict: Verdict) -> dict[str, Any]:
    return {
        "equal": verdict.equal,
        "sequence": verdict.sequence,
        "replayed": verdict.replayed,
        "live": verdict.live,
        "rebuilt": verdict.rebuilt,
        "heldSeconds": round(verdict.held, 3),
        "differences": [
            {"kind": d.kind, "about": d.about, "live": d.one, "rebuilt": d.other} for d in verdict.differences
        ],
        "complete": verdict.complete,
    }


def _lines(verdict: Verdict) -> Iterator[str]:
    entries = count(verdict.replayed, "entry", "entries")
    at = f"{entries} replayed, compared at sequence {verdict.sequence}; entries waited {verdict.held:.1f} s"
    if verdict.equal:
        yield f"equal: {verdict.live[:16]}  ({at})"
        return
    yield f"DIFFERENT: live {verdict.live[:16]}, rebuilt {verdict.rebuilt[:16]}  ({at})"
    for found in verdict.differences[:SHOWN]:
        yield f"{found.kind}: {', '.join(f'{part} {clean(name)}' for part, name in sorted(found.about.items()))}"
        for where, says in (("live", found.one), ("rebuilt", found.other)):
            yield f"  {where:<8} {'nothing' if says is None else clean(json.dumps(says, sort_keys=True), LONGEST)}"
    more = len(verdict.differences) - SHOWN
    if more > 0 or not verdict.complete:
        yield f"and {f'{more} more' if verdict.complete else 'more'}, see --json"
