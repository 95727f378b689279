"""Where output goes: plain text into pipes and files, colours on a terminal that wants them."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence

from compiler.diagnostics.text import LINE_WIDTH, Line, plain
from compiler.diagnostics.visible import visible

# How a terminal shows the styles that the renderers name.
_STYLES = {
    "error": "bold red",
    "warning": "bold yellow",
    "note": "bold cyan",
    "message": "bold",
    "frame": "bold blue",
    "place": "",
    "related": "cyan",
    "help": "bold green",
    "label": "dim",
}


class OutputError(Exception):
    """Standard output cannot be written; the message says why."""


def prepare_streams() -> None:
    """Lets no character that a stream's encoding lacks end the run."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def complain(message: str) -> None:
    """One line on standard error."""
    if sys.stderr is None:
        return
    with contextlib.suppress(OSError):
        print(f"workup: {' '.join(map(visible, message.splitlines()))}", file=sys.stderr)


def write(text: str) -> None:
    """Plain text to standard output. A reader that has gone (`| head`) is no error."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        _abandon_output()
    except OSError as error:
        _abandon_output()
        raise OutputError(f"standard output cannot be written: {error.strerror}") from error


def flush_output() -> None:
    """Writes out what the command line library printed by itself (`--help`)."""
    write("")


def write_lines(lines: Sequence[Line]) -> None:
    """Rendered lines to standard output, in colours where it is a terminal."""
    if not wants_colour():
        write(plain(lines))
        return
    from rich.console import Console
    from rich.text import Text

    try:
        console = Console(file=sys.stdout, highlight=False, markup=False, emoji=False)
        for line in lines:
            pieces = [(piece.text, _STYLES.get(piece.style, "")) for piece in line]
            console.print(Text.assemble(*pieces), soft_wrap=True)
    except BrokenPipeError:
        _abandon_output()


def wants_colour() -> bool:
    """Whether standard output is a terminal, and nobody asked for plain text."""
    if sys.stdout is None or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return sys.stdout.isatty()


def line_width() -> int:
    """How wide source lines may be: the terminal's width, or a fixed one in pipes."""
    return shutil.get_terminal_size().columns if wants_colour() else LINE_WIDTH


@contextlib.contextmanager
def progress(message: str) -> Iterator[None]:
    """Shows on standard error that work goes on, where that is a terminal."""
    if sys.stderr is None or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(message):
        yield


@contextlib.contextmanager
def counting(message: str, total: int) -> Iterator[Callable[[int], None]]:
    """Shows on standard error how many of several things are done, where that is a terminal.

    It starts no thread: what it counts may fork.
    """
    stream = sys.stderr
    if stream is None or not stream.isatty() or os.environ.get("TERM") == "dumb":
        yield lambda count: None
        return

    def show(count: int) -> None:
        width = 24
        filled = width * count // max(1, total)
        bar = "#" * filled + "-" * (width - filled)
        with contextlib.suppress(OSError):
            stream.write(f"\r{message} [{bar}] {count}/{total}")
            stream.flush()

    show(0)
    try:
        yield show
    finally:
        with contextlib.suppress(OSError):
            stream.write("\r\x1b[K")
            stream.flush()


def _abandon_output() -> None:
    """Points standard output at nothing, so that the interpreter's last flush cannot fail."""
    with contextlib.suppress(OSError, ValueError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, sys.stdout.fileno())
        os.close(nothing)
