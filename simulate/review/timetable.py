"""Who does what when: the program's commands past the clock, gathered into bars and curves.

Times are s from the start of the first part; the holds between parts are not in them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from compiler.plan.timeline import travel_mm
from compiler.stages.program import Part, Program
from compiler.target import commands as c
from compiler.target.clock import Timekeeper, load_clock
from compiler.target.deck import abreast
from compiler.target.expand import expand_part, rims_mm

_JOIN_S = 3.0  # bars closer than this are drawn as one
_WAIT_S = 5.0  # a shorter delay is part of pipetting


@dataclass(frozen=True, slots=True)
class Bar:
    """One lane is busy from `starts_s` to `ends_s`; `what` is the kind of work."""

    lane: str
    what: str  # "pipette" | "wait" | "operator" | "shake" | "warm" | "cool" | "timed"
    starts_s: float
    ends_s: float
    step: str | None


@dataclass(frozen=True, slots=True)
class PartTimes:
    """When a part starts and ends, and the hold before it."""

    number: int
    starts_s: float
    ends_s: float
    hold_s: float
    after: str


@dataclass(frozen=True, slots=True)
class PauseTime:
    """A stop for the operator."""

    part: int
    starts_s: float
    ends_s: float
    message: str


@dataclass(slots=True)
class Timetable:
    """Everything that the plots and the checklist need to know about time.

    `volumes` has, for each (reaction, vessel), (s, uL) after every change; `drops` the times at
    which drops fall into it.
    """

    parts: list[PartTimes] = field(default_factory=list)
    bars: list[Bar] = field(default_factory=list)
    pauses: list[PauseTime] = field(default_factory=list)
    volumes: dict[tuple[str, str], list[tuple[float, float]]] = field(default_factory=dict)
    drops: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    steps: dict[str, tuple[float, float]] = field(default_factory=dict)


def timetable(program: Program, starts_s: float = 0.0) -> Timetable:
    """Runs the whole program past the clock, which shows `starts_s` at its start."""
    return _Watch(program, starts_s).table


class _Watch:
    """Looks at the commands one after the other."""

    def __init__(self, program: Program, starts_s: float) -> None:
        layout = program.layout
        self._keeper = Timekeeper(
            load_clock(layout.robot, layout.clock),
            modules={m.label: m.module.model for m in layout.modules},
            travel_mm=travel_mm(layout),
            now_s=starts_s,
        )
        self._layout = layout
        self._who = {ref: key for key, ref in layout.wells.items()}
        self._at_once: dict[tuple[str, c.WellRef], tuple[c.WellRef, ...]] = {}
        self._tips: dict[str, list[tuple[c.WellRef | None, float]]] = {}  # None: air
        self._open: dict[str, tuple[str, float]] = {}  # what a module has been doing since when
        self._step: str | None = None
        self._dropping = frozenset(
            step.step for step in layout.operations.operations if hasattr(step, "drops")
        )
        self._by_hand = _operator_volumes(program)
        self.table = Timetable()
        for key in layout.wells:
            self.table.volumes[key] = [(starts_s, 0.0)]
        for part in program.parts:
            self._part(program, part)
        self.table.bars = list(_joined(self.table.bars))

    def _part(self, program: Program, part: Part) -> None:
        start = self._keeper.now_s
        self._keeper.next_script(rims_mm(program.layout, part))
        for command in expand_part(program, part):
            begins, ends = self._keeper.advance(command)
            self._see(command, begins, ends, part.number)
        for module, (what, since) in self._open.items():
            self._bar(module, what, since, self._keeper.now_s)
        self._open.clear()
        times = PartTimes(part.number, start, self._keeper.now_s, part.hold_s, part.after)
        self.table.parts.append(times)

    def _bar(self, lane: str, what: str, starts: float, ends: float) -> None:
        if ends > starts:
            self.table.bars.append(Bar(lane, what, starts, ends, self._step))

    def _see(self, command: c.Command, begins: float, ends: float, part: int) -> None:
        match command:
            case c.Comment(message):
                self._step = _step_of(message) or self._step
            case c.Pause(message):
                self._pause(message, begins, ends, part)
            case c.StartTimer(_, seconds):
                self._bar("chemistry", "timed", begins, begins + seconds)
            case c.AwaitTimers() | c.AwaitTemperature():
                self._bar("arm", "wait", begins, ends)
            case c.Delay(seconds) if seconds >= _WAIT_S:
                self._bar("arm", "wait", begins, ends)
                self._bar("chemistry", "timed", begins, ends)
            case c.Shake(module):
                self._open[module] = ("shake", ends)
            case c.SetTemperature(module, _):
                self._open[f"{module} temperature"] = ("warm", begins)
            case c.StopShaking(module):
                self._close(module, begins)
            case c.Deactivate(module):
                self._close(f"{module} temperature", begins)
            case c.Latch() | c.MoveLabware() | c.Delay():
                self._bar("arm", "pipette", begins, ends)
            case _:
                self._bar("arm", "pipette", begins, ends)
                self._liquid(command, begins, ends)
        if self._step is not None and not isinstance(command, c.Pause):
            self._note(self._step, begins, ends)

    def _close(self, module: str, at: float) -> None:
        if module in self._open:
            what, since = self._open.pop(module)
            self._bar(module, what, since, at)

    def _note(self, step: str, begins: float, ends: float) -> None:
        before = self.table.steps.get(step, (begins, ends))
        self.table.steps[step] = (min(before[0], begins), max(before[1], ends))

    def _liquid(self, command: c.Command, begins: float, ends: float) -> None:
        """What an aspiration or a delivery means for the wells of reactions."""
        match command:
            case c.PickUpTip(mount):
                self._tips[mount] = []
            case c.AirGap(mount, volume):
                self._tips.setdefault(mount, []).append((None, volume))
            case c.Aspirate(mount, well, _, _, volume):
                self._tips.setdefault(mount, []).append((well, volume))
                self._busy(mount, well, begins, ends)
            case c.Dispense(mount, c.WellRef() as well, _, _, volume):
                self._busy(mount, well, begins, ends)
                self._land(mount, well, volume, ends)
            case _:
                return

    def _land(self, mount: str, well: c.WellRef, volume: float, at: float) -> None:
        """What leaves the tips, last drawn first, is in the wells now; air changes nothing.

        `volume` is that of one channel.
        """
        plugs = self._tips.setdefault(mount, [])
        fell = False
        while plugs and volume > 1e-9:
            source, held = plugs.pop()
            part = min(held, volume)
            volume -= part
            if held > part + 1e-9:
                plugs.append((source, held - part))
            if source is not None and source != well:
                fell = True
                for wells, moved in ((source, -part), (well, part)):
                    for each in self._under(mount, wells):
                        self._change(each, moved, at)
        if fell and self._step in self._dropping:
            for each in self._under(mount, well):
                if each in self._who:
                    self.table.drops.setdefault(self._who[each], []).append(at)

    def _under(self, mount: str, well: c.WellRef) -> tuple[c.WellRef, ...]:
        """The wells under a pipette that aims at one: itself, or the rest of its column."""
        if self._layout.mounted[mount].pipette.channels == 1:
            return (well,)
        if (mount, well) not in self._at_once:
            self._at_once[mount, well] = abreast(self._layout, well)
        return self._at_once[mount, well]

    def _busy(self, mount: str, well: c.WellRef, begins: float, ends: float) -> None:
        for each in self._under(mount, well):
            if each in self._who:
                self._bar(self._who[each][0], "pipette", begins, ends)

    def _change(self, well: c.WellRef, volume: float, at: float) -> None:
        if well in self._who:
            curve = self.table.volumes[self._who[well]]
            curve.append((at, max(0.0, curve[-1][1] + volume)))

    def _pause(self, message: str, begins: float, ends: float, part: int) -> None:
        self.table.pauses.append(PauseTime(part, begins, ends, message))
        self._bar("operator", "operator", begins, ends)
        for line in message.split("\n"):
            step = _step_of(line)
            if step is None:
                continue
            self._note(step, begins, ends)
            for key, volume in self._by_hand.get(step, {}).items():
                curve = self.table.volumes[key]
                if curve[-1][1] != volume:
                    curve.append((ends, volume))


def _operator_volumes(program: Program) -> dict[str, dict[tuple[str, str], float]]:
    """The volumes that vessels hold after a step that is the operator's alone."""
    from compiler.stages.operations import Deliver, DeliverDrops, DrawPhase

    operations = program.layout.operations
    of_robot = {
        operation.step
        for operation in operations.operations
        if isinstance(operation, Deliver | DeliverDrops | DrawPhase)
    }
    found: dict[str, dict[tuple[str, str], float]] = {}
    for snapshot in operations.ledger.snapshots:
        key = (snapshot.reaction, snapshot.vessel)
        if snapshot.step not in of_robot and key in program.layout.wells:
            found.setdefault(snapshot.step, {})[key] = snapshot.volume_ul
    return found


def _step_of(line: str) -> str | None:
    """The step id in brackets at the start of a line."""
    return line[1:].split("]", 1)[0] if line.startswith("[") else None


def _joined(bars: list[Bar]) -> Iterator[Bar]:
    """Bars of one lane and kind that nearly touch, as one."""
    last: dict[tuple[str, str, str | None], Bar] = {}
    for bar in bars:
        key = (bar.lane, bar.what, bar.step)
        before = last.get(key)
        if before is not None and bar.starts_s - before.ends_s <= _JOIN_S:
            ends = max(before.ends_s, bar.ends_s)
            last[key] = Bar(bar.lane, bar.what, before.starts_s, ends, bar.step)
        else:
            if before is not None:
                yield before
            last[key] = bar
    yield from last.values()


def lanes_of(table: Timetable) -> Mapping[str, list[Bar]]:
    """The bars of each lane, in time."""
    found: dict[str, list[Bar]] = {}
    for bar in sorted(table.bars, key=lambda bar: (bar.starts_s, bar.ends_s)):
        found.setdefault(bar.lane, []).append(bar)
    return found
