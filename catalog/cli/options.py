"""Options that several commands share, and how they print."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, cast

import click

if TYPE_CHECKING:
    from catalog.cli.render import Screen

DEFAULT_URL = "http://127.0.0.1:5000"
_AS_JSON = "catalog.cli.as_json"
Option = Callable[[Any], Any]
F = TypeVar("F", bound=Callable[..., Any])


def _check_url(ctx: click.Context, param: click.Parameter, value: str) -> str:
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number
        usable = False
    if not usable or parts.query or parts.fragment:
        raise click.BadParameter(f"{value!r} is no address of a service; write http://HOST:PORT", ctx, param)
    if "@" in parts.netloc:
        raise click.BadParameter("leave user and password out; the token goes into HEADWATER_API_TOKEN", ctx, param)
    return value.rstrip("/")


def _remember_json(ctx: click.Context, param: click.Parameter, value: bool) -> bool:
    ctx.meta[_AS_JSON] = value
    return value


url_option = click.option(
    "--url",
    metavar="URL",
    envvar="HEADWATER_URL",
    default=DEFAULT_URL,
    show_default=True,
    show_envvar=True,
    callback=_check_url,
    help="Address of the service.",
)

# Eager, so that the form of a later option's error is known too.
json_option = click.option(
    "--json", "as_json", is_flag=True, is_eager=True, callback=_remember_json, help="Print JSON, for programs."
)


def _check_speaker(ctx: click.Context, param: click.Parameter, value: str | None) -> str:
    if value is None:
        return os.environ.get("USER", "")
    if not value.strip():
        raise click.BadParameter("the name is empty; leave the option out to speak as $USER", ctx, param)
    return value


as_option = click.option(
    "--as",
    "as_name",
    metavar="NAME",
    callback=_check_speaker,
    help="Who says so, kept as given and shown as unverified; $USER, if not given.",
)
as_of_option = click.option(
    "--as-of", metavar="TIME", help="What had happened by this time (ISO-8601); without it, all that has."
)
known_at_option = click.option(
    "--known-at",
    metavar="TIME|SEQUENCE",
    help="What had been accepted by this time, or up to this entry of the inbox; without it, all that is.",
)


def limit_option(default: int) -> Option:
    """`--limit N`: how many of a list are shown."""
    return click.option(
        "--limit",
        metavar="N",
        type=click.IntRange(min=1),
        default=default,
        show_default=True,
        help="Show at most so many.",
    )


def several(*options: Option) -> Callable[[F], F]:
    """Options and arguments that several commands share, added in this order."""

    def add(command: F) -> F:
        added: Any = command
        for option in reversed(options):
            added = option(added)
        return cast(F, added)

    return add


def wants_json(ctx: click.Context) -> bool:
    """Whether the command that was run has `--json`."""
    return bool(ctx.meta.get(_AS_JSON))


def examples(*commands: str, notes: Sequence[str] = ()) -> str:
    """An epilog of commands to copy; click must not wrap them."""
    listing = "\n".join(["\b", "Examples:", *(f"  {command}" for command in commands)])
    return "\n\n".join([listing, *notes])


def screen() -> Screen:
    """What standard output can show: colours and a width on a terminal only."""
    import shutil

    from catalog.cli.render import Screen

    if not sys.stdout.isatty():
        return Screen()
    plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    return Screen(color=not plain, width=shutil.get_terminal_size().columns)


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    import json

    click.echo(json.dumps(value, indent=2, ensure_ascii=False))
