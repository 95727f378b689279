"""`within`: how soon a step begins, and after the end of which step before it.

It stands on a step, or on the `include` or `repeat` that begins with it. The step that it counts
from is found in the list as it will run: in a `repeat` that of the same round, in a block its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from compiler.diagnostics.codes import structure as s
from compiler.diagnostics.finding import Finding
from compiler.reading import fields as f
from compiler.reading.expand import Written
from compiler.reading.nodes import Fields, Scalar, quote
from compiler.reading.wording import best_match, choices
from compiler.stages.documents import Within
from compiler.stages.quantity import Dimension, Quantity

KEY, TIME, AFTER = "within", "time", "after"
_OFFERED = 5  # ids of steps that a finding lists

Named = Sequence[tuple[str, Written]]


def limits_of_step(step_id: str, step: Written, named: Named) -> tuple[Within, ...]:
    """The limits of a step of the unrolled list; one that can't be read is left out."""
    found = []
    for layer in _layers(step):
        time, after = _time(layer), _counted_from(step_id, step, layer, named)
        if time is not None and after is not None:
            found.append(Within(time, after))
    return tuple(found)


def check_limits(step_id: str, step: Written, named: Named) -> Iterator[Finding]:
    """S-REFERENCE where the step that a limit counts from is not one that stands before."""
    for layer in _layers(step):
        if _counted_from(step_id, step, layer, named) is not None:
            continue
        inner, after = f.mapping(layer[KEY]), _after(layer)
        if after is not None:
            yield _not_before(step_id, after, named)
        elif inner is None or AFTER not in inner:
            message = "`within` counts from the end of the step before, and there is none here."
            help_ = "Give the limit to a later step."
            yield s.REFERENCE.at(layer[KEY].span, message, help=help_, step=step_id)


def path_in(step: Fields, path: tuple[str, ...]) -> tuple[str, ...]:
    """The keys from a step to the time of its limit, where a table's column has `within` alone."""
    inner = f.mapping(step.get(KEY))
    return (KEY, TIME) if path == (KEY,) and inner is not None and AFTER in inner else path


def _layers(step: Written) -> list[Fields]:
    """The step, and what begins with it, as far as they have a limit."""
    return [layer for layer in (step.node, *step.begins) if KEY in layer]


def _time(layer: Fields) -> Quantity | None:
    inner = f.mapping(layer[KEY])
    if inner is not None and (TIME in inner or AFTER in inner):
        return f.quantity(inner, TIME, Dimension.TIME)
    return f.quantity(layer, KEY, Dimension.TIME)


def _after(layer: Fields) -> Scalar | None:
    """The id that `after` names."""
    inner = f.mapping(layer[KEY])
    node = inner.get(AFTER) if inner is not None else None
    return node if isinstance(node, Scalar) and not node.is_null else None


def _counted_from(step_id: str, step: Written, layer: Fields, named: Named) -> str | None:
    """The id of the step that a limit counts from; None where there is none before."""
    before = _before(step_id, named)
    inner = f.mapping(layer[KEY])
    if inner is None or AFTER not in inner:
        return before[-1][0] if before else None
    after = _after(layer)
    if after is None:
        return None  # the schema says what it takes
    meant = {f"{prefix}{after.text}" for prefix in _prefixes(step.prefix)}
    for other_id, other in reversed(before):
        if other_id in meant or _written_id(other) in meant:
            return other_id
    return None


def _before(step_id: str, named: Named) -> Named:
    """The steps before one."""
    return named[: next(n for n, (other_id, _) in enumerate(named) if other_id == step_id)]


def _prefixes(prefix: str) -> Iterator[str]:
    """The prefixes of the blocks around a step, the outermost first: none, `work-up.`, …"""
    parts = prefix.split(".")[:-1]
    return (f"{'.'.join(parts[:n])}." if n else "" for n in range(len(parts) + 1))


def _written_id(step: Written) -> str | None:
    """The id that was written, which is the same in every round of a `repeat`."""
    given = f.text(step.node, "id")
    return None if given is None else f"{step.prefix}{given}"


def _not_before(step_id: str, after: Scalar, named: Named) -> Finding:
    ids = [other_id for other_id, _ in _before(step_id, named)]
    everywhere = {other_id for other_id, _ in named} | {_written_id(other) for _, other in named}
    close = best_match(after.text, ids)
    message = f"{quote(after.text)} under `after` is no step's id."
    if after.text in everywhere:
        message = f"The step {quote(after.text)} under `after` does not stand before this one."
    offered = choices(ids[-_OFFERED:], "and")
    help_ = f"Did you mean {quote(close)}?" if close else f"Steps before it: {offered}."
    if not ids:
        help_ = "Give the limit to a later step."
    return s.REFERENCE.at(after.span, message, help=help_, step=step_id)
