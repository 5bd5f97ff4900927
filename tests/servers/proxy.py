"""A TCP proxy on loopback whose network can fail: cut (refused and reset), silent (packets vanish), or forgetful.

Silence is that of a network that drops packets: nothing is answered, connections stay, and what was under way arrives
once it is over, as TCP sends it again. A forgetful one, such as a NAT or a firewall that restarted, never lets anything
of its old connections through again, not even their end; new ones work.
"""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import suppress

_RESET = struct.pack("ii", 1, 0)
_PIECE = 65_536


class Proxy:
    """Passes connections on to a port of this machine."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._flows = threading.Event()
        self._flows.set()
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._forgotten: set[socket.socket] = set()
        self._listen()

    def cut(self) -> None:
        """Reset every connection, refuse new ones."""
        self._close(self._listener)
        with self._lock:
            ends, self._open = self._open | self._forgotten, set()
        for end in ends:
            with suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self._close(end)

    def swallow(self) -> None:
        """Let nothing through and say nothing about it."""
        self._flows.clear()

    def forget(self) -> None:
        """Drop whatever comes on the connections there are, for ever; both ends think that they live."""
        with self._lock:
            self._forgotten |= self._open

    def restore(self) -> None:
        """Be a good network again."""
        self._flows.set()
        if self._listener.fileno() == -1:
            self._listener = socket.create_server(("127.0.0.1", self.port))
            self._listen()

    def close(self) -> None:
        """End it."""
        self.cut()
        self._flows.set()

    def _listen(self) -> None:
        threading.Thread(target=self._accept, args=(self._listener,), name="proxy", daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._connect, args=(near,), daemon=True).start()

    def _connect(self, near: socket.socket) -> None:
        self._flows.wait()
        try:
            far = socket.create_connection(("127.0.0.1", self._target))
        except OSError:
            self._close(near)
            return
        with self._lock:
            self._open |= {near, far}
        threading.Thread(target=self._pass_on, args=(near, far), daemon=True).start()
        self._pass_on(far, near)

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while piece := source.recv(_PIECE):
                self._flows.wait()
                if sink not in self._forgotten:
                    sink.sendall(piece)
        except OSError:
            pass
        if source in self._forgotten:
            return
        with self._lock:
            self._open -= {source, sink}
        self._close(source)
        self._close(sink)

    @staticmethod
    def _close(end: socket.socket) -> None:
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
