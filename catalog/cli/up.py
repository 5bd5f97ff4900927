"""`headwater up`: the whole service on this machine, one foreground process."""

from __future__ import annotations

import signal
import sys
import time
from pathlib import Path
from types import FrameType

import click

EPILOG = """\b
Examples:
  headwater up
  headwater up --data ./catalog-data --port 5001 --demo
"""


@click.command(epilog=EPILOG)
@click.option("--data", type=click.Path(path_type=Path), help="Where to keep everything. [~/.local/share/headwater]")
@click.option("--port", type=click.IntRange(1, 65535), help="Port of the API. [5000]")
@click.option("--host", help="Address of the API; anything but loopback needs HEADWATER_API_TOKEN. [127.0.0.1]")
@click.option("--demo", is_flag=True, help="Send the recorded demo events once it is up.")
def up(data: Path | None, port: int | None, host: str | None, demo: bool) -> None:
    """Run store, API and workers until Ctrl-C."""
    from catalog.cli.stack import Stack
    from catalog.settings import read_settings

    settings = read_settings(data=data, port=port, host=host)
    stopping = _stop_signals()
    stack = Stack(settings, _say)
    try:
        stack.start()
        if demo:
            from catalog.cli.client import connect
            from catalog.cli.recorded import send_recorded

            with connect(stack.url) as client:
                click.echo(f"demo    sent   {send_recorded(client)} recorded events, all applied")
        click.echo(f"Headwater is up: {stack.url}   (Ctrl-C stops it)")
        while not stopping:
            stack.tend()
            time.sleep(0.2)
        click.echo("stopping …")
    except KeyboardInterrupt:
        click.echo("stopping …")
    finally:
        stack.stop()


def _stop_signals() -> list[int]:
    """A list that fills when the process is asked to stop."""
    asked: list[int] = []

    def ask(number: int, _: FrameType | None) -> None:
        if asked:
            return
        asked.append(number)
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, ask)
    return asked


def _say(name: str, state: str, where: str) -> None:
    click.echo(f"{name:<7} {state:<6} {where}")
    sys.stdout.flush()
