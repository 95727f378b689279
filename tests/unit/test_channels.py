"""Which wells lie under eight and under 96 channels."""

from __future__ import annotations

import pytest

from compiler.target.commands import WellRef
from simulate.channels import under_channels
from simulate.traced import LoadedLabware

ROWS = "ABCDEFGHIJKLMNOP"


def labware(rows: int, columns: int) -> LoadedLabware:
    ordering = [[f"{ROWS[r]}{c + 1}" for r in range(rows)] for c in range(columns)]
    return LoadedLabware("it", "it", "1", None, {"ordering": ordering})


def under(rows: int, columns: int, first: str, count: int, *, upwards: bool = False) -> list[str]:
    found = under_channels(labware(rows, columns), WellRef("it", first), count, upwards)
    return [ref.well for ref in found]


@pytest.mark.parametrize(
    ("rows", "columns", "first", "wells"),
    [
        (8, 12, "A3", ["A3", "B3", "C3", "D3", "E3", "F3", "G3", "H3"]),
        (16, 24, "A2", ["A2", "C2", "E2", "G2", "I2", "K2", "M2", "O2"]),
        (16, 24, "B2", ["B2", "D2", "F2", "H2", "J2", "L2", "N2", "P2"]),
        (1, 12, "A5", ["A5"] * 8),
    ],
)
def test_eight_channels(rows: int, columns: int, first: str, wells: list[str]) -> None:
    assert under(rows, columns, first, 8) == wells


def test_part_of_a_column_upwards() -> None:
    assert under(8, 12, "D1", 3, upwards=True) == ["D1", "C1", "B1"]


def test_96_channels_over_a_plate_of_96() -> None:
    wells = under(8, 12, "A1", 96)
    assert len(set(wells)) == 96
    assert (wells[0], wells[8], wells[95]) == ("A1", "A2", "H12")


def test_96_channels_over_a_quarter_of_384_wells() -> None:
    wells = under(16, 24, "B2", 96)
    assert len(set(wells)) == 96
    assert wells[:3] == ["B2", "D2", "F2"]
    assert (wells[8], wells[95]) == ("B4", "P24")


@pytest.mark.parametrize(("columns", "each"), [(1, 96), (4, 24), (12, 8)])
def test_96_channels_over_troughs(columns: int, each: int) -> None:
    wells = under(1, columns, "A1", 96)
    assert {name: wells.count(name) for name in wells} == {
        f"A{number + 1}": each for number in range(columns)
    }


def test_labware_without_an_order() -> None:
    bare = LoadedLabware("it", "it", "1", None, {})
    assert (
        under_channels(bare, WellRef("it", "A1"), 96, upwards=False) == [WellRef("it", "A1")] * 96
    )
    assert under_channels(None, WellRef("it", "A1"), 8, upwards=False) == [WellRef("it", "A1")] * 8
