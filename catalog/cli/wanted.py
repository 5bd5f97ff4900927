"""Reads a manifest's directory for a command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import click

from catalog.cli.render import clean, count
from catalog.errors import InvalidManifest, InvalidQuestion

if TYPE_CHECKING:
    from catalog.assets.keys import Key
    from catalog.manifest.problems import Place

manifest_option = click.option(
    "--manifest", metavar="NAME", help="The manifest's name, where PATH has no headwater.yaml that gives it."
)
share_option = click.option(
    "--allow-removals",
    metavar="SHARE",
    type=click.FloatRange(0, 1),
    help="Share of the manifest's entities that may be removed; else what headwater.yaml says, or 0.2.",
)


class Read(NamedTuple):
    """What the service is asked to plan, and where each document stands."""

    body: dict[str, Any]
    places: dict[Key, Place]


def read(path: str, manifest: str | None, share: float | None) -> Read:
    """The documents of a directory or a file.

    Raises:
        InvalidManifest: something in it cannot be read; all of that is told on standard error.
        InvalidQuestion: nothing says what the manifest is called.
    """
    from catalog.cli.validate import load_with_policies
    from catalog.manifest.heading import heading_of

    found = load_with_policies(path)
    if found.problems:
        for problem in found.problems:
            click.echo(clean(problem, 2_000), err=True)
        raise InvalidManifest([f"{count(len(found.problems), 'problem')} in {path}; nothing was planned"])
    head = found.manifest
    name = manifest or (head.name if head else None)
    if name is None:
        raise InvalidQuestion(
            f"{path} has no headwater.yaml that names the manifest; write one, or say --manifest NAME"
        )
    removable = share if share is not None else head.max_removed_share if head else None
    body: dict[str, Any] = {
        "manifest": name,
        "documents": [document.body for document in found.documents],
        "removable": removable,
    }
    if head:
        body["heading"] = heading_of(head)
    return Read(body, {document.key: document.place for document in found.documents})
