"""What was accepted is never lost and never doubled, whatever is killed at whatever moment (law 2)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.harness import run, seed_from_environment
from tests.servers.brokers import RABBITMQ
from tests.servers.stores import EMBEDDED, NEO4J

SECONDS = 15.0


@pytest.mark.slow
def test_headwater_up_mends_itself(tmp_path: Path) -> None:
    """kill -9 of each part, of children in the middle of a transaction and of `headwater up` itself, while eight
    clients post: each entry answered 201 is applied exactly once, none half, the graph is the oracle's, and the
    service is whole again in time without a person.
    """
    run(EMBEDDED, tmp_path, seed=seed_from_environment(), seconds=SECONDS)


@pytest.mark.soak
@pytest.mark.neo4j
@pytest.mark.services
def test_a_deployment_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """The same with Neo4j, two APIs, two workers, two shards and RabbitMQ, all of them killed; what a machine's
    supervisor starts again finds everything.
    """
    run(NEO4J, tmp_path, seed=seed_from_environment(), seconds=SECONDS, broker=RABBITMQ)
