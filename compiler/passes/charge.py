"""The pass `charge`: how much of everything goes where, in mmol, mg and uL, for each reaction.

Decisions where the language is silent:

* An absolute amount (mmol, mg, uL) belongs to the file's scale. At another scale it is C-SCALE-1,
  unless `at scale` says what it refers to; then it is scaled.
* L/g counts grams of the basis' parent compound.
* The basis counts as present in the amount of the scale where no step adds it (it is already in
  the vessel, as in a later stage of a sequence).
* The first product decides which material is limiting; each product has its own theory.
* The rinse of a filter is poured by the operator onto what is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from compiler.chemistry.stoichiometry import (
    amount_mmol,
    dissolved_mmol,
    limiting,
    mass_mg,
    volume_ul,
)
from compiler.chemistry.substances import SmilesError, structure_of
from compiler.diagnostics.codes import chemistry as c
from compiler.diagnostics.finding import Finding, Related
from compiler.passes._additions import Addition, by_addition
from compiler.passes._notebook import Notebook, in_rows, note_choice, positive
from compiler.passes._scales import scales_of
from compiler.stages.charges import Charge, Charges, Reaction, Recipe, Supplied
from compiler.stages.documents import (
    Add,
    Amount,
    AmountKind,
    Form,
    Product,
)

_OF_BASIS = frozenset(
    {
        AmountKind.EQUIVALENTS,
        AmountKind.VOLUME_PER_AMOUNT,
        AmountKind.VOLUME_PER_MASS,
        AmountKind.MAKE_UP_TO,
    }
)
_ABSOLUTE = frozenset({AmountKind.AMOUNT, AmountKind.MASS, AmountKind.VOLUME})


def charge(
    recipe: Recipe, scales: Mapping[str, float | None] | None = None, stage: str = "main"
) -> tuple[Charges, tuple[Finding, ...]]:
    """Every addition of every reaction, in step order, then reaction order.

    `scales` gives the scale (mmol of the basis; None where nobody knows) of each reaction by its
    id; without it there is one reaction, `r1`, at the procedure's scale. `stage` is the stage of
    a sequence that the procedure is. Additions whose material is unknown, whose
    amount is a hole, or whose scale or basis is missing are left out.
    """
    notes = Notebook()
    planned = scales_of(recipe, scales, notes)
    _check_basis(recipe, notes)
    additions = by_addition(recipe, tuple(planned))
    ready = {
        addition: found
        for addition, found in additions.items()
        if _chargeable(addition, recipe, {r: planned[r] for r in found}, notes)
    }
    _check_equivalents(recipe, tuple(additions), notes)
    order = {reaction: i for i, reaction in enumerate(planned)}
    place = {step.id: i for i, step in enumerate(recipe.procedure.steps)}
    wanted = [(addition, r) for addition, found in ready.items() for r in found]
    wanted.sort(key=lambda each: (place.get(each[0].step, -1), each[0].round, order[each[1]]))
    charges = tuple(
        one
        for addition, reaction in wanted
        if (one := _charged(addition, reaction, planned[reaction], recipe)) is not None
    )
    mine: dict[str, list[Charge]] = {reaction: [] for reaction in planned}
    for one in charges:
        mine[one.reaction].append(one)
    variants = {v.id: v for v in recipe.library.rows} if recipe.library is not None else {}
    reactions = tuple(
        replace(
            _reaction(recipe, reaction, number, scale, mine[reaction], notes),
            stage=stage,
            row=variants[reaction].row if reaction in variants else number,
            name=variants[reaction].label if reaction in variants else "",
        )
        for number, (reaction, scale) in enumerate(planned.items(), 1)
    )
    make_up = dict.fromkeys(a.step for a in ready if a.amount.kind is AmountKind.MAKE_UP_TO)
    done = Charges(recipe, reactions, charges, tuple(notes.assumptions), tuple(make_up))
    return done, tuple(notes.findings)


# --- what must be known -----------------------------------------------------------------------


def _check_basis(recipe: Recipe, notes: Notebook) -> None:
    procedure = recipe.procedure
    marked = [m for m in procedure.materials.values() if m.basis]
    if not marked:
        keys = list(procedure.materials)
        example = f", for example to {keys[0]}" if keys else ""
        notes.findings.append(
            c.BASIS_1.at(
                procedure.spans.at("materials"),
                "No material is the basis: nothing says what 1 equiv is.",
                help=f"Add `basis: true` to one material{example}.",
            )
        )
    for extra in marked[1:]:
        notes.findings.append(
            c.BASIS_2.at(
                extra.spans.at("basis"),
                f"{extra.key} is the basis, and so is {marked[0].key}.",
                help="Leave `basis: true` on one of them.",
                related=(Related(marked[0].spans.at("basis"), "the first basis"),),
            )
        )


def _check_equivalents(recipe: Recipe, additions: tuple[Addition, ...], notes: Notebook) -> None:
    """C-LIM-1, once: amounts that count from a basis that does not exist."""
    needy = [a for a in additions if a.amount.kind in _OF_BASIS]
    if recipe.basis is not None or not needy:
        return
    first, *others = needy
    notes.findings.append(
        c.LIM_1.at(
            first.span,
            f"{first.amount.quantity.text} of {first.material} cannot be worked out: "
            "no material is the basis.",
            help="Mark one material `basis: true`, or write amounts in mmol, mg or µL.",
            step=first.step,
            related=tuple(
                Related(other.span, f"{other.amount.quantity.text} of {other.material}")
                for other in _distinct(others)
            ),
        )
    )


def _distinct(additions: list[Addition]) -> tuple[Addition, ...]:
    return tuple(dict.fromkeys(replace(addition, round=1) for addition in additions))


def _chargeable(
    addition: Addition, recipe: Recipe, scales: Mapping[str, float | None], notes: Notebook
) -> bool:
    """Whether an addition can be worked out; what is found of some rows alone names them."""
    said = len(notes.findings)
    ready = _is_chargeable(addition, recipe, scales, notes)
    library = recipe.library
    if library is not None and len(scales) < len(library.rows):
        rows = [variant.row for variant in library.rows if variant.id in scales]
        notes.findings[said:] = [in_rows(f, rows) for f in notes.findings[said:]]
    return ready


def _is_chargeable(
    addition: Addition, recipe: Recipe, scales: Mapping[str, float | None], notes: Notebook
) -> bool:
    """Whether an addition can be worked out at all; says why not, and lists its assumptions."""
    quantity = addition.amount.quantity
    supplied = recipe.supplied.get(addition.material)
    if supplied is None or quantity.hole or quantity.plan is None:
        return False
    note_choice(quantity, f"amount of {addition.material}", addition.step, notes)
    at_scale = addition.amount.at_scale
    if at_scale is not None and positive(at_scale, "the scale of this amount", notes) is None:
        return False
    found: Finding | None = None
    if addition.amount.kind in _BY_VOLUME and not supplied.is_liquid:
        found = c.SUPPLY.at(
            addition.span,
            f"{quantity.text} of {addition.material} is a volume, but it is supplied as a solid.",
            help="Write the amount in equiv, mmol or mg, or supply it as a solution.",
            step=addition.step,
        )
    elif addition.amount.kind not in _BY_VOLUME and _without_molarity(supplied):
        found = c.SUPPLY.at(
            addition.span,
            f"{quantity.text} of {addition.material} cannot be worked out: it is a mixture of "
            "solvents.",
            help="Write a volume: `200 µL` or `5 mL/mmol`.",
            step=addition.step,
        )
    else:
        found = _wrong_scale(addition, recipe, scales)
    if found is not None and found not in notes.findings:
        notes.findings.append(found)
    return found is None


_BY_VOLUME = frozenset(
    {
        AmountKind.VOLUME,
        AmountKind.VOLUME_PER_AMOUNT,
        AmountKind.VOLUME_PER_MASS,
        AmountKind.MAKE_UP_TO,
    }
)


def _without_molarity(supplied: Supplied) -> bool:
    return supplied.is_liquid and supplied.molarity_mol_l is None


def _wrong_scale(
    addition: Addition, recipe: Recipe, scales: Mapping[str, float | None]
) -> Finding | None:
    """C-SCALE-1: an absolute amount in a run at another scale than the file's."""
    if addition.amount.kind not in _ABSOLUTE or addition.amount.at_scale is not None:
        return None
    written = recipe.procedure.scale.plan if recipe.procedure.scale else None
    for reaction, scale in scales.items():
        if scale is None or (written is not None and abs(scale - written) <= 1e-9 * written):
            continue
        text = addition.amount.quantity.text
        example = f"{written:g} mmol" if written is not None else "5 mmol"
        what = (
            "the procedure is written for " + example
            if written is not None
            else ("the procedure gives no scale")
        )
        return c.SCALE_1.at(
            addition.span,
            f"{text} of {addition.material} does not scale: {what}, and {reaction} runs at "
            f"{scale:g} mmol.",
            help=f"Say what it refers to: `{{volume: {text}, at scale: {example}}}`; or give it "
            "in equiv or mL/mmol.",
            step=addition.step,
        )
    return None


