"""`headwater` commands as a person gives them, against a running service.

They run in this process: a Python of its own costs each of them more than its work does. Where it matters that there
is one (exit codes, arguments of any bytes, kill -9) tests start it with `apart`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import NamedTuple

from click.testing import CliRunner

from catalog.cli.main import main
from catalog.settings import PREFIX
from tests.servers.child import plain_environment

SECONDS = 90


class Done(NamedTuple):
    """How a command ended, and what it said."""

    returncode: int
    stdout: str
    stderr: str


def run(url: str, *arguments: str, stdin: str = "") -> Done:
    """One command.

    Raises:
        Exception: what the command did not catch; a person would see a stack trace.
    """
    ours = {name: None for name in os.environ if name.startswith(PREFIX)}
    done = CliRunner().invoke(main, list(arguments), input=stdin, env={**ours, "HEADWATER_URL": url})
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Done(done.exit_code, done.stdout, done.stderr)


def apart(url: str, *arguments: str, stdin: str = "") -> Done:
    """One command as a process."""
    command = [sys.executable, "-m", "catalog.cli.main", *arguments]
    env = {**plain_environment(), "HEADWATER_URL": url}
    done = subprocess.run(
        command, env=env, input=stdin, capture_output=True, text=True, encoding="utf-8", timeout=SECONDS
    )
    return Done(done.returncode, done.stdout, done.stderr)
