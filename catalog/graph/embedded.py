"""ArcadeDB as a child process: the store of a laptop or a small team, with nothing to install.

The `arcadedb-embedded` wheel brings engine and Java runtime; it is reached over Bolt like Neo4j. Facts behind each
flag were measured: both listeners default to 0.0.0.0, the password is used at the first start only, and the
directory's own lock does not guard a directory without a database yet.
"""

from __future__ import annotations

import base64
import fcntl
import importlib.util
import json
import os
import secrets
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO, TYPE_CHECKING, NamedTuple

from catalog.errors import DirectoryInUse, DirectoryUnusable, PartFailed
from catalog.process import end_with_parent

if TYPE_CHECKING:
    from catalog.graph.store import Store

DATABASE = "cat"
USER = "root"
START_SECONDS = 60.0
STOP_SECONDS = 60.0
LEFTOVER_SECONDS = 3.0
MAX_RELAUNCHES = 3
STATEMENT_LIMIT_MS = 5_000
RUNTIME_FILE, PID_FILE, PASSWORD_FILE = "runtime.json", "store.pid", "root.password"
_FIRST_HEAP = "64m"
"""Java begins with a 64th of the machine's memory if it is not told, and fills that before it looks for garbage."""
_JAVA_FLAGS = (
    "-XX:+UseSerialGC",
    "--add-modules=jdk.incubator.vector",
    "--enable-native-access=ALL-UNNAMED",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-exports=java.management/sun.management=ALL-UNNAMED",
    "-Djava.awt.headless=true",
)
# The first compiler alone: a second less of processor time to start, slower code for what runs long.
_BRIEF_FLAGS = ("-XX:TieredStopAtLevel=1",)


