"""What each section of the page shows, from the program and the plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from compiler.plan.prep import PrepLine, prep_lines
from compiler.stages.documents import Procedure
from compiler.stages.layout import Layout
from compiler.stages.program import Program
from simulate.review import checklist, deck_map, plots, prose, reagents, scheme, vials
from simulate.review.stages import StageView
from simulate.review.states import film
from simulate.review.timetable import Timetable, timetable
from simulate.review.values import KINDS, Plan, Quoter, at, pointer

_LEFT_OUT = ("contents", "actions", "mixes")
"""What the plan in the page does without: large with many reactions, and not compared."""


@dataclass(frozen=True, slots=True)
class VesselSection:
    """One vessel of the procedure: its plot, and the highest volume that it reaches."""

    name: str
    labware: str
    count: int
    capacity_ul: float
    highest_ul: float
    limit_ul: float
    closed: tuple[str, ...]
    svg: Markup


@dataclass(frozen=True, slots=True)
class PrepRow:
    """A line of the prep sheet, with pointers into the plan where it has the same number."""

    line: PrepLine
    volume: str | None
    dead: str | None
    solute: str | None
    mass: str | None
    portion: str | None


def sections(view: StageView, sources: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The template's variables for one stage."""
    program, plan, suffix = view.program, view.plan, view.suffix
    layout = program.layout
    recipe = layout.operations.ledger.charges.recipe
    table = timetable(program, view.starts_s)
    frames = film(layout)
    drawings = scheme.structures(_smiles(layout), suffix)
    reactions = [reaction["id"] for reaction in plan["reactions"]]
    steps = [step["id"] for step in plan["steps"]]
    used = [
        placed
        for placed in layout.placed
        if any(well.startswith(f"{placed.label}/") for well in frames.owners)
    ]
    return {
        "view": view,
        "id": suffix,
        "plan": plan,
        "q": view.quoter,
        "reactions": reactions,
        "drawings": drawings,
        "symbol": scheme.symbol,
        "use": scheme.use,
        "equation": equation(layout, drawings),
        "reagents": reagents.reagents(layout, plan),
        "sentences": prose.sentences(recipe.procedure, plan, sources),
        "frames": frames,
        "first": frames.at(0),
        "deck": deck_map.deck_map(layout, frames.owners),
        "plates": [deck_map.plate_view(placed, frames.owners) for placed in used],
        "timeline": plots.timeline(table, reactions, steps, suffix),
        "vessels": vessels(program, table, suffix),
        "pictures": vials.pictures(layout, plan, frames, suffix),
        "draw_rows": vials.draw_rows(plan),
        "checklist": checklist.checklist(program, table, plan),
        "prep": prep_rows(layout, plan),
        "film": frames.as_object(),
        "at": at,
        "formula": scheme.formula,
        "uL": KINDS["uL"],
        "clock": KINDS["clock"],
        "theory_places": theory_places,
        "statement_list": statement_list,
        "gas_rows": gas_rows,
        "content_rows": content_rows,
    }


def whole(plan: Plan) -> dict[str, Any]:
    """The variables that are about the whole run."""
    return {
        "plan": plan,
        "q": Quoter(plan),
        "ptr": pointer,
        "reactions": [reaction["id"] for reaction in plan["reactions"]],
        "worst_gas": worst_gas(plan),
        "scale_places": scale_places,
        "kept_plan": {key: value for key, value in plan.items() if key not in _LEFT_OUT},
        "versions": _versions(),
    }


def source_lines(procedures: Sequence[Procedure]) -> list[str]:
    """Where the procedures come from, each source once."""
    found = (", ".join(p.source.values()) for p in procedures if p.source)
    return list(dict.fromkeys(found))


def worst_gas(plan: Plan) -> tuple[int, ...]:
    """For each gas the index of the entry with the most of it."""
    worst: dict[str, int] = {}
    for index, entry in enumerate(plan["gas"]):
        held = worst.get(entry["gas"])
        if held is None or entry["mL"] > plan["gas"][held]["mL"]:
            worst[entry["gas"]] = index
    return tuple(worst[gas] for gas in sorted(worst))


def scale_places(plan: Plan) -> list[str]:
    """Where the plan has each reaction's scale."""
    return [pointer("reactions", n, "scale_mmol") for n in range(len(plan["reactions"]))]


