"""Written scripts in Opentrons' simulator: the trace is the expansion, command for command."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))

import programs as made
from compiler.stages import program as p
from compiler.target import commands as c
from compiler.target.expand import expand_part, has_timers, planned_slack_s
from compiler.target.script import write_scripts
from simulate.engine import run_engine
from simulate.trace import trace

BOTH = ("Flex", "OT-2")


def simulated(text: str, folder: Path) -> list[c.Command]:
    """What the simulator did when it ran a script, in our vocabulary."""
    file = folder / "script.py"
    file.write_text(text, encoding="utf-8")
    run = run_engine(file)
    assert not run.errors, run.errors
    return [
        traced.command
        for traced in trace(run).commands
        if not (isinstance(traced.command, c.MoveTo) and traced.command.well is None)
    ]  # the move to the trash belongs to the drop


def planned(program: p.Program, part: p.Part) -> Iterator[c.Command]:
    """The expansion, with delays for timers where the script's API level has none."""
    slack = planned_slack_s(program, part)
    for command in expand_part(program, part):
        if has_timers(program.layout):
            yield command
        elif isinstance(command, c.AwaitTimers):
            yield c.Delay(sum(slack[timer] for timer in command.timers))
        elif not isinstance(command, c.StartTimer):
            yield command


def assert_same(found: c.Command, wanted: c.Command, program: p.Program) -> None:
    """Volumes to 0.001 uL, places to 0.2 mm; the trash's two drop points are not told apart."""
    assert type(found) is type(wanted), (found, wanted)
    names = {module.label: module.slot for module in program.layout.modules}
    for field in wanted.__slots__:
        have, want = getattr(found, field), getattr(wanted, field)
        where = f"{field} of {found} is not that of {wanted}"
        if field == "timer" or field == "timers":
            continue
        if field == "point":
            in_trash = isinstance(wanted, c.DropTip) and wanted.into is None
            assert in_trash or have.x == pytest.approx(want.x, abs=0.2), where
            assert have.y == pytest.approx(want.y, abs=0.2), where
            assert have.z == pytest.approx(want.z, abs=0.2), where
        elif field in ("module", "to"):
            assert have in (want, names.get(want)) or have, where
        elif isinstance(want, float):
            assert have == pytest.approx(want, abs=1e-3), where
        else:
            assert have == want, where


def check(program: p.Program, folder: Path, title: str = "A run") -> list[str]:
    """Writes a program, runs every part, and holds it against the expansion."""
    written = write_scripts(program, title, made.header())
    for part, (_, text) in zip(program.parts, written, strict=True):
        found = simulated(text, folder)
        wanted = list(planned(program, part))
        for have, want in zip(found, wanted, strict=False):
            assert_same(have, want, program)
        assert len(found) == len(wanted)
    return [text for _, text in written]


@pytest.mark.parametrize("robot", BOTH)
@pytest.mark.parametrize(("reactions", "api_level"), [(1, "2.27"), (3, "2.27"), (2, "2.22")])
def test_the_reductive_amination(
    robot: str, reactions: int, api_level: str, tmp_path: Path
) -> None:
    check(made.amination(robot, reactions=reactions, api_level=api_level), tmp_path)
