"""What wells hold when a run is over, and as what they are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from compiler.target.commands import WellRef
from simulate.ledger import Ledger
from simulate.liquids import layers
from simulate.plan import Plan
from simulate.wells import well_model


@dataclass(frozen=True, slots=True)
class SubstanceAmount:
    """mmol of a material."""

    material: str
    mmol: float


@dataclass(frozen=True, slots=True)
class PhaseResult:
    """A layer at the end of the run; `position` is None for a single one."""

    kind: str
    position: str | None
    volume_ul: float
    substances: tuple[SubstanceAmount, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VesselResult:
    """A well at the end of the run. `reaction` and `vessel` are the plan's names for it."""

    well: WellRef
    reaction: str | None
    vessel: str | None
    volume_ul: float
    capacity_ul: float | None
    highest_ul: float
    temperature_c: float | None
    phases: tuple[PhaseResult, ...]


def in_order(wells: Mapping[WellRef, Any]) -> list[tuple[WellRef, Any]]:
    """Wells by labware, then column, then row."""

    def place(item: tuple[WellRef, Any]) -> tuple[str, int, str]:
        ref = item[0]
        digits = ref.well.lstrip("ABCDEFGHIJKLMNOP")
        return ref.labware, int(digits) if digits.isdecimal() else 0, ref.well

    return sorted(wells.items(), key=place)


def vessels_of(ledger: Ledger, plan: Plan | None) -> tuple[VesselResult, ...]:
    """Every well that holds, held or is planned to hold something, under the plan's names."""
    names: dict[WellRef, tuple[str | None, str]] = {}
    if plan is not None:
        names |= {stock.well: (None, f"stock of {stock.material}") for stock in plan.stocks}
        names |= {well: (None, f"waste.{kind}") for kind, well in plan.waste.items()}
        names |= {well: (reaction, vessel) for (reaction, vessel), well in plan.wells.items()}
    found = []
    for well, state in in_order(ledger.state.wells):
        item = ledger.trace.labware.get(well.labware)
        known = item is not None and well.well in item.definition.get("wells", {})
        reaction, vessel = names.get(well, (None, None))
        found.append(
            VesselResult(
                well=well,
                reaction=reaction,
                vessel=vessel,
                volume_ul=state.contents.volume_ul,
                capacity_ul=well_model(item.definition, well.well).capacity_ul
                if item and known
                else None,
                highest_ul=state.highest_ul,
                temperature_c=ledger.state.climate.of(well.labware),
                phases=tuple(
                    PhaseResult(
                        layer.kind,
                        None if layer.kind == "single" else layer.position,
                        layer.volume_ul,
                        tuple(
                            SubstanceAmount(material, mmol)
                            for material, mmol in layer.parcel.substances().items()
                        ),
                    )
                    for layer in layers(state.contents)
                ),
            )
        )
    return tuple(found)


def vessel_object(vessel: VesselResult) -> dict[str, Any]:
    """A well as `simulate --format json` prints it."""
    return {
        "labware": vessel.well.labware,
        "well": vessel.well.well,
        "reaction": vessel.reaction,
        "vessel": vessel.vessel,
        "uL": tidy(vessel.volume_ul),
        "capacity_uL": None if vessel.capacity_ul is None else tidy(vessel.capacity_ul),
        "max_uL": tidy(vessel.highest_ul),
        "temperature_degC": vessel.temperature_c,
        "phases": [
            {
                "kind": phase.kind,
                "position": phase.position,
                "uL": tidy(phase.volume_ul),
                "substances": [
                    {"material": s.material, "mmol": round(s.mmol, 9)} for s in phase.substances
                ],
            }
            for phase in vessel.phases
        ],
    }


def tidy(volume_ul: float) -> float:
    """Rounded far below any pipette's precision, so that sums of floats read well."""
    return round(volume_ul, 6) + 0.0
