"""What `headwater kafka` works with."""

from __future__ import annotations

import json
import threading

from catalog.bootstrap.stores import API_PATIENCE, API_SILENCE, Gate, open_store
from catalog.clock import SystemClock
from catalog.dispatch import Dispatcher
from catalog.errors import InvalidSetting
from catalog.graph.room import Room
from catalog.process import tell_ready
from catalog.settings import Settings
from catalog.usecases.accept import Acceptor


class Intake:
    """What `headwater kafka` works with.

    Raises:
        InvalidSetting: no broker or store is configured, or the Kafka client is not installed.
    """

    def __init__(self, settings: Settings) -> None:
        settings.needs_kafka()
        settings.needs_store()
        try:
            from catalog.topics import Topics
        except ImportError as e:
            raise InvalidSetting("the Kafka client is not installed: pip install 'headwater[kafka]'") from e
        options = json.loads(settings.kafka_options.get_secret_value())
        self.settings = settings
        self.store = open_store(settings, pool=4, patience=API_PATIENCE, silence=API_SILENCE)
        self.dispatcher = Dispatcher(settings.broker_url, settings.broker_folder, settings.shards)
        gate = Gate(self.store, Room(settings.store_dir))
        self.acceptor = Acceptor(self.store, SystemClock(), check=gate.check, wake=self.dispatcher.wake)
        self.topics = Topics(
            settings.kafka_servers,
            settings.topic_names,
            group=settings.kafka_group,
            instance=settings.kafka_instance,
            options={name: str(value) for name, value in options.items()},
        )

    def consume(self, stopping: threading.Event) -> None:
        """Take messages until `stopping` is set.

        Raises:
            InvalidEvent, TopicsUnavailable: as `Consumption.run`.
        """
        from catalog.usecases.consume import Consumption, OnBad

        Consumption(
            self.topics,
            self.acceptor,
            on_bad=OnBad(self.settings.kafka_on_bad),
            aside=lambda topic: self.settings.kafka_refused.replace("{topic}", topic),
            max_bytes=self.settings.max_event_bytes,
            stopping=stopping,
            ready=tell_ready,
        ).run()

    def close(self) -> None:
        """Commit what waits, leave the group, and give everything back."""
        self.acceptor.close()
        self.topics.close()
        self.dispatcher.close()
        self.store.close()
