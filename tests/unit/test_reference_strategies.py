"""Sections 2.2, 2.4, 2.5 and 2.6 of the worked references, in the plans of what ships (0.1 %)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from compiler.cli.options import shipped_benches
from compiler.pipeline import compile_procedure

PROTOCOLS = Path(__file__).parents[2] / "protocols"

on_both_benches = pytest.mark.parametrize("bench", ["flex", "ot2"])


@cache
def plan(name: str, bench: str) -> dict[str, Any]:
    made = compile_procedure(PROTOCOLS / name / "procedure.yaml", shipped_benches()[bench])
    assert made.plan is not None, made.findings
    return made.plan


def charges(name: str, bench: str) -> dict[str, dict[str, Any]]:
    """The charges by material, each the only one of its material."""
    return {c["material"]: c for c in plan(name, bench)["charges"]}


def about(value: float) -> Any:
    return pytest.approx(value, rel=1e-3)


def after(name: str, bench: str, step: str, vessel: str) -> dict[str, Any]:
    found = [c for c in plan(name, bench)["contents"] if (c["step"], c["vessel"]) == (step, vessel)]
    return found[0]


@on_both_benches
class TestDropwiseAlkylation:
    """Section 2.2."""

    name = "dropwise-alkylation"

    def test_charges(self, bench: str) -> None:
        found = charges(self.name, bench)
        assert found["diazepane"]["mg"] == about(10.017)
        assert found["diazepane"]["uL"] == about(400)
        assert found["base"]["mg"] == about(19.387)
        assert found["base"]["uL"] == about(26.128)
        assert found["base"]["mmol"] == about(0.15)
        assert found["bromide"]["mg"] == about(17.104)
        assert found["bromide"]["uL"] == about(100)

    def test_twenty_drops_of_five(self, bench: str) -> None:
        drops = charges(self.name, bench)["bromide"]["dropwise"]
        assert drops["drops"] == 20
        assert drops["drop_uL"] == about(5)
        assert drops["interval_s"] == about(90.0)
        small = {"flex": "flex_1channel_50", "ot2": "p20_single_gen2"}
        assert drops["pipette"] == small[bench]

    def test_the_mixture(self, bench: str) -> None:
        mixture = after(self.name, bench, "bromide", "reactor")
        assert mixture["uL"] == about(526.13)
        assert mixture["phases"][0]["top_mm"] == about(6.699)

    def test_as_cold_as_a_module_gets(self, bench: str) -> None:
        found = [t["degC"] for t in plan(self.name, bench)["temperatures"]]
        assert found[0] == 4.0
        assert after(self.name, bench, "bromide", "reactor")["temperature_degC"] == 4.0

    def test_predicted_masses(self, bench: str) -> None:
        theory = plan(self.name, bench)["reactions"][0]["theory_mg"]
        assert 0.5 * theory["desired"] == about(9.515)
        assert plan(self.name, bench)["reactions"][0]["scale_mmol"] * 0.25 * 280.415 == about(7.010)
        accepted = {a["code"] for a in plan(self.name, bench)["acknowledged"]}
        assert "C-SYM-1" in accepted


def test_five_drops_of_twenty_with_a_p300(tmp_path: Path) -> None:
    """A bench without a small pipette: DIPEA as a solution, and drops of its smallest volume."""
    text = (PROTOCOLS / "dropwise-alkylation/procedure.yaml").read_text(encoding="utf-8")
    text = text.replace("drop: 5 µL", "drop: 20 µL").replace("aliquot: 5 µL", "aliquot: 20 µL")
    text = text.replace("every: 1 h", "every: 2 h")
    block = tmp_path / "protocols" / "blocks" / "dcm-extraction.yaml"
    block.parent.mkdir(parents=True)
    block.write_text(
        (PROTOCOLS / "blocks/dcm-extraction.yaml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    procedure = tmp_path / "protocols" / "one" / "procedure.yaml"
    procedure.parent.mkdir()
    procedure.write_text(text, encoding="utf-8")
    shipped = shipped_benches()["ot2"].read_text(encoding="utf-8")
    bench = tmp_path / "bench.yaml"
    bench.write_text(
        shipped.replace(
            "{left: p20_single_gen2, right: p300_single_gen2}", "{right: p300_single_gen2}"
        ),
        encoding="utf-8",
    )
    made = compile_procedure(procedure, bench)
    assert made.plan is not None, [f.message for f in made.findings]
    drops = next(c["dropwise"] for c in made.plan["charges"] if c["step"] == "bromide")
    assert (drops["drops"], drops["drop_uL"], drops["interval_s"]) == (5, about(20), about(360.0))


@on_both_benches
@pytest.mark.parametrize(
    ("name", "equiv", "mg", "volume_ul", "total_ul", "mono", "left_mmol"),
    [
        ("excess-diamine", 5, 50.083, 500, 700, 0.90, 0.4050),
        ("excess-diamine-10", 10, 100.165, 1000, 1200, 0.95, 0.9025),
    ],
)
def test_excess_of_diamine(
    name: str,
    equiv: int,
    mg: float,
    volume_ul: float,
    total_ul: float,
    mono: float,
    left_mmol: float,
    bench: str,
) -> None:
    """Section 2.4."""
    found, made = charges(name, bench), plan(name, bench)
    assert made["stages"][0]["basis"] == "bromide"
    assert made["reactions"][0]["limiting"] == "bromide"
    assert found["diazepane"]["equiv"] == about(equiv)
    assert (found["diazepane"]["mg"], found["diazepane"]["uL"]) == (about(mg), about(volume_ul))
    assert (found["bromide"]["mg"], found["bromide"]["uL"]) == (about(17.104), about(200))
    drops = found["bromide"]["dropwise"]
    assert (drops["drops"], drops["drop_uL"], drops["interval_s"]) == (20, about(10), about(60))
    assert after(name, bench, "bromide", "reactor")["uL"] == about(total_ul)
    # two equal sites, p = 1/(2n): what the note of the file promises
    p = 1 / (2 * equiv)
    assert 1 - p == about(mono)
    assert equiv * 0.1 * (1 - p) ** 2 == about(left_mmol)


@on_both_benches
class TestHighDilution:
    """Section 2.5."""

    name = "cyclisation-high-dilution"

    def test_charges(self, bench: str) -> None:
        found = charges(self.name, bench)
        for material, mg in (("acid", 3.334), ("edc", 4.313), ("hobt", 3.446), ("base", 5.816)):
            assert found[material]["mg"] == about(mg), material
            assert found[material]["uL"] == about(150), material
        assert found["edc"]["mmol"] == about(0.0225)
        assert found["base"]["equiv"] == about(3.0)

    def test_concentration(self, bench: str) -> None:
        mixture = after(self.name, bench, "edc", "reactor")
        assert mixture["uL"] == about(1600)
        assert mixture["mmol"]["acid"] / mixture["uL"] * 1000 == about(0.009375)
        solvents = mixture["phases"][0]["solvents_uL"]
        dmf = sum(v for name, v in solvents.items() if "dimethylformamide" in name or name == "DMF")
        assert dmf / mixture["uL"] == about(0.1875)

    def test_theory(self, bench: str) -> None:
        assert plan(self.name, bench)["reactions"][0]["theory_mg"]["desired"] == about(3.064)


def test_a_larger_scale_does_not_fit_the_limit(tmp_path: Path) -> None:
    """0.1 mmol below 0.01 M needs 10.0 mL: refused in a vial of 2 mL."""
    text = (PROTOCOLS / "cyclisation-high-dilution/procedure.yaml").read_text(encoding="utf-8")
    text = text.replace("scale: 0.0150 mmol", "scale: 0.10 mmol")
    path = tmp_path / "large.yaml"
    path.write_text(text, encoding="utf-8")
    made = compile_procedure(path, shipped_benches()["flex"])
    assert made.plan is None
    assert "P-CAP-1" in {f.code for f in made.findings}


@on_both_benches
def test_slow_addition(bench: str) -> None:
    """Section 2.5: 0.1 mmol as 0.05 M x 2000 uL over 2 h, into 20 mL vials, below 0.01 M."""
    name = "cyclisation-slow-addition"
    acid = charges(name, bench)["acid"]
    assert (acid["mmol"], acid["uL"]) == (about(0.1), about(2000))
    drops = acid["dropwise"]
    assert drops["drops"] * drops["interval_s"] == about(7200)
    assert 60 * drops["drop_uL"] / drops["interval_s"] == about(16.667)
    mixture = after(name, bench, "acid", "flask")
    assert mixture["uL"] >= 10_000
    assert plan(name, bench)["reactions"][0]["wells"]["flask"]["labware"].startswith("glass_20ml")


@on_both_benches
def test_eight_tenths_of_boc2o(bench: str) -> None:
    """Section 2.6: the basis is the diamine, limiting is Boc2O."""
    name = "mono-boc-excess-diamine"
    found, made = charges(name, bench), plan(name, bench)
    assert made["stages"][0]["basis"] == "diazepane"
    assert made["reactions"][0]["limiting"] == "boc2o"
    assert found["diazepane"]["mg"] == about(10.017)
    assert (found["boc2o"]["mg"], found["boc2o"]["uL"]) == (about(17.460), about(200))
    assert found["diazepane"]["mmol"] / found["boc2o"]["mmol"] == about(1.250)
    drops = found["boc2o"]["dropwise"]
    assert drops["drops"] * drops["interval_s"] == about(1200)
    assert 60 * drops["drop_uL"] / drops["interval_s"] == about(10)
    gas = sum(g["mL"] for g in made["gas"] if (g["step"], g["gas"]) == ("boc2o", "CO2"))
    assert gas == about(1.957)
    assert made["reactions"][0]["theory_mg"]["desired"] * 0.6 == about(9.614)
