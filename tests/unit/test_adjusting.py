"""`acidify` and `basify` from YAML to the ledger: amounts, refusals, brackets."""

from __future__ import annotations

from pathlib import Path

import pytest

from compiler.diagnostics.finding import Finding
from compiler.passes.account import account
from compiler.passes.charge import charge
from compiler.passes.house import house
from compiler.passes.resolve import resolve
from compiler.reading import read_procedure
from compiler.stages.contents import Ledger, Snapshot

HEAD = """\
kind: procedure
version: 1
title: A work-up
scale: 0.10 mmol
materials:
  amine:
    {name: N-benzyl, smiles: C1CNCCN(C1)Cc1ccccc1, supplied: solid, basis: true}
  diamine: {is: "1,4-diazepane", supplied: {solution: 1.00 M, in: MeOH}}
  tmscl: {is: Me3SiCl, supplied: neat, generates: {HCl: 1}}
  boc2o: {is: Boc2O, supplied: {solution: 1.00 M, in: MeOH}}
  salt: {is: Et3N, salt: {HCl: 1}, supplied: solid}
  odd: {name: copper chloride, smiles: "[Cu+2].[Cl-].[Cl-]", supplied: solid}
  naoh: {is: NaOH, supplied: {aqueous: 5 M}}
  bicarb: {is: NaHCO3, supplied: {saturated in: water}}
  potash: {is: K2CO3, supplied: solid}
  hcl: {is: HCl, supplied: {aqueous: 1 M}}
  acoh: {is: AcOH, supplied: {aqueous: 1 M}}
vessels: {reactor: {size: 8 mL}, other: {size: 8 mL}}
steps:
"""
MONO_BOC = """\
  - add: {material: diamine, to: reactor, amount: 1 equiv}
  - add: {material: tmscl, to: reactor, amount: 1 equiv}
  - add: {material: water, to: reactor, amount: 20 µL}
  - add: {material: boc2o, to: reactor, amount: 1 equiv}
  - {id: dilute, add: {material: water, to: reactor, amount: 500 µL}}
"""


def run(
    tmp_path: Path, steps: str, *, reckon_ph: bool = True
) -> tuple[Ledger, tuple[Finding, ...]]:
    path = tmp_path / "procedure.yaml"
    path.write_text(HEAD + steps, encoding="utf-8")
    read = read_procedure(path)
    assert read.document is not None and read.findings == ()
    recipe, identified = resolve(read.document)
    charges, charged = charge(recipe)
    housing, _ = house(charges, None)
    ledger, accounted = account(charges, housing, reckon_ph=reckon_ph)
    assert (identified, charged) == ((), ())
    return ledger, accounted


def last(ledger: Ledger, step: str) -> Snapshot:
    return [s for s in ledger.snapshots if s.step == step and s.vessel == "reactor"][-1]


def bracket(ledger: Ledger, step: str) -> tuple[float, float]:
    found = last(ledger, step).ph
    assert found is not None
    return found


BASIFY = "  - {id: basify, basify: {vessel: reactor, with: naoh, to: pH > 12%s}}\n"


def test_fifty_microlitres_are_refused_with_the_numbers(tmp_path: Path) -> None:
    ledger, findings = run(tmp_path, MONO_BOC + BASIFY % ", amount: 50 µL")
    (finding,) = findings
    assert finding.code == "C-BASE-2" and finding.step == "basify"
    for part in ("50.0 µL", "0.250 mmol", "0.100 to 0.300 mmol", "−0.050 mmol", "13.28", "pH > 12"):
        assert part in finding.message
    assert "give more than" in finding.help and "mmol" in finding.help
    assert finding.span is not None and finding.span.line == len((HEAD + MONO_BOC).splitlines()) + 1
    assert bracket(ledger, "basify")[1] == pytest.approx(13.28, abs=0.01)


def test_a_hundred_microlitres_are_accepted(tmp_path: Path) -> None:
    ledger, findings = run(tmp_path, MONO_BOC + BASIFY % ", amount: 100 µL")
    assert findings == ()
    assert last(ledger, "basify").volume_ul == pytest.approx(832.69, rel=1e-4)
    assert bracket(ledger, "basify") == pytest.approx((13.38, 13.68), abs=0.01)


