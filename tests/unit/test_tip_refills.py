"""Where the operator replaces tip racks: as seldom as can be, and where nothing waits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from compiler.passes.tips import fresh_tips, tips, tips_used
from compiler.stages import program as p
from compiler.stages.operations import Task
from tests.unit import programs, racks

SINGLE = {"left": "flex_1channel_1000"}
TWO = {"left": "flex_1channel_50", "right": "flex_1channel_1000"}


def refills(program: p.Program) -> list[tuple[int, int, tuple[str, ...]]]:
    """(part, block, racks) of every pause at which racks are replaced."""
    return [
        (part.number, index, block.refills)
        for part in program.parts
        for index, block in enumerate(part.blocks)
        if isinstance(block, p.PauseBlock) and block.refills
    ]


def named(slots: int, *parts: list[p.Block], pipettes: dict[str, str] = SINGLE) -> p.Program:
    made, findings = tips(racks.program(racks.layout(pipettes, slots), *parts))
    assert not findings, findings
    assert_each_once(made)
    return made


def assert_each_once(program: p.Program) -> None:
    """No place is taken from twice but for a tip that waits there, or after a refill."""
    empty: set[object] = set()
    for part in program.parts:
        for block in part.blocks:
            if isinstance(block, p.PauseBlock):
                empty = {tip for tip in empty if tip.labware not in block.refills}  # type: ignore[attr-defined]  # WellRefs
            if isinstance(block, p.TransferBlock | p.MixBlock):
                for row in block.rows:
                    assert row.tip not in empty, row
                    if not row.parks:
                        empty.add(row.tip)


def test_no_refill_where_all_racks_fit() -> None:
    made = named(2, [racks.charges(96, "left"), racks.charges(96, "left")])
    assert refills(made) == []


def test_one_more_tip_is_one_refill() -> None:
    """193 tips and two slots: the third charge waits for a rack, and one rack only is replaced."""
    blocks = [racks.charges(n, "left", f"charge-{n}") for n in (96, 96, 1)]
    made = named(2, blocks)
    assert refills(made) == [(1, 2, ("tips_200_1",))]
    pause = made.parts[0].blocks[2]
    assert isinstance(pause, p.PauseBlock)
    assert pause.message.splitlines()[0] == (
        "[charge-1] Replace the tip rack in slot A1 with a full one."
    )
    assert racks.taken(made.parts[0].blocks[3]) == ["tips_200_1/A1"]
    assert tips_used(made) == 193
    assert len(list(fresh_tips(made.parts[0]))) == 193


def test_the_operators_own_pause_serves() -> None:
    """It is there anyway, though racks that are half used are replaced at it."""
    task = Task(step="hydride", text="Add it", vessel="reactor", material="hydride")
    pause = p.PauseBlock(step="hydride", message="[hydride] Add it.\nAbout 1 min.", tasks=(task,))
    blocks = [
        racks.charges(50, "left"),
        pause,
        racks.charges(40, "left"),
        racks.charges(40, "left"),
    ]
    made = named(1, blocks)
    assert refills(made) == [(1, 1, ("tips_200_1",))]
    joined = made.parts[0].blocks[1]
    assert isinstance(joined, p.PauseBlock)
    assert joined.message.splitlines() == [
        "[hydride] Add it.",
        "[hydride] Replace the tip rack in slot A1 with a full one.",
        "About 1 min 30 s.",
    ]
    assert joined.tasks == (task,)


def test_the_start_of_a_part_serves() -> None:
    made = named(1, [racks.charges(60, "left")], [racks.charges(60, "left")])
    assert refills(made) == [(2, 0, ("tips_200_1",))]


def test_nothing_waits_while_a_timer_runs_or_a_shaker_works() -> None:
    """The second charge comes within a hold, so that racks are replaced before the hold."""
    hold: list[p.Block] = [
        racks.mixing(1, "left", "before"),
        p.ShakeBlock(step="stir", module="shaker", rpm=500),
        p.TimerBlock(step="stir", timer="t", seconds=60.0),
        racks.charges(50, "left", "within"),
        p.AwaitBlock(step="stir", timer="t"),
        racks.charges(50, "left", "shaken"),
        p.ShakeBlock(step="stir", module="shaker", rpm=0),
    ]
    made = named(2, [racks.charges(95, "left"), *hold])
    assert refills(made) == [(1, 1, ("tips_200_1",))]


def test_a_transfer_that_no_deck_serves_is_divided() -> None:
    """250 tips from one rack: three pieces, two refills."""
    made = named(1, [replace(racks.charges(90, "left"), rows=racks.charges(90, "left").rows * 3)])
    sizes = [len(b.rows) for b in made.parts[0].blocks if isinstance(b, p.TransferBlock)]
    assert sizes == [96, 96, 78]
    assert [index for _, index, _ in refills(made)] == [1, 3]


def test_no_tip_waits_in_a_rack_that_is_replaced() -> None:
    """A step whose mixing and draw take 120 tips, and a rack of 96 between them: tips are dropped
    before the refill, and the draw takes fresh ones."""
    made = named(1, [racks.mixing(80, "left", "extract"), racks.charges(60, "left"),
                     racks.draws(80, "left", "extract")])  # fmt: skip
    assert tips_used(made) == 80 + 60 + 80
    assert [index for _, index, _ in refills(made)] == [1, 3]
    assert not any(racks.parked(made.parts[0].blocks[0]))


def test_slots_go_to_the_kind_that_needs_them() -> None:
    """Three slots; 30 small tips and 200 large ones: one and two racks, and one refill."""
    blocks = [racks.charges(30, "left"), racks.charges(96, "right"), racks.charges(96, "right"),
              racks.charges(8, "right")]  # fmt: skip
    made = named(3, blocks, pipettes=TWO)
    assert made.layout.mounted["left"].tip_racks == ("tips_50_1",)
    assert made.layout.mounted["right"].tip_racks == ("tips_200_1", "tips_200_2")
    assert len(refills(made)) == 1


@pytest.mark.parametrize("slots", [0, 1])
def test_two_kinds_need_two_slots(slots: int) -> None:
    blocks = [racks.charges(1, "left"), racks.charges(1, "right")]
    deck = racks.layout(TWO, slots)
    _, (finding,) = tips(racks.program(deck, blocks))
    assert finding.code == "P-TIP-1"
    assert f"{slots} slot" in finding.message


def test_drops_are_never_interrupted() -> None:
    """An addition whose drops are touched off takes 120 tips: one rack can't serve it."""
    row = replace(programs.quench("Flex", programs.Tips(), 1, shared_tip=False).rows[0])
    fresh = racks.charges(1, "left").rows[0].tip
    assert fresh is not None
    block = programs.quench("Flex", programs.Tips(), 1, shared_tip=False)
    block = replace(block, rows=(replace(row, tip=fresh, more_tips=(fresh,) * 119),))
    deck = racks.layout(SINGLE, 1)
    _, (finding,) = tips(racks.program(deck, [block]))
    assert finding.code == "P-TIP-1"
