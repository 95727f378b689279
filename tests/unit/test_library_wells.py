"""The wells of a library's reactions."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.reading.library import read_library
from compiler.reading.wells import assign_wells, sorted_wells, well_name
from compiler.stages.library import Library

PLATE = [f"{row}{column}" for column in range(1, 7) for row in "ABCD"]
PROCEDURE = """\
kind: procedure
version: 1
title: A test
scale: 0.10 mmol
materials:
  a: {name: A, smiles: CCO, supplied: neat, basis: true}
vessels:
  reactor: {size: 2 mL}
steps:
  - add: {material: a, to: reactor, amount: 1 equiv}
"""


def library(folder: Path, wells: list[str], layout: str = "{order: by column}") -> Library:
    (folder / "procedure.yaml").write_text(PROCEDURE)
    (folder / "t.csv").write_text(
        "name,well\n" + "".join(f"row{i},{well}\n" for i, well in enumerate(wells))
    )
    text = f"kind: library\nversion: 1\nrows: t.csv\nlayout: {layout}\n"
    (folder / "l.yaml").write_text(text)
    document = read_library(folder / "l.yaml").document
    assert document is not None
    return document


def test_wells_are_filled_by_column_or_by_row(tmp_path: Path) -> None:
    placed, findings = assign_wells(library(tmp_path, [""] * 6), PLATE[::-1])
    assert findings == ()
    assert list(placed.items())[:5] == [
        ("r1", "A1"), ("r2", "B1"), ("r3", "C1"), ("r4", "D1"), ("r5", "A2"),
    ]  # fmt: skip
    placed, _ = assign_wells(library(tmp_path, [""] * 7, "{order: by row}"), PLATE)
    assert list(placed.values()) == ["A1", "A2", "A3", "A4", "A5", "A6", "B1"]


def test_a_seed_gives_the_same_wells_in_a_fixed_order(tmp_path: Path) -> None:
    seven = library(tmp_path, [""] * 6, "{order: random, seed: 7}")
    placed, _ = assign_wells(seven, PLATE)
    # random.Random(7).shuffle, which Python keeps the same from version to version
    assert list(placed.values()) == ["A2", "A1", "B2", "D1", "B1", "C1"]
    assert assign_wells(seven, PLATE[::-1])[0] == placed
    other, _ = assign_wells(library(tmp_path, [""] * 6, "{order: random, seed: 8}"), PLATE)
    assert sorted(other.values()) == sorted(placed.values())
    assert other != placed


def test_named_wells_are_kept_and_the_rest_goes_around_them(tmp_path: Path) -> None:
    placed, findings = assign_wells(library(tmp_path, ["", "A1", "", "b2"]), PLATE)
    assert findings == ()
    assert placed == {"r1": "B1", "r2": "A1", "r3": "C1", "r4": "B2"}


def test_wells_that_are_not_there_or_taken(tmp_path: Path) -> None:
    placed, findings = assign_wells(library(tmp_path, ["A1", "H12", "A1", ""]), PLATE)
    assert placed == {"r1": "A1", "r4": "B1"}
    assert sorted((f.code, f.row or 0) for f in findings) == [("S-WELL", 2), ("S-WELL", 3)]


def test_more_reactions_than_wells(tmp_path: Path) -> None:
    placed, findings = assign_wells(library(tmp_path, [""] * 30), PLATE)
    assert len(placed) == 24
    assert [f.code for f in findings] == ["P-WELLS"]
    assert "30 reactions" in findings[0].message


def test_several_plates(tmp_path: Path) -> None:
    wells = [f"{plate}/{well}" for plate in ("second", "first") for well in ("B1", "A1", "A2")]
    document = library(tmp_path, ["", "first/A2", "", "", "A1"])
    placed, findings = assign_wells(document, wells)
    assert placed == {"r1": "second/A1", "r2": "first/A2", "r3": "second/B1", "r4": "second/A2"}
    assert [f.code for f in findings] == ["S-WELL"]
    assert "2 plates" in findings[0].message


def test_odd_names_come_last_and_double_letters_after_single_ones() -> None:
    assert sorted_wells(["AA1", "x-9", "Z1", "A2", "A10"]) == ["Z1", "AA1", "A2", "A10", "x-9"]


@pytest.mark.parametrize(
    ("text", "name"),
    [("A1", "A1"), (" h12 ", "H12"), ("A01", "A1"), ("A0", None), ("12", None), ("ABC1", None)],
)
def test_a_wells_name(text: str, name: str | None) -> None:
    assert well_name(text) == name


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from(["", "", "A1", "B2", "D6", "Q9"]), min_size=1, max_size=30),
    st.sampled_from(["{order: by column}", "{order: by row}", "{order: random, seed: 3}"]),
    st.randoms(use_true_random=False),
)
def test_no_well_is_given_twice_and_the_order_of_wells_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory, wells: list[str], layout: str, rng: object
) -> None:
    document = library(tmp_path_factory.mktemp("w"), wells, layout)
    placed, findings = assign_wells(document, PLATE)
    assert len(set(placed.values())) == len(placed)
    assert set(placed.values()) <= set(PLATE)
    assert (len(placed) == len(document.rows)) == (not findings)
    assert assign_wells(document, PLATE[::-1])[0] == placed
