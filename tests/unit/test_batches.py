"""Batches: how many there are, what follows in each, and that none is late."""

from pathlib import Path

import plates
import pytest
import standing

from compiler.passes.batches import Begin, End, in_batches, stretches
from compiler.passes.intervals import intervals, late
from compiler.plan.elapsed import elapsed
from compiler.stages.operations import Deliver, DeliverDrops, Hold, Operation
from compiler.stages.program import AwaitBlock, DropsBlock, TimerBlock, TransferBlock

FOLLOWED = """\
  - id: rest
    wait: {for: 40 min, vessel: reactor}
  - id: quench
    add: {material: amine, to: reactor, amount: 0.5 equiv}
"""


def test_wells_that_fit_into_the_interval_are_one_batch(tmp_path: Path) -> None:
    made = plates.program(tmp_path, plates.drops_procedure(), plates.replicates(12), "flex")
    drops = [b for b in made.parts[0].blocks if isinstance(b, DropsBlock)]
    assert [len(block.rows) for block in drops] == [12]
    assert (drops[0].count, drops[0].interval_s) == (10, 180.0)
    assert late(made, {}) == {}


@pytest.mark.parametrize("bench", ["flex", "ot2"])
def test_more_wells_go_in_equal_batches_that_keep_the_interval(tmp_path: Path, bench: str) -> None:
    """Ten drops in ten minutes, mixed by pipette: not for 24 wells at once."""
    procedure = plates.drops_procedure("{over: 10 min, drop: 10 µL, mix every: 5}", "pipette")
    made = plates.program(tmp_path, procedure, plates.replicates(24), bench)
    drops = [b for b in made.parts[0].blocks if isinstance(b, DropsBlock)]
    sizes = [len(block.rows) for block in drops]
    assert len(sizes) > 1 and sum(sizes) == 24
    assert max(sizes) - sizes[-1] < len(sizes)
    assert [f.code for f in intervals(made)] == []
    addition = next(e for e in elapsed(made) if e.what == "addition")
    assert addition.spread_s == pytest.approx(0.0, abs=0.1)


def test_each_batch_is_quenched_after_its_own_hold(tmp_path: Path) -> None:
    """40 min from a batch's last drop to its quench, whichever batch it is."""
    procedure = plates.drops_procedure(
        "{over: 10 min, drop: 10 µL, mix every: 5}", "pipette", FOLLOWED
    )
    made = plates.program(tmp_path, procedure, plates.replicates(24), "flex")
    blocks = made.parts[0].blocks
    quenches = [b for b in blocks if isinstance(b, TransferBlock) and b.step == "quench"]
    drops = [b for b in blocks if isinstance(b, DropsBlock)]
    assert len(quenches) == len(drops) > 1
    assert [{r.reaction for r in b.rows} for b in quenches] == [
        {r.reaction for r in b.rows} for b in drops
    ]
    timers = [b for b in blocks if isinstance(b, TimerBlock) and b.step == "rest"]
    assert [b.seconds for b in timers] == [2400.0] * len(drops)
    awaited = [b.timer for b in blocks if isinstance(b, AwaitBlock) and b.step == "rest"]
    assert sorted(awaited) == sorted(b.timer for b in timers)
    hold = next(e for e in elapsed(made) if e.step == "rest")
    assert hold.least_s >= 2400.0
    assert hold.spread_s <= 48.0  # 2 %


def operations_of(tmp_path: Path, bench: str = "flex") -> tuple[Operation, ...]:
    procedure = plates.drops_procedure("{over: 10 min, drop: 10 µL}", "operator", FOLLOWED)
    before, _ = plates.lowered(tmp_path, procedure, plates.replicates(6), bench)
    return before.operations


def halide(operations: tuple[Operation, ...]) -> int:
    """Where the stretch with the drops begins."""
    return next(s.first for s in stretches(operations) if "halide" in s.steps)


def test_the_order_of_two_batches(tmp_path: Path) -> None:
    """The second batch's drops (10 min) fit into the first one's hold (40 min)."""
    operations = operations_of(tmp_path)
    items = in_batches(operations, {halide(operations): 2}, {})
    named = []
    for item in items:
        if isinstance(item, Deliver | DeliverDrops):
            named.append((item.step, ",".join(item.volume_ul)))
        elif isinstance(item, Begin | End):
            named.append((type(item).__name__, item.key))
        else:
            assert not isinstance(item, Hold)
    assert named == [
        ("amine", "r1,r2,r3,r4,r5,r6"),
        ("halide", "r1,r2,r3"),
        ("Begin", "rest, batch 1"),
        ("halide", "r4,r5,r6"),
        ("Begin", "rest, batch 2"),
        ("End", "rest, batch 1"),
        ("quench", "r1,r2,r3"),
        ("End", "rest, batch 2"),
        ("quench", "r4,r5,r6"),
    ]


