"""Which pipette takes a volume, in how many strokes, and how its kind of liquid is handled."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

from compiler.stages.charges import Liquid, Miscibility, Supplied
from compiler.stages.documents import Bench, Form
from compiler.stages.operations import Handling
from compiler.target.labware import load_labware
from compiler.target.pipettes import Pipette, load_pipette

MAX_STROKES = 10_000  # more than any vessel holds: P-CAP-1 has said so by then


@dataclass(frozen=True, slots=True)
class Instrument:
    """A pipette on its mount with the one kind of tip that it uses in this run."""

    mount: str
    pipette: Pipette
    tip_load_name: str
    tip_ul: float

    @property
    def stroke_limit_ul(self) -> float:
        """What a stroke can hold at the most, air gap included."""
        return min(self.tip_ul, self.pipette.max_ul)


@dataclass(frozen=True, slots=True)
class Strokes:
    """A volume divided into equal strokes of one instrument."""

    instrument: Instrument
    handling: Handling
    volumes_ul: tuple[float, ...]


def instruments(bench: Bench, channels: int = 1) -> tuple[Instrument, ...]:
    """The bench's pipettes with so many channels, smallest first.

    The tip rack is the one that the bench names for the pipette, else the pipette's usual one.
    A pipette that does not exist has been reported by `house` and is passed over.
    """
    found = []
    for mount in sorted(bench.pipettes):
        try:
            pipette = load_pipette(bench.pipettes[mount])
        except LookupError:
            continue
        if pipette.channels != channels:
            continue
        named = [rack for rack in bench.tip_racks if rack in pipette.tip_racks]
        rack = (named or list(pipette.tip_racks))[0]
        tip_ul = load_labware(rack).tip_ul
        found.append(Instrument(mount, pipette, rack, tip_ul or pipette.max_ul))
    return tuple(
        sorted(found, key=lambda instrument: (instrument.pipette.max_ul, instrument.mount))
    )


@cache
def _tables() -> Mapping[str, Any]:
    text = resources.files("compiler.data").joinpath("handling.json").read_text("utf-8")
    loaded: Mapping[str, Any] = json.loads(text)
    return loaded


def handling(kind: str, instrument: Instrument) -> Handling:
    """The parameters for a kind of liquid in an instrument's tips, from data/handling.json.

    The liquid and the tip set the flow, but a small plunger behind a large tip (a P50 GEN1) is
    not driven faster than its maker drives it.
    """
    table = _tables()
    tips, pipette, tip_ul = table["tips_ul"], instrument.pipette, instrument.tip_ul
    column = min(range(len(tips)), key=lambda i: abs(math.log(tips[i] / tip_ul)))
    row = table["kinds"][kind]
    return Handling(
        name=kind,
        prewet_cycles=row["prewet_cycles"],
        prewet_wait_s=row["prewet_wait_s"],
        aspirate_ul_s=min(row["aspirate_ul_s"][column], pipette.aspirate_ul_s[tip_ul]),
        dispense_ul_s=min(row["dispense_ul_s"][column], pipette.dispense_ul_s[tip_ul]),
        air_gap_ul=row["air_gap_ul"][column],
        settle_s=row["settle_s"],
        withdraw_mm_s=row["withdraw_mm_s"],
        max_tip_fill=row["max_tip_fill"],
        touch_off=False,
        prewet_every_stroke=kind == "slurry",  # solids settle while the tip is away
    )


def main_liquid(liquids: Sequence[Liquid]) -> Liquid:
    """The component with the largest share by volume; the first of equals."""
    return max(liquids, key=lambda liquid: liquid.fraction)


def kind_of(supplied: Supplied) -> str:
    """The row of data/handling.json that a material as supplied belongs to."""
    if supplied.form is Form.SLURRY:
        return "slurry"
    liquid = main_liquid(supplied.liquids)
    if liquid.miscibility is Miscibility.WATER:
        return "aqueous"
    pressure = liquid.substance.vapour_pressure_20c_kpa
    table = _tables()
    if pressure is None or pressure <= table["volatile_above_kpa"]:
        return "organic"
    return "very volatile" if pressure > table["very_volatile_above_kpa"] else "volatile"


def free_drop_ul(supplied: Supplied) -> float:
    """The smallest drop that falls from a tip by itself (Tate's law, data/handling.json)."""
    liquid = main_liquid(supplied.liquids)
    table = _tables()["free_drop_ul"]
    if liquid.miscibility is Miscibility.WATER:
        return float(table["water"])
    found = table.get(liquid.substance.name, _tables()["free_drop_default_ul"])
    return float(found)


def capacity_ul(instrument: Instrument, how: Handling) -> float:
    """The largest stroke of an instrument: the tip's allowed share, and room for the air gap."""
    return min(how.max_tip_fill * instrument.tip_ul, instrument.stroke_limit_ul - how.air_gap_ul)


def strokes(volume_ul: float, available: Sequence[Instrument], kind: str) -> Strokes | None:
    """The volume in equal strokes: fewest strokes first, then the smaller pipette.

    None where the volume is below the minimum of every pipette.
    """
    best: tuple[tuple[float, float], Strokes] | None = None
    for instrument in available:
        how = handling(kind, instrument)
        if volume_ul < instrument.pipette.min_ul * (1 - 1e-9):
            continue
        count = max(1, math.ceil(volume_ul / capacity_ul(instrument, how) - 1e-9))
        count = min(count, MAX_STROKES)
        each = volume_ul / count
        if each < instrument.pipette.min_ul * (1 - 1e-9):
            continue
        order = (float(count), instrument.pipette.max_ul)
        if best is None or order < best[0]:
            best = (order, Strokes(instrument, how, (each,) * count))
    return best[1] if best else None


ROOMY = 2.5  # from so many times its minimum a pipette is as accurate as one of the next size


def for_many(
    volumes_ul: Sequence[float], available: Sequence[Instrument], kind: str
) -> tuple[Instrument, ...]:
    """The pipettes to choose from for wells that one clean tip serves.

    Where a larger pipette fills its tip less often for them than the one that each of them would
    get by itself, and all volumes are well above its minimum, it is that one alone. (A pipette's
    relative error is largest at its minimum, and falls about as one over the volume.)
    """
    best: tuple[tuple[int, int, float], Instrument] | None = None
    for instrument in available:
        found = [strokes(volume_ul, (instrument,), kind) for volume_ul in volumes_ul]
        least_ul = ROOMY * instrument.pipette.min_ul
        if any(one is None for one in found) or min(volumes_ul) < least_ul:
            continue
        count = sum(len(one.volumes_ul) for one in found if one is not None)
        room_ul = capacity_ul(instrument, handling(kind, instrument))
        each = max(1, math.floor(room_ul / max(volumes_ul) + 1e-9))
        order = (count, math.ceil(len(volumes_ul) / each), instrument.pipette.max_ul)
        if best is None or order < best[0]:
            best = (order, instrument)
    return tuple(available) if best is None else (best[1],)


def for_all(
    volumes_ul: Iterable[float], available: Sequence[Instrument], kind: str
) -> tuple[Instrument, ...]:
    """The one instrument for several volumes of a liquid: fewest strokes, then the smaller one.

    None of them where no instrument delivers the smallest volume.
    """
    wanted = tuple(volumes_ul)
    ranked: list[tuple[int, float, int]] = []
    for number, instrument in enumerate(available):
        found = [strokes(volume_ul, (instrument,), kind) for volume_ul in wanted]
        if all(one is not None for one in found):
            count = sum(len(one.volumes_ul) for one in found if one is not None)
            ranked.append((count, instrument.pipette.max_ul, number))
    return (available[min(ranked)[-1]],) if ranked else tuple(available)


def touching(how: Handling) -> Handling:
    """The same handling with the tip touched off at the wall."""
    return replace(how, name=f"{how.name}, touched off", touch_off=True)


def smallest_minimum_ul(available: Sequence[Instrument]) -> float | None:
    """The smallest volume that any pipette of the bench delivers, None without pipettes."""
    return min((instrument.pipette.min_ul for instrument in available), default=None)
