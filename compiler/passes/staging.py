"""A stage of a sequence as a procedure of its own: its names, its scale and what it starts from.

The scale of a stage that starts from a product is what the stage before it is planned to give,
scale x equivalents of the limiting material / coefficient x yield, or what somebody has weighed
(`--set alkylate.scale=0.083mmol`). The stages that follow count on from that.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from compiler.chemistry.stoichiometry import amount_mmol
from compiler.chemistry.substances import SmilesError, structure_of
from compiler.diagnostics.codes import chemistry as c
from compiler.diagnostics.codes import structure as s
from compiler.diagnostics.finding import Finding, Related
from compiler.passes._notebook import Notebook, positive, shown
from compiler.stages import documents as d
from compiler.stages.charges import Assumption, Charges, Recipe
from compiler.stages.quantity import Dimension, Quantity

ROUNDING = 1e-9  # of amounts that are compared
PLACES = 9  # of a scale in mmol: far below what anyone weighs


@dataclass(frozen=True, slots=True)
class Made:
    """A stage that is charged already, and what it can give (mmol at 100 %) of each product."""

    stage: d.Stage
    theory_mmol: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Staged:
    """What a stage starts with. `scale_mmol` is None where it can't be worked out."""

    scale_mmol: float | None
    assumptions: tuple[Assumption, ...]
    findings: tuple[Finding, ...]


def reaction_of(stage: d.Stage) -> str:
    """The id of a stage's reaction: `protect.r1`."""
    return f"{stage.id}.r1"


def named_for(procedure: d.Procedure, stage: str) -> d.Procedure:
    """The procedure with `<stage>.` before the ids of its steps, wherever they are named."""
    ids = {step.id for step in procedure.steps}

    def renamed(step: str | None) -> str | None:
        return f"{stage}.{step}" if step in ids else step

    def accepted(each: d.Acknowledgement) -> d.Acknowledgement:
        return replace(each, step=renamed(each.step))

    def staged(step: d.AnyStep) -> d.AnyStep:
        acknowledge = tuple(map(accepted, step.acknowledge))
        within = tuple(replace(each, after=f"{stage}.{each.after}") for each in step.within)
        if isinstance(step, d.Monitor):
            step = replace(step, pass_=renamed(step.pass_), fail=renamed(step.fail))
        return replace(step, id=f"{stage}.{step.id}", acknowledge=acknowledge, within=within)

    return replace(
        procedure,
        steps=tuple(map(staged, procedure.steps)),
        acknowledge=tuple(map(accepted, procedure.acknowledge)),
        products={
            name: replace(product, formed_by=renamed(product.formed_by))
            for name, product in procedure.products.items()
        },
    )


def made_by(stage: d.Stage, charges: Charges) -> Made:
    """What a stage can give of each product: the smallest mmol / coefficient (language.md)."""
    products = charges.recipe.procedure.products
    theory: dict[str, float] = {}
    for reaction in charges.reactions:
        for name, mass in reaction.theory_mg.items():
            smiles = products[name].smiles
            if smiles is not None:
                theory[name] = amount_mmol(mass, structure_of(smiles).mw_g_mol)
    return Made(stage, theory)


def start(
    stage: d.Stage, recipe: Recipe, made: Mapping[str, Made], weighed: Quantity | None
) -> Staged:
    """The scale of a stage, and whether what it starts from is its basis.

    `made` has the stages before it, `weighed` is what `--set` says.
    """
    notes = Notebook()
    source = made.get(stage.from_stage or "")
    if source is not None:
        notes.findings.extend(_mismatch(stage, source, recipe))
    scale: float | None = None
    if weighed is not None:
        scale = positive(weighed, f"the scale of {stage.id}", notes)
        if scale is not None:
            notes.assume(f"scale of {stage.id}", shown(Dimension.AMOUNT, scale), "given by --set")
    elif source is not None:
        scale = _planned(stage, source, notes)
    elif stage.from_stage is None:
        scale = positive(stage.scale, f"the scale of {stage.id}", notes)
    return Staged(scale, tuple(notes.assumptions), tuple(notes.findings))


