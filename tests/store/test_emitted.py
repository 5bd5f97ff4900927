"""What live emitters sent, recorded: any order of arrival gives the graph that their live runs give.

The pictures are those of `tests/emitters`, taken over GraphQL.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from catalog.api.graphql.context import Context
from catalog.api.graphql.schema import schema
from catalog.bootstrap.service import Service
from catalog.graph.store import Store
from catalog.settings import PREFIX, read_settings
from tests import corpus
from tests.emitters.picture import Ask, look
from tests.emitters.roster import EMITTERS
from tests.servers.stores import StoreServer
from tests.store.conftest import accept_events, drain

Events = list[dict[str, Any]]
Arrival = Callable[[Events], Events]


def forwards(events: Events) -> Events:
    return events


def backwards(events: Events) -> Events:
    return events[::-1]


def shuffled(events: Events) -> Events:
    return random.Random(1).sample(events, len(events))


def doubled(events: Events) -> Events:
    return random.Random(2).sample([*events, *events], 2 * len(events))


@pytest.fixture(scope="module")
def ask(server: StoreServer, shared_store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Asks the GraphQL schema, as the door does, about the store of this process."""
    given = {name.removeprefix(PREFIX).lower(): value for name, value in server.env.items()}
    service = Service(read_settings(**given, data=tmp_path_factory.mktemp("service")))

    def answer(query: str, **variables: Any) -> Any:
        result = asyncio.run(schema.execute(query, variable_values=variables, context_value=Context(service)))
        assert not result.errors, result.errors
        return result.data

    yield answer
    service.close()


@pytest.mark.parametrize("arrival", [forwards, backwards, shuffled, doubled])
@pytest.mark.parametrize("name", EMITTERS)
def test_every_arrival_of_a_recording_leaves_the_graph_of_the_live_run(
    store: Store, ask: Ask, name: str, arrival: Arrival
) -> None:
    """Lineage, column lineage, run states and parents of each emitter, in order, reversed, shuffled, twice."""
    emitter = EMITTERS[name]
    events = [event for _, file in emitter.plays for event in corpus.events(file)]
    accept_events(store, arrival(events))
    drain(store)

    assert emitter.expected.picture == look(ask, emitter.expected.sink, emitter.expected.source)
