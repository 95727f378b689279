"""Whether the robot keeps up with drops, by its clock."""

from dataclasses import replace

import pytest

from compiler.passes.intervals import longest_round
from compiler.pipeline import Compiled
from compiler.stages.program import DropsBlock
from compiler.target.strokes import context_of
from tests.unit.lowering import compiled

ADD = "- add: {{material: halide, to: reactor, amount: 1 equiv, {more} dropwise: {{over: {over}}}}}"


def added(over: str, more: str = "", bench: str = "ot2") -> Compiled:
    return compiled(ADD.format(over=over, more=more), bench)


@pytest.mark.parametrize("bench", ["ot2", "flex"])
def test_drops_that_can_not_be_kept_up_are_refused_with_the_numbers(bench: str) -> None:
    made = added("1 min, drop: 5 µL", bench=bench)
    assert made.plan is None
    (finding,) = (f for f in made.findings if f.code == "T-INTERVAL")
    assert finding.message.startswith("20 drops are 3.00 s apart, and a round takes ")
    assert "a fresh tip" in finding.message
    assert finding.help is not None
    assert "large enough to fall freely" in finding.help
    assert finding.span is not None
    assert finding.step == "add-2"


def test_it_is_the_clock_that_judges() -> None:
    """The same drops, 25 % slower or faster than the longest round takes."""
    made = added("30 min, drop: 5 µL", "stir during: operator,")
    assert made.program is not None
    program = made.program
    (block,) = (b for b in program.parts[0].blocks if isinstance(b, DropsBlock))
    found = longest_round(block, context_of(program.layout))
    assert found is not None
    assert found.fresh_tip
    assert not found.mixes
    for factor, refused in ((1.25, False), (0.75, True)):
        over_s = factor * found.takes_s * block.count
        again = added(f"{over_s} s, drop: 5 µL", "stir during: operator,")
        assert ("T-INTERVAL" in {f.code for f in again.findings}) == refused


def test_mixing_counts() -> None:
    made = added("30 min, drop: 5 µL, mix every: 4")
    assert made.program is not None
    (block,) = (b for b in made.program.parts[0].blocks if isinstance(b, DropsBlock))
    context = context_of(made.program.layout)
    mixed, bare = longest_round(block, context), longest_round(replace(block, mix_rows=()), context)
    assert mixed is not None
    assert bare is not None
    assert mixed.mixes
    assert mixed.takes_s > bare.takes_s + 20


def test_a_shaker_without_time_is_told() -> None:
    made = added("20 min, drop: 5 µL", "stir during: shaker,")
    assert {"P-STIR-1"} == {f.code for f in made.findings if f.code in ("P-STIR-1", "T-INTERVAL")}
