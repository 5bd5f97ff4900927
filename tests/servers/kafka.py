"""A real Kafka 3.9 of one node without containers: its jars from Maven, Java 17, KRaft, loopback only.

python -m tests.servers.kafka --fetch             fills the cache of jars (46 MB, once per machine)
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from catalog.graph.embedded import free_port
from tests.servers.child import Child, Missing, need
from tests.servers.maven import fetch_jars

VERSION = "3.9.1"
START_SECONDS = 60.0
_CLUSTER = "aGVhZHdhdGVyLXRlc3RzIQ"
_FLAGS = ("-Xms128m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")


def fetch() -> Path:
    """The folder of jars.

    Raises:
        Missing: no Maven, no Java, or the artifacts cannot be had.
    """
    artifacts = [("org.apache.kafka", "kafka_2.13", VERSION), ("org.slf4j", "slf4j-simple", "1.7.36")]
    return fetch_jars(f"kafka-{VERSION}", artifacts)


class KafkaServer:
    """One broker over a folder. `start` may be called again after a kill: its address stays."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        java, classes = need("java", "openjdk-17-jre-headless"), f"{fetch()}/*"
        file = self.folder / "server.properties"
        self._write(file, free_port())
        subprocess.run(
            [java, *_FLAGS, "-cp", classes, "kafka.tools.StorageTool", "format", "-t", _CLUSTER, "-c", str(file)],
            check=True,
            capture_output=True,
            timeout=60,
        )
        self._child = Child(
            [java, *_FLAGS, "-cp", classes, "kafka.Kafka", str(file)],
            self.folder / "console.log",
            ready=self._answers,
            seconds=START_SECONDS,
            cwd=self.folder,
        )

    @property
    def env(self) -> dict[str, str]:
        """The settings that make Headwater use it."""
        return {"HEADWATER_KAFKA_SERVERS": self.address}

    def start(self) -> None:
        """Start it, or start it again after a kill, and wait until it answers."""
        self._child.start()

    def launch(self) -> None:
        """Start it; do not wait."""
        self._child.launch()

    def wait_ready(self) -> None:
        """Wait until it answers."""
        self._child.wait_ready()

    def create(self, topic: str, partitions: int) -> None:
        """Make a topic."""
        admin = AdminClient({"bootstrap.servers": self.address})
        admin.create_topics([NewTopic(topic, partitions, 1)])[topic].result(30)

    def send(self, number: signal.Signals) -> None:
        """Send its process a signal."""
        self._child.send(number)

    def kill(self) -> None:
        """kill -9."""
        self._child.kill()

    def stop(self) -> None:
        """End it."""
        self._child.stop()

    def _write(self, file: Path, controller: int) -> None:
        settings = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@127.0.0.1:{controller}",
            "listeners": f"PLAINTEXT://{self.address},CONTROLLER://127.0.0.1:{controller}",
            "controller.listener.names": "CONTROLLER",
            "log.dirs": str(self.folder / "logs"),
            "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "1",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "group.initial.rebalance.delay.ms": "0",
            "group.min.session.timeout.ms": "1000",
            "broker.session.timeout.ms": "2000",
            "broker.heartbeat.interval.ms": "500",
            "auto.create.topics.enable": "true",
        }
        file.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))

    def _answers(self) -> bool:
        try:
            return bool(AdminClient({"bootstrap.servers": self.address, "log_level": 0}).list_topics(timeout=1).brokers)
        except KafkaException:
            return False


def main() -> None:
    """Fill the cache."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--fetch", action="store_true", required=True, help="fill the cache of jars")
    parser.parse_args()
    print(fetch())


if __name__ == "__main__":
    try:
        main()
    except Missing as e:
        sys.exit(str(e))