def _planned(stage: d.Stage, source: Made, notes: Notebook) -> float | None:
    """What the stage before is planned to give; S-KEY-MISSING where nothing says its yield."""
    name = stage.from_product or ""
    product = source.stage.document.products.get(name) if source.stage.document else None
    if product is None:
        return None  # S-REFERENCE
    written = stage.yield_
    if written is None and "yield" not in stage.spans.keys:
        written = product.yield_
        if written is None and "yield" not in product.spans.keys:
            message = f"Nothing says in which yield {stage.from_stage}.{name} is expected."
            help_ = f"Add `yield: 50 %` to {stage.id}, or give what was weighed: "
            help_ += f"`--set {stage.id}.scale=0.08mmol`."
            notes.findings.append(s.KEY_MISSING.at(stage.spans.whole, message, help=help_))
    what = f"yield of {stage.from_stage}.{name}"
    share, theory = positive(written, what, notes), source.theory_mmol.get(name)
    if written is None or share is None or theory is None:
        return None
    if not written.is_range and written.assumed is None:
        notes.assume(what, shown(Dimension.FRACTION, share), "planned in the document")
    scale = round(theory * share, PLACES)
    notes.assume(
        f"scale of {stage.id}",
        shown(Dimension.AMOUNT, scale),
        f"{shown(Dimension.AMOUNT, theory)} of {stage.from_stage}.{name} at the most, "
        f"in {shown(Dimension.FRACTION, share)} yield",
    )
    return scale


def _mismatch(stage: d.Stage, source: Made, recipe: Recipe) -> Sequence[Finding]:
    """C-STAGE-1: the product and the basis are not the same compound, by canonical SMILES."""
    document = source.stage.document
    product = document.products.get(stage.from_product or "") if document is not None else None
    basis = recipe.supplied.get(recipe.basis or "")
    if product is None or basis is None or recipe.basis is None:
        return ()  # said elsewhere
    name = f"{stage.from_stage}.{product.name}"
    declared = basis.declared or stage.spans.whole
    related = (
        Related(product.spans.whole, f"{name} is declared here"),
        Related(declared, f"the basis of {stage.id} is declared here"),
    )
    made, wanted = _canonical(product.smiles), _canonical(basis.substance.smiles)
    if (product.smiles is not None and made is None) or made == wanted is not None:
        return ()
    if made is None or wanted is None:
        which = f"{name} has" if made is None else f"{recipe.basis}, the basis of {stage.id}, has"
        message = f"{which} no SMILES, so nobody can tell whether the one is the other."
        help_ = "Add `smiles:` to it."
    else:
        message = (
            f"{name} is {made}; {recipe.basis}, the basis of {stage.id}, is {wanted}: these are "
            "two compounds."
        )
        help_ = "Correct the SMILES, or name the product that is the basis."
    return (c.STAGE_1.at(stage.spans.at("basis from"), message, help=help_, related=related),)


def _canonical(smiles: str | None) -> str | None:
    if smiles is None:
        return None
    try:
        return structure_of(smiles).canonical
    except SmilesError:
        return None  # C-SMILES says so


def overdrawn(
    stages: Sequence[d.Stage],
    scales: Mapping[str, float],
    weighed: Collection[str],
    made: Mapping[str, Made],
) -> tuple[Finding, ...]:
    """C-STAGE-2: the stages that start from one product take more than there can be of it.

    `scales` (mmol) and `weighed` name stages. What is planned can be shared out only once; what
    was weighed may be any part of what there is at 100 %.
    """
    takers: dict[tuple[str, str], list[d.Stage]] = {}
    for stage in stages:
        source, name = stage.from_stage, stage.from_product
        if stage.id in scales and source is not None and source in made and name is not None:
            takers.setdefault((source, name), []).append(stage)
    found: list[Finding] = []
    for (source, name), users in takers.items():
        theory = made[source].theory_mmol.get(name)
        if theory is None:
            continue
        taken = [scales[user.id] for user in users]
        there = theory if any(user.id in weighed for user in users) else max(taken)
        if sum(taken) > there * (1 + ROUNDING):
            found.append(_too_much(f"{source}.{name}", users, sum(taken), there))
    return tuple(found)


def _too_much(product: str, users: Sequence[d.Stage], taken: float, there: float) -> Finding:
    *others, last = users
    amounts = f"{shown(Dimension.AMOUNT, taken)} of {product}, and there is "
    amounts += f"{shown(Dimension.AMOUNT, there)} at the most."
    message = f"{last.id} takes {amounts}"
    help_ = "Weigh again, make more of it, or acknowledge that some comes from elsewhere."
    if others:
        message = f"{', '.join(o.id for o in others)} and {last.id} together take {amounts}"
        help_ = "Make more of it, or say with --set how it is divided."
    related = tuple(Related(o.spans.at("basis from"), f"{o.id} takes of it too") for o in others)
    return c.STAGE_2.at(last.spans.at("basis from"), message, help=help_, related=related)
