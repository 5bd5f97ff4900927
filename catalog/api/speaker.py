"""Who asks, as the client says: the header X-Headwater-As, or an argument. Nobody has verified it."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import unquote

from starlette.requests import Request

from catalog.errors import InvalidQuestion

AS = "x-headwater-as"
MOST = 500
"""Characters of a name."""


def said_by(request: Request) -> str:
    """The name in the header; percent escapes, or plain UTF-8, stand for what a header cannot hold."""
    given = request.headers.get(AS, "")
    with suppress(UnicodeError):
        given = given.encode("latin-1").decode()  # headers are read as Latin-1, whatever was sent
    return unquote(given)


def checked(name: str) -> str:
    """A name that can be kept and shown.

    Raises:
        InvalidQuestion: it is too long, or has characters that cannot be seen: terminals would obey some of them.
    """
    if len(name) > MOST:
        raise InvalidQuestion(f"`by` (the header X-Headwater-As) has {len(name):,} characters; it may have {MOST}")
    if not name.isprintable():
        raise InvalidQuestion(f"`by` (the header X-Headwater-As) has characters that cannot be seen: {name[:80]!r}")
    return name
