"""Stocks that do not keep: H-STOCK-1 and H-STOCK-2, and P-SLURRY-1."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.diagnostics.codes import hazards as h
from compiler.diagnostics.codes import platform as p
from compiler.diagnostics.finding import Finding
from compiler.passes.lint.scenes import Story
from compiler.stages.charges import Liquid, Supplied
from compiler.stages.documents import Add, Form

_REACTS = frozenset(
    {
        "silyl_halide",
        "acid_halide_like",
        "anhydride_or_dicarbonate",
        "organometal",
        "strong_hydride",
        "acyloxyborohydride",
    }
)
_PROTIC = frozenset({"protic_solvent", "water", "alcohol_aliphatic", "carboxylic_acid"})
_NUCLEOPHILIC = frozenset({"amine_nucleophilic_NH", "sulfoxide"})
_ACYLATES = frozenset({"silyl_halide", "acid_halide_like", "anhydride_or_dicarbonate"})


def reactive(story: Story) -> Iterator[Finding]:
    """H-STOCK-1: a solute that its solvent destroys; H-STOCK-2: Boc2O in an alcohol."""
    for supplied, step_id in _used(story):
        if supplied.medium is None:
            continue
        for liquid in supplied.liquids:
            yield from _judge(supplied, liquid, step_id)


def _judge(supplied: Supplied, liquid: Liquid, step_id: str) -> Iterator[Finding]:
    solute, solvent = supplied.substance.classes, liquid.substance.classes
    own_anhydride = "carboxylic_acid" in solvent and "anhydride_or_dicarbonate" in solute
    own_acid = "carboxylic_acid" in solvent and "acyloxyborohydride" in solute
    if "boc2o" in solute:
        if not solvent.isdisjoint(_PROTIC):
            yield h.STOCK_2.at(
                supplied.declared,
                f"{supplied.label} in {liquid.name}, which takes it up within a day, and faster "
                "with base",
                help="make it up fresh and use it within hours, or use MeCN, DCM or THF",
                step=step_id,
            )
        return
    if solute.isdisjoint(_REACTS) or own_anhydride or own_acid:
        return
    destroyed = not solvent.isdisjoint(_PROTIC) or (
        not solute.isdisjoint(_ACYLATES) and not solvent.isdisjoint(_NUCLEOPHILIC)
    )
    if destroyed:
        yield h.STOCK_1.at(
            supplied.declared,
            f"{supplied.label} reacts with {liquid.name}: the stock holds something else by the "
            "time it is drawn",
            help="use an aprotic solvent that it does not react with: MeCN, DCM, THF or toluene",
            step=step_id,
        )


def slurries(story: Story) -> Iterator[Finding]:
    """P-SLURRY-1: the robot draws a suspension, which settles in its stock vessel."""
    for supplied, step_id in _used(story):
        by_robot = any(
            charge.material == supplied.key and not charge.by_operator
            for charge in story.ledger.charges.charges
        )
        if supplied.form is Form.SLURRY and by_robot:
            yield p.SLURRY_1.at(
                supplied.declared,
                f"{supplied.label} is a slurry: it settles in its stock vessel, and the robot "
                "draws less of it each time",
                help="supply it as a solid that the operator weighs, or as a solution; else keep "
                "the stock stirred and calibrate what is drawn",
                step=step_id,
            )


def _used(story: Story) -> Iterator[tuple[Supplied, str]]:
    """Each declared material that a step uses, with the first step that does."""
    said: set[str] = set()
    recipe = story.ledger.charges.recipe
    for step in story.procedure.steps:
        keys = [c.material for c in story.ledger.charges.of_step(step.id)]
        keys += [step.material] if isinstance(step, Add) else []
        for key in keys:
            supplied = recipe.supplied.get(key)
            if supplied is not None and supplied.declared is not None and key not in said:
                said.add(key)
                yield supplied, step.id
