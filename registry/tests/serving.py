"""A web server on loopback that serves a folder, and can be made to never stop sending."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_MOST = 1 << 30


class Server(ThreadingHTTPServer):
    """Serves `folder`; a path with one of `endless` in it gets bytes without end, or one by one."""

    daemon_threads = True
    folder = Path()
    endless: tuple[str, ...] = ()
    pause_s = 0.0
    #: How long it rests after every 16 kB of a file.
    slowness_s = 0.0
    sent = 0
    #: How many files were cut off because their reader went away.
    cut_off = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        path = self.server.folder / self.path.lstrip("/")
        if any(part in self.path for part in self.server.endless):
            self.send_response(200)
            self.end_headers()
            with contextlib.suppress(OSError):
                while self.server.sent < _MOST:
                    block = bytes(1 if self.server.pause_s else 65536)
                    self.wfile.write(block)
                    self.server.sent += len(block)
                    time.sleep(self.server.pause_s)
        elif path.is_file():
            data = path.read_bytes()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            try:
                for at in range(0, len(data), 16384):
                    self.wfile.write(data[at : at + 16384])
                    time.sleep(self.server.slowness_s)
            except OSError:  # its reader was killed
                self.server.cut_off += 1
        else:
            self.send_error(404)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[Server]:
    """Serve a folder while the body runs."""
    with Server(("127.0.0.1", 0), _Handler) as made:
        made.folder = folder
        threading.Thread(target=made.serve_forever, daemon=True).start()
        yield made
        made.shutdown()
