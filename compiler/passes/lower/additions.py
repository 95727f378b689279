"""`add`: liquids by pipette, all at once or drop by drop; solids by the operator, in portions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from compiler.diagnostics.codes import platform, timing
from compiler.diagnostics.finding import Finding
from compiler.passes.lower import numbers, pipetting
from compiler.passes.lower.climate import Climate
from compiler.passes.lower.context import Context, Lowered
from compiler.passes.lower.mixing import mix_vessel
from compiler.passes.lower.pipetting import Instrument, Strokes
from compiler.stages.charges import Assumption, Charge, Supplied
from compiler.stages.documents import Add, AdjustPh, Dropwise, Form
from compiler.stages.operations import (
    WELLS,
    Agitate,
    Ask,
    Deliver,
    DeliverDrops,
    Drops,
    Hold,
    Operation,
    Task,
)

DROPS_WANTED = 20  # 5 % of the charge a drop, where the procedure does not say
SERVICE_S = 8.0  # a drop takes the arm about this long: fetch, travel, let fall
SHAKE_GAP_S = 20.0  # below this gap a shaker spends its time starting and stopping
MIXES_WANTED = 5  # over a dropwise addition that is mixed by pipette
# Solids that give off gas where they meet what is already there: hydrides with residual water,
# alcohols or acids ("be cautious as gas evolution may occur", the source document on NaBH(OAc)3).
GAS_CLASSES = frozenset({"hydridic_boron", "strong_hydride", "carbonate_or_bicarbonate"})
SHAKE_RPM = 600  # for small vials that are at most 80 % full


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
        lowered = _dropwise(context, step, step.dropwise, supplied, volumes, climate)
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
                material=step.material,
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


# --- drop by drop ---------------------------------------------------------------------------


def _dropwise(
    context: Context,
    step: Add,
    dropwise: Dropwise,
    supplied: Supplied,
    volumes: Mapping[str, float],
    climate: Climate,
) -> Lowered:
    """The count and size of the drops, the pipette, and what stirs meanwhile.

    The drop lies between the pipette's minimum and what the procedure allows; without a limit
    the charge is divided into `DROPS_WANTED`. Drops follow each other by T/N from start to start.
    """
    smallest, largest = min(volumes.values()), max(volumes.values())
    over_s = _over_s(dropwise, largest)
    limit_ul = dropwise.drop.high if dropwise.drop is not None else math.inf
    kind = pipetting.kind_of(supplied)
    service_s = SERVICE_S * len(volumes)
    option = _drop_plan(context.instruments, kind, smallest, largest, limit_ul, over_s, service_s)
    if option is None:
        return Lowered(findings=(_drop_refused(context, step, supplied, limit_ul, smallest),))
    count, instrument = option
    interval_s = over_s / count
    if interval_s < service_s:
        finding = timing.INTERVAL.at(
            step.spans.at("dropwise"),
            f"{count} drops over {numbers.duration(over_s)} are {numbers.digits(interval_s)} s"
            f" apart, and serving {len(volumes)} well(s) takes about {service_s:g} s",
            help="allow larger drops, a longer addition, or fewer wells",
            step=step.id,
        )
        return Lowered(findings=(finding,))
    how = pipetting.handling(kind, instrument.tip_ul)
    if smallest / count < pipetting.free_drop_ul(supplied):
        how = pipetting.touching(how)
    stir_by, mix_every = _stirring(step, dropwise, climate, interval_s - service_s, count)
    mix = mix_vessel(context, step.id, step.to, "charged") if stir_by == "pipette" else None
    operation = DeliverDrops(
        step=step.id,
        material=step.material,
        vessel=step.to,
        volume_ul=volumes,
        handling=how,
        pipette=instrument.mount,
        drops=Drops(
            count=count,
            interval_s=interval_s,
            drop_ul={reaction: volume / count for reaction, volume in volumes.items()},
            mix_every=mix_every if mix is not None else None,
            stir_by=stir_by if stir_by != "pipette" or mix is not None else "none",
        ),
        mix=mix,
    )
    return Lowered(
        (operation,),
        findings=_unstirred(step, operation),
        assumptions=_drop_assumptions(step, dropwise, operation, instrument, supplied),
    )


def _over_s(dropwise: Dropwise, volume_ul: float) -> float:
    if dropwise.over is not None:
        return dropwise.over.value
    assert dropwise.rate is not None  # the schema asks for one of the two
    return volume_ul / dropwise.rate.value


def _drop_plan(
    available: Sequence[Instrument],
    kind: str,
    smallest_ul: float,
    largest_ul: float,
    limit_ul: float,
    over_s: float,
    service_s: float,
) -> tuple[int, Instrument] | None:
    """The count of drops and the pipette: the count nearest `DROPS_WANTED`, the smaller pipette."""
    fastest = max(1, math.floor(over_s / service_s + 1e-9))
    best: tuple[tuple[int, float], int, Instrument] | None = None
    for instrument in available:
        top_ul = min(
            limit_ul, pipetting.capacity_ul(instrument, pipetting.handling(kind, instrument.tip_ul))
        )
        fewest = max(1, math.ceil(largest_ul / top_ul - 1e-9))
        most = math.floor(smallest_ul / instrument.pipette.min_ul + 1e-9)
        if most < fewest:
            continue
        count = max(fewest, min(most, DROPS_WANTED, max(fewest, fastest)))
        order = (abs(count - DROPS_WANTED), instrument.pipette.max_ul)
        if best is None or order < best[0]:
            best = (order, count, instrument)
    return (best[1], best[2]) if best else None


def _drop_refused(
    context: Context, step: Add, supplied: Supplied, limit_ul: float, charge_ul: float
) -> Finding:
    least = pipetting.smallest_minimum_ul(context.instruments)
    least_text = numbers.volume(least) if least is not None else "none"
    names = ", ".join(i.pipette.display_name for i in context.instruments) or "no pipette"
    drop_ul = min(limit_ul, charge_ul)
    dropwise = step.dropwise
    span = dropwise.spans.at("drop") if dropwise is not None else step.spans.whole
    return platform.DROP_1.at(
        span,
        f"a drop of {numbers.volume(drop_ul)} {supplied.label} is below the minimum of every"
        f" pipette of the bench ({least_text}; {names})",
        help="allow a larger drop, or use a more dilute solution",
        step=step.id,
    )


def _stirring(
    step: Add, dropwise: Dropwise, climate: Climate, gap_s: float, count: int
) -> tuple[str, int | None]:
    """What stirs between drops, and after how many of them a pipette mixes."""
    every = dropwise.mix_every or max(1, round(count / MIXES_WANTED))
    if step.stir_during == "operator":
        return "operator", None
    if step.stir_during == "pipette" or dropwise.mix_every is not None:
        return "pipette", every
    if climate.shaken and gap_s >= SHAKE_GAP_S:
        return "shaker", None
    if step.stir_during == "shaker":
        return "none", None
    return "pipette", every


def _unstirred(step: Add, operation: DeliverDrops) -> tuple[Finding, ...]:
    if operation.drops.stir_by != "none":
        return ()
    return (
        platform.STIR_1.at(
            step.spans.at("stir during"),
            f"nothing stirs {step.to} while {step.material} is added: no shaker is under it, or"
            f" {numbers.digits(operation.drops.interval_s)} s between drops leave it no time",
            help="write `stir during: pipette`, or put the labware on a heater-shaker",
            step=step.id,
        ),
    )


def _drop_assumptions(
    step: Add, dropwise: Dropwise, made: DeliverDrops, instrument: Instrument, supplied: Supplied
) -> tuple[Assumption, ...]:
    drops = made.drops
    size = numbers.spread(drops.drop_ul.values(), numbers.volume)
    limit = (
        f"the procedure allows {numbers.volume(dropwise.drop.high)}"
        if dropwise.drop is not None
        else f"{DROPS_WANTED} drops are aimed at"
    )
    free = numbers.volume(pipetting.free_drop_ul(supplied))
    falls = (
        f"touched off, since below {free} a drop hangs"
        if made.handling.touch_off
        else (f"falls freely, since it is larger than {free}")
    )
    found = [
        Assumption(
            step.id,
            "drops",
            f"{drops.count} × {size}, one every {numbers.digits(drops.interval_s)} s"
            f" ({instrument.pipette.display_name})",
            f"{limit}; this pipette's minimum is {numbers.volume(instrument.pipette.min_ul)};"
            f" a drop {falls}",
        )
    ]
    if step.stir_during is None:
        how = {
            "shaker": f"the shaker at {SHAKE_RPM} rpm between drops",
            "pipette": f"by pipette after every {drops.mix_every} drops",
        }.get(drops.stir_by, drops.stir_by)
        found.append(Assumption(step.id, "stirring", how, "the procedure does not say"))
    return tuple(found)


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
        over_s = _over_s(step.dropwise, max(volumes.values(), default=0.0))
        words.append(f"dropwise over {numbers.duration(over_s)}, with stirring")
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
