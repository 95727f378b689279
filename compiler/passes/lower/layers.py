"""`extract`, `wash`, `separate`, `transfer` and `mix`: two layers, and what is drawn from them."""

from __future__ import annotations

from collections.abc import Sequence

from compiler.diagnostics.codes import platform
from compiler.diagnostics.finding import Finding
from compiler.passes.lower import numbers, pipetting
from compiler.passes.lower.context import Context, Lowered
from compiler.passes.lower.mixing import CYCLES, mix_vessel, standing_mix
from compiler.stages.charges import Assumption, Charge
from compiler.stages.contents import Draw
from compiler.stages.documents import AnyStep, Extract, Mix, Separate, Transfer
from compiler.stages.operations import Deliver, DrawPhase, Hold, MixVessel, Operation

EXTRACTION_CYCLES = 10  # Emerald Cloud Lab: ten pipette mixes of half the volume
SETTLE_S = 120.0  # language.md; Emerald Cloud Lab: one minute


def lower_extract(context: Context, step: Extract) -> Lowered:
    """Round by round: the solvent, mixing, settling, the draw.

    The solvent falls from one tip into all wells; the tip that mixes a well draws from it, too.
    """
    supplied = context.words_for(context.charges(step.id), step.with_.name)
    if supplied is None or not supplied.is_liquid:
        return Lowered()
    settle_s = step.settle.value if step.settle is not None else SETTLE_S
    operations: list[Operation] = []
    findings: list[Finding] = []
    for round_ in range(1, step.times + 1):
        mine = [charge for charge in context.charges(step.id) if charge.round == round_]
        added = _solvent(context, step, round_, mine)
        drawn = _draw(context, step, round_)
        operations.extend(added.operations)
        operations.append(Hold(step=step.id, seconds=settle_s, vessel=step.vessel))
        operations.extend(drawn.operations)
        findings.extend((*added.findings, *drawn.findings))
    return Lowered(
        tuple(operations),
        _extract_words(context, step),
        tuple(dict.fromkeys(findings)),
        _extract_assumptions(context, step, operations),
    )


def _solvent(context: Context, step: Extract, round_: int, charges: Sequence[Charge]) -> Lowered:
    """The solvent of one round with one pipette, then mixing with a tip for each well."""
    volumes = {c.reaction: c.volume_ul for c in charges if c.volume_ul is not None}
    materials = {c.reaction: c.material for c in charges}
    used = [s for m in dict.fromkeys(materials.values()) if (s := context.supplied(m)) is not None]
    if not used or not volumes:
        return Lowered()
    kind = pipetting.kind_of(used[0])
    best = pipetting.for_all(volumes.values(), context.instruments, kind)
    found = {r: pipetting.strokes(v, best, kind) for r, v in volumes.items()}
    usable = {r: s for r, s in found.items() if s is not None}
    findings = tuple(
        platform.PIP_1.at(
            step.spans.at("volume"),
            f"{numbers.volume(volumes[r])} {used[0].label} is less than any pipette delivers",
            help="use more solvent",
            step=step.id,
            row=context.row(r),
        )
        for r, strokes in found.items()
        if strokes is None
    )
    if not usable:
        return Lowered(findings=findings)
    first = next(iter(usable.values()))
    mix = mix_vessel(
        context,
        step.id,
        step.vessel,
        "settled",
        round_=round_,
        cycles=step.mix_cycles or EXTRACTION_CYCLES,
    )
    deliver = Deliver(
        step=step.id,
        material=used[0].key,
        vessel=step.vessel,
        volume_ul={r: volumes[r] for r in usable},
        handling=first.handling,
        pipette=first.instrument.mount,
        stroke_ul={r: strokes.volumes_ul for r, strokes in usable.items()},
        round=round_,
        materials=materials if len(used) > 1 else {},
    )
    return Lowered((deliver,) if mix is None else (deliver, mix), findings=findings)


