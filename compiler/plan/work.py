"""What each operation takes at least: of the arm, and of one reaction by itself.

Nothing is read from the schedule. What a schedule may choose (the order of the wells, which of
them share a fill or a tip, what is done meanwhile) is taken at its cheapest; what the handling of
a liquid asks for (the flow, the wait in the liquid, the slow withdrawal, the air gap, pre-wetting)
is counted. `docs/schedule.md` derives it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from compiler.passes.rows import BELOW_TOP_MM
from compiler.plan.travel import Spot, Travel
from compiler.stages.layout import Layout
from compiler.stages.operations import (
    Deliver,
    DeliverDrops,
    DrawPhase,
    Handling,
    MixVessel,
    at_once,
)
from compiler.target.commands import WellRef
from compiler.target.strokes import AIR_GAP_MM


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A piece of the run. All times in s.

    `arm_s`: how long nothing else can go on (the arm's work, or the operator's pause). Of this,
    `early_s` may be done before the first reaction is there (a tip taken and filled), `late_s`
    after the last has gone (the tip let go). `alone` is what each reaction can't share with
    anything before or after it; `ready_s` comes before that where the same pipette did the piece
    before with another tip.
    """

    step: str
    kind: str  # "arm" | "operator" | "chemistry"
    alone: Mapping[str, float]
    mount: str | None = None
    arm_s: float = 0.0
    early_s: float = 0.0
    late_s: float = 0.0
    ready_s: float = 0.0
    clean: str | None = None  # the material, where its tip touches nothing
    fills: int = 0
    tips: int = 0


@dataclass(frozen=True, slots=True)
class Service:
    """One visit's share: a reaction, or the column that an eight-channel serves at once.

    `volume_ul` is what one channel moves. `end` is where the tip lets go.
    """

    reactions: tuple[str, ...]
    volume_ul: float
    start: Spot
    end: Spot


@dataclass(frozen=True, slots=True)
class Tool:
    """A pipette with its tips and a handling, on the deck as it stands."""

    travel: Travel
    mount: str
    how: Handling

    @property
    def room_ul(self) -> float:
        """The most that a fill can hold: the tip's allowed share, with room for the air gap."""
        mounted = self.travel.layout.mounted[self.mount]
        limit_ul = min(mounted.tip_volume_ul, mounted.pipette.max_ul)
        share_ul = self.how.max_tip_fill * mounted.tip_volume_ul
        return min(share_ul, limit_ul - self.how.air_gap_ul)

    def strokes(self, volume_ul: float) -> int:
        """The fewest strokes for a volume to one well."""
        return max(1, math.ceil(volume_ul / self.room_ul - 1e-9))

    def flow_s(self, volume_ul: float) -> float:
        """A volume in and out."""
        return volume_ul / self.how.aspirate_ul_s + volume_ul / self.how.dispense_ul_s

    def fill_s(self, start: Spot) -> float:
        """What a fill takes besides flow and travel: settling, withdrawal, air gap in and out."""
        clock, how, deck = self.travel.clock, self.how, self.travel.deck
        assert start.well is not None
        rise_mm = max(0.0, deck.top(start.well).z - start.point.z)
        seconds = how.settle_s + clock.up_down_s(rise_mm, how.withdraw_mm_s)
        if how.air_gap_ul:
            seconds += clock.up_down_s(AIR_GAP_MM) + self.flow_s(how.air_gap_ul)
        return seconds

    def prewet_s(self, volume_ul: float) -> float:
        """A fresh tip filled and emptied in its source."""
        return self.how.prewet_cycles * (self.how.prewet_wait_s + self.flow_s(volume_ul))

    def rim(self, spot: Spot) -> Spot:
        """Where a tip leaves a well: above its rim."""
        assert spot.well is not None
        above = AIR_GAP_MM if self.how.air_gap_ul else 0.0
        return Spot(spot.well, self.travel.deck.top(spot.well, above))

    def there_s(self, service: Service) -> float:
        """From a source to where it is let go."""
        return self.travel.move_s(self.mount, self.rim(service.start), service.end)

    def back_s(self, service: Service) -> float:
        """From there back to the source."""
        return self.travel.move_s(self.mount, service.end, service.start)

    def take_s(self) -> float:
        """A tip taken; the way to it comes from where the last one was let go."""
        return self.travel.clock.pick_up_s

    def let_go_s(self, spot: Spot) -> float:
        """The tip away, into the trash or back into its rack."""
        return self.travel.clock.drop_s + self.travel.away_s(self.mount, spot)


