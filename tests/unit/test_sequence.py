"""Sequences: what is read, the scale of each stage, `--set`, and one plan out of several."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.cli.options import shipped_benches, shipped_procedures
from compiler.diagnostics.finding import Finding, Severity
from compiler.passes.staging import named_for
from compiler.pipeline import Compiled, check_files, compile_procedure
from compiler.plan import joined_plan
from compiler.reading import read_document, read_procedure, read_sequence
from compiler.sequence import Judged, judge_sequence
from compiler.stages import documents as d
from simulate.plan import PlanFault
from simulate.stages import stage_documents

ROOT = Path(__file__).parents[2]
ROUTE = ROOT / "protocols" / "boc-route" / "sequence.yaml"

MAKE = """\
kind: procedure
version: 1
title: Acetylation of benzylamine
scale: 0.10 mmol
materials:
  amine:
    name: benzylamine
    smiles: NCc1ccccc1
    supplied: {solution: 0.50 M, in: toluene}
    basis: true
  anhydride:
    name: acetic anhydride
    smiles: CC(=O)OC(C)=O
    supplied: {solution: 0.50 M, in: toluene}
vessels: {reactor: {size: 2 mL}}
products: {amide: {smiles: "CC(=O)NCc1ccccc1", from: {amine: 1, anhydride: 1}, yield: 75 %}}
steps:
  - add: {material: amine, to: reactor, amount: 1 equiv}
  - id: acetylate
    add: {material: anhydride, to: reactor, amount: 0.9 equiv}
acknowledge: [{code: P-MAT-1, step: acetylate, reason: a test}]
"""
USE = """\
kind: procedure
version: 1
title: A solution
scale: 0.10 mmol
materials:
  amide: {name: N-benzylacetamide, smiles: "O=C(C)NCc1ccccc1", supplied: SUPPLIED, basis: true}
vessels: {reactor: {size: 2 mL}}
products: {solution: {smiles: "CC(=O)NCc1ccccc1", from: {amide: 1}}}
steps:
  - add: {material: amide, to: reactor, amount: 1 equiv}
  - add: {material: toluene, to: reactor, amount: 2 mL/mmol}
