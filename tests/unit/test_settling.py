"""Wells that are mixed, settle and are drawn in turn."""

import itertools
from dataclasses import replace

import programs as made
import pytest

from compiler.passes.pace import pace
from compiler.passes.settling import in_turns, settling
from compiler.plan.elapsed import elapsed
from compiler.stages import program as p
from compiler.target import commands as c
from compiler.target.expand import expand
from compiler.target.settling import settle_timer, settled_s
from compiler.target.strokes import context_of


def layers(robot: str, seconds: float, *, cycles: int = 5, wells: int = 6) -> p.Program:
    """Wells mixed one after the other, a hold, and a draw from each."""
    tips = made.Tips()
    mix = p.MixSpec(cycles=cycles, stroke_ul=50.0, height_mm=2.0, flow_ul_s=50.0)
    rows = tuple(
        p.MixRow(reaction=f"r{n + 1}", well=made.reactor(n), mix=mix, tip=tips.next())
        for n in range(wells)
    )
    mixing = p.MixBlock(step="extract", mount="left", handling=made.AQUEOUS, rows=rows)
    drawn = made.draw("extract", robot, 100.0, tips, wells)
    timer = p.TimerBlock(step="extract", timer="timer_1", seconds=seconds)
    wait = p.AwaitBlock(step="extract", timer="timer_1")
    return made.one_part(made.layout(robot, reactions=wells), mixing, timer, wait, drawn)


def in_turn(program: p.Program) -> p.SettleBlock:
    """The layers in turn, even where the wells are so few that it saves nothing."""
    mix, timer, _, draw = program.parts[0].blocks
    assert isinstance(mix, p.MixBlock)
    assert isinstance(draw, p.TransferBlock) and isinstance(timer, p.TimerBlock)
    ways = in_turns(mix, draw, timer.seconds, context_of(program.layout))
    return min(ways, key=lambda way: way[0])[1]


def seconds(program: p.Program) -> float:
    """How long a program's blocks take by the clock, one after the other."""
    context = context_of(program.layout)
    keeper = context.timekeeper()
    for block in program.parts[0].blocks:
        for command in expand(block, context):
            keeper.advance(command)
    return keeper.now_s


@pytest.mark.parametrize("robot", ["Flex", "OT-2"])
@pytest.mark.parametrize("cycles", [1, 5, 30])
@pytest.mark.parametrize("settle_s", [30.0, 120.0])
def test_all_wells_settle_alike_and_long_enough(robot: str, cycles: int, settle_s: float) -> None:
    program = pace(settling(layers(robot, settle_s, cycles=cycles)))
    (seen,) = [e for e in elapsed(program) if e.what == "hold"]
    assert seen.least_s >= settle_s
    assert seen.spread_s <= 30.0


@pytest.mark.parametrize("robot", ["Flex", "OT-2"])
@pytest.mark.parametrize("cycles", [1, 10, 30])
def test_what_is_quicker_is_done(robot: str, cycles: int) -> None:
    before = layers(robot, 60.0, cycles=cycles)
    assert seconds(pace(settling(before))) <= seconds(pace(before)) + 1.0


@pytest.mark.parametrize("robot", ["Flex", "OT-2"])
def test_wells_settle_for_about_as_long_as_they_are_to(robot: str) -> None:
    """And not for as long as all of them are mixed."""
    before = layers(robot, 60.0, cycles=60)
    (all_at_once,) = [e for e in elapsed(pace(before)) if e.what == "hold"]
    (one_by_one,) = [e for e in elapsed(settling(before)) if e.what == "hold"]
    assert one_by_one.most_s < all_at_once.least_s / 2


def test_the_first_is_drawn_before_the_last_is_mixed() -> None:
    """Mixed, mixed, drawn, mixed, drawn ...: by what the tips go into."""
    program = layers("Flex", 60.0, cycles=10)
    block = in_turn(program)
    assert block.ahead == 1
    done = []
    awaited = None
    for command in expand(block, context_of(program.layout)):
        if isinstance(command, c.StartTimer) and command.timer.endswith("settled"):
            done.append(f"mixed {command.timer}")
        if isinstance(command, c.AwaitTimers):
            awaited = command.timers[0]
        if isinstance(command, c.DropTip) and awaited is not None and awaited.endswith("settled"):
            done.append(f"drawn {awaited}")
            awaited = None
    names = [settle_timer(block, row) for row in block.rows]
    wanted = [f"mixed {names[0]}"]
    for before, after in itertools.pairwise(names):
        wanted += [f"mixed {after}", f"drawn {before}"]
    assert done == [*wanted, f"drawn {names[-1]}"]


def test_a_long_settling_mixes_more_wells_ahead() -> None:
    short, long = in_turn(layers("Flex", 30.0)), in_turn(layers("Flex", 200.0))
    assert long.ahead > short.ahead


def test_the_time_of_a_well_is_from_its_mixing_to_its_draw() -> None:
    """By hand, from the block's own commands."""
    program = layers("Flex", 90.0, wells=3)
    block, context = in_turn(program), context_of(program.layout)
    keeper = context.timekeeper()
    timed = [(command, *keeper.advance(command)) for command in expand(block, context)]
    first = block.rows[0].source
    mixed_s = max(
        e
        for k, _, e in timed[: timed_index(timed, settle_timer(block, block.rows[0]))]
        if isinstance(k, c.Dispense) and k.well == first
    )
    waited = next(
        n
        for n, (k, _, _) in enumerate(timed)
        if isinstance(k, c.AwaitTimers) and k.timers[0].startswith("extract: reactors")
    )
    drawn_s = next(s for k, s, _ in timed[waited:] if isinstance(k, c.Aspirate) and k.well == first)
    assert settled_s(block, timed)[first] == pytest.approx(drawn_s - mixed_s)


def timed_index(timed: list[tuple[c.Command, float, float]], timer: str) -> int:
    return next(
        n for n, (k, _, _) in enumerate(timed) if isinstance(k, c.StartTimer) and k.timer == timer
    )


@pytest.mark.parametrize("wells", [1])
def test_a_single_well_waits_for_its_own_time(wells: int) -> None:
    program = layers("Flex", 120.0, wells=wells)
    assert settling(program) == program


def test_what_draws_from_other_wells_is_left_alone() -> None:
    program = layers("Flex", 120.0)
    mix, timer, wait, draw = program.parts[0].blocks
    assert isinstance(draw, p.TransferBlock)
    other = replace(draw, rows=draw.rows[::-1])
    part = replace(program.parts[0], blocks=(mix, timer, wait, other))
    assert settling(replace(program, parts=(part,))).parts[0].blocks == part.blocks
