"""`add`: liquids by pipette, all at once or drop by drop; solids by the operator, in portions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from compiler.diagnostics.codes import platform
from compiler.diagnostics.finding import Finding
from compiler.passes.lower import numbers, pipetting
from compiler.passes.lower.climate import Climate
from compiler.passes.lower.context import Context, Lowered
from compiler.passes.lower.dropwise import SHAKE_RPM, lower_dropwise, over_s
from compiler.passes.lower.pipetting import Strokes
from compiler.stages.charges import Charge, Supplied
from compiler.stages.documents import Add, AdjustPh, Form
from compiler.stages.operations import (
    WELLS,
    Agitate,
    Ask,
    Deliver,
    DeliverDrops,
    Hold,
    Operation,
    Task,
)

# Solids that give off gas where they meet what is already there: hydrides with residual water,
# alcohols or acids ("be cautious as gas evolution may occur", the source document on NaBH(OAc)3).
GAS_CLASSES = frozenset({"hydridic_boron", "strong_hydride", "carbonate_or_bicarbonate"})


def lower_add(context: Context, step: Add, climate: Climate) -> Lowered:
    """An addition as operations, with its sentence."""
    supplied = context.supplied(step.material)
    charges = context.charges(step.id)
    if supplied is None or not charges:
        return Lowered()
    sentence = _sentence(step, supplied, charges)
    if any(charge.by_operator for charge in charges) or climate.by_operator:
        return _by_hand(context, step, supplied, charges, climate).with_text(sentence)
    volumes = {c.reaction: c.volume_ul for c in charges if c.volume_ul is not None}
    if step.dropwise is not None:
        lowered = lower_dropwise(context, step, step.dropwise, supplied, volumes, climate)
        return lowered.with_text(sentence + _dropwise_words(lowered) + ".")
    return deliver(context, step, step.to, supplied, volumes).with_text(sentence + ".")


def deliver(
    context: Context,
    step: Add | AdjustPh,
    vessel: str,
    supplied: Supplied,
    volumes: Mapping[str, float],
) -> Lowered:
    """Volumes (µL by reaction) of one material, all at once: one operation a pipette."""
    kind = pipetting.kind_of(supplied)
    chosen: dict[str, Strokes] = {}
    findings: list[Finding] = []
    for reaction, volume_ul in volumes.items():
        found = pipetting.strokes(volume_ul, context.instruments, kind)
        if found is None:
            findings.append(_too_small(context, step, supplied, volume_ul))
        else:
            chosen[reaction] = found
    free_ul = pipetting.free_drop_ul(supplied)
    operations: list[Operation] = []
    for mount in sorted({found.instrument.mount for found in chosen.values()}):
        mine = {r: found for r, found in chosen.items() if found.instrument.mount == mount}
        how = next(iter(mine.values())).handling
        if min(min(found.volumes_ul) for found in mine.values()) < free_ul:
            how = pipetting.touching(how)
        operations.append(
            Deliver(
                step=step.id,
                material=supplied.key,
                vessel=vessel,
                volume_ul={r: volumes[r] for r in mine},
                handling=how,
                pipette=mount,
                stroke_ul={r: found.volumes_ul for r, found in mine.items()},
            )
        )
    return Lowered(tuple(operations), findings=tuple(findings))


def _too_small(
    context: Context, step: Add | AdjustPh, supplied: Supplied, volume_ul: float
) -> Finding:
    least = pipetting.smallest_minimum_ul(context.instruments)
    least_text = numbers.volume(least) if least is not None else "no single-channel pipette"
    return platform.PIP_1.at(
        step.spans.at("amount"),
        f"{numbers.volume(volume_ul)} {supplied.label} is less than any pipette of the bench"
        f" delivers ({least_text})",
        help="use a more dilute solution, a larger scale, or a bench with a smaller pipette",
        step=step.id,
    )


def _dropwise_words(lowered: Lowered) -> str:
    for operation in lowered.operations:
        if isinstance(operation, DeliverDrops):
            drops = operation.drops
            size = numbers.spread(drops.drop_ul.values(), numbers.volume)
            return (
                f" dropwise over {numbers.duration(drops.count * drops.interval_s)}"
                f" ({drops.count} drops of {size}, one every {numbers.digits(drops.interval_s)} s)"
            )
    return " dropwise"


# --- by the operator ------------------------------------------------------------------------


def _by_hand(
    context: Context,
    step: Add,
    supplied: Supplied,
    charges: Sequence[Charge],
    climate: Climate,
) -> Lowered:
    portions = step.portionwise.portions if step.portionwise else 1
    every_s = step.portionwise.every.value if step.portionwise else 0.0
    operations: list[Operation] = []
    for portion in range(1, portions + 1):
        operations.append(
            Ask(tasks=(_task(context, step, supplied, charges, climate, portion, portions),))
        )
        if portion < portions:
            operations.extend(_between(step, climate, every_s))
    return Lowered(tuple(operations))


def _between(step: Add, climate: Climate, every_s: float) -> list[Operation]:
    hold = Hold(step=step.id, seconds=every_s, vessel=step.to)
    if not climate.shaken or climate.module is None:
        return [hold]
    module = climate.module
    return [
        Agitate(step=step.id, module=module, rpm=SHAKE_RPM),
        hold,
        Agitate(step=step.id, module=module, rpm=0),
    ]


def _task(
    context: Context,
    step: Add,
    supplied: Supplied,
    charges: Sequence[Charge],
    climate: Climate,
    portion: int,
    portions: int,
) -> Task:
    masses = {c.reaction: c.mass_mg / portions for c in charges if c.mass_mg is not None}
    volumes = {c.reaction: c.volume_ul / portions for c in charges if c.volume_ul is not None}
    how_much = (
        numbers.spread(volumes.values(), numbers.volume)
        if volumes
        else numbers.spread(masses.values(), numbers.mass)
    )
    words = [f"Add {how_much} {supplied.label} to {WELLS}"]
    if portions > 1:
        words.append(f"portion {portion} of {portions}")
    if step.dropwise is not None:
        taken_s = over_s(step.dropwise, max(volumes.values(), default=0.0))
        words.append(f"dropwise over {numbers.duration(taken_s)}, with stirring")
    if climate.by_operator and climate.celsius is not None:
        words.append(f"in an ice bath ({numbers.temperature(climate.celsius)})")
    if GAS_CLASSES & supplied.substance.classes or any(
        gas.step == step.id and gas.volume_ml > 0 for gas in context.ledger.gas
    ):
        words.append("gas is evolved, leave open")
    if step.note:
        words.append(step.note)
    return Task(
        step=step.id,
        text="; ".join(words),
        vessel=step.to,
        material=step.material,
        portion=portion,
        portions=portions,
        mass_mg=masses or None,
    )


# --- words ----------------------------------------------------------------------------------


def _sentence(step: Add, supplied: Supplied, charges: Sequence[Charge]) -> str:
    """`NaBH(OAc)3 (31.8 mg, 0.150 mmol, 1.50 equiv) was added to reactor`, no full stop yet."""
    inside = []
    if supplied.form in (Form.SOLUTION, Form.SLURRY) and supplied.molarity_mol_l is not None:
        inside.append(f"{numbers.digits(supplied.molarity_mol_l)} M in {supplied.medium}")
    masses = [c.mass_mg for c in charges if c.mass_mg is not None]
    volumes = [c.volume_ul for c in charges if c.volume_ul is not None]
    moles = [c.mmol for c in charges if c.mmol is not None]
    equivs = [c.equiv for c in charges if c.equiv is not None]
    if volumes:
        inside.append(numbers.spread(volumes, numbers.volume))
    elif masses:
        inside.append(numbers.spread(masses, numbers.mass))
    if moles and not _is_plain_solvent(supplied):
        inside.append(numbers.spread(moles, numbers.amount))
        inside.append(f"{numbers.spread(equivs, numbers.digits)} equiv") if equivs else None
    name = supplied.label[:1].upper() + supplied.label[1:]
    if supplied.form is Form.SATURATED:
        name = f"Saturated {supplied.label} in {supplied.medium or 'water'}"
    where = f" at {step.at.text}" if step.at is not None else ""
    sentence = f"{name} ({', '.join(inside)}) was added to {step.to}{where}"
    if step.portionwise is not None:
        every = numbers.duration(step.portionwise.every.value)
        return f"{sentence} in {step.portionwise.portions} portions, one every {every}."
    return sentence + "." if volumes == [] else sentence


def _is_plain_solvent(supplied: Supplied) -> bool:
    return supplied.declared is None and supplied.form is Form.NEAT