def test_base_that_was_added_before_counts(tmp_path: Path) -> None:
    """Of the 0.3 mmol that may be needed, an `add` brought 0.25: the ledger asks for the rest."""
    before = "  - add: {material: naoh, to: reactor, amount: 50 µL}\n"
    ledger, findings = run(tmp_path, MONO_BOC + before + BASIFY % ", margin: 0 equiv")
    assert findings == ()
    (rest,) = ledger.charges.of_step("basify")
    # 0.2979 mmol (2.1 % of the carbonate is HCO3- at pH 12) - 0.250, and 0.01 M in 0.795 mL
    assert rest.mmol == pytest.approx((0.2979 - 0.250 + 0.00783) / 0.998, abs=1e-4)
    assert bracket(ledger, "basify")[0] == pytest.approx(12.0, abs=1e-3)


def test_the_ledger_works_the_amount_out(tmp_path: Path) -> None:
    ledger, findings = run(tmp_path, MONO_BOC + BASIFY % "")
    assert findings == ()
    (base,) = ledger.charges.of_step("basify")
    without, _ = run(tmp_path, MONO_BOC + BASIFY % ", margin: 0 equiv")
    (bare,) = without.charges.of_step("basify")
    assert base.mmol == pytest.approx(1.1 * (bare.mmol or 0.0))
    assert base.volume_ul == pytest.approx(200.0 * (base.mmol or 0.0))
    assert base.mass_mg == pytest.approx(39.997 * (base.mmol or 0.0), rel=1e-4)
    assert base.equiv == pytest.approx(10.0 * (base.mmol or 0.0))
    assert bracket(without, "basify")[0] == pytest.approx(12.0, abs=1e-3)
    low, high = bracket(ledger, "basify")
    assert 12.0 < low < high < 13.7
    (said,) = [a for a in ledger.assumptions if a.what == "amount of base"]
    assert "0.100 to 0.300 mmol" in said.why and "a tenth more" in said.why


def test_a_margin_is_in_equivalents_of_the_basis(tmp_path: Path) -> None:
    half, _ = run(tmp_path, MONO_BOC + BASIFY % ", margin: 0.5 equiv")
    none, _ = run(tmp_path, MONO_BOC + BASIFY % ", margin: 0 equiv")
    more = half.charges.of_step("basify")[0].mmol or 0.0
    assert more - (none.charges.of_step("basify")[0].mmol or 0.0) == pytest.approx(0.05)


def test_the_ph_is_not_known_without_water_or_in_methanol(tmp_path: Path) -> None:
    ledger, _ = run(tmp_path, MONO_BOC + BASIFY % ", amount: 100 µL")
    early = [s for s in ledger.snapshots if s.step != "dilute" and s.step != "basify"]
    assert early and all(s.ph is None for s in early)
    assert last(ledger, "dilute").ph is not None  # 520 of 733 µL are water


@pytest.mark.parametrize(
    ("steps", "why"),
    [
        ("  - add: {material: diamine, to: reactor, amount: 1 equiv}\n", "no water"),
        (
            "  - add: {material: diamine, to: reactor, amount: 1 equiv}\n"
            "  - add: {material: water, to: reactor, amount: 50 µL}\n",
            "33 % of its aqueous layer",
        ),
        (
            "  - add: {material: water, to: reactor, amount: 1 mL}\n"
            "  - add: {material: odd, to: reactor, amount: 1 equiv}\n",
            "[Cu+2]",
        ),
    ],
)
def test_what_cannot_be_worked_out_is_said(tmp_path: Path, steps: str, why: str) -> None:
    _, findings = run(tmp_path, steps + BASIFY % "")
    assert [f.code for f in findings] == ["C-BASE-3"] and why in findings[0].message
    _, findings = run(tmp_path, steps + BASIFY % ", amount: 100 µL")
    assert findings == ()  # an amount that is given is added all the same; the operator checks


