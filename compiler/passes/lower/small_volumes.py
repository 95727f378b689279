"""Volumes that no pipette of the bench delivers: whose they are, and what would help."""

from __future__ import annotations

import math
from collections.abc import Sequence

from compiler.diagnostics.codes import platform
from compiler.diagnostics.finding import Finding
from compiler.passes._notebook import in_rows
from compiler.passes.lower import numbers, pipetting
from compiler.passes.lower.context import Context
from compiler.stages.charges import Charge, Supplied
from compiler.stages.documents import Add, AdjustPh, AmountKind, Form

OF_THE_LIQUID = (AmountKind.VOLUME, AmountKind.VOLUME_PER_AMOUNT, AmountKind.VOLUME_PER_MASS)
"""Amounts of a liquid as it is supplied: diluting it does not make them larger."""
_DIGITS = 3


def too_small(
    context: Context, step: Add | AdjustPh, charges: Sequence[Charge]
) -> tuple[Finding, ...]:
    """P-PIP-1 for each material: which rows, and the concentration that would do for all."""
    least = pipetting.smallest_minimum_ul(context.instruments)
    least_text = numbers.volume(least) if least is not None else "no single-channel pipette"
    found: list[Finding] = []
    for material in dict.fromkeys(charge.material for charge in charges):
        supplied = context.supplied(material)
        mine = [c for c in charges if c.material == material and c.volume_ul is not None]
        if supplied is None or not mine:
            continue
        volumes = [c.volume_ul for c in mine if c.volume_ul is not None]
        finding = platform.PIP_1.at(
            context.own(step, mine[0].reaction).spans.at("amount"),
            f"{numbers.spread(volumes, numbers.volume)} {supplied.label} is less than any pipette"
            f" of the bench delivers ({least_text})",
            help=_help(step, supplied, min(volumes), least),
            step=step.id,
        )
        rows = [row for c in mine if (row := context.row(c.reaction)) is not None]
        found.append(in_rows(finding, rows) if rows else finding)
    return tuple(found)


def below_every_minimum(context: Context, charges: Sequence[Charge]) -> tuple[Charge, ...]:
    """The charges whose whole volume is less than any pipette delivers."""
    least = pipetting.smallest_minimum_ul(context.instruments)
    if least is None:
        return ()
    floor = least * (1 - 1e-9)
    return tuple(c for c in charges if c.volume_ul is not None and c.volume_ul < floor)


def _help(
    step: Add | AdjustPh, supplied: Supplied, smallest_ul: float, least_ul: float | None
) -> str:
    larger = "a larger scale, or a bench with a smaller pipette"
    of_the_liquid = (
        isinstance(step, Add) and step.amount is not None and step.amount.kind in OF_THE_LIQUID
    )
    if of_the_liquid or least_ul is None or not supplied.molarity_mol_l or smallest_ul <= 0.0:
        return f"use a larger amount, {larger}"
    most = _cut(supplied.molarity_mol_l * smallest_ul / least_ul)
    known = f"a solution of {numbers.digits(most, _DIGITS)} M would do"
    if supplied.form is Form.NEAT:
        return f"supply it as a solution, use {larger}; {known}"
    return f"use a more dilute solution, {larger}; {known}"


def _cut(molarity: float) -> float:
    """Cut, not rounded: just above it the volume would be too small again."""
    scale: float = 10.0 ** (_DIGITS - 1 - math.floor(math.log10(molarity)))
    return math.floor(molarity * scale * (1 + 1e-12)) / scale
