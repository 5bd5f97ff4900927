"""A service of our own for the command line's tests: a real HTTP server that answers as it was told to."""

from __future__ import annotations

import gzip
import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from click.testing import CliRunner, Result

from catalog.cli.main import main

Body = Any


@dataclass(frozen=True)
class Heard:
    """A request as it arrived."""

    path: str
    headers: dict[str, str]
    body: Body


@dataclass(frozen=True)
class Answer:
    """What is answered: a JSON value, or text as it is."""

    body: Body = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def raw(self) -> bytes:
        return self.body.encode() if isinstance(self.body, str) else json.dumps(self.body).encode()


Script = Callable[[Heard], Answer]


class _Server(ThreadingHTTPServer):
    def handle_error(self, *whose: Any) -> None:
        """A client that is gone is no fault, and must not be told about in the next command's output."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(*whose)


class ScriptedService:
    """Listens on a free loopback port; `script` makes the answers, `heard` has the requests."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.heard: list[Heard] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers["Content-Encoding"] == "gzip":
                    content = gzip.decompress(content)
                heard = Heard(self.path, {k.lower(): v for k, v in self.headers.items()}, json.loads(content))
                service.heard.append(heard)
                answer = service.script(heard)
                self.send_response(answer.status)
                for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer.raw)))
                self.end_headers()
                self.wfile.write(answer.raw)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def run(self) -> None:
        self._server.serve_forever(poll_interval=0.01)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def serving(script: Script) -> Iterator[ScriptedService]:
    """A running service."""
    service = ScriptedService(script)
    thread = threading.Thread(target=service.run)
    thread.start()
    try:
        yield service
    finally:
        service.stop()
        thread.join()


def in_turn(*answers: Answer) -> Script:
    """These answers one after the other; the last one again and again."""
    left = list(answers)
    return lambda _: left.pop(0) if len(left) > 1 else left[0]


def data(**fields: Any) -> Answer:
    """A GraphQL answer without errors."""
    return Answer({"data": fields})


def fault(message: str, **extensions: Any) -> Answer:
    """A GraphQL answer with one error."""
    return Answer({"data": None, "errors": [{"message": message, "extensions": extensions}]})


def run(script: Script, *arguments: str) -> tuple[Result, list[Heard]]:
    """One `headwater` command against a service of this script, and what the service heard."""
    with serving(script) as service:
        return CliRunner().invoke(main, [*arguments, "--url", service.url]), service.heard


def page(connection: str, *nodes: Any, more: bool = False) -> Answer:
    """One page of a connection."""
    edges = [{"node": node} for node in nodes]
    return data(**{connection: {"edges": edges, "pageInfo": {"hasNextPage": more, "endCursor": "c" if more else None}}})
