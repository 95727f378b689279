"""The reagent table: what goes in, of everything, for one reaction and in all, and its hazards."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from compiler.passes.lower import numbers
from compiler.stages.charges import Supplied
from compiler.stages.documents import Form
from compiler.stages.layout import Layout
from simulate.review.hazards import Pictogram, Statement, pictograms, statements
from simulate.review.values import Plan, pointer
from simulate.review.variants import Variants
from simulate.review.wells import well_names


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
    """Stocks of the plan that are filled alike, by their indices there, and where they stand."""

    indices: tuple[int, ...]
    place: str

    def places(self, field: str) -> list[str]:
        """Where the plan has a number of each of them."""
        return [pointer("stocks", index, field) for index in self.indices]


@dataclass(frozen=True, slots=True)
class Compound:
    """What a material is, how it is supplied, its stocks and its hazards.

    `reactions` take it. Where `statements` is empty nothing is known: that is not harmlessness.
    """

    key: str
    label: str
    name: str
    formula: str
    mw: str
    supplied: str
    stocks: tuple[Stock, ...]
    statements: tuple[Statement, ...]
    pictograms: tuple[Pictogram, ...]
    reactions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reagent:
    """A row of the table. `role` says what it is to the reaction.

    `members` are the compounds of a material that differs over a library, else there are none;
    `itself` then says what they have in common.
    """

    itself: Compound
    role: str
    uses: tuple[Use, ...]
    members: tuple[Compound, ...] = ()
    solvent_of: tuple[str, ...] = ()
    solvent_ul: tuple[str, ...] = ()

    @property
    def unknown(self) -> tuple[str, ...]:
        """The compounds of which no hazards are on record."""
        every = self.members or (self.itself,)
        return tuple(compound.label for compound in every if not compound.statements)


def reagents(layout: Layout, plan: Plan, variants: Variants) -> tuple[Reagent, ...]:
    """What is charged, in the order of first use, then what comes with it or is used by hand."""
    recipe = layout.operations.ledger.charges.recipe
    charged = list(dict.fromkeys(charge["material"] for charge in plan["charges"]))
    named = _named(recipe.supplied, charged, layout)
    rows = [*charged, *(key for key in named if key not in charged)]
    names = dict.fromkeys(variants.name(key) for key in rows if key in recipe.supplied)
    return tuple(_reagent(layout, plan, name, variants) for name in names)


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


def _reagent(layout: Layout, plan: Plan, name: str, variants: Variants) -> Reagent:
    recipe = layout.operations.ledger.charges.recipe
    keys = variants.keys.get(name, (name,))
    compounds = tuple(_compound(layout, plan, key, variants) for key in keys)
    limiting = {reaction["limiting"] for reaction in plan["reactions"]}
    dissolved = [
        other
        for other in dict.fromkeys(charge["material"] for charge in plan["charges"])
        if other not in keys and _is_solvent_of(recipe.supplied[keys[0]], recipe.supplied[other])
    ]
    roles = [
        *(["basis"] if name == recipe.basis else []),
        *(["limiting"] if not limiting.isdisjoint(keys) else []),
    ]
    return Reagent(
        itself=compounds[0] if len(compounds) == 1 else _together(name, compounds),
        role=", ".join(roles),
        uses=tuple(_uses(plan, keys)),
        members=compounds if len(compounds) > 1 else (),
        solvent_of=tuple(
            dict.fromkeys(variants.label(recipe, variants.name(o)) for o in dissolved)
        ),
        solvent_ul=tuple(
            pointer("charges", index, "uL")
            for index, charge in enumerate(plan["charges"])
            if charge["material"] in dissolved
        ),
    )


def _compound(layout: Layout, plan: Plan, key: str, variants: Variants) -> Compound:
    recipe = layout.operations.ledger.charges.recipe
    supplied = recipe.supplied[key]
    substance = supplied.substance
    name = variants.name(key)
    return Compound(
        key=key,
        label=supplied.label,
        name=substance.name if substance.name != supplied.label else "",
        formula=substance.formula or "",
        mw=f"{substance.mw_g_mol:.2f}" if substance.mw_g_mol else "",
        supplied=_supplied(supplied),
        stocks=stocks(layout, plan, key),
        statements=statements(substance.hazards),
        pictograms=pictograms(substance.hazards),
        reactions=tuple(r for r in variants.reactions if recipe.key(r, name) == key),
    )


def stocks(layout: Layout, plan: Plan, key: str) -> tuple[Stock, ...]:
    """The stocks of a material, those that read the same as one."""
    groups: dict[tuple[str, str, str], list[int]] = {}
    for index, stock in enumerate(plan["stocks"]):
        if stock["material"] == key:
            alike = (stock["labware"], *(numbers.volume(stock[f]) for f in ("uL", "dead_uL")))
            groups.setdefault(alike, []).append(index)
    return tuple(
        Stock(
            tuple(indices),
            well_names(
                layout, [(plan["stocks"][n]["labware"], plan["stocks"][n]["well"]) for n in indices]
            ),
        )
        for indices in groups.values()
    )


def _together(name: str, compounds: Sequence[Compound]) -> Compound:
    """What compounds have in common, and the hazards of any of them."""
    supplied = {compound.supplied for compound in compounds}
    told = {s.code: s for compound in compounds for s in compound.statements}
    shown = {p.id: p for compound in compounds for p in compound.pictograms}
    return Compound(
        key=name,
        label=name,
        name=f"{len(compounds)} different ones, below",
        formula="",
        mw="",
        supplied=supplied.pop() if len(supplied) == 1 else "",
        stocks=tuple(stock for compound in compounds for stock in compound.stocks),
        statements=tuple(told[code] for code in sorted(told)),
        pictograms=tuple(shown[id_] for id_ in sorted(shown)),
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


def _uses(plan: Plan, keys: Collection[str]) -> Iterable[Use]:
    """The additions of a material, one for each step and vessel. `keys` are all it goes by."""
    order = {step["id"]: number for number, step in enumerate(plan["steps"], start=1)}
    groups: dict[tuple[str, str], list[int]] = {}
    for index, charge in enumerate(plan["charges"]):
        if charge["material"] in keys:
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
