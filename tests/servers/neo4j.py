"""A real Neo4j 5.26 Community server without containers: its jars from Maven, Java 17 or 21, auth on, loopback only.

python -m tests.servers.neo4j DIR [--port N]      runs one until Ctrl-C and prints how to reach it
python -m tests.servers.neo4j --fetch             only fills the cache of jars (125 MB, once per machine)
"""

from __future__ import annotations

import argparse
import os
import secrets
import signal
import subprocess
import sys
from pathlib import Path

import neo4j

from catalog.graph.embedded import free_port
from catalog.graph.migrate import ArcadeAdmin
from catalog.graph.store import Store
from tests.servers.child import Child, Missing, need
from tests.servers.maven import fetch_jars

VERSION = "5.26.31"
USER = DATABASE = "neo4j"
START_SECONDS = 120.0
_ARTIFACTS = (("org.neo4j", "neo4j"), ("org.neo4j", "neo4j-bolt"), ("org.neo4j.app", "neo4j-server"))
_FLAGS = (
    "-XX:+UseG1GC",
    "-XX:-OmitStackTraceInFastThrow",
    "-XX:+ExitOnOutOfMemoryError",
    "-Dfile.encoding=UTF-8",
    "-Dlog4j2.disable.jmx=true",
    "-Dio.netty.tryReflectionSetAccessible=true",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
)
_BRIEF_FLAGS = ("-XX:TieredStopAtLevel=1",)


def fetch() -> Path:
    """The folder of jars.

    Raises:
        Missing: no Maven, no Java, or the artifacts cannot be had.
    """
    return fetch_jars(f"neo4j-{VERSION}", [(*artifact, VERSION) for artifact in _ARTIFACTS])


class Neo4jServer:
    """One Neo4j over a folder. `start` may be called again after a kill: address and password stay.

    Args:
        brief: for a life of minutes: starts with half the work, lacks the optimising compiler.
    """

    name = "neo4j"
    admin: ArcadeAdmin | None = None

    def __init__(self, folder: Path, *, port: int | None = None, heap: str = "1g", brief: bool = False) -> None:
        self.folder = folder.resolve()
        self.port = port or free_port()
        self.password = secrets.token_hex(12)
        jars = fetch()
        self._java = need("java", "openjdk-17-jre-headless")
        self._classes = f"{jars}/*"
        self._child = Child(
            [
                self._java,
                "-Xms256m",
                f"-Xmx{heap}",
                *_FLAGS,
                *(_BRIEF_FLAGS if brief else ()),
                "-cp",
                self._classes,
                "org.neo4j.server.CommunityEntryPoint",
                f"--home-dir={self.folder}",
                f"--config-dir={self.folder / 'conf'}",
                "--console-mode",
            ],
            self.folder / "console.log",
            ready=self._answers,
            seconds=START_SECONDS,
            cwd=self.folder,
        )
        self._prepare()

    @property
    def url(self) -> str:
        """The Bolt address."""
        return f"bolt://127.0.0.1:{self.port}"

    @property
    def env(self) -> dict[str, str]:
        """The settings that make Headwater use it."""
        return {
            "HEADWATER_STORE_URL": self.url,
            "HEADWATER_STORE_USER": USER,
            "HEADWATER_STORE_PASSWORD": self.password,
            "HEADWATER_STORE_DATABASE": DATABASE,
        }

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        return self._child.pid

    def start(self) -> None:
        """Start it, or start it again after a kill, and wait until it answers."""
        self._child.start()

    def open(self) -> Store:
        """A store on this server."""
        return Store.open(self.url, user=USER, password=self.password, database=DATABASE)

    def send(self, number: signal.Signals) -> None:
        """Send its process a signal."""
        self._child.send(number)

    def stop(self) -> None:
        """End it."""
        self._child.stop()

    def _prepare(self) -> None:
        for name in ("conf", "data", "logs", "run", "plugins", "import"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        address = f"127.0.0.1:{self.port}"
        settings = {
            "server.directories.data": "data",
            "server.bolt.enabled": "true",
            "server.bolt.listen_address": address,
            "server.bolt.advertised_address": address,
            "server.bolt.tls_level": "DISABLED",
            "server.http.enabled": "false",
            "server.https.enabled": "false",
            "dbms.security.auth_enabled": "true",
            "dbms.usage_report.enabled": "false",
            "client.allow_telemetry": "false",
            "server.memory.pagecache.size": "256m",
            "db.transaction.timeout": "30s",
            "db.lock.acquisition.timeout": "10s",
            "db.tx_log.preallocate": "false",
            "db.logs.query.enabled": "OFF",
        }
        (self.folder / "conf" / "neo4j.conf").write_text("".join(f"{k}={v}\n" for k, v in settings.items()))
        admin = [self._java, "-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp", self._classes, "org.neo4j.cli.AdminTool"]
        subprocess.run(
            [*admin, "dbms", "set-initial-password", self.password],
            env={**os.environ, "NEO4J_HOME": str(self.folder), "NEO4J_CONF": str(self.folder / "conf")},
            check=True,
            capture_output=True,
            timeout=120,
        )

    def _answers(self) -> bool:
        try:
            with neo4j.GraphDatabase.driver(
                self.url, auth=(USER, self.password), telemetry_disabled=True, connection_timeout=2
            ) as driver:
                driver.verify_connectivity()
        except neo4j.exceptions.DriverError:
            return False
        except neo4j.exceptions.Neo4jError as e:
            if isinstance(e, neo4j.exceptions.AuthError):
                raise
            return False
        return True


def main() -> None:
    """Run one in the foreground."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="a new folder for its data")
    parser.add_argument("--port", type=int, help="Bolt port [a free one]")
    parser.add_argument("--fetch", action="store_true", help="only fill the cache of jars")
    given = parser.parse_args()
    if given.fetch:
        print(fetch())
        return
    if given.folder is None:
        parser.error("a folder is needed")
    if given.folder.exists() and any(given.folder.iterdir()):
        parser.error(f"{given.folder} is not empty")
    server = Neo4jServer(given.folder, port=given.port)
    server.start()
    try:
        print("\n".join(f"export {name}={value}" for name, value in server.env.items()), flush=True)
        signal.sigwait({signal.SIGINT, signal.SIGTERM})
    finally:
        server.stop()


if __name__ == "__main__":
    try:
        main()
    except Missing as e:
        sys.exit(str(e))
