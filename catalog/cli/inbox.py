"""`headwater inbox`: what was sent, what became of it, and another try for what failed."""

from __future__ import annotations

from typing import Any

import click

from catalog.cli.client import Client, connect
from catalog.cli.options import examples, json_option, print_json, screen, url_option
from catalog.cli.render import clean, count, entry_text, inbox_table
from catalog.errors import UnknownKey

_ENTRY = "key sequence state kind subject received settledAt attempts reason warnings size"
INBOX = f"""
query Inbox($state: EntryState, $first: Int!, $after: String) {{
  inbox(state: $state, first: $first, after: $after) {{
    edges {{ node {{ {_ENTRY} }} }}
    pageInfo {{ hasNextPage endCursor }}
  }}
}}
"""
ENTRY = f"query Entry($key: String!) {{ ingestion(key: $key) {{ {_ENTRY} }} }}"
RETRY = f"mutation Retry($key: String!) {{ retryEntry(key: $key) {{ {_ENTRY} }} }}"
STATES = ("ACCEPTED", "APPLIED", "REJECTED", "DEAD")
KEY_LENGTH = 64
SHORTEST = 12


@click.group(
    epilog=examples(
        "headwater inbox list --state rejected",
        "headwater inbox show 3f9a0c55d1e2",
        "headwater inbox retry 3f9a0c55d1e2",
    )
)
def inbox() -> None:
    """Look at what was sent, and retry what failed.

    An entry is ACCEPTED until a worker has APPLIED it; REJECTED if its content cannot be understood; DEAD if it failed
    too often.
    """


@inbox.command("list", epilog=examples("headwater inbox list", "headwater inbox list --state dead --limit 100 --json"))
@click.option("--state", type=click.Choice(STATES, case_sensitive=False), help="Entries in this state only.")
@click.option(
    "--limit", metavar="N", type=click.IntRange(min=1), default=20, show_default=True, help="Show at most so many."
)
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
    epilog=examples("headwater inbox show 3f9a0c55d1e2", "headwater inbox show 3f9a0c55d1e2 --json"),
)
@click.argument("key")
@json_option
@url_option
def show(key: str, as_json: bool, url: str) -> None:
    """Show all that is known of an entry.

    KEY may be the beginning of a key, from 12 characters on (as the list shows it), if it fits one entry only.
    """
    with connect(url) as client:
        entry = _find(client, key)
    if as_json:
        print_json(entry)
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
    done: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    with connect(url) as client:
        for key in keys:
            try:
                found = _find(client, key)
                entry = client.graphql(RETRY, {"key": found["key"]})["retryEntry"]
            except UnknownKey as error:
                failed.append({"key": key, "reason": str(error)})
                continue
            if entry is None:
                failed.append({"key": key, "reason": f"nothing to retry under {clean(key)}: it is {found['state']}"})
            else:
                done.append(entry)
    if as_json:
        print_json({"retried": done, "failed": failed})
    else:
        for entry in done:
            click.echo(f"{entry['key'][:12]} will be tried again")
        for failure in failed:
            click.echo(f"headwater: {failure['reason']}", err=True)
    if failed:
        ctx.exit(1)


def _find(client: Client, key: str) -> dict[str, Any]:
    """The one entry of a key, or of the beginning of one.

    Raises:
        UnknownKey: there is none, or the service cannot tell which.
    """
    wanted = key.strip().lower()
    entry: dict[str, Any] | None = client.graphql(ENTRY, {"key": wanted})["ingestion"]
    if entry is not None:
        return entry
    if len(wanted) < SHORTEST:
        raise UnknownKey(f"{clean(key)!r} is too short; give at least {SHORTEST} characters of a key", key)
    what = "the key" if len(wanted) >= KEY_LENGTH else "exactly one key that begins with"
    raise UnknownKey(f"no entry has {what} {clean(key)!r}", key)
