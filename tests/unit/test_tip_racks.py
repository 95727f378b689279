"""Racks: a column for an eight-channel pipette, one rack for two pipettes where that saves one."""

from __future__ import annotations

from compiler.passes.tips import fresh_tips, tips, tips_used
from compiler.stages.program import Program
from tests.unit import racks

EIGHT = {"left": "flex_8channel_1000"}
BOTH = {"left": "flex_8channel_1000", "right": "flex_1channel_1000"}


def named(program: Program) -> Program:
    made, findings = tips(program)
    assert not findings, findings
    return made


def labels(program: Program, mount: str) -> tuple[str, ...]:
    return program.layout.mounted[mount].tip_racks


def test_an_eight_channel_takes_the_column_under_row_a() -> None:
    """Twelve a rack: the thirteenth is in the second. A pick-up is eight tips."""
    made = named(racks.program(racks.layout(EIGHT, 2), [racks.charges(13, "left")]))
    found = racks.taken(made.parts[0].blocks[0])
    assert found[:2] == ["tips_200_1/A1", "tips_200_1/A2"]
    assert found[11:] == ["tips_200_1/A12", "tips_200_2/A1"]
    assert labels(made, "left") == ("tips_200_1", "tips_200_2")
    assert tips_used(made) == 104
    assert len(list(fresh_tips(made.parts[0]))) == 13


def test_two_kinds_of_pipette_have_racks_of_their_own() -> None:
    """Twelve columns fill a rack; the single-channel's tip needs another in any case."""
    blocks = [racks.charges(12, "left"), racks.charges(1, "right")]
    made = named(racks.program(racks.layout(BOTH, 3), blocks))
    assert racks.taken(made.parts[0].blocks[1]) == ["tips_200_2/A1"]
    assert len(made.layout.free_slots) == 1
    assert tips_used(made) == 97


def test_they_share_a_rack_where_that_saves_one() -> None:
    """Ten columns and sixteen tips are one rack: the single tips are those of columns 11 and 12."""
    blocks = [racks.charges(16, "right"), racks.charges(10, "left")]
    made = named(racks.program(racks.layout(BOTH, 3), blocks))
    single, eight = made.parts[0].blocks
    assert racks.taken(eight)[-1] == "tips_200_1/A10"
    assert racks.taken(single)[0] == "tips_200_1/A11"
    assert racks.taken(single)[-1] == "tips_200_1/H12"
    assert labels(made, "left") == labels(made, "right") == ("tips_200_1",)
    assert len(made.layout.free_slots) == 2


def test_seventeen_single_tips_leave_no_column_for_ten() -> None:
    blocks = [racks.charges(17, "right"), racks.charges(10, "left")]
    made = named(racks.program(racks.layout(BOTH, 3), blocks))
    assert racks.taken(made.parts[0].blocks[0])[0] == "tips_200_2/A1"


def test_different_tips_never_share() -> None:
    pipettes = {"left": "flex_8channel_1000", "right": "flex_1channel_50"}
    blocks = [racks.charges(1, "left"), racks.charges(1, "right")]
    made = named(racks.program(racks.layout(pipettes, 2), blocks))
    assert labels(made, "left") == ("tips_200_1",)
    assert labels(made, "right") == ("tips_50_1",)
