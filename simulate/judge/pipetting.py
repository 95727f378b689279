"""What pipettes can't do: too small a volume, a flow out of range, a blow-out without a tip."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.diagnostics.codes import platform as p
from compiler.diagnostics.finding import Severity
from compiler.target import commands as c
from simulate.judge.case import Case, Fault, fault, of
from simulate.judge.facts import PipetteFacts, pipette_facts
from simulate.traced import TracedCommand

# No definition names a slowest flow; Opentrons' Protocol Designer starts at this one.
SLOWEST_UL_S = 0.1
ROUNDING = 1.005


def check_pipetting(case: Case) -> Iterator[Fault]:
    """Volumes and flows of every stroke."""
    configured: dict[str, float | None] = {}
    tip_ul: dict[str, float] = {}
    changes = [h for h in case.trace.happenings if h.kind == "configureForVolume"]
    liquid = _liquid_delivered(case)
    for number, traced in enumerate(case.trace.commands):
        while changes and changes[0].before <= number:
            change = changes.pop(0)
            configured[change.subject] = float(change.params["volume"])
        command = traced.command
        if isinstance(command, c.PickUpTip):
            item = case.labware(command.tip)
            well = item.definition.get("wells", {}).get(command.tip.well, {}) if item else {}
            tip_ul[command.mount] = float(well.get("totalLiquidVolume", 0.0))
            continue
        if not isinstance(command, c.Aspirate | c.Dispense | c.AirGap | c.BlowOut):
            continue
        pipette = case.trace.pipettes.get(command.mount)
        facts = pipette_facts(pipette.name) if pipette else None
        if pipette is None or facts is None:
            continue
        yield from _flow(
            traced, facts, pipette.name, tip_ul.get(command.mount), configured.get(command.mount)
        )
        if isinstance(command, c.Aspirate | c.Dispense):
            yield from _volume(
                traced,
                facts,
                pipette.name,
                configured.get(command.mount),
                has_liquid=liquid.get(traced.index, 0.0) > 0.0,
                # Below 2.14 an air gap looks like any other stroke.
                certain=case.trace.has_heights,
            )


def _liquid_delivered(case: Case) -> dict[int, float]:
    """µL of liquid that each command delivered: expelling an air gap delivers none."""
    found: dict[int, float] = {}
    for transfer in case.ledger.transfers:
        index = transfer.stamp.index
        found[index] = found.get(index, 0.0) + transfer.volume_ul
    return found


def _volume(
    traced: TracedCommand,
    facts: PipetteFacts,
    name: str,
    configured_ul: float | None,
    *,
    has_liquid: bool,
    certain: bool,
) -> Iterator[Fault]:
    command = traced.command
    assert isinstance(command, c.Aspirate | c.Dispense)  # the caller looked
    if "air_gap" in traced.via:
        return
    mode = facts.mode(configured_ul)
    verb = "drawn from" if isinstance(command, c.Aspirate) else "dispensed into"
    where = command.well if command.well is not None else "the trash"
    if command.volume_ul <= 0.0:
        message = f"0 µL are {verb} {where}: nothing happens"
        yield fault(p.PIP_1, of(traced), message, "leave the line out, or give a volume")
        return
    if command.volume_ul >= mode.min_ul - 1e-6:
        return
    if isinstance(command, c.Dispense) and (command.well is None or not has_liquid):
        return
    yield fault(
        p.PIP_1,
        of(traced),
        f"{command.volume_ul:g} µL are {verb} {where} with {name}, whose smallest volume is "
        f"{mode.min_ul:g} µL",
        _smaller(facts, command.volume_ul),
        None if certain else Severity.NOTE,
    )


def _smaller(facts: PipetteFacts, volume_ul: float) -> str:
    if facts.low is not None and volume_ul >= facts.low.min_ul:
        return f"call configure_for_volume({volume_ul:g}) before the tip is picked up"
    return "use a smaller pipette, or dilute and move more"


def _flow(
    traced: TracedCommand,
    facts: PipetteFacts,
    name: str,
    tip_ul: float | None,
    configured_ul: float | None,
) -> Iterator[Fault]:
    command = traced.command
    assert isinstance(command, c.Aspirate | c.Dispense | c.AirGap | c.BlowOut)  # the caller looked
    # A definition's fastest flow in the low-volume mode is below defaults that the engine uses.
    fastest = facts.normal.max_flow_ul_s
    limit = fastest.get(tip_ul or 0.0, max(fastest.values()))
    flow = command.flow_ul_s
    if SLOWEST_UL_S / ROUNDING <= flow <= limit * ROUNDING:
        return
    kind = type(command).__name__.lower()
    yield fault(
        p.FLOW,
        of(traced),
        f"the flow rate of this {kind} is {flow:g} µL/s; {name} makes {SLOWEST_UL_S:g} to "
        f"{limit:g} µL/s" + (f" with {tip_ul:g} µL tips" if tip_ul else ""),
        "set pipette.flow_rate, or the rate= of the call, within this range",
    )


def check_blow_out(case: Case) -> Iterator[Fault]:
    """A blow-out while no tip is on."""
    on: set[str] = set()
    for traced in case.trace.commands:
        match traced.command:
            case c.PickUpTip(mount):
                on.add(mount)
            case c.DropTip(mount):
                on.discard(mount)
            case c.BlowOut(mount, well) if mount not in on:
                yield fault(
                    p.BLOWOUT,
                    of(traced),
                    f"the {mount} pipette blows out over {well or 'the trash'} without a tip on",
                    "blow out before the tip is dropped",
                )
            case _:
                pass