# --- who is served --------------------------------------------------------------------------


def columns(
    operation: Deliver | DeliverDrops | DrawPhase | MixVessel, reactions: Sequence[str]
) -> tuple[tuple[str, ...], ...]:
    """The reactions of each service, in the order of the operation."""
    return at_once(operation.together, reactions)


def vessel_well(layout: Layout, reaction: str, vessel: str) -> WellRef:
    """A reaction's well of a vessel, or the waste's."""
    if vessel.startswith("waste."):
        return layout.waste[vessel.removeprefix("waste.")]
    return layout.wells[reaction, vessel]


def let_go_spot(travel: Travel, well: WellRef, *, touches: bool) -> Spot:
    """Where a tip lets go: inside the mouth; at the rim where it goes down to touch (less far)."""
    below = 0.0 if touches else BELOW_TOP_MM
    return Spot(well, travel.deck.top(well, -below))


def deliveries(
    travel: Travel, operation: Deliver | DeliverDrops, volume_ul: Mapping[str, float]
) -> tuple[Service, ...]:
    """The services of a delivery, `volume_ul` to each reaction."""
    layout = travel.layout
    made = []
    for group in columns(operation, tuple(volume_ul)):
        first = group[0]
        dest = vessel_well(layout, first, operation.vessel)
        source = layout.source[operation.step, first]
        made.append(
            Service(
                group,
                max(volume_ul[r] for r in group),
                travel.spot(source, layout.source_mm),
                let_go_spot(travel, dest, touches=operation.handling.touch_off),
            )
        )
    return tuple(made)


# --- the work itself ------------------------------------------------------------------------


def deliver_work(travel: Travel, operation: Deliver) -> Work:
    """A charge: from common fills where the drops fall freely, else a tip for each well."""
    tool = Tool(travel, operation.pipette, operation.handling)
    services = deliveries(travel, operation, operation.volume_ul)
    mix = operation.mix
    mixed = mixing_s(travel, mix) if mix is not None else {}
    if operation.handling.touch_off:
        return own_tips(tool, operation.step, services, mixed)
    touching = [service for service in services if set(service.reactions) & set(mixed)]
    falling = [service for service in services if service not in touching]
    made = [own_tips(tool, operation.step, touching, mixed)] if touching else []
    if falling:
        made.append(shared_tip(tool, operation.step, operation.material, falling))
    return made[0] if len(made) == 1 else _together(made)


def shared_tip(
    tool: Tool, step: str, material: str, services: Sequence[Service], rounds: int = 1
) -> Work:
    """One clean tip for all that draw from one stock, in the fewest fills; `rounds` times."""
    stocks: dict[WellRef, list[Service]] = {}
    for service in services:
        assert service.start.well is not None
        stocks.setdefault(service.start.well, []).append(service)
    pieces = [_one_stock(tool, step, material, mine, rounds) for mine in stocks.values()]
    return pieces[0] if len(pieces) == 1 else _together(pieces)


def _together(pieces: Sequence[Work]) -> Work:
    """The work of one operation that several groups of wells share."""
    return replace(
        pieces[0],
        arm_s=sum(piece.arm_s for piece in pieces),
        early_s=max(piece.early_s for piece in pieces),
        late_s=max(piece.late_s for piece in pieces),
        ready_s=min(piece.ready_s for piece in pieces),
        alone={r: s for piece in pieces for r, s in piece.alone.items()},
        clean=None,
        fills=sum(piece.fills for piece in pieces),
        tips=sum(piece.tips for piece in pieces),
    )


def fewest_fills(tool: Tool, services: Sequence[Service], rounds: int = 1) -> int:
    """Total volume by what a fill holds; strokes of more than half of that share none."""
    total_ul = rounds * sum(service.volume_ul for service in services)
    alone = 0
    for service in services:
        count = tool.strokes(service.volume_ul)
        alone += count if service.volume_ul / count > tool.room_ul / 2 * (1 + 1e-9) else 0
    return max(tool.strokes(total_ul), rounds * alone)


