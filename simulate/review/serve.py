"""The page in a local server that follows the files while they are edited.

A thread looks at the files twenty times a second. When one was saved it compiles and draws anew and
tells the browsers; the simulation runs in a process of its own, which has the simulator loaded,
and its verdict follows. The server listens on 127.0.0.1 only and answers to no other host's name,
so that a web site can't reach it through the browser (DNS rebinding).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from compiler.pipeline import Compiled
from simulate.review.compare import Changes
from simulate.review.inputs import Inputs
from simulate.review.page import NOT_SIMULATED, Drawing, Verification, draw, put_together
from simulate.review.simulator import Simulator, SimulatorError
from simulate.review.stages import procedure_of, programs_of
from simulate.review.verification import run_files

_LOOK_S = 0.05
_KEEP_ALIVE_S = 15.0

Against = Callable[[Compiled], Changes | None]


def against_nothing(compiled: Compiled) -> Changes | None:
    """No older run to compare with."""
    return None


@dataclass(slots=True)
class Page:
    """The newest page. `number` grows with each; waiting on `changed` is woken by it."""

    html: bytes = b""
    status: str = "starting"
    number: int = 0
    closed: bool = False
    changed: threading.Condition = field(default_factory=threading.Condition)

    def put(self, html: str, status: str) -> None:
        """A new page for everybody."""
        with self.changed:
            self.html, self.status = html.encode("utf-8"), status
            self.number += 1
            self.changed.notify_all()

    def close(self) -> None:
        """Nobody waits for another one."""
        with self.changed:
            self.closed = True
            self.changed.notify_all()

    def after(self, number: int) -> tuple[int, str] | None:
        """The number and status of a page newer than `number`; None if none came in a while."""
        with self.changed:
            self.changed.wait_for(lambda: self.closed or self.number > number, _KEEP_ALIVE_S)
            return (self.number, self.status) if self.number > number else None


class Follower:
    """Keeps a page up to date with what a run is made of."""

    def __init__(self, made_of: Inputs, page: Page, against: Against = against_nothing) -> None:
        self.page = page
        self._made_of, self._against = made_of, against
        self._stop = threading.Event()
        self._simulator = Simulator()
        self._thread = threading.Thread(target=self._follow, name="follow", daemon=True)

    def start(self) -> None:
        """Makes the first page and follows from then on."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread and the simulator's process."""
        self._stop.set()
        self.page.close()
        self._thread.join()
        self._simulator.close()

    def _follow(self) -> None:
        try:
            self._look_until_stopped()
        finally:  # a page that nothing follows any more must not look as if something did
            self.page.close()

    def _look_until_stopped(self) -> None:
        watched = self._made_of.files
        seen: dict[str, tuple[int, int]] | None = None
        unverified: Drawing | None = None
        while not self._stop.is_set():
            now = {file: _stamp(file) for file in watched}
            if now != seen:
                drawing = self._renew()
                unverified = None if drawing.compiled.plan is None else drawing
                watched = (*self._made_of.files, *_documents(drawing.compiled))
                seen = {file: now.get(file, _stamp(file)) for file in watched}
            elif unverified is not None and (said := self._said()) is not None:
                self._show(unverified, said, "live")
                unverified = None
            self._stop.wait(_LOOK_S)

    def _renew(self) -> Drawing:
        """Compiles and shows, and has it simulated meanwhile."""
        compiled = self._made_of.compiled()
        files = run_files(compiled)
        if files:
            self._simulator.ask(files)
        drawing = draw(compiled)
        self._show(drawing, NOT_SIMULATED, "verifying" if files else "live")
        return drawing

    def _said(self) -> Verification | None:
        """What the simulator says, None as long as it is at work."""
        try:
            return self._simulator.answer() if self._simulator.has_answered() else None
        except SimulatorError:  # the next run starts another one
            return NOT_SIMULATED

    def _show(self, drawing: Drawing, verification: Verification, status: str) -> None:
        changes = self._against(drawing.compiled)
        html = put_together(drawing, verification, changes=changes, live=True)
        self.page.put(html, status)


def _documents(compiled: Compiled) -> tuple[str, ...]:
    """The files that a page comes from: those given, and the blocks that steps stand in."""
    files = list(compiled.files)
    files += [finding.span.file for finding in compiled.findings if finding.span is not None]
    for program in programs_of(compiled):
        files += [step.spans.whole.file for step in procedure_of(program).steps]
    return tuple(dict.fromkeys(files))


def _stamp(file: str) -> tuple[int, int]:
    """When a file was saved and how long it is; zeros while an editor is replacing it."""
    try:
        held = Path(file).stat()
    except OSError:
        return 0, 0
    return held.st_mtime_ns, held.st_size


class Server(ThreadingHTTPServer):
    """Serves one page on 127.0.0.1; port 0 takes a free one."""

    daemon_threads = True

    def __init__(self, page: Page, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.page = page
        self.hosts = frozenset(f"{name}:{self.server_port}" for name in ("127.0.0.1", "localhost"))

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.server_port}/"


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "workup"
    sys_version = ""

    def do_GET(self) -> None:
        if self.headers.get("Host") not in self.server.hosts:
            self._answer(
                403, "text/plain; charset=utf-8", b"This server answers to its own name.\n"
            )
        elif self.path == "/":
            page = self.server.page
            while not page.number and not page.closed:  # the first one is in the making
                page.after(0)
            self._answer(200, "text/html; charset=utf-8", page.html)
        elif self.path == "/events":
            self._events()
        else:
            self._answer(404, "text/plain; charset=utf-8", b"There is only one page here.\n")

    def _answer(self, status: int, type_: str, body: bytes) -> None:
        self.send_response(status)
        self._headers(type_)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _headers(self, type_: str) -> None:
        self.send_header("Content-Type", type_)
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("X-Frame-Options", "DENY")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")

    def _events(self) -> None:
        """Tells a browser of each new page until it goes away."""
        self.send_response(200)
        self._headers("text/event-stream; charset=utf-8")
        self.send_header("Connection", "close")
        self.end_headers()
        page = self.server.page
        number = page.number
        try:
            self._say(f"event: status\ndata: {page.status}\n\n")
            while not page.closed:
                news = page.after(number)
                if news is None:
                    self._say(": still here\n\n")
                    continue
                number, status = news
                self._say(f"event: page\ndata: {status}\n\n")
        except (BrokenPipeError, ConnectionError):
            return

    def _say(self, text: str) -> None:
        self.wfile.write(text.encode("utf-8"))
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Nothing: a terminal with a line for each request helps nobody."""


@contextmanager
def serving(made_of: Inputs, port: int = 0, against: Against = against_nothing) -> Iterator[Server]:
    """A server that follows the files of a run, for as long as the block lasts.

    Raises OSError where the port can't be had.
    """
    with Server(Page(), port) as server:
        follower = Follower(made_of, server.page, against)
        follower.start()
        thread = threading.Thread(target=server.serve_forever, name="serve", daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            follower.stop()
