"""`add`: liquids by pipette, all at once or drop by drop; solids by the operator, in portions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from compiler.passes.lower import numbers, pipetting
from compiler.passes.lower.climate import Climate
from compiler.passes.lower.context import Context, Lowered
from compiler.passes.lower.dropwise import SHAKE_RPM, lower_dropwise, over_s
from compiler.passes.lower.pipetting import Instrument, Strokes
from compiler.passes.lower.small_volumes import too_small
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
    charges = context.charges(step.id)
    supplied = context.words_for(charges, step.material)
    if supplied is None or not charges:
        return Lowered()
    sentence = _sentence(step, supplied, charges)
    if any(charge.by_operator for charge in charges) or climate.by_operator:
        return _by_hand(context, step, charges, climate).with_text(sentence)
    liquids = [charge for charge in charges if charge.volume_ul is not None]
    if step.dropwise is not None:
        lowered = lower_dropwise(context, step, step.dropwise, liquids, climate)
        return lowered.with_text(sentence + _dropwise_words(lowered) + ".")
    return deliver(context, step, step.to, liquids).with_text(sentence + ".")


def deliver(
    context: Context, step: Add | AdjustPh, vessel: str, charges: Sequence[Charge]
) -> Lowered:
    """Liquids all at once, a charge a reaction: one operation a pipette and a way of handling."""
    kinds = {
        c.material: (pipetting.kind_of(s), pipetting.free_drop_ul(s))
        for c in charges
        if (s := context.supplied(c.material)) is not None
    }
    groups: dict[tuple[str, str], dict[str, Strokes]] = {}
    small: list[Charge] = []
    materials = {c.reaction: c.material for c in charges}
    volumes = {c.reaction: c.volume_ul for c in charges if c.volume_ul is not None}
    able = _able(context, charges, kinds)
    for one in charges:
        if one.reaction not in volumes or one.material not in kinds:
            continue
        kind, _ = kinds[one.material]
        found = pipetting.strokes(volumes[one.reaction], able[one.material], kind)
        if found is None:
            small.append(one)
        else:
            groups.setdefault((found.instrument.mount, kind), {})[one.reaction] = found
    operations: list[Operation] = []
    for (mount, _), mine in sorted(groups.items(), key=lambda group: group[0]):
        how = next(iter(mine.values())).handling
        if any(min(s.volumes_ul) < kinds[materials[r]][1] for r, s in mine.items()):
            how = pipetting.touching(how)
        operations.append(
            Deliver(
                step=step.id,
                material=materials[next(iter(mine))],
                vessel=vessel,
                volume_ul={r: volumes[r] for r in mine},
                handling=how,
                pipette=mount,
                stroke_ul={r: found.volumes_ul for r, found in mine.items()},
                materials=_others(materials, mine),
            )
        )
    return Lowered(tuple(operations), findings=too_small(context, step, small))


def _able(
    context: Context, charges: Sequence[Charge], kinds: Mapping[str, tuple[str, float]]
) -> Mapping[str, tuple[Instrument, ...]]:
    """The pipettes for each material: for several wells those that fill their tips less often."""
    found: dict[str, tuple[Instrument, ...]] = {}
    for material, (kind, free_ul) in kinds.items():
        volumes = [c.volume_ul for c in charges if c.material == material and c.volume_ul]
        several = len(volumes) > 1 and min(volumes) >= free_ul and kind != "slurry"
        choice = pipetting.for_many(volumes, context.instruments, kind) if several else None
        found[material] = choice or context.instruments
    return found


def _others(materials: Mapping[str, str], mine: Iterable[str]) -> dict[str, str]:
    """What each reaction takes, where they do not all take the same."""
    found = {reaction: materials[reaction] for reaction in mine}
    return found if len(set(found.values())) > 1 else {}


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
    charges: Sequence[Charge],
    climate: Climate,
) -> Lowered:
    portions = step.portionwise.portions if step.portionwise else 1
    every_s = step.portionwise.every.value if step.portionwise else 0.0
    operations: list[Operation] = []
    for portion in range(1, portions + 1):
        tasks = [
            _task(context, step, supplied, mine, climate, portion, portions)
            for supplied, mine in _by_material(context, charges)
        ]
        operations.append(Ask(tasks=tuple(tasks)))
        if portion < portions:
            operations.extend(_between(step, climate, every_s))
    return Lowered(tuple(operations))


def _by_material(
    context: Context, charges: Sequence[Charge]
) -> Iterator[tuple[Supplied, list[Charge]]]:
    groups: dict[str, list[Charge]] = {}
    for one in charges:
        groups.setdefault(one.material, []).append(one)
    for material, mine in groups.items():
        supplied = context.supplied(material)
        if supplied is not None:
            yield supplied, mine


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
    taken_s = 0.0
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
        material=supplied.key,
        portion=portion,
        portions=portions,
        mass_mg=masses or None,
        lasts_s=taken_s,
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
