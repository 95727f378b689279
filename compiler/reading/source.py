"""A file as text: refused before it is parsed when it is too large or no text at all."""

from __future__ import annotations

import hashlib
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from compiler.diagnostics.codes import structure as s
from compiler.diagnostics.finding import Finding, Span

MAX_BYTES = 2_000_000

# YAML 1.2 allows tab, line feed, carriage return, NEL and what is printable; nothing else.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Source:
    """The text of a file and the SHA-256 of its bytes. `file` is the path as the user gave it."""

    file: str
    text: str
    sha256: str


def read_source(path: Path) -> Source | Finding:
    """Reads a document's file; a Finding (S-FILE, S-SIZE, S-BINARY, S-EMPTY) when it can't be."""
    file = str(path)
    start = Span(file)
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            what = "a folder" if stat.S_ISDIR(status.st_mode) else "no ordinary file"
            return s.FILE.at(start, f"{file} is {what}.", help="Name a YAML file.")
        if status.st_size > MAX_BYTES:
            return _too_large(start, status.st_size)
        with path.open("rb") as handle:
            data = handle.read(MAX_BYTES + 1)  # a file may grow between the two
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or str(error)
        return s.FILE.at(start, f"{file} cannot be read: {reason}.", help="Check the path.")
    return decode(data, file)


def decode(data: bytes, file: str) -> Source | Finding:
    """The bytes of a document as text, or what is wrong with them."""
    if len(data) > MAX_BYTES:
        return _too_large(Span(file), len(data))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return s.BINARY.at(
            _place(file, data[: error.start].decode("utf-8-sig", "replace")),
            f"{file} is not UTF-8 text: byte 0x{data[error.start]:02x} at offset {error.start}.",
            help="Save the document as UTF-8.",
        )
    if bad := _FORBIDDEN.search(text):
        return s.BINARY.at(
            _place(file, text[: bad.start()]),
            f"{file} has the control character U+{ord(bad[0]):04X} in it, which no YAML text may.",
            help="Save the document as plain UTF-8 text, or remove the character.",
        )
    if not text.strip():
        return s.EMPTY.at(
            Span(file),
            f"{file} is empty.",
            help="A document starts with `kind: procedure` and `version: 1`.",
        )
    return Source(file, text, hashlib.sha256(data).hexdigest())


def _too_large(start: Span, size: int) -> Finding:
    return s.SIZE.at(
        start,
        f"{start.file} has {size / 1e6:.1f} MB; up to {MAX_BYTES / 1e6:g} MB are read.",
        help="Give the procedure itself; tables of many reactions belong into a library's CSV.",
    )


def _place(file: str, before: str) -> Span:
    """The place after `before`, one character wide."""
    line = before.count("\n") + 1
    column = len(before) - (before.rfind("\n") + 1) + 1
    return Span(file, line, column, line, column + 1)