def _draw(context: Context, step: AnyStep, round_: int = 1) -> Lowered:
    """The draws that the ledger worked out for a step, as pipette strokes."""
    draws = context.draws(step.id, round_)
    if not draws:
        return Lowered()
    strokes: dict[str, tuple[float, ...]] = {}
    findings: list[Finding] = []
    chosen = None
    for draw in draws:
        found = pipetting.strokes(draw.volume_ul, context.instruments, "layer")
        if found is None:
            findings.append(_too_little(step, draw))
            continue
        if chosen is None or found.instrument.pipette.max_ul > chosen.instrument.pipette.max_ul:
            chosen = found
    if chosen is None:
        return Lowered(findings=tuple(findings))
    kept = []
    for draw in draws:
        found = pipetting.strokes(draw.volume_ul, (chosen.instrument,), "layer")
        if found is None:
            continue
        strokes[draw.reaction] = found.volumes_ul
        kept.append(draw)
    operation = DrawPhase(
        step=step.id,
        vessel=kept[0].vessel,
        into=kept[0].into,
        draws=tuple(kept),
        stroke_ul=strokes,
        handling=chosen.handling,
        pipette=chosen.instrument.mount,
        round=round_,
    )
    return Lowered((operation,), findings=tuple(findings))


def _too_little(step: AnyStep, draw: Draw) -> Finding:
    return platform.PIP_1.at(
        step.spans.at("keep"),
        f"{numbers.volume(draw.volume_ul)} is to be drawn from {draw.vessel}, less than any"
        " pipette of the bench draws",
        help="use more solvent, a larger scale, or a smaller guard",
        step=step.id,
    )


def _extract_words(context: Context, step: Extract) -> str:
    charges = context.charges(step.id)
    volumes = [c.volume_ul for c in charges if c.volume_ul is not None]
    solvent = step.with_.name
    how = f"{step.times} × {numbers.spread(volumes, numbers.volume)}"
    first = next(iter(context.draws(step.id, 1)), None)
    if step.into is None:
        return f"The mixture was washed with {solvent} ({how}); the {step.keep} layer was kept."
    words = f"The mixture was extracted with {solvent} ({how})"
    if first is not None and first.position != "single":
        words += f"; the {first.phase.value} layer ({first.position}) was drawn off each time"
    last = next(iter(context.draws(step.id, step.times)), None)
    if last is not None:
        words += f" and pooled ({numbers.digits(100 * last.recovered)} % recovered by volume)"
    return words + "."


def _extract_assumptions(
    context: Context, step: Extract, operations: Sequence[Operation]
) -> tuple[Assumption, ...]:
    found = []
    if step.settle is None:
        found.append(
            Assumption(step.id, "settling", numbers.duration(SETTLE_S), "the language's default")
        )
    mixes = [o for o in operations if isinstance(o, MixVessel)]
    if step.mix_cycles is None and mixes:
        stroke = numbers.spread(mixes[0].stroke_ul.values(), numbers.volume)
        value = f"{mixes[0].cycles} × {stroke} by pipette"
        why = "ten strokes of half the volume, as far as the tip holds it"
        found.append(Assumption(step.id, "mixing", value, why))
    return tuple(found)


def lower_separate(context: Context, step: Separate) -> Lowered:
    """One layer is drawn after settling."""
    settle_s = step.settle.value if step.settle is not None else SETTLE_S
    drawn = _draw(context, step)
    hold = Hold(step=step.id, seconds=settle_s, vessel=step.vessel)
    text = f"The layers were separated; the {step.keep} layer was drawn into {step.into}."
    settled = Assumption(step.id, "settling", numbers.duration(SETTLE_S), "the language's default")
    assumptions = () if step.settle is not None else (settled,)
    return Lowered((hold, *drawn.operations), text, drawn.findings, assumptions)


def lower_transfer(context: Context, step: Transfer) -> Lowered:
    """Everything, or a volume, from one vessel to another."""
    drawn = _draw(context, step)
    volumes = [draw.volume_ul for draw in context.draws(step.id)]
    how_much = numbers.spread(volumes, numbers.volume) if volumes else "The contents"
    text = f"{how_much} of {step.from_} was transferred to {step.to}."
    return drawn.with_text(text)


def lower_mix(context: Context, step: Mix) -> Lowered:
    """Mixing by pipette, as often as the step says."""
    wanted = step.volume.quantity.value if step.volume is not None else None
    mix = standing_mix(context, step, step.vessel, cycles=step.cycles or CYCLES, wanted_ul=wanted)
    text = f"The contents of {step.vessel} were mixed by pipette."
    if mix is None:
        finding = platform.STIR_1.at(
            step.spans.at("vessel"),
            f"{step.vessel} holds nothing that a pipette of the bench can mix",
            help="mix after something has been added, or let the operator do it",
            step=step.id,
        )
        return Lowered((), text, (finding,))
    return Lowered((mix,), text)