def test_a_weak_base_and_the_wrong_verb_are_refused(tmp_path: Path) -> None:
    weak = "  - basify: {vessel: reactor, with: bicarb, to: pH > 12}\n"
    _, findings = run(tmp_path, MONO_BOC + weak)
    assert [f.code for f in findings] == ["C-BASE-3"]
    assert "no amount of NaHCO3" in findings[0].message
    wrong = "  - basify: {vessel: reactor, with: naoh, to: pH < 2}\n"
    _, findings = run(tmp_path, MONO_BOC + wrong)
    assert "acidify" in findings[0].message


def test_a_solid_base_is_weighed_by_the_operator(tmp_path: Path) -> None:
    solid = "  - {id: b, basify: {vessel: reactor, with: potash, to: pH > 9}}\n"
    ledger, findings = run(tmp_path, MONO_BOC + solid)
    assert findings == ()
    (charge_,) = ledger.charges.of_step("b")
    assert charge_.by_operator and charge_.volume_ul is None
    assert charge_.mass_mg == pytest.approx(138.204 * (charge_.mmol or 0.0), rel=1e-4)


ACIDIFY = """\
  - add: {material: amine, to: reactor, amount: 1 equiv}
  - add: {material: water, to: reactor, amount: 500 µL}
  - {id: acidify, acidify: {vessel: reactor, with: hcl, to: pH < 2, margin: 0 equiv}}
"""


def test_an_amine_is_acidified_for_the_strongest_base_it_may_be(tmp_path: Path) -> None:
    """Two sites, 0.2 mmol; 0.01 M acid in 0.5 mL + n: n - 0.01 (0.5 + n) = 0.2."""
    ledger, findings = run(tmp_path, ACIDIFY)
    assert findings == ()
    (acid,) = ledger.charges.of_step("acidify")
    assert acid.mmol == pytest.approx(0.205 / 0.99, rel=1e-3)
    low, high = bracket(ledger, "acidify")
    assert high == pytest.approx(2.0, abs=1e-3) and low < 1.3


def test_an_aqueous_acid_brings_its_own_water(tmp_path: Path) -> None:
    """1 M HCl on 0.1 mmol of a dry diamine: n - 0.01 n = 0.2."""
    dry = ACIDIFY.replace("  - add: {material: water, to: reactor, amount: 500 µL}\n", "")
    ledger, findings = run(tmp_path, dry)
    assert findings == ()
    (acid,) = ledger.charges.of_step("acidify")
    assert acid.mmol == pytest.approx(0.2 / 0.99, rel=1e-2)  # the weaker site is not all protonated
    assert bracket(ledger, "acidify")[1] == pytest.approx(2.0, abs=0.01)


def test_where_it_is_there_already_nothing_is_added(tmp_path: Path) -> None:
    again = ACIDIFY + "  - {id: again, acidify: {vessel: reactor, with: hcl, to: pH < 3}}\n"
    ledger, findings = run(tmp_path, again)
    assert findings == () and ledger.charges.of_step("again") == ()
    assert bracket(ledger, "again") == bracket(ledger, "acidify")


def test_a_salt_brings_its_acid(tmp_path: Path) -> None:
    steps = """\
  - add: {material: salt, to: reactor, amount: 1 equiv}
  - {id: water, add: {material: water, to: reactor, amount: 1 mL}}
  - {id: basify, basify: {vessel: reactor, with: naoh, to: pH > 12, margin: 0 equiv}}
"""
    ledger, _ = run(tmp_path, steps)
    # 0.1 M Et3N HCl: (10.75 + 1) / 2
    assert bracket(ledger, "water") == pytest.approx((5.875, 5.875), abs=0.01)
    (base,) = ledger.charges.of_step("basify")
    # 0.1 mmol HCl, 5.3 % of the amine still an ammonium ion at pH 12, 0.01 M in 1.02 mL
    assert base.mmol == pytest.approx(0.1 - 0.0053 + 0.0102, abs=3e-4)


def test_a_window_that_may_be_missed_is_a_warning(tmp_path: Path) -> None:
    window = "  - basify: {vessel: reactor, with: naoh, to: pH 9–10}\n"
    _, findings = run(tmp_path, MONO_BOC + window)
    assert [f.code for f in findings] == ["C-PH-WINDOW"]
    buffered = """\
  - add: {material: acoh, to: reactor, amount: 100 µL}
  - {id: basify, basify: {vessel: reactor, with: naoh, to: pH 4–6}}
"""
    ledger, findings = run(tmp_path, buffered)
    assert findings == () and bracket(ledger, "basify") == pytest.approx((4.0, 4.0), abs=1e-3)


