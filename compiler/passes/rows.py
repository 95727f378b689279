"""Operations with liquids as blocks: their rows, and the volumes that wells have by then.

A tip that is not yet named stands as `FRESH`; the `tips` pass names them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from compiler.passes.lower.dropwise import SHAKE_RPM
from compiler.stages.contents import Draw
from compiler.stages.layout import Layout
from compiler.stages.operations import Deliver, DeliverDrops, DrawPhase, MixVessel, at_once
from compiler.stages.program import (
    Block,
    DropsBlock,
    MixBlock,
    MixRow,
    MixSpec,
    Part,
    Row,
    TransferBlock,
)
from compiler.target.commands import WellRef
from compiler.target.labware import Well

FRESH = WellRef("", "")
BELOW_TOP_MM = 2.0  # where a clean tip lets go: inside the mouth, above the liquid
TOUCH_MM = 1.0  # above the liquid, where a drop that hangs is touched off
CLEAR_MM = 0.2  # above the liquid, when all drops that hang have been added to it


@dataclass
class Run:
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


def module_under(layout: Layout, run: Run, ref: WellRef) -> str | None:
    """The module on which a well's labware stands now; None where it stands on the deck."""
    placed = next(p for p in layout.placed if p.label == ref.labware)
    return run.moved.get(placed.label, placed.on or "") or None


def _well(layout: Layout, ref: WellRef) -> Well:
    placed = next(p for p in layout.placed if p.label == ref.labware)
    return placed.labware.wells[ref.well]


def vessel_well(layout: Layout, reaction: str, vessel: str) -> WellRef:
    """A reaction's well of a vessel, or the waste's."""
    if vessel.startswith("waste."):
        return layout.waste[vessel.removeprefix("waste.")]
    return layout.wells[reaction, vessel]


def _move_volume(run: Run, source: WellRef, dest: WellRef, volume_ul: float) -> None:
    run.volumes_ul[source] = run.volumes_ul.get(source, 0.0) - volume_ul
    run.volumes_ul[dest] = run.volumes_ul.get(dest, 0.0) + volume_ul


def _dest_mm(layout: Layout, run: Run, dest: WellRef, touch: bool) -> float:
    """Where the tip lets go: near the top, or just above the liquid where it must touch."""
    if touch:
        return _level_mm(layout, run, dest, 0.0, TOUCH_MM)
    return round(_well(layout, dest).depth_mm - BELOW_TOP_MM, 2)


def _level_mm(layout: Layout, run: Run, dest: WellRef, more_ul: float, over_mm: float) -> float:
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


def delivered(layout: Layout, run: Run, operation: Deliver) -> TransferBlock:
    """A charge, from above the liquid; rows that draw from one stock share its clean tip."""
    rows: list[Row] = []
    for reaction, *others in at_once(operation.together, operation.stroke_ul):
        strokes = operation.stroke_ul[reaction]
        source = layout.source[operation.step, reaction]
        dest = vessel_well(layout, reaction, operation.vessel)
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
            into = vessel_well(layout, each, operation.vessel)
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


def drawn(layout: Layout, run: Run, operation: DrawPhase) -> TransferBlock:
    """A layer, or an aliquot, out of each vessel, with a tip each."""
    rows = []
    draws: Mapping[str, Draw] = {draw.reaction: draw for draw in operation.draws}
    for reaction, *others in at_once(operation.together, operation.stroke_ul):
        strokes = operation.stroke_ul[reaction]
        source = vessel_well(layout, reaction, operation.vessel)
        dest = vessel_well(layout, reaction, operation.into)
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
            from_ = vessel_well(layout, each, operation.vessel)
            into = vessel_well(layout, each, operation.into)
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


def dropped(layout: Layout, run: Run, operation: DeliverDrops) -> DropsBlock:
    """A dropwise addition, with what stirs meanwhile."""
    drops = operation.drops
    touch = operation.handling.touch_off
    later = math.ceil(drops.count / drops.per_fill) - 1 if touch else 0
    rows: list[Row] = []
    for reaction, *others in at_once(operation.together, drops.drop_ul):
        drop_ul = drops.drop_ul[reaction]
        source = layout.source[operation.step, reaction]
        dest = vessel_well(layout, reaction, operation.vessel)
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
            into = vessel_well(layout, each, operation.vessel)
            _move_volume(run, source, into, total_ul)
    shaker = module_under(layout, run, rows[0].dest) if drops.stir_by == "shaker" else None
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
        mix_rows=mix_rows(layout, mix) if mix is not None else (),
    )


def mix_rows(layout: Layout, mix: MixVessel) -> tuple[MixRow, ...]:
    """The wells of a mixing, a tip each."""
    return tuple(
        MixRow(
            reaction=reaction,
            well=vessel_well(layout, reaction, mix.vessel),
            mix=_spec(mix, reaction),
            tip=FRESH,
            others=tuple(others),
        )
        for reaction, *others in at_once(mix.together, mix.stroke_ul)
    )


def mixed(layout: Layout, operation: MixVessel) -> MixBlock:
    """Wells mixed by pipette."""
    return MixBlock(
        step=operation.step,
        mount=operation.pipette,
        handling=operation.handling,
        rows=mix_rows(layout, operation),
    )
