"""`headwater inbox`: what was sent, what became of it, and what can be done about what failed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import click

from catalog.cli.client import Client, connect
from catalog.cli.edit import edit
from catalog.cli.entries import FAILED, FIELDS, STATES, event_of, find
from catalog.cli.options import examples, json_option, limit_option, print_json, screen, url_option
from catalog.cli.purge import purge
from catalog.cli.rebuild import rebuild
from catalog.cli.render import clean, count, entry_text, inbox_table
from catalog.errors import UnknownKey

INBOX = f"""
query Inbox($state: EntryState, $first: Int!, $after: String) {{
  inbox(state: $state, first: $first, after: $after) {{
    edges {{ node {{ {FIELDS} }} }}
    pageInfo {{ hasNextPage endCursor }}
  }}
}}
"""
RETRY = f"mutation Retry($key: String!) {{ retryEntry(key: $key) {{ {FIELDS} }} }}"


@click.group(
    epilog=examples(
        "headwater inbox list --state rejected",
        "headwater inbox show 3f9a0c55d1e2",
        "headwater inbox edit 3f9a0c55d1e2",
        "headwater inbox replay --state dead",
    )
)
def inbox() -> None:
    """Look at what was sent; retry, edit or purge what failed.

    An entry is ACCEPTED until a worker has APPLIED it; REJECTED if its content cannot be understood; DEAD if it failed
    too often.
    """


inbox.add_command(edit)
inbox.add_command(purge)
inbox.add_command(rebuild)


@inbox.command("list", epilog=examples("headwater inbox list", "headwater inbox list --state dead --limit 100 --json"))
@click.option("--state", type=click.Choice(STATES, case_sensitive=False), help="Entries in this state only.")
@limit_option(20)
@json_option
@url_option
def list_(state: str | None, limit: int, as_json: bool, url: str) -> None:
    """List entries, newest first."""
    with connect(url) as client:
        entries, complete = client.collect(INBOX, {"state": state}, "inbox", limit)
    if as_json:
        print_json({"entries": entries, "complete": complete})
        return
    if entries:
        click.echo(inbox_table(entries, screen()))
    else:
        click.echo("no entries", err=True)
    if not complete:
        click.echo(f"the newest {count(len(entries), 'entry', 'entries')}; there are more, use --limit", err=True)


@inbox.command(
    epilog=examples(
        "headwater inbox show 3f9a0c55d1e2",
        "headwater inbox show 3f9a0c55d1e2 --event > event.json",
        "headwater inbox show 3f9a0c55d1e2 --json",
    ),
)
@click.argument("key")
@click.option("--event", "with_event", is_flag=True, help="Show the event itself, as it was received.")
@json_option
@url_option
def show(key: str, with_event: bool, as_json: bool, url: str) -> None:
    """Show all that is known of an entry.

    KEY may be the beginning of a key, from 12 characters on (as the list shows it), if it fits one entry only. The
    event is shown as JSON with sorted keys; credentials were taken out of it when it arrived.
    """
    with connect(url) as client:
        entry = find(client, key)
        event = event_of(client, entry) if with_event else None
    if as_json:
        print_json({**entry, "event": event} if with_event else entry)
    elif with_event:
        print_json(event)
    else:
        click.echo(entry_text(entry, screen()))


@inbox.command(
    epilog=examples("headwater inbox retry 3f9a0c55d1e2", "headwater inbox retry 3f9a0c55d1e2 77d01b8e4c90 --json"),
)
@click.argument("keys", metavar="KEY...", nargs=-1, required=True)
@json_option
@url_option
@click.pass_context
def retry(ctx: click.Context, keys: tuple[str, ...], as_json: bool, url: str) -> None:
    """Have rejected or dead entries applied again.

    Exits 1 if there was nothing to retry under some KEY.
    """
    told = Told()
    with connect(url) as client:
        for key in keys:
            send_back(client, key, told)
    told.failed += [{"key": key, "reason": f"nothing to retry under {key}: it is APPLIED"} for key in told.applied]
    told.applied.clear()
    told.show(as_json)
    if told.failed:
        ctx.exit(1)


@inbox.command(
    epilog=examples("headwater inbox replay 3f9a0c55d1e2", "headwater inbox replay --state rejected --json"),
)
@click.argument("keys", metavar="[KEY...]", nargs=-1)
@click.option("--state", type=click.Choice(FAILED, case_sensitive=False), help="All entries in this state.")
@json_option
@url_option
@click.pass_context
def replay(ctx: click.Context, keys: tuple[str, ...], state: str | None, as_json: bool, url: str) -> None:
    """Apply entries again: those named, or all that were rejected or are dead.

    Replaying an APPLIED entry changes nothing, and says so: each counts once, however often it comes. Exits 1 if some
    entry cannot be applied again.
    """
    if bool(keys) == bool(state):
        raise click.UsageError("give either KEYs or --state")
    told = Told()
    with connect(url) as client:
        if state:
            found, _ = client.collect(INBOX, {"state": state}, "inbox", None)
            keys = tuple(entry["key"] for entry in reversed(found) if not entry["purgedAt"])
            told.purged = len(found) - len(keys)
        for key in keys:
            send_back(client, key, told)
    told.show(as_json)
    if told.failed:
        ctx.exit(1)


@dataclass(slots=True)
class Told:
    """What became of the entries that were to be applied again.

    Attributes:
        purged: how many were passed over, since their events were purged.
    """

    again: list[dict[str, Any]] = field(default_factory=list)
    applied: list[str] = field(default_factory=list)
    failed: list[dict[str, Any]] = field(default_factory=list)
    purged: int = 0

    def show(self, as_json: bool) -> None:
        """Say it."""
        if as_json:
            print_json({"retried": self.again, "applied": self.applied, "failed": self.failed, "purged": self.purged})
            return
        for entry in self.again:
            click.echo(f"{entry['key'][:12]} will be tried again")
        for key in self.applied:
            click.echo(f"{key} is applied already; applying it again changes nothing")
        for failure in self.failed:
            click.echo(f"headwater: {failure['reason']}", err=True)
        if self.purged:
            entries = count(self.purged, "entry", "entries")
            click.echo(f"{entries} passed over: the events were purged, their producers may send them again", err=True)
        if not (self.again or self.applied or self.failed or self.purged):
            click.echo("no entries", err=True)


def send_back(client: Client, key: str, told: Told) -> None:
    """Send one entry back, and note what became of it."""
    try:
        found = find(client, key)
        entry = client.graphql(RETRY, {"key": found["key"]})["retryEntry"]
    except UnknownKey as error:
        told.failed.append({"key": key, "reason": str(error)})
        return
    if entry is not None:
        told.again.append(entry)
    elif found["state"] == "APPLIED":
        told.applied.append(clean(key))
    else:
        why = "its event was purged" if found["purgedAt"] else f"it is {found['state']}"
        told.failed.append({"key": key, "reason": f"nothing to retry under {clean(key)}: {why}"})
