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


CHARGED = """\
kind: procedure
version: 1
title: A hold between two charges
scale: 0.05 mmol
materials:
  amine: {name: ethylamine, smiles: CCN, supplied: {solution: 0.50 M, in: DMF}, basis: true}
  ester: {name: methyl acetate, smiles: CC(=O)OC, supplied: {solution: 0.50 M, in: DMF}}
vessels:
  reactor: {size: 1 mL}
steps:
  - {id: amine, add: {material: amine, to: reactor, amount: 1 equiv}}
  - {id: standing, wait: {for: 10 min, vessel: reactor}}
  - {id: ester, add: {material: ester, to: reactor, amount: 1 equiv}}
"""


def own_rows(amines: range, esters: range, rows: int) -> str:
    """Rows with a stock of their own, of one or the other."""
    cells = []
    for row in range(rows):
        mine = ["scale: 0.05 mmol"]
        for kind, own, smiles in (("amine", amines, "C{}N"), ("ester", esters, "CC(=O)OC{}")):
            if row in own:
                mine.append(
                    f"{kind}.name: {kind} {row}, {kind}.smiles: {smiles.format('C' * (row + 2))}"
                )
        cells.append("{" + ", ".join(mine) + "}")
    return f"kind: library\nversion: 1\nrows: [{', '.join(cells)}]\n"


@pytest.mark.parametrize("bench", ["flex-single", "ot2-single"])
def test_rows_with_stocks_of_their_own_and_shared_ones_keep_step(
    tmp_path: Path, bench: str
) -> None:
    """First the amines take a tip each and the esters do not, then the other way round: the first
    and the last row differ by nothing, and those in the middle would by minutes."""
    library = own_rows(range(4), range(4, 8), 8)
    program = plates.program(tmp_path, CHARGED, library, bench)
    (seen,) = [e for e in elapsed(program) if e.step == "standing"]
    assert seen.least_s >= 600.0
    assert seen.spread_s <= 30.0
    plain = replace(
        program,
        parts=tuple(
            replace(
                part,
                blocks=tuple(
                    replace(b, beat_s=None) if hasattr(b, "beat_s") else b for b in part.blocks
                ),
            )
            for part in program.parts
        ),
    )
    (without,) = [e for e in elapsed(plain) if e.step == "standing"]
    assert without.spread_s > 80.0


@pytest.mark.parametrize("bench", ["flex-single", "ot2-single"])
def test_a_control_without_the_charge_breaks_no_step(tmp_path: Path, bench: str) -> None:
    library = own_rows(range(8), range(0), 8) + "controls: [{without: ester}]\n"
    program = plates.program(tmp_path, CHARGED, library, bench)
    (seen,) = [e for e in elapsed(program) if e.step == "standing"]
    assert seen.least_s >= 600.0 and seen.spread_s <= 30.0


def test_a_row_that_can_not_keep_step_stands_longer_and_not_shorter(tmp_path: Path) -> None:
    """Drops follow each other in seconds, the amines before them do not."""
    drops = "amount: 1 equiv, dropwise: {over: 10 min, drop: 10 µL}, stir during: shaker"
    procedure = CHARGED.replace("to: reactor, amount: 1 equiv}}\n", f"to: reactor, {drops}}}}}\n")
    procedure = procedure.replace(drops, "amount: 1 equiv", 1)
    program = plates.program(tmp_path, procedure, own_rows(range(6), range(0), 6), "flex-single")
    (seen,) = [e for e in elapsed(program) if e.step == "standing"]
    assert seen.least_s >= 600.0 and seen.spread_s > 90.0
