"""What every vessel holds after each step, phase by phase, and what is drawn from it.

The steps are walked in order, every reaction through a step before the next step. Volumes are
additive and solids add none. A step that cannot be worked out leaves its vessels unknown: what
follows in them is not judged, so that a mistake is reported once.
"""

from __future__ import annotations

from dataclasses import replace

from compiler.chemistry.gas import evolved
from compiler.chemistry.mixture import Contents, boiled_down, composition_mmol_ml, dried
from compiler.chemistry.temperature import vessels_of
from compiler.diagnostics.codes import chemistry as c
from compiler.diagnostics.codes import platform as p
from compiler.diagnostics.finding import Finding
from compiler.passes.adjusting import adjust
from compiler.passes.bookkeeping import Books
from compiler.passes.drawing import not_empty, pour, transfer
from compiler.passes.sampling import take_sample
from compiler.passes.separation import Separation, separate
from compiler.stages.charges import Charge, Charges, Miscibility, Reaction
from compiler.stages.contents import Ledger, PhaseKind
from compiler.stages.documents import (
    Add,
    AdjustPh,
    AmountKind,
    AnyStep,
    Concentrate,
    Dry,
    Extract,
    Filter,
    Form,
    Hydrogenate,
    Mix,
    Monitor,
    Purify,
    Separate,
    Transfer,
)
from compiler.stages.vessels import House


def account(
    charges: Charges, house: House, *, reckon_ph: bool = False
) -> tuple[Ledger, tuple[Finding, ...]]:
    """The ledger of a run, and what is wrong with its volumes and layers.

    Snapshots have a pH with `reckon_ph`, and where a step acidifies or basifies.
    Findings: P-CAP-1, P-UNDERFLOW, P-SEALED, C-MAKE-UP, C-PH-0 to C-PH-6, C-BASE-2, C-BASE-3 and
    C-PH-WINDOW. Heights are None
    for vessels without labware, whose guard is then 10 % of the layer alone.
    """
    books = Books.open(charges, house, reckon_ph=reckon_ph)
    books.assume(
        None,
        "volumes",
        "additive; solids and solutes add none",
        "dilute solutions; a solution's volume is that of its solvent",
    )
    for step in books.procedure.steps:
        for reaction in charges.reactions:
            own = books.own_step(step, reaction)
            if own is not None:  # a control may lack the step
                _check_open(books, own, reaction)
                _post(books, own, reaction)
    filled = _filled(books)
    ledger = Ledger(
        charges=filled,
        house=house,
        snapshots=tuple(books.snapshots),
        draws=tuple(books.draws),
        gas=evolved(filled, books.draws),
        highest_ul=books.highest_ul,
        assumptions=books.assumptions,
    )
    return ledger, books.findings


def _post(books: Books, step: AnyStep, reaction: Reaction) -> None:
    match step:
        case Add() | Hydrogenate():
            _add(books, step, reaction)
        case AdjustPh():
            adjust(books, step, reaction)
        case Transfer():
            transfer(books, step, reaction)
        case Extract():
            _extract(books, step, reaction)
        case Separate():
            separate(books, Separation(step, reaction, step.into, 1, True, None), 1.0)
        case Monitor():
            take_sample(books, step, reaction)
        case Dry():
            _dry(books, step, reaction)
        case Filter():
            _filter(books, step, reaction)
        case Concentrate():
            _concentrate(books, step, reaction)
        case Purify():
            _purify(books, step, reaction)
        case Mix():
            not_empty(books, step, reaction, step.vessel)
        case _:
            pass  # stir, heat, cool, wait, seal, unseal, operator: nothing goes in or out


# --- going in -------------------------------------------------------------------------------


def _add(books: Books, step: Add | Hydrogenate, reaction: Reaction) -> None:
    charges = books.charges_of(step, reaction)
    if isinstance(step, Add) and step.amount.kind is AmountKind.MAKE_UP_TO:
        charges = [_made_up(books, step, reaction, charges)]
    if not charges and not isinstance(step, Hydrogenate):
        books.forget(reaction, vessels_of(step)[0])  # it could not be charged: said elsewhere
    for charge in charges:
        pour(books, reaction, charge)
        books.charged(step, reaction, charge.vessel, step.spans.at("amount"))


