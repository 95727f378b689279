"""The shipped mono-Boc procedure and the amine extraction against the design's numbers (0.1 %)."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler.chemistry.gas import HYDROGEN_CHLORIDE, gas_volume_ml
from compiler.diagnostics.finding import Severity
from compiler.passes.account import account
from compiler.passes.charge import charge
from compiler.passes.house import house
from compiler.passes.resolve import resolve
from compiler.pipeline import Compiled, compile_procedure
from compiler.reading import read_procedure
from compiler.stages.contents import Draw, Ledger, PhaseKind, Snapshot

PROTOCOLS = Path(__file__).parents[2] / "protocols"
MONO_BOC = PROTOCOLS / "mono-boc-tmscl" / "procedure.yaml"
EXTRACTION = PROTOCOLS / "acid-base-extraction" / "procedure.yaml"
BENCHES = ("ot2", "flex")


def near(value: float) -> object:
    return pytest.approx(value, rel=1e-3)


def compiled(procedure: Path, bench: str) -> Compiled:
    return compile_procedure(procedure, PROTOCOLS / "benches" / f"{bench}.yaml")


@pytest.fixture(scope="module", params=BENCHES)
def mono_boc(request: pytest.FixtureRequest) -> Compiled:
    return compiled(MONO_BOC, request.param)


@pytest.fixture(scope="module")
def ledger(mono_boc: Compiled) -> Ledger:
    assert mono_boc.program is not None, [f.message for f in mono_boc.findings]
    return mono_boc.program.layout.operations.ledger


def moment(ledger: Ledger, step: str, what: str = "charged", round_: int = 1) -> Snapshot:
    (found,) = [
        s
        for s in ledger.snapshots
        if (s.step, s.moment, s.round, s.vessel) == (step, what, round_, "reactor")
    ]
    return found


def draw(ledger: Ledger, step: str, round_: int = 1) -> Draw:
    (found,) = [d for d in ledger.draws if (d.step, d.round) == (step, round_)]
    return found


def test_it_compiles_and_everything_that_it_warns_of_is_acknowledged(mono_boc: Compiled) -> None:
    assert mono_boc.plan is not None and mono_boc.scripts
    assert [f for f in mono_boc.findings if f.severity is not Severity.NOTE] == []
    accepted = {(a.finding.code, a.finding.step) for a in mono_boc.acknowledged}
    assert {("C-PH-4", "work-up.wash"), ("C-PH-4", "work-up.extract")} <= accepted


def test_charges(ledger: Ledger) -> None:
    (amine,) = ledger.charges.of_step("add-1")
    (silyl,) = ledger.charges.of_step("acid")
    (water,) = ledger.charges.of_step("water")
    (boc,) = ledger.charges.of_step("boc")
    (base,) = ledger.charges.of_step("work-up.basify")
    assert (amine.mmol, amine.mass_mg, amine.volume_ul) == (near(0.1), near(10.017), near(100))
    assert (silyl.mmol, silyl.mass_mg, silyl.volume_ul) == (near(0.1), near(10.864), near(12.692))
    assert water.volume_ul == near(20.0)  # 1 mL at 5 mmol
    assert (boc.mmol, boc.mass_mg, boc.volume_ul) == (near(0.1), near(21.825), near(100))
    assert (base.mmol, base.volume_ul) == (near(0.5), near(100))


def test_the_assumed_scale_is_listed(ledger: Ledger) -> None:
    (water,) = [a for a in ledger.charges.assumptions if a.step == "water"]
    assert "no scale" in water.why


def test_drops_are_above_the_minimum_of_either_pipette(mono_boc: Compiled) -> None:
    assert mono_boc.plan is not None
    (silyl,) = [c for c in mono_boc.plan["charges"] if c["step"] == "acid"]
    drops = silyl["dropwise"]
    least = {"p20_single_gen2": 1.0, "flex_1channel_50": 5.0}[drops["pipette"]]
    assert least <= drops["drop_uL"] <= 6.5
    assert drops["drops"] * drops["drop_uL"] == near(12.692)
    assert drops["drops"] * drops["interval_s"] == near(360.0)


def test_volumes_and_layers(ledger: Ledger) -> None:
    assert moment(ledger, "boc").volume_ul == near(232.692)
    (whole,) = moment(ledger, "dilute").phases
    assert whole.volume_ul == near(732.69)
    assert whole.solvents_ul["MeOH"] / whole.volume_ul == near(0.273)
    wash = moment(ledger, "work-up.wash", "settled")
    aqueous, ether = wash.phases
    assert (aqueous.position, aqueous.kind) == ("lower", PhaseKind.AQUEOUS)
    assert (ether.position, ether.kind) == ("upper", PhaseKind.ORGANIC)
    assert (aqueous.volume_ul, ether.volume_ul) == (near(732.69), near(500))
    assert wash.volume_ul == near(1232.7)
    assert (ether.interface_mm, ether.top_mm) == (near(9.329), near(15.695))
    drawn = draw(ledger, "work-up.wash")
    assert (drawn.volume_ul, drawn.guard_ul) == (near(342.9), near(157.08))
    assert (drawn.tip_mm, drawn.position) == (near(11.329), "upper")


def test_the_layers_change_places(ledger: Ledger) -> None:
    settled = moment(ledger, "work-up.extract", "settled")
    organic, aqueous = settled.phases
    assert (organic.position, aqueous.position) == ("lower", "upper")
    assert (organic.volume_ul, organic.density_g_ml) == (near(657.1), near(1.1801))
    assert organic.solvents_ul["Et2O"] == near(157.08)
    assert aqueous.volume_ul == near(832.7)
    assert settled.volume_ul == near(1489.8)


def test_the_ph_before_and_after_the_base(ledger: Ledger) -> None:
    assert moment(ledger, "boc").ph is None  # mostly methanol
    low, high = moment(ledger, "dilute").ph or (0.0, 0.0)
    assert 3.0 < low < high < 11.5
    assert moment(ledger, "work-up.basify").ph == pytest.approx((13.38, 13.68), abs=0.01)
    after = [s for s in ledger.snapshots if s.step == "work-up.extract" and s.vessel == "reactor"]
    assert all(s.ph == pytest.approx((13.38, 13.68), abs=0.01) for s in after)
    assert all(s.ph is None for s in ledger.snapshots if s.vessel == "extract")


def test_gas(ledger: Ledger) -> None:
    (co2,) = ledger.gas
    assert (co2.step, co2.gas) == ("boc", "CO2")
    assert (co2.mmol, co2.volume_ml) == (near(0.1), near(2.447))


def test_without_the_diamine_the_acid_goes_free(tmp_path: Path) -> None:
    """design 2.3: 0.100 mmol HCl, 2.447 mL, if nothing takes it up."""
    path = tmp_path / "procedure.yaml"
    path.write_text(
        """\
