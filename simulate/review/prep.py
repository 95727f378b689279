"""The prep sheet: what to weigh and to fill in; equal portions for many wells as one row."""

from __future__ import annotations

from dataclasses import dataclass

from compiler.plan.prep import PrepLine, prep_lines
from compiler.stages.layout import Layout
from simulate.review.reagents import Stock, stocks
from simulate.review.values import Plan, pointer
from simulate.review.wells import in_order, well_names


@dataclass(frozen=True, slots=True)
class PrepRow:
    """A row of the sheet: pointers into the plan, and where it goes.

    Each has one for each of `count` wells; `volume` and `dead` are those of stocks. With `is_made`
    their sums are made up once and then divided.
    """

    material: str
    where: str
    how: str
    count: int
    mass: tuple[str, ...] = ()
    volume: tuple[str, ...] = ()
    dead: tuple[str, ...] = ()
    is_made: bool = False


def prep_rows(layout: Layout, plan: Plan) -> tuple[PrepRow, ...]:
    """Stocks one by one, then solids; numbers that the plan has too are quoted from it."""
    places = {(s["labware"], s["well"]): n for n, s in enumerate(plan["stocks"])}
    by_hand = iter(
        [n for n, c in enumerate(plan["charges"]) if c["by"] == "operator" and c["mg"] is not None]
    )
    made = {line.material: line for line in prep_lines(layout) if line.what == "make"}
    filled: dict[int, PrepLine] = {}
    weighed: dict[tuple[str, str, str], list[tuple[PrepLine, int]]] = {}
    for line in prep_lines(layout):
        if line.what == "stock":
            filled[places[line.labware, line.well]] = line
        elif line.what == "weigh":
            n = next(by_hand)
            key = (plan["charges"][n]["step"], line.material, line.how)
            weighed.setdefault(key, []).append((line, n))
    materials = dict.fromkeys(stock["material"] for stock in plan["stocks"])
    rows: list[PrepRow] = []
    for material in materials:
        found = stocks(layout, plan, material)
        own = [_stock(filled[stock.indices[0]], stock, plan) for stock in found]
        wells = [
            (plan["stocks"][n]["labware"], plan["stocks"][n]["well"])
            for stock in found
            for n in stock.indices
        ]
        if own[0].material in made:
            rows.append(_made(made[own[0].material], own, well_names(layout, wells)))
        rows += own
    return (*rows, *(_weighed(lines, layout) for lines in weighed.values()))


def empty_vessels(layout: Layout) -> tuple[tuple[str, str], ...]:
    """Each vessel of the procedure with the wells to leave empty for it."""
    wells: dict[str, list[tuple[str, str]]] = {vessel: [] for vessel in in_order(layout)}
    for (_, vessel), ref in layout.wells.items():
        wells[vessel].append((ref.labware, ref.well))
    return tuple((vessel, well_names(layout, held)) for vessel, held in wells.items())


def _made(line: PrepLine, stocks_of_it: list[PrepRow], where: str) -> PrepRow:
    """What all stocks of a substance are filled from."""
    return PrepRow(
        line.material,
        where,
        line.how.split("; for ")[0],
        sum(stock.count for stock in stocks_of_it),
        mass=tuple(place for stock in stocks_of_it for place in stock.mass),
        volume=tuple(place for stock in stocks_of_it for place in stock.volume),
        dead=tuple(place for stock in stocks_of_it for place in stock.dead),
        is_made=True,
    )


def _stock(line: PrepLine, stock: Stock, plan: Plan) -> PrepRow:
    has_solute = plan["stocks"][stock.indices[0]]["solute_mg"] is not None
    return PrepRow(
        line.material,
        stock.place,
        line.how,
        len(stock.indices),
        mass=tuple(stock.places("solute_mg")) if has_solute else (),
        volume=tuple(stock.places("uL")),
        dead=tuple(stock.places("dead_uL")),
    )


def _weighed(lines: list[tuple[PrepLine, int]], layout: Layout) -> PrepRow:
    first = lines[0][0]
    return PrepRow(
        first.material,
        well_names(layout, [(line.labware, line.well) for line, _ in lines]),
        first.how,
        len(lines),
        mass=tuple(pointer("charges", n, "mg") for _, n in lines),
    )
