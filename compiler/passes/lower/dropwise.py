"""`add` with `dropwise`: how many drops, of what size, with which pipette, and what stirs.

Drops that fall freely come first: one clean tip serves all wells and all rounds. A drop below
that size hangs at the tip and is touched off, and a tip that has touched a vessel never goes back
into the stock. With one well, a tip is filled for several drops. With more wells every drop costs
a fresh tip: a tip with liquid in it can't be parked, since letting go of it pushes the liquid out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from compiler.diagnostics.codes import platform
from compiler.diagnostics.finding import Finding
from compiler.passes.lower import numbers, pipetting
from compiler.passes.lower.abreast import eight_at_once
from compiler.passes.lower.climate import Climate
from compiler.passes.lower.context import Context, Lowered
from compiler.passes.lower.drop_choice import (
    DRIPPING,
    DROPS_WANTED,
    Choice,
    Wanted,
    choose,
    mixings,
    per_fill,
)
from compiler.passes.lower.mixing import SHARE, immersed, mix_vessel
from compiler.passes.lower.pipetting import Instrument, instruments
from compiler.passes.lower.small_volumes import below_every_minimum, too_small
from compiler.stages.charges import Assumption, Charge, Supplied
from compiler.stages.documents import Add, Dropwise, Form
from compiler.stages.operations import DeliverDrops, Drops, MixVessel

MIXING_TIP_S = 24.0  # the mixing's tip taken and put back
SHAKE_GAP_S = 20.0  # below this gap a shaker spends its time starting and stopping
SHAKE_RPM = 600  # for small vials that are at most 80 % full


def over_s(dropwise: Dropwise, volume_ul: float) -> float:
    """How long an addition takes, in s."""
    if dropwise.over is not None:
        return dropwise.over.value
    assert dropwise.rate is not None  # the schema asks for one of the two
    return volume_ul / dropwise.rate.value


def lower_dropwise(
    context: Context,
    step: Add,
    dropwise: Dropwise,
    charges: Sequence[Charge],
    climate: Climate,
) -> Lowered:
    """The count and size of the drops, the pipette, and what stirs meanwhile.

    The drop lies between the pipette's minimum and what the procedure allows; without a limit
    the charge is divided into `DROPS_WANTED`, or fewer that fall freely. Drops follow each other
    by T/N from start to start.
    """
    volumes = {c.reaction: c.volume_ul for c in charges if c.volume_ul is not None}
    materials = {c.reaction: c.material for c in charges}
    several = len(set(materials.values())) > 1
    used = [s for m in dict.fromkeys(materials.values()) if (s := context.supplied(m)) is not None]
    # the liquid that is hardest to handle decides for all
    supplied = max(used, key=lambda s: (pipetting.kind_of(s) == DRIPPING, s.form is Form.SLURRY))
    mix = mix_vessel(context, step.id, step.to, "charged")
    asked = step.stir_during == "pipette" or dropwise.mix_every is not None
    by_pipette = asked or (step.stir_during is None and not climate.shaken)
    limit_ul = dropwise.drop.high if dropwise.drop is not None else math.inf
    at_once = 1 if several else eight_at_once(context, step.to, volumes)
    task = Wanted(
        kind=pipetting.kind_of(supplied),
        wells=len(volumes),
        visits=len(volumes) // at_once,
        smallest_ul=min(volumes.values()),
        largest_ul=max(volumes.values()),
        limit_ul=limit_ul,
        # a tip serves many wells with one liquid only: with several each drop is touched off
        free_ul=math.inf if several else pipetting.free_drop_ul(supplied),
        over_s=over_s(dropwise, max(volumes.values())),
        stir_s=_stir_s(step, mix, by_pipette) / (at_once if by_pipette else 1),
        mixer=mix.pipette if by_pipette and mix is not None else None,
        mix_every=dropwise.mix_every,
    )
    choice = _chosen(context, task, at_once)
    if choice is None:
        small = below_every_minimum(context, charges)
        if small:
            return Lowered(findings=too_small(context, step, small))
        return Lowered(findings=(_refused(context, step, supplied, task),))
    count, instrument = choice.count, choice.instrument
    how = pipetting.handling(task.kind, instrument)
    how = how if choice.falls else pipetting.touching(how)
    interval_s = task.over_s / count
    gap_s = interval_s - task.drops_s(instrument, choice.falls, count)
    stir_by, mix_every = _stirring(
        step, dropwise, climate, gap_s, count, several=choice.falls and task.visits > 1
    )
    if stir_by != "pipette":
        mix, mix_every = None, None
    elif mix is not None and mix_every is not None:
        first = mix_every if len(volumes) == 1 else 1  # several wells are mixed in turn
        mix = _shallow(context, mix, volumes, first / count)
    if stir_by == "pipette" and mix is None:
        stir_by, mix_every = "none", None
    empty_after = mix_every if mix is not None and mix.pipette == instrument.mount else None
    operation = DeliverDrops(
        step=step.id,
        material=supplied.key,
        vessel=step.to,
        volume_ul=volumes,
        handling=how,
        pipette=instrument.mount,
        drops=Drops(
            count=count,
            interval_s=interval_s,
            drop_ul={reaction: volume / count for reaction, volume in volumes.items()},
            mix_every=mix_every,
            stir_by=stir_by,
            per_fill=per_fill(task, choice, empty_after),
        ),
        mix=mix,
        materials=materials if several else {},
    )
    return Lowered(
        (operation,),
        findings=_unstirred(step, operation),
        assumptions=_assumptions(step, dropwise, operation, instrument, task),
    )


def _chosen(context: Context, task: Wanted, at_once: int) -> Choice | None:
    """The choice for the pipettes that are there; columns go by a multi-channel's drops."""
    if at_once > 1:
        by_columns = choose(instruments(context.bench, channels=at_once), task)
        if by_columns is not None and by_columns.falls:
            drop_ul = task.smallest_ul / by_columns.count
            able = [i for i in context.instruments if i.pipette.min_ul <= drop_ul]
            if able:
                return replace(by_columns, instrument=able[-1])
    return choose(context.instruments, task)


