"""How much time each reaction sees in every hold and every dropwise addition, by the clock.

A hold counts from the end of the last thing done to a reaction before it to the start of the first
thing done to it after it; an addition from a well's first drop to its last. In a run of many wells
these are to be the same for all of them, whenever in the round a well is served.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from compiler.stages import program as p
from compiler.stages.layout import Layout
from compiler.target import commands as c
from compiler.target.clock import Timekeeper
from compiler.target.expand import closing, expand, opening
from compiler.target.settling import settled_s
from compiler.target.spread import may_differ_s, may_exceed_s
from compiler.target.strokes import Context, context_of, in_place

HOLD, ADDITION, INTERVAL = "hold", "addition", "interval"


@dataclass(frozen=True, slots=True)
class Elapsed:
    """What one step wanted, and the least and the most that any reaction saw of it, in s.

    `own_s` is the least that one saw of a hold since its timer was started: without what is done to
    the deck before it, as cooling.
    """

    step: str
    what: str  # "hold" | "addition" (first to last drop) | "interval" (from drop to drop)
    wanted_s: float
    least_s: float
    most_s: float
    own_s: float = 0.0

    @property
    def spread_s(self) -> float:
        """Between the reaction that saw least and the one that saw most."""
        return self.most_s - self.least_s


def spreads(program: p.Program) -> tuple[Elapsed, ...]:
    """What reactions see differently by more than they may."""
    return off(program)[0]


def off(program: p.Program) -> tuple[tuple[Elapsed, ...], tuple[Elapsed, ...]]:
    """What reactions see differently by more than they may, and the holds that are longer for every
    reaction than they say, by more than they may be. Layers may settle for longer."""
    served = p.TransferBlock | p.DropsBlock | p.MixBlock | p.SettleBlock
    busy = {b.step for part in program.parts for b in part.blocks if isinstance(b, served)}
    seen = elapsed(program)
    holds = (s for s in seen if s.what == HOLD and s.step not in busy)
    return (
        tuple(s for s in seen if s.spread_s > may_differ_s(s.wanted_s)),
        tuple(s for s in holds if s.own_s - s.wanted_s > may_exceed_s(s.wanted_s)),
    )


def elapsed(program: p.Program) -> tuple[Elapsed, ...]:
    """Holds and dropwise additions of all parts, in the order in which they start.

    Holds with nothing done to any reaction between them are one. Of a hold after which nothing is
    done in its part the length of the hold itself is told.
    """
    return tuple(each for part in program.parts for each in _in_part(program, part))


@dataclass(frozen=True, slots=True)
class _Action:
    """Something done to a reaction, and the step that it belongs to (caps, too, which come off for
    others as well: from then on it counts if nothing else was done)."""

    step: str
    starts_s: float
    ends_s: float


@dataclass(frozen=True, slots=True)
class _Hold:
    """A hold as it went; `reactions` are those of its batch, empty where it is for all."""

    step: str
    wanted_s: float
    begins_s: float
    ends_s: float
    reactions: tuple[str, ...] = ()
    mixed: bool = False  # what is done to reactions meanwhile is the hold's own

    @property
    def begun_by_s(self) -> float:
        """What is done to a reaction until then lies before the hold: its timer may be started
        when the first well is ready, while others are still served."""
        return self.begins_s if self.mixed else self.ends_s


@dataclass
class _Followed:
    """One part, command by command."""

    keeper: Timekeeper
    actions: dict[str, list[_Action]] = field(default_factory=dict)
    holds: list[_Hold] = field(default_factory=list)
    found: list[tuple[float, Elapsed]] = field(default_factory=list)
    settled: dict[tuple[str, int], tuple[float, float, list[float]]] = field(default_factory=dict)

    def note(self, starts_s: float, seen: Elapsed) -> None:
        """Keeps what was seen; batches of an addition are one."""
        for number, (begun_s, other) in enumerate(self.found):
            if (other.step, other.what, other.wanted_s) == (seen.step, seen.what, seen.wanted_s):
                least_s, most_s = min(other.least_s, seen.least_s), max(other.most_s, seen.most_s)
                self.found[number] = (begun_s, replace(other, least_s=least_s, most_s=most_s))
                return
        self.found.append((starts_s, seen))

    def act(self, step: str, reactions: Iterable[str], starts_s: float, ends_s: float) -> None:
        """Something is done to reactions in a step."""
        for reaction in reactions:
            self.actions.setdefault(reaction, []).append(_Action(step, starts_s, ends_s))


def _in_part(program: p.Program, part: p.Part) -> Iterator[Elapsed]:
    layout, context = program.layout, context_of(program.layout, part)
    run = _Followed(context.timekeeper())
    served = Served(layout, shared=False)
    waiting: dict[str, _Hold] = {}
    for command in opening(context, part):
        run.keeper.advance(command)
    for block, here in in_place(layout, part):
        starts_s = run.keeper.now_s
        match block:
            case p.TimerBlock():
                _follow(run, block, here)
                hold = _Hold(
                    block.step,
                    round(block.seconds - block.more_s, 3),
                    starts_s,
                    0.0,
                    block.reactions,
                )
                if block.is_hold:
                    waiting[block.timer] = hold
            case p.DropsBlock():
                _drops(run, served, block, here)
            case p.MixHoldBlock():
                _follow(run, block, here)
                ends_s = run.keeper.now_s
                run.holds.append(_Hold(block.step, block.seconds, starts_s, ends_s, mixed=True))
            case p.SettleBlock():
                _settle(run, served, block, here)
            case p.PauseBlock():
                _follow(run, block, here)
                for task in block.tasks:
                    whose = served.asked(replace(block, tasks=(task,)))
                    step = task.step if task.closes is None else f"{task.step}, caps"
                    run.act(step, whose, starts_s, run.keeper.now_s)
                if not block.tasks:  # tips
                    run.act(block.step, served.all, starts_s, run.keeper.now_s)
            case _:
                for command, begun_s, ended_s in _follow(run, block, here):
                    run.act(block.step, served.by(command), begun_s, ended_s)
        if isinstance(block, p.AwaitBlock) and block.timer in waiting:
            run.holds.append(replace(waiting.pop(block.timer), ends_s=run.keeper.now_s))
    for command in closing(context, part):
        run.keeper.advance(command)
    settled = (
        (starts_s, _between(step, HOLD, wanted_s, seen))
        for (step, _), (starts_s, wanted_s, seen) in run.settled.items()
    )
    yield from (each for _, each in sorted([*run.found, *settled, *_holds(run)], key=_start))


def _start(found: tuple[float, Elapsed]) -> float:
    return found[0]


def _follow(
    run: _Followed, block: p.Block, context: Context
) -> list[tuple[c.Command, float, float]]:
    return [(command, *run.keeper.advance(command)) for command in expand(block, context)]


class Served:
    """Whose wells a command, or a pause, is about. A vessel that reactions share is everybody's, or
    with `shared` False nobody's: what is drawn from it for one does nothing to the others."""

    def __init__(self, layout: Layout, *, shared: bool = True) -> None:
        self._channels = {m: mounted.pipette.channels for m, mounted in layout.mounted.items()}
        self._of_well: dict[c.WellRef, list[str]] = {}
        self._of_vessel: dict[str, list[str]] = {}
        for (reaction, vessel), well in layout.wells.items():
            self._of_well.setdefault(well, []).append(reaction)
            self._of_vessel.setdefault(vessel, []).append(reaction)
        if not shared:
            self._of_well = {well: mine for well, mine in self._of_well.items() if len(mine) == 1}
        self.all = tuple(dict.fromkeys(reaction for reaction, _ in layout.wells))

    def by(self, command: c.Command) -> tuple[str, ...]:
        """The reactions in the wells that a pipette draws from or delivers to."""
        if not isinstance(command, c.Aspirate | c.Dispense) or command.well is None:
            return ()
        return self.at(command.mount, command.well)

    def at(self, mount: str, well: c.WellRef) -> tuple[str, ...]:
        """The reactions under a pipette: one well's, or those of a column from row A."""
        wells = [well]
        if self._channels.get(mount, 1) == 8 and well.well.startswith("A"):
            wells = [c.WellRef(well.labware, row + well.well[1:]) for row in "ABCDEFGH"]
        return tuple(r for each in wells for r in self._of_well.get(each, ()))

    def asked(self, block: p.PauseBlock) -> tuple[str, ...]:
        """The reactions that a pause's tasks are about."""
        found: dict[str, None] = {}
        for task in block.tasks:
            of_vessel = self._of_vessel.get(task.vessel or "", list(self.all))
            found |= dict.fromkeys(of_vessel if task.mass_mg is None else task.mass_mg)
        return tuple(found) if block.tasks else self.all


