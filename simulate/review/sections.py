"""What each section of the page shows, from the program and the plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from compiler.stages.documents import Procedure
from compiler.stages.layout import Layout
from simulate.review import (
    checklist,
    contents,
    deck_map,
    equation,
    plots,
    prep,
    prose,
    reagents,
    scheme,
    vessels,
    vials,
)
from simulate.review.stages import StageView
from simulate.review.states import film
from simulate.review.timetable import timetable
from simulate.review.values import KINDS, Plan, Quoter, at, brief, pointer
from simulate.review.variants import (
    Variants,
    cards,
    columns,
    plainly,
    product_smiles,
    variants_of,
)
from simulate.review.wells import in_order

_LEFT_OUT = ("contents", "actions", "mixes")
"""What the plan in the page does without: large with many reactions, and not compared."""


def sections(view: StageView, sources: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The template's variables for one stage."""
    program, plan, suffix = view.program, view.plan, view.suffix
    layout = program.layout
    recipe = layout.operations.ledger.charges.recipe
    variants = variants_of(layout)
    table = timetable(program, view.starts_s)
    frames = film(layout, variants)
    general = equation.general_smiles(recipe, variants)
    drawings = _drawings(layout, variants, general, suffix)
    reactions = [reaction["id"] for reaction in plan["reactions"]]
    steps = [step["id"] for step in plan["steps"]]
    used = [
        placed
        for placed in layout.placed
        if any(well.startswith(f"{placed.label}/") for well in frames.owners)
    ]
    drawn, not_drawn = vials.pictures(layout, plan, frames, suffix)
    return {
        **_HELPERS,
        "view": view,
        "id": suffix,
        "plan": plan,
        "q": view.quoter,
        "reactions": reactions,
        "drawings": drawings,
        "labels": {key: supplied.label for key, supplied in recipe.supplied.items()},
        "equation": equation.equation(layout, drawings, variants, list(general)),
        "cards": cards(layout, plan, variants),
        "columns": columns(plan, variants),
        "vessel_order": in_order(layout),
        "products": list(plan["reactions"][0]["theory_mg"]),
        "reagents": reagents.reagents(layout, plan, variants),
        "sentences": prose.sentences(recipe.procedure, plan, sources),
        "frames": frames,
        "first": frames.at(0),
        "deck": deck_map.deck_map(layout, frames.owners),
        "plates": [deck_map.plate_view(placed, frames.owners) for placed in used],
        "timeline": plots.timeline(table, reactions, steps, bounds_of(plan), suffix),
        "vessels": vessels.vessels(program, table, suffix),
        "choices": vessels.choices(plan),
        "pictures": drawn,
        "more_pictures": not_drawn,
        "draw_rows": vials.draw_rows(plan),
        "checklist": checklist.checklist(program, table, plan),
        "prep": prep.prep_rows(layout, plan),
        "empty": prep.empty_vessels(layout),
        "assumptions": assumptions(plan, variants),
        "film": frames.as_object(),
    }


def _drawings(
    layout: Layout, variants: Variants, general: Mapping[str, str], suffix: str
) -> dict[str, scheme.Structure]:
    """Every structure of a stage by its key; those with a common part are turned alike."""
    recipe = layout.operations.ledger.charges.recipe
    materials = {
        key: supplied.substance.smiles
        for key, supplied in recipe.supplied.items()
        if supplied.substance.smiles
    }
    products = product_smiles(layout, variants)
    like = dict(general)
    for key in materials:
        like[key] = general.get(f"general {variants.name(key)}", "")
    for key in products:
        like[key] = general.get(f"general {key.split(' ')[1]}", "")
    return scheme.structures({**materials, **general, **products}, suffix, like)


def assumptions(plan: Plan, variants: Variants) -> list[tuple[Mapping[str, Any], int]]:
    """Each assumption, and of how many compounds it is the same."""
    groups: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for entry in plan["assumptions"]:
        what = plainly(entry["what"], variants)
        key = (what, entry["value"], plainly(entry["why"], variants), entry["step"] or "")
        groups.setdefault(key, []).append(entry)
    return [
        ({"what": key[0], "value": key[1], "why": key[2], "step": key[3]}, len(entries))
        for key, entries in groups.items()
    ]


def whole(plan: Plan) -> dict[str, Any]:
    """The variables that are about the whole run."""
    return {
        "plan": plan,
        "q": Quoter(plan),
        "ptr": pointer,
        "reactions": [reaction["id"] for reaction in plan["reactions"]],
        "worst_gas": worst_gas(plan),
        "scale_places": scale_places,
        "gas_of_all": gas_of_all,
        "kept_plan": {key: value for key, value in plan.items() if key not in _LEFT_OUT},
        "versions": _versions(),
    }


def bounds_of(plan: Plan) -> list[float]:
    """What each part takes at least (s)."""
    return [term["bound_s"] for term in plan["timing"]["terms"]]


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


def gas_of_all(plan: Plan, worst: int) -> list[str]:
    """Where the plan has the gas of all reactions at the step of the worst one."""
    entry = plan["gas"][worst]
    alike = (entry["step"], entry["gas"], entry.get("stage"))
    return [
        pointer("gas", n, "mL")
        for n, other in enumerate(plan["gas"])
        if (other["step"], other["gas"], other.get("stage")) == alike
    ]


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
    return sorted({(s.code, s.text) for row in rows for s in row.itself.statements})


def stock_places(compound: reagents.Compound, field: str) -> list[str]:
    """Where the plan has a number of each stock of a compound."""
    return [place for stock in compound.stocks for place in stock.places(field)]


_HELPERS: Mapping[str, Any] = {
    "symbols": scheme.symbols,
    "symbol": scheme.symbol,
    "use": scheme.use,
    "widest": scheme.widest,
    "formula": scheme.formula,
    "at": at,
    "brief": brief,
    "uL": KINDS["uL"],
    "clock": KINDS["clock"],
    "theory_places": theory_places,
    "stock_places": stock_places,
    "statement_list": statement_list,
    "gas_rows": contents.gas_rows,
    "content_rows": contents.content_rows,
}
"""What the templates call."""


def _versions() -> tuple[tuple[str, str], ...]:
    from importlib.metadata import PackageNotFoundError, version

    found = []
    for name in ("opentrons", "rdkit", "pint", "matplotlib"):
        try:
            found.append((name, version(name)))
        except PackageNotFoundError:  # RDKit from conda has no metadata
            continue
    return tuple(found)
