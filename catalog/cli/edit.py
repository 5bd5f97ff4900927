"""`headwater inbox edit`: correct an event that could not be applied."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TextIO

import click

from catalog.cli.client import connect
from catalog.cli.entries import FAILED, SHORTEST, event_of, find
from catalog.cli.options import examples, json_option, print_json, url_option
from catalog.errors import InvalidQuestion


@click.command(
    epilog=examples(
        "headwater inbox edit 3f9a0c55d1e2",
        "EDITOR=nano headwater inbox edit 3f9a0c55d1e2",
        "headwater inbox edit 3f9a0c55d1e2 --file corrected.json --json",
    )
)
@click.argument("key")
@click.option("--file", type=click.File("r", "utf-8"), help="Take the corrected event from there, - is standard input.")
@json_option
@url_option
def edit(key: str, file: TextIO | None, as_json: bool, url: str) -> None:
    """Correct a rejected or dead entry: the corrected event becomes a new entry that names the old one.

    Without --file the event is opened in $EDITOR. The old entry stays as it was received.
    """
    with connect(url) as client:
        entry = find(client, key)
        if entry["state"] not in FAILED:
            raise InvalidQuestion(
                f"entry {entry['key'][:SHORTEST]} is {entry['state']}; only REJECTED or DEAD ones can be edited: "
                "send a later event, which wins over what an applied one said"
            )
        changed = file.read() if file else _ask(json.dumps(event_of(client, entry), indent=2, ensure_ascii=False))
        if changed is None:
            raise InvalidQuestion("nothing was changed; `headwater inbox retry` applies it as it is")
        receipt = client.post_event(_checked(changed, key, kept=file is None), edits=entry["key"])
    if as_json:
        print_json({"edited": entry["key"], "receipt": receipt})
        return
    known = "" if receipt["created"] else f" (known already: {receipt['state']})"
    click.echo(f"{receipt['key'][:SHORTEST]} at {receipt['sequence']} stands for {entry['key'][:SHORTEST]}{known}")


def _ask(text: str) -> str | None:
    """What the person made of it in $EDITOR; None if nothing."""
    return click.edit(text, extension=".json")


def _checked(text: str, key: str, *, kept: bool) -> bytes:
    """The event, if it is JSON; else what a person wrote is kept in a file, so that no work is lost.

    Raises:
        InvalidQuestion: it is none.
    """
    try:
        json.loads(text)
    except ValueError as e:
        hint = ""
        if kept:
            with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".json", delete=False) as rest:
                rest.write(text)
            hint = f"; it is kept: correct it, then `headwater inbox edit {key} --file {Path(rest.name)}`"
        raise InvalidQuestion(f"this is not JSON: {e}{hint}") from e
    return text.encode()
