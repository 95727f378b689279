"""The rules: small functions over what is in a vessel at a step, one family a module.

A rule takes the story of one reaction and yields findings. What all reactions share is reported
once; the rest names its row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from compiler.diagnostics.finding import Finding
from compiler.passes.bookkeeping import merge_rows
from compiler.passes.lint import (
    amination,
    analysis,
    containers,
    coupling,
    dangers,
    dilution,
    evaporation,
    exposure,
    gas,
    hazards,
    protection,
    selectivity,
    stocks,
    temperature,
    vapour,
)
from compiler.passes.lint.scenes import Story, stories
from compiler.passes.one_reaction import ledgers
from compiler.stages.charges import Reaction
from compiler.stages.contents import Ledger

Rule = Callable[[Story], Iterator[Finding]]

RULES: tuple[Rule, ...] = (
    temperature.boiling,
    temperature.sealed_pressure,
    temperature.freezing,
    temperature.solid_stock,
    containers.resistance_of_materials,
    containers.atmosphere,
    vapour.loss,
    gas.evolution,
    gas.surge,
    gas.foam,
    gas.pressure,
    dilution.highest_concentration,
    hazards.pairs,
    dangers.dangerous,
    stocks.reactive,
    stocks.slurries,
    evaporation.evaporated,
    evaporation.volatile_product,
    exposure.flammable,
    exposure.anhydrous,
    exposure.glass,
    exposure.consumed_by_dichloromethane,
    selectivity.equal_sites,
    selectivity.over_alkylation,
    selectivity.quaternisation,
    selectivity.usual_equivalents,
    amination.simple_borohydride,
    amination.ketone_without_acid,
    amination.hydrogenolysis,
    amination.pyrophoric_catalyst,
    protection.boc_in_acid,
    protection.rings_in_acid,
    protection.unconfirmed,
    coupling.small_lactams,
    coupling.dilution_of_rings,
    coupling.room_for_dilution,
    coupling.enough_base,
    coupling.order,
    analysis.criterion,
    analysis.samples,
    analysis.silica,
    analysis.elution,
    analysis.acid_base_extraction,
)


def lint(ledger: Ledger) -> tuple[Finding, ...]:
    """The findings of all rules, in the order of RULES, then of the steps."""
    told = [(story, alike) for one, alike in ledgers(ledger) for story in stories(one)]
    alone = ledger.charges.recipe.library is None
    found: list[tuple[Finding, Reaction]] = []
    for rule in RULES:
        for story, alike in told:
            for finding in rule(story):
                befallen = (story.reaction,) if alone else alike
                found.extend((finding, reaction) for reaction in befallen)
    return merge_rows(found, ledger.charges.reactions)


__all__ = ["RULES", "Rule", "lint"]