def theory_places(plan: Plan, product: str) -> list[str]:
    """Where the plan has the theoretical mass of a product, reaction by reaction."""
    return [
        pointer("reactions", n, "theory_mg", product)
        for n, reaction in enumerate(plan["reactions"])
        if product in reaction["theory_mg"]
    ]


def statement_list(rows: Sequence[reagents.Reagent]) -> list[tuple[str, str]]:
    """Every hazard statement of the table once, sorted."""
    return sorted({(s.code, s.text) for row in rows for s in row.statements})


@dataclass(frozen=True, slots=True)
class GasRow:
    """A gas at a step: where the plan has its mL and mmol for each reaction."""

    step: str
    gas: str
    places: tuple[str, ...]
    mmol: tuple[str, ...]


def gas_rows(plan: Plan) -> list[GasRow]:
    """The gases of each step, over reactions."""
    groups: dict[tuple[str, str], list[int]] = {}
    for index, entry in enumerate(plan["gas"]):
        groups.setdefault((entry["step"], entry["gas"]), []).append(index)
    return [
        GasRow(
            step,
            gas,
            tuple(pointer("gas", n, "mL") for n in indices),
            tuple(pointer("gas", n, "mmol") for n in indices),
        )
        for (step, gas), indices in groups.items()
    ]


@dataclass(frozen=True, slots=True)
class ContentRow:
    """A moment of a vessel: its index in the plan, and how many reactions hold the same."""

    index: int
    entry: Mapping[str, Any]
    count: int
    rounds: bool


def content_rows(plan: Plan) -> list[ContentRow]:
    """The contents, equal ones of several reactions as one row."""
    several = {entry["step"] for entry in plan["contents"] if entry["round"] > 1}
    groups: dict[str, list[int]] = {}
    for index, entry in enumerate(plan["contents"]):
        key = repr([(k, v) for k, v in entry.items() if k != "reaction"])
        groups.setdefault(key, []).append(index)
    return [
        ContentRow(
            indices[0],
            plan["contents"][indices[0]],
            len(indices),
            plan["contents"][indices[0]]["step"] in several,
        )
        for indices in groups.values()
    ]


@dataclass(frozen=True, slots=True)
class Side:
    """One compound of the equation; `drawing` None where it can't be drawn."""

    label: str
    drawing: scheme.Structure | None
    coefficient: float = 1.0


@dataclass(frozen=True, slots=True)
class Equation:
    """The reaction: what goes in, what stands over and under the arrow, what comes out."""

    left: tuple[Side, ...]
    over: tuple[str, ...]
    under: tuple[str, ...]
    right: tuple[tuple[str, Side], ...]


def equation(layout: Layout, drawings: Mapping[str, scheme.Structure]) -> Equation:
    """From `products`: those in `from` stand on the left, what else is charged over the arrow."""
    recipe = layout.operations.ledger.charges.recipe
    procedure = recipe.procedure
    left: dict[str, float] = {}
    for product in procedure.products.values():
        for material, coefficient in product.from_.items():
            left.setdefault(material, coefficient)
    if not left and recipe.basis is not None:
        left[recipe.basis] = 1.0
    first_draw = _first_workup(procedure)
    charged = [step.material for step in procedure.steps[:first_draw] if hasattr(step, "material")]
    others = [key for key in dict.fromkeys(charged) if key not in left and key in recipe.supplied]
    media = {recipe.supplied[k].medium for k in charged if k in recipe.supplied}
    solvents = [medium for medium in dict.fromkeys(media - {None}) if medium]
    return Equation(
        left=tuple(
            Side(recipe.supplied[key].label, drawings.get(key), coefficient)
            for key, coefficient in left.items()
            if key in recipe.supplied
        ),
        over=tuple(recipe.supplied[key].label for key in others),
        under=tuple(sorted(solvents)),
        right=tuple(
            (name, Side(product.label or name, drawings.get(f"product {name}")))
            for name, product in procedure.products.items()
            if product.smiles
        ),
    )


def _first_workup(procedure: Procedure) -> int:
    """The index of the first step that no longer belongs to the reaction itself."""
    verbs = ("monitor", "extract", "wash", "separate", "filter", "concentrate", "purify")
    for index, step in enumerate(procedure.steps):
        if step.verb in verbs:
            return index
    return len(procedure.steps)


