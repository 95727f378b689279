"""The replayed run against its plan. Each check stands in its own file under `checks/`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from compiler.diagnostics.codes import verification as v
from compiler.diagnostics.finding import Finding
from compiler.target.commands import WellRef
from simulate.acts import Act, Operator
from simulate.checks.actions import check_actions
from simulate.checks.charges import check_charges
from simulate.checks.climate import check_temperatures
from simulate.checks.contents import check_capacity, check_contents
from simulate.checks.draws import check_draws
from simulate.checks.evidence import Evidence
from simulate.checks.limits import check_limits
from simulate.checks.order import check_plan, check_steps
from simulate.checks.requests import check_requests
from simulate.checks.standing import check_standing
from simulate.checks.timing import check_drops, check_holds, check_mixing, check_portions
from simulate.checks.tips import check_tips
from simulate.ledger import Ledger
from simulate.liquids import Liquid, Parcel
from simulate.plan import Charge, Contents, Plan

Check = Callable[[Evidence], Iterator[Finding]]

# What goes wrong first is told first: contents come last, and leave out what is explained.
CHECKS: tuple[Check, ...] = (
    check_plan,
    check_steps,
    check_charges,
    check_drops,
    check_portions,
    check_requests,
    check_mixing,
    check_holds,
    check_standing,
    check_limits,
    check_temperatures,
    check_draws,
    check_tips,
    check_capacity,
    check_contents,
)

# Verbs after which the operator hands back something else than was there.
_TRANSFORMING = frozenset({"dry", "filter", "concentrate", "purify", "hydrogenate", "operator"})


def verify(
    plan: Plan, ledgers: Sequence[Ledger], files: Mapping[int, str] | None = None
) -> tuple[Finding, ...]:
    """Hold the parts of a run against their plan.

    `files` names the script of each part, for the findings. An empty answer means that the run
    does what the plan says.
    """
    if not ledgers:
        return ()
    evidence = Evidence(plan, ledgers, files or {})
    robots = {ledger.trace.robot for ledger in ledgers}
    if plan.robot is not None and robots != {plan.robot}:
        message = f"the plan is for {plan.robot}, the script for {', '.join(sorted(robots))}"
        return (evidence.finding(v.PLAN, message, step=None),)
    found = [finding for check in CHECKS for finding in check(evidence)]
    told = {finding.step for finding in found}
    found += [finding for finding in check_actions(evidence) if finding.step not in told]
    return tuple(found)


def stocks_of(plan: Plan) -> Mapping[WellRef, Parcel]:
    """What the operator fills in before the run."""
    return {stock.well: stock.per_ul.share(stock.volume_ul) for stock in plan.stocks}


def operator_of(plan: Plan) -> Operator:
    """The operator as the plan has them: at the nth line of a step's pauses, the nth portion (or
    the nth round) of its charges; at a filtration and the like, what the plan says is left."""
    charges: dict[str, list[Charge]] = {}
    for charge in plan.charges:
        if charge.by_operator:
            charges.setdefault(charge.step, []).append(charge)
    transforming = {s.id for s in plan.steps if s.by_operator and s.verb in _TRANSFORMING}
    transforming |= {draw.step for draw in plan.draws if draw.by_operator}
    left: dict[str, dict[WellRef, Contents]] = {}
    for contents in plan.contents:
        well = plan.well(contents.reaction, contents.vessel)
        if contents.step in transforming and well is not None:
            left.setdefault(contents.step, {})[well] = contents
    liquids = {liquid.name: liquid for stock in plan.stocks for liquid in stock.per_ul.liquids}

    def act(step: str, nth: int) -> Sequence[Act]:
        acts = []
        for charge, share in _due(charges.get(step, []), nth):
            well = plan.well(charge.reaction, charge.vessel)
            if well is not None:
                acts.append(Act(well, charge.material, _whole(plan, charge).share(share)))
        return [
            *acts,  # the rinse of a filtration comes before what is left of it
            *(
                Act(well, "", _remaining(contents, liquids), replaces=True)
                for well, contents in left.get(step, {}).items()
            ),
        ]

    return act


def _due(charges: Sequence[Charge], nth: int) -> Iterator[tuple[Charge, float]]:
    """The charges, or shares of them, that the nth line of their step asks for."""
    seen: dict[tuple[str, str, str], int] = {}
    for charge in charges:
        if charge.portions is not None:
            if nth <= charge.portions.n:
                yield charge, 1 / charge.portions.n
            continue
        key = (charge.reaction, charge.vessel, charge.material)
        seen[key] = seen.get(key, 0) + 1
        if seen[key] == nth:
            yield charge, 1.0


def _whole(plan: Plan, charge: Charge) -> Parcel:
    """A whole operator's charge: of its own composition or its stock's, if it has one."""
    if charge.per_ul is not None and charge.volume_ul:
        return charge.per_ul.share(charge.volume_ul)
    stock = next((s for s in plan.stocks if s.material == charge.material), None)
    if stock is not None and charge.volume_ul:
        return stock.per_ul.share(charge.volume_ul)
    liquid = Liquid(charge.material, 0.0, "unknown")
    volumes = {liquid: charge.volume_ul} if charge.volume_ul else {}
    return Parcel(volumes, {(charge.material, ""): charge.mmol} if charge.mmol else {})


def _remaining(contents: Contents, liquids: Mapping[str, Liquid]) -> Parcel:
    """What the plan says is left in a vessel."""
    volumes = {
        liquids.get(name, Liquid(name, 0.0, "unknown")): volume
        for name, volume in contents.solvents_ul.items()
    }
    return Parcel(volumes, {(name, ""): mmol for name, mmol in contents.mmol.items()})
