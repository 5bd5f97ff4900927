"""`headwater inbox purge`: give back the room of events that failed long ago."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from catalog.cli.client import connect
from catalog.cli.entries import FAILED
from catalog.cli.options import examples, json_option, print_json, url_option
from catalog.cli.render import count

PURGE = """
mutation Purge($state: EntryState!, $before: String!, $dryRun: Boolean!, $after: String) {
  purgePayloads(state: $state, before: $before, dryRun: $dryRun, after: $after) { entries size endCursor }
}
"""
_AGE = re.compile(r"([1-9]\d{0,5})([hdw])")
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


class Age(click.ParamType[timedelta]):
    """An age as people write it: `12h`, `30d`, `8w`."""

    name = "age"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """The time it stands for."""
        found = _AGE.fullmatch(str(value).strip().lower())
        if not found:
            self.fail(f"{value!r} is no age; write 12h, 30d or 8w", param, ctx)
        return timedelta(**{_UNITS[found[2]]: int(found[1])})


@click.command(
    epilog=examples(
        "headwater inbox purge --older-than 30d", "headwater inbox purge --older-than 8w --state dead --yes"
    )
)
@click.option("--older-than", metavar="AGE", type=Age(), required=True, help="Settled longer ago: 12h, 30d or 8w.")
@click.option(
    "--state", type=click.Choice(FAILED, case_sensitive=False), help="Entries in this state only. [both]", default=None
)
@click.option("--yes", is_flag=True, help="Do it; without, only say what would be done.")
@json_option
@url_option
def purge(older_than: timedelta, state: str | None, yes: bool, as_json: bool, url: str) -> None:
    """Remove the events of entries that were rejected or died long ago.

    The entries stay, with their reasons, and say that their events were purged. Such an entry cannot be retried or
    edited until its producer sends the event again.
    """
    before = (datetime.now(UTC) - older_than).isoformat()
    entries = size = 0
    with connect(url) as client:
        for one in (state,) if state else FAILED:
            after: str | None = None
            while True:
                asked = {"state": one, "before": before, "dryRun": not yes, "after": after}
                page = client.graphql(PURGE, asked)["purgePayloads"]
                entries, size, after = entries + page["entries"], size + page["size"], page["endCursor"]
                if after is None:
                    break
    if as_json:
        print_json({"purged": yes, "entries": entries, "size": size, "before": before})
        return
    said = f"{count(entries, 'event')} of {size / 1e6:,.1f} MB"
    click.echo(f"purged {said}" if yes else f"would purge {said}; do it with --yes")
