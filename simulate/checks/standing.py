"""Holds, reaction by reaction: each stands as long as its chemistry asks for, whoever is served
meanwhile.

`timing.py` looks for the waits themselves. Here it counts what a reaction sees of them: from the
last stroke at its wells (or the operator's charge) in an earlier step to the first one in a later
step. Layers settle from the last stroke at their well to the draw. Vessels that reactions share are
left out: what is drawn for one of them does nothing to the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

from compiler.diagnostics.codes import verification as v
from compiler.diagnostics.finding import Finding
from simulate.checks.evidence import Evidence
from simulate.ledger import Stamp
from simulate.plan import Stand

SHORT_SHARE, SHORT_S = 0.001, 0.1


@dataclass(frozen=True, slots=True)
class _Stood:
    """What a reaction saw of holds in a row, and what came after them; times in s."""

    reaction: str
    wanted_s: float
    seen_s: float
    then: Stamp


def check_standing(evidence: Evidence) -> Iterator[Finding]:
    """For each hold of the plan the reaction that stands least, and how many others stand too
    short."""
    if not evidence.plan.stands:
        return
    for stand in evidence.plan.stands:
        seen = _seen(evidence, stand) if stand.round is None else _settled(evidence, stand)
        short = sorted((s for s in seen if _too_short(s)), key=lambda s: s.seen_s - s.wanted_s)
        if not short:
            continue
        worst = short[0]
        more = f", and {len(short) - 1} more reactions stand too short" if len(short) > 1 else ""
        yield evidence.finding(
            v.HOLD,
            f"{worst.reaction} stands for {worst.seen_s:.1f} s; the plan has"
            f" {worst.wanted_s:.1f} s{more}",
            step=stand.step,
            stamp=worst.then,
            advice="wait for a timer that starts when the last reaction is ready, or compile the"
            " procedure again",
        )


def _too_short(stood: _Stood) -> bool:
    return stood.seen_s < stood.wanted_s * (1 - SHORT_SHARE) - SHORT_S


# --- holds in steps of their own --------------------------------------------------------------


def _seen(evidence: Evidence, stand: Stand) -> Iterator[_Stood]:
    """What reactions see of a hold and of those right after it; the first of a row tells it."""
    place = {step.id: number for number, step in enumerate(evidence.plan.steps)}
    for reaction in stand.reactions:
        at = place.get(stand.step, -1)
        mine = evidence.acts.get(reaction, [])
        before = [act for act in mine if act.step < at]
        after = [act for act in mine if act.step > at]
        if not before or not after:
            continue
        last, first = max(act.step for act in before), min(act.step for act in after)
        row = [
            other
            for other in evidence.plan.stands
            if other.round is None
            and reaction in other.reactions
            and last < place.get(other.step, -1) < first
        ]
        if row[0] is not stand:
            continue
        then = min(after, key=lambda act: act.starts_s)
        seen_s = then.starts_s - max(act.ends_s for act in before)
        yield _Stood(reaction, sum(each.seconds for each in row), seen_s, then.stamp)


# --- layers ---------------------------------------------------------------------------------


def _settled(evidence: Evidence, stand: Stand) -> Iterator[_Stood]:
    """How long each well stands before its layers are drawn."""
    draws = {
        draw.reaction: draw
        for draw in evidence.plan.draws
        if (draw.step, draw.round) == (stand.step, stand.round) and not draw.by_operator
    }
    for reaction in stand.reactions:
        draw = draws.get(reaction)
        well = evidence.plan.well(reaction, draw.vessel) if draw is not None else None
        if draw is None or well is None:
            continue
        last = max(f.round for f in evidence.flows(stand.step, well))
        drawn = [
            flow.transfer.drawn.stamp
            for flow in evidence.flows(stand.step, well)
            if not flow.into and flow.transfer and min(flow.round, last) == stand.round
        ]
        if drawn:
            at = next(
                n for n, stroke in enumerate(evidence.strokes[well]) if stroke.stamp is drawn[0]
            )
            before, first = (
                evidence.strokes[well][at - 1 : at + 1] if at else (None, evidence.strokes[well][0])
            )
            seen_s = first.starts_s - before.ends_s if before is not None else inf
            yield _Stood(reaction, stand.seconds, seen_s, first.stamp)
