"""Who asks, as a header or an argument says it."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from catalog.api.speaker import MOST, checked, said_by
from catalog.errors import InvalidQuestion


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        (b"ada", "ada"),
        ("Zoë 😀".encode(), "Zoë 😀"),
        (b"Zo%C3%AB", "Zoë"),
        ("Zoë".encode("latin-1"), "Zoë"),
        (b"100%", "100%"),
        (b"%ff", "\ufffd"),
    ],
)
def test_names_beyond_ascii_arrive_as_they_were_sent(sent: bytes, name: str) -> None:
    """UTF-8, Latin-1 or percent escapes: clients send all three."""
    assert name == said_by(Request({"type": "http", "headers": [(b"x-headwater-as", sent)]}))
    assert name == checked(name)


@pytest.mark.parametrize("name", ["\x00", "a\nb", "\x1b[31mada", "\u202eada", "x" * (MOST + 1)])
def test_what_cannot_be_shown_is_refused(name: str) -> None:
    """Names are printed on terminals and kept for good."""
    with pytest.raises(InvalidQuestion, match="X-Headwater-As"):
        checked(name)