def _made_up(books: Books, step: Add, reaction: Reaction, charges: list[Charge]) -> Charge:
    """The charge that fills a vessel up to a concentration of the basis."""
    held = books.contents(reaction, step.to)
    supplied = books.supplied(step.material, reaction)
    limit = step.amount.quantity.plan
    charge = charges[0] if charges else _bare_charge(books, step, reaction)
    if supplied is None or not limit or not held.known or not supplied.liquids:
        books.forget(reaction, step.to)
        return charge
    full_ul = 1000.0 * reaction.scale_mmol / limit
    missing_ul = full_ul - held.volume_ul
    if missing_ul < 0:
        books.report(
            c.MAKE_UP.at(
                step.spans.at("amount"),
                f"{step.to} already holds {held.volume_ul:.0f} µL at {step.id!r}; "
                f"{step.amount.quantity.text} of {reaction.scale_mmol:g} mmol is "
                f"{full_ul:.0f} µL",
                help="use more concentrated stocks, or make up to "
                f"{1000.0 * reaction.scale_mmol / held.volume_ul:.3g} M",
                step=step.id,
            ),
            reaction,
        )
        missing_ul = 0.0
    mmol_ml = composition_mmol_ml(supplied).get(supplied.key)
    mmol = None if mmol_ml is None else mmol_ml * missing_ul / 1000.0
    weighed = supplied.weigh_factor if supplied.form is Form.NEAT else 1.0
    filled = replace(
        charge,
        volume_ul=missing_ul,
        mmol=mmol,
        mass_mg=None if mmol is None else mmol * supplied.substance.mw_g_mol * weighed,
    )
    books.filled[step.id, reaction.id] = filled
    return filled


def _bare_charge(books: Books, step: Add, reaction: Reaction) -> Charge:
    supplied = books.supplied(step.material, reaction)
    form = supplied.form if supplied is not None else Form.NEAT
    return Charge(
        step=step.id,
        reaction=reaction.id,
        material=books.charges.recipe.key(reaction.id, step.material),
        vessel=step.to,
        equiv=None,
        mmol=None,
        mass_mg=None,
        volume_ul=None,
        form=form,
        by_operator=step.by_operator,
    )


def _filled(books: Books) -> Charges:
    """The charges with every `make up to` filled in, in their order."""
    old = books.charges
    if not books.filled:
        return old
    done: list[Charge] = []
    order = {step.id: i for i, step in enumerate(books.procedure.steps)}
    row = {reaction.id: i for i, reaction in enumerate(old.reactions)}
    given = {(charge.step, charge.reaction) for charge in old.charges}
    for charge in old.charges:
        done.append(books.filled.get((charge.step, charge.reaction), charge))
    done.extend(charge for key, charge in books.filled.items() if key not in given)
    done.sort(key=lambda charge: (order.get(charge.step, -1), row.get(charge.reaction, -1)))
    return replace(old, charges=tuple(done))


