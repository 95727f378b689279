"""Time: drops and portions at their intervals, holds as long as planned, shaken as planned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from compiler.diagnostics.codes import verification as v
from compiler.diagnostics.finding import Finding
from compiler.target.commands import WellRef
from simulate.checks.evidence import Evidence, tolerance_ul
from simulate.ledger import Ledger, Stamp, Wait
from simulate.plan import Charge, Drops, Hold, Mixing

CLOCK_S = 0.05  # rounding of the clock's own sums
LATE_SHARE, LATE_S = 0.02, 1.0
HOLD_SHARE = 0.001
RPM_SHARE = 0.01


def check_drops(evidence: Evidence) -> Iterator[Finding]:
    """Dropwise charges: how many drops, how large, how far apart, with which pipette."""
    for charge in evidence.plan.charges:
        well = evidence.plan.well(charge.reaction, charge.vessel)
        if charge.drops is not None and well is not None and not charge.by_operator:
            yield from _check_drops(evidence, charge, charge.drops, well)


def _check_drops(
    evidence: Evidence, charge: Charge, planned: Drops, well: WellRef
) -> Iterator[Finding]:
    name = evidence.name(well)
    stocks = evidence.plan.stock_wells(charge.material)
    volumes: dict[tuple[int, int], float] = {}
    stamps: dict[tuple[int, int], Stamp] = {}
    mounts: set[str] = set()
    for part, (ledger, transfer) in enumerate(evidence.transfers):
        if transfer.stamp.step == charge.step and transfer.into == well:
            if transfer.source not in stocks:
                continue
            key = (ledger.part, transfer.stamp.index)
            volumes[key] = volumes.get(key, 0.0) + transfer.volume_ul
            stamps[key] = transfer.stamp
            pipette = ledger.trace.pipettes.get(transfer.drawn.mount)
            mounts.add(pipette.name if pipette else f"{transfer.drawn.mount} {part}")
    if not volumes:
        return  # the charge itself is missing, and reported
    if len(volumes) != planned.count:
        yield evidence.finding(
            v.RATE,
            f"{name}: {len(volumes)} drops of {charge.material}; the plan has {planned.count}",
            step=charge.step,
            stamp=list(stamps.values())[-1],
            advice="restore the loop over the drops",
        )
    for number, (key, volume) in enumerate(volumes.items(), start=1):
        if abs(volume - planned.drop_ul) > tolerance_ul(planned.drop_ul):
            yield evidence.finding(
                v.RATE,
                f"{name}: drop {number} of {charge.material} is {volume:.2f} µL; the plan has "
                f"{planned.drop_ul:.2f} µL",
                step=charge.step,
                stamp=stamps[key],
                advice="every drop has the same volume",
            )
            break
    if planned.pipette and mounts and planned.pipette not in mounts:
        yield evidence.finding(
            v.RATE,
            f"{name}: the drops of {charge.material} come from {', '.join(sorted(mounts))}; the "
            f"plan has {planned.pipette}",
            step=charge.step,
            stamp=next(iter(stamps.values())),
            advice="a pipette is chosen for the drop that it can measure",
        )
    yield from _check_intervals(evidence, charge, planned, name, list(stamps.values()))


def _check_intervals(
    evidence: Evidence, charge: Charge, planned: Drops, name: str, stamps: Sequence[Stamp]
) -> Iterator[Finding]:
    late = max(LATE_SHARE * planned.interval_s, LATE_S)
    for number, (before, after) in enumerate(pairwise(stamps), start=2):
        gap = after.ends_s - before.ends_s
        if gap < planned.interval_s - CLOCK_S or gap > planned.interval_s + late:
            how = "sooner" if gap < planned.interval_s else "later"
            yield evidence.finding(
                v.RATE,
                f"{name}: drop {number} of {charge.material} falls {gap:.2f} s after the one "
                f"before, {how} than the planned {planned.interval_s:.2f} s",
                step=charge.step,
                stamp=after,
                advice="start each round by a timer of the planned interval, and wait for it",
            )
            return


def check_portions(evidence: Evidence) -> Iterator[Finding]:
    """Portions: one pause a portion, in number, and far enough apart."""
    seen: set[str] = set()
    for charge in evidence.plan.charges:
        if charge.portions is None or not charge.by_operator or charge.step in seen:
            continue
        seen.add(charge.step)
        planned = charge.portions
        given = [
            (ledger, pause.stamp)
            for ledger in evidence.ledgers
            for pause in ledger.pauses
            for step in pause.steps
            if step == charge.step
        ]
        if len(given) != planned.n:
            yield evidence.finding(
                v.PORTION,
                f"the run asks for {len(given)} portions of {charge.material}; the plan has "
                f"{planned.n}",
                step=charge.step,
                stamp=given[-1][1] if given else None,
                advice="each portion is one line of a pause that starts with the step's id",
            )
        for number, ((part, before), (next_part, after)) in enumerate(pairwise(given), start=2):
            gap = after.starts_s - before.starts_s
            if part is next_part and gap < planned.every_s - CLOCK_S:
                yield evidence.finding(
                    v.PORTION,
                    f"portion {number} of {charge.material} is asked for {gap:.1f} s after the one "
                    f"before; the plan has {planned.every_s:.1f} s",
                    step=charge.step,
                    stamp=after,
                    advice="wait for a timer that was started with the portion before",
                )
                break


def check_holds(evidence: Evidence) -> Iterator[Finding]:
    """Holds: the waits of each step, in order, are at least as long as the plan's."""
    used: set[tuple[int, int]] = set()
    for hold in evidence.plan.holds:
        found = _wait_for(evidence, hold, used)
        if found is None:
            longest = _longest(evidence, hold, used)
            yield evidence.finding(
                v.HOLD,
                f"no wait of {hold.seconds:.1f} s is left in the script for this hold; the longest "
                f"is {longest[0]:.1f} s",
                step=hold.step,
                stamp=longest[1],
                advice="restore the delay or the timer",
            )
            continue
        ledger, start_s, end_s, stamp = found
        yield from _check_shaking(evidence, hold, ledger, start_s, end_s, stamp)


