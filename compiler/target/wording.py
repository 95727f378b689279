"""Text from users, made harmless: one line, no control or direction characters."""

from __future__ import annotations

import unicodedata

_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def clean(text: str) -> str:
    """The text on one line: control, format, surrogate and separator characters are blanks."""
    shown = "".join(" " if unicodedata.category(char) in _UNSEEN else char for char in text)
    return " ".join(shown.split())


def clean_lines(text: str) -> str:
    """The text with its line breaks, every line cleaned."""
    return "\n".join(clean(line) for line in text.splitlines())
