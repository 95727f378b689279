"""The shipped reductive amination, from its file to the ledger, on both benches (0.1 %)."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler.diagnostics import Severity
from compiler.passes.account import account
from compiler.passes.charge import charge
from compiler.passes.house import house
from compiler.passes.lint import lint
from compiler.passes.resolve import resolve
from compiler.reading import read_bench, read_procedure

PROTOCOLS = Path(__file__).parents[2] / "protocols"


@pytest.mark.parametrize("bench", ["flex", "ot2"])
def test_reductive_amination(bench: str) -> None:
    read = read_procedure(PROTOCOLS / "reductive-amination" / "procedure.yaml")
    held = read_bench(PROTOCOLS / "benches" / f"{bench}.yaml")
    assert read.document is not None
    assert held.document is not None
    recipe, _ = resolve(read.document)
    charges, _ = charge(recipe)
    housed, _ = house(charges, held.document)
    ledger, findings = account(charges, housed)
    assert findings == ()
    assert {f.severity for f in lint(ledger)} == {Severity.NOTE}

    first, second = ledger.draws
    assert first.position == second.position == "lower"
    assert first.volume_ul == pytest.approx(810.0, rel=1e-3)
    assert first.interface_mm == pytest.approx(11.459, rel=1e-3)
    assert second.volume_ul == pytest.approx(511.46, rel=1e-3)
    assert second.recovered == pytest.approx(0.9867, rel=1e-3)
    settled = next(s for s in ledger.snapshots if s.moment == "settled")
    organic = next(p for p in settled.phases if p.kind == "organic")
    assert organic.volume_ul == pytest.approx(900.0, rel=1e-3)
    assert organic.density_g_ml == pytest.approx(1.2939, rel=1e-3)
    assert organic.top_mm == pytest.approx(17.825, rel=1e-3)
    assert {g.gas: round(g.volume_ml, 3) for g in ledger.gas} == {"H2": 3.670, "CO2": 7.340}
