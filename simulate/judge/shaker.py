"""The heater-shaker: its slot, its neighbours, and how full its wells are when it starts."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.diagnostics.codes import platform as p
from compiler.diagnostics.finding import Severity
from compiler.target.modules import load_module
from simulate.judge.case import Case, Fault, Where, fault
from simulate.traced import LoadedModule

TALL_MM = 53.0  # Opentrons, Heater-Shaker: the tallest labware beside it (OT-2)
# How full a well may be (share of its volume) up to which speed; our own rule of thumb, since the
# maker gives none: liquid climbs the wall with the square of the speed.
FILL = ((500, 0.95), (1000, 0.90), (2000, 0.80), (3000, 0.66))
_FLEX_SLOTS = {
    "10": "A1", "11": "A2", "12": "A3", "7": "B1", "8": "B2", "9": "B3",
    "4": "C1", "5": "C2", "6": "C3", "1": "D1", "2": "D2", "3": "D3",
}  # fmt: skip


def _shakers(case: Case) -> Iterator[LoadedModule]:
    for module in case.trace.modules.values():
        if module.model.startswith("heaterShaker"):
            yield module


def _slot(case: Case, slot: str) -> str:
    return _FLEX_SLOTS.get(slot, slot) if case.trace.robot == "Flex" else slot


def check_slot(case: Case) -> Iterator[Fault]:
    """A slot in which the maker does not allow it."""
    for module in _shakers(case):
        allowed = load_module("heaterShakerModuleV1").slots.get(case.trace.robot, ())
        slot = _slot(case, module.slot)
        if slot not in allowed:
            names = ", ".join(sorted(allowed, key=lambda name: (len(name), name)))
            yield fault(
                p.SHAKER,
                Where(module.line),
                f"the heater-shaker stands in slot {slot}; on {case.trace.robot} it may stand in "
                f"{names}",
                "load it in one of these slots",
            )


def check_neighbours(case: Case) -> Iterator[Fault]:
    """Tall labware, or open liquid, right beside a shaker that shakes (Flex; on an OT-2 the
    engine refuses it)."""
    if case.trace.robot != "Flex" or case.planned:
        return
    shaking = {spin.module for spin in case.ledger.spins}
    filled = {ref.labware for ref, well in case.ledger.state.wells.items() if well.highest_ul > 0}
    for module in _shakers(case):
        if module.label not in shaking:
            continue
        slot = _slot(case, module.slot)
        beside = f"{slot[0]}2"
        for item in case.trace.labware.values():
            if item.on is not None or _slot(case, item.slot) != beside:
                continue
            height = float(item.definition.get("dimensions", {}).get("zDimension", 0.0))
            tall, wet = height > TALL_MM, item.label in filled
            if tall or wet:
                what = f"{height:.0f} mm tall" if tall else "with open liquid"
                yield fault(
                    p.SHAKER,
                    Where(item.line),
                    f"{item.label} ({what}) stands in {beside}, beside the heater-shaker in {slot}",
                    "leave the slot beside it free where there is room",
                    Severity.NOTE,
                )


def check_full(case: Case) -> Iterator[Fault]:
    """A speed at which a well this full spills."""
    places = case.places()
    for spin in case.ledger.spins:
        share = spin.volume_ul / spin.capacity_ul
        limit = next((fill for rpm, fill in FILL if spin.rpm <= rpm), FILL[-1][1])
        if share > limit:
            yield fault(
                p.SHAKER,
                places[spin.stamp.index],
                f"{spin.module} shakes at {spin.rpm} rpm while {spin.well} is {share:.0%} full "
                f"({spin.volume_ul:.0f} of {spin.capacity_ul:.0f} µL)",
                f"at this speed fill wells to {limit:.0%} at most, or shake slower",
            )
