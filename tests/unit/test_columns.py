"""Eight channels at once: which wells, what is divided off, and where the liquid comes from."""

from pathlib import Path

import plates
import pytest

from compiler.passes._seats import eight_abreast, takes_eight
from compiler.stages.operations import Deliver, DeliverDrops
from compiler.target.commands import WellRef
from compiler.target.labware import load_labware

DEEP = load_labware("nest_96_wellplate_2ml_deep")
VIALS = load_labware("opentrons_24_aluminumblock_nest_1.5ml_snapcap")


def column(number: int, label: str = "plate") -> dict[str, WellRef]:
    return {f"r{row}{number}": WellRef(label, f"{row}{number}") for row in "ABCDEFGH"}


def test_a_full_column_of_a_96_plate_is_served_at_once_from_a_to_h() -> None:
    wells = dict(reversed(column(2).items()))
    assert eight_abreast(wells, {"plate": DEEP}) == (tuple(f"r{row}2" for row in "ABCDEFGH"),)


def test_a_column_with_a_gap_and_a_rack_with_wider_steps_are_not() -> None:
    wells = column(1)
    del wells["rD1"]
    assert eight_abreast(wells, {"plate": DEEP}) == ()
    four = {f"r{row}": WellRef("rack", f"{row}1") for row in "ABCD"}
    assert eight_abreast(four, {"rack": VIALS}) == ()


def test_troughs_take_eight_tips_and_plates_do_not() -> None:
    assert takes_eight(load_labware("nest_12_reservoir_15ml"))
    assert takes_eight(load_labware("nest_1_reservoir_195ml"))
    assert not takes_eight(DEEP)


def delivers(operations: object) -> list[tuple[str, str, int, int]]:
    """(step, mount, columns, wells) of everything that is delivered."""
    return [
        (o.step, o.pipette, len(o.together), len(o.volume_ul))
        for o in operations.operations  # type: ignore[attr-defined]  # Operations
        if isinstance(o, Deliver | DeliverDrops)
    ]


@pytest.mark.parametrize("bench", ["flex-96", "ot2-96"])
def test_sixteen_equal_wells_are_two_columns(tmp_path: Path, bench: str) -> None:
    procedure = plates.drops_procedure("{over: 30 min, drop: 25 µL}")
    before, after = plates.lowered(tmp_path, procedure, plates.replicates(16), bench)
    assert [each[2:] for each in delivers(before)] == [(0, 16), (0, 16)]
    assert delivers(after) == [("amine", "right", 2, 16), ("halide", "right", 2, 16)]


def test_what_is_left_of_a_column_goes_by_the_single_channel(tmp_path: Path) -> None:
    """20 wells: two columns, and four wells by themselves; drops are not divided."""
    procedure = plates.drops_procedure("{over: 30 min, drop: 25 µL}")
    _, after = plates.lowered(tmp_path, procedure, plates.replicates(20), "flex-96")
    assert delivers(after) == [
        ("amine", "right", 2, 16),
        ("amine", "left", 0, 4),
        ("halide", "left", 0, 20),
    ]


def test_a_column_with_two_volumes_is_not_served_at_once(tmp_path: Path) -> None:
    """Two amounts, turn by turn down each column."""
    library = (
        "kind: library\nversion: 1\nprocedure: procedure.yaml\nreplicates: 4\n"
        "parameters: {halide.amount: [0.8 equiv, 1.0 equiv]}\n"
        "rows: [{amine.name: one}, {amine.name: two}]\n"
    )
    procedure = plates.drops_procedure("{over: 30 min, drop: 25 µL}")
    _, after = plates.lowered(tmp_path, procedure, library, "flex-96")
    by_step = {each[0]: each[2] for each in delivers(after)}
    assert by_step["halide"] == 0


def test_stocks_for_eight_channels_stand_in_troughs(tmp_path: Path) -> None:
    made = plates.program(tmp_path, plates.drops_procedure(), plates.replicates(16), "flex-96")
    stands = {stock.material: stock.well.labware for stock in made.layout.stocks}
    assert stands["amine"] == "troughs"
    drawn = {stock.material: stock.volume_ul - stock.dead_ul for stock in made.layout.stocks}
    assert drawn["amine"] == pytest.approx(16 * 50.0)


def test_a_bench_of_single_channels_is_left_as_it_is(tmp_path: Path) -> None:
    before, after = plates.lowered(tmp_path, plates.drops_procedure(), plates.replicates(8), "flex")
    assert after is before