def _one_stock(
    tool: Tool, step: str, material: str, services: Sequence[Service], rounds: int
) -> Work:
    travel, mount, clock = tool.travel, tool.mount, tool.travel.clock
    source = services[0].start
    spots = [service.end for service in services]
    fills = fewest_fills(tool, services, rounds)
    visits = [tool.strokes(service.volume_ul) for service in services]
    nearest = travel.neighbours_s(mount, spots)
    from_source = [tool.there_s(service) for service in services]
    to_source = min(tool.back_s(service) for service in services)
    cheapest = sorted(
        min(near if near > 0 else math.inf, far)
        for near, far, count in zip(nearest, from_source, visits, strict=True)
        for _ in range(rounds * count)
    )
    arrivals_s = fills * min(from_source) + sum(cheapest[: len(cheapest) - fills])
    flow_s = rounds * sum(tool.flow_s(service.volume_ul) for service in services)
    strokes_ul = [s.volume_ul / n for s, n in zip(services, visits, strict=True)]
    if tool.how.prewet_every_stroke:
        prewet_s = tool.prewet_s(rounds * sum(service.volume_ul for service in services))
        prewet_s += (fills - 1) * tool.how.prewet_cycles * tool.how.prewet_wait_s
    else:
        prewet_s = tool.prewet_s(min(strokes_ul))
    blown_s = rounds * clock.blow_out_s * sum(n for n in visits if n > 1)
    tip_s = tool.take_s() + travel.from_rack_s(mount, source)
    away_s = clock.drop_s + min(travel.away_s(mount, spot) for spot in spots)
    filling_s = fills * tool.fill_s(source) + (fills - 1) * to_source
    total_ul = rounds * sum(service.volume_ul for service in services)
    one_fill_s = tool.fill_s(source) + min(tool.room_ul, total_ul) / tool.how.aspirate_ul_s
    early_s = tip_s + prewet_s + one_fill_s + max(from_source)
    alone = {}
    for service, count, way_s in zip(services, visits, from_source, strict=True):
        again_s = (count - 1) * (tool.back_s(service) + tool.fill_s(service.start) + way_s)
        drawn_s = (count - 1) / count * service.volume_ul / tool.how.aspirate_ul_s
        given_s = service.volume_ul / tool.how.dispense_ul_s
        alone.update(dict.fromkeys(service.reactions, given_s + drawn_s + again_s))
    return Work(
        step=step,
        kind="arm",
        alone=alone,
        mount=mount,
        arm_s=tip_s + prewet_s + filling_s + arrivals_s + flow_s + blown_s + away_s,
        early_s=early_s,
        late_s=away_s,
        ready_s=clock.drop_s + tip_s + tool.fill_s(source) + min(from_source),
        fills=fills,
        tips=travel.channels(mount),
        clean=material,
    )


def own_tips(
    tool: Tool, step: str, services: Sequence[Service], after_s: Mapping[str, float]
) -> Work:
    """A tip for each service, since it touches; `after_s` is done with it before it goes."""
    clock, mount, travel = tool.travel.clock, tool.mount, tool.travel
    total_s, fills = 0.0, 0
    alone: dict[str, float] = {}
    readies, aways = [], []
    for service in services:
        count = tool.strokes(service.volume_ul)
        each_ul = service.volume_ul / count
        wets = count if tool.how.prewet_every_stroke else 1
        fill_s = tool.fill_s(service.start)
        there_s, back_s = tool.there_s(service), tool.back_s(service)
        more_s = max(after_s.get(reaction, 0.0) for reaction in service.reactions)
        given_s = service.volume_ul / tool.how.dispense_ul_s + count * clock.blow_out_s + more_s
        drawn_s = (count - 1) * (fill_s + back_s + there_s + each_ul / tool.how.aspirate_ul_s)
        drawn_s += (wets - 1) * tool.prewet_s(each_ul)
        ready_s = tool.take_s() + travel.from_rack_s(mount, service.start)
        ready_s += tool.prewet_s(each_ul) + fill_s + each_ul / tool.how.aspirate_ul_s + there_s
        away_s = tool.let_go_s(service.end)
        total_s += ready_s + given_s + drawn_s + away_s
        fills += count
        alone.update(dict.fromkeys(service.reactions, given_s + drawn_s))
        readies.append(ready_s)
        aways.append(away_s)
    return Work(
        step=step,
        kind="arm",
        alone=alone,
        mount=mount,
        arm_s=total_s + (len(services) - 1) * travel.next_tip_s(mount),
        early_s=max(readies),
        late_s=max(aways),
        ready_s=clock.drop_s + min(readies),
        fills=fills,
        tips=len(services) * travel.channels(mount),
    )


