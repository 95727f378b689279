"""What a dropwise addition takes at least, and how many batches its interval forces.

A well's drops are `interval_s` apart. While one well waits the arm serves the others, so that N
drops to any number of wells take (N - 1) intervals and the arm's first round before it, as long
as all wells fit into an interval. Where they don't, they are served in batches.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from compiler.plan.travel import Travel
from compiler.plan.work import (
    Service,
    Tool,
    Work,
    columns,
    deliveries,
    fewest_fills,
    mix_work,
    own_tips,
    shared_tip,
)
from compiler.stages.operations import DeliverDrops

INTERVAL_TOLERANCE = 0.02
"""The share by which a drop may be late, and the interval that much longer."""


@dataclass(frozen=True, slots=True)
class Batches:
    """How many batches an interval forces, and what they take from the first drop to the last.

    `service_s` is the least that a drop to one more well takes of the interval, `at_once` how many
    services fit into it.
    """

    count: int
    at_once: int
    service_s: float
    spread_s: float


@dataclass(frozen=True, slots=True)
class Dropping:
    """A dropwise addition: the first drop to each well, the drops after it, the last mixing."""

    first: Work
    rest: Work
    last: Work | None  # the mixing after the last drop
    batches: Batches


def dropping(travel: Travel, operation: DeliverDrops) -> Dropping:
    """The least work of a dropwise addition."""
    drops = operation.drops
    tool = Tool(travel, operation.pipette, operation.handling)
    services = deliveries(travel, operation, drops.drop_ul)
    step, material = operation.step, operation.material
    if operation.handling.touch_off:
        filled = [_filled(service, min(drops.per_fill, drops.count)) for service in services]
        first = own_tips(tool, step, filled, {})
        fills = math.ceil(drops.count / drops.per_fill)
        last_ul = drops.count - (fills - 1) * drops.per_fill
        last = own_tips(tool, step, [_filled(s, last_ul) for s in services], {})
        arm_s = (fills - 1) * first.arm_s + last.arm_s if fills > 1 else first.arm_s
        whole = replace(first, arm_s=arm_s, fills=fills * len(services), tips=fills * first.tips)
    else:
        first = shared_tip(tool, step, material, services)
        whole = shared_tip(tool, step, material, services, drops.count)
    one_fill_s = first.early_s
    mixed_s = _mixing_s(travel, operation)
    waits_s = (drops.count - 1) * drops.interval_s
    rest = Work(
        step=step,
        kind="chemistry",
        alone=dict.fromkeys(drops.drop_ul, waits_s),
        mount=operation.pipette,
        arm_s=max(0.0, whole.arm_s - first.arm_s) + mixed_s,
        early_s=one_fill_s,
        late_s=first.late_s,
        clean=first.clean,
        fills=max(0, whole.fills - first.fills),
        tips=max(0, whole.tips - first.tips),
    )
    given_s = {
        reaction: volume_ul / operation.handling.dispense_ul_s
        for reaction, volume_ul in drops.drop_ul.items()
    }
    found = batches(tool, operation, services)
    return Dropping(replace(first, alone=given_s), rest, last_mixing(travel, operation), found)


def _filled(service: Service, drops: int) -> Service:
    return replace(service, volume_ul=drops * service.volume_ul)


def last_mixing(travel: Travel, operation: DeliverDrops) -> Work | None:
    """Each well mixed after its last drop."""
    if operation.mix is None or not operation.drops.mix_every:
        return None
    work = mix_work(travel, operation.mix)
    return replace(work, ready_s=0.0, tips=0)


def _mixing_s(travel: Travel, operation: DeliverDrops) -> float:
    """The mixing between the drops; its first tip may be taken before, the last one kept."""
    drops, mix = operation.drops, operation.mix
    if mix is None or not drops.mix_every:
        return 0.0
    times = (drops.count - 1) // drops.mix_every
    if not times:
        return 0.0
    work = mix_work(travel, mix, times)
    between_s = work.arm_s - work.early_s - work.late_s
    return max(0.0, between_s) + (times - 1) * _makes_way_s(travel, operation)


def _makes_way_s(travel: Travel, operation: DeliverDrops) -> float:
    """The tip that drops is put away and taken again, where its pipette has to mix."""
    mix = operation.mix
    same = mix is not None and mix.pipette == operation.pipette
    if not same or operation.handling.touch_off:
        return 0.0
    return travel.clock.drop_s + travel.clock.pick_up_s


# --- batches --------------------------------------------------------------------------------


def batches(tool: Tool, operation: DeliverDrops, services: Sequence[Service]) -> Batches:
    """The least time from the first drop of all to the last.

    In a window of n intervals each of c wells that are served all along gets n drops. If their
    work is longer than the window, no more than c - 1 wells can be in that stage at once. Each is
    in it for (N - n) intervals, from its first drop until n - 1 intervals before its last; of W
    equal times of which c - 1 may run at once, ceil(W / (c - 1)) follow each other. Any n gives a
    bound; the largest is taken.
    """
    drops = operation.drops
    window_s = drops.interval_s * (1 + INTERVAL_TOLERANCE)
    spots = [service.end for service in services]
    arrival_s = min(
        [s for s in tool.travel.neighbours_s(tool.mount, spots) if s > 0]
        + [tool.there_s(service) for service in services]
    )
    smallest_ul = min(service.volume_ul for service in services)
    one_s = arrival_s + smallest_ul / tool.how.dispense_ul_s
    mixing_s = _one_mixing_s(tool.travel, operation)
    cycle_s = min(own_tips(tool, operation.step, [each], {}).arm_s for each in services)
    load = _Load(tool, operation, services, one_s, mixing_s, cycle_s)
    best = Batches(1, len(services), one_s, (drops.count - 1) * drops.interval_s)
    for periods in range(1, drops.count):
        at_once = load.most(periods, periods * window_s)
        count = math.ceil(len(services) / max(1, at_once))
        spread_s = count * (drops.count - periods) + periods - 1
        if spread_s * drops.interval_s > best.spread_s + 1e-9:
            best = Batches(count, at_once, one_s, spread_s * drops.interval_s)
    return best


def _one_mixing_s(travel: Travel, operation: DeliverDrops) -> float:
    """The least that mixing one well takes, with a tip that goes back into its place."""
    mix = operation.mix
    if mix is None or not operation.drops.mix_every:
        return 0.0
    groups = columns(mix, tuple(mix.stroke_ul))
    least = min(groups, key=lambda group: max(mix.stroke_ul[r] for r in group))
    of_one = replace(mix, stroke_ul={r: mix.stroke_ul[r] for r in least}, together=(least,))
    return mix_work(travel, of_one).arm_s


@dataclass(frozen=True, slots=True)
class _Load:
    """What the arm has to do for c wells over n of their drops."""

    tool: Tool
    operation: DeliverDrops
    services: Sequence[Service]
    one_s: float
    mixing_s: float
    cycle_s: float  # a tip taken, filled, emptied and let go, where each drop is touched off

    def most(self, periods: int, window_s: float) -> int:
        """How many services fit into a window of so many intervals; at least one."""
        low, high = 1, len(self.services)
        while low < high:
            middle = (low + high + 1) // 2
            if self.seconds(middle, periods) <= window_s:
                low = middle
            else:
                high = middle - 1
        return low

    def seconds(self, wells: int, periods: int) -> float:
        """From the start of the first of wells x periods drops to the start of the last.

        The tip may be full at the start; each well is mixed between any `mix_every` + 1 drops.
        """
        count = wells * periods
        smallest = sorted(self.services, key=lambda service: service.volume_ul)[:wells]
        source = min(self.tool.fill_s(service.start) for service in smallest)
        every = self.operation.drops.mix_every
        mixings = wells * ((periods - 1) // every) if every and self.mixing_s else 0
        mixed_s = mixings * self.mixing_s
        if self.operation.handling.touch_off:
            held = max(1, self.operation.drops.per_fill)
            fresh = max(0, wells * (periods // held) - 1)
            cycle_s = self.cycle_s
            return fresh * cycle_s + (count - 1 - fresh) * self.one_s + mixed_s
        seconds = (count - 1) * self.one_s + mixed_s
        if self.tool.how.prewet_every_stroke:
            source += self.tool.prewet_s(0.0)
        refills = max(0, fewest_fills(self.tool, smallest, periods) - 1)
        drawn_s = self._drawn_s(smallest, periods)
        return seconds + refills * source + drawn_s

    def _drawn_s(self, services: Sequence[Service], periods: int) -> float:
        """The flow into the tip, but for what it may hold at the start."""
        total_ul = periods * sum(service.volume_ul for service in services)
        return max(0.0, total_ul - self.tool.room_ul) / self.tool.how.aspirate_ul_s
