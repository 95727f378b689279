"""Operations on a laid-out deck to blocks in time: the program, part by part.

Reactions are served in one order throughout, so that every well sees the same times. A tip that
is not yet named stands as `FRESH`; the `tips` pass names them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from compiler.passes.asking import pause, poured
from compiler.passes.batches import Begin, Division, End, Rest, Turns, in_batches
from compiler.passes.limits import limits_of
from compiler.passes.lower.dropwise import SHAKE_RPM
from compiler.stages.contents import Draw
from compiler.stages.layout import Layout, Placed
from compiler.stages.operations import (
    Agitate,
    Ask,
    Deliver,
    DeliverDrops,
    DrawPhase,
    Hold,
    MixVessel,
    Operation,
    Split,
    Stand,
    Temperature,
    at_once,
)
from compiler.stages.program import (
    AwaitBlock,
    Block,
    DropsBlock,
    MixBlock,
    MixHoldBlock,
    MixRow,
    MixSpec,
    MoveBlock,
    Part,
    Program,
    Row,
    ShakeBlock,
    TemperatureBlock,
    TimerBlock,
    TransferBlock,
)
from compiler.target.commands import WellRef
from compiler.target.labware import Well

FRESH = WellRef("", "")
BELOW_TOP_MM = 2.0  # where a clean tip lets go: inside the mouth, above the liquid
TOUCH_MM = 1.0  # above the liquid, where a drop that hangs is touched off
CLEAR_MM = 0.2  # above the liquid, when all drops that hang have been added to it


@dataclass
class _Run:
    """What changes while operations become blocks: volumes, modules, places."""

    volumes_ul: dict[WellRef, float]
    blocks: list[Block] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    running: dict[str, float] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    timers: int = 0
    of_batch: dict[str, str] = field(default_factory=dict)  # hold of a batch -> its timer
    # how the part that is being filled began
    starts_with_ul: dict[WellRef, float] = field(default_factory=dict)
    found_running: dict[str, float] = field(default_factory=dict)
    found_moved: dict[str, str] = field(default_factory=dict)
    after: str = ""
    hold_s: float = 0.0


def schedule(
    layout: Layout, division: Division | None = None, turns: Turns | None = None
) -> Program:
    """The blocks of the whole run, in parts.

    `division` says where wells go in batches, `turns` what visits took before.
    """
    volumes = {stock.well: stock.volume_ul for stock in layout.stocks}
    for well in (*layout.wells.values(), *layout.waste.values()):
        volumes.setdefault(well, 0.0)
    run = _Run(volumes, starts_with_ul=dict(volumes))
    for item in in_batches(layout.operations.operations, division or {}, turns, limits_of(layout)):
        if isinstance(item, Split):
            _end_part(layout, run, item.keep_on)
            run.after = item.after.replace("{part}", str(len(run.parts)))
            run.hold_s = item.hold_s
        elif isinstance(item, Rest):
            _rest(run, item)
        elif isinstance(item, Begin | End):
            _batch_hold(run, item)
        else:
            _schedule(layout, run, item)
    _end_part(layout, run, ())
    return Program(layout, tuple(run.parts))


def _end_part(layout: Layout, run: _Run, keep_on: tuple[str, ...]) -> None:
    run.parts.append(
        Part(
            number=len(run.parts) + 1,
            after=run.after,
            hold_s=run.hold_s,
            blocks=tuple(run.blocks),
            starts_with_ul=dict(run.starts_with_ul),
            keep_on=keep_on,
            running=dict(run.found_running),
            on_deck=dict(run.found_moved),
        )
    )
    run.blocks = []
    run.running = {name: value for name, value in run.running.items() if name in keep_on}
    run.starts_with_ul = dict(run.volumes_ul)
    run.found_running = dict(run.running)
    run.found_moved = dict(run.moved)
    for shaker in (m.label for m in layout.modules if m.module.max_rpm is not None):
        run.running.pop(shaker, None)  # the next part begins by stopping it


def _schedule(layout: Layout, run: _Run, operation: Operation) -> None:
    match operation:
        case Deliver():
            run.blocks.append(_deliver(layout, run, operation))
        case DeliverDrops():
            run.blocks.append(_drops(layout, run, operation))
        case MixVessel():
            run.blocks.append(_mix(layout, operation))
        case DrawPhase():
            run.blocks.append(_draw(layout, run, operation))
        case Stand():
            _stand(layout, run, operation)
        case Temperature():
            _temperature(run, operation)
        case Agitate():
            _agitate(run, operation)
        case Hold():
            _hold(layout, run, operation)
        case Ask():
            for charge, volume_ul in poured(layout, operation):
                dest = _vessel_well(layout, charge.reaction, charge.vessel)
                run.volumes_ul[dest] = run.volumes_ul.get(dest, 0.0) + volume_ul
            run.blocks.append(pause(layout, operation))
        case Split():
            raise AssertionError("a split ends the part; see schedule()")


# --- liquids --------------------------------------------------------------------------------


def _well(layout: Layout, ref: WellRef) -> Well:
    placed = next(p for p in layout.placed if p.label == ref.labware)
    return placed.labware.wells[ref.well]


def _vessel_well(layout: Layout, reaction: str, vessel: str) -> WellRef:
    if vessel.startswith("waste."):
        return layout.waste[vessel.removeprefix("waste.")]
    return layout.wells[reaction, vessel]


def _move_volume(run: _Run, source: WellRef, dest: WellRef, volume_ul: float) -> None:
    run.volumes_ul[source] = run.volumes_ul.get(source, 0.0) - volume_ul
    run.volumes_ul[dest] = run.volumes_ul.get(dest, 0.0) + volume_ul


def _dest_mm(layout: Layout, run: _Run, dest: WellRef, touch: bool) -> float:
    """Where the tip lets go: near the top, or just above the liquid where it must touch."""
    if touch:
        return _level_mm(layout, run, dest, 0.0, TOUCH_MM)
    return round(_well(layout, dest).depth_mm - BELOW_TOP_MM, 2)


def _level_mm(layout: Layout, run: _Run, dest: WellRef, more_ul: float, over_mm: float) -> float:
    """`over_mm` above the liquid, when there is `more_ul` of it; never near the rim."""
    well = _well(layout, dest)
    filled = min(run.volumes_ul.get(dest, 0.0) + more_ul, well.capacity_ul)
    top_mm = well.depth_mm - BELOW_TOP_MM
    return round(min(top_mm, well.shape.height_mm(filled) + over_mm), 2)


def _spec(mix: MixVessel, reaction: str) -> MixSpec:
    return MixSpec(
        cycles=mix.cycles,
        stroke_ul=mix.stroke_ul[reaction],
        height_mm=mix.height_mm[reaction],
        flow_ul_s=mix.handling.dispense_ul_s,
    )


def _deliver(layout: Layout, run: _Run, operation: Deliver) -> TransferBlock:
    rows: list[Row] = []
    for reaction, *others in at_once(operation.together, operation.stroke_ul):
        strokes = operation.stroke_ul[reaction]
        source = layout.source[operation.step, reaction]
        dest = _vessel_well(layout, reaction, operation.vessel)
        touch = operation.handling.touch_off
        mix = operation.mix
        mixes = mix is not None and reaction in mix.stroke_ul
        shares = bool(rows) and rows[-1].source == source and not touch and rows[-1].mix is None
        rows.append(
            Row(
                reaction=reaction,
                source=source,
                dest=dest,
                strokes_ul=strokes,
                source_mm=layout.source_mm,
                dest_mm=_dest_mm(layout, run, dest, touch),
                tip=None if shares else FRESH,
                mix=_spec(mix, reaction) if mix is not None and mixes else None,
                others=tuple(others),
            )
        )
        for each in (reaction, *others):
            into = _vessel_well(layout, each, operation.vessel)
            _move_volume(run, source, into, sum(strokes))
    return TransferBlock(
        step=operation.step,
        what="charge",
        material=operation.material,
        mount=operation.pipette,
        handling=operation.handling,
        rows=tuple(rows),
        round=operation.round,
    )


def _draw(layout: Layout, run: _Run, operation: DrawPhase) -> TransferBlock:
    rows = []
    draws: Mapping[str, Draw] = {draw.reaction: draw for draw in operation.draws}
    for reaction, *others in at_once(operation.together, operation.stroke_ul):
        strokes = operation.stroke_ul[reaction]
        source = _vessel_well(layout, reaction, operation.vessel)
        dest = _vessel_well(layout, reaction, operation.into)
        tip_mm = draws[reaction].tip_mm
        rows.append(
            Row(
                reaction=reaction,
                source=source,
                dest=dest,
                strokes_ul=strokes,
                source_mm=layout.source_mm if tip_mm is None else tip_mm,
                dest_mm=_dest_mm(layout, run, dest, operation.handling.touch_off),
                tip=FRESH,
                others=tuple(others),
            )
        )
        for each in (reaction, *others):
            from_ = _vessel_well(layout, each, operation.vessel)
            into = _vessel_well(layout, each, operation.into)
            _move_volume(run, from_, into, sum(strokes))
    return TransferBlock(
        step=operation.step,
        what="draw",
        material=None,
        mount=operation.pipette,
        handling=operation.handling,
        rows=tuple(rows),
        round=operation.round,
    )


def _drops(layout: Layout, run: _Run, operation: DeliverDrops) -> DropsBlock:
    drops = operation.drops
    touch = operation.handling.touch_off
    later = math.ceil(drops.count / drops.per_fill) - 1 if touch else 0
    rows: list[Row] = []
    for reaction, *others in at_once(operation.together, drops.drop_ul):
        drop_ul = drops.drop_ul[reaction]
        source = layout.source[operation.step, reaction]
        dest = _vessel_well(layout, reaction, operation.vessel)
        total_ul = drop_ul * drops.count
        dest_mm = _dest_mm(layout, run, dest, touch)
        if touch:  # near enough for the first drop, and above the liquid still for the last
            dest_mm = max(dest_mm, _level_mm(layout, run, dest, total_ul, CLEAR_MM))
        shares = bool(rows) and not touch
        rows.append(
            Row(
                reaction=reaction,
                source=source,
                dest=dest,
                strokes_ul=(drop_ul,),
                source_mm=layout.source_mm,
                dest_mm=dest_mm,
                tip=None if shares else FRESH,
                more_tips=(FRESH,) * later,
                others=tuple(others),
            )
        )
        for each in (reaction, *others):
            into = _vessel_well(layout, each, operation.vessel)
            _move_volume(run, source, into, total_ul)
    shaker = _module_under(layout, run, rows[0].dest) if drops.stir_by == "shaker" else None
    mix = operation.mix if drops.stir_by == "pipette" else None
    return DropsBlock(
        step=operation.step,
        material=operation.material,
        mount=operation.pipette,
        handling=operation.handling,
        count=drops.count,
        interval_s=drops.interval_s,
        rows=tuple(rows),
        shared_tip=not touch,
        per_fill=drops.per_fill if touch else 1,
        shaker=shaker,
        rpm=SHAKE_RPM if shaker is not None else 0,
        mix_every=drops.mix_every if mix is not None else None,
        mix_mount=mix.pipette if mix is not None else None,
        mix_rows=_mix_rows(layout, mix) if mix is not None else (),
    )


def _mix_rows(layout: Layout, mix: MixVessel) -> tuple[MixRow, ...]:
    return tuple(
        MixRow(
            reaction=reaction,
            well=_vessel_well(layout, reaction, mix.vessel),
            mix=_spec(mix, reaction),
            tip=FRESH,
            others=tuple(others),
        )
        for reaction, *others in at_once(mix.together, mix.stroke_ul)
    )


def _mix(layout: Layout, operation: MixVessel) -> MixBlock:
    return MixBlock(
        step=operation.step,
        mount=operation.pipette,
        handling=operation.handling,
        rows=_mix_rows(layout, operation),
    )


# --- places, modules, time ------------------------------------------------------------------


def _placed(layout: Layout, vessel: str) -> Placed:
    label = next(ref.labware for (_, name), ref in layout.wells.items() if name == vessel)
    return next(placed for placed in layout.placed if placed.label == label)


def _module_under(layout: Layout, run: _Run, ref: WellRef) -> str | None:
    placed = next(p for p in layout.placed if p.label == ref.labware)
    return run.moved.get(placed.label, placed.on or "") or None


def _stand(layout: Layout, run: _Run, operation: Stand) -> None:
    placed = _placed(layout, operation.vessel)
    here = run.moved.get(placed.label, placed.on or placed.slot)
    there = operation.position or placed.slot
    if here == there:
        return
    run.moved[placed.label] = there
    run.blocks.append(
        MoveBlock(step=operation.step, label=placed.label, to=there, by_gripper=False)
    )


def _temperature(run: _Run, operation: Temperature) -> None:
    if operation.celsius is None:
        run.running.pop(operation.module, None)
    else:
        run.running[operation.module] = operation.celsius
    run.blocks.append(
        TemperatureBlock(step=operation.step, module=operation.module, celsius=operation.celsius)
    )


def _agitate(run: _Run, operation: Agitate) -> None:
    if operation.rpm == 0:
        run.running.pop(operation.module, None)
    else:
        run.running[operation.module] = float(operation.rpm)
    run.blocks.append(ShakeBlock(step=operation.step, module=operation.module, rpm=operation.rpm))


def _hold(layout: Layout, run: _Run, operation: Hold) -> None:
    if operation.mix is not None and operation.every_s is not None:
        run.blocks.append(
            MixHoldBlock(
                step=operation.step,
                mount=operation.mix.pipette,
                handling=operation.mix.handling,
                seconds=operation.seconds,
                every_s=operation.every_s,
                rows=_mix_rows(layout, operation.mix),
            )
        )
        return
    run.timers += 1
    timer = f"timer_{run.timers}"
    run.blocks.append(TimerBlock(step=operation.step, timer=timer, seconds=operation.seconds))
    run.blocks.append(AwaitBlock(step=operation.step, timer=timer))


def _rest(run: _Run, item: Rest) -> None:
    """Nobody asked for this time: what is waited for is the arm."""
    run.timers += 1
    timer = f"timer_{run.timers}"
    run.blocks.append(
        TimerBlock(
            step=item.step,
            timer=timer,
            seconds=item.seconds,
            reactions=item.reactions,
            is_hold=False,
        )
    )
    run.blocks.append(AwaitBlock(step=item.step, timer=timer))


def _batch_hold(run: _Run, item: Begin | End) -> None:
    """The beginning or the end of a hold that only some of the wells are in."""
    step = item.hold.step
    if isinstance(item, Begin):
        run.timers += 1
        run.of_batch[item.key] = timer = f"timer_{run.timers}"
        seconds, mine = item.hold.seconds, item.reactions
        run.blocks.append(TimerBlock(step=step, timer=timer, seconds=seconds, reactions=mine))
    else:
        run.blocks.append(AwaitBlock(step=step, timer=run.of_batch[item.key]))
