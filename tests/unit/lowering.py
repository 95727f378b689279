"""Procedures as text, lowered on a shipped bench, for tests of the robot's side."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from compiler.cli.options import shipped_benches
from compiler.diagnostics.finding import Finding
from compiler.passes.account import account
from compiler.passes.charge import charge
from compiler.passes.house import house
from compiler.passes.lower import lower
from compiler.passes.resolve import resolve
from compiler.pipeline import Compiled, compile_procedure
from compiler.reading import read_bench, read_procedure
from compiler.stages.operations import Operations

HEAD = """
kind: procedure
version: 1
title: A test
scale: 0.10 mmol
materials:
  amine:
    name: 1-Boc-1,4-diazepane
    smiles: CC(C)(C)OC(=O)N1CCCNCC1
    supplied: {{solution: 0.50 M, in: {solvent}}}
    basis: true
  halide: {{is: BnBr, supplied: {{solution: 1.00 M, in: MeCN}}}}
  base: {{is: K2CO3, supplied: solid}}
vessels:
  reactor: {{size: 2 mL{vessel}}}
  out: {{at least: 4 mL}}
steps:
  - add: {{material: amine, to: reactor, amount: 1 equiv}}
"""


def document(steps: str, *, solvent: str = "DMF", vessel: str = "") -> str:
    """A procedure with 200 µL of the amine in the reactor, then these steps (unindented YAML)."""
    lines = "".join(f"  {line}\n" for line in steps.strip("\n").splitlines())
    return HEAD.format(solvent=solvent, vessel=vessel) + lines


def lowered(
    steps: str, bench: str = "flex", **options: str
) -> tuple[Operations, tuple[Finding, ...]]:
    """The operations of `document(steps)` on a shipped bench, and lowering's own findings."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "test.yaml"
        path.write_text(document(steps, **options), encoding="utf-8")
        read, held = read_procedure(path), read_bench(shipped_benches()[bench])
    assert read.document is not None, read.findings
    recipe, _ = resolve(read.document)
    charges, _ = charge(recipe)
    housing, _ = house(charges, held.document)
    ledger, _ = account(charges, housing)
    return lower(ledger)


def compiled(
    steps: str, bench: str = "flex", *, api_level: str | None = None, **options: str
) -> Compiled:
    """`document(steps)` all the way on a shipped bench (or that with another API level)."""
    shipped = shipped_benches()[bench]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "test.yaml"
        path.write_text(document(steps, **options), encoding="utf-8")
        if api_level is None:
            return compile_procedure(path, shipped)
        shutil.copytree(shipped.parent.parent / "labware", Path(folder) / "labware")
        text = shipped.read_text(encoding="utf-8").replace("../labware/", "labware/")
        changed = Path(folder) / "bench.yaml"
        changed.write_text(f'{text}\napi level: "{api_level}"\n', encoding="utf-8")
        return compile_procedure(path, changed)