def test_nothing_long_is_begun_that_another_batch_would_wait_for(tmp_path: Path) -> None:
    """Six batches: the sixth one's drops would end after the first one's hold."""
    operations = operations_of(tmp_path)
    items = in_batches(operations, {halide(operations): 6}, {})
    steps = [
        (item.step, next(iter(item.volume_ul)))
        for item in items
        if isinstance(item, Deliver | DeliverDrops)
    ]
    assert steps.index(("quench", "r1")) < steps.index(("halide", "r6"))
    assert {reaction for step, reaction in steps if step == "quench"} == {
        "r1", "r2", "r3", "r4", "r5", "r6",
    }  # fmt: skip


def test_one_batch_changes_nothing(tmp_path: Path) -> None:
    operations = operations_of(tmp_path)
    assert in_batches(operations, {}, {}) == operations


def test_the_user_is_told_of_batches(tmp_path: Path) -> None:
    procedure = plates.drops_procedure("{over: 10 min, drop: 10 µL, mix every: 5}", "pipette")
    found = plates.compiled(tmp_path, procedure, plates.replicates(24), "flex").findings
    (told,) = [f for f in found if f.code == "T-BATCH"]
    assert told.message.startswith("24 wells get their drops in ")
    assert told.span is not None and told.step == "halide"
    few = plates.compiled(tmp_path, procedure, plates.replicates(2), "flex").findings
    assert "T-BATCH" not in {f.code for f in few}


def test_wells_that_stand_before_their_drops_stand_as_long_in_every_batch(tmp_path: Path) -> None:
    """What comes before the hold goes with the batches, though it is from one stock for all."""
    procedure = standing_before("{over: 10 min, drop: 10 µL, mix every: 5}")
    made = plates.compiled(tmp_path, procedure, plates.replicates(24), "flex")
    assert "T-BATCH" in {f.code for f in made.findings}
    assert "T-SPREAD" not in {f.code for f in made.findings}
    before = next(s for s in elapsed(made.programs[0][1]) if s.step == "before")
    assert 600.0 <= before.least_s <= before.most_s <= before.least_s + 30.0


def test_the_user_is_told_of_wells_that_wait(tmp_path: Path) -> None:
    """After the hold all wells are cooled at once: the last batch stands until the others have had
    their drops."""
    procedure = standing_before("{over: 10 min, drop: 10 µL, mix every: 5}, at: 15 °C")
    found = plates.compiled(tmp_path, procedure, plates.replicates(24), "flex").findings
    assert [f.step for f in found if f.code == "T-SPREAD"] == ["before"]
    few = plates.compiled(tmp_path, procedure, plates.replicates(2), "flex").findings
    assert "T-SPREAD" not in {f.code for f in few}


def standing_before(dropwise: str) -> str:
    """Drops after ten minutes of nothing."""
    return plates.drops_procedure(dropwise, "pipette").replace(
        "  - id: halide\n",
        "  - id: before\n    wait: {for: 10 min, vessel: reactor}\n  - id: halide\n",
    )


def test_two_holds_in_a_row_pass_one_after_the_other(tmp_path: Path) -> None:
    """A batch stands for both: their timers start together, and the second one runs for both."""
    more = "  - {id: more, wait: {for: 15 min, vessel: reactor}}\n"
    procedure = plates.drops_procedure(
        "{over: 10 min, drop: 10 µL, mix every: 5}",
        "pipette",
        FOLLOWED.replace("  - id: quench", f"{more}  - id: quench"),
    )
    made = plates.program(tmp_path, procedure, plates.replicates(24), "flex")
    timers = [b for b in made.parts[0].blocks if isinstance(b, TimerBlock) and b.is_hold]
    assert {(b.step, b.seconds, b.more_s) for b in timers} == {
        ("rest", 2400.0, 0.0),
        ("more", 3300.0, 2400.0),
    }
    holds = {e.step: e for e in elapsed(made) if e.what == "hold"}
    assert set(holds) == {"rest"}  # nothing is done between the two
    assert holds["rest"].wanted_s == 3300.0
    assert holds["rest"].least_s >= 3300.0


def test_a_hold_before_the_first_turn_of_a_batch_is_kept(tmp_path: Path) -> None:
    """Columns are charged by eight, other wells by one channel, each with a stock of its own: what
    is charged for all before the batches stands as long as they do."""
    more = "  - id: more\n    add: {material: ester, to: reactor, amount: 1 equiv}\n"
    procedure = standing.PROCEDURE.replace("  - id: water\n", f"{more}  - id: water\n")
    library = standing.library(3) + "replicates: 9\n"
    made = plates.program(tmp_path, procedure, library, "flex-96")
    (hold,) = [e for e in elapsed(made) if e.step == "standing"]
    assert hold.least_s >= 1800.0
