"""Which tips go back into their places, and for what they are taken up again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from compiler.passes.rows import FRESH
from compiler.passes.tips import tips, tips_used
from compiler.stages import program as p
from compiler.stages.operations import Task
from compiler.target import commands as c
from compiler.target.commands import WellRef
from compiler.target.expand import expand_part
from tests.unit import many, programs, racks

SINGLE = {"left": "flex_1channel_1000"}


def named(*parts: list[p.Block]) -> p.Program:
    made, findings = tips(racks.program(racks.layout(SINGLE, 2), *parts))
    assert not findings, findings
    return made


def test_a_wells_tip_mixes_and_draws_in_all_rounds_of_a_step() -> None:
    rounds: list[p.Block] = []
    for number in (1, 2):
        rounds += [
            racks.mixing(3, "left", "extract"),
            racks.draws(3, "left", "extract", round_=number),
        ]
    made = named(rounds)
    blocks = made.parts[0].blocks
    assert [racks.taken(block) for block in blocks] == [racks.taken(blocks[0])] * 4
    assert [racks.parked(block) for block in blocks] == [[True] * 3] * 3 + [[False] * 3]
    assert tips_used(made) == 3


def test_the_tip_that_mixed_the_quench_goes_on_to_extract() -> None:
    """A second step's draws take another: something was drawn in between."""
    blocks = [
        racks.mixing(2, "left", "quench"),
        racks.mixing(2, "left", "extract"),
        racks.draws(2, "left", "extract"),
        racks.mixing(2, "left", "wash"),
        racks.draws(2, "left", "wash"),
    ]
    made = named([*blocks])
    of = [racks.taken(block) for block in made.parts[0].blocks]
    assert of[0] == of[1] == of[2] != of[3] == of[4]
    assert tips_used(made) == 4


def test_a_tip_that_was_not_rinsed_by_mixing_draws_nothing() -> None:
    made = named([racks.mixing(1, "left", "quench"), racks.draws(1, "left", "separate")])
    assert tips_used(made) == 2


def test_one_tip_for_a_stock_over_batches() -> None:
    """Falling drops and solvent for one batch after the other: the tip waits in its rack."""
    rows = (replace(programs.quench("Flex", programs.Tips(), 2).rows[0], tip=FRESH),)
    drops = programs.quench("Flex", programs.Tips(), 2, rows=rows, shaker=None)
    plain = racks.charges(2, "left", "solvent")
    first, second = (replace(row, mix=None) for row in plain.rows)
    solvent = replace(plain, rows=(first, replace(second, tip=None)))
    made = named([drops, solvent, drops, solvent])
    assert tips_used(made) == 2
    (part,) = made.parts
    kept = [b.rows[0].parks for b in part.blocks if isinstance(b, p.DropsBlock | p.TransferBlock)]
    assert kept == [True, True, False, False]


def test_another_step_or_another_place_takes_another_tip() -> None:
    """A tip that drew one layer draws no other one, nor the same one to somewhere else."""
    first = racks.draws(1, "left", "extract")
    elsewhere = replace(first.rows[0], dest=WellRef("extracts", "other"))
    blocks = [first, replace(first, rows=(elsewhere,)), racks.draws(1, "left", "wash")]
    made = named(blocks)
    assert len({racks.taken(block)[0] for block in made.parts[0].blocks}) == 3
    assert not any(racks.parked(block)[0] for block in made.parts[0].blocks)


def test_a_step_that_draws_two_layers_mixes_with_a_tip_of_its_own() -> None:
    first = racks.draws(1, "left", "extract")
    elsewhere = replace(first.rows[0], dest=WellRef("extracts", "other"))
    made = named([racks.mixing(1, "left", "extract"), first, replace(first, rows=(elsewhere,))])
    assert len({racks.taken(block)[0] for block in made.parts[0].blocks}) == 3


def test_one_tip_mixes_a_well_until_the_mixture_is_another_one() -> None:
    def pause(material: str | None) -> p.PauseBlock:
        task = Task(step="x", text="x", vessel="reactor", material=material)
        return p.PauseBlock(step="x", message="[x] X.", tasks=(task,))

    rows = racks.mixing(1, "left").rows
    mixed = replace(racks.mixing(1, "left"), rows=(replace(rows[0], well=programs.reactor(0)),))
    made = named([mixed, pause("hydride"), mixed, pause(None), mixed])
    of = [block for block in made.parts[0].blocks if isinstance(block, p.MixBlock)]
    assert [racks.taken(block) for block in of] == [
        ["tips_200_1/A1"], ["tips_200_1/A1"], ["tips_200_1/B1"],
    ]  # fmt: skip
    assert [racks.parked(block) for block in of] == [[True], [False], [False]]


def test_no_tip_waits_for_the_next_script() -> None:
    made = named([racks.mixing(2, "left")], [racks.mixing(2, "left")])
    assert tips_used(made) == 4
    assert not any(racks.parked(made.parts[0].blocks[0]))


def test_a_tip_that_touches_off_or_has_mixed_its_charge_is_used_once() -> None:
    touched = replace(racks.draws(2, "left"), handling=programs.TOUCHED)
    made = named([touched, touched, racks.charges(2, "left"), racks.charges(2, "left")])
    assert tips_used(made) == 8


def test_a_tip_goes_back_to_its_stock_within_a_step() -> None:
    """Two stocks in turn, as in a plate whose rows are shuffled: a tip each, not one a row."""
    stocks = [WellRef("stocks", name) for name in ("A1", "B1", "A1", "B1")]  # amine, aldehyde
    block = racks.charges(4, "left")
    rows = tuple(
        replace(row, source=stock, mix=None) for row, stock in zip(block.rows, stocks, strict=True)
    )
    made = named([replace(block, rows=rows)])
    assert racks.taken(made.parts[0].blocks[0]) == ["tips_200_1/A1", "tips_200_1/B1"] * 2
    assert racks.parked(made.parts[0].blocks[0]) == [True, True, False, False]


def test_ninety_six_aminations(tmp_path: Path) -> None:
    """One tip a well stirs, mixes and draws, and one serves each liquid from all of its wells."""
    made = many.compiled(tmp_path, 96)
    assert made.plan is not None
    assert made.program is not None
    assert made.plan["tips"]["per_transfer"] == 480
    assert made.plan["tips"]["used"] == 96 + 4
    material = {stock.well: stock.material for stock in made.program.layout.stocks}
    on: dict[str, WellRef] = {}
    dipped: dict[WellRef, set[str]] = {}
    for part in made.program.parts:
        for command in expand_part(made.program, part):
            if isinstance(command, c.PickUpTip):
                on[command.mount] = command.tip
            if isinstance(command, c.Aspirate):
                place = material.get(command.well, str(command.well))
                dipped.setdefault(on[command.mount], set()).add(place)
    assert all(len(wells) == 1 for wells in dipped.values())
