"""`monitor` with samples: volumes, labware, closures, the ions to look for, who decides."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from rdkit import Chem
from rdkit.Chem import rdMolDescriptors

from compiler.chemistry.masses import expected_ions
from compiler.cli.options import shipped_benches
from compiler.passes.charge import charge
from compiler.passes.house import house
from compiler.passes.resolve import resolve
from compiler.passes.sampling import most_samples
from compiler.pipeline import Compiled, compile_procedure
from compiler.reading import read_bench, read_procedure
from compiler.stages.documents import Monitor, Procedure
from compiler.stages.program import PauseBlock, TransferBlock
from compiler.target.pauses import said_s

PROTOCOLS = Path(__file__).parents[2] / "protocols"
PLAIN = (PROTOCOLS / "reductive-amination" / "procedure.yaml").read_text(encoding="utf-8")
SAMPLED = "at: rt, aliquot: 5 µL, dilute: {with: MeOH, to: 2.5 mM}, every: 4 h, pass: quench}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("monitoring")


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def sampled(keys: str = SAMPLED) -> str:
    """The reductive amination with a sample at its monitored hold."""
    old = "between: [12 h, 24 h], at: rt}"
    assert old in PLAIN
    return PLAIN.replace(old, f"between: [12 h, 24 h], {keys}")


@pytest.fixture(scope="module", params=["flex", "ot2"])
def made(folder: Path, request: pytest.FixtureRequest) -> Compiled:
    """Section 2.1 with the sample of its step 3, on each bench."""
    path = write(folder, f"sampled-{request.param}", sampled())
    found = compile_procedure(path, shipped_benches()[request.param])
    assert found.plan is not None, found.findings
    return found


def plan_of(made: Compiled) -> dict[str, Any]:
    assert made.plan is not None
    return made.plan


def about(value: float) -> Any:
    return pytest.approx(value, rel=1e-3)


def test_five_of_400_into_495_of_methanol(made: Compiled) -> None:
    plan = plan_of(made)
    draw = next(d for d in plan["draws"] if d["into"] == "analysis")
    assert (draw["uL"], draw["by"], draw["strokes"]) == (about(5.0), "robot", 1)
    diluent = next(c for c in plan["charges"] if c["vessel"] == "analysis")
    assert (diluent["material"], diluent["uL"]) == ("MeOH", about(495.0))
    sample = [c for c in plan["contents"] if c["vessel"] == "analysis"][-1]
    assert sample["mmol"]["diazepane"] == about(1.25e-3)
    assert 1000 * sample["mmol"]["diazepane"] / (sample["uL"] / 1000) == about(2.50)


def test_the_interface_is_that_of_a_batch_without_the_sample(made: Compiled) -> None:
    settled = [c for c in plan_of(made)["contents"] if c["moment"] == "settled"]
    work_up = next(c for c in settled if len(c["phases"]) == 2)
    assert work_up["phases"][0]["interface_mm"] == about(11.395)


def test_the_sample_goes_into_a_plate_that_methanol_does_not_harm(made: Compiled) -> None:
    plan = plan_of(made)
    plate = next(d for d in plan["deck"] if d["label"] == "analysis")
    assert plate["load_name"] == "nest_96_wellplate_2ml_deep"
    assert plate["material"] == "polypropylene"
    assert plan["reactions"][0]["wells"]["analysis"] == {"labware": "analysis", "well": "A1"}


def test_opened_drawn_diluted_closed_and_asked(made: Compiled) -> None:
    assert made.program is not None
    part = made.program.parts[1]
    told: list[str] = []
    for block in part.blocks:
        if block.step != "monitor-5" and not isinstance(block, PauseBlock):
            break
        if isinstance(block, PauseBlock):
            *lines, about = block.message.splitlines()
            assert said_s(about) == 20.0 * len(lines)  # one well: an action a line
            told.extend(lines)
        elif isinstance(block, TransferBlock):
            told.append(f"{block.what} {block.rows[0].dest}")
    assert told[0] == "[monitor-5] Open reactors A1."
    assert told[1:3] == ["draw analysis/A1", "charge analysis/A1"]
    assert told[3] == "[monitor-5] Close reactors A1 with vented caps again."
    assert told[4].startswith("[monitor-5] Check the samples of reactor in analysis A1 by LC-MS")
    assert told[5] == "[quench] Open reactors A1."


def test_the_sample_is_touched_off_and_mixed(made: Compiled) -> None:
    assert made.program is not None
    blocks = [b for b in made.program.parts[1].blocks if isinstance(b, TransferBlock)]
    draw, diluent = blocks[:2]
    assert draw.handling.touch_off
    assert draw.rows[0].dest_mm == pytest.approx(1.0)
    assert diluent.rows[0].mix is not None
    assert diluent.rows[0].tip is not None


def test_the_ions_and_the_decision_stand_in_the_plan(made: Compiled) -> None:
    step = next(s for s in plan_of(made)["steps"] if s["verb"] == "monitor")
    assert [(e["name"], e["formula"], e["role"]) for e in step["expected_mz"]] == [
        ("1-Boc-1,4-diazepane", "C10H20N2O2", "substrate"),
        ("desired", "C17H25FN2O2", "mono"),
    ]
    assert step["expected_mz"][1]["mz"] == pytest.approx(308.19000 + 1.007276, abs=1e-3)
    assert step["decision"] == {
        "by": "operator",
        "until": "diazepane consumed",
        "pass": "quench",
        "fail": "extend",
    }
    for words in ("201.1598", "309.1973"):
        assert words in step["text"]
    assert "A sample of 5.00 µL was taken after 12 h" in step["text"]
    pause = next(line for _, text in made.scripts for line in text.splitlines() if "[M+H]+" in line)
    assert pause


def test_the_question_names_who_decides_and_the_next_samples(made: Compiled) -> None:
    assert made.program is not None
    pauses = [b for p in made.program.parts for b in p.blocks if isinstance(b, PauseBlock)]
    question = next(m for b in pauses for m in b.message.splitlines() if "Check the samples" in m)
    assert "the operator decides; if so: go on with quench; if not: extend the hold" in question
    assert "sample again by hand every 4 h (at most 3 times)" in question


# --- what may be written --------------------------------------------------------------------


@cache
def bench(name: str) -> Any:
    return read_bench(shipped_benches()[name]).document


def procedure_of(path: Path) -> Procedure:
    read = read_procedure(path)
    assert read.document is not None
    return read.document


def test_a_dilution_to_a_volume(folder: Path) -> None:
    path = write(folder, "volume", sampled(SAMPLED.replace("2.5 mM", "200 µL")))
    found = compile_procedure(path, shipped_benches()["flex"])
    diluent = next(c for c in plan_of(found)["charges"] if c["vessel"] == "analysis")
    assert diluent["uL"] == about(195.0)


@pytest.mark.parametrize(("to", "said"), [("300 mM", "250 mM"), ("4 µL", "5 µL")])
def test_what_is_no_dilution_is_refused(folder: Path, to: str, said: str) -> None:
    path = write(folder, "no-dilution", sampled(SAMPLED.replace("2.5 mM", to)))
    found = compile_procedure(path, shipped_benches()["flex"])
    assert found.plan is None
    mine = [f for f in found.findings if f.code == "C-MON-3"]
    assert len(mine) == 1
    assert said in mine[0].message


def test_all_samples_count_for_the_volume(folder: Path) -> None:
    """1 + 12 h / 1 h = 13 samples of 40 µL are more than the 400 µL."""
    keys = SAMPLED.replace("5 µL", "40 µL").replace("every: 4 h", "every: 1 h")
    path = write(folder, "too-much", sampled(keys))
    found = compile_procedure(path, shipped_benches()["flex"])
    mine = [f for f in found.findings if f.code == "P-UNDERFLOW"]
    assert ["up to 13 aliquots of 40 µL" in f.message for f in mine] == [True]


@pytest.mark.parametrize(
    ("every", "warned"), [("4 h", False), ("3 h", True)]
)  # 4 and 5 samples of 5 µL: 5.0 and 6.25 % of 400 µL
def test_five_per_cent_of_the_batch(folder: Path, every: str, warned: bool) -> None:
    path = write(folder, "share", sampled(SAMPLED.replace("4 h", every)))
    found = compile_procedure(path, shipped_benches()["flex"])
    assert ("C-MON-2" in {f.code for f in found.findings}) is warned


def test_most_samples(folder: Path) -> None:
    procedure = procedure_of(write(folder, "most", sampled()))
    (step,) = (s for s in procedure.steps if isinstance(s, Monitor))
    assert most_samples(step) == 4


def test_a_second_monitor_has_samples_of_its_own(folder: Path) -> None:
    stir = "  - stir: {vessel: reactor, for: 1–2 h, at: rt}\n"
    assert stir in PLAIN
    early = (
        "  - monitor: {vessel: reactor, by: TLC, until: no change, between: [1 h, 2 h], "
        "aliquot: 5 µL}\n"
    )
    path = write(folder, "twice", sampled().replace(stir, early))
    found = compile_procedure(path, shipped_benches()["flex"])
    plan = plan_of(found)
    assert [d["into"] for d in plan["draws"][:2]] == ["analysis", "analysis-2"]
    wells = plan["reactions"][0]["wells"]
    assert wells["analysis"] != wells["analysis-2"]
    first = next(s for s in plan["steps"] if s["verb"] == "monitor")
    assert first["expected_mz"] == []  # TLC shows no masses


def test_a_plan_beyond_the_first_sample_holds_on(folder: Path) -> None:
    text = sampled().replace("[12 h, 24 h], at", "{between: [2 h, 24 h], plan: 3 h}, at")
    found = compile_procedure(write(folder, "later", text), shipped_benches()["flex"])
    holds = [h["s"] for h in plan_of(found)["holds"] if h["step"] == "monitor-5"]
    assert holds == [7200.0, 3600.0]


def test_undiluted_dce_goes_into_glass(folder: Path) -> None:
    path = write(folder, "glass", sampled("at: rt, aliquot: 50 µL}"))
    charges, _ = charge(resolve(procedure_of(path))[0])
    housed, findings = house(charges, bench("flex"))
    assert findings == ()
    assert housed.housings["analysis"].material == "glass"


def test_without_a_bench_there_is_a_vessel_all_the_same(folder: Path) -> None:
    charges, _ = charge(resolve(procedure_of(write(folder, "bare", sampled())))[0])
    housed, _ = house(charges, None)
    assert housed.housings["analysis"].labware is None


# --- ions -----------------------------------------------------------------------------------


def ions(name: str) -> dict[str, tuple[str, float]]:
    recipe, _ = resolve(procedure_of(PROTOCOLS / name / "procedure.yaml"))
    return {ion.role: (ion.formula, ion.mz) for ion in expected_ions(recipe)}


def mz(smiles: str) -> float:
    return float(rdMolDescriptors.CalcExactMolWt(Chem.MolFromSmiles(smiles))) + 1.007276


def test_declared_di_product_is_listed_once() -> None:
    found = ions("dropwise-alkylation")
    assert found["substrate"] == ("C5H12N2", pytest.approx(101.1073, abs=1e-4))
    assert found["mono"] == ("C12H18N2", pytest.approx(191.1543, abs=1e-4))
    assert found["by-product"] == ("C19H24N2", pytest.approx(281.2012, abs=1e-4))
    assert "di" not in found


def test_a_second_substitution_is_worked_out() -> None:
    """A secondary amine can take the aldehyde again: 2 x mono - substrate."""
    found = ions("reductive-amination-nabh4")
    twice = "CC(C)(C)OC(=O)N1CCCN(CCN(Cc2ccc(F)cc2)Cc2ccc(F)cc2)CC1"
    assert found["di"] == ("C26H35F2N3O2", pytest.approx(mz(twice), abs=1e-4))
    assert found["by-product"][1] == pytest.approx(350.2238, abs=1e-4)  # the imine


def test_a_ring_closure_has_no_second_substitution() -> None:
    found = ions("cyclisation-high-dilution")
    assert set(found) == {"substrate", "mono", "by-product"}
    assert found["mono"] == ("C12H16N2O", pytest.approx(205.1335, abs=1e-4))
