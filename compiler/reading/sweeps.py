"""The values of a library's parameters: one, a list of them, or a sweep from one to another."""

from __future__ import annotations

import math
import re
from dataclasses import replace

from compiler.diagnostics.codes import structure as s
from compiler.diagnostics.codes import units as u
from compiler.diagnostics.finding import Finding
from compiler.reading.nodes import Fields, Items, Node, Scalar, quote
from compiler.reading.schema import is_integer

MAX_VALUES = 384

_NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2}(?![0-9]))?"
_END = re.compile(rf"({_NUMBER})\s*([^0-9\s].*)?", re.DOTALL)


def values_of(node: Node) -> tuple[tuple[Node, ...], tuple[Finding, ...]]:
    """The values in the order of the list, or from one end of a sweep to the other.

    A sweep `{from: 0.6 equiv, to: 1.0 equiv, steps: 5}` has as many values as it has steps, both
    ends among them, equally spaced. What can't be read is left out.
    """
    if isinstance(node, Items):
        found = [values_of(each) for each in node]
        values = tuple(value for some, _ in found for value in some)
        return values, tuple(finding for _, some in found for finding in some)
    if isinstance(node, Scalar):
        return ((), ()) if node.is_null else ((node,), ())
    if "from" in node and "to" in node:
        swept = _sweep(node)
        return ((), (swept,)) if isinstance(swept, Finding) else (swept, ())
    return (node,), ()  # a planned quantity


def _sweep(node: Fields) -> tuple[Scalar, ...] | Finding:
    low, high, steps = node["from"], node["to"], node.get("steps")
    if not isinstance(low, Scalar) or not isinstance(high, Scalar):
        return s.TYPE.at(node.span, "The ends of a sweep are two quantities.", help=_EXAMPLE)
    if not isinstance(steps, Scalar) or not is_integer(steps) or not _many(int(steps.text)):
        message = f"A sweep has `steps`, a whole number from 2 to {MAX_VALUES}."
        return s.TYPE.at((steps or node).span, message, help=_EXAMPLE)
    ends = [_END.fullmatch(end.text.strip().replace("\u2212", "-")) for end in (low, high)]
    for end, match in zip((low, high), ends, strict=True):
        if match is None or not math.isfinite(float(match[1])):
            message = f"{quote(end.text)} is no end of a sweep: it is not one number with a unit."
            return u.NUMBER.at(end.span, message, help=_EXAMPLE)
    first, last = ends
    if first is None or last is None:
        return ()
    units = [(match[2] or "").strip() for match in (first, last)]
    if not all(units) and any(units):  # `from: 0.6, to: 1.0 equiv`
        units = [next(unit for unit in units if unit)] * 2
    if units[0] != units[1]:
        message = f"The sweep goes from {quote(low.text)} to {quote(high.text)}: two units."
        return u.DIMENSION.at(high.span, message, help="Write both ends in the same unit.")
    return _spaced(float(first[1]), float(last[1]), int(steps.text), units[0], low)


_EXAMPLE = "Write for example `{from: 0.6 equiv, to: 1.0 equiv, steps: 5}`."


def _many(steps: int) -> bool:
    return 2 <= steps <= MAX_VALUES


def _spaced(low: float, high: float, steps: int, unit: str, end: Scalar) -> tuple[Scalar, ...]:
    values = (low + (high - low) * number / (steps - 1) for number in range(steps))
    # Ten digits: 0.7, where the sum in binary is 0.7000000000000001.
    return tuple(replace(end, text=f"{value:.10g} {unit}".strip()) for value in values)
