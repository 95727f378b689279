"""The lines that findings point at, read again when they are shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

# The longest file that frames are cut from. Documents are refused above a smaller size already.
_LIMIT_BYTES = 4_000_000

# What YAML counts as a line break; a script and a table have only the first three.
_YAML_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_PLAIN_BREAK = re.compile("\r\n|[\n\r]")
_PLAIN = (".py", ".csv", ".tsv", ".txt")


@dataclass(slots=True)
class Sources:
    """Source lines by file name.

    `texts` holds what is not on disk under the name that findings use (a script just compiled).
    A file that cannot be read has no lines, and its findings no frame.
    """

    texts: Mapping[str, str] = field(default_factory=dict)
    _lines: dict[str, list[str]] = field(default_factory=dict, init=False, repr=False)

    def line(self, file: str, number: int) -> str | None:
        """Line `number` (from 1) of a file without its line break, or None where there is none."""
        if file not in self._lines:
            self._lines[file] = self._split(file)
        lines = self._lines[file]
        return lines[number - 1] if 1 <= number <= len(lines) else None

    def _split(self, file: str) -> list[str]:
        text = self.texts.get(file)
        if text is None:
            text = _read(file)
        pattern = _PLAIN_BREAK if file.lower().endswith(_PLAIN) else _YAML_BREAK
        return pattern.split(text) if text else []


def _read(file: str) -> str:
    try:
        path = Path(file)
        # A pipe or a device would block or never end; only plain files are read a second time.
        if not path.is_file() or path.stat().st_size > _LIMIT_BYTES:
            return ""
        return path.read_bytes().decode("utf-8-sig", errors="replace")
    except (OSError, ValueError):  # ValueError: a NUL in the name
        return ""