BICARBONATE = """\
  - add: {material: acoh, to: reactor, amount: 300 µL}
  - {id: quench, add: {material: bicarb, to: reactor, amount: 500 µL}}
"""


def test_co2_that_acid_sets_free_may_have_left_or_not(tmp_path: Path) -> None:
    """0.300 mmol AcOH and 0.55 mmol NaHCO3: 0.25 mmol HCO3- are left, with 0 to 0.30 mmol CO2."""
    ledger, _ = run(tmp_path, BICARBONATE)
    low, high = bracket(ledger, "quench")
    # at pH 6.3 acetic acid is 97.2 % ionised: 6.35 + log(0.2583 / 0.2917)
    assert low == pytest.approx(6.297, abs=0.005)
    assert high == pytest.approx(8.3, abs=0.1)  # plain bicarbonate


def test_co2_that_has_left_stays_away_when_base_comes(tmp_path: Path) -> None:
    more = BICARBONATE + "  - {id: basify, basify: {vessel: reactor, with: naoh, to: pH > 12}}\n"
    ledger, findings = run(tmp_path, more)
    assert findings == ()
    (said,) = [a for a in ledger.assumptions if a.what == "amount of base"]
    # to carbonate: 0.25 mmol with the CO2 gone, 0.25 + 2 x 0.30 with all of it kept
    assert "0.250 to 0.850 mmol" in said.why


def test_co2_stays_with_the_water_when_the_organic_layer_is_drawn(tmp_path: Path) -> None:
    drawn = MONO_BOC + BASIFY % ", amount: 100 µL"
    drawn += (
        "  - {id: out, extract: {vessel: reactor, with: DCM, volume: 500 µL, times: 1, "
        "keep: organic, into: other, guard: 25 %}}\n"
    )
    ledger, _ = run(tmp_path, drawn)
    assert bracket(ledger, "out") == pytest.approx(bracket(ledger, "basify"), abs=0.01)


def test_co2_goes_where_the_water_goes(tmp_path: Path) -> None:
    """Half of it stays behind, half goes along: neither is counted twice, and none is lost."""
    steps = """\
  - {id: all, transfer: {from: reactor, to: other, volume: all}}
  - {id: basify, basify: {vessel: other, with: naoh, to: pH > 12}}
"""
    ledger, _ = run(tmp_path, MONO_BOC + steps)
    (said,) = [a for a in ledger.assumptions if a.what == "amount of base"]
    assert "0.100 to 0.300 mmol" in said.why
    half, _ = run(tmp_path, MONO_BOC + steps.replace("volume: all", "volume: 366.346 µL"))
    (said,) = [a for a in half.assumptions if a.what == "amount of base"]
    assert "0.050 to 0.150 mmol" in said.why


def test_boc2o_leaves_the_stronger_site_and_one_co2(tmp_path: Path) -> None:
    """Low end: a monoamine with pKaH 9.7 - 2.0, and carbonic acid: (7.7 + 6.35) / 2.

    High end: the diamine as it was, 0.143 M with pKaH 11.0: 14 - (3.0 + 0.85) / 2.
    """
    steps = """\
  - add: {material: water, to: reactor, amount: 500 µL}
  - add: {material: diamine, to: reactor, amount: 1 equiv}
  - {id: boc, add: {material: boc2o, to: reactor, amount: 1 equiv}}
"""
    ledger, _ = run(tmp_path, steps)
    low, high = bracket(ledger, "boc")
    assert low == pytest.approx(7.025, abs=0.01)
    assert high == pytest.approx(14 - (3.0 + 0.85) / 2, abs=0.05)


def test_a_ph_is_reckoned_only_where_it_is_wanted(tmp_path: Path) -> None:
    """SciPy takes 0.4 s to import, and `check` must be quick."""
    ledger, _ = run(tmp_path, BICARBONATE, reckon_ph=False)
    assert all(snapshot.ph is None for snapshot in ledger.snapshots)