# --- numbers ----------------------------------------------------------------------------------


def _charged(
    addition: Addition, reaction: str, scale: float | None, recipe: Recipe
) -> Charge | None:
    """One charge of one reaction; None where the basis or the scale that it needs is missing."""
    supplied = recipe.supplied[addition.material]
    amount = addition.amount
    mmol: float | None = None
    volume: float | None = None
    if amount.kind is not AmountKind.MAKE_UP_TO:
        size = _size(amount, reaction, scale, recipe)
        if size is None:
            return None
        if amount.kind in _BY_VOLUME:
            volume = size
            if supplied.molarity_mol_l is not None:
                mmol = dissolved_mmol(volume, supplied.molarity_mol_l)
        else:
            mmol = size
            if amount.kind is AmountKind.MASS:
                mmol = amount_mmol(size, supplied.substance.mw_g_mol)
            if supplied.molarity_mol_l is not None:
                volume = volume_ul(mmol, supplied.molarity_mol_l)
    elif scale is None or recipe.basis is None:
        return None
    # nobody counts the equivalents of a solvent that is named without an entry
    counted = recipe.basis is not None and supplied.declared is not None
    weighed = supplied.form in (Form.SOLID, Form.NEAT)
    factor = supplied.weigh_factor if weighed else 1.0
    return Charge(
        step=addition.step,
        reaction=reaction,
        material=addition.material,
        vessel=addition.vessel,
        equiv=mmol / scale if mmol is not None and counted and scale else None,
        mmol=mmol,
        mass_mg=mass_mg(mmol, supplied.substance.mw_g_mol, factor) if mmol is not None else None,
        volume_ul=volume,
        form=supplied.form,
        by_operator=addition.by_operator or not supplied.is_liquid,
        round=addition.round,
    )


