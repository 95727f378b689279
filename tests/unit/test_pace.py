"""Rows in step, and holds that count from the first well."""

from dataclasses import replace
from pathlib import Path

import plates
import programs as made
import pytest

from compiler.passes.pace import pace
from compiler.passes.rounds import round_span_s
from compiler.plan.elapsed import elapsed
from compiler.stages import program as p
from compiler.target.strokes import context_of

HOLD_S = 120.0


def held(robot: str, seconds: float, *, cycles: int) -> p.Program:
    """Six wells, mixed `cycles` times one after the other, a hold, and a draw from each."""
    tips = made.Tips()
    mix = p.MixSpec(cycles=cycles, stroke_ul=50.0, height_mm=2.0, flow_ul_s=50.0)
    rows = tuple(
        p.MixRow(reaction=f"r{n + 1}", well=made.reactor(n), mix=mix, tip=tips.next())
        for n in range(6)
    )
    mixing = p.MixBlock(step="extract", mount="left", handling=made.AQUEOUS, rows=rows)
    drawn = made.draw("extract", robot, 100.0, tips, 6)
    timer = p.TimerBlock(step="extract", timer="timer_1", seconds=seconds)
    wait = p.AwaitBlock(step="extract", timer="timer_1")
    return made.one_part(made.layout(robot, reactions=6), mixing, timer, wait, drawn)


@pytest.mark.parametrize("robot", ["Flex", "OT-2"])
@pytest.mark.parametrize("cycles", [1, 5, 30])
def test_all_wells_see_a_hold_that_is_as_long(robot: str, cycles: int) -> None:
    paced = pace(held(robot, HOLD_S, cycles=cycles))
    seen = next(e for e in elapsed(paced) if e.what == "hold")
    assert seen.least_s >= HOLD_S - 0.1
    assert seen.spread_s <= 30.0


def test_without_a_beat_they_would_not() -> None:
    slow = held("Flex", HOLD_S, cycles=30)
    before = next(e for e in elapsed(slow) if e.what == "hold")
    assert before.spread_s > 30.0
    beats = [getattr(b, "beat_s", None) for b in pace(slow).parts[0].blocks]
    assert any(beat for beat in beats)


def test_the_hold_counts_from_the_first_well() -> None:
    """The timer starts behind the first row; the others are mixed while it runs."""
    slow = held("Flex", HOLD_S, cycles=30)
    blocks = pace(slow).parts[0].blocks
    assert [type(b).__name__ for b in blocks] == [
        "MixBlock", "TimerBlock", "MixBlock", "AwaitBlock", "TransferBlock",
    ]  # fmt: skip
    assert [len(b.rows) for b in blocks if isinstance(b, p.MixBlock)] == [1, 5]


def test_a_faster_round_after_the_hold_makes_it_longer_and_not_shorter() -> None:
    """The last well would be drawn too early otherwise."""
    slow = held("Flex", HOLD_S, cycles=12)
    paced = pace(slow)
    timer = next(b for b in paced.parts[0].blocks if isinstance(b, p.TimerBlock))
    assert timer.seconds >= HOLD_S


def test_the_span_of_a_round_is_that_of_its_turns() -> None:
    program = held("Flex", HOLD_S, cycles=10)
    context = context_of(program.layout)
    mixing = program.parts[0].blocks[0]
    assert isinstance(mixing, p.MixBlock)
    whole = round_span_s(mixing, context)
    half = round_span_s(replace(mixing, rows=mixing.rows[:3]), context)
    assert whole == pytest.approx(2.5 * half, rel=0.05)  # five steps against two


def test_a_beat_is_kept(tmp_path: Path) -> None:
    program = held("Flex", HOLD_S, cycles=10)
    mixing = program.parts[0].blocks[0]
    assert isinstance(mixing, p.MixBlock)
    beaten = replace(mixing, beat_s=100.0)
    assert round_span_s(beaten, context_of(program.layout)) == pytest.approx(500.0, abs=5.0)


def test_a_single_well_needs_no_beat(tmp_path: Path) -> None:
    after = "  - stir: {vessel: reactor, for: 10 min}\n  - mix: {vessel: reactor}\n"
    program = plates.program(
        tmp_path, plates.drops_procedure(after=after), plates.replicates(1), "flex"
    )
    assert pace(program) == program


def test_the_turn_of_a_well_is_its_first_after_a_hold_and_its_last_before(tmp_path: Path) -> None:
    """Drops that are mixed in: the first are seconds apart, the mixings at the end are not."""
    program = plates.program(
        tmp_path,
        plates.drops_procedure("{over: 30 min, drop: 10 µL, mix every: 5}", "pipette"),
        plates.replicates(6),
        "flex",
    )
    (block,) = [b for b in program.parts[0].blocks if isinstance(b, p.DropsBlock)]
    context = context_of(program.layout)
    first, last = (round_span_s(block, context, first=way) for way in (True, False))
    assert first < 30.0 < last