def _stir_s(step: Add, mix: MixVessel | None, by_pipette: bool) -> float:
    """Roughly what stirring all wells takes of an interval."""
    if step.stir_during == "operator":
        return 0.0
    if not by_pipette:
        return SHAKE_GAP_S
    if mix is None:
        return 0.0
    flow = mix.handling.dispense_ul_s
    return sum(MIXING_TIP_S + 2 * mix.cycles * ul / flow for ul in mix.stroke_ul.values())


def _shallow(
    context: Context, mix: MixVessel, volumes: Mapping[str, float], share: float
) -> MixVessel | None:
    """The mixing as it can be done the first time, when a `share` of the addition is in.

    The height goes with the volume, as in a cylinder: in a well that narrows downwards the tip is
    then deeper in the liquid than that. None where there is too little to mix.
    """
    strokes, heights = {}, {}
    for reaction, stroke_ul in mix.stroke_ul.items():
        found = context.snapshot(mix.step, "charged", reaction, mix.vessel)
        if found is None:
            continue
        first_ul = found.volume_ul - (1 - share) * volumes.get(reaction, 0.0)
        height_mm = round(mix.height_mm[reaction] * first_ul / found.volume_ul, 2)
        heights[reaction], strokes[reaction] = immersed(
            context, mix.vessel, first_ul, height_mm, min(stroke_ul, SHARE * first_ul)
        )
    least_ul = next(i.pipette.min_ul for i in context.instruments if i.mount == mix.pipette)
    if not strokes or min(strokes.values()) < least_ul:
        return None
    return replace(mix, stroke_ul=strokes, height_mm=heights)


def _refused(context: Context, step: Add, supplied: Supplied, task: Wanted) -> Finding:
    least = pipetting.smallest_minimum_ul(context.instruments)
    least_text = numbers.volume(least) if least is not None else "none"
    names = ", ".join(i.pipette.display_name for i in context.instruments) or "no pipette"
    drop_ul = min(task.limit_ul, task.smallest_ul)
    span = step.dropwise.spans.at("drop") if step.dropwise is not None else step.spans.whole
    return platform.DROP_1.at(
        span,
        f"a drop of {numbers.volume(drop_ul)} {supplied.label} is below the minimum of every"
        f" pipette of the bench ({least_text}; {names})",
        help="allow a larger drop, or use a more dilute solution",
        step=step.id,
    )


def _stirring(
    step: Add, dropwise: Dropwise, climate: Climate, gap_s: float, count: int, *, several: bool
) -> tuple[str, int | None]:
    """What stirs between drops, and after how many of them a pipette mixes."""
    every = dropwise.mix_every or mixings(count)
    if step.stir_during == "operator":
        return "operator", None
    if step.stir_during == "pipette" or dropwise.mix_every is not None:
        return "pipette", every
    # with several wells the batches are made so small that the shaker has its time
    if climate.shaken and (gap_s >= SHAKE_GAP_S or several):
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


def _assumptions(
    step: Add, dropwise: Dropwise, made: DeliverDrops, instrument: Instrument, task: Wanted
) -> tuple[Assumption, ...]:
    drops = made.drops
    size = numbers.spread(drops.drop_ul.values(), numbers.volume)
    limit = (
        f"the procedure allows {numbers.volume(dropwise.drop.high)}"
        if dropwise.drop is not None
        else f"up to {DROPS_WANTED} drops are aimed at"
    )
    found = [
        Assumption(
            step.id,
            "drops",
            f"{drops.count} × {size}, one every {numbers.digits(drops.interval_s)} s"
            f" ({instrument.pipette.display_name})",
            f"{limit}; this pipette's minimum is {numbers.volume(instrument.pipette.min_ul)};"
            f" a drop {_falls(made, task)}",
        )
    ]
    if step.stir_during is None:
        how = {
            "shaker": f"the shaker at {SHAKE_RPM} rpm between drops",
            "pipette": f"by pipette after {_every(drops.mix_every)}",
        }.get(drops.stir_by, drops.stir_by)
        found.append(Assumption(step.id, "stirring", how, "the procedure does not say"))
    return tuple(found)


def _every(count: int | None) -> str:
    return "every drop" if count == 1 else f"every {count} drops"


def _falls(made: DeliverDrops, task: Wanted) -> str:
    """How a drop leaves the tip, for the list of assumptions."""
    if made.materials:
        tips = math.ceil(made.drops.count / made.drops.per_fill) * task.wells
        return f"is touched off, since each row has a liquid of its own ({tips} tips in all)"
    free = numbers.volume(task.free_ul)
    if not made.handling.touch_off:
        return f"falls freely, since it is larger than {free}"
    per_fill = made.drops.per_fill
    tips = math.ceil(made.drops.count / per_fill) * task.wells
    fill = f"a fresh tip for {_every(per_fill)}"
    return f"is touched off, since below {free} it hangs ({fill}, {tips} in all)"
