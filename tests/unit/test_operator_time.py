"""What the operator's work takes: counted by hand, said in the pause, read back by the clock."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.cli.options import shipped_benches, shipped_procedures
from compiler.pipeline import Compiled, compile_procedure
from compiler.stages.program import PauseBlock
from compiler.target import commands as c
from compiler.target.clock import Timekeeper, load_clock
from compiler.target.pauses import about, said_s
from tests.unit.lowering import compiled

PROCEDURE = shipped_procedures()["reductive-amination"]


@pytest.mark.parametrize(
    ("seconds", "line"),
    [
        (20.0, "About 20 s."),
        (60.0, "About 1 min."),
        (499.2, "About 8 min 20 s."),
        (1920.0, "About 32 min."),
        (3600.0, "About 1 h."),
        (57_620.0, "About 16 h 20 s."),
        (0.0, "About 0 s."),
    ],
)
def test_a_pause_says_how_long_it_takes(seconds: float, line: str) -> None:
    assert about(seconds) == line
    assert said_s(f"[x] Add it.\n{line}") == pytest.approx(seconds, abs=1.0)


@given(st.integers(0, 10**7))
def test_what_is_said_is_read(seconds: int) -> None:
    assert said_s(about(seconds)) == seconds


@pytest.mark.parametrize(
    "message",
    [
        "",
        "About .",
        "About 5.",
        "About 5 min.\n[x] Add it.",
        "[x] About 5 min.",
        "About 99999999 s.",
    ],
)
def test_other_lines_say_nothing(message: str) -> None:
    assert said_s(message) is None


def test_the_clock_takes_a_pause_at_its_word() -> None:
    keeper = Timekeeper(load_clock("Flex"))
    assert keeper.advance(c.Pause("[x] Add it.\nAbout 16 min."))[1] == 960.0
    start, end = keeper.advance(c.Pause("Fill the rack."))
    assert end - start == load_clock("Flex").operator_s


def pauses(made: Compiled) -> dict[str, float | None]:
    """Every pause, and how long it says that it takes."""
    assert made.program is not None, made.findings
    found = {}
    for part in made.program.parts:
        for block in part.blocks:
            if isinstance(block, PauseBlock):
                found[block.message] = said_s(block.message)
    return found


def test_what_is_done_well_by_well_takes_an_action_a_well() -> None:
    """24 wells at 20 s are 480 s, and 480 s more for their caps."""
    library = PROCEDURE.parent / "library.csv"
    made = compile_procedure(PROCEDURE, shipped_benches()["flex"], library=library)
    found = pauses(made)
    both = next(told for told in found if "portion 1 of 3" in told)
    assert found[both] == 2 * 24 * 20.0  # 24 caps off, 24 wells charged
    portion = next(told for told in found if "portion 2 of 3" in told)
    assert found[portion] == 24 * 20.0
    assert made.plan is not None
    together = sum(s for s in found.values() if s is not None)
    assert made.plan["timing"]["operator_s"] == pytest.approx(together)
    assumed = [a for a in made.plan["assumptions"] if a["what"] == "operator's time"]
    assert [a["value"] for a in assumed] == ["20 s for each action"]


def test_a_bath_is_one_action_and_drying_lasts_as_long_as_it_lasts() -> None:
    made = compiled(
        "- cool: {vessel: reactor, to: 0 °C}\n"
        "- stir: {vessel: reactor, for: 30 min, at: 0 °C}\n"
        "- dry: {vessel: reactor, over: Na2SO4, for: 10 min}\n"
    )
    (seconds,) = pauses(made).values()
    assert seconds == 20.0 + (20.0 + 1800.0) + (20.0 + 600.0)


def test_a_bench_says_what_an_action_takes(tmp_path: Path) -> None:
    shipped = shipped_benches()["flex"]
    text = shipped.read_text(encoding="utf-8").replace(
        "../labware", str(shipped.parent.parent / "labware")
    )
    bench = tmp_path / "bench.yaml"
    bench.write_text(text.replace("{ice bath: true}", "{per action: 45 s}"), encoding="utf-8")
    made = compile_procedure(PROCEDURE, bench)
    assert next(s for told, s in pauses(made).items() if "portion 2 of 3" in told) == 45.0
    assert made.plan is not None
    assert "operator's time" not in {a["what"] for a in made.plan["assumptions"]}