def free_port() -> int:
    """A loopback port nobody listens on now."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


class Embedded:
    """One ArcadeDB over one data directory, owned by this process.

    Args:
        heap: most memory for the engine's objects, as Java writes it.
        brief: for a life of minutes: starts with less work, lacks the optimising compiler.

    `start` may be called again after the child died; ports and password stay, so clients reconnect by themselves.
    """

    def __init__(self, data: Path, *, heap: str = "512m", brief: bool = False) -> None:
        self.data = data.resolve()
        self._flags = (f"-Xms{_FIRST_HEAP}", f"-Xmx{heap}", *_JAVA_FLAGS, *(_BRIEF_FLAGS if brief else ()))
        self.bolt_port = free_port()
        self.http_port = free_port()
        self._child: subprocess.Popen[bytes] | None = None
        self._lock: IO[str] | None = None
        self._published = False
        self.password = ""

    @property
    def url(self) -> str:
        """The Bolt address."""
        return f"bolt://127.0.0.1:{self.bolt_port}"

    @property
    def http_url(self) -> str:
        """The address of ArcadeDB's own HTTP listener, for the schema that Bolt cannot make."""
        return f"http://127.0.0.1:{self.http_port}"

    @property
    def pid(self) -> int | None:
        """The child's process id while it runs."""
        return self._child.pid if self._child and self._child.poll() is None else None

    @property
    def code(self) -> int | None:
        """How the child ended."""
        return self._child.poll() if self._child else None

    @property
    def ended_uncleanly(self) -> bool:
        """Whether the directory's last owner was killed; asked before `launch`."""
        return (self.data / PID_FILE).exists()

    @property
    def is_new(self) -> bool:
        """Whether nobody ever claimed the directory: there is none, or nothing of ours in it."""
        return not self._password_file.exists()

    @property
    def _password_file(self) -> Path:
        return self.data / PASSWORD_FILE

    def claim(self) -> None:
        """Make the directory and hold it for this process.

        Raises:
            DirectoryUnusable: it cannot be made or written.
            DirectoryInUse: another process holds it.
        """
        try:
            self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = (self.data / "headwater.lock").open("a+")
        except OSError as e:
            raise DirectoryUnusable(
                f"the data directory {self.data} cannot be written ({e.strerror}); choose another with --data"
            ) from e
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as e:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            lock.close()
            raise DirectoryInUse(
                f"the data directory {self.data} is in use by process {holder}; stop it or choose another with --data"
            ) from e
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock
        self.password = self._persisted_password()

    def start(self) -> None:
        """Start the child and wait until it answers; raises as `launch` and `wait_ready` do."""
        self.launch()
        self.wait_ready()

    def launch(self) -> None:
        """Start the child.

        Raises:
            DirectoryUnusable, DirectoryInUse: as `claim`.
        """
        if self._lock is None:
            self.claim()
        self._end_leftover()
        log = (self.data / "store.log").open("ab")
        self._child = subprocess.Popen(
            self._command(),
            cwd=self.data,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=end_with_parent,
        )
        log.close()
        _write_private(self.data / PID_FILE, str(self._child.pid))

    def wait_ready(self) -> None:
        """Wait until Bolt and HTTP answer.

        Raises:
            PartFailed: it ended, or did not answer in a minute; the text carries its last lines.
        """
        deadline = time.monotonic() + START_SECONDS
        relaunches = 0
        while not self.is_ready():
            code = self.code
            if self.pid is None and code is not None and code < 0 and relaunches < MAX_RELAUNCHES:
                relaunches += 1  # somebody killed it: that is no reason to give up
                self.launch()
            elif self.pid is None:
                raise PartFailed(f"the embedded store ended with code {code}:\n{self.tail()}")
            if time.monotonic() > deadline:
                self.stop()
                raise PartFailed(f"the embedded store did not answer in {START_SECONDS:.0f} s:\n{self.tail()}")
            time.sleep(0.05)

    def is_ready(self) -> bool:
        """Whether Bolt and HTTP answer; the first time they do, where to find them is published."""
        if not self._published:
            self._published = self._answers()
            if self._published:
                ports = {"pid": self.pid, "bolt": self.bolt_port, "http": self.http_port}
                _write_private(self.data / RUNTIME_FILE, json.dumps(ports))
        return self._published

    def stop(self) -> None:
        """End the child and give the directory up; committed data is safe even if it must be killed."""
        if self._child and self._child.poll() is None:
            self._child.send_signal(signal.SIGTERM)
            try:
                self._child.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()
        if self._lock is not None:
            (self.data / RUNTIME_FILE).unlink(missing_ok=True)
            if self._child is not None:
                (self.data / PID_FILE).unlink(missing_ok=True)
            self._lock.close()
            self._lock = None

    def open(self, **options: float) -> Store:
        """A store on this server."""
        from catalog.graph.store import Store  # the driver is large, and who only watches over a server needs none

        return Store.open(
            self.url,
            user=USER,
            password=self.password,
            database=DATABASE,
            pool=int(options.get("pool", 16)),
            patience=options.get("patience", 15.0),
        )

    def _command(self) -> list[str]:
        spec = importlib.util.find_spec("arcadedb_embedded")
        if spec is None or not spec.submodule_search_locations:
            raise PartFailed("the package arcadedb-embedded is not installed; run `make install`, or use Neo4j")
        package = Path(spec.submodule_search_locations[0])
        settings = {
            "server.rootPath": str(self.data),
            "server.rootPasswordPath": str(self._password_file),
            "server.mode": "production",
            "txWalFlush": "1",
            "command.timeout": str(STATEMENT_LIMIT_MS),
            "server.httpIncomingHost": "127.0.0.1",
            "server.httpIncomingPort": str(self.http_port),
            "server.plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
            "server.defaultDatabases": f"{DATABASE}[{USER}]",
            "bolt.host": "127.0.0.1",
            "bolt.port": str(self.bolt_port),
            "bolt.defaultDatabase": DATABASE,
            "opencypher.loadCsv.allowFileUrls": "false",
            "opencypher.loadCsv.allowRemoteUrls": "false",
        }
        return [
            str(package / "jre" / "bin" / "java"),
            *self._flags,
            *(f"-Darcadedb.{key}={value}" for key, value in settings.items()),
            "-cp",
            str(package / "jars" / "*"),
            "com.arcadedb.server.ArcadeDBServer",
        ]

    def _persisted_password(self) -> str:
        path = self._password_file
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_hex(24))
        return path.read_text().strip()

    def _answers(self) -> bool:
        request = urllib.request.Request(f"{self.http_url}/api/v1/ready")
        try:
            with (
                urllib.request.urlopen(request, timeout=2) as answer,
                socket.create_connection(("127.0.0.1", self.bolt_port), timeout=2),
            ):
                return bool(answer.status == 204)
        except (OSError, urllib.error.URLError):
            return False

    def _end_leftover(self) -> None:
        """End the child of an owner that was killed: it is ending, but may hold the database a moment longer."""
        self._published = False
        (self.data / RUNTIME_FILE).unlink(missing_ok=True)
        try:
            pid = int((self.data / PID_FILE).read_text())
        except (OSError, ValueError):
            return
        deadline = time.monotonic() + LEFTOVER_SECONDS
        while self._is_ours(pid):
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.02)

    def _is_ours(self, pid: int) -> bool:
        """Whether a process is a store over this directory. Only Linux can say; elsewhere the database's lock does."""
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            return False
        return f"-Darcadedb.server.rootPath={self.data}".encode() in words

    def tail(self) -> str:
        """The last lines of its log."""
        return "\n".join((self.data / "store.log").read_text("utf-8", "replace").splitlines()[-15:])


class Published(NamedTuple):
    """Where the store over a directory listens, for other processes of its owner."""

    url: str
    http_url: str
    password: str


def published(data: Path) -> Published | None:
    """The running store over a directory; None: none is, or it is not ready."""
    try:
        ports = json.loads((data / RUNTIME_FILE).read_text())
        password = (data / PASSWORD_FILE).read_text().strip()
    except (OSError, ValueError):
        return None
    return Published(f"bolt://127.0.0.1:{ports['bolt']}", f"http://127.0.0.1:{ports['http']}", password)


def _write_private(path: Path, text: str) -> None:
    """Only the owner may read it, and nobody ever reads half of it."""
    whole = path.with_suffix(".new")
    whole.touch(mode=0o600)
    whole.write_text(text)
    whole.rename(path)


def run_sql(http_url: str, password: str, command: str) -> None:
    """One SQL command over ArcadeDB's HTTP door: the schema that its Cypher cannot make (full-text indexes).

    Raises:
        PartFailed: it answered with an error.
    """
    login = base64.b64encode(f"{USER}:{password}".encode()).decode()
    request = urllib.request.Request(
        f"{http_url}/api/v1/command/{DATABASE}",
        data=json.dumps({"language": "sql", "command": command}).encode(),
        headers={"Authorization": f"Basic {login}", "Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=30):
            return
    except urllib.error.HTTPError as e:
        raise PartFailed(f"the embedded store refused {command!r}: {e.read().decode('utf-8', 'replace')[:500]}") from e
    except OSError as e:
        raise PartFailed(f"the embedded store's HTTP door at {http_url} does not answer ({e})") from e
