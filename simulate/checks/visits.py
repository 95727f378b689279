"""What is done to every well and every reaction, and when: read off the commands alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from compiler.target import commands as c
from simulate.channels import under_channels
from simulate.ledger import Ledger, Stamp
from simulate.plan import Plan
from simulate.traced import step_of


@dataclass(frozen=True, slots=True)
class Act:
    """Something done to a reaction: in the how-manieth step, from when until when (s)."""

    step: int
    starts_s: float
    ends_s: float
    stamp: Stamp


Strokes = Mapping[c.WellRef, list[Act]]


def offsets_s(plan: Plan, ledgers: Iterable[Ledger]) -> Iterator[tuple[Ledger, float]]:
    """Each script with its start, from that of the first one (s): holds between them included."""
    scripts = {script.part: script for script in plan.scripts}
    now_s = 0.0
    for ledger in ledgers:
        script = scripts.get(ledger.part)
        if script is not None and script.hold_step is not None:
            now_s += script.hold_s
        yield ledger, now_s
        now_s += ledger.duration_s


def visits(ledger: Ledger) -> Iterator[tuple[Stamp, list[c.WellRef]]]:
    """Every stroke of a pipette, with the wells under its channels."""
    channels: dict[str, tuple[int, bool]] = {}
    for traced, stamp in zip(ledger.trace.commands, ledger.stamps, strict=True):
        match traced.command:
            case c.PickUpTip(mount):
                channels[mount] = traced.channels, traced.upwards
            case c.Aspirate(mount, well) | c.Dispense(mount, c.WellRef() as well):
                item = ledger.trace.labware.get(well.labware)
                yield stamp, under_channels(item, well, *channels.get(mount, (1, False)))


def strokes_of(plan: Plan, ledgers: Sequence[Ledger]) -> Strokes:
    """What pipettes do at each well, in order; `step` is -1 where no step was announced."""
    place = {step.id: number for number, step in enumerate(plan.steps)}
    found: dict[c.WellRef, list[Act]] = {}
    for ledger, offset_s in offsets_s(plan, ledgers):
        for stamp, wells in visits(ledger):
            act = _act(place.get(stamp.step or "", -1), stamp, offset_s)
            for well in dict.fromkeys(wells):
                found.setdefault(well, []).append(act)
    return found


def acts_of(plan: Plan, ledgers: Sequence[Ledger], strokes: Strokes) -> Mapping[str, list[Act]]:
    """What pipettes and the operator do to each reaction. Vessels that reactions share are left
    out: what is drawn for one of them does nothing to the others."""
    whose: dict[c.WellRef, list[str]] = {}
    for (reaction, _), well in plan.wells.items():
        whose.setdefault(well, []).append(reaction)
    found: dict[str, list[Act]] = {}
    for well, mine in whose.items():
        if len(mine) == 1:
            own = (act for act in strokes.get(well, ()) if act.step >= 0)
            found.setdefault(mine[0], []).extend(own)
    for reaction, act in _by_hand(plan, ledgers):
        found.setdefault(reaction, []).append(act)
    return found


def _by_hand(plan: Plan, ledgers: Sequence[Ledger]) -> Iterator[tuple[str, Act]]:
    """The pauses in which the operator charges a reaction."""
    place = {step.id: number for number, step in enumerate(plan.steps)}
    charged: dict[str, dict[str, None]] = {}
    for charge in plan.charges:
        if charge.by_operator:
            charged.setdefault(charge.step, {})[charge.reaction] = None
    for ledger, offset_s in offsets_s(plan, ledgers):
        for traced, stamp in zip(ledger.trace.commands, ledger.stamps, strict=True):
            if not isinstance(traced.command, c.Pause):
                continue
            for step in dict.fromkeys(step_of(x) for x in traced.command.message.splitlines()):
                if step in place:
                    act = _act(place[step], stamp, offset_s)
                    yield from ((reaction, act) for reaction in charged.get(step, ()))


def _act(place: int, stamp: Stamp, offset_s: float) -> Act:
    return Act(place, stamp.starts_s + offset_s, stamp.ends_s + offset_s, stamp)
