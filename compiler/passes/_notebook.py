"""What `resolve` and `charge` note while they work: findings and assumptions."""

from __future__ import annotations

from dataclasses import dataclass, field

from compiler.diagnostics.codes import units as u
from compiler.diagnostics.finding import Finding
from compiler.stages.charges import Assumption
from compiler.stages.quantity import Origin, Quantity


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
                f"{what} is {quantity.text}; it must be more than zero.",
                help='Write the number on the bottle, or "?" while it is not known.',
            )
        )
        return None
    if quantity.assumed is not None:
        notes.assume(what, quantity.text, quantity.assumed)
    return quantity.plan


def note_choice(quantity: Quantity, what: str, step: str | None, notes: Notebook) -> None:
    """Lists a choice inside a range, and a value that the document itself calls assumed."""
    if quantity.plan is None:
        return
    if quantity.origin is Origin.LOW_END and quantity.is_range:
        planned = quantity.text.replace(_number(quantity.high), _number(quantity.low))
        del planned
    if quantity.assumed is not None:
        notes.assume(what, quantity.text, quantity.assumed, step)
