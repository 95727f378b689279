"""Names of wells, short: those that follow each other as a range."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compiler.stages.layout import Layout
from simulate.review.values import Plan


def well_names(layout: Layout, wells: list[tuple[str, str]]) -> str:
    """`reactors A1–D6`: wells that follow each other in their labware as a range."""
    order = {placed.label: list(placed.labware.wells) for placed in layout.placed}
    by_labware: dict[str, list[str]] = {}
    for labware, well in wells:
        by_labware.setdefault(labware, []).append(well)
    parts = []
    for labware, names in by_labware.items():
        known = order.get(labware, names)
        places = sorted(known.index(name) for name in names if name in known)
        parts.append(f"{labware} {', '.join(_ranges(known, places))}".strip())
    return "; ".join(parts)


def _ranges(names: list[str], places: list[int]) -> list[str]:
    runs: list[list[int]] = []
    for place in places:
        if runs and place == runs[-1][-1] + 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    found: list[str] = []
    for run in runs:
        first, last = names[run[0]], names[run[-1]]
        found += [names[n] for n in run] if len(run) < 3 else [f"{first}–{last}"]
    return found


def home_of(plan: Plan, reaction: Mapping[str, Any]) -> tuple[str, str] | None:
    """Labware and well of the vessel that a reaction begins in: what is charged first."""
    wells = reaction["wells"]
    first = next((c["vessel"] for c in plan["charges"] if c["vessel"] in wells), "")
    well = wells.get(first) or next(iter(wells.values()), None)
    return (well["labware"], well["well"]) if well else None


def in_order(layout: Layout) -> list[str]:
    """The vessels that have wells, as the procedure declares them; the others after them."""
    declared = list(layout.operations.ledger.charges.recipe.procedure.vessels)
    found = list(dict.fromkeys(vessel for _, vessel in layout.wells))
    return sorted(found, key=lambda v: declared.index(v) if v in declared else len(declared))
