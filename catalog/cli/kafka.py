"""`headwater kafka`: events from topics, with the guarantees of the HTTP door."""

from __future__ import annotations

import signal
import threading
from types import FrameType

import click

EPILOG = """\b
Examples:
  HEADWATER_KAFKA_SERVERS=kafka:9092 HEADWATER_STORE_URL=bolt://127.0.0.1:7687 headwater kafka
  headwater kafka --servers kafka:9092 --topic openlineage.events --topic openlineage.spark --on-bad stop

Several of them share the topics' partitions. Each message is one event, or an array of events, as JSON or gzip.
"""


@click.command(epilog=EPILOG)
@click.option("--servers", metavar="HOST:PORT,…", help="Brokers to begin with.")
@click.option("--topic", "topics", multiple=True, help="A topic to read; repeat it for several.")
@click.option("--group", help="The consumer group, which remembers how far it is.")
@click.option("--instance", help="A name of this process that keeps its partitions over a restart.")
@click.option(
    "--on-bad",
    type=click.Choice(["dead-letter", "skip", "stop"]),
    help="What becomes of a message that can never be accepted.",
)
def kafka(
    servers: str | None, topics: tuple[str, ...], group: str | None, instance: str | None, on_bad: str | None
) -> None:
    """Accept OpenLineage events from Kafka topics."""
    from catalog.bootstrap.intake import Intake
    from catalog.logs import set_up_logs
    from catalog.settings import read_settings

    settings = read_settings(
        kafka_servers=servers,
        kafka_topics=",".join(topics) or None,
        kafka_group=group,
        kafka_instance=instance,
        kafka_on_bad=on_bad,
    )
    set_up_logs(settings.log_level, settings.log_format)
    stopping = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    intake = Intake(settings)
    try:
        intake.consume(stopping)
    finally:
        intake.close()
