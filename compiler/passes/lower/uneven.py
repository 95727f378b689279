"""What all wells of a run share, and rows may not differ in: times, temperatures, ways of adding.

Amounts, volumes and materials are worked out well by well; the rest of a step is done once, for
all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from compiler.diagnostics.codes import platform
from compiler.diagnostics.finding import Finding, Related, Span
from compiler.passes._notebook import in_rows
from compiler.stages.charges import Recipe
from compiler.stages.documents import (
    Add,
    AdjustPh,
    AnyStep,
    Extract,
    Filter,
    Monitor,
    Separate,
    Transfer,
    Vessel,
)
from compiler.stages.library import Variant
from compiler.stages.quantity import Quantity

_OWN: dict[type, frozenset[str]] = {  # what the passes work out for each reaction
    Add: frozenset({"material", "amount"}),
    AdjustPh: frozenset({"with_", "amount", "margin"}),
    Extract: frozenset({"with_", "volume", "guard"}),
    Separate: frozenset({"guard"}),
    Transfer: frozenset({"volume", "rinse"}),
    Filter: frozenset({"rinse"}),
    Monitor: frozenset({"dilute_with", "dilute_to", "aliquot"}),
}
_KEYS = {"for_": "for", "mix_cycles": "mix cycles", "stir_during": "stir during"}


def uneven(recipe: Recipe) -> tuple[Finding, ...]:
    """P-ROWS for each value of a step or a vessel that rows give differently."""
    if recipe.library is None:
        return ()
    found: dict[tuple[str, str], list[tuple[Variant, Span, Span]]] = {}
    base_steps = {step.id: step for step in recipe.procedure.steps}
    for variant in recipe.library.rows:
        own = variant.procedure
        pairs: list[tuple[str, AnyStep | Vessel, AnyStep | Vessel]] = [
            (step.id, base_steps[step.id], step) for step in own.steps if step.id in base_steps
        ]
        pairs += [(f"vessel {k}", recipe.procedure.vessels[k], v) for k, v in own.vessels.items()]
        for name, base, mine in pairs:
            for key in _differing(base, mine) if mine is not base else ():
                word = _KEYS.get(key, key.rstrip("_").replace("_", " "))
                places = (variant, mine.spans.at(word), base.spans.at(word))
                found.setdefault((name, word), []).append(places)
    return tuple(
        in_rows(
            platform.ROWS.at(
                others[0][1],
                f"rows differ in `{word}` of {name}: all wells of a run share it, which is not "
                "supported otherwise yet",
                help="give all rows the same value, or compile a library for each value",
                step=name if name in base_steps else None,
                related=(Related(others[0][2], "the first reaction has this value"),),
            ),
            [variant.row for variant, _, _ in others],
        )
        for (name, word), others in found.items()
    )


def _differing(base: AnyStep | Vessel, mine: AnyStep | Vessel) -> Iterator[str]:
    """The fields in which two versions of a step say another thing."""
    own = _OWN.get(type(base), frozenset())
    for each in fields(base):
        if each.name in own or each.name in ("spans", "acknowledge"):
            continue
        if not _same(getattr(base, each.name), getattr(mine, each.name)):
            yield each.name


def _same(one: object, other: object) -> bool:
    """Whether two values mean the same, wherever and however they are written."""
    if isinstance(one, Quantity) and isinstance(other, Quantity):
        return (one.low, one.high, one.plan) == (other.low, other.high, other.plan)
    if is_dataclass(one) and is_dataclass(other) and type(one) is type(other):
        return all(
            _same(getattr(one, each.name), getattr(other, each.name))
            for each in fields(one)
            if each.name not in ("span", "spans")
        )
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    return one == other
