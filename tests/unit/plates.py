"""Runs of many wells for tests of columns, batches and pace: from YAML to a program."""

from __future__ import annotations

from pathlib import Path

from compiler.cli.options import shipped_benches
from compiler.library import judge_library
from compiler.passes.columns import columns
from compiler.passes.lower import lower
from compiler.pipeline import Compiled, compile_procedure, plan_program
from compiler.reading import read_bench
from compiler.reading.library import read_library
from compiler.stages.operations import Operations
from compiler.stages.program import Program

DROPS = """\
kind: procedure
version: 1
title: Drop by drop
scale: 0.02 mmol
materials:
  amine:
    {{name: benzylamine, smiles: NCc1ccccc1, supplied: {{solution: 0.40 M, in: MeCN}}, basis: true}}
  halide:
    {{name: allyl chloride, smiles: C=CCCl, supplied: {{solution: 0.20 M, in: MeCN}}}}
vessels:
  reactor: {{at least: 0.5 mL}}
steps:
  - id: amine
    add: {{material: amine, to: reactor, amount: 1 equiv}}
  - id: halide
    add:
      {{material: halide, to: reactor, amount: 1 equiv, dropwise: {drops}, stir during: {stir}}}
{after}
"""


def drops_procedure(
    drops: str = "{over: 30 min, drop: 10 µL}", stir: str = "operator", after: str = ""
) -> str:
    """A procedure with 100 µL of a halide added dropwise to 50 µL of an amine."""
    return DROPS.format(drops=drops, stir=stir, after=after)


def _files(folder: Path, procedure: str, library: str) -> tuple[Path, Path]:
    (folder / "procedure.yaml").write_text(procedure, encoding="utf-8")
    (folder / "library.yaml").write_text(library, encoding="utf-8")
    return folder / "procedure.yaml", folder / "library.yaml"


def replicates(count: int) -> str:
    """A library of equal reactions."""
    return f"kind: library\nversion: 1\nprocedure: procedure.yaml\nreplicates: {count}\n"


def lowered(
    folder: Path, procedure: str, library: str, bench: str
) -> tuple[Operations, Operations]:
    """The operations before and after columns are divided off."""
    of_procedure, of_library = _files(folder, procedure, library)
    read = read_library(of_library, of_procedure)
    held = read_bench(shipped_benches()[bench])
    assert read.document is not None and held.document is not None, read.findings
    ledger, _ = judge_library(read.document, held.document)
    operations, _ = lower(ledger)
    return operations, columns(operations)


def program(folder: Path, procedure: str, library: str, bench: str) -> Program:
    """The whole plan of a run, its errors apart."""
    of_procedure, of_library = _files(folder, procedure, library)
    read = read_library(of_library, of_procedure)
    held = read_bench(shipped_benches()[bench])
    assert read.document is not None and held.document is not None, read.findings
    ledger, _ = judge_library(read.document, held.document)
    made, findings = plan_program(ledger, stop=False)
    assert made is not None, [finding.message for finding in findings]
    return made


def compiled(folder: Path, procedure: str, library: str, bench: str) -> Compiled:
    """Scripts and plan."""
    of_procedure, of_library = _files(folder, procedure, library)
    return compile_procedure(of_procedure, shipped_benches()[bench], library=of_library)