def draw_work(travel: Travel, operation: DrawPhase) -> Work:
    """A phase out of each vessel, a tip each; nothing can be drawn before its reaction is there."""
    layout, clock = travel.layout, travel.clock
    tool = Tool(travel, operation.pipette, operation.handling)
    heights = {draw.reaction: draw.tip_mm for draw in operation.draws}
    volumes = {reaction: sum(each) for reaction, each in operation.stroke_ul.items()}
    services = []
    for group in columns(operation, tuple(volumes)):
        first = group[0]
        height_mm = heights.get(first)
        source = vessel_well(layout, first, operation.vessel)
        dest = vessel_well(layout, first, operation.into)
        start = travel.spot(source, layout.source_mm if height_mm is None else height_mm)
        end = let_go_spot(travel, dest, touches=tool.how.touch_off)
        services.append(Service(group, max(volumes[r] for r in group), start, end))
    made = own_tips(tool, operation.step, services, {})
    taken_s = tool.take_s() + min(travel.from_rack_s(tool.mount, s.start) for s in services)
    alone = {}
    for service in services:
        each_ul = service.volume_ul / tool.strokes(service.volume_ul)
        first_s = tool.fill_s(service.start) + tool.prewet_s(each_ul) + tool.there_s(service)
        first_s += each_ul / tool.how.aspirate_ul_s
        own_s = made.alone[service.reactions[0]] + first_s
        alone.update(dict.fromkeys(service.reactions, own_s))
    most_s = tool.take_s() + max(travel.from_rack_s(tool.mount, s.start) for s in services)
    return replace(made, alone=alone, early_s=most_s, ready_s=clock.drop_s + taken_s)


def mixing_s(travel: Travel, mix: MixVessel) -> dict[str, float]:
    """How long the tip mixes in each reaction's well, its blow-out included."""
    flow = mix.handling.dispense_ul_s
    return {
        reaction: 2 * mix.cycles * stroke_ul / flow + travel.clock.blow_out_s
        for reaction, stroke_ul in mix.stroke_ul.items()
    }


def mix_work(travel: Travel, mix: MixVessel, times: int = 1) -> Work:
    """Each well mixed with a tip of its own, `times` times; it is let go, or back in its place."""
    tool = Tool(travel, mix.pipette, mix.handling)
    mixed = mixing_s(travel, mix)
    total_s, visits = 0.0, 0
    ready, away = [], []
    for group in columns(mix, tuple(mixed)):
        well = vessel_well(travel.layout, group[0], mix.vessel)
        spot = travel.spot(well, mix.height_mm[group[0]])
        top = Spot(well, travel.deck.top(well))
        taken_s = tool.take_s() + travel.from_rack_s(mix.pipette, spot)
        up_s = travel.clock.up_down_s(max(0.0, top.point.z - spot.point.z))
        gone_s = up_s + tool.let_go_s(top)
        total_s += taken_s + max(mixed[r] for r in group) + gone_s
        ready.append(taken_s)
        away.append(gone_s)
        visits += 1
    between_s = (times * visits - 1) * travel.next_tip_s(mix.pipette)
    return Work(
        step=mix.step,
        kind="arm",
        alone=mixed,
        mount=mix.pipette,
        arm_s=times * total_s + between_s,
        early_s=max(ready),
        late_s=max(away),
        ready_s=travel.clock.drop_s + min(ready),
        tips=visits * travel.channels(mix.pipette),
    )