def _size(amount: Amount, reaction: str, scale: float | None, recipe: Recipe) -> float | None:
    """The amount in mmol, mg or uL, by its kind."""
    planned = amount.quantity.value
    if amount.kind in _ABSOLUTE:
        if amount.at_scale is None:
            return planned
        return planned * scale / amount.at_scale.value if scale is not None else None
    if scale is None or recipe.basis is None:
        return None
    if amount.kind is AmountKind.VOLUME_PER_MASS:
        basis = recipe.supplied_to(reaction, recipe.basis)
        return planned * mass_mg(scale, basis.substance.mw_g_mol) if basis else None
    return planned * scale


# --- reactions --------------------------------------------------------------------------------


def _reaction(
    recipe: Recipe,
    reaction: str,
    row: int,
    scale: float | None,
    charges: Sequence[Charge],
    notes: Notebook,
) -> Reaction:
    amounts = _amounts(recipe, reaction, scale, charges)
    products = list(recipe.procedure_of(reaction).products.values())
    name = recipe.basis or ""
    if not products:
        notes.assume("goal", "mono", "the procedure names no product: one bond to the basis")
        if name:
            notes.assume("limiting material", name, "the basis, since no product is named")
    theory: dict[str, float] = {}
    for number, product in enumerate(products):
        try:
            material, extent = limiting(amounts, product.from_)
        except ValueError:
            continue
        if number == 0:
            name = material
        mw_g_mol = _product_mw(product)
        if mw_g_mol is not None:
            theory[product.name] = mass_mg(extent, mw_g_mol)
    limited_by = recipe.key(reaction, name)
    return Reaction(reaction, row, "", scale if scale is not None else 0.0, limited_by, theory)


def _amounts(
    recipe: Recipe, reaction: str, scale: float | None, charges: Sequence[Charge]
) -> dict[str, float]:
    """mmol of each material over all steps that add it; what a control leaves out is 0."""
    steps = (*recipe.procedure.steps, *recipe.procedure_of(reaction).steps)
    added = {step.material for step in steps if isinstance(step, Add)}
    name_of = {key: name for name, key in recipe.names.get(reaction, {}).items()}
    present = recipe.steps_of(reaction)
    amounts = {
        step.material: 0.0
        for step in recipe.procedure.steps
        if isinstance(step, Add) and step.id not in present
    }
    for one in charges:
        material = name_of.get(one.material, one.material)
        if one.mmol is not None and material in added:
            amounts[material] = amounts.get(material, 0.0) + one.mmol
    if recipe.basis is not None and recipe.basis not in added and scale is not None:
        amounts[recipe.basis] = scale
    return amounts


def _product_mw(product: Product) -> float | None:
    if product.smiles is None:
        return None
    try:
        return structure_of(product.smiles).mw_g_mol
    except SmilesError:
        return None  # reported by `resolve`
