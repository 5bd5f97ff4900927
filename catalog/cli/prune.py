"""`headwater prune`: take away what is not kept any more, after showing what that is."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from catalog.cli.options import examples, json_option, print_json
from catalog.clock import to_iso

if TYPE_CHECKING:
    from catalog.graph.retention import Step
    from catalog.usecases.prune import Share

DAYS = click.IntRange(min=1)


@click.command(
    epilog=examples(
        "headwater prune --payloads-days 90",
        "headwater prune --history-days 730 --runs-days 365 --series-days 365 --payloads-days 90 --yes",
        "HEADWATER_KEEP_PAYLOADS_DAYS=90 headwater prune --yes --json",
        notes=(
            "Classes: history (how the graph came to be: past edges, schemas and facets, and the log below them), runs "
            "(those that ended), series (statistics and check results), payloads (events as they were received), "
            "evaluations (and orders that ended, with what came of them; findings and sealed reports stay). With them "
            "go shapes: values that nothing refers to any more. The present never goes. Questions "
            "behind the history are answered BEYOND_RETENTION, and events that happened "
            "behind it are rejected.",
        ),
    )
)
@click.option("--history-days", metavar="N", type=DAYS, help="Keep the history of so many days.")
@click.option("--runs-days", metavar="N", type=DAYS, help="Keep runs that ended so many days ago or later.")
@click.option("--series-days", metavar="N", type=DAYS, help="Keep statistics and check results of so many days.")
@click.option("--payloads-days", metavar="N", type=DAYS, help="Keep received events of so many days.")
@click.option("--evaluations-days", metavar="N", type=DAYS, help="Keep orders and evaluations of so many days.")
@click.option("--data", type=click.Path(path_type=Path), help="Data directory of the `headwater up` that is meant.")
@click.option("--yes", is_flag=True, help="Do it; without this nothing is changed.")
@click.option(
    "--max-share",
    metavar="SHARE",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="Refuse to take more than this part of a class.",
)
@json_option
def prune(data: Path | None, yes: bool, max_share: float, as_json: bool, **days: int | None) -> None:
    """Show what is older than it need be, and with --yes take it away.

    Ages that are not given come from the HEADWATER_KEEP_... settings; a class without an age is kept for ever. It works
    on the store itself, while the service runs; stopped half-way, the next one goes on. Only one prunes at a time.
    With HEADWATER_PRUNE_EVERY workers do it on schedule.
    """
    from catalog.bootstrap.pruning import PATIENCE, SILENCE
    from catalog.bootstrap.stores import open_store, running_store
    from catalog.clock import SystemClock
    from catalog.settings import read_settings
    from catalog.usecases import prune as verb
    from catalog.usecases.ingest import name_owner
    from catalog.usecases.pruning import prune_alone

    settings = running_store(read_settings(data=data))
    given = {name: days[f"{name}_days"] or getattr(settings, f"keep_{name}_days") for name in verb.Ages._fields}
    ages = verb.Ages(**given)
    if not any(given.values()):
        options = ", ".join(f"--{name}-days" for name in verb.Ages._fields)
        raise click.UsageError(f"nothing has an age: give one of {options}")
    store = open_store(settings, pool=2, patience=PATIENCE, silence=SILENCE)
    try:
        say = _watch(as_json)
        if yes:
            me = name_owner()
            shares = prune_alone(store, SystemClock(), ages, owner=me, by="command", max_share=max_share, say=say)
        else:
            shares = verb.plan(store, SystemClock(), ages, say)
    finally:
        store.close()
    if as_json:
        print_json({"pruned": yes, "classes": [_as_document(share) for share in shares]})
        return
    for share in shares:
        click.echo(_line(share, yes))
    if not yes:
        click.echo("nothing was changed; do it with --yes", err=True)


def _watch(as_json: bool) -> Callable[[str, Step], None]:
    """Shows how far it is, where somebody watches."""
    if as_json or not sys.stderr.isatty():
        return lambda name, step: None
    looked: Counter[str] = Counter()

    def say(name: str, step: Step) -> None:
        looked[name] += step.seen
        click.echo(f"\r{name}: {looked[name]:,} looked at\033[K", nl=False, err=True)

    return say


def _line(share: Share, done: bool) -> str:
    what = "went" if done else "would go"
    counted = f"{share.name:<11} {share.going:>10,} of {share.seen:>10,} {what} ({share.part:.0%})"
    if share.horizon is None:
        return f"{counted}, which nothing refers to{'' if done else ' as it is'}"
    return f"{counted}, all up to {to_iso(share.horizon.history)} known by sequence {share.horizon.known:,}"


def _as_document(share: Share) -> dict[str, Any]:
    horizon = share.horizon and {"history": to_iso(share.horizon.history), "known": share.horizon.known}
    return {"class": share.name, "going": share.going, "seen": share.seen, "horizon": horizon}
