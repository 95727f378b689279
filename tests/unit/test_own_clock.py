"""A robot's own clock: read from the bench's folder, refused where it is none."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from compiler.cli.options import shipped_benches, shipped_procedures
from compiler.diagnostics.finding import Finding, Span
from compiler.pipeline import compile_procedure
from compiler.reading import read_bench
from compiler.target.clock import load_clock
from compiler.target.clock_parameters import FITTABLE, read_own_clock

PROCEDURE = shipped_procedures()["purification-c18"]
GOOD = {"kind": "clock", "version": 1, "robot": "OT-2", "parameters": {"pick_up_s": 9}}


def bench_with(clock: str, folder: Path) -> Path:
    """The OT-2 that ships, with `clock:`."""
    shipped = shipped_benches()["ot2"]
    shutil.copytree(shipped.parent.parent / "labware", folder / "labware", dirs_exist_ok=True)
    text = shipped.read_text(encoding="utf-8").replace("../labware", "labware")
    bench = folder / "bench.yaml"
    bench.write_text(f"{text}\nclock: {clock}\n", encoding="utf-8")
    return bench


def test_a_bench_names_its_clock(tmp_path: Path) -> None:
    """Tips are picked up 5 s slower; nothing else differs."""
    (tmp_path / "slow.json").write_text(json.dumps(GOOD), encoding="utf-8")
    made = compile_procedure(PROCEDURE, bench_with("slow.json", tmp_path))
    assert [f.message for f in made.findings] == []
    slow = made.plan
    usual = compile_procedure(PROCEDURE, shipped_benches()["ot2"]).plan
    assert slow is not None
    assert usual is not None
    tips = usual["tips"]["used"]
    more = slow["timing"]["duration_s"] - usual["timing"]["duration_s"]
    assert more == pytest.approx(5.0 * tips, abs=1.0)
    assert slow["robot"]["clock"] == {"pick_up_s": 9.0}


def test_parameters_replace_the_published_ones() -> None:
    own = load_clock("OT-2", {"pick_up_s": 9.0})
    assert own.pick_up_s == 9.0
    assert own.travel_mm_s == load_clock("OT-2").travel_mm_s
    assert all(hasattr(own, name) for name in FITTABLE)


@pytest.mark.parametrize(
    ("document", "why"),
    [
        (None, "can't be read"),
        ("{", "is no JSON"),
        ([], "kind: clock"),
        ({**GOOD, "version": 2}, "version 2"),
        ({**GOOD, "robot": "Flex"}, "is that of 'Flex'"),
        ({**GOOD, "parameters": 1}, "no `parameters`"),
        ({**GOOD, "parameters": {"operator_s": 1}}, "'operator_s'"),
        ({**GOOD, "parameters": {"pick_up_s": -1}}, "pick_up_s: -1"),
        ({**GOOD, "parameters": {"pick_up_s": True}}, "pick_up_s: True"),
        ({**GOOD, "parameters": {"travel_mm_s": 0}}, "travel_mm_s: 0"),
    ],
)
def test_a_clock_that_is_none(document: object, why: str, tmp_path: Path) -> None:
    path = tmp_path / "clock.json"
    if document is not None:
        text = document if isinstance(document, str) else json.dumps(document)
        path.write_text(text, encoding="utf-8")
    found = read_own_clock(path, "OT-2", Span("bench.yaml", 3))
    assert isinstance(found, Finding)
    assert found.code == "P-CLOCK"
    assert why in found.message
    (told,) = read_bench(bench_with("clock.json", tmp_path)).findings
    assert told.code == "P-CLOCK"
    assert told.span is not None
    assert told.span.line > 10


def test_a_clock_stands_with_its_bench(tmp_path: Path) -> None:
    inside = tmp_path / "lab" / "bench"
    inside.mkdir(parents=True)
    (tmp_path / "clock.json").write_text(json.dumps(GOOD), encoding="utf-8")
    (told,) = read_bench(bench_with("../../clock.json", inside)).findings
    assert "folder of the bench" in told.message