def _settle(run: _Followed, served: Served, block: p.SettleBlock, context: Context) -> None:
    """Wells that settle in turn: each has a hold of its own."""
    starts_s = run.keeper.now_s
    timed = _follow(run, block, context)
    for command, begun_s, ended_s in timed:
        run.act(block.step, served.by(command), begun_s, ended_s)
    key = (block.step, block.draw.round)  # batches are one, rounds are not
    _, _, seen = run.settled.setdefault(key, (starts_s, block.wanted_s, []))
    seen.extend(settled_s(block, timed).values())


# --- dropwise additions ---------------------------------------------------------------------


def _drops(run: _Followed, served: Served, block: p.DropsBlock, context: Context) -> None:
    rows = {row.dest: row for row in block.rows}
    times: dict[str, list[float]] = {}
    begun_s = run.keeper.now_s
    for command, starts_s, ends_s in _follow(run, block, context):
        run.act(block.step, served.by(command), starts_s, ends_s)
        if isinstance(command, c.Dispense) and command.well in rows:
            row = rows[command.well]
            if command.height_mm == row.dest_mm and command.mount == block.mount:
                given_s = ends_s - command.volume_ul / command.flow_ul_s
                times.setdefault(row.reaction, []).append(given_s)
    whole = [each[-1] - each[0] for each in times.values() if len(each) > 1]
    gaps = [b - a for each in times.values() for a, b in pairwise(each)]
    wanted_s = (block.count - 1) * block.interval_s
    if whole:
        run.note(begun_s, _between(block.step, ADDITION, wanted_s, whole))
        run.note(begun_s, _between(block.step, INTERVAL, block.interval_s, gaps))


