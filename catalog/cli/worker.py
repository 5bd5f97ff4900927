"""`headwater worker`: the Celery worker alone, against a store and a broker that are configured."""

from __future__ import annotations

import os
import sys

import click

EPILOG = """\b
Examples:
  HEADWATER_STORE_URL=bolt://127.0.0.1:7687 HEADWATER_BROKER_URL=amqp://127.0.0.1// headwater worker
  headwater worker --concurrency 4 --beat
  headwater worker --only checks     (policies and reports, apart from the entries)
"""


@click.command(epilog=EPILOG)
@click.option("--concurrency", type=click.IntRange(1, 64), default=1, show_default=True, help="Child processes.")
@click.option("--beat", is_flag=True, help="Also run the scheduler; two of them do no harm.")
@click.option(
    "--only",
    type=click.Choice(["inbox", "checks"]),
    help="Only apply entries, or only evaluate policies and make reports; both, if it is not given.",
)
def worker(concurrency: int, beat: bool, only: str | None) -> None:
    """Apply accepted events to the graph, evaluate policies, make reports."""
    from catalog.queues import CHECKS, QUEUE
    from catalog.settings import read_settings

    settings = read_settings(work=only)
    settings.needs_store()
    arguments = ["worker", "--concurrency", str(concurrency), "--loglevel", settings.log_level]
    arguments += ["--without-mingle", "--without-gossip"]
    arguments += ["-Q", ",".join([QUEUE] * settings.applies + [CHECKS] * settings.checks)]
    if beat:
        arguments += ["--beat", "--schedule", os.path.join(os.environ.get("TMPDIR", "/tmp"), "headwater-beat")]
    os.environ["HEADWATER_WORK"] = settings.work
    os.execv(sys.executable, [sys.executable, "-m", "celery", "-A", "workers.app", *arguments])
