"""What reactions see of holds and additions, on programs small enough to reckon by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import programs as made
import pytest

from compiler.plan.elapsed import Elapsed, elapsed
from compiler.stages import program as p
from compiler.target.commands import WellRef
from compiler.target.strokes import context_of

STOCK = WellRef("stocks", "A1")


def hold(step: str, seconds: float) -> tuple[p.TimerBlock, p.AwaitBlock]:
    timer = f"{step} over"
    return (
        p.TimerBlock(step=step, timer=timer, seconds=seconds),
        p.AwaitBlock(step=step, timer=timer),
    )


def of(*blocks: p.Block, reactions: int = 2) -> tuple[Elapsed, ...]:
    return elapsed(made.one_part(made.layout("Flex", reactions=reactions), *blocks))


def charge(step: str, tips: made.Tips, reactions: int = 2) -> p.TransferBlock:
    own = [tips.next() for _ in range(reactions)]
    return made.charge(step, "Flex", STOCK, 100.0, made.VOLATILE, own)


def turn_s(program: p.Program) -> float:
    """How much later the second well's first drop of a charge falls than the first one's."""
    from compiler.target import commands as c
    from compiler.target.expand import expand

    context = context_of(program.layout, program.parts[0])
    keeper = context.timekeeper()
    ends = []
    for command in expand(program.parts[0].blocks[0], context):
        _, end = keeper.advance(command)
        if isinstance(command, c.Dispense) and command.height_mm == 20.0:
            ends.append(end)
    return ends[1] - ends[0]


def test_a_hold_between_two_charges_is_the_same_for_wells_served_in_turn() -> None:
    """The first well waits for the second to be charged, the second for the first: equal turns."""
    tips = made.Tips()
    first, second = charge("amine", tips), charge("quench", tips)
    deck = made.layout("Flex")
    program = made.one_part(deck, first, *hold("stir", 3600.0), second)
    (seen,) = elapsed(program)
    assert (seen.step, seen.what, seen.wanted_s) == ("stir", "hold", 3600.0)
    assert seen.least_s > 3600.0
    # the ways to the two wells and their tips differ a little
    assert seen.spread_s < 1.0
    late_s = turn_s(program)
    assert seen.most_s > 3600.0 + late_s


def test_a_hold_before_a_pause_is_longer_for_the_first_well() -> None:
    """The pause is for all at once: the first well has stood one turn longer."""
    tips = made.Tips()
    pause = p.PauseBlock(step="look", message="[look] Look.", tasks=())
    program = made.one_part(made.layout("Flex"), charge("amine", tips), *hold("stir", 60.0), pause)
    (seen,) = elapsed(program)
    assert seen.spread_s == pytest.approx(turn_s(program), abs=1e-6)


def test_holds_with_nothing_between_them_are_one() -> None:
    tips = made.Tips()
    (seen,) = of(charge("amine", tips), *hold("stir", 60.0), *hold("wait", 40.0))
    assert (seen.step, seen.wanted_s) == ("stir", 100.0)


def test_a_hold_at_the_end_is_told_as_long_as_it_is() -> None:
    (seen,) = of(charge("amine", made.Tips(), 1), *hold("stir", 60.0), reactions=1)
    assert (seen.least_s, seen.most_s) == (60.0, 60.0)


@pytest.mark.parametrize("reactions", [1, 2, 4])
def test_drops_are_an_interval_apart_in_every_well(reactions: int) -> None:
    block = made.quench("Flex", made.Tips(), reactions)
    found = {each.what: each for each in of(block, reactions=reactions)}
    assert found["addition"].wanted_s == 9 * 60.0
    assert found["addition"].least_s == pytest.approx(540.0, abs=1e-3)
    assert found["addition"].spread_s == pytest.approx(0.0, abs=1e-3)
    assert found["interval"].least_s == pytest.approx(60.0, abs=1e-3)
    assert found["interval"].most_s == pytest.approx(60.0, abs=1e-3)


def test_drops_that_come_late_are_told() -> None:
    """One interval of 1 s can't be kept with four wells: the addition takes what it takes."""
    block = made.quench("Flex", made.Tips(), 4, interval_s=1.0, shaker=None, rpm=0)
    found = {each.what: each for each in of(block, reactions=4)}
    assert found["addition"].wanted_s == 9.0
    assert found["addition"].least_s > 9.0
    assert found["interval"].most_s > 1.0


def test_batches_of_an_addition_are_one_entry() -> None:
    tips = made.Tips()
    whole = made.quench("Flex", tips, 4)
    first, second = (replace(whole, rows=part) for part in (whole.rows[:2], whole.rows[2:]))
    second = replace(second, rows=(replace(second.rows[0], tip=tips.next()), *second.rows[1:]))
    found = of(first, second, reactions=4)
    assert [each.what for each in found] == ["addition", "interval"]


def test_a_hold_of_a_batch_is_that_batchs() -> None:
    """Between its timers stands another batch's work, which the hold is not about."""
    tips = made.Tips()
    whole = charge("amine", tips)
    one, other = (replace(whole, rows=(row,)) for row in whole.rows)
    again = charge("quench", tips)
    one_again, other_again = (replace(again, rows=(row,)) for row in again.rows)
    started: dict[str, Any] = {}
    for name, reaction in (("a", "r1"), ("b", "r2")):
        mine = (reaction,)
        started[name] = p.TimerBlock(step="stir", timer=name, seconds=300.0, reactions=mine)
    (seen,) = of(
        one,
        started["a"],
        other,
        started["b"],
        p.AwaitBlock(step="stir", timer="a"),
        one_again,
        p.AwaitBlock(step="stir", timer="b"),
        other_again,
    )
    assert seen.wanted_s == 300.0
    assert 300.0 < seen.least_s <= seen.most_s < 360.0