kind: procedure
version: 1
title: No amine
scale: 0.10 mmol
materials:
  tmscl: {is: Me3SiCl, supplied: neat, generates: {HCl: 1}, basis: true}
  amine: {is: Et3N, supplied: neat}
vessels: {reactor: {size: 2 mL}}
steps:
  - {id: methanol, add: {material: MeOH, to: reactor, amount: 100 µL}}
  - {id: some, add: {material: amine, to: reactor, amount: 0.4 equiv}}
  - {id: acid, add: {material: tmscl, to: reactor, amount: 1 equiv}}
""",
        encoding="utf-8",
    )
    read = read_procedure(path)
    assert read.document is not None
    recipe, _ = resolve(read.document)
    charges, _ = charge(recipe)
    housing, _ = house(charges, None)
    (gas,) = account(charges, housing)[0].gas
    assert (gas.step, gas.gas, gas.mmol) == ("acid", HYDROGEN_CHLORIDE, near(0.06))
    assert gas_volume_ml(0.1) == near(2.447)


def test_theory(ledger: Ledger) -> None:
    (reaction,) = ledger.charges.reactions
    assert reaction.theory_mg["desired"] == near(20.028)


def test_the_operator_checks_with_paper_and_knows_what_to_expect(mono_boc: Compiled) -> None:
    text = " ".join(" ".join(script.split()) for _, script in mono_boc.scripts)
    assert "Check with pH paper" in text.replace('" "', "")
    assert mono_boc.plan is not None
    (step,) = [s for s in mono_boc.plan["steps"] if s["id"] == "work-up.basify"]
    assert "pH 13.38 at worst, 13.68 at best" in step["text"]
    assert step["file"].endswith("acid-base-work-up.yaml")  # the block's own line


@pytest.mark.parametrize("bench", BENCHES)
def test_the_extraction_of_an_amine_compiles(bench: str) -> None:
    found = compiled(EXTRACTION, bench)
    assert found.program is not None
    assert [f for f in found.findings if f.severity is not Severity.NOTE] == []
    ledger = found.program.layout.operations.ledger
    (acid,) = ledger.charges.of_step("acidify")
    # two basic sites, 0.01 M acid at the end, a tenth more: (0.2 + 0.01 x 0.25) / 0.99 x 1.1
    assert acid.mmol == near(0.225)
    assert (moment(ledger, "acidify").ph or (9, 9))[1] < 2.0
    low, high = moment(ledger, "work-up.basify").ph or (0.0, 0.0)
    # 0.400 mmol NaOH - 0.225 mmol HCl in 555 µL: 14 + log(0.315)
    assert (low, high) == pytest.approx((13.50, 13.50), abs=0.01)
