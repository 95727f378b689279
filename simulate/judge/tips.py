"""Tips: the wrong ones, used ones, and those that stay on."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.diagnostics.codes import platform as p
from compiler.diagnostics.finding import Severity
from compiler.target import commands as c
from simulate.judge.case import Case, Fault, Where, fault, of
from simulate.judge.facts import pipette_facts
from simulate.traced import LoadedLabware, LoadedPipette


def check_fit(case: Case) -> Iterator[Fault]:
    """Tips that do not belong on the pipette, or to the robot."""
    told: set[tuple[str, str]] = set()
    for traced in case.trace.commands:
        if not isinstance(traced.command, c.PickUpTip):
            continue
        pipette = case.trace.pipettes.get(traced.command.mount)
        rack = case.labware(traced.command.tip)
        if pipette is None or rack is None or (pipette.mount, rack.label) in told:
            continue
        told.add((pipette.mount, rack.label))
        reason = _misfit(pipette, rack, traced.command.tip.well)
        if reason:
            yield fault(
                p.TIP_FIT,
                of(traced),
                f"{pipette.name} picks up tips of {rack.load_name}: {reason}",
                "load a tip rack that is made for this pipette",
            )


def _misfit(pipette: LoadedPipette, rack: LoadedLabware, well: str) -> str | None:
    facts = pipette_facts(pipette.name)
    if facts is None or rack.definition.get("namespace") != "opentrons":
        return None
    flex_tips = rack.load_name.startswith("opentrons_flex_")
    if flex_tips != (facts.robot == "Flex"):
        return f"they are tips for {'a Flex' if flex_tips else 'an OT-2'}"
    entry = rack.definition.get("wells", {}).get(well, {})
    tip_ul = float(entry.get("totalLiquidVolume", 0.0))
    if tip_ul and tip_ul not in facts.tips_ul and rack.load_name.startswith("opentrons_"):
        known = ", ".join(f"{volume:g}" for volume in sorted(facts.tips_ul))
        return f"they hold {tip_ul:g} µL, and this pipette takes tips of {known} µL"
    return None


def check_used(case: Case) -> Iterator[Fault]:
    """A place picked up from again: gone into the trash, or put back after use.

    `reset_tipracks`, a pause (the operator may refill) and moving the rack make tips new. With a
    plan it is only a rack that is reset right after a pause: the plan says which are replaced.
    """
    gone: dict[c.WellRef, Where] = {}
    returned: dict[c.WellRef, Where] = {}
    on: dict[str, list[c.WellRef]] = {}
    refills = case.trace.refills()
    resets = [h for h in case.trace.happenings if h.kind == "setTipState" and not case.planned]
    for number, traced in enumerate(case.trace.commands):
        for rack in refills.get(number, ()):
            _forget(rack, gone, returned)
        while resets and resets[0].before <= number:
            _forget(resets.pop(0).subject, gone, returned)
        match traced.command:
            case c.PickUpTip(mount, first):
                refs = case.under(first, traced.channels, traced.upwards)
                # A plan may park a tip: where it goes then, the verifier has looked at.
                parked = {} if case.planned else returned
                yield from _again(of(traced), refs, gone, parked)
                on[mount] = refs
            case c.DropTip(mount, into):
                for ref in on.pop(mount, []):
                    (gone if into is None else returned)[ref] = of(traced)
                    (returned if into is None else gone).pop(ref, None)
            case c.Pause() if not case.planned:
                gone.clear()
                returned.clear()
            case c.MoveLabware(labware):
                _forget(labware, gone, returned)
            case _:
                pass


def _forget(rack: str, *states: dict[c.WellRef, Where]) -> None:
    for state in states:
        for ref in [ref for ref in state if ref.labware == rack]:
            del state[ref]


def _again(
    where: Where,
    refs: list[c.WellRef],
    gone: dict[c.WellRef, Where],
    returned: dict[c.WellRef, Where],
) -> Iterator[Fault]:
    for ref in refs:
        if ref in gone:
            yield fault(
                p.TIP_USED,
                where,
                f"the tip of {ref} is picked up again, and went into the trash before"
                f"{_line(gone[ref])}",
                "take the next tip, or call reset_tipracks() where the rack has been refilled",
            )
            return
        if ref in returned:
            yield fault(
                p.TIP_USED,
                where,
                f"the tip of {ref} is picked up again after it was used and put back"
                f"{_line(returned[ref])}",
                "as long as it only meets the same liquid, this is in order",
                Severity.NOTE,
            )
            return


def _line(where: Where) -> str:
    return f" (line {where.line})" if where.line else ""


def check_kept(case: Case) -> Iterator[Fault]:
    """A tip that is on when the script ends. With a plan, the verifier has this."""
    if case.planned or not case.complete:
        return
    picked: dict[str, Where] = {}
    for traced in case.trace.commands:
        if isinstance(traced.command, c.PickUpTip):
            picked[traced.command.mount] = of(traced)
    told: set[str] = set()
    for mount, ref, _ in case.ledger.tips_kept:
        if mount not in told:
            told.add(mount)
            yield fault(
                p.TIP_KEPT,
                picked[mount],
                f"the {mount} pipette still has the tip of {ref} on when the script ends",
                "drop the tip at the end",
            )
