"""The reagent table: what goes in, of everything, for one reaction and in all, and its hazards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from compiler.passes.lower import numbers
from compiler.stages.charges import Supplied
from compiler.stages.documents import Form
from compiler.stages.layout import Layout
from simulate.review.hazards import Pictogram, Statement, pictograms, statements
from simulate.review.values import Plan, pointer


@dataclass(frozen=True, slots=True)
class Use:
    """One addition: pointers into the plan for each reaction; `rounds` of an extraction."""

    step: str
    number: int
    vessel: str
    rounds: int
    equiv: tuple[str, ...]
    mmol: tuple[str, ...]
    mg: tuple[str, ...]
    ul: tuple[str, ...]
    by_operator: bool
    portions: tuple[str, ...] = ()
    mg_each: tuple[str, ...] = ()
    drops: tuple[str, ...] = ()
    drop_ul: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stock:
    """One stock of the plan, by its index there."""

    index: int
    place: str


@dataclass(frozen=True, slots=True)
class Reagent:
    """A row of the table. `role` says what it is to the reaction."""

    key: str
    label: str
    name: str
    formula: str
    mw: str
    smiles: str | None
    role: str
    supplied: str
    uses: tuple[Use, ...]
    stocks: tuple[Stock, ...]
    statements: tuple[Statement, ...]
    pictograms: tuple[Pictogram, ...]
    solvent_of: tuple[str, ...] = ()
    solvent_ul: tuple[str, ...] = ()


def reagents(layout: Layout, plan: Plan) -> tuple[Reagent, ...]:
    """What is charged, in the order of first use, then what comes with it or is used by hand."""
    recipe = layout.operations.ledger.charges.recipe
    charged = list(dict.fromkeys(charge["material"] for charge in plan["charges"]))
    named = _named(recipe.supplied, charged, layout)
    rows = [*charged, *(key for key in named if key not in charged)]
    return tuple(_reagent(layout, plan, key) for key in rows if key in recipe.supplied)


def _named(
    supplied: Mapping[str, Supplied], charged: Iterable[str], layout: Layout
) -> Iterable[str]:
    """Solvents inside of what is charged, and other materials that steps name."""
    media = [
        key
        for material in charged
        if material in supplied
        for liquid in supplied[material].liquids
        for key in supplied
        if supplied[key].form is Form.NEAT and supplied[key].substance is liquid.substance
    ]
    steps = layout.operations.ledger.charges.recipe.procedure.steps
    words = {
        str(getattr(step, name))
        for step in steps
        for name in ("over", "catalyst")
        if hasattr(step, name)
    }
    by_hand = [key for key in supplied if key in words]
    return dict.fromkeys([*media, *by_hand])


def _reagent(layout: Layout, plan: Plan, key: str) -> Reagent:
    recipe = layout.operations.ledger.charges.recipe
    supplied = recipe.supplied[key]
    substance = supplied.substance
    limiting = {reaction["limiting"] for reaction in plan["reactions"]}
    dissolved = [
        other
        for other in dict.fromkeys(charge["material"] for charge in plan["charges"])
        if other != key and _is_solvent_of(supplied, recipe.supplied[other])
    ]
    roles = []
    if key == recipe.basis:
        roles.append("basis")
    if key in limiting:
        roles.append("limiting")
    return Reagent(
        key=key,
        label=supplied.label,
        name=substance.name if substance.name != supplied.label else "",
        formula=substance.formula or "",
        mw=f"{substance.mw_g_mol:.2f}" if substance.mw_g_mol else "",
        smiles=substance.smiles,
        role=", ".join(roles),
        supplied=_supplied(supplied),
        uses=tuple(_uses(plan, key)),
        stocks=tuple(
            Stock(index, f"{stock['labware']} {stock['well']}")
            for index, stock in enumerate(plan["stocks"])
            if stock["material"] == key
        ),
        statements=statements(substance.hazards),
        pictograms=pictograms(substance.hazards),
        solvent_of=tuple(recipe.supplied[other].label for other in dissolved),
        solvent_ul=tuple(
            pointer("charges", index, "uL")
            for index, charge in enumerate(plan["charges"])
            if charge["material"] in dissolved
        ),
    )


def _is_solvent_of(solvent: Supplied, solution: Supplied) -> bool:
    """Whether a solution is in this solvent and no other."""
    return solvent.form is Form.NEAT and [liquid.substance for liquid in solution.liquids] == [
        solvent.substance
    ]


def _supplied(supplied: Supplied) -> str:
    """`0.500 M in DCE`, `solid`, `neat`."""
    if supplied.form is Form.SATURATED:
        return f"saturated in {supplied.medium} ({numbers.digits(supplied.molarity_mol_l or 0)} M)"
    if supplied.form in (Form.SOLID, Form.NEAT) or supplied.molarity_mol_l is None:
        return supplied.form.value
    slurry = "slurry, " if supplied.form is Form.SLURRY else ""
    medium = f" in {supplied.medium}" if supplied.medium else ""
    return f"{slurry}{numbers.digits(supplied.molarity_mol_l)} M{medium}"


def _uses(plan: Plan, key: str) -> Iterable[Use]:
    """The additions of a material, one for each step and vessel."""
    order = {step["id"]: number for number, step in enumerate(plan["steps"], start=1)}
    groups: dict[tuple[str, str], list[int]] = {}
    for index, charge in enumerate(plan["charges"]):
        if charge["material"] == key:
            groups.setdefault((charge["step"], charge["vessel"]), []).append(index)
    for (step, vessel), indices in groups.items():
        charges = plan["charges"]

        def of(field: str, chosen: list[int]) -> tuple[str, ...]:
            return tuple(pointer("charges", index, field) for index in chosen)

        yield Use(
            step=step,
            number=order.get(step, 0),
            vessel=vessel,
            rounds=max(charges[index]["round"] for index in indices),
            equiv=of("equiv", indices),
            mmol=of("mmol", indices),
            mg=of("mg", indices),
            ul=of("uL", indices),
            by_operator=all(charges[index]["by"] == "operator" for index in indices),
            portions=_inside(charges, indices, "portions", "n"),
            mg_each=_inside(charges, indices, "portions", "mg_each"),
            drops=_inside(charges, indices, "dropwise", "drops"),
            drop_ul=_inside(charges, indices, "dropwise", "drop_uL"),
        )


def _inside(charges: Any, indices: list[int], outer: str, inner: str) -> tuple[str, ...]:
    return tuple(
        pointer("charges", index, outer, inner) for index in indices if outer in charges[index]
    )
