"""Where reports come from and go to on the command line: files, the service, the terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import click

from catalog.cli.client import connect
from catalog.errors import InvalidKey, InvalidQuestion, InvalidReport

if TYPE_CHECKING:
    from catalog.cli.client import Client
    from catalog.reports.document import Report
    from catalog.reports.keys import PublicKey
    from catalog.reports.verify import Verdict

FORMATS = ("json", "html", "pdf", "csv", "md")
REPORTS = "/api/v1/reports"
format_option = click.option(
    "--format", "format_", type=click.Choice(FORMATS), help="What to write; else as the name of FILE ends."
)
output_option = click.option(
    "--output", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Where to write it."
)
force_option = click.option("--force", is_flag=True, help="Write over a file that is there.")
keys_option = click.option(
    "--key",
    "keys",
    metavar="FILE",
    multiple=True,
    required=True,
    type=click.Path(path_type=Path),
    help="Public keys in PEM, one or several in a file; may be given more than once.",
)


def chosen_format(format_: str | None, output: Path | None) -> str | None:
    """The format that was asked for; None: no file was.

    Raises:
        click.UsageError: the file's name does not say which.
    """
    if format_ is None and output is not None:
        ending = output.suffix.lstrip(".").lower()
        format_ = {"htm": "html", "markdown": "md"}.get(ending, ending)
        if format_ not in FORMATS:
            raise click.UsageError(f"{output} does not say which format; say --format {'|'.join(FORMATS)}")
    if format_ == "pdf" and output is None and sys.stdout.isatty():
        raise click.UsageError("a PDF is nothing for a terminal; say --output FILE, or send it on with `>`")
    return format_


def check_free(output: Path | None, *, force: bool, final: bool = False) -> None:
    """Refuse to write over a file, before anything is asked for.

    Args:
        final: nothing makes it possible: what would be lost cannot be made again.

    Raises:
        InvalidQuestion: it is there, or its directory is not.
    """
    if output is None:
        return
    if output.exists() and not force:
        raise InvalidQuestion(f"{output} is there already; choose another name{'' if final else ', or say --force'}")
    if not output.resolve().parent.is_dir():
        raise InvalidQuestion(f"there is no directory {output.parent}; make it first")


def download(client: Client, reference: str, format_: str) -> bytes:
    """A report as a sealed file.

    Raises:
        UnknownKey: the service has none of this number or id.
    """
    return client.download(f"{REPORTS}/{quote(reference, safe='')}?format={format_}")


def write(file: bytes, output: Path | None) -> None:
    """Write a file whole or not at all; without a name it goes to standard output as it is.

    Raises:
        InvalidQuestion: it cannot be written.
    """
    if output is None:
        sys.stdout.buffer.write(file)
        sys.stdout.flush()
        return
    unseen = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        unseen.write_bytes(file)
        unseen.replace(output)
    except OSError as e:
        unseen.unlink(missing_ok=True)
        raise InvalidQuestion(f"{output} cannot be written: {e.strerror}") from None


def read(path: Path) -> bytes:
    """A file.

    Raises:
        InvalidQuestion: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as e:
        raise InvalidQuestion(f"{path} cannot be read: {e.strerror}") from None


def verdict_on(path: Path, keys: Collection[PublicKey]) -> Verdict:
    """Whether a file is as it was sealed; one that cannot be read does not hold, and the others are looked at."""
    from catalog.reports.verify import Part, Verdict, verify

    try:
        return verify(read(path), keys)
    except InvalidQuestion as e:
        return Verdict("", (Part("file", False, str(e)),))


def report_at(place: str, url: str) -> Report:
    """A report out of a JSON file, or by its number or id from the service.

    Raises:
        InvalidReport: the file is none, or was changed since it was sealed.
        InvalidQuestion: the file cannot be read.
        UnknownKey: there is neither such a file nor such a report.
    """
    from catalog.reports.verify import report_of

    file = Path(place)
    if file.is_file() or file.suffix or len(file.parts) > 1:
        try:
            return report_of(read(file))
        except InvalidReport as e:
            raise InvalidReport(f"{file}: {e}") from None
    with connect(url) as client:
        return report_of(download(client, place, "json"))


def keys_in(paths: tuple[Path, ...]) -> list[PublicKey]:
    """The public keys in some files.

    Raises:
        InvalidKey: one has none.
    """
    from catalog.reports.keys import read_public

    found: list[PublicKey] = []
    for path in paths:
        try:
            text = path.read_text("utf-8")
        except OSError as e:
            raise InvalidKey(f"the public key {path} cannot be read: {e.strerror}") from None
        except UnicodeDecodeError:
            raise InvalidKey(f"{path} holds no public key in PEM; `headwater report key` prints it") from None
        found += read_public(text, str(path))
    return found
