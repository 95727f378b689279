"""Numbers of two runs beside each other: `1.50 → 2.00 equiv`, `10.6 mg more`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from compiler.passes.lower import numbers
from simulate.review.values import KINDS

ALIKE = 1e-6  # relative: what is nearer than this has not changed


def values_of(entries: Iterable[Mapping[str, Any]], key: str) -> list[float]:
    """The known numbers under a key."""
    return [entry[key] for entry in entries if entry.get(key) is not None]


def spread_of(values: list[float], kind: str) -> str:
    """One value, or the smallest and the largest."""
    return numbers.spread(values, KINDS[kind])


def same(before: list[float], after: list[float]) -> bool:
    """Whether two lists of numbers have the same ends."""
    if not before or not after:
        return before == after
    ends = zip((min(before), max(before)), (min(after), max(after)), strict=True)
    return all(abs(a - b) <= ALIKE * max(abs(a), abs(b), 1e-9) for a, b in ends)


def arrow(before: list[float], after: list[float], kind: str) -> str:
    """`1.50 → 2.00 equiv`: the unit once."""
    first, last = spread_of(before, kind), spread_of(after, kind)
    unit = last.rpartition(" ")[2]
    if " to " not in first and first.endswith(f" {unit}") and not unit[:1].isdigit():
        first = first.removesuffix(f" {unit}")
    return f"{first or 'none'} → {last or 'none'}"


def more(before: list[float], after: list[float], kind: str, word: str = "more") -> str:
    """`10.6 mg more`, from the means over the reactions."""
    difference = sum(after) / len(after) - sum(before) / len(before)
    direction = word if difference > 0 else {"more": "less", "longer": "shorter"}[word]
    return f"{KINDS[kind](abs(difference))} {direction}"
