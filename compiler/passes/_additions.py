"""What the steps of a recipe put into vessels, before numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from compiler.diagnostics.finding import Span
from compiler.stages.charges import Recipe
from compiler.stages.documents import Add, AdjustPh, Amount, AnyStep, Extract, Filter, Transfer


@dataclass(frozen=True, slots=True)
class Addition:
    """One thing that a step puts into a vessel, before numbers. `material` is a recipe's key."""

    step: str
    material: str
    vessel: str
    amount: Amount
    span: Span
    by_operator: bool
    round: int = 1


def by_addition(recipe: Recipe, reactions: tuple[str, ...]) -> dict[Addition, list[str]]:
    """Every addition with the reactions that have it, each a run of rows that say the same."""
    found: dict[Addition, list[str]] = {}
    made: dict[int, tuple[Addition, ...]] = {}  # rows share the steps that they leave alone
    for reaction in reactions:
        steps = recipe.procedure_of(reaction).steps
        for step in steps:
            if id(step) not in made:
                made[id(step)] = tuple(_additions((step,)))
            for addition in made[id(step)]:
                keyed = replace(addition, material=recipe.key(reaction, addition.material))
                found.setdefault(keyed, []).append(reaction)
    return found


def _additions(steps: Iterable[AnyStep]) -> Iterator[Addition]:
    for step in steps:
        hand = step.by_operator
        if isinstance(step, Add):
            span = step.amount.quantity.span
            yield Addition(step.id, step.material, step.to, step.amount, span, hand)
        elif isinstance(step, AdjustPh) and step.amount is not None:
            span = step.amount.quantity.span
            yield Addition(step.id, step.with_, step.vessel, step.amount, span, hand)
        elif isinstance(step, Extract):
            one = Addition(
                step.id, step.with_.name, step.vessel, step.volume, step.volume.quantity.span, hand
            )
            yield from (replace(one, round=round_) for round_ in range(1, step.times + 1))
        elif isinstance(step, (Transfer, Filter)) and step.rinse is not None:
            rinse = step.rinse
            vessel = step.from_ if isinstance(step, Transfer) else _rinsed(step)
            one = Addition(
                step.id,
                rinse.with_.name,
                vessel,
                rinse.volume,
                rinse.span,
                hand or isinstance(step, Filter),
            )
            # what a filter is rinsed with runs through; nothing is drawn between two rinses
            drawn = isinstance(step, Transfer)
            rounds = range(1, rinse.times + 1)
            yield from (replace(one, round=round_ if drawn else 1) for round_ in rounds)


def _rinsed(step: Filter) -> str:
    """Where the rinse ends up: with the filtrate where that is kept."""
    return step.into or step.vessel if step.keep == "filtrate" else step.vessel
