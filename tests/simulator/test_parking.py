"""Tips that are parked: accepted where they stay with their vessel, caught where they do not."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from compiler.cli.compile_ import result_files
from compiler.cli.options import shipped_benches, shipped_procedures
from compiler.pipeline import compile_procedure
from simulate.result import SimulationResult, simulate_plan

PROCEDURE = shipped_procedures()["reductive-amination"]
BENCHES = ("flex", "ot2")
TIP = re.compile(r'tips_\d+_\d+\["[A-H]\d+"\]')


@pytest.fixture(scope="module", params=BENCHES)
def sound(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two aldehydes, written: in part 2 a tip for each well mixes and draws in both rounds."""
    folder = tmp_path_factory.mktemp(request.param)
    table = (PROCEDURE.parent / "library.csv").read_text(encoding="utf-8").splitlines()[:3]
    (folder / "library.csv").write_text("\n".join(table), encoding="utf-8")
    bench = shipped_benches()[request.param]
    compiled = compile_procedure(PROCEDURE, bench, library=folder / "library.csv")
    for name, text in result_files(compiled).items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return folder


def planted(sound: Path, folder: Path, edit: Callable[[str], str]) -> SimulationResult:
    """The run with its second script edited."""
    shutil.copytree(sound, folder, dirs_exist_ok=True)
    (script,) = folder.glob("*.part2.py")
    text = script.read_text(encoding="utf-8")
    changed = edit(text)
    assert changed != text
    script.write_text(changed, encoding="utf-8")
    return simulate_plan(folder / "plan.json")


def tip_faults(result: SimulationResult) -> list[str]:
    return [f.message for f in result.findings if f.code == "V-TIP"]


def draws(text: str, nth: int) -> tuple[int, int]:
    """Where the nth table of draws stands."""
    starts = [found.start() for found in re.finditer(r"# tip, source, dest", text)]
    return starts[nth], text.index("]\n    for", starts[nth])


def swapped(text: str) -> str:
    """The second round's draws, with the tips of the first two wells in each other's place."""
    start, end = draws(text, 1)
    table = text[start:end]
    first, second, *_ = TIP.findall(table)
    table = table.replace(first, "@").replace(second, first).replace("@", second)
    return text[:start] + table + text[end:]


def test_a_run_with_parked_tips_is_verified(sound: Path, tmp_path: Path) -> None:
    result = simulate_plan(sound / "plan.json")
    assert [f.message for f in result.findings] == []
    (script,) = sound.glob("*.part2.py")
    assert script.read_text(encoding="utf-8").count(".return_tip()") == 6
    assert [s.tips_used for s in result.scripts] == [3, 4]


def test_a_parked_tip_in_another_well(sound: Path, tmp_path: Path) -> None:
    (first, second) = tip_faults(planted(sound, tmp_path, swapped))
    assert "goes into reactors/" in first
    assert "after it touched reactors/" in second


def test_a_parked_tip_in_a_stock(sound: Path, tmp_path: Path) -> None:
    def edit(text: str) -> str:
        start, _ = draws(text, 0)
        source = re.search(r"draw_up\(protocol, right, [\w.]+, (\w+\[\"\w+\"\]), 1\.0, VERY", text)
        tip = TIP.findall(text[start:])[0]
        assert source is not None
        lines = (
            f"    right.pick_up_tip({tip})\n"
            f"    right.aspirate(50, {source[1]}.bottom(1.0))\n"
            f"    right.dispense(50, {source[1]}.bottom(1.0))\n"
            "    right.return_tip()\n"
        )
        rows = text.rindex("    rows = [", 0, start)
        return text[:rows] + lines + text[rows:]

    found = tip_faults(planted(sound, tmp_path, edit))
    assert "stock of DCM" in found[0]
    assert "after it touched reactors/" in found[0]


def test_a_parked_tip_with_liquid_in_it(sound: Path, tmp_path: Path) -> None:
    def edit(text: str) -> str:
        looped = "        right.return_tip()"
        wet = f"        right.aspirate(20, source.bottom(0.5))\n{looped}"
        return text.replace(looped, wet, 1)

    found = tip_faults(planted(sound, tmp_path, edit))
    assert "goes back into its rack with 20.00 µL in it" in found[0]


def test_a_tip_that_the_part_before_dropped(sound: Path, tmp_path: Path) -> None:
    def edit(text: str) -> str:
        found = re.search(r"right\.pick_up_tip\((tips_\d+_1)(\[[^)]+)\)", text)
        assert found is not None
        return text.replace(found[1] + found[2], f'{found[1]}["A1"]')

    found = tip_faults(planted(sound, tmp_path, edit))
    assert "whose tip went into the trash in part 1" in found[0]
