"""The prep sheet: what to weigh and to fill in; equal portions for many wells as one row."""

from __future__ import annotations

from dataclasses import dataclass

from compiler.plan.prep import PrepLine, prep_lines
from compiler.stages.layout import Layout
from simulate.review.values import Plan, pointer


@dataclass(frozen=True, slots=True)
class PrepRow:
    """A row of the sheet: pointers into the plan, and where it goes.

    `mass` has one for each of `count` wells. `volume`, `dead` and `solute` are a stock's.
    """

    material: str
    where: str
    how: str
    count: int = 1
    volume: str | None = None
    dead: str | None = None
    mass: tuple[str, ...] = ()


def prep_rows(layout: Layout, plan: Plan) -> tuple[PrepRow, ...]:
    """Stocks one by one, then solids; numbers that the plan has too are quoted from it."""
    stocks = {(s["labware"], s["well"]): n for n, s in enumerate(plan["stocks"])}
    by_hand = iter(
        [n for n, c in enumerate(plan["charges"]) if c["by"] == "operator" and c["mg"] is not None]
    )
    rows: list[PrepRow] = []
    weighed: dict[tuple[str, str, str], list[tuple[PrepLine, int]]] = {}
    for line in prep_lines(layout):
        if line.what == "stock":
            rows.append(_stock(line, stocks[line.labware, line.well], plan))
        elif line.what == "weigh":
            n = next(by_hand)
            key = (plan["charges"][n]["step"], line.material, line.how)
            weighed.setdefault(key, []).append((line, n))
    rows += [_weighed(lines, layout, plan) for lines in weighed.values()]
    return tuple(rows)


def empty_vessels(layout: Layout) -> tuple[tuple[str, str], ...]:
    """Each vessel of the procedure with the wells to leave empty for it."""
    wells: dict[str, list[tuple[str, str]]] = {}
    for (_, vessel), ref in layout.wells.items():
        wells.setdefault(vessel, []).append((ref.labware, ref.well))
    return tuple((vessel, well_names(layout, held)) for vessel, held in wells.items())


def _stock(line: PrepLine, index: int, plan: Plan) -> PrepRow:
    solute = pointer("stocks", index, "solute_mg")
    return PrepRow(
        line.material,
        f"{line.labware} {line.well}",
        line.how,
        volume=pointer("stocks", index, "uL"),
        dead=pointer("stocks", index, "dead_uL"),
        mass=(solute,) if plan["stocks"][index]["solute_mg"] is not None else (),
    )


def _weighed(lines: list[tuple[PrepLine, int]], layout: Layout, plan: Plan) -> PrepRow:
    first = lines[0][0]
    return PrepRow(
        first.material,
        well_names(layout, [(line.labware, line.well) for line, _ in lines]),
        first.how if len(lines) == 1 else f"{first.how} for each well",
        count=len(lines),
        mass=tuple(pointer("charges", n, "mg") for _, n in lines),
    )


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
