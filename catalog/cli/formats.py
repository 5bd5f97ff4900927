"""What a command prints, and writes to files beside, where CI systems read it, too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click
from click.core import ParameterSource

JSON = "json"
TEXT = "text"
F = TypeVar("F", bound=Callable[..., Any])


def format_options(*formats: str) -> Callable[[F], F]:
    """`--format`, for what is printed, and `--report FORMAT=FILE`, as often as files are wanted.

    A command takes them as `form` and `reports`.
    """

    def files(ctx: click.Context, param: click.Parameter, given: Sequence[str]) -> list[tuple[str, Path]]:
        found = []
        for one in given:
            form, equals, file = one.partition("=")
            if form not in formats or not equals or not file:
                raise click.BadParameter(f"{one!r}: write FORMAT=FILE, FORMAT one of {', '.join(formats)}", ctx, param)
            found.append((form, Path(file)))
        return found

    def add(command: F) -> F:
        printed = click.option(
            "--format", "form", type=click.Choice(formats), default=TEXT, show_default=True, help="What to print."
        )
        written = click.option(
            "--report",
            "reports",
            metavar="FORMAT=FILE",
            multiple=True,
            callback=files,
            help="Write it to a file, too; may be given more than once.",
        )
        return printed(written(command))

    return add


def printed_format(ctx: click.Context, form: str, *, as_json: bool) -> str:
    """What is to be printed: `--json` is short for `--format json`.

    Raises:
        click.UsageError: both are given, and say otherwise.
    """
    if not as_json:
        return form
    if form != JSON and ctx.get_parameter_source("form") is not ParameterSource.DEFAULT:
        raise click.UsageError(
            f"--json and --format {form} exclude each other; --report {form}=FILE writes {form} beside what is printed"
        )
    return JSON
