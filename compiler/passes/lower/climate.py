"""Where a vessel must stand, and at which temperature, for a step."""

from __future__ import annotations

from dataclasses import dataclass

from compiler.diagnostics.codes import platform
from compiler.diagnostics.finding import Finding, Span
from compiler.passes.lower.context import Context
from compiler.passes.lower.numbers import temperature
from compiler.stages.charges import Assumption
from compiler.stages.quantity import Quantity
from compiler.target.modules import Module

AMBIENT_C = (20.0, 25.0)  # rt, language.md rule 1
ICE_BATH_C = (-2.0, 2.0)  # melting ice in water, with what a vessel in it takes up


@dataclass(frozen=True, slots=True)
class Climate:
    """A place and a temperature. `module` None: wherever it stands, at ambient.

    `celsius` None means that no module heats or cools; `by_operator` that an ice bath does.
    """

    module: str | None = None
    celsius: float | None = None
    by_operator: bool = False
    shaken: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """A climate, or the finding that says why there is none."""

    climate: Climate | None
    findings: tuple[Finding, ...] = ()
    assumptions: tuple[Assumption, ...] = ()


def is_ambient(wanted: Quantity | None, tolerance_k: float = 0.0) -> bool:
    """Whether room temperature will do."""
    if wanted is None:
        return True
    return wanted.low - tolerance_k <= AMBIENT_C[1] and wanted.high + tolerance_k >= AMBIENT_C[0]


def shaker_of(context: Context, vessel: str) -> str | None:
    """The first shaker that the vessel's labware may stand on."""
    housing = context.housing(vessel)
    for name in housing.positions if housing else ():
        if context.ledger.house.modules[name].max_rpm is not None:
            return name
    return None


def decide(
    context: Context,
    step: str,
    vessel: str,
    wanted: Quantity | None,
    span: Span,
    *,
    tolerance_k: float = 0.0,
    wants_shaking: bool = False,
    by_robot: bool = True,
) -> Decision:
    """The module and the set point for a vessel during a step.

    A module serves within the range that its maker guarantees. What none can do is the
    operator's ice bath where the bench has one and no pipette has to reach the vessel;
    anything else is an error with the numbers.
    """
    shaker = shaker_of(context, vessel) if wants_shaking else None
    if is_ambient(wanted, tolerance_k):
        return Decision(Climate(module=shaker, shaken=shaker is not None))
    assert wanted is not None  # is_ambient(None) is True
    low, high = wanted.low - tolerance_k, wanted.high + tolerance_k
    target = wanted.plan if wanted.plan is not None else (wanted.low + wanted.high) / 2
    options = []
    housing = context.housing(vessel)
    for order, name in enumerate(housing.positions if housing else ()):
        module = context.ledger.house.modules[name]
        reached = _reach(module, low, high, target)
        if reached is not None:
            misses_shaking = wants_shaking and module.max_rpm is None
            options.append((misses_shaking, abs(reached - target), order, name, reached))
    if options:
        _, _, _, name, reached = min(options)
        module = context.ledger.house.modules[name]
        climate = Climate(name, reached, shaken=wants_shaking and module.max_rpm is not None)
        return Decision(climate, (), _choice(step, wanted, reached, module))
    in_ice = low <= ICE_BATH_C[1] and high >= ICE_BATH_C[0]
    if in_ice and context.bench.ice_bath and not by_robot:
        return Decision(Climate(by_operator=True, celsius=max(low, min(high, 0.0))))
    return Decision(None, (_refusal(context, step, vessel, wanted, low, high, span),))


def _reach(module: Module, low: float, high: float, target: float) -> float | None:
    """The temperature within the module's range and the allowed one, nearest the target."""
    if module.min_c is None or module.max_c is None:
        return None
    floor, ceiling = max(low, module.min_c), min(high, module.max_c)
    if floor > ceiling + 1e-9:
        return None
    return min(max(target, floor), ceiling)


def _choice(step: str, wanted: Quantity, reached: float, module: Module) -> tuple[Assumption, ...]:
    if not wanted.is_range and reached == wanted.plan:
        return ()
    why = f"the value within {wanted.text} that {module.display_name} guarantees, nearest the plan"
    return (Assumption(step, "temperature", temperature(reached), why),)


def _refusal(
    context: Context, step: str, vessel: str, wanted: Quantity, low: float, high: float, span: Span
) -> Finding:
    housing = context.housing(vessel)
    modules = [
        context.ledger.house.modules[name] for name in (housing.positions if housing else ())
    ]
    holding = [m for m in modules if m.min_c is not None and m.max_c is not None]
    ranges = "; ".join(
        f"{m.display_name} {temperature(m.min_c or 0)} to {temperature(m.max_c or 0)}"
        for m in holding
    )
    asked = temperature(low) if low == high else f"{temperature(low)} to {temperature(high)}"
    where = f"{vessel} may stand on: {ranges}" if ranges else f"{vessel} stands on no module"
    coldest = min((m.min_c for m in holding if m.min_c is not None), default=None)
    too_cold = coldest is None or high < coldest
    code = platform.T_MIN if too_cold else platform.T_MAX
    help_ = (
        "let the operator do it (`by: operator`, an ice bath), or allow what a module guarantees:"
        f" `0 ± 4 °C` is planned at {temperature(coldest)}"
        if too_cold and coldest is not None
        else "choose a temperature within a module's range, or let the operator do it"
    )
    return code.at(
        span,
        f"{step} wants {vessel} at {asked}, and nothing on the bench guarantees that ({where})",
        help=help_,
        step=step,
    )
