"""Text from files, made safe to show: nothing in it can steer a terminal or reorder a line."""

from __future__ import annotations

import unicodedata

_TAB = 4
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def is_hidden(character: str) -> bool:
    """Whether a character is a control, a bidi or format mark, a surrogate or a line separator."""
    return unicodedata.category(character) in _HIDDEN


def escaped(character: str) -> str:
    r"""A hidden character as Python would write it: `\x1b`, `\u202e`."""
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def visible(text: str) -> str:
    r"""`text` with every hidden character escaped, tabs and line breaks among them.

    >>> visible("a\x1b[31mb")
    'a\\x1b[31mb'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(escaped(c) if is_hidden(c) else c for c in text)


def cells(line: str) -> list[str]:
    """What stands on the screen for each character of a source line.

    A tab becomes spaces up to the next multiple of four columns.
    """
    shown: list[str] = []
    column = 0
    for character in line:
        if character == "\t":
            piece = " " * (_TAB - column % _TAB)
        elif is_hidden(character):
            piece = escaped(character)
        else:
            piece = character
        shown.append(piece)
        column += width(piece)
    return shown


def width(text: str) -> int:
    """How many terminal columns a visible text takes: wide characters two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(_character_width(character) for character in text)


def _character_width(character: str) -> int:
    if unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
