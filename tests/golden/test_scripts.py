"""Whole scripts, as they read. `WORKUP_GOLDEN=write` writes them anew; look at the difference."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))

import programs as made

from compiler.target.script import write_scripts

SCRIPTS = Path(__file__).parent / "scripts"


@pytest.mark.parametrize("robot", ["Flex", "OT-2"])
def test_the_reductive_amination(robot: str) -> None:
    """Without the labware definitions at the end, which have tests of their own."""
    program = made.amination(robot)
    for suffix, text in write_scripts(program, "Reductive amination", made.header()):
        text = text.partition("# Custom labware definitions")[0]
        file = SCRIPTS / f"amination-{robot.lower()}{suffix}.txt"
        if os.environ.get("WORKUP_GOLDEN") == "write":
            file.write_text(text, encoding="utf-8")
        assert text == file.read_text(encoding="utf-8")


def test_the_same_program_gives_the_same_bytes() -> None:
    first, second = (
        write_scripts(made.amination("OT-2", reactions=3), "Title", made.header()) for _ in range(2)
    )
    assert first == second