def _smiles(layout: Layout) -> dict[str, str]:
    recipe = layout.operations.ledger.charges.recipe
    found = {
        key: supplied.substance.smiles
        for key, supplied in recipe.supplied.items()
        if supplied.substance.smiles
    }
    found |= {
        f"product {name}": product.smiles
        for name, product in recipe.procedure.products.items()
        if product.smiles
    }
    return found


def vessels(program: Program, table: Timetable, suffix: str) -> tuple[VesselSection, ...]:
    """Each vessel of the procedure with its plot."""
    layout = program.layout
    ledger = layout.operations.ledger
    names = list(dict.fromkeys(vessel for _, vessel in layout.wells))
    found = []
    for number, name in enumerate(names):
        housing = ledger.house.housings[name]
        capacity = housing.capacity_ul or 0.0
        curves = [
            plots.Curve(reaction, points)
            for (reaction, vessel), points in table.volumes.items()
            if vessel == name
        ]
        first = curves[0].reaction
        plot = plots.VesselPlot(
            vessel=name,
            capacity_ul=capacity,
            limit_ul=capacity * ledger.house.fill_limit,
            curves=curves,
            drops=table.drops.get((first, name), []),
            temperatures=_temperatures(program, table, first, name),
            ph=_ph(program, table, first, name),
            gas=[
                (table.steps.get(g.step, (0.0, 0.0))[0], f"{g.volume_ml:.2f} mL {g.gas} at worst")
                for g in ledger.gas
                if g.reaction == first and g.vessel in (name, "")
            ],
        )
        closed = [s.step for s in ledger.snapshots if s.vessel == name and s.closed]
        found.append(
            VesselSection(
                name=name,
                labware=housing.labware.display_name if housing.labware else "",
                count=len(curves),
                capacity_ul=capacity,
                highest_ul=ledger.highest_ul.get(name, 0.0),
                limit_ul=plot.limit_ul,
                closed=tuple(dict.fromkeys(closed)),
                svg=plots.vessel(plot, table.parts, f"{number}{suffix}"),
            )
        )
    return tuple(found)


def _temperatures(
    program: Program, table: Timetable, reaction: str, vessel: str
) -> list[tuple[float, float]]:
    return [
        (table.steps[s.step][0], s.temperature_c)
        for s in program.layout.operations.ledger.snapshots
        if (s.reaction, s.vessel) == (reaction, vessel) and s.step in table.steps
    ]


def _ph(
    program: Program, table: Timetable, reaction: str, vessel: str
) -> list[tuple[float, float, float]]:
    return [
        (table.steps[s.step][0], *s.ph)
        for s in program.layout.operations.ledger.snapshots
        if (s.reaction, s.vessel) == (reaction, vessel) and s.step in table.steps and s.ph
    ]


def prep_rows(layout: Layout, plan: Plan) -> tuple[PrepRow, ...]:
    """The prep sheet; numbers that the plan has too are quoted from it."""
    stocks = {(s["labware"], s["well"]): n for n, s in enumerate(plan["stocks"])}
    by_hand = iter(
        [n for n, c in enumerate(plan["charges"]) if c["by"] == "operator" and c["mg"] is not None]
    )
    rows = []
    for line in prep_lines(layout):
        if line.what == "stock":
            n = stocks[line.labware, line.well]
            at = [pointer("stocks", n, key) for key in ("uL", "dead_uL", "solute_mg")]
            rows.append(PrepRow(line, at[0], at[1], at[2], None, None))
        elif line.what == "weigh":
            n = next(by_hand)
            portioned = "portions" in plan["charges"][n]
            each = pointer("charges", n, "portions", "mg_each") if portioned else None
            rows.append(PrepRow(line, None, None, None, pointer("charges", n, "mg"), each))
        else:
            rows.append(PrepRow(line, None, None, None, None, None))
    return tuple(rows)


def _versions() -> tuple[tuple[str, str], ...]:
    from importlib.metadata import PackageNotFoundError, version

    found = []
    for name in ("opentrons", "rdkit", "pint", "matplotlib"):
        try:
            found.append((name, version(name)))
        except PackageNotFoundError:  # RDKit from conda has no metadata
            continue
    return tuple(found)
