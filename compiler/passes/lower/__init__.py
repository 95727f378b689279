"""Steps to unit operations: what a pipette, a module or the operator does, in order.

Additions stand in `additions.py`, time and temperature in `holds.py`, layers in `layers.py`,
the operator's own work in `by_hand.py`; `climate.py` finds the module, `pipetting.py` the
pipette, and `closures.py` puts caps on and gathers pauses.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from compiler.diagnostics.finding import Finding
from compiler.passes.lower import by_hand
from compiler.passes.lower.additions import lower_add
from compiler.passes.lower.adjusting import lower_adjust_ph
from compiler.passes.lower.climate import Climate, Decision, decide
from compiler.passes.lower.closures import close_and_open
from compiler.passes.lower.context import Context, Lowered, chosen
from compiler.passes.lower.holds import lower_stir, lower_temper, lower_wait
from compiler.passes.lower.layers import (
    lower_extract,
    lower_mix,
    lower_separate,
    lower_transfer,
)
from compiler.passes.lower.monitoring import lower_monitor
from compiler.passes.lower.numbers import duration
from compiler.passes.lower.pipetting import instruments
from compiler.passes.lower.uneven import uneven
from compiler.stages.charges import Assumption
from compiler.stages.contents import Ledger
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
    Purify,
    Separate,
    Stir,
    Temper,
    Transfer,
    Wait,
)
from compiler.stages.operations import (
    WELLS,
    Ask,
    Operation,
    Operations,
    Stand,
    StepText,
    Task,
    Temperature,
)
from compiler.target.operator import action_s

__all__ = ["lower"]


@dataclass
class _Deck:
    """Where vessels stand and what modules are set to, as the steps go by."""

    standing: dict[str, str] = field(default_factory=dict)
    set_points: dict[str, float] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)  # vessels whose heat or cool was an error

    def follow(self, step: str, vessel: str, climate: Climate) -> list[Operation]:
        """The operations that bring a vessel to a climate."""
        made: list[Operation] = []
        if climate.module is not None and self.standing.get(vessel) != climate.module:
            self.standing[vessel] = climate.module
            made.append(Stand(step=step, vessel=vessel, position=climate.module))
        module = self.standing.get(vessel)
        if module is None:
            return made
        wanted = None if climate.by_operator else climate.celsius
        if wanted != self.set_points.get(module):
            made.append(Temperature(step=step, module=module, celsius=wanted))
            if wanted is None:
                del self.set_points[module]
            else:
                self.set_points[module] = wanted
        return made


def lower(ledger: Ledger) -> tuple[Operations, tuple[Finding, ...]]:
    """Every step as operations, with its sentence, for all reactions of the ledger.

    Raises ValueError without a bench. A step that can't be lowered leaves its findings and no
    operations; the rest goes on.
    """
    bench = ledger.house.bench
    if bench is None:
        raise ValueError("lowering needs a bench")
    context = Context(ledger, bench, instruments(bench))
    deck = _Deck()
    operations: list[Operation] = []
    texts: list[StepText] = []
    findings: list[Finding] = list(uneven(ledger.charges.recipe))
    assumptions: list[Assumption] = []
    for step in context.procedure.steps:
        vessel, decision = _climate(context, deck, step)
        findings.extend(decision.findings)
        assumptions.extend(decision.assumptions)
        climate = decision.climate
        if climate is None:
            deck.refused.add(vessel or "")
            climate = Climate()
        elif vessel is not None:
            operations.extend(deck.follow(step.id, vessel, climate))
        lowered = _lower_step(context, step, climate)
        operations.extend(lowered.operations)
        findings.extend(lowered.findings)
        assumptions.extend(lowered.assumptions)
        assumptions.extend(_limits(step))
        texts.append(StepText(step.id, lowered.text))
    pipettes = {i.mount: i.pipette for i in context.instruments}
    tips = {i.mount: i.tip_load_name for i in context.instruments}
    made = close_and_open(context, operations)
    if bench.per_action is None and any(isinstance(operation, Ask) for operation in made):
        value = f"{action_s(bench):g} s for each action"
        why = "the bench does not say (operator: per action): a well charged, a cap, a check"
        assumptions.append(Assumption(None, "operator's time", value, why))
    return (
        Operations(ledger, pipettes, tips, made, tuple(texts), tuple(assumptions)),
        tuple(findings),
    )


def _limits(step: AnyStep) -> Iterator[Assumption]:
    """What was chosen or assumed in the limits of a step."""
    for each in step.within:
        value = f"within {duration(each.time.value)} of the end of {each.after}"
        yield from chosen(step.id, "limit", each.time, value)


def _climate(context: Context, deck: _Deck, step: AnyStep) -> tuple[str | None, Decision]:
    """The vessel that a step keeps at a temperature, and what is decided about it."""
    vessel = _kept_vessel(step)
    ambient = Decision(Climate())
    if vessel is None or vessel.startswith("waste."):
        return None, ambient
    setting = context.setting(vessel, step)
    own = step.to if isinstance(step, Temper) else getattr(step, "at", None)
    if own is None and vessel in deck.refused:
        return vessel, ambient
    source = step if own is not None else setting
    wanted = own if own is not None else (setting.to if setting is not None else None)
    tolerance = source.tolerance if isinstance(source, Temper) else None
    key = "at" if own is not None and not isinstance(step, Temper) else "to"
    return vessel, decide(
        context,
        step.id,
        vessel,
        wanted,
        step.spans.at(key),
        tolerance_k=tolerance.value if tolerance is not None else 0.0,
        wants_shaking=_wants_shaking(step),
        by_robot=_needs_pipette(context, step, vessel),
    )


def _kept_vessel(step: AnyStep) -> str | None:
    if isinstance(step, Add):
        return step.to
    if isinstance(step, Transfer):
        return step.from_
    if isinstance(step, Stir | Temper | Monitor | Extract | Separate | Mix | AdjustPh):
        return step.vessel
    return None


def _wants_shaking(step: AnyStep) -> bool:
    if step.by_operator:
        return False
    if isinstance(step, Add):
        return (step.dropwise is not None or step.portionwise is not None) and step.stir_during in (
            None,
            "shaker",
        )
    return isinstance(step, Stir | Monitor)


def _needs_pipette(context: Context, step: AnyStep, vessel: str) -> bool:
    """Whether the robot reaches into the vessel in a step, or while a `heat` or `cool` lasts."""
    if step.by_operator:
        return False
    if isinstance(step, Add | AdjustPh):
        return any(not charge.by_operator for charge in context.charges(step.id))
    if not isinstance(step, Temper):
        return isinstance(step, Extract | Separate | Transfer | Mix)
    later = context.procedure.steps[context.procedure.steps.index(step) + 1 :]
    for other in later:
        if isinstance(other, Temper) and other.vessel == vessel:
            break
        same = _kept_vessel(other) == vessel and getattr(other, "at", None) is None
        if same and _needs_pipette(context, other, vessel):
            return True
    return False


def _lower_step(context: Context, step: AnyStep, climate: Climate) -> Lowered:
    lowered = _dispatch(context, step, climate)
    if not step.by_operator or isinstance(step, Add | AdjustPh | Monitor | OperatorTask):
        return lowered
    vessel = _kept_vessel(step)
    words = f"By hand: {lowered.text}" + (f" ({WELLS})" if vessel else "")
    task = Task(step=step.id, text=words, vessel=vessel, lasts_s=_time_of(step))
    return Lowered((Ask(tasks=(task,)),), lowered.text, (), lowered.assumptions)


def _time_of(step: AnyStep) -> float:
    """How long a step that is left to the operator goes on by itself, in s."""
    if isinstance(step, Stir | Wait | Hydrogenate):
        return step.for_.value
    if isinstance(step, Temper) and step.hold is not None:
        return step.hold.value
    if isinstance(step, Dry):
        return step.for_.value if step.for_ is not None else by_hand.DRYING_S
    return 0.0


def _dispatch(context: Context, step: AnyStep, climate: Climate) -> Lowered:
    match step:
        case Add():
            return lower_add(context, step, climate)
        case Stir():
            return lower_stir(context, step, climate)
        case Temper():
            return lower_temper(context, step, climate)
        case Wait():
            return lower_wait(context, step)
        case Monitor():
            return lower_monitor(context, step, climate)
        case Extract():
            return lower_extract(context, step)
        case Separate():
            return lower_separate(context, step)
        case Transfer():
            return lower_transfer(context, step)
        case Mix():
            return lower_mix(context, step)
        case AdjustPh():
            return lower_adjust_ph(context, step)
        case Dry():
            return by_hand.lower_dry(context, step)
        case Filter():
            return by_hand.lower_filter(context, step)
        case Concentrate():
            return by_hand.lower_concentrate(context, step)
        case Purify():
            return by_hand.lower_purify(context, step)
        case Hydrogenate():
            return by_hand.lower_hydrogenate(context, step)
        case Closure():
            return by_hand.lower_closure(context, step)
        case OperatorTask():
            return by_hand.lower_operator(context, step)
