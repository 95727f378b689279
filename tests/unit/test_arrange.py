"""When wells go in batches that nobody asked for, and what all of them see then."""

from pathlib import Path

import plates
import pytest
import standing

from compiler.passes.arrange import turns_of
from compiler.passes.batches import DROPS, TRANSFERS, least_s, may_save_s
from compiler.passes.stirring import shaken_holds
from compiler.passes.stretches import stretches
from compiler.pipeline import Compiled
from compiler.plan.elapsed import elapsed, spreads
from compiler.stages.program import DropsBlock, TimerBlock, TransferBlock

SHAKEN = """\
  - id: rest
    stir: {for: 40 min, vessel: reactor}
  - id: quench
    add: {material: amine, to: reactor, amount: 0.5 equiv}
"""


def stood(folder: Path, wells: int, bench: str, *, standing_for: str = "30 min") -> Compiled:
    procedure = standing.PROCEDURE.replace("for: 30 min", f"for: {standing_for}")
    return plates.compiled(folder, procedure, standing.library(wells), bench)


def test_a_batch_is_served_while_another_stands(tmp_path: Path) -> None:
    """Sixteen wells on a Flex: to charge all of them takes longer than the hold, and so would it
    for the first one if the arm came back to it only then."""
    made = stood(tmp_path, 16, "flex-single", standing_for="5 min")
    assert made.program is not None
    timers = [
        b for b in made.program.parts[0].blocks
        if isinstance(b, TimerBlock) and b.step == "standing" and b.is_hold
    ]  # fmt: skip
    assert [len(block.reactions) for block in timers] == [8, 8]
    (hold,) = [e for e in elapsed(made.program) if e.step == "standing"]
    assert 300.0 <= hold.least_s <= 345.0 and hold.spread_s <= 30.0
    (told,) = [f for f in made.findings if f.code == "T-BATCH"]
    assert told.message.startswith("16 wells go in 2 batches of at most 8")
    assert told.step == "standing"
    assert "T-LONGER" not in {f.code for f in made.findings}


def test_a_hold_that_is_longer_for_all_is_told(tmp_path: Path) -> None:
    """Batches would take a good deal longer: the arm is back after all wells."""
    made = stood(tmp_path, 16, "ot2-single", standing_for="7 min")
    assert made.program is not None
    (hold,) = [e for e in elapsed(made.program) if e.step == "standing"]
    (told,) = [f for f in made.findings if f.code == "T-LONGER"]
    assert told.step == "standing"
    assert told.message.startswith(f"7 min are at least {hold.least_s / 60:.2f} min for every")
    assert hold.least_s > 1.5 * 420.0 and hold.spread_s <= 30.0


@pytest.mark.parametrize("wells", [4, 16])
@pytest.mark.parametrize("bench", ["flex-single", "ot2-single"])
def test_where_nothing_is_gained_all_wells_go_together(
    tmp_path: Path, bench: str, wells: int
) -> None:
    """A long hold counts from the first well, and rows keep step: the arm is never late."""
    program = stood(tmp_path, wells, bench).program
    assert program is not None and spreads(program) == ()
    assert not any(isinstance(b, TimerBlock) and b.reactions for b in program.parts[0].blocks)
    (hold,) = [e for e in elapsed(program) if e.step == "standing"]
    assert 1800.0 <= hold.least_s <= 1840.0


def test_what_batches_can_save(tmp_path: Path) -> None:
    """No more than the arm's work before the hold, or after it; and they take at least its work."""
    program = stood(tmp_path, 4, "flex-single").program
    assert program is not None
    turns = turns_of(program)
    (stretch,) = [
        s for s in stretches(program.layout.operations.operations) if "standing" in s.steps
    ]
    wells = tuple(f"r{n}" for n in range(1, 5))
    charged_s = 4 * turns["amine", TRANSFERS, ()]
    assert may_save_s(stretch, turns) == pytest.approx(charged_s, rel=0.02)
    assert least_s(stretch, 1, turns) > charged_s + turns["water", TRANSFERS, wells]


