"""A service that asks for a token: who has it is let in, openlineage-python, unmodified, among them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.corpus import scenario
from tests.e2e.conftest import Up
from tests.emitters.roster import PYTHON_CLIENT
from tests.emitters.service import TOKEN, Guarded, played
from tests.servers import plain

BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """It listens to other hosts, too."""
    up = Guarded(tmp_path_factory.mktemp("guarded"), "--host", "0.0.0.0")
    try:
        up.wait_up()
        yield up
    finally:
        up.end()


def test_other_hosts_need_a_token(start: Callable[..., Up]) -> None:
    """Without one the service does not listen to them."""
    code, said = start("--host", "0.0.0.0").ended()

    assert 1 == code
    assert "HEADWATER_API_TOKEN" in said


def test_a_program_that_uses_the_client_comes_out_right(guarded: Guarded, tmp_path: Path) -> None:
    """Both HTTP transports, compressed; the one with a thread of its own delivers in any order."""
    assert PYTHON_CLIENT.expected.picture == played(PYTHON_CLIENT, PYTHON_CLIENT.tool(), tmp_path, guarded)


def test_others_are_let_in_by_token_only(guarded: Guarded) -> None:
    """Every request needs it, but for the question whether the service lives."""
    event = scenario("CLL")[0]
    codes = [
        plain.post(f"{guarded.url}/api/v1/lineage", json=event).status_code,
        plain.post(f"{guarded.url}/api/v1/lineage", json=event, headers={"Authorization": "Bearer no"}).status_code,
        plain.post(f"{guarded.url}/api/v1/lineage", json=event, headers=BEARER).status_code,
        plain.post(f"{guarded.url}/graphql", json={"query": "{__typename}"}).status_code,
        plain.post(f"{guarded.url}/graphql", json={"query": "{__typename}"}, headers=BEARER).status_code,
        plain.get(f"{guarded.url}/metrics").status_code,
        plain.get(f"{guarded.url}/healthz").status_code,
    ]

    assert [401, 401, 201, 401, 200, 401, 200] == codes
