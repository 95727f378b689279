"""Blocks unrolled: what the pipette does, in which order, and when."""

from dataclasses import replace
from itertools import pairwise

import programs as made
import pytest

from compiler.stages import program as p
from compiler.target import commands as c
from compiler.target.drops import drop_fills, makes_way, shake_until_s
from compiler.target.expand import expand, expand_part, hold_rounds, planned_waits_s
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
    assert [len(fill) for fill in drop_fills(block, program.layout)] == [3]
    wide = replace(block, rows=tuple(replace(row, strokes_ul=(60.0,)) for row in block.rows))
    assert [len(fill) for fill in drop_fills(wide, program.layout)] == [2, 1]


def with_mixing(block: p.DropsBlock, mount: str) -> p.DropsBlock:
    mix = p.MixSpec(cycles=1, stroke_ul=50.0, height_mm=2.0, flow_ul_s=50.0)
    row = p.MixRow(reaction="r1", well=made.reactor(0), mix=mix, tip=made.WellRef("tips 2", "A1"))
    return replace(block, shaker=None, mix_every=2, mix_mount=mount, mix_rows=(row,))


def test_the_tip_makes_way_where_its_pipette_mixes() -> None:
    _, block = drops_of("OT-2")
    assert not makes_way(block)
    assert makes_way(with_mixing(block, "left"))
    assert not makes_way(with_mixing(block, "right"))
    assert not makes_way(replace(with_mixing(block, "left"), shared_tip=False))


def gaps_of(program: p.Program, row: int = 0) -> list[float]:
    """The times from drop to drop in a well, by the clock, from the end of one to the next's."""
    keeper = context_of(program.layout).timekeeper()
    ends = []
    for command in expand_part(program, program.parts[0]):
        _, end = keeper.advance(command)
        falls = isinstance(command, c.Dispense) and command.height_mm == 24.0
        if falls and command.well == made.reactor(row):
            ends.append(end)
    return [b - a for a, b in pairwise(ends)]


@pytest.mark.parametrize("robot", ["Flex", "OT-2"])
@pytest.mark.parametrize("per_fill", [1, 2])
def test_drops_that_hang_are_as_far_apart_as_planned(robot: str, per_fill: int) -> None:
    """With a new tip every drop or every second one, and with mixing; never early.

    A second well's turn comes as soon as the first is served: the ways to its tips differ a little.
    """
    rows = 1 if per_fill > 1 else 2
    changes = {"shared_tip": False, "handling": made.TOUCHED, "count": 6, "interval_s": 120.0}
    block = made.quench(robot, made.Tips(), rows, per_fill=per_fill, **changes)
    for mixed in (block, with_mixing(block, "left")):
        program = made.one_part(made.layout(robot, reactions=3), mixed)
        assert gaps_of(program) == pytest.approx([120.0] * 5, abs=0.01)
        for row in range(1, rows):
            assert all(119.99 < gap < 120.5 for gap in gaps_of(program, row))


@pytest.mark.parametrize("robot", ["Flex", "OT-2"])
def test_free_drops_are_as_far_apart_where_their_pipette_mixes(robot: str) -> None:
    block = with_mixing(made.quench(robot, made.Tips(), 1, count=6, interval_s=120.0), "left")
    program = made.one_part(made.layout(robot, reactions=3), block)
    assert gaps_of(program) == pytest.approx([120.0] * 5, abs=0.01)


@pytest.mark.parametrize(("rows", "per_fill"), [(1, 1), (1, 3), (1, 4), (3, 1)])
def test_a_tip_that_touched_a_well_never_goes_back_into_the_stock(rows: int, per_fill: int) -> None:
    changes = {"shared_tip": False, "handling": made.TOUCHED, "count": 7}
    block = made.quench("Flex", made.Tips(), rows, per_fill=per_fill, **changes)
    touched: set[c.WellRef] = set()
    fills_of: dict[c.WellRef, int] = {}
    on = None
    for command in expand(block, context_of(made.layout("Flex", reactions=3))):
        if isinstance(command, c.PickUpTip):
            on = command.tip
            assert on not in fills_of, "no tip is taken twice"
            fills_of[on] = 0
        if isinstance(command, c.TouchTip) and on is not None:
            touched.add(on)
        if isinstance(command, c.Aspirate) and on is not None:
            assert on not in touched
            fills_of[on] += 1
        if isinstance(command, c.DropTip):
            assert command.into is None, "what holds liquid can't be put back"
    assert len(fills_of) == rows * -(-7 // per_fill)


def test_the_shaker_stops_before_a_fresh_tip_is_filled() -> None:
    """A fresh tip takes time between the end of shaking and the drop; without one it is longer."""
    changes = {"shared_tip": False, "handling": made.TOUCHED, "interval_s": 120.0, "count": 4}
    layout = made.layout("OT-2", reactions=3)
    fresh = made.quench("OT-2", made.Tips(), 1, per_fill=2, **changes)
    kept = made.quench("OT-2", made.Tips(), 1, per_fill=4, **changes)
    stops = [shake_until_s(block, context_of(layout)) for block in (fresh, kept)]
    assert 60.0 < stops[0] < stops[1] < 120.0 - context_of(layout).clock.shake_down_s
    for block in (fresh, kept):
        assert gaps_of(made.one_part(layout, block)) == pytest.approx([120.0] * 3, abs=0.01)


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
    waits = planned_waits_s(program, program.parts[1])
    assert waits["settled"] == (120.0, 120.0)
    assert len(waits["quench: end of shaking"]) == 10
    assert all(20.0 < wait < 55.0 for wait in waits["quench: end of shaking"])
