"""An independent account of a run: what every well holds, from the commands alone.

Drawing takes the layer that the tip stands in. The interface moves as liquid leaves: a tip that
ends above the lower layer's rest takes the upper one for what remains of the stroke, and air once
the surface has come down to it. Layers are taken as separated at once, so what was drawn too
early is not seen here; the verifier looks at the waits for that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from compiler.target import commands as c
from compiler.target.clock import Timekeeper, load_clock
from compiler.target.expand import TIMERS_SINCE
from simulate.acts import Operator, nobody
from simulate.channels import under_channels
from simulate.deck_height import tops_mm
from simulate.drawing import draw
from simulate.ledger import (
    Addition,
    Drawn,
    Ledger,
    Pause,
    Spin,
    Stamp,
    State,
    TipMisused,
    Touch,
    Transfer,
    WellState,
)
from simulate.liquids import EMPTY, Liquid, Parcel, layers
from simulate.surroundings import Surroundings
from simulate.tips import Plug, Tip
from simulate.traced import Trace, TracedCommand, charged_step, step_of
from simulate.well_states import TRACE_UL, Wells, names_in

UNKNOWN = "unknown liquid in "  # what is in a well that nobody declared


def replay(
    trace: Trace,
    start: State | None = None,
    *,
    operator: Operator = nobody,
    part: int = 1,
    fill: Mapping[c.WellRef, Parcel] | None = None,
    clock: Mapping[str, float] | None = None,
) -> Ledger:
    """Follow a script from the contents in `start`.

    `fill` gives what stands in wells before the first part (stocks). Without it the volumes that
    the script declares are taken, as an unknown liquid. `start` is not changed. `clock` are the
    robot's own parameters, where it has some.
    """
    player = Player(trace, start or State(), operator, part, clock or {})
    player.fill(fill)
    refills = trace.refills()
    for number, traced in enumerate(trace.commands):
        for rack in refills.get(number, ()):
            player.refill(rack)
        player.play(traced)
    return player.ledger()


def _tops_mm(trace: Trace) -> dict[str, list[float]]:
    """How high each labware reaches, in its first place and after each move.

    Empty below API level 2.27: scripts have no timers there, and what they wait for was planned
    for the clock's own height.
    """
    major, minor = (int(part) for part in trace.api_level.split(".")[:2])
    return {} if (major, minor) < TIMERS_SINCE else tops_mm(trace)


class Player:
    """Plays the commands one after the other."""

    def __init__(
        self,
        trace: Trace,
        start: State,
        operator: Operator,
        part: int,
        clock: Mapping[str, float],
    ) -> None:
        self._trace, self._operator, self._part = trace, operator, part
        models = {module.label: module.model for module in trace.modules.values()}
        tops = _tops_mm(trace)
        self._keeper = Timekeeper(
            load_clock(trace.robot, clock),
            modules=models,
            travel_mm=max((max(heights) for heights in tops.values()), default=None),
            tops_mm=tops,
            celsius={m: at for m, at in start.climate.celsius.items() if at is not None},
        )
        self._state = State(
            {ref: replace(well) for ref, well in start.wells.items()},
            start.climate,
            dict(start.operator_lines),
            start.racks.copy(),
        )
        on = {item.label: item.on for item in trace.labware.values() if item.on}
        self._state.climate = replace(start.climate, on=on)
        self._moved = False  # whether liquid moved since a step's end was noted
        self._wells = Wells(trace, self._state.wells)
        self._tips: dict[str, list[Tip]] = {}
        self._racks = self._state.racks
        self._tips_before = self._racks.taken
        self._misused: list[TipMisused] = []
        self._stamp = Stamp(0, None, None, 0.0, 0.0)
        self._stamps: list[Stamp] = []
        self._drawn: list[Drawn] = []
        self._transfers: list[Transfer] = []
        self._additions: list[Addition] = []
        self._touches: list[Touch] = []
        self._pauses: list[Pause] = []
        self._spins: list[Spin] = []
        self._upwards: dict[str, bool] = {}
        self._surroundings = Surroundings(self._state.climate, trace.modules)
        self._after: dict[str, dict[c.WellRef, Parcel]] = {}

    def fill(self, fill: Mapping[c.WellRef, Parcel] | None) -> None:
        """Put in what stands in the wells before the first command."""
        self._wells.all_known = fill is not None
        for ref, parcel in (fill or {}).items():
            if ref not in self._state.wells:
                self._wells.put(self._stamp, ref, parcel)
        stood = set(self._state.wells)
        for said in self._trace.declared:
            if said.well in stood:
                continue
            known = EMPTY
            if fill is None and said.volume_ul > 0.0:
                known = Parcel({Liquid(said.liquid, 0.0, "unknown"): said.volume_ul})
            self._wells.put(self._stamp, said.well, known)

    def ledger(self) -> Ledger:
        """Everything that was written down."""
        self._keep_step()
        kept = [(mount, tip.ref, self._stamp) for mount, tips in self._tips.items() for tip in tips]
        return Ledger(
            trace=self._trace,
            part=self._part,
            stamps=tuple(self._stamps),
            drawn=tuple(self._drawn),
            transfers=tuple(self._transfers),
            additions=tuple(self._additions),
            touches=tuple(self._touches),
            waits=tuple(self._surroundings.waits),
            pauses=tuple(self._pauses),
            set_points=tuple(self._surroundings.set_points),
            climates=tuple(self._surroundings.climates),
            after=self._after,
            tips_used=self._racks.taken - self._tips_before,
            tips_kept=tuple(kept),
            overfilled=tuple(self._wells.overfilled),
            state=self._state,
            spins=tuple(self._spins),
            misused=tuple(self._misused),
        )

    def refill(self, rack: str) -> None:
        """The operator has replaced a tip rack."""
        self._racks.refill(rack)

    def play(self, traced: TracedCommand) -> None:
        """Play one command."""
        if traced.step != self._stamp.step:
            self._keep_step()
        starts, ends = self._keeper.advance(traced.command)
        self._stamp = Stamp(traced.index, traced.step, traced.line, starts, ends)
        self._stamps.append(self._stamp)
        match traced.command:
            case c.PickUpTip(mount, first):
                self._pick_up(mount, first, traced.channels, traced.upwards)
            case c.DropTip(mount, into):
                self._drop(mount, into)
            case c.Aspirate(mount, well, _, height, volume):
                for tip, ref in self._pairs(mount, well):
                    self._aspirate(
                        mount, tip, ref, self._wells.height_mm(traced, ref, height), volume
                    )
            case c.Dispense(mount, None, _, _, volume):
                for tip in self._tips.get(mount, []):
                    self._deliver(tip.pop(volume), None)
            case c.Dispense(mount, c.WellRef() as well, _, height, volume):
                for tip, ref in self._pairs(mount, well):
                    holds = self._wells.liquids(ref)
                    plugs = tip.pop(volume)
                    brings = frozenset(name for plug in plugs for name in names_in(plug.parcel))
                    self._deliver(plugs, ref)
                    at_mm = self._wells.height_mm(traced, ref, height)
                    self._touch_at(tip, ref, at_mm, holds=holds, brings=brings)
            case c.AirGap(mount, volume):
                for tip in self._tips.get(mount, []):
                    tip.plugs.append(Plug(volume, EMPTY, None))
            case c.BlowOut(mount, None):
                for tip in self._tips.get(mount, []):
                    self._deliver(tip.pop(float("inf")), None)
            case c.BlowOut(mount, c.WellRef() as well):
                for tip, ref in self._pairs(mount, well):
                    self._deliver(tip.pop(float("inf")), ref, blown=True)
            case c.TouchTip(mount, well):
                for tip, ref in self._pairs(mount, well):
                    self._touches.append(Touch(self._stamp, tip.ref, ref, tip.since, wall=True))
            case c.MoveTo(mount, c.WellRef() as well, _, height):
                for tip, ref in self._pairs(mount, well):
                    at_mm = self._wells.height_mm(traced, ref, height)
                    self._touch_at(tip, ref, at_mm, holds=self._wells.liquids(ref))
            case c.Pause(message):
                self._pause(message)
            case _:
                self._surroundings.play(traced.command, self._stamp)
                self._state.climate = self._surroundings.climate
                if isinstance(traced.command, c.Shake):
                    self._spin(traced.command.module, traced.command.rpm)

    # --- tips ----------------------------------------------------------------------------------

    def _pick_up(self, mount: str, tip: c.WellRef, channels: int, upwards: bool) -> None:
        self._upwards[mount] = upwards
        refs = self._neighbours(tip, channels, upwards)
        for ref in refs:
            since = self._racks.empty.get(ref, self._part)
            if since != self._part:
                self._misused.append(TipMisused(self._stamp, ref, since_part=since))
        self._tips[mount] = [self._racks.take(ref) for ref in refs]

    def _drop(self, mount: str, into: c.WellRef | None) -> None:
        for dropped in self._tips.pop(mount, []):
            if into is None:
                self._deliver(dropped.pop(float("inf")), None)
                self._racks.empty[dropped.ref] = self._part
                continue
            if dropped.liquid_ul > TRACE_UL:
                self._misused.append(TipMisused(self._stamp, dropped.ref, dropped.liquid_ul))
            self._racks.parked[dropped.ref] = dropped

    def _pairs(self, mount: str, well: c.WellRef) -> list[tuple[Tip, c.WellRef]]:
        tips = self._tips.get(mount, [])
        upwards = self._upwards.get(mount, False)
        return list(zip(tips, self._neighbours(well, len(tips), upwards), strict=True))

    def _neighbours(self, first: c.WellRef, count: int, upwards: bool) -> list[c.WellRef]:
        return under_channels(self._trace.labware.get(first.labware), first, count, upwards)

    def _touch_at(
        self,
        tip: Tip,
        ref: c.WellRef,
        height: float,
        *,
        holds: frozenset[str],
        brings: frozenset[str] = frozenset(),
    ) -> None:
        if height < self._wells.surface_mm(ref):
            touch = Touch(self._stamp, tip.ref, ref, tip.since, holds=holds, brings=brings)
            self._touches.append(touch)

    # --- wells ---------------------------------------------------------------------------------

    def _aspirate(
        self, mount: str, tip: Tip, ref: c.WellRef, height: float, volume_ul: float
    ) -> None:
        """Draw: first the layer that the tip stands in, then the one above, then air."""
        well, model = self._wells.at(ref), self._wells.model(ref)
        in_the_well = model is None or height <= model.depth_mm
        below = model.volume_ul(height) if model else 0.0
        if not well.declared and in_the_well:
            below = 0.0  # nobody knows how high it stands: what is known to be there comes first
        surface, held, holds = (
            self._wells.surface_mm(ref),
            well.contents.volume_ul,
            self._wells.liquids(ref),
        )
        stack = layers(well.contents)
        interface = model.height_mm(stack[0].volume_ul) if model and len(stack) > 1 else None
        stroke = draw(stack, below, volume_ul)
        taken, left = list(stroke.taken), stroke.short_ul
        if not well.declared and left > 0.0 and in_the_well:  # nobody said what: taken as enough
            unknown = Liquid(f"{UNKNOWN}{ref}", 0.0, "unknown")
            taken.append(("single", "single", Parcel({unknown: left})))
            left = 0.0
        well.contents = stroke.rest if stack else well.contents
        self._wells.changed.add(ref)
        well.aspirated_ul += volume_ul - left
        drawn = Drawn(
            stamp=self._stamp,
            mount=mount,
            well=ref,
            height_mm=height,
            volume_ul=volume_ul,
            air_ul=left,
            interface_mm=interface,
            top_mm=surface,
            rest_ul=stroke.rest_ul,
            held_ul=held,
            declared=well.declared,
        )
        self._drawn.append(drawn)
        for kind, position, parcel in taken:
            tip.plugs.append(Plug(parcel.volume_ul, parcel, drawn, kind, position))
        if left > 0.0:
            tip.plugs.append(Plug(left, EMPTY, None))
        if height < surface or not well.declared:
            self._touches.append(Touch(self._stamp, tip.ref, ref, tip.since, holds=holds))

    def _deliver(self, plugs: list[Plug], into: c.WellRef | None, *, blown: bool = False) -> None:
        """What leaves a tip goes into a well, or is lost in the trash."""
        self._moved = self._moved or bool(plugs)
        for plug in plugs:
            if plug.drawn is None:
                continue
            if into is not None:
                self._wells.at(into)
                self._wells.put(self._stamp, into, plug.parcel)
            self._transfers.append(
                Transfer(
                    drawn=plug.drawn,
                    stamp=self._stamp,
                    into=into,
                    parcel=plug.parcel,
                    kind=plug.kind,
                    position=plug.position,
                    climate=self._state.climate,
                    blown=blown,
                )
            )

    def _keep_step(self) -> None:
        """A block is over: note its step, unless a pause's line did and nothing moved since."""
        step = self._stamp.step
        if step is not None and (self._moved or step not in self._after):
            self._note(step)

    def _note(self, step: str) -> None:
        """Note what the wells hold at the end of a step, or of a batch of it: a well of an earlier
        batch may be further on by then, and keeps what was noted of it unless it has changed."""
        after = self._after.setdefault(step, {})
        for ref, well in self._state.wells.items():
            if ref in self._wells.changed or ref not in after:
                after[ref] = well.contents
        self._moved = False
        self._wells.changed.clear()

    # --- time, the operator, modules -----------------------------------------------------------

    def _pause(self, message: str) -> None:
        lines = message.splitlines()
        asking = [(step, line) for line in lines if (step := charged_step(line))]
        steps = tuple(step for step, _ in asking)
        asked = tuple(line for _, line in asking)
        self._pauses.append(Pause(self._stamp, steps, asked, self._state.climate))
        for line in lines:
            if step := charged_step(line):
                self._act(step)
            if named := step_of(line):
                self._note(named)

    def _act(self, step: str) -> None:
        """The operator does what one line asks for."""
        nth = self._state.operator_lines.get(step, 0) + 1
        self._state.operator_lines[step] = nth
        for act in self._operator(step, nth):
            if act.replaces:
                handed = self._state.wells.setdefault(act.well, WellState())
                handed.contents, handed.by_hand = act.parcel, True
                self._wells.changed.add(act.well)
                continue
            self._wells.put(self._stamp, act.well, act.parcel)
            climate = self._state.climate
            self._additions.append(
                Addition(self._stamp, step, nth, act.well, act.parcel, act.material, climate)
            )

    def _spin(self, module: str, rpm: int) -> None:
        """Note the fullest well on a shaker that starts."""
        fullest: tuple[float, Spin] | None = None
        for ref, well in self._state.wells.items():
            model = (
                self._wells.model(ref)
                if self._state.climate.on.get(ref.labware) == module
                else None
            )
            if model is not None and model.declared_ul > 0.0:
                volume, holds = well.contents.volume_ul, model.declared_ul
                if fullest is None or volume / holds > fullest[0]:
                    spin = Spin(self._stamp, module, rpm, ref, volume, holds)
                    fullest = volume / holds, spin
        if fullest is not None:
            self._spins.append(fullest[1])
