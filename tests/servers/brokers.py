"""The three brokers that wake-ups may travel by, behind one face: RabbitMQ, Redis and the laptop's folder.

A server's files, name and ports are its own, so that several run side by side, and beside one that is installed.
"""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest
from kombu.connection import Connection

from catalog.graph.embedded import free_port
from tests.servers.child import Child, Missing, need, plain_environment
from tests.servers.stores import missing

FOLDER, REDIS, RABBITMQ = "filesystem", "redis", "rabbitmq"
BROKERS = [
    pytest.param(FOLDER),
    pytest.param(REDIS, marks=pytest.mark.services),
    pytest.param(RABBITMQ, marks=pytest.mark.services),
]
"""The parameters of a fixture that gives each test all three."""

_SCRIPTS = "/usr/lib/rabbitmq/bin"


class Broker(Protocol):
    """A running broker, empty."""

    name: str

    @property
    def env(self) -> dict[str, str]:
        """The settings that make Headwater use it."""
        ...

    def start(self) -> None:
        """Start it, or start it again after a kill, and wait until it answers."""
        ...

    def send(self, number: signal.Signals) -> None:
        """Send its process a signal."""
        ...

    def kill(self) -> None:
        """kill -9."""
        ...

    def stop(self) -> None:
        """End it."""
        ...


class FolderBroker:
    """The `filesystem://` broker of `headwater up`: no process, so a kill only loses its messages."""

    name = FOLDER

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def env(self) -> dict[str, str]:
        """The settings that make Headwater use it."""
        return {"HEADWATER_BROKER_URL": "filesystem://", "HEADWATER_BROKER_DIR": str(self.folder)}

    def start(self) -> None:
        """Its users make the folder."""

    def send(self, number: signal.Signals) -> None:
        """Nobody is there to take a signal."""

    def kill(self) -> None:
        """Take all messages away; a worker may take some of them at the same moment."""
        for message in (self.folder / "queue").glob("*.msg"):
            message.unlink(missing_ok=True)

    def stop(self) -> None:
        """Nothing runs."""


class RedisBroker:
    """A Redis that keeps nothing on disk: a kill loses every message."""

    name = REDIS

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        self.port = free_port()
        options = {"bind": "127.0.0.1", "port": self.port, "dir": folder, "save": "", "appendonly": "no"}
        self._child = Child(
            [need("redis-server", "redis-server"), *(word for k, v in options.items() for word in (f"--{k}", str(v)))],
            folder / "redis.log",
            ready=self._answers,
            seconds=30,
        )

    @property
    def env(self) -> dict[str, str]:
        """The settings that make Headwater use it."""
        return {"HEADWATER_BROKER_URL": f"redis://127.0.0.1:{self.port}/0"}

    def start(self) -> None:
        """Start it, or start it again after a kill, and wait until it answers."""
        self._child.start()

    def send(self, number: signal.Signals) -> None:
        """Send its process a signal."""
        self._child.send(number)

    def kill(self) -> None:
        """kill -9."""
        self._child.kill()

    def stop(self) -> None:
        """End it."""
        self._child.stop()

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 2) as asking:
                asking.sendall(b"PING\r\n")
                return asking.recv(16).startswith(b"+PONG")
        except OSError:
            return False


class RabbitBroker:
    """A RabbitMQ node with a name server (epmd) of its own, so that no Erlang process outlives it."""

    name = RABBITMQ

    def __init__(self, folder: Path) -> None:
        script = Path(need("rabbitmq-server", "rabbitmq-server"))
        # Debian's own command changes to the user rabbitmq and to /var/lib; the script behind it does neither.
        plain = shutil.which("rabbitmq-server", path=_SCRIPTS)
        self._scripts = Path(plain).parent if plain else script.parent
        folder.mkdir(parents=True)
        self.port, names, between = free_port(), free_port(), free_port()
        (folder / "rabbitmq.conf").write_text("disk_free_limit.absolute = 50MB\n")
        (folder / "enabled_plugins").write_text("[].\n")
        self._env = {
            **{k: v for k, v in plain_environment().items() if not k.startswith(("RABBITMQ_", "ERL_"))},
            "HOME": str(folder),  # the cookie is made there
            "ERL_EPMD_PORT": str(names),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"headwater{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(between),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "RABBITMQ_CONF_ENV_FILE": str(folder / "none"),
            "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "none.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_LOGS": "-",
            "RUNNING_UNDER_SYSTEMD": "true",  # the script becomes the node instead of watching over it
        }
        self._names = Child(
            [need("epmd", "erlang-base"), "-address", "127.0.0.1", "-port", str(names)],
            folder / "epmd.log",
            ready=lambda: _listens(names),
            env=self._env,
        )
        self._node = Child(
            [str(self._scripts / "rabbitmq-server")],
            folder / "rabbitmq.log",
            ready=self._answers,
            seconds=120,
            cwd=folder,
            env=self._env,
        )

    @property
    def url(self) -> str:
        """Its address, with the user that only loopback may use."""
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"

    @property
    def env(self) -> dict[str, str]:
        """The settings that make Headwater use it."""
        return {"HEADWATER_BROKER_URL": self.url}

    def start(self) -> None:
        """Start it, or start it again after a kill, and wait until it answers."""
        if self._names.pid is None:
            self._names.start()
        self._node.start()

    def send(self, number: signal.Signals) -> None:
        """Send the node a signal."""
        self._node.send(number)

    def kill(self) -> None:
        """kill -9 of the node."""
        self._node.kill()

    def stop(self) -> None:
        """End the node, then the name server."""
        self._node.stop()
        self._names.stop()

    def control(self, *words: str) -> str:
        """What `rabbitmqctl` answers."""
        command = [str(self._scripts / "rabbitmqctl"), "--quiet", *words]
        return subprocess.run(command, env=self._env, check=True, capture_output=True, text=True, timeout=60).stdout

    def _answers(self) -> bool:
        if not _listens(self.port):
            return False
        try:
            with Connection(self.url, connect_timeout=2) as connection:  # type: ignore[no-untyped-call]
                connection.connect()
        except OSError:
            return False
        return True


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 2).close()
    except OSError:
        return False
    return True


def start_broker(name: str, folder: Path) -> Broker:
    """A running broker of this name over a new folder; the test is skipped, or fails, where it cannot be had."""
    make: dict[str, Callable[[Path], Broker]] = {FOLDER: FolderBroker, REDIS: RedisBroker, RABBITMQ: RabbitBroker}
    try:
        broker = make[name](folder / name)
    except Missing as e:
        missing(e)
    try:
        broker.start()
    except BaseException:
        broker.stop()
        raise
    return broker
