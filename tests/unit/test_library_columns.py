"""What columns can name: keys inside keys, rounds of a repeat, steps of blocks, parameters."""

from pathlib import Path

import pytest

from compiler.diagnostics.finding import Finding
from compiler.reading import read_procedure
from compiler.reading.library import read_library
from compiler.stages import documents as d
from compiler.stages.library import Variant

PROCEDURE = """\
kind: procedure
version: 1
title: A test
scale: 0.10 mmol
parameters: {rounds: 2, loading: 1 mL}
materials:
  amine: {name: diethylamine, smiles: CCNCC, supplied: solid, basis: true}
  base: {is: NaHCO3, supplied: {saturated in: water}}
vessels:
  reactor: {size: 8 mL}
  extract: {size: 8 mL}
steps:
  - add: {material: amine, to: reactor, amount: 1 equiv}
  - id: quench
    add: {material: base, to: reactor, amount: 5 mL/mmol, dropwise: {over: 10 min}}
  - repeat:
      times: 3
      steps:
        - id: rinse
          wash: {vessel: reactor, with: water, volume: 1 mL, keep: organic}
  - id: workup
    include: {block: block.yaml, with: {amount: $loading}}
  - include: {block: block.yaml, with: {amount: 2 mL}}
"""
BLOCK = """\
kind: block
version: 1
parameters: {amount: ~}
steps:
  - id: load
    add: {material: DCM, to: reactor, amount: $amount}
"""


def read(
    folder: Path, table: str, name: str = "t.csv"
) -> tuple[tuple[Variant, ...], tuple[Finding, ...]]:
    (folder / "procedure.yaml").write_text(PROCEDURE, encoding="utf-8")
    (folder / "block.yaml").write_text(BLOCK, encoding="utf-8")
    (folder / name).write_text(table, encoding="utf-8")
    read = read_library(folder / name)
    return (read.document.rows if read.document else ()), read.findings


def added_ul(variant: Variant) -> dict[str, float]:
    """Volumes by step."""
    found = {}
    for step in variant.procedure.steps:
        if isinstance(step, d.Extract):
            found[step.id] = step.volume.quantity.value
        if isinstance(step, d.Add) and step.amount.kind is d.AmountKind.VOLUME:
            found[step.id] = step.amount.quantity.value
    return found


def test_every_round_or_one(tmp_path: Path) -> None:
    rows, findings = read(tmp_path, "rinse.volume [mL],rinse-2.volume [mL]\n2,\n,3\n")
    assert [f.code for f in findings] == []
    rinses = [{k: v for k, v in added_ul(row).items() if "rinse" in k} for row in rows]
    assert rinses == [
        {"rinse": 2000.0, "rinse-2": 2000.0, "rinse-3": 2000.0},
        {"rinse": 1000.0, "rinse-2": 3000.0, "rinse-3": 1000.0},
    ]


def test_a_step_of_a_block_and_its_parameter(tmp_path: Path) -> None:
    rows, findings = read(tmp_path, "load.amount,$loading\n3 mL,\n,4 mL\n")
    assert findings == ()
    loads = [{k: v for k, v in added_ul(row).items() if "load" in k} for row in rows]
    assert loads == [
        {"workup.load": 1000.0, "load": 3000.0},
        {"workup.load": 4000.0, "load": 2000.0},
    ]
    assert Path(rows[1].procedure.steps[5].spans.at("amount").file).name == "t.csv"


def test_keys_inside_keys(tmp_path: Path) -> None:
    rows, findings = read(
        tmp_path, "quench.dropwise.over,amine.salt.HCl,add-1.amount\n20 min,2,\n,,1.1 equiv\n"
    )
    assert findings == ()
    quench = rows[0].procedure.steps[1]
    assert isinstance(quench, d.Add)
    assert quench.dropwise is not None
    assert quench.dropwise.over is not None
    assert quench.dropwise.over.value == 1200.0
    assert rows[0].procedure.materials["amine"].salt == {"HCl": 2.0}
    first = rows[1].procedure.steps[0]
    assert isinstance(first, d.Add)
    assert first.amount.quantity.value == 1.1


def test_a_part_of_a_supply_alone_says_what_is_missing(tmp_path: Path) -> None:
    _, findings = read(tmp_path, "amine.supplied.solution\n0.5 M\n")
    assert [(f.code, f.row, f.span and f.span.line) for f in findings] == [("S-KEY-MISSING", 1, 2)]
    rows, findings = read(tmp_path, "amine.supplied.solution,amine.supplied.in\n0.5 M,DCE\n")
    assert findings == ()
    supplied = rows[0].procedure.materials["amine"].supplied
    assert supplied is not None
    assert supplied.form is d.Form.SOLUTION


def test_what_decides_which_steps_there_are_can_not_differ(tmp_path: Path) -> None:
    changed = PROCEDURE.replace("times: 3", "times: $rounds")
    (tmp_path / "other.yaml").write_text(changed, encoding="utf-8")
    (tmp_path / "block.yaml").write_text(BLOCK, encoding="utf-8")
    plain = read_procedure(tmp_path / "other.yaml")
    assert plain.findings == ()
    assert plain.document is not None
    assert sum("rinse" in step.id for step in plain.document.steps) == 2
    (tmp_path / "t.csv").write_text("$rounds\n1\n2\n")
    findings = read_library(tmp_path / "t.csv", tmp_path / "other.yaml").findings
    assert [f.code for f in findings] == ["S-TYPE"]
    assert "`$rounds`" in findings[0].message


def test_a_unit_in_the_header_of_a_text(tmp_path: Path) -> None:
    _, findings = read(tmp_path, "amine.name [g]\nx\n")
    assert [f.code for f in findings] == ["S-COLUMN-UNKNOWN"]


@pytest.mark.parametrize("value", ["0.5", "{is: 0.5 M, assumed: old bottle}", "0.5 M"])
def test_rows_as_a_list_take_what_the_procedure_takes(tmp_path: Path, value: str) -> None:
    rows, findings = read(
        tmp_path,
        "kind: library\nversion: 1\nrows:\n"
        f"  - {{'amine.supplied.solution [M]': {value}, amine.supplied.in: {{DCM: 9, MeOH: 1}}}}\n",
        "l.yaml",
    )
    assert findings == ()
    supplied = rows[0].procedure.materials["amine"].supplied
    assert supplied is not None
    assert supplied.concentration is not None
    assert supplied.concentration.value == 0.5
    assert supplied.medium is not None
    assert supplied.medium.name == "DCM/MeOH 9:1"
