"""What no robot of ours does: drying, filtering, concentrating, chromatography, closures."""

from __future__ import annotations

from dataclasses import replace

from compiler.passes.lower import numbers
from compiler.passes.lower.context import Context, Lowered
from compiler.stages.charges import Assumption
from compiler.stages.documents import (
    AmountKind,
    Closure,
    Concentrate,
    Dry,
    Filter,
    Hydrogenate,
    OperatorTask,
    Purify,
)
from compiler.stages.operations import WELLS, Ask, Hold, Operation, Task

DRYING_MG_PER_ML = 100.0  # common practice: about 1 g for 10 mL of organic phase
DRYING_S = 300.0


def _ask(
    step_id: str,
    text: str,
    vessel: str | None,
    closes: bool | None = None,
    lasts_s: float = 0.0,
) -> Ask:
    task = Task(step=step_id, text=text, vessel=vessel, closes=closes, lasts_s=lasts_s)
    return Ask(tasks=(task,))


def lower_dry(context: Context, step: Dry) -> Lowered:
    """A drying agent: its mass from the volume in the vessel, and the time over it."""
    found: list[Assumption] = []
    if step.amount is not None and step.amount.kind is AmountKind.MASS:
        how_much = numbers.mass(step.amount.quantity.value)
    else:
        volumes = [
            s.volume_ul for s in context.ledger.snapshots if s.vessel == step.vessel and s.volume_ul
        ]
        mass_mg = DRYING_MG_PER_ML * (volumes[-1] if volumes else 0.0) / 1000
        how_much = f"about {numbers.mass(mass_mg)}" if mass_mg else "some"
        why = f"{DRYING_MG_PER_ML:g} mg for each mL"
        found.append(Assumption(step.id, "drying agent", how_much, why))
    for_s = step.for_.value if step.for_ is not None else DRYING_S
    if step.for_ is None:
        found.append(Assumption(step.id, "drying time", numbers.duration(for_s), "usual practice"))
    words = f"Dry {WELLS} over {how_much} {step.over} for {numbers.duration(for_s)}"
    return Lowered(
        (_ask(step.id, words, step.vessel, lasts_s=for_s),),
        f"The solution was dried over {step.over}.",
        (),
        tuple(found),
    )


def lower_filter(context: Context, step: Filter) -> Lowered:
    """Filtration, and what is kept of it."""
    where = f" into {step.into}" if step.into else ""
    words = f"Filter {WELLS}{where}; keep the {step.keep}"
    text = f"The mixture was filtered and the {step.keep} kept."
    tasks = [Task(step=step.id, text=words, vessel=step.vessel)]
    if step.rinse is not None:
        times, solvent = step.rinse.times, step.rinse.with_.name
        charges = context.charges(step.id)
        volumes = [charge.volume_ul for charge in charges if charge.volume_ul is not None]
        each = numbers.spread(volumes, numbers.volume) or step.rinse.volume.quantity.text
        rinse = f"ash what is on the filter with {each} {solvent}"
        tasks = [
            replace(tasks[0], text=f"{words}; w{rinse}"),
            *(
                Task(step=step.id, text=f"W{rinse}, wash {n} of {times}", vessel=step.vessel)
                for n in range(2, times + 1)
            ),
        ]
        text = text[:-1] + f" and washed {numbers.times(times)} with {each} {solvent}."
    return Lowered((Ask(tasks=tuple(tasks)),), text)


def lower_concentrate(context: Context, step: Concentrate) -> Lowered:
    """Evaporation."""
    goal = "to dryness" if step.to is None else f"to {numbers.volume(step.to.value)}"
    words = f"Concentrate {WELLS} {goal}"
    if step.at is not None:
        words += f" at {step.at.text}"
    words += f", {step.pressure.text}" if step.pressure is not None else ", under reduced pressure"
    text = f"The solution was concentrated {goal} under reduced pressure."
    return Lowered((_ask(step.id, words, step.vessel),), text)


def lower_purify(context: Context, step: Purify) -> Lowered:
    """Chromatography."""
    words = f"Purify {WELLS} by {step.by}"
    if step.gradient:
        words += f", {step.gradient}"
    if step.modifier:
        words += f", with {step.modifier}"
    if step.order:
        words += f"; expected order: {', '.join(step.order)}"
    if step.into:
        words += f"; collect into {step.into}"
    if step.optional:
        words += " (if necessary)"
    text = f"The crude product was purified by {step.by}{' if necessary' * step.optional}."
    return Lowered((_ask(step.id, words, step.vessel),), text)


def lower_hydrogenate(context: Context, step: Hydrogenate) -> Lowered:
    """Hydrogen: a hydrogenator's work, never the deck's."""
    words = f"Hydrogenate {WELLS} over {step.catalyst}"
    if step.pressure is not None:
        words += f" at {step.pressure.text}"
    words += f" for {numbers.duration(step.for_.value)}"
    if step.at is not None:
        words += f" at {step.at.text}"
    words += "; charge the catalyst under nitrogen, before the solvent where that is possible"
    text = f"The mixture was hydrogenated over {step.catalyst}."
    return Lowered((_ask(step.id, words, step.vessel, lasts_s=step.for_.value),), text)


def lower_closure(context: Context, step: Closure) -> Lowered:
    """`seal` and `unseal`."""
    closes = step.verb == "seal"
    lid = f" with {step.with_}" if step.with_ else ""
    words = f"Seal {WELLS}{lid}" if closes else f"Open {WELLS}"
    text = f"The vessel was {'sealed' if closes else 'opened'}."
    return Lowered((_ask(step.id, words, step.vessel, closes=closes),), text)


def lower_operator(context: Context, step: OperatorTask) -> Lowered:
    """Free text."""
    where = f" ({WELLS})" if step.vessel else ""
    words = f"{step.do}{where}"
    operations: list[Operation] = [_ask(step.id, words, step.vessel)]
    if step.for_ is not None:
        operations.append(Hold(step=step.id, seconds=step.for_.value, vessel=step.vessel))
    return Lowered(tuple(operations), f"{step.do.rstrip('.')}.")