"""
SEQUENCE = """\
kind: sequence
version: 1
stages:
  - {id: make, procedure: make.yaml, scale: 0.1 mmol}
  - {id: use, procedure: use.yaml, basis from: make.amide}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A sequence of two stages in a folder of its own."""
    (tmp_path / "make.yaml").write_text(MAKE, encoding="utf-8")
    (tmp_path / "use.yaml").write_text(USE.replace("SUPPLIED", "solid"), encoding="utf-8")
    (tmp_path / "sequence.yaml").write_text(SEQUENCE, encoding="utf-8")
    return tmp_path


def sequence_in(path: Path) -> d.Sequence:
    read = read_sequence(path)
    assert read.document is not None, read.findings
    return read.document


def judged(path: Path = ROUTE, given: Mapping[str, str] | None = None) -> Judged:
    return judge_sequence(sequence_in(path), None, given or {})


def scales(result: Judged) -> dict[str, float]:
    return {s.stage.id: s.ledger.charges.reactions[0].scale_mmol for s in result.stages}


def assumed(result: Judged, stage: str) -> dict[str, str]:
    (found,) = [each for each in result.stages if each.stage.id == stage]
    return {a.what: a.value for a in found.ledger.charges.recipe.assumptions}


def codes(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.code for finding in findings]


# --- reading --------------------------------------------------------------------------------


def test_the_shipped_route_is_read() -> None:
    read = read_document(ROUTE)
    assert read.findings == ()
    assert isinstance(read.document, d.Sequence)
    first, second, third = read.document.stages
    assert [s.id for s in read.document.stages] == ["protect", "alkylate", "release"]
    assert first.scale is not None and first.scale.value == pytest.approx(0.20)
    assert (second.from_stage, second.from_product) == ("protect", "desired")
    assert third.yield_ is not None and third.yield_.value == pytest.approx(0.80)
    assert third.document is not None and third.document.transformation == "deprotect"
    assert second.spans.at("basis from").line == 18


def test_a_procedure_is_not_read_as_a_sequence() -> None:
    read = read_sequence(ROUTE.with_name("mono-boc.yaml"))
    assert read.document is None
    assert codes(read.findings) == ["S-KIND"]


def test_stages_are_read_inside_the_folder_only(folder: Path, tmp_path_factory: Any) -> None:
    outside = tmp_path_factory.mktemp("outside") / "use.yaml"
    outside.write_text((folder / "use.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "use.yaml").unlink()
    (folder / "use.yaml").symlink_to(outside)
    read = read_sequence(folder / "sequence.yaml")
    assert codes(read.findings) == ["S-STAGE"]
    assert read.document is not None and read.document.stages[1].document is None


def test_stages_may_be_anywhere_in_the_protocols_folder(folder: Path) -> None:
    room = folder / "protocols" / "route"
    room.mkdir(parents=True)
    for name in ("make.yaml", "use.yaml"):
        (folder / name).rename(folder / "protocols" / name)
    text = SEQUENCE.replace("procedure: ", "procedure: ../")
    (room / "sequence.yaml").write_text(text, encoding="utf-8")
    assert read_sequence(room / "sequence.yaml").findings == ()


def test_a_stage_of_another_kind_is_refused(folder: Path) -> None:
    text = (
        (folder / "use.yaml").read_text(encoding="utf-8").replace("kind: procedure", "kind: block")
    )
    (folder / "use.yaml").write_text(text, encoding="utf-8")
    assert codes(read_sequence(folder / "sequence.yaml").findings) == ["S-KIND"]


def test_a_sequence_in_a_stage_has_no_end_and_is_refused(folder: Path) -> None:
    text = SEQUENCE.replace("use.yaml", "sequence.yaml")
    (folder / "sequence.yaml").write_text(text, encoding="utf-8")
    assert "S-KIND" in codes(read_sequence(folder / "sequence.yaml").findings)


# --- scales ---------------------------------------------------------------------------------


def test_a_scale_is_the_planned_yield_of_the_stage_before() -> None:
    """0.20 mmol diamine, 0.8 equiv Boc2O (limiting), 50 %, then 80 %."""
    result = judged()
    assert scales(result) == {"protect": 0.2, "alkylate": 0.08, "release": 0.064}
    alkylate = result.stages[1].ledger.charges
    bromide = next(c for c in alkylate.charges if c.material == "bromide")
    assert bromide.volume_ul == pytest.approx(80.0)
    assert assumed(result, "alkylate")["scale of alkylate"] == "0.08 mmol"
    whys = [a.why for a in result.stages[2].ledger.charges.recipe.assumptions]
    assert "planned in the document, in 60 to 90 %" in whys
    assert "the source gives no yield" in whys


def test_the_product_s_own_yield_counts_where_the_stage_gives_none(folder: Path) -> None:
    """0.1 mmol x 0.9 equiv of the limiting anhydride x 75 %."""
    result = judged(folder / "sequence.yaml")
    assert scales(result)["use"] == pytest.approx(0.0675)
    assert assumed(result, "use")["yield of make.amide"] == "75 %"
    assert result.findings == ()


def test_coefficients_count(folder: Path) -> None:
    """Two amines to a product: half as much of it."""
    text = (
        (folder / "make.yaml")
        .read_text(encoding="utf-8")
        .replace("from: {amine: 1", "from: {amine: 2")
    )
    (folder / "make.yaml").write_text(text, encoding="utf-8")
    assert scales(judged(folder / "sequence.yaml"))["use"] == pytest.approx(0.05 * 0.75)


def test_what_was_weighed_replaces_the_plan_and_counts_on() -> None:
    result = judged(given={"alkylate.scale": "0.083mmol"})
    assert scales(result) == {"protect": 0.2, "alkylate": 0.083, "release": 0.0664}
    assert assumed(result, "alkylate")["scale of alkylate"] == "0.083 mmol"
    assert "yield of protect.desired" not in assumed(result, "alkylate")
    assert result.findings == ()


@settings(max_examples=20, deadline=None)
@given(st.floats(0.02, 0.2))
def test_scales_are_proportional(mmol: float) -> None:
    found = scales(judged(given={"protect.scale": f"{mmol:.6f} mmol"}))
    assert found["alkylate"] == pytest.approx(round(mmol, 6) * 0.8 * 0.5, abs=2e-9)
    assert found["release"] == pytest.approx(found["alkylate"] * 0.8, abs=2e-9)


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("alkilate.scale", "0.083mmol", "S-SET"),
        ("alkylate.yield", "50 %", "S-SET"),
        ("alkylate.scale", "0.083", "U-UNIT-MISSING"),
        ("alkylate.scale", "5 mL", "U-DIMENSION"),
        ("alkylate.scale", "?", "S-SET"),
        ("alkylate.scale", "0.05–0.08 mmol", "S-SET"),
        ("alkylate.scale", "-1 mmol", "U-VALUE"),
    ],
)
def test_a_setting_that_makes_no_sense(name: str, value: str, code: str) -> None:
    (finding,) = judged(given={name: value}).findings
    assert finding.code == code
    assert f"--set {name}={value}" in finding.message
    assert finding.span is not None and finding.span.file == str(ROUTE)


def test_nothing_weighed_is_refused() -> None:
    found = judged(given={"alkylate.scale": "0 mmol"})
    assert "U-VALUE" in codes(found.stages[1].findings)


def test_more_than_there_can_be_is_a_warning_that_can_be_acknowledged(folder: Path) -> None:
    path = folder / "sequence.yaml"
    result = check_files([path], settings={"use.scale": "0.095 mmol"})
    assert "C-STAGE-2" in codes(result.findings)
    assert "C-STAGE-2" not in codes(
        check_files([path], settings={"use.scale": "0.09 mmol"}).findings
    )
    text = SEQUENCE + "acknowledge: [{code: C-STAGE-2, reason: an earlier batch}]\n"
    path.write_text(text, encoding="utf-8")
    result = check_files([path], settings={"use.scale": "0.095 mmol"})
    assert "C-STAGE-2" not in codes(result.findings)
    assert [a.reason for a in result.acknowledged] == ["an earlier batch"]


def test_another_compound_is_an_error_with_both_structures(folder: Path) -> None:
    text = (folder / "use.yaml").read_text(encoding="utf-8")
    (folder / "use.yaml").write_text(text.replace('"O=C(C)N', '"O=C(CC)N'), encoding="utf-8")
    result = check_files([folder / "sequence.yaml"])
    (finding,) = [f for f in result.findings if f.code == "C-STAGE-1"]
    assert finding.severity is Severity.ERROR
    assert "CC(=O)NCc1ccccc1" in finding.message and "CCC(=O)NCc1ccccc1" in finding.message


def test_settings_without_a_sequence_are_told() -> None:
    result = check_files([ROUTE.with_name("mono-boc.yaml")], settings={"a.scale": "1 mmol"})
    assert "S-SET" in codes(result.findings)


# --- names ----------------------------------------------------------------------------------


def test_steps_are_named_for_their_stage_wherever_they_are_named() -> None:
    read = read_procedure(ROUTE.with_name("alkylation.yaml"))
    assert read.document is not None
    staged = named_for(read.document, "two")
    assert all(step.id.startswith("two.") for step in staged.steps)
    (monitor,) = [step for step in staged.steps if isinstance(step, d.Monitor)]
    assert (monitor.pass_, monitor.fail) == ("two.work-up.quench", "extend")
    assert [a.step for a in staged.acknowledge] == ["two.bromide"]


def test_a_procedure_may_be_two_stages(folder: Path) -> None:
    text = (
        SEQUENCE
        + "  - {id: once-more, procedure: use.yaml, basis from: use.solution, yield: 100 %}\n"
    )
    (folder / "sequence.yaml").write_text(text, encoding="utf-8")
    made = compile_procedure(folder / "sequence.yaml", shipped_benches()["flex"])
    assert made.plan is not None, made.findings
    ids = [step["id"] for step in made.plan["steps"]]
    assert len(set(ids)) == len(ids) == 6
    assert [file for file, _ in made.scripts] == [
        f"{folder.name}.make.py",
        f"{folder.name}.use.py",
        f"{folder.name}.once-more.py",
    ]


# --- one plan -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def compiled() -> Compiled:
    made = compile_procedure(ROUTE, shipped_benches()["flex"])
    assert made.plan is not None, made.findings
    return made


def test_the_plan_keeps_the_contract(compiled: Compiled) -> None:
    schema = json.loads((ROOT / "schemas/plan.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(compiled.plan)
    plan = compiled.plan or {}
    alone = compile_procedure(ROUTE.with_name("mono-boc.yaml"), shipped_benches()["flex"]).plan
    assert set(plan) == set(alone or {})
    assert [s["id"] for s in plan["stages"]] == ["protect", "alkylate", "release"]
    assert [s["basis"] for s in plan["stages"]] == ["diazepane", "boc-diazepane", "carbamate"]
    assert [r["id"] for r in plan["reactions"]] == ["protect.r1", "alkylate.r1", "release.r1"]
    assert [r["stage"] for r in plan["reactions"]] == ["protect", "alkylate", "release"]
    assert len({step["id"] for step in plan["steps"]}) == len(plan["steps"])
    assert len(plan["inputs"]) == 5  # the sequence, three procedures and the bench
    for key in ("charges", "contents", "draws", "stocks", "deck", "steps", "holds", "scripts"):
        assert {entry["stage"] for entry in plan[key]} <= {"protect", "alkylate", "release"}, key


def test_scripts_are_in_order_and_say_what_comes_before(compiled: Compiled) -> None:
    scripts = (compiled.plan or {})["scripts"]
    assert [(s["file"], s["part"]) for s in scripts] == [
        ("boc-route.protect.py", 1),
        ("boc-route.alkylate.part1.py", 2),
        ("boc-route.alkylate.part2.py", 3),
        ("boc-route.release.py", 4),
    ]
    assert [file for file, _ in compiled.scripts] == [s["file"] for s in scripts]
    assert scripts[0]["after"] == ""
    weighed = "0.0800 mmol (16.0 mg) of 1-Boc-1,4-diazepane weighed in"
    assert scripts[1]["after"] == f"protect is worked up, and {weighed}"
    assert "part 1 of alkylate ended" in scripts[2]["after"]
    texts = dict(compiled.scripts)
    assert weighed in texts["boc-route.alkylate.part1.py"].replace("\n", " ")
    assert "[alkylate.bromide]" in texts["boc-route.alkylate.part1.py"]


def test_times_and_parts_go_on(compiled: Compiled) -> None:
    plan = compiled.plan or {}
    starts = [step["starts_s"] for step in plan["steps"]]
    assert starts == sorted(starts)
    of_stages = [stage["timing"] for stage in plan["stages"]]
    for key in ("duration_s", "lower_bound_s", "hold_s", "operator_pauses"):
        assert plan["timing"][key] == pytest.approx(sum(each[key] for each in of_stages))
    assert {h["part"] for h in plan["holds"] if h["stage"] == "release"} == {4}


def test_the_prep_sheet_has_the_stages(compiled: Compiled) -> None:
    rows = list(csv.DictReader(io.StringIO(compiled.prep_csv or "")))
    assert list(rows[0])[-1] == "stage"
    assert list(dict.fromkeys(row["stage"] for row in rows)) == ["protect", "alkylate", "release"]
    (weighed,) = [r for r in rows if r["stage"] == "alkylate" and r["what"] == "weigh"]
    assert float(weighed["mg"]) == pytest.approx(0.08 * 200.282, rel=1e-3)


def test_the_same_input_gives_the_same_bytes(compiled: Compiled) -> None:
    again = compile_procedure(ROUTE, shipped_benches()["flex"])
    assert again.scripts == compiled.scripts
    assert again.prep_csv == compiled.prep_csv
    assert json.dumps(again.plan) == json.dumps(compiled.plan)


def test_an_error_in_one_stage_stops_all(folder: Path) -> None:
    text = (folder / "use.yaml").read_text(encoding="utf-8").replace("2 mL/mmol", '"?"')
    (folder / "use.yaml").write_text(text, encoding="utf-8")
    made = compile_procedure(folder / "sequence.yaml", shipped_benches()["flex"])
    assert made.plan is None and made.scripts == ()
    assert "S-HOLE" in codes(made.findings)


def test_a_product_drawn_from_a_stock_is_a_warning(folder: Path) -> None:
    text = USE.replace("SUPPLIED", "{solution: 0.5 M, in: toluene}")
    (folder / "use.yaml").write_text(text, encoding="utf-8")
    made = compile_procedure(folder / "sequence.yaml", shipped_benches()["flex"])
    (finding,) = [f for f in made.findings if f.code == "C-STAGE-2"]
    assert "0.0675 mmol of make.amide is there" in finding.message


def test_the_joined_plan_comes_apart_again(compiled: Compiled) -> None:
    plan = compiled.plan or {}
    parts = stage_documents(plan)
    assert [each["stages"][0]["id"] for each in parts] == ["protect", "alkylate", "release"]
    assert sum(len(each["charges"]) for each in parts) == len(plan["charges"])
    assert {r["id"] for r in parts[1]["reactions"]} == {"alkylate.r1"}
    assert parts[2]["timing"] == plan["stages"][2]["timing"]
    alone = compile_procedure(ROUTE.with_name("mono-boc.yaml"), shipped_benches()["flex"]).plan
    assert stage_documents(alone or {}) == (alone,)


def test_waste_of_the_stages_is_kept_apart() -> None:
    alone = compile_procedure(ROUTE.with_name("mono-boc.yaml"), shipped_benches()["flex"]).plan
    assert alone is not None
    plans = [
        {**alone, "stages": [{"id": name}], "waste": {"organic": {"labware": "w", "well": well}}}
        for name, well in (("a", "A1"), ("b", "B1"))
    ]
    joined = joined_plan(plans)
    assert set(joined["waste"]) == {"a.organic", "b.organic"}
    second = stage_documents(joined)[1]
    assert second["waste"] == {"organic": {"labware": "w", "well": "B1"}}
    with pytest.raises(ValueError, match="new"):
        joined_plan([{**plan, "new": {"x": 1}} for plan in plans])


@pytest.mark.parametrize(
    "stages",
    [[{"id": "a"}, {"id": "a"}], [{"id": "a"}, {}], ["a", "b"], [{"id": "a"}, {"id": "b"}]],
)
def test_a_plan_whose_stages_make_no_sense_is_refused(stages: list[Any]) -> None:
    with pytest.raises(PlanFault):
        stage_documents({"version": 1, "stages": stages, "scripts": [{"file": "x.py", "part": 1}]})


# --- the command line -----------------------------------------------------------------------


def test_a_folder_with_a_sequence_ships_by_its_name() -> None:
    assert shipped_procedures()["boc-route"].name == "sequence.yaml"
    assert shipped_procedures()["reductive-amination"].name == "procedure.yaml"
