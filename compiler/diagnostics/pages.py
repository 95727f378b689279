"""The page of each code: `docs/findings/<CODE>.md`, in a checkout and in an installed wheel."""

from __future__ import annotations

import difflib
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from compiler.diagnostics.codes import BY_ID
from compiler.diagnostics.finding import Code

SECTIONS = ("What it does", "Why it matters", "Example", "What to write instead")


def page(code: Code) -> str | None:
    """The page of a code as Markdown, or None where nobody has written it."""
    for folder in _folders():
        candidate = folder / f"{code.id}.md"
        if candidate.is_file():
            return candidate.read_text(encoding="utf-8")
    return None


def section(text: str, title: str) -> str:
    """What stands in a page under `## title`, or an empty string."""
    _, _, rest = text.partition(f"\n## {title}\n")
    return rest.split("\n## ", 1)[0].split("\nSource:", 1)[0].strip()


def find(name: str) -> Code | None:
    """The code called `name`, in any case of letters."""
    wanted = name.strip().casefold()
    return next((code for id_, code in BY_ID.items() if id_.casefold() == wanted), None)


def nearest(name: str) -> tuple[str, ...]:
    """Up to three codes that look like `name`, the likest first."""
    wanted = name.strip().upper()
    return tuple(difflib.get_close_matches(wanted, list(BY_ID), n=3, cutoff=0.5))


def _folders() -> tuple[Traversable, ...]:
    """Where pages are: in the package (a wheel), and two folders above it (a checkout)."""
    return (
        files("compiler") / "diagnostics" / "findings",
        Path(__file__).resolve().parents[2] / "docs" / "findings",
    )
