"""`include`: a block's steps with its parameters, and what may not be included."""

from pathlib import Path

import pytest

from compiler.diagnostics.finding import Finding
from compiler.reading import read_procedure
from compiler.stages import documents as d

PROCEDURE = """\
kind: procedure
version: 1
title: A test
materials: {a: {name: A, smiles: CCO, supplied: neat, basis: true}}
vessels: {reactor: {size: 2 mL}}
steps:
  - id: work-up
    include: {block: ../blocks/wash.yaml, with: {vessel: reactor, cycles: 7}}
"""
BLOCK = """\
kind: block
version: 1
parameters: {vessel: , cycles: 3, solvent: brine}
steps:
  - id: shake
    mix: {vessel: $vessel, cycles: $cycles}
  - wash: {vessel: $vessel, with: $solvent, volume: 5 mL/mmol, keep: organic}
    note: with $solvent, for $5
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A `protocols` folder with one procedure and one block; the path of the procedure."""
    for folder, name, text in (("one", "procedure", PROCEDURE), ("blocks", "wash", BLOCK)):
        path = tmp_path / "protocols" / folder / f"{name}.yaml"
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path / "protocols" / "one" / "procedure.yaml"


def read(path: Path) -> tuple[d.Procedure, tuple[Finding, ...]]:
    result = read_procedure(path)
    assert result.document is not None
    return result.document, result.findings


def block_of(path: Path) -> Path:
    return path.parents[1] / "blocks" / "wash.yaml"


def test_a_block_is_included_with_its_parameters(tree: Path) -> None:
    procedure, findings = read(tree)
    assert findings == ()
    mix, wash = procedure.steps
    assert [step.id for step in procedure.steps] == ["work-up.shake", "work-up.wash-2"]
    assert isinstance(mix, d.Mix) and (mix.vessel, mix.cycles) == ("reactor", 7)
    assert isinstance(wash, d.Extract) and wash.with_.name == "brine"
    assert wash.note == "with brine, for $5"
    assert wash.spans.whole.file.endswith("wash.yaml")
    assert wash.spans.whole.line == 7


def test_a_fault_in_a_block_stands_in_the_block(tree: Path) -> None:
    block = block_of(tree)
    block.write_text(BLOCK.replace("5 mL/mmol", "5 h"), encoding="utf-8")
    _, (finding,) = read(tree)
    assert finding.code == "U-DIMENSION"
    assert finding.span is not None
    assert Path(finding.span.file).name == "wash.yaml"
    assert (finding.span.line, finding.span.column) == (7, 53)


def test_a_faulty_value_stands_where_it_was_given(tree: Path) -> None:
    tree.write_text(PROCEDURE.replace("cycles: 7", "cycles: some"), encoding="utf-8")
    _, (finding,) = read(tree)
    assert finding.code == "S-TYPE"
    assert finding.span is not None
    assert (Path(finding.span.file).name, finding.span.line) == ("procedure.yaml", 8)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("vessel: reactor,", "", "S-KEY-MISSING"),
        ("cycles: 7", "cycels: 7", "S-KEY-UNKNOWN"),
        ("wash.yaml", "absent.yaml", "S-FILE"),
        ("../blocks/wash.yaml", "../../outside.yaml", "S-INCLUDE"),
        ("../blocks/wash.yaml", "/etc/passwd", "S-INCLUDE"),
        ("../blocks/wash.yaml", "procedure.yaml", "S-INCLUDE"),
        ("../blocks/wash.yaml", '"nul\\0"', "S-INCLUDE"),
    ],
)
def test_what_cannot_be_included(tree: Path, old: str, new: str, code: str) -> None:
    (tree.parents[2] / "outside.yaml").write_text(BLOCK, encoding="utf-8")
    tree.write_text(PROCEDURE.replace(old, new), encoding="utf-8")
    _, findings = read(tree)
    assert [finding.code for finding in findings] == [code]
    assert findings[0].span is not None
    assert findings[0].span.line == 8


def test_a_link_does_not_lead_outside(tree: Path) -> None:
    outside = tree.parents[2] / "outside.yaml"
    outside.write_text(BLOCK, encoding="utf-8")
    block_of(tree).unlink()
    block_of(tree).symlink_to(outside)
    _, findings = read(tree)
    assert [finding.code for finding in findings] == ["S-INCLUDE"]


def test_a_circle_of_blocks_ends(tree: Path) -> None:
    block = block_of(tree)
    inner = "  - include: {block: wash.yaml, with: {vessel: $vessel}}\n"
    block.write_text(BLOCK + inner, encoding="utf-8")
    procedure, findings = read(tree)
    assert [finding.code for finding in findings] == ["S-INCLUDE"]
    assert "includes itself" in findings[0].message
    assert len(procedure.steps) == 2


def test_an_unknown_parameter_in_a_block(tree: Path) -> None:
    block_of(tree).write_text(BLOCK.replace("with $solvent", "with $solv"), encoding="utf-8")
    _, findings = read(tree)
    assert [finding.code for finding in findings] == ["S-REFERENCE"]


def test_an_unfinished_block_is_told(tree: Path) -> None:
    block_of(tree).write_text("kind: block\nversion: 1\nsteps: []\n", encoding="utf-8")
    tree.write_text(PROCEDURE.replace(", with: {vessel: reactor, cycles: 7}", ""), encoding="utf-8")
    _, findings = read(tree)
    assert [finding.code for finding in findings] == ["S-TYPE"]


def test_blocks_that_double_do_not_run_away(tree: Path) -> None:
    """Twelve blocks, each of which includes the next one twice."""
    folder = tree.parents[1] / "blocks"
    for number in range(12):
        twice = f"  - include: {{block: b{number + 1}.yaml}}\n" * 2
        text = "kind: block\nversion: 1\nsteps:\n" + twice
        (folder / f"b{number}.yaml").write_text(text, encoding="utf-8")
    (folder / "b12.yaml").write_text("kind: block\nversion: 1\nsteps: [{wait: {for: 1 h}}]\n")
    tree.write_text(
        PROCEDURE.replace("wash.yaml, with: {vessel: reactor, cycles: 7}", "b0.yaml"),
        encoding="utf-8",
    )
    _, findings = read(tree)
    assert {finding.code for finding in findings} == {"S-INCLUDE", "S-ID"} or {
        finding.code for finding in findings
    } == {"S-INCLUDE"}
