"""When each step begins and ends for each reaction, by the robot's clock.

A step begins with the first thing that is done to a reaction in it, and ends with the last one: a
pipette that draws from its wells or delivers to them, an operator's pause that is about it, a
timer. A timer ends when it has run out, a pause when it is over. What is done to the whole deck (a
temperature, a move, the shaker, caps that the compiler has put on and taken off) counts where a
step does nothing else, and in `heat`, `cool`, `seal` and `unseal`, which are about that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from compiler.plan.elapsed import Served
from compiler.stages import program as p
from compiler.stages.operations import Split
from compiler.target.clock import Timekeeper
from compiler.target.expand import closing, expand, opening, rims_mm
from compiler.target.strokes import Context, context_of, in_place

_ABOUT_THE_DECK = ("heat", "cool")
_ABOUT_CAPS = ("seal", "unseal")

_Key = tuple[str, str]  # step, reaction


@dataclass
class Course:
    """Times in s from the start of the run, the holds between scripts included.

    `holds` are those between scripts: when each begins and ends.
    """

    holds: list[tuple[float, float]] = field(default_factory=list)
    _own: dict[_Key, tuple[float, float]] = field(default_factory=dict)
    _of_the_deck: dict[_Key, tuple[float, float]] = field(default_factory=dict)

    def begun_s(self, step: str, reaction: str) -> float | None:
        """When a step begins for a reaction; None where nothing is done in it."""
        found = self._found(step, reaction)
        return None if found is None else found[0]

    def ended_s(self, step: str, reaction: str) -> float | None:
        """When a step ends for a reaction; None where nothing is done in it."""
        found = self._found(step, reaction)
        return None if found is None else found[1]

    def _found(self, step: str, reaction: str) -> tuple[float, float] | None:
        key = (step, reaction)
        return self._own.get(key) or self._of_the_deck.get(key)

    def note(
        self,
        step: str,
        reactions: Iterable[str],
        starts_s: float,
        ends_s: float,
        *,
        deck: bool = False,
    ) -> None:
        """Something is done to reactions in a step; with `deck`, to the deck that they stand on."""
        kept = self._of_the_deck if deck else self._own
        for reaction in reactions:
            first, last = kept.get((step, reaction), (starts_s, ends_s))
            kept[step, reaction] = min(first, starts_s), max(last, ends_s)


def course(program: p.Program) -> Course:
    """Follows every reaction through the finished program, script after script."""
    procedure = program.layout.operations.ledger.charges.recipe.procedure
    verbs = {step.id: step.verb for step in procedure.steps}
    found, now_s = Course(), 0.0
    served = Served(program.layout)
    held = held_by(program)
    for part in program.parts:
        if part.number in held:
            found.holds.append((now_s, now_s + part.hold_s))
            found.note(held[part.number], served.all, *found.holds[-1])
        now_s = _Follower(program, part, found, served, verbs, now_s + part.hold_s).follow()
    return found


def held_by(program: p.Program) -> Mapping[int, str]:
    """The step that each hold between scripts belongs to, by the number of the part after it."""
    splits = (o for o in program.layout.operations.operations if isinstance(o, Split))
    return {part.number: split.step for part, split in zip(program.parts[1:], splits, strict=True)}


class _Follower:
    """One script, command by command."""

    def __init__(
        self,
        program: p.Program,
        part: p.Part,
        found: Course,
        served: Served,
        verbs: Mapping[str, str],
        starts_s: float,
    ) -> None:
        self.program, self.part = program, part
        self.found, self.served, self.verbs = found, served, verbs
        self.keeper = self._keeper(starts_s)
        self.timers: dict[str, tuple[p.TimerBlock, float]] = {}  # with the time of their start
        self.served_s: dict[str, float] = {}  # when a pipette was last at a reaction

    def _keeper(self, starts_s: float) -> Timekeeper:
        keeper = context_of(self.program.layout, self.part).timekeeper()
        keeper.next_script(rims_mm(self.program.layout, self.part))
        keeper.now_s = starts_s
        return keeper

    def follow(self) -> float:
        """Notes what is done in the part; gives the time (s) at which it ends."""
        layout, part = self.program.layout, self.part
        context = context_of(layout, part)
        for command in opening(context, part):
            self.keeper.advance(command)
        for block, here in in_place(layout, part):
            self._block(block, here)
        for command in closing(context, part):
            self.keeper.advance(command)
        return self.keeper.now_s

    def _block(self, block: p.Block, context: Context) -> None:
        starts_s = self.keeper.now_s
        for command in expand(block, context):
            begun_s, ended_s = self.keeper.advance(command)
            whose = self.served.by(command)
            self.found.note(block.step, whose, begun_s, ended_s)
            self.served_s.update(dict.fromkeys(whose, ended_s))
        ends_s = self.keeper.now_s
        match block:
            case p.TimerBlock() if block.is_hold:
                self.timers[block.timer] = (block, starts_s)
            case p.AwaitBlock() if block.timer in self.timers:
                self._hold(*self.timers.pop(block.timer))
            case p.MixHoldBlock():
                # it begins for each well with its own mixing, and ends for all of them at once
                mixed = (r for row in block.rows for r in (row.reaction, *row.others))
                self.found.note(block.step, mixed, ends_s, ends_s)
            case p.PauseBlock():
                self._pause(block, starts_s, ends_s)
            case p.TemperatureBlock() | p.ShakeBlock() | p.MoveBlock():
                deck = self.verbs.get(block.step) not in _ABOUT_THE_DECK
                self.found.note(block.step, self.served.all, starts_s, ends_s, deck=deck)
            case _:
                pass

    def _hold(self, timer: p.TimerBlock, starts_s: float) -> None:
        """A timer may be started when the first well is ready: for another one, which is served
        while it runs, the hold begins then."""
        due_s = starts_s + timer.seconds
        for reaction in timer.reactions or self.served.all:
            begun_s = max(starts_s, self.served_s.get(reaction, starts_s))
            self.found.note(timer.step, (reaction,), min(begun_s, due_s), due_s)

    def _pause(self, block: p.PauseBlock, starts_s: float, ends_s: float) -> None:
        """Each task counts for its own step; a pause without tasks is about tips alone."""
        for task in block.tasks:
            caps = task.closes is not None and self.verbs.get(task.step) not in _ABOUT_CAPS
            whose = self.served.asked(replace(block, tasks=(task,)))
            self.found.note(task.step, whose, starts_s, ends_s, deck=caps)
