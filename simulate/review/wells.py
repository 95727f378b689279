"""Names of wells, short: those that follow each other as a range."""

from __future__ import annotations

from compiler.stages.layout import Layout


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
    return [names[run[0]] if len(run) == 1 else f"{names[run[0]]}–{names[run[-1]]}" for run in runs]
