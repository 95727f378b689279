"""Tips: how many, and that none that touched a vessel goes back into a stock."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.passes.rows import FRESH
from compiler.passes.tips import fresh_tips
from compiler.passes.tips import tips as name_tips
from compiler.stages.program import DropsBlock, Program
from compiler.target import commands as c
from compiler.target.expand import expand_part
from tests.unit.lowering import compiled

ADD = "- add: {{material: halide, to: reactor, amount: 1 equiv, {more} dropwise: {{{dropwise}}}}}"


def program_of(dropwise: str, bench: str, more: str = "") -> Program:
    made = compiled(ADD.format(dropwise=dropwise, more=more), bench)
    assert made.program is not None, made.findings
    return made.program


def assert_clean(program: Program) -> None:
    """Follows every tip: into vessels only once it has left the stocks for good."""
    stocks = {stock.well for stock in program.layout.stocks}
    vessels = set(program.layout.wells.values())
    served: dict[c.WellRef, set[c.WellRef]] = {}
    on: dict[str, c.WellRef] = {}
    for part in program.parts:
        for command in expand_part(program, part):
            match command:
                case c.PickUpTip(mount, tip):
                    on[mount] = tip
                case c.TouchTip(mount, well):
                    served.setdefault(on[mount], set()).add(well)
                case c.Aspirate(mount, well) if well in vessels:
                    served.setdefault(on[mount], set()).add(well)
                case c.Aspirate(mount, well) if well in stocks:
                    assert on[mount] not in served, f"{on[mount]} goes back into {well}"
    assert all(len(wells) == 1 for wells in served.values())


@pytest.mark.parametrize("more", ["", "at: 0 ± 4 °C,"])
@pytest.mark.parametrize(("bench", "fills"), [("ot2", 10), ("flex", 3)])
def test_touched_drops_take_a_tip_a_fill(bench: str, fills: int, more: str) -> None:
    """20 × 5 µL: a P20's tip holds two drops (70 % of 20 µL), a Flex 50's seven."""
    program = program_of("over: 30 min, drop: 5 µL", bench, more)
    used = list(fresh_tips(program.parts[0]))
    assert len(used) == 1 + fills + (
        1 if more else 0
    )  # the amine's, and one for mixing in the cold
    assert len(set(used)) == len(used)
    assert_clean(program)


@pytest.mark.parametrize("bench", ["ot2", "flex"])
def test_falling_drops_share_one_tip(bench: str) -> None:
    program = program_of("over: 30 min", bench)
    assert len(list(fresh_tips(program.parts[0]))) == 2
    assert_clean(program)


@cache
def hanging() -> Program:
    return program_of("over: 30 min, drop: 5 µL", "flex")


@settings(deadline=None)
@given(count=st.integers(1, 40), per_fill=st.integers(1, 9))
def test_as_many_tips_as_fills(count: int, per_fill: int) -> None:
    """Whatever the numbers: every fill has a tip of its own, and the tips are named in order."""
    program = hanging()
    part = program.parts[0]
    (block,) = (b for b in part.blocks if isinstance(b, DropsBlock))
    first = block.rows[0]
    fills = -(-count // per_fill)
    row = replace(first, tip=FRESH, more_tips=(FRESH,) * (fills - 1))
    changed = replace(block, count=count, per_fill=per_fill, rows=(row,), shaker=None)
    again = replace(part, blocks=(changed,))
    bare = [p for p in program.layout.placed if not p.label.startswith("tips")]
    layout = replace(program.layout, placed=tuple(bare), free_slots=("C3", "B3"))
    named, findings = name_tips(Program(layout, (again,)))
    assert not findings
    used = [tip for _, tip in fresh_tips(named.parts[0])]
    assert len(set(used)) == len(used) == fills
    taken = [x.tip for x in expand_part(named, named.parts[0]) if isinstance(x, c.PickUpTip)]
    assert len(taken) == fills
