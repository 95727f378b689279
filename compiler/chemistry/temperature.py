"""The conditions in every vessel at every step: temperature, cap, and how long the step takes.

A vessel is at room temperature unless it is heated or cooled; `at:` holds during its step, and
afterwards the vessel goes back to its last `heat` or `cool`. A vessel with `cap:` is closed
during each stir, wait or monitor of more than 30 minutes; `seal` and `unseal` work by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from compiler.stages.charges import Charges
from compiler.stages.documents import (
    Add,
    AdjustPh,
    AnyStep,
    Closure,
    Concentrate,
    Dry,
    Extract,
    Filter,
    Hydrogenate,
    Mix,
    Monitor,
    OperatorTask,
    Procedure,
    Purify,
    Separate,
    Stir,
    Temper,
    Transfer,
    Wait,
)
from compiler.stages.quantity import Quantity
from compiler.stages.vessels import House, Housing
from compiler.target.modules import Module

ROOM_C = 22.5  # the middle of 20-25 degC
ROOM_LOW_C, ROOM_HIGH_C = 20.0, 25.0
CAP_ABOVE_S = 1800.0
SETTLE_S = 120.0


@dataclass(frozen=True, slots=True)
class Condition:
    """A vessel during a step. `closure` is None (open), "vented" or "sealed".

    `by_hand` says that a `seal` closed it, not its `cap`. `seconds` is the step's planned time,
    and `written` the quantity that set the temperature (None: room temperature).
    """

    temperature_c: float
    closure: str | None
    by_hand: bool
    seconds: float
    written: Quantity | None


def planned_c(quantity: Quantity, modules: Iterable[Module] = ()) -> float:
    """The temperature to reckon with: the plan, else the reachable value nearest the middle.

    Reachable are the guaranteed ranges of `modules`, and room temperature where the range
    allows it; with nothing reachable it is the middle itself.
    """
    if quantity.plan is not None:
        return quantity.plan
    if quantity.hole:
        return ROOM_C
    middle = (quantity.low + quantity.high) / 2.0
    ranges = [
        (max(m.min_c, quantity.low), min(m.max_c, quantity.high))
        for m in modules
        if m.min_c is not None and m.max_c is not None
    ]
    ranges.append((max(ROOM_LOW_C, quantity.low), min(ROOM_HIGH_C, quantity.high)))
    reachable = [min(max(middle, low), high) for low, high in ranges if low <= high]
    return min(reachable, key=lambda c: (abs(c - middle), c)) if reachable else middle


def vessels_of(step: AnyStep) -> tuple[str, ...]:
    """The vessels that a step names, the one it works on first."""
    match step:
        case Add():
            return (step.to,)
        case Transfer():
            return (step.from_, step.to)
        case Extract() | Filter() | Purify():
            return (step.vessel,) if step.into is None else (step.vessel, step.into)
        case Separate():
            return (step.vessel, step.into)
        case Monitor():
            return (step.vessel,) if step.aliquot is None else (step.vessel, step.samples)
        case Wait() | OperatorTask():
            return () if step.vessel is None else (step.vessel,)
        case (
            Mix()
            | Stir()
            | Temper()
            | AdjustPh()
            | Dry()
            | Concentrate()
            | Hydrogenate()
            | Closure()
        ):
            return (step.vessel,)


def seconds_of(step: AnyStep, volume_ul: float | None = None) -> float:
    """The planned time of a step (s), from what it says; `volume_ul` serves a dropwise `rate`."""
    match step:
        case Add(dropwise=drops) if drops is not None:
            if drops.over is not None:
                return _plan(drops.over)
            rate_ul_s = _plan(drops.rate)
            return volume_ul / rate_ul_s if volume_ul and rate_ul_s else 0.0
        case Add(portionwise=portions) if portions is not None:
            return (portions.portions - 1) * _plan(portions.every)
        case Stir() | Wait() | Hydrogenate() | OperatorTask() | Dry():
            return _plan(step.for_)
        case Temper():
            return _plan(step.hold)
        case Monitor():
            return _plan(step.between)
        case Extract():
            return step.times * (_plan(step.settle) or SETTLE_S)
        case Separate():
            return _plan(step.settle) or SETTLE_S
        case _:
            return 0.0


def _plan(quantity: Quantity | None) -> float:
    return 0.0 if quantity is None or quantity.plan is None else quantity.plan


def all_vessels(procedure: Procedure) -> tuple[str, ...]:
    """Every vessel that is declared or named in a step, in order."""
    names = dict.fromkeys(procedure.vessels)
    for step in procedure.steps:
        names.update(dict.fromkeys(vessels_of(step)))
    return tuple(names)


def conditions(charges: Charges, house: House) -> Mapping[tuple[str, str], Condition]:
    """(step, vessel) -> the condition of the vessel during the step, for all of both."""
    procedure = charges.recipe.procedure
    names = all_vessels(procedure)
    samples = {step.samples for step in procedure.steps if isinstance(step, Monitor)}
    samples -= set(procedure.vessels)
    set_to: dict[str, Quantity | None] = dict.fromkeys(names)
    sealed: dict[str, str | None] = dict.fromkeys(names)
    table: dict[tuple[str, str], Condition] = {}
    for step in procedure.steps:
        seconds = seconds_of(step, _volume_of(step, charges))
        named = vessels_of(step)
        if isinstance(step, Temper):
            set_to[step.vessel] = step.to
        if isinstance(step, Closure) and named:
            sealed[named[0]] = "sealed" if step.verb == "seal" else None
        during = own_temperature(step)
        for name in names:
            written = during if during is not None and named[:1] == (name,) else set_to[name]
            by_hand = sealed[name] is not None
            closure = sealed[name] if by_hand else _cap(procedure, step, name, seconds)
            celsius = ROOM_C if written is None else planned_c(written, _modules(house, name))
            # a sample leaves the deck when it has been taken, whatever the step goes on to do
            there_s = 0.0 if name in samples else seconds
            table[step.id, name] = Condition(celsius, closure, by_hand, there_s, written)
    return table


def _volume_of(step: AnyStep, charges: Charges) -> float | None:
    return max((c.volume_ul or 0.0 for c in charges.of_step(step.id)), default=None)


def own_temperature(step: AnyStep) -> Quantity | None:
    """The temperature that a step itself asks for in the vessel it works on, if any."""
    match step:
        case Temper():
            return step.to
        case Add() | Stir() | Monitor() | Hydrogenate():
            return step.at
        case _:
            return None  # `concentrate: at` is the operator's bath, not the vessel on the deck


def _cap(procedure: Procedure, step: AnyStep, vessel: str, seconds: float) -> str | None:
    declared = procedure.vessels.get(vessel)
    if declared is None or declared.cap is None or seconds <= CAP_ABOVE_S:
        return None
    match step:
        case Stir() | Monitor():
            return declared.cap if step.vessel == vessel else None
        case Wait():
            return declared.cap if step.vessel in (None, vessel) else None
        case _:
            return None


def _modules(house: House, vessel: str) -> tuple[Module, ...]:
    housing: Housing | None = house.housings.get(vessel)
    if housing is None:
        return ()
    return tuple(house.modules[name] for name in housing.positions if name in house.modules)
