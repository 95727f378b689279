"""How the operator is told which wells, and how much goes into each."""

from pathlib import Path

import plates
import programs as made
import pytest

from compiler.passes.asking import in_words
from compiler.target.commands import WellRef

SOLID = """\
kind: procedure
version: 1
title: A solid by hand
scale: 0.02 mmol
materials:
  amine:
    {name: benzylamine, smiles: NCc1ccccc1, supplied: {solution: 0.40 M, in: MeCN}, basis: true}
  base: {is: K2CO3, supplied: solid}
vessels:
  reactor: {at least: 0.5 mL}
steps:
  - add: {material: amine, to: reactor, amount: 1 equiv}
  - id: base
    add: {material: base, to: reactor, amount: 2 equiv}
"""


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["A1"], "reactors A1"),
        (["A1", "B1", "C2"], "reactors A1, B1, C2"),
        ([f"{row}{n}" for n in (1, 2, 3) for row in "ABCD"], "reactors columns 1 to 3"),
        (
            [f"{row}{n}" for n in (1, 2, 5) for row in "ABCD"] + ["B6"],
            "reactors columns 1 to 2 and 5, B6",
        ),
        ([f"{row}{n}" for n in range(1, 7) for row in "ABCD"], "reactors (all 24)"),
    ],
)
def test_wells_in_words(names: list[str], words: str) -> None:
    layout = made.layout("Flex", reactions=3)
    assert in_words(layout, [WellRef("reactors", name) for name in names]) == words


def pause_of(tmp_path: Path, library: str) -> str:
    made_of = plates.program(tmp_path, SOLID, library, "flex")
    blocks = [b for part in made_of.parts for b in part.blocks if hasattr(b, "message")]
    return str(blocks[0].message)


def test_where_wells_get_different_masses_each_is_named(tmp_path: Path) -> None:
    """2 and 3 equiv of 0.02 mmol, 138.205 g/mol: 5.53 and 8.29 mg."""
    library = (
        "kind: library\nversion: 1\nprocedure: procedure.yaml\nreplicates: 2\n"
        "parameters: {base.amount: [2 equiv, 3 equiv]}\n"
    )
    message = pause_of(tmp_path, library)
    assert "5.53 mg: reactors A1, B1" in message
    assert "8.29 mg: reactors C1, D1" in message


def test_where_all_get_the_same_it_is_said_once(tmp_path: Path) -> None:
    message = pause_of(tmp_path, plates.replicates(4))
    assert message.count("5.53 mg") == 1