def _waits(evidence: Evidence, hold: Hold) -> list[tuple[Ledger, int, Wait]]:
    return [
        (ledger, number, wait)
        for ledger in evidence.ledgers
        if hold.part in (None, ledger.part)
        for number, wait in enumerate(ledger.waits)
        if hold.step in (wait.stamp.step, wait.started_step)
    ]


def _wait_for(
    evidence: Evidence, hold: Hold, used: set[tuple[int, int]]
) -> tuple[Ledger, float, float, Stamp] | None:
    """The first free wait that is long enough; else a row of waits with only mixing between."""
    free = [w for w in _waits(evidence, hold) if (w[0].part, w[1]) not in used]
    needed = hold.seconds * (1 - HOLD_SHARE)
    for ledger, number, wait in free:
        if wait.seconds >= needed:
            used.add((ledger.part, number))
            return ledger, wait.starts_s, wait.ends_s, wait.stamp
    for i, (ledger, number, first) in enumerate(free):
        taken = [(ledger.part, number)]
        for other, count, last in free[i + 1 :]:
            if other is not ledger or _interrupted(ledger, first.starts_s, last.ends_s):
                break
            taken.append((other.part, count))
            if last.ends_s - first.starts_s >= needed:
                used.update(taken)
                return ledger, first.starts_s, last.ends_s, last.stamp
    return None


def _interrupted(ledger: Ledger, start_s: float, end_s: float) -> bool:
    """Whether anything but mixing was drawn or delivered in an interval."""
    return any(
        not transfer.is_mixing
        and (
            start_s < transfer.stamp.ends_s < end_s or start_s < transfer.drawn.stamp.ends_s < end_s
        )
        for transfer in ledger.transfers
    )


def _longest(
    evidence: Evidence, hold: Hold, used: set[tuple[int, int]]
) -> tuple[float, Stamp | None]:
    free = [w for w in _waits(evidence, hold) if (w[0].part, w[1]) not in used]
    if not free:
        return 0.0, None
    _, _, wait = max(free, key=lambda item: item[2].seconds)
    return wait.seconds, wait.stamp


def _check_shaking(
    evidence: Evidence, hold: Hold, ledger: Ledger, start_s: float, end_s: float, stamp: Stamp
) -> Iterator[Finding]:
    if not hold.rpm:
        return
    labels = modules_of(evidence, ledger, hold.module, shakes=True)
    for climate in ledger.climate_during(start_s, end_s):
        speeds = [climate.rpm.get(label, 0) for label in labels] or [0]
        best = min(speeds, key=lambda speed: abs(speed - (hold.rpm or 0.0)))
        if abs(best - hold.rpm) > RPM_SHARE * hold.rpm:
            yield evidence.finding(
                v.STIR,
                f"{hold.module or 'the shaker'} runs at {best} rpm during the hold; the plan has "
                f"{hold.rpm:g} rpm",
                step=hold.step,
                stamp=stamp,
                advice="start the shaker before the wait and stop it after",
            )
            return


def modules_of(
    evidence: Evidence, ledger: Ledger, name: str | None, *, shakes: bool = False
) -> list[str]:
    """The trace's labels of the module that the plan calls `name` (by its slot); without a name,
    or where the plan's deck does not list it, every module that can do it."""
    slot = evidence.plan.module_slots.get(name or "")
    modules = ledger.trace.modules.values()
    by_slot = [m.label for m in modules if slot and _same_slot(m.slot, slot)]
    if by_slot:
        return by_slot
    return [m.label for m in modules if not shakes or "heaterShaker" in m.model]


_FLEX_SLOTS = {
    "10": "A1", "11": "A2", "12": "A3", "7": "B1", "8": "B2", "9": "B3",
    "4": "C1", "5": "C2", "6": "C3", "1": "D1", "2": "D2", "3": "D3",
}  # fmt: skip


def _same_slot(one: str, other: str) -> bool:
    """Slots by either robot's name: 1 is D1."""
    return _FLEX_SLOTS.get(one, one) == _FLEX_SLOTS.get(other, other)


def check_mixing(evidence: Evidence) -> Iterator[Finding]:
    """Mixing by pipette: as many cycles of the planned stroke as the plan has."""
    wanted: dict[tuple[str, WellRef, float], Mixing] = {}
    cycles: dict[tuple[str, WellRef, float], int] = {}
    for mixing in evidence.plan.mixes:
        key = (mixing.step, mixing.well, round(mixing.stroke_ul, 6))
        wanted[key] = mixing
        cycles[key] = cycles.get(key, 0) + mixing.cycles
    for (step, well, stroke), planned in wanted.items():
        count = cycles[step, well, stroke]
        volumes: dict[tuple[int, int], float] = {}
        stamp: Stamp | None = None
        for ledger, transfer in evidence.transfers:
            if transfer.stamp.step == step and transfer.into == well and transfer.is_mixing:
                key_of = (ledger.part, transfer.stamp.index)
                volumes[key_of] = transfer.drawn.volume_ul
                stamp = transfer.stamp
        done = sum(abs(u - stroke) <= tolerance_ul(stroke) for u in volumes.values())
        if done < count:
            yield evidence.finding(
                v.STIR,
                f"{evidence.name(well)} is mixed {done} times with {planned.stroke_ul:.1f} µL; the "
                f"plan has {count} times",
                step=step,
                stamp=stamp,
                advice="restore the mixing",
            )
