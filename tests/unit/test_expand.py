"""Blocks unrolled: what the pipette does, in which order, and when."""

from dataclasses import replace
from itertools import pairwise

import programs as made
import pytest

from compiler.stages import program as p
from compiler.target import commands as c
from compiler.target.drops import fills, is_parked, shake_until_s
from compiler.target.expand import expand, expand_part, hold_rounds, planned_slack_s
from compiler.target.strokes import context_of


def kinds(block: p.Block, robot: str = "OT-2") -> list[str]:
    layout = made.layout(robot, reactions=3)
    return [type(command).__name__ for command in expand(block, context_of(layout))]


def test_one_volatile_charge_step_by_step() -> None:
    tips = made.Tips()
    source = made.WellRef("stocks", "A1")
    block = made.charge("amine", "OT-2", source, 150.0, made.VOLATILE, [tips.next()])
    wet = ["Aspirate", "Delay", "Dispense"]
    assert kinds(block) == [
        *("PickUpTip", *wet, *wet, *wet),
        *("Aspirate", "Delay", "MoveTo", "MoveTo", "AirGap"),
        *("Dispense", "Dispense", "BlowOut", "DropTip"),
    ]


def test_what_a_charge_delivers_and_where() -> None:
    source = made.WellRef("stocks", "A1")
    tips = made.Tips()
    own = [tips.next(), tips.next()]
    block = made.charge("amine", "OT-2", source, 200.0, made.AQUEOUS, own)
    layout = made.layout("OT-2")
    given: dict[str, float] = {}
    for command in expand(block, context_of(layout)):
        if isinstance(command, c.Dispense) and command.height_mm == 20.0 and command.well:
            given[str(command.well)] = given.get(str(command.well), 0.0) + command.volume_ul
    assert given == pytest.approx({"reactors/A1": 200.0, "reactors/B1": 200.0})


def test_only_a_tip_that_is_dropped_next_touches_the_wall() -> None:
    source = made.WellRef("stocks", "A1")
    shared = [made.Tips().next(), None]
    names = kinds(made.charge("amine", "OT-2", source, 90.0, made.TOUCHED, shared))
    assert names.count("TouchTip") == 1
    assert names[-2:] == ["TouchTip", "DropTip"]


def drops_of(robot: str, **changes: object) -> tuple[p.Program, p.DropsBlock]:
    tips = made.Tips()
    block = made.quench(robot, tips, 3, **changes)
    return made.one_part(made.layout(robot, reactions=3), block), block


@pytest.mark.parametrize("robot", ["Flex", "OT-2"])
def test_drops_fall_a_minute_apart_from_start_to_start(robot: str) -> None:
    """The first drop of each round, by the clock: 60 s apart, never less."""
    program, _ = drops_of(robot)
    context = context_of(program.layout)
    keeper = context.timekeeper()
    starts = []
    for command in expand_part(program, program.parts[0]):
        start, _ = keeper.advance(command)
        falls = isinstance(command, c.Dispense) and command.height_mm == 24.0
        if falls and command.well == made.reactor(0):
            starts.append(start)
    gaps = [b - a for a, b in pairwise(starts)]
    assert len(starts) == 10
    assert gaps == pytest.approx([60.0] * 9, abs=0.01)


def test_the_shaker_rests_before_the_next_drop() -> None:
    program, block = drops_of("OT-2")
    context = context_of(program.layout)
    until_s = shake_until_s(block, context)
    assert until_s == 60.0 - context.clock.shake_down_s - 1.0
    assert shake_until_s(replace(block, interval_s=20.0), context) == 0.0
    assert shake_until_s(replace(block, shaker=None), context) == 0.0


def test_the_last_interval_is_waited_for_only_where_the_shaker_runs() -> None:
    for changes, waits in (({}, 10), ({"shaker": None}, 9)):
        program, block = drops_of("OT-2", **changes)
        names = [
            command.timers[0]
            for command in expand(block, context_of(program.layout))
            if isinstance(command, c.AwaitTimers)
        ]
        assert names.count("quench: next drop") == waits


def test_a_tip_is_filled_for_as_many_rows_as_it_holds() -> None:
    """200 uL tip, 0.9 of it, less the air gap of 5: 175 uL, three drops of 50 and not of 60."""
    program, block = drops_of("Flex")
    assert [len(fill) for fill in fills(block, program.layout)] == [3]
    wide = replace(block, rows=tuple(replace(row, strokes_ul=(60.0,)) for row in block.rows))
    assert [len(fill) for fill in fills(wide, program.layout)] == [2, 1]
    assert [len(fill) for fill in fills(replace(block, shared_tip=False), program.layout)] == [
        1,
        1,
        1,
    ]


def test_tips_are_parked_where_the_pipette_needs_others() -> None:
    _, block = drops_of("OT-2")
    assert not is_parked(block)
    assert is_parked(replace(block, shared_tip=False))
    assert not is_parked(replace(block, shared_tip=False, rows=block.rows[:1]))


@pytest.mark.parametrize(
    ("seconds", "every", "rounds"), [(3600, 300, 12), (1000, 300, 4), (200, 300, 1), (300, 300, 1)]
)
def test_rounds_of_a_hold(seconds: float, every: float, rounds: int) -> None:
    block = p.MixHoldBlock(
        step="s", mount="left", handling=made.AQUEOUS, seconds=seconds, every_s=every, rows=()
    )
    assert hold_rounds(block) == rounds


@pytest.mark.parametrize("robot", ["Flex", "OT-2"])
def test_every_tip_that_is_picked_up_is_put_down(robot: str) -> None:
    program = made.amination(robot, reactions=3)
    for part in program.parts:
        held: set[str] = set()
        for command in expand_part(program, part):
            if isinstance(command, c.PickUpTip):
                assert command.mount not in held
                held.add(command.mount)
            if isinstance(command, c.DropTip):
                held.remove(command.mount)
        assert not held


def test_a_part_takes_over_and_leaves_modules_as_it_says() -> None:
    program = made.amination("Flex")
    first, second = (list(expand_part(program, part)) for part in program.parts)
    assert first[0] == c.Latch("shaker", close=True)
    assert [type(command) for command in first[-3:]] == [c.Latch, c.Shake, c.Comment]
    assert second[:2] == [c.Latch("shaker", close=True), c.StopShaking("shaker")]


def test_planned_waits_are_never_shorter_than_the_clock_says() -> None:
    program = made.amination("OT-2", api_level="2.22")
    slack = planned_slack_s(program, program.parts[1])
    assert slack["settled"] == 120.0
    assert 20.0 < slack["quench: end of shaking"] < 55.0