def _between(step: str, what: str, wanted_s: float, seen_s: Iterable[float]) -> Elapsed:
    seen = [round(each, 6) for each in seen_s]
    return Elapsed(step, what, wanted_s, min(seen), max(seen))


# --- holds ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Seen:
    """The steps before and after a hold, and the time (s) between them for a reaction; `own_s`
    of it since the hold's timer was started."""

    between: tuple[str, str]
    seconds: float
    own_s: float


@dataclass(frozen=True, slots=True)
class _Told:
    """A hold of all batches: when its first one begins, how long that is, and what is seen."""

    begins_s: float
    lasts_s: float
    seen: list[_Seen]


def _holds(run: _Followed) -> Iterator[tuple[float, Elapsed]]:
    """Batches of one hold are told as one; so are holds that follow each other."""
    groups: list[list[_Hold]] = []
    for hold in sorted(run.holds, key=lambda hold: hold.begins_s):
        last = groups[-1][-1] if groups else None
        if last is not None and _follows(run, last, hold):
            groups[-1].append(hold)
        else:
            groups.append([hold])
    told: dict[tuple[str, float, float | None], _Told] = {}
    for group in groups:
        first = group[0]
        whose = first.reactions or tuple(run.actions)
        end_s = max(hold.ends_s for hold in group)
        seen = _seen(run, whose, first, end_s)
        wanted_s = sum(hold.wanted_s for hold in group)
        where = (first.step, wanted_s, first.begins_s if not first.reactions else None)
        told.setdefault(where, _Told(first.begins_s, end_s - first.begins_s, [])).seen.extend(seen)
    for (step, wanted_s, _), each in told.items():
        seen = _alike(each.seen)
        found = _between(step, HOLD, wanted_s, [one.seconds for one in seen] or [each.lasts_s])
        own_s = min((one.own_s for one in seen), default=each.lasts_s)
        yield each.begins_s, replace(found, own_s=own_s)


def _follows(run: _Followed, last: _Hold, hold: _Hold) -> bool:
    """Whether a hold goes on with another one, and nothing is done between them. Of a batch their
    timers run at once: the second one's for both."""
    if last.reactions or hold.reactions:
        return last.reactions == hold.reactions and hold.begins_s < last.ends_s
    after = hold.begins_s >= last.ends_s - 1e-9
    return after and not _touched(run.actions, last.ends_s, hold.begins_s)


def _touched(actions: Mapping[str, list[_Action]], after_s: float, before_s: float) -> bool:
    """Whether anything is done to a reaction between two times."""
    return any(
        each.starts_s >= after_s - 1e-9 and each.ends_s <= before_s + 1e-9
        for mine in actions.values()
        for each in mine
    )


def _seen(run: _Followed, whose: Iterable[str], hold: _Hold, end_s: float) -> list[_Seen]:
    """What each reaction sees of a hold, and between which two steps it does."""
    found = []
    for reaction in whose:
        mine = run.actions.get(reaction, [])
        before = [each for each in mine if each.ends_s <= hold.begun_by_s + 1e-9]
        after = [each for each in mine if each.starts_s >= end_s - 1e-9]
        if before and after:
            last, first = max(before, key=_ends_s), min(after, key=_starts_s)
            own_s = first.starts_s - max(last.ends_s, hold.begins_s)
            seconds = first.starts_s - last.ends_s
            found.append(_Seen((last.step, first.step), seconds, own_s))
    return found


def _alike(seen: Sequence[_Seen]) -> list[_Seen]:
    """Of reactions that stand between the same two steps, as most of them do: a control may go
    without one of them, and stands for as long as the others take for it."""
    most = [pair for pair, _ in Counter(each.between for each in seen).most_common(1)]
    return [each for each in seen if each.between in most]


def _starts_s(action: _Action) -> float:
    return action.starts_s


def _ends_s(action: _Action) -> float:
    return action.ends_s
