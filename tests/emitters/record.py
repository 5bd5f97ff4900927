"""Records what an emitter posts: `python -m tests.emitters.record NAME` plays it and writes its recordings again.

A loopback server keeps the body of each POST, one per line. Nothing is edited but the places of the stage and of the
tool, which become `/tmp` and `/opt/tool`.
"""

from __future__ import annotations

import argparse
import gzip
import json
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.emitters.roster import EMITTERS
from tests.emitters.stage import Stage

TOKEN = "let-me-in"


class Recorder(ThreadingHTTPServer):
    """Answers each POST as the service does and keeps its body."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Keep)
        self.kept: list[str] = []
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"

    def take(self) -> list[str]:
        """What was kept since it was asked last."""
        with self.lock:
            kept, self.kept = self.kept, []
        return kept


class _Keep(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Recorder

    def do_POST(self) -> None:
        body = b"".join(self._pieces())
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        with self.server.lock:
            self.server.kept.append(json.dumps(json.loads(body)))
        self.send_response(201)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _pieces(self) -> Iterator[bytes]:
        if self.headers.get("Transfer-Encoding") != "chunked":
            yield self.rfile.read(int(self.headers["Content-Length"]))
            return
        while size := int(self.rfile.readline(), 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def recording() -> Iterator[Recorder]:
    """A recorder, for a while."""
    with Recorder() as recorder:
        thread = threading.Thread(target=recorder.serve_forever, daemon=True)
        thread.start()
        yield recorder
        recorder.shutdown()
        thread.join()


def main() -> None:
    """Play and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=EMITTERS)
    parser.add_argument("--only", default="", help="write only the recordings with this in their name")
    given = parser.parse_args()
    emitter = EMITTERS[given.name]
    tool = emitter.tool()
    with recording() as recorder, tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder), tool, recorder.url, TOKEN)
        for play, file in emitter.plays:
            began = time.monotonic()
            play(stage)
            lines = [stage.neutral(line).replace(str(tool), "/opt/tool") for line in recorder.take()]
            print(f"{play.__name__}: {len(lines)} events in {time.monotonic() - began:.0f} s")
            if given.only in file.name:
                file.write_text("".join(f"{line}\n" for line in lines), "utf-8")
                print(f"written to {file}")


if __name__ == "__main__":
    main()
