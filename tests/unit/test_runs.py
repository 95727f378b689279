"""Libraries that are bigger than a deck: which reaction is made in which run."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler.cli.options import shipped_benches, shipped_procedures
from compiler.pipeline import Compiled, compile_procedure
from compiler.reading import read_bench
from compiler.reading.library import read_library
from compiler.runs import fewest, split
from compiler.stages.library import Library
from simulate.stages import stage_documents

LIBRARY = shipped_procedures()["reductive-amination"].with_name("library.yaml")


def library_of(folder: Path, **changes: str) -> Library:
    """The library that ships, with lines changed."""
    for name in ("procedure.yaml", "library.csv"):
        (folder / name).write_bytes(LIBRARY.with_name(name).read_bytes())
    text = LIBRARY.read_text(encoding="utf-8")
    for before, after in changes.items():
        assert before in text
        text = text.replace(before, after)
    (folder / "library.yaml").write_text(text, encoding="utf-8")
    read = read_library(folder / "library.yaml")
    assert read.document is not None, read.findings
    return read.document


def ids(library: Library, count: int) -> list[list[str]]:
    bench = read_bench(shipped_benches()["flex"]).document
    assert bench is not None
    divided = split(library, count, [bench])
    assert divided is not None
    return [[variant.id for variant in run.library.rows] for run in divided]


def numbers(first: int, last: int) -> list[str]:
    return [f"r{n}" for n in range(first, last + 1)]


def test_runs_are_equal_and_keep_the_order(tmp_path: Path) -> None:
    """24 aldehydes at two excesses and one control: 17, 16 and 16 reactions."""
    made = ids(library_of(tmp_path), 3)
    assert made == [[*numbers(1, 16), "r49"], numbers(17, 32), numbers(33, 48)]


def test_a_control_in_each_run(tmp_path: Path) -> None:
    changes = {"without: hydride}": "without: hydride, each run: true}"}
    made = ids(library_of(tmp_path, **changes), 3)
    assert [run[-1] for run in made] == ["r49", "r50", "r51"]
    assert [len(run) for run in made] == [17, 17, 17]


def test_every_run_begins_with_a_reaction_that_has_all_steps(tmp_path: Path) -> None:
    """A control of each row: as many as there are rows, spread over the runs."""
    library = library_of(tmp_path, **{"without: hydride}": "without: hydride, row: all}"})
    bench = read_bench(shipped_benches()["flex"]).document
    assert bench is not None
    runs = split(library, 4, [bench])
    assert runs is not None
    assert sum(len(run.library.rows) for run in runs) == 72
    assert {len(run.library.rows) for run in runs} == {18}
    assert all(run.library.rows[0].control is None for run in runs)
    assert split(library, 49, [bench]) is None


@pytest.mark.parametrize(("wells", "runs"), [((24,), 3), ((24, 12), 5), ((96,), 2), ((), 2)])
def test_no_fewer_runs_are_tried_than_wells_allow(
    tmp_path: Path, wells: tuple[int, ...], runs: int
) -> None:
    assert fewest(library_of(tmp_path), wells, 1) == runs


@pytest.fixture(scope="module", params=["flex", "ot2"])
def compiled(request: pytest.FixtureRequest) -> Compiled:
    return compile_procedure(LIBRARY, shipped_benches()[request.param])


def test_three_runs_of_one_library(compiled: Compiled) -> None:
    assert compiled.plan is not None, compiled.findings
    assert [name for name, _ in compiled.scripts] == [
        f"reductive-amination.run{run}.part{part}.py" for run in (1, 2, 3) for part in (1, 2)
    ]
    (note,) = [f for f in compiled.findings if f.code == "P-RUNS"]
    assert note.message.startswith("49 reactions are divided into 3 runs (17, 16, 16): 49 wells")
    stages = stage_documents(compiled.plan)
    assert [len(stage["reactions"]) for stage in stages] == [17, 16, 16]
    assert len({r["id"] for r in compiled.plan["reactions"]}) == 49
    for stage in stages:
        wells = {str(r["wells"]["reactor"]) for r in stage["reactions"]}
        assert len(wells) == len(stage["reactions"])
        known = {str((s["labware"], s["well"])) for s in stage["stocks"]}
        assert len(known) == len(stage["stocks"])
    after = [script["after"] for script in compiled.plan["scripts"]]
    assert after[0] == ""
    assert after[2] == "run1 is done, and the deck set up for run2"
    assert "part 1 of run2" in after[3]


def test_tips_of_all_runs(compiled: Compiled) -> None:
    """49 × 7 transfers; the control lacks a solid, which no tip brings."""
    assert compiled.plan is not None
    tips = compiled.plan["tips"]
    assert tips["per_transfer"] == 49 * 7
    assert tips["used"] <= 0.35 * tips["per_transfer"]


def test_two_benches_share_a_library() -> None:
    """Both robots at once: 24 aldehydes, twelve on each, and nothing waits for the other."""
    flex, ot2 = (shipped_benches()[name] for name in ("flex", "ot2"))
    procedure = LIBRARY.with_name("procedure.yaml")
    table = LIBRARY.with_name("library.csv")
    made = compile_procedure(procedure, flex, library=table, more_benches=[ot2])
    assert made.plan is not None, made.findings
    stages = stage_documents(made.plan)
    assert [stage["robot"]["type"] for stage in stages] == ["Flex", "OT-2"]
    assert [len(stage["reactions"]) for stage in stages] == [12, 12]
    first = [script for script in made.plan["scripts"] if "part1" in script["file"]]
    assert [script["after"] for script in first] == ["", ""]


def test_a_procedure_has_one_bench() -> None:
    flex, ot2 = (shipped_benches()[name] for name in ("flex", "ot2"))
    made = compile_procedure(LIBRARY.with_name("procedure.yaml"), flex, more_benches=[ot2])
    assert made.plan is None
    assert [f.code for f in made.findings if f.severity == "error"] == ["P-RUNS"]


def test_a_library_that_fits_is_one_run() -> None:
    procedure = LIBRARY.with_name("procedure.yaml")
    table = LIBRARY.with_name("library.csv")
    made = compile_procedure(procedure, shipped_benches()["flex"], library=table)
    assert made.plan is not None
    assert [stage["id"] for stage in made.plan["stages"]] == ["main"]
