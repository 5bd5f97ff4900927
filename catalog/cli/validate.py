"""`headwater validate`: what is wrong with documents, without a server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from catalog.cli.options import examples, json_option, print_json, screen
from catalog.cli.render import PLAIN, Screen, clean, count, paint

if TYPE_CHECKING:
    from catalog.manifest.load import Loaded
    from catalog.manifest.problems import Problem

INVALID = 1
EMPTY = "the file has no documents"
LONGEST_LINE = 160
"""Columns of a source line that is shown; of a longer one the part around the fault is."""


@click.command(
    epilog=examples(
        "headwater validate manifests/",
        "headwater validate orders.yaml customers.yaml",
        "headwater validate manifests/ --json",
        notes=(
            "All faults of all files are told at once, sorted, as FILE:LINE:COLUMN: what is wrong. Exit codes: 0, or 1 "
            "if there are any, or no file has a document. The cases of policies are run. No server is asked: whether "
            "the entities that are referred to exist is told by `plan`.",
        ),
    )
)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path())
@json_option
def validate(paths: tuple[str, ...], as_json: bool) -> None:
    """Check manifests, without a server.

    PATH is a directory, or a file of YAML or JSON.
    """
    loaded = _told_if_empty(load_with_policies(*paths))
    if as_json:
        print_json(
            {
                "valid": not loaded.problems,
                "manifest": loaded.manifest.name if loaded.manifest else None,
                "files": loaded.files,
                "documents": len(loaded.documents),
                "empty": list(loaded.empty),
                "problems": [problem.to_json() for problem in loaded.problems],
            }
        )
    else:
        shown = screen()
        for problem in loaded.problems:
            click.echo(text(problem, shown))
        for file in loaded.empty if loaded.documents or loaded.manifest else ():
            click.echo(f"{clean(file, 1_000)}: {EMPTY}", err=True)
        click.echo(summary(loaded), err=bool(loaded.problems))
    if loaded.problems:
        raise click.exceptions.Exit(INVALID)


def load_with_policies(*paths: str) -> Loaded:
    """What files and directories declare, with what is wrong with them, and with what their policies do."""
    from catalog.checks.loading import policy_problems
    from catalog.manifest.load import load

    loaded = load(*paths)
    return loaded._replace(problems=sorted([*loaded.problems, *policy_problems(loaded.documents)]))


def _told_if_empty(loaded: Loaded) -> Loaded:
    """Files that say nothing at all are a fault, as a directory without files is: nothing of them was checked."""
    from catalog.manifest.problems import Problem

    if loaded.problems or loaded.documents or loaded.manifest:
        return loaded
    return loaded._replace(problems=[Problem(file, 0, 0, EMPTY) for file in sorted(loaded.empty)])


def text(problem: Problem, screen: Screen = PLAIN) -> str:
    """A problem as one line; on a terminal with the line of the file that it is about, and a mark under the place."""
    place = str(problem).removesuffix(f": {problem.text}")
    line = f"{paint(clean(place, 1_000), 'bold', screen.color)}: {clean(problem.text, 2_000)}"
    source = _source(problem) if screen.width is not None else None
    if source is None:
        return line
    start = max(0, problem.column - LONGEST_LINE // 2)
    shown, mark = source[start : start + LONGEST_LINE], " " * (problem.column - 1 - start) + "^"
    return f"{line}\n    {clean(shown, LONGEST_LINE)}\n    {paint(mark, 'bad', screen.color)}"


def _source(problem: Problem) -> str | None:
    """The line that a problem is about; None if it is not to be had."""
    if not problem.line:
        return None
    try:
        with Path(problem.file).open(encoding="utf-8-sig", errors="replace", newline="\n") as file:
            lines = (line for number, line in enumerate(file, 1) if number == problem.line)
            return next(lines, "").rstrip("\r\n").replace("\t", " ")
    except OSError:
        return None


def summary(loaded: Loaded) -> str:
    """How much was read, and whether it is well."""
    read = f"{count(len(loaded.documents), 'document')} in {count(loaded.files, 'file')}"
    if loaded.problems:
        return f"{count(len(loaded.problems), 'problem')}; {read} could be read"
    return f"{read}: no problems"