def test_a_dropwise_addition_takes_as_long_for_any_wells(tmp_path: Path) -> None:
    program = plates.program(
        tmp_path,
        plates.drops_procedure("{over: 10 min, drop: 10 µL}"),
        plates.replicates(4),
        "flex",
    )
    (block,) = [b for b in program.parts[0].blocks if isinstance(b, DropsBlock)]
    turns = turns_of(program)
    assert turns["halide", DROPS, ()] == turns["halide", DROPS, ("r1", "r2", "r3", "r4")]
    assert turns["halide", DROPS, ()] > (block.count - 1) * block.interval_s


def test_a_hold_on_the_shaker_is_no_reason_for_batches(tmp_path: Path) -> None:
    """The arm can't serve what is shaken."""
    made = plates.compiled(
        tmp_path, plates.drops_procedure(after=SHAKEN), plates.replicates(12), "flex"
    )
    assert made.program is not None
    assert [f.code for f in made.findings if f.code in ("T-BATCH", "P-STIR-1")] == []


def test_batches_that_leave_the_shaker_no_time_are_told(tmp_path: Path) -> None:
    procedure = plates.drops_procedure(
        "{over: 10 min, drop: 10 µL, mix every: 5}", "pipette", SHAKEN
    )
    made = plates.compiled(tmp_path, procedure, plates.replicates(24), "flex")
    assert made.program is not None
    seen = [s for part in made.program.parts for s in shaken_holds(made.program, part)]
    assert seen and all(s.wanted_s == 2400.0 for s in seen)
    assert min(s.shaken_s for s in seen) < 1200.0
    (told,) = [f for f in made.findings if f.code == "P-STIR-1"]
    assert told.step == "rest" and told.message.startswith("40 min on the shaker are 6.")


# --- `within` is kept, and not only judged ------------------------------------------------------


def quenched(folder: Path, limit: str, bench: str = "flex") -> Compiled:
    procedure = standing.QUENCHED.format(limit=limit)
    return plates.compiled(folder, procedure, plates.replicates(24), bench)


def sizes(made: Compiled, step: str) -> list[int]:
    assert made.program is not None, [f.message for f in made.findings]
    blocks = made.program.parts[0].blocks
    return [len(b.rows) for b in blocks if isinstance(b, TransferBlock) and b.step == step]


@pytest.mark.parametrize("bench", ["flex", "ot2"])
def test_a_step_that_has_to_begin_soon_makes_batches(tmp_path: Path, bench: str) -> None:
    made = quenched(tmp_path, "1 min", bench)
    assert made.plan is not None
    (limit,) = made.plan["limits"]
    assert limit["most_s"] <= limit["within_s"] == 60.0
    assert len(sizes(made, "quench")) > 1 and sum(sizes(made, "quench")) == 24
    assert sizes(made, "ester") == sizes(made, "quench")
    assert sizes(made, "amine") == [24]
    (told,) = [f for f in made.findings if f.code == "T-BATCH"]
    number = len(sizes(made, "quench"))
    most = max(sizes(made, "quench"))
    assert told.message == (
        f"24 wells go in {number} batches of at most {most}, for quench to begin within 1 min of"
        " ester"
    )


def test_a_limit_that_all_wells_keep_makes_none(tmp_path: Path) -> None:
    assert sizes(quenched(tmp_path, "20 min"), "quench") == [24]


def test_a_limit_that_no_well_keeps_is_told_for_all_of_them_at_once(tmp_path: Path) -> None:
    made = quenched(tmp_path, "5 s")
    assert made.program is None
    (told,) = [f for f in made.findings if f.code == "T-WITHIN"]
    assert told.step == "quench" and "r24" in told.message


def test_wells_of_batches_are_counted_once(tmp_path: Path) -> None:
    """An extraction serves each well many times: with the solvent, and twice with a draw."""
    held = "  - id: standing\n    wait: {for: 30 min, vessel: reactor}\n"
    procedure = standing.PROCEDURE.replace("times: 1", "times: 2").replace(held, "")
    procedure = procedure.replace("into: out}", "into: out}\n    within: 2 min")
    made = plates.compiled(tmp_path, procedure, plates.replicates(9), "flex-single")
    (told,) = [f for f in made.findings if f.code == "T-BATCH"]
    assert told.message == (
        "9 wells go in 3 batches of at most 3, for out to begin within 2 min of water"
    )