def _extract(books: Books, step: Extract, reaction: Reaction) -> None:
    charges = books.charges_of(step, reaction)
    if not charges:
        books.forget(reaction, step.vessel, *(() if step.into is None else (step.into,)))
        return
    if books.contents(reaction, step.vessel).empty:
        not_empty(books, step, reaction, step.vessel)
        books.forget(reaction, step.vessel, *(() if step.into is None else (step.into,)))
        return
    solvent = _solvent_kind(books, charges)
    per_round = max(len(charges) // step.times, 1)
    lost_share = 1.0
    for round_ in range(1, step.times + 1):
        for charge in charges[(round_ - 1) * per_round : round_ * per_round]:
            pour(books, reaction, charge)
        books.charged(step, reaction, step.vessel, step.spans.at("volume"), round_)
        keeps_drawn = step.verb != "wash"
        job = Separation(step, reaction, step.into, round_, keeps_drawn, solvent)
        lost_share = separate(books, job, lost_share)


def _solvent_kind(books: Books, charges: list[Charge]) -> PhaseKind | None:
    """The layer in which the added solvent ends up; None for a solvent that mixes with both."""
    kinds = set()
    for charge in charges:
        supplied = books.charges.recipe.supplied.get(charge.material)
        for liquid in supplied.liquids if supplied is not None else ():
            kinds.add(liquid.miscibility)
    if Miscibility.IMMISCIBLE in kinds:
        return PhaseKind.ORGANIC
    return PhaseKind.AQUEOUS if Miscibility.WATER in kinds else None


# --- what the operator does -----------------------------------------------------------------


def _dry(books: Books, step: Dry, reaction: Reaction) -> None:
    """The drying agent stays a solid; the volume of the liquid stays."""
    not_empty(books, step, reaction, step.vessel)
    for charge in books.charges_of(step, reaction):
        pour(books, reaction, charge, stays_solid=True)
        books.charged(step, reaction, charge.vessel, step.spans.at("over"))


def _filter(books: Books, step: Filter, reaction: Reaction) -> None:
    """The filtrate (the default) leaves the solids behind; `into` moves it."""
    if not not_empty(books, step, reaction, step.vessel):
        return
    for charge in books.charges_of(step, reaction):
        pour(books, reaction, charge)
        books.charged(step, reaction, charge.vessel, step.spans.at("rinse"))
    before = books.contents(reaction, step.vessel)
    kept = replace(before, liquids=()) if step.keep == "solid" else replace(before, solids={})
    if step.into is not None and step.into != step.vessel:
        books.move(reaction, step.vessel, step.into, kept, Contents(known=before.known))
        books.snapshot(step, reaction, step.vessel, "drawn")
        books.snapshot(step, reaction, step.into, "drawn")
        books.check_fill(step, reaction, step.into, step.spans.at("into"))
    else:
        books.put(reaction, step.vessel, kept)
        books.snapshot(step, reaction, step.vessel, "drawn")


def _concentrate(books: Books, step: Concentrate, reaction: Reaction) -> None:
    if not not_empty(books, step, reaction, step.vessel):
        return
    before = books.contents(reaction, step.vessel)
    target_ul = step.to.plan if step.to is not None else 0.0
    if step.to is None:
        after = dried(before)
    elif target_ul is None or target_ul >= before.volume_ul:
        after = before
    else:
        after = boiled_down(before, target_ul)
    books.put(reaction, step.vessel, after)
    books.snapshot(step, reaction, step.vessel, "drawn")


def _purify(books: Books, step: Purify, reaction: Reaction) -> None:
    """What comes off the column is not known; the vessel is not judged any further."""
    if not_empty(books, step, reaction, step.vessel) and not step.optional:
        books.forget(reaction, step.vessel, *(() if step.into is None else (step.into,)))


# --- closed vessels -------------------------------------------------------------------------


def _check_open(books: Books, step: AnyStep, reaction: Reaction) -> None:
    """P-SEALED: the robot would reach into a vessel that a `seal` closed."""
    if step.by_operator or not _robot_reaches_in(books, step, reaction):
        return
    for vessel in vessels_of(step):
        condition = books.at.get((step.id, vessel))
        if condition is not None and condition.by_hand:
            books.report(
                p.SEALED.at(
                    step.spans.whole,
                    f"{vessel} is sealed at {step.id!r}, and the robot cannot open it",
                    help=f"write `- unseal: {{vessel: {vessel}}}` before this step, or give the "
                    "vessel a `cap:` and let the compiler place the pauses",
                    step=step.id,
                ),
                reaction,
                vessel=vessel,
            )


def _robot_reaches_in(books: Books, step: AnyStep, reaction: Reaction) -> bool:
    match step:
        case AdjustPh():
            added = books.supplied(step.with_, reaction)
            return added is not None and added.is_liquid
        case Add():
            supplied = books.charges.recipe.supplied
            return any(
                charge.material in supplied and supplied[charge.material].is_liquid
                for charge in books.charges_of(step, reaction)
                if not charge.by_operator
            )
        case Transfer() | Extract() | Separate() | Mix():
            return True
        case Monitor():
            return step.aliquot is not None
        case _:
            return False
