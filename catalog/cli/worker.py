"""`headwater worker`: the Celery worker alone, against a store and a broker that are configured."""

from __future__ import annotations

import os
import sys

import click

EPILOG = """\b
Examples:
  HEADWATER_STORE_URL=bolt://127.0.0.1:7687 HEADWATER_BROKER_URL=amqp://127.0.0.1// headwater worker
  headwater worker --concurrency 4 --beat
"""


@click.command(epilog=EPILOG)
@click.option("--concurrency", type=click.IntRange(1, 64), default=1, show_default=True, help="Child processes.")
@click.option("--beat", is_flag=True, help="Also run the scheduler; two of them do no harm.")
def worker(concurrency: int, beat: bool) -> None:
    """Apply accepted events to the graph."""
    from catalog.settings import read_settings

    settings = read_settings()
    settings.needs_store()
    arguments = ["worker", "--concurrency", str(concurrency), "--loglevel", settings.log_level]
    arguments += ["--without-mingle", "--without-gossip"]
    if beat:
        arguments += ["--beat", "--schedule", os.path.join(os.environ.get("TMPDIR", "/tmp"), "headwater-beat")]
    os.execv(sys.executable, [sys.executable, "-m", "celery", "-A", "workers.app", *arguments])
