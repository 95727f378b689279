"""The small words of findings: what was probably meant, lists of choices, examples."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from compiler.reading.nodes import quote


def best_match(word: str, known: Iterable[str]) -> str | None:
    """The known word nearest in spelling (case, `_` and `-` do not count), None if none is near.

    >>> best_match("amout", ["amount", "at"])
    'amount'
    """
    if len(word) > 60:
        return None
    folded = {_fold(name): name for name in known}
    close = difflib.get_close_matches(_fold(word), folded, n=1, cutoff=0.6)
    return folded[close[0]] if close else None


def _fold(word: str) -> str:
    return word.lower().replace("_", " ").replace("-", " ")


def choices(words: Sequence[str], last: str = "or") -> str:
    """`a`, `b` or `c`."""
    quoted = [quote(word) for word in words]
    if len(quoted) < 2:
        return "".join(quoted)
    return f"{', '.join(quoted[:-1])} {last} {quoted[-1]}"


def example_text(schema: Mapping[str, Any]) -> str:
    """The first example of a schema as a sentence; empty where it has none."""
    examples = schema.get("examples")
    return f"Write for example `{in_flow(examples[0])}`." if examples else ""


def in_flow(value: object) -> str:
    """A value as YAML in flow style.

    >>> in_flow({"size": "2 mL", "keep": ["a", True]})
    '{size: 2 mL, keep: [a, true]}'
    """
    if isinstance(value, Mapping):
        inside = ", ".join(f"{key}: {in_flow(item)}" for key, item in value.items())
        return "{" + inside + "}"
    if isinstance(value, list):
        return "[" + ", ".join(in_flow(item) for item in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)
