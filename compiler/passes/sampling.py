"""Samples of a `monitor`: how many there may be, how far each is diluted, what they take away."""

from __future__ import annotations

from compiler.chemistry.stoichiometry import dissolved_mmol, mass_mg
from compiler.diagnostics.codes import chemistry as c
from compiler.diagnostics.codes import platform as p
from compiler.passes.bookkeeping import Books
from compiler.passes.drawing import draw_liquid, not_empty, pour
from compiler.stages.charges import Charge, Charges, Reaction
from compiler.stages.contents import PhaseKind
from compiler.stages.documents import Add, AnyStep, Form, Monitor
from compiler.stages.quantity import Dimension

_SLACK = 1e-9


def is_sampled(step: AnyStep) -> bool:
    """Whether a step draws a sample."""
    return isinstance(step, Monitor) and step.aliquot is not None and bool(step.aliquot.plan)


def most_samples(step: Monitor) -> int:
    """How many samples there may be: the first at the low end, then one `every` to the high end."""
    if step.every is None or not step.every.plan or step.between.hole:
        return 1
    return 1 + int((step.between.high - step.between.low) / step.every.plan + _SLACK)


def sample_ul(step: Monitor, basis_mol_l: float | None) -> float | None:
    """The volume of a diluted sample; None where the concentration that it needs is not known.

    `basis_mol_l` is the concentration of the basis in what is sampled: 5 µL at 0.25 M, to be
    2.5 mM, become 500 µL. Without a dilution it is the aliquot.
    """
    aliquot_ul = step.aliquot.plan if step.aliquot is not None else None
    if aliquot_ul is None or step.dilute_to is None:
        return aliquot_ul
    to = step.dilute_to.plan
    if to is None or step.dilute_to.dimension is not Dimension.CONCENTRATION:
        return to
    if basis_mol_l is None or to <= 0:
        return None
    return aliquot_ul * basis_mol_l / to


def expected_sample_ul(charges: Charges, step: Monitor) -> float:
    """What a sample will be, from the amounts that go into the vessel before it (0: not known).

    For choosing labware, before anything is accounted for.
    """
    volume_ul = mmol = 0.0
    for other in charges.recipe.procedure.steps:
        if other is step:
            break
        if isinstance(other, Add) and other.to == step.vessel:
            for charge in charges.of_step(other.id)[:1]:
                volume_ul += charge.volume_ul or 0.0
                mmol += (charge.mmol or 0.0) if charge.material == charges.recipe.basis else 0.0
    return sample_ul(step, 1000.0 * mmol / volume_ul if volume_ul else None) or 0.0


def take_sample(books: Books, step: Monitor, reaction: Reaction) -> None:
    """One sample is planned and diluted; the volume has to be enough for all that there may be.

    Findings: P-UNDERFLOW, C-MON-3. What all samples are of the batch is the lint's to judge.
    """
    if step.aliquot is None or not step.aliquot.plan:
        return
    split = books.layers(reaction, step.vessel)
    contents = books.contents(reaction, step.vessel)
    if not not_empty(books, step, reaction, step.vessel) or not contents.known or not split:
        return
    layer = next((part for part in split if part.kind is PhaseKind.ORGANIC), split[0])
    aliquot_ul, samples = step.aliquot.plan, most_samples(step)
    if samples * aliquot_ul > layer.volume_ul:
        books.report(
            p.UNDERFLOW.at(
                step.spans.at("aliquot"),
                f"up to {samples} aliquots of {aliquot_ul:g} µL are drawn from {step.vessel} at "
                f"{step.id!r}, and there is {layer.volume_ul:.0f} µL",
                help="take less, or take samples less often",
                step=step.id,
            ),
            reaction,
        )
    taken_ul = min(aliquot_ul, layer.volume_ul)
    draw_liquid(books, step, reaction, (step.vessel, step.samples), layer, taken_ul)
    basis = books.charges.recipe.key(reaction.id, books.charges.recipe.basis or "")
    mmol = layer.contents.mmol().get(basis, 0.0)
    _dilute(books, step, reaction, 1000.0 * mmol / layer.volume_ul)


def _dilute(books: Books, step: Monitor, reaction: Reaction, basis_mol_l: float) -> None:
    """Adds the diluent to the sample, as a charge that the ledger fills in."""
    if step.dilute_with is None or step.dilute_to is None or step.aliquot is None:
        return
    material = step.dilute_with.name
    supplied = books.supplied(material, reaction)
    aliquot_ul = step.aliquot.plan or 0.0
    total_ul = sample_ul(step, basis_mol_l or None)
    if supplied is None or step.dilute_to.hole:
        books.forget(reaction, step.samples)
        return
    if total_ul is None or total_ul <= aliquot_ul:
        held = f"{1000 * basis_mol_l:.3g} mM" if basis_mol_l else "nothing of the basis"
        books.report(
            c.MON_3.at(
                step.spans.at("dilute"),
                f"an aliquot of {aliquot_ul:g} µL can't be diluted to {step.dilute_to.text}: "
                f"{step.vessel} holds {held} at {step.id!r}",
                help="name a volume larger than the aliquot, or a lower concentration",
                step=step.id,
            ),
            reaction,
        )
        return
    volume_ul = total_ul - aliquot_ul
    molar = supplied.molarity_mol_l
    mmol = None if molar is None else dissolved_mmol(volume_ul, molar)
    charge = Charge(
        step=step.id,
        reaction=reaction.id,
        material=supplied.key,
        vessel=step.samples,
        equiv=None,
        mmol=mmol,
        mass_mg=None if mmol is None else mass_mg(mmol, supplied.substance.mw_g_mol),
        volume_ul=volume_ul,
        form=supplied.form if supplied.is_liquid else Form.NEAT,
        by_operator=step.by_operator,
    )
    books.filled[step.id, reaction.id] = charge
    pour(books, reaction, charge)
    books.charged(step, reaction, step.samples, step.spans.at("dilute"))
