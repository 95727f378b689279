"""What `resolve` and `charge` note while they work: findings and assumptions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from compiler.diagnostics.codes import units as u
from compiler.diagnostics.finding import Finding
from compiler.stages.charges import Assumption
from compiler.stages.quantity import Dimension, Origin, Quantity


@dataclass(slots=True)
class Notebook:
    """What a pass has to say, in the order in which it came up."""

    findings: list[Finding] = field(default_factory=list)
    assumptions: list[Assumption] = field(default_factory=list)

    def assume(self, what: str, value: str, why: str, step: str | None = None) -> None:
        """Notes an assumption, once."""
        assumption = Assumption(step, what, value, why)
        if assumption not in self.assumptions:
            self.assumptions.append(assumption)


def positive(quantity: Quantity | None, what: str, notes: Notebook) -> float | None:
    """The planned number of a quantity that must be above zero; None for none and for holes."""
    if quantity is None or quantity.hole or quantity.plan is None:
        return None
    if quantity.plan <= 0.0:
        notes.findings.append(
            u.VALUE.at(
                quantity.span,
                f"{what[0].upper()}{what[1:]} is {quantity.text}; it must be more than zero.",
                help='Write the number on the bottle, or "?" while it is not known.',
            )
        )
        return None
    note_choice(quantity, what, None, notes)
    return quantity.plan


def note_choice(quantity: Quantity, what: str, step: str | None, notes: Notebook) -> None:
    """Lists a choice inside a range, and a value that the document itself calls assumed."""
    if quantity.plan is None:
        return
    planned = shown(quantity.dimension, quantity.plan)
    if quantity.is_range:
        low = quantity.low * _FACTORS.get(quantity.dimension, 1.0)
        between = f"{low:g} to {shown(quantity.dimension, quantity.high)}"
        low_end = quantity.origin is Origin.LOW_END
        why = f"the low end of {between}" if low_end else f"planned in the document, in {between}"
        notes.assume(what, planned, why, step)
    if quantity.assumed is not None:
        notes.assume(what, planned, quantity.assumed, step)


_UNITS = {
    Dimension.EQUIVALENTS: "equiv",
    Dimension.AMOUNT: "mmol",
    Dimension.MASS: "mg",
    Dimension.VOLUME: "µL",
    Dimension.VOLUME_PER_AMOUNT: "mL/mmol",
    Dimension.VOLUME_PER_MASS: "mL/g",
    Dimension.CONCENTRATION: "M",
    Dimension.DENSITY: "g/mL",
    Dimension.MOLAR_MASS: "g/mol",
    Dimension.FRACTION: "%",
    Dimension.MASS_FRACTION: "%",
}
_FACTORS = {  # from the canonical number to the one that is shown
    Dimension.VOLUME_PER_AMOUNT: 1e-3,  # µL/mmol as mL/mmol
    Dimension.FRACTION: 100.0,
    Dimension.MASS_FRACTION: 100.0,
}


def shown(dimension: Dimension, value: float) -> str:
    """A canonical value as a chemist would write it.

    >>> shown(Dimension.VOLUME_PER_AMOUNT, 5000.0), shown(Dimension.FRACTION, 0.97)
    ('5 mL/mmol', '97 %')
    """
    value *= _FACTORS.get(dimension, 1.0)
    return f"{value:g} {_UNITS.get(dimension, '')}".rstrip()


def in_rows(finding: Finding, rows: Iterable[int]) -> Finding:
    """A finding with its first row; the others are named in the message."""
    first, *others = sorted(set(rows))
    if others:
        message = f"{finding.message} (and row{'s' * (len(others) > 1)} {_runs(others)})"
        finding = replace(finding, message=message)
    return replace(finding, row=first)


def _runs(rows: list[int]) -> str:
    """`2 to 5, 7`: ascending numbers in words."""
    runs: list[list[int]] = []
    for row in rows:
        if runs and row == runs[-1][-1] + 1:
            runs[-1].append(row)
        else:
            runs.append([row])
    return ", ".join(
        f"{run[0]} to {run[-1]}" if len(run) > 2 else ", ".join(str(row) for row in run)
        for run in runs
    )
