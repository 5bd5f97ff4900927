"""openlineage-python, unmodified, against a service that asks for a token: the cheapest of `tests/emitters`."""

from __future__ import annotations

from pathlib import Path

from tests.emitters.roster import PYTHON_CLIENT
from tests.emitters.service import perform


def test_a_program_that_uses_the_client_comes_out_right(tmp_path: Path) -> None:
    """Both HTTP transports, compressed; the one with a thread of its own delivers in any order."""
    picture = perform(PYTHON_CLIENT, PYTHON_CLIENT.tool(), tmp_path)

    assert PYTHON_CLIENT.expected.picture == picture
