"""What has to be on the bench before the run: stocks to fill, solids to weigh, vessels to place."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from compiler.diagnostics.visible import visible
from compiler.passes.lower import numbers
from compiler.stages.charges import Supplied
from compiler.stages.documents import Form
from compiler.stages.layout import Layout, Stock


@dataclass(frozen=True, slots=True)
class PrepLine:
    """One thing to prepare. Numbers are None where they do not apply."""

    what: str  # "make" | "stock" | "weigh" | "vessel"
    material: str
    labware: str
    well: str
    volume_ul: float | None
    dead_ul: float | None
    mass_mg: float | None
    portions: int | None
    how: str
    reaction: str = ""


def solute_mg(stock: Stock) -> float | None:
    """What is weighed for a stock: salt, hydrate and purity included. None for plain liquids."""
    supplied = stock.supplied
    if supplied.molarity_mol_l is None or supplied.form is Form.NEAT:
        return None
    moles_mmol = supplied.molarity_mol_l * stock.volume_ul / 1000
    return moles_mmol * supplied.substance.mw_g_mol * supplied.weigh_factor


def prep_lines(layout: Layout) -> tuple[PrepLine, ...]:
    """Stocks in the order of first use, then solids step by step, then empty vessels."""
    return (*_stocks(layout), *_solids(layout), *_vessels(layout))


def prep_csv(stages: Iterable[tuple[str, Layout]]) -> str:
    """The prep sheet as CSV with a header line, stage after stage of (id, layout)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(
        [
            "what",
            "material",
            "labware",
            "well",
            "uL",
            "dead_uL",
            "mg",
            "portions",
            "how",
            "reaction",
            "stage",
        ]
    )
    for stage, line in ((stage, line) for stage, each in stages for line in prep_lines(each)):
        writer.writerow(
            [
                line.what,
                _harmless(line.material),
                line.labware,
                line.well,
                _cell(line.volume_ul),
                _cell(line.dead_ul),
                _cell(line.mass_mg),
                "" if line.portions is None else line.portions,
                _harmless(line.how),
                line.reaction,
                stage,
            ]
        )
    return out.getvalue()


def _harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula, and that steers no terminal."""
    shown = visible(text)
    return f"'{shown}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else shown


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}".rstrip("0").rstrip(".")


def _stocks(layout: Layout) -> Iterator[PrepLine]:
    """A line a substance; one that fills several wells is made up once and then divided."""
    groups: dict[str, list[Stock]] = {}
    for stock in layout.stocks:
        groups.setdefault(stock.material, []).append(stock)
    for stocks in groups.values():
        supplied = stocks[0].supplied
        total_ul = sum(stock.volume_ul for stock in stocks)
        if len(stocks) > 1:
            mass = solute_mg(replace(stocks[0], volume_ul=total_ul))
            wells = ", ".join(str(stock.well) for stock in stocks)
            how = f"{_recipe(supplied, total_ul, mass)}; for {wells}"
            dead_ul = sum(stock.dead_ul for stock in stocks)
            yield PrepLine("make", supplied.label, "", "", total_ul, dead_ul, mass, None, how)
        for stock in stocks:
            mass = solute_mg(stock)
            recipe = _recipe(supplied, stock.volume_ul, mass)
            yield PrepLine(
                "stock",
                supplied.label,
                stock.well.labware,
                stock.well.well,
                stock.volume_ul,
                stock.dead_ul,
                mass,
                None,
                recipe if len(stocks) == 1 else f"fill in {numbers.volume(stock.volume_ul)} of it",
            )


def _recipe(supplied: Supplied, volume_ul: float, mass_mg: float | None) -> str:
    volume = numbers.volume(volume_ul)
    if mass_mg is None:
        return f"fill in {volume}"
    molarity = numbers.digits(supplied.molarity_mol_l or 0.0)
    if supplied.form in (Form.SOLUTION, Form.SLURRY):
        verb = "suspend" if supplied.form is Form.SLURRY else "dissolve"
        weighed = numbers.mass(mass_mg)
        return f"{verb} {weighed} in {supplied.medium}, make up to {volume} ({molarity} M)"
    return f"fill in {volume} of the {molarity} M solution"


def _solids(layout: Layout) -> Iterator[PrepLine]:
    charges = layout.operations.ledger.charges
    steps = {step.id: step for step in charges.recipe.procedure.steps}
    for charge in charges.charges:
        if not charge.by_operator or charge.mass_mg is None:
            continue
        portionwise = getattr(steps[charge.step], "portionwise", None)
        portions = portionwise.portions if portionwise is not None else 1
        where = layout.wells.get((charge.reaction, charge.vessel))
        supplied = charges.recipe.supplied[charge.material]
        each = numbers.mass(charge.mass_mg / portions)
        yield PrepLine(
            "weigh",
            supplied.label,
            where.labware if where else charge.vessel,
            where.well if where else "",
            charge.volume_ul,
            None,
            charge.mass_mg,
            portions,
            f"{portions} portions of {each}" if portions > 1 else each,
            charge.reaction,
        )


def _vessels(layout: Layout) -> Iterator[PrepLine]:
    for (reaction, vessel), ref in sorted(layout.wells.items(), key=lambda well: well[0][1]):
        how = f"empty; {vessel} of {reaction}"
        yield PrepLine("vessel", "", ref.labware, ref.well, 0.0, None, None, None, how, reaction)
