"""Writes manifests into a directory; what is there already is not overwritten by accident."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from catalog.errors import InvalidQuestion

output_option = click.option(
    "--output", metavar="DIR", required=True, type=click.Path(file_okay=False, path_type=Path), help="Where to write."
)
force_option = click.option("--force", is_flag=True, help="Write into a directory that is not empty.")


def check_empty(folder: Path, *, force: bool) -> None:
    """Refuse a directory with something in it, unless that is meant.

    Raises:
        InvalidQuestion: it is not empty.
    """
    if not force and folder.is_dir() and any(folder.iterdir()):
        raise InvalidQuestion(f"{folder} is not empty; choose another directory, or say --force")


def write_files(folder: Path, texts: Mapping[str, str]) -> None:
    """Write files by their paths below the directory."""
    for path, text in texts.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
