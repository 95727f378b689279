"""The reductive amination on both benches: every number of the worked reference, in the plan.

The numbers are those of the design's section 2.1, to 0.1 %.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from compiler.cli.options import shipped_benches
from compiler.pipeline import Compiled, compile_procedure
from compiler.stages.program import DropsBlock, MixBlock, PauseBlock, TransferBlock

PROCEDURE = Path(__file__).parents[2] / "protocols/reductive-amination/procedure.yaml"
BENCHES = ["flex", "ot2"]


@cache
def compiled(bench: str) -> Compiled:
    made = compile_procedure(PROCEDURE, shipped_benches()[bench])
    assert made.plan is not None, made.findings
    return made


def plan(bench: str) -> dict[str, Any]:
    found = compiled(bench).plan
    assert found is not None
    return found


def charge(bench: str, step: str) -> dict[str, Any]:
    return next(c for c in plan(bench)["charges"] if c["step"] == step)


def about(value: float) -> Any:
    return pytest.approx(value, rel=1e-3)


@pytest.mark.parametrize("bench", BENCHES)
def test_charges(bench: str) -> None:
    amine, aldehyde = charge(bench, "add-1"), charge(bench, "add-2")
    assert (amine["mg"], amine["uL"], amine["mmol"]) == (about(20.028), about(200), about(0.1))
    assert (aldehyde["mg"], aldehyde["uL"]) == (about(13.653), about(200))
    hydride = charge(bench, "hydride")
    assert hydride["mg"] == about(31.791)
    assert hydride["by"] == "operator"
    assert hydride["portions"] == {"n": 3, "mg_each": about(10.597), "every_s": 600}


@pytest.mark.parametrize(
    ("bench", "pipette"), [("flex", "flex_1channel_50"), ("ot2", "p300_single_gen2")]
)
def test_the_quench_is_ten_drops_of_50_or_finer_over_ten_minutes(bench: str, pipette: str) -> None:
    quench = charge(bench, "quench")
    assert (quench["mmol"], quench["uL"]) == (about(0.55), about(500))
    drops = quench["dropwise"]
    assert drops["drops"] * drops["drop_uL"] == about(500)
    assert drops["drop_uL"] <= 50
    assert drops["drops"] * drops["interval_s"] == about(600)
    assert drops["pipette"] == pipette


@pytest.mark.parametrize("bench", BENCHES)
def test_worst_case_gas(bench: str) -> None:
    gas = {g["gas"]: g["mL"] for g in plan(bench)["gas"] if g["step"] == "quench"}
    assert gas == {"H2": about(3.670), "CO2": about(7.340)}


@pytest.mark.parametrize("bench", BENCHES)
def test_layers(bench: str) -> None:
    settled = [c for c in plan(bench)["contents"] if c["moment"] == "settled"]
    first = {phase["kind"]: phase for phase in settled[0]["phases"]}
    organic = first["organic"]
    assert organic["position"] == "lower"
    assert first["aqueous"]["position"] == "upper"
    assert (organic["uL"], organic["density_g_mL"]) == (about(900), about(1.2939))
    assert (organic["interface_mm"], organic["top_mm"]) == (about(11.459), about(17.825))
    second = settled[1]["phases"][0]
    assert (second["uL"], second["interface_mm"]) == (about(590), about(7.512))
    assert second["top_mm"] == about(13.878)


@pytest.mark.parametrize(("bench", "strokes"), [("flex", [2, 1]), ("ot2", [4, 3])])
def test_draws(bench: str, strokes: list[int]) -> None:
    draws = plan(bench)["draws"]
    assert [d["uL"] for d in draws] == [about(810), about(511.46)]
    assert [d["guard_uL"] for d in draws] == [about(90), about(78.54)]
    assert [d["tip_mm"] for d in draws] == [0.5, 0.5]
    assert [d["strokes"] for d in draws] == strokes
    assert draws[-1]["recovered"] == about(0.9867)


@pytest.mark.parametrize("bench", BENCHES)
def test_one_tip_for_each_source(bench: str) -> None:
    """Amine, aldehyde, bicarbonate, DCM in both rounds, and the reactor's for both layers drawn."""
    assert plan(bench)["tips"] == {"used": 5, "per_transfer": 7, "refills": 0}


@pytest.mark.parametrize("bench", BENCHES)
def test_each_round_of_the_extraction_gets_its_solvent_and_is_mixed(bench: str) -> None:
    program = compiled(bench).program
    assert program is not None
    blocks = [b for p in program.parts for b in p.blocks if isinstance(b, TransferBlock)]
    solvent = [b for b in blocks if b.material == "DCM"]
    assert [b.round for b in solvent] == [1, 2]
    for block in solvent:
        assert sum(block.rows[0].strokes_ul) == about(500)
        assert block.rows[0].mix is None
    mixed = [b for p in program.parts for b in p.blocks if isinstance(b, MixBlock)]
    assert [b.rows[0].mix.cycles for b in mixed if b.step == solvent[0].step] == [10, 10]


@pytest.mark.parametrize("bench", BENCHES)
def test_a_clean_tip_lets_go_above_the_liquid(bench: str) -> None:
    program = compiled(bench).program
    assert program is not None
    tops = [
        phase["top_mm"]
        for contents in plan(bench)["contents"]
        if contents["vessel"] == "reactor"
        for phase in contents["phases"]
    ]
    for part in program.parts:
        for block in part.blocks:
            if isinstance(block, DropsBlock) or (
                isinstance(block, TransferBlock) and block.what == "charge"
            ):
                assert all(row.dest_mm > max(tops) for row in block.rows)


@pytest.mark.parametrize("bench", BENCHES)
def test_the_operator_is_told_the_numbers(bench: str) -> None:
    program = compiled(bench).program
    assert program is not None
    pauses = [b.message for p in program.parts for b in p.blocks if isinstance(b, PauseBlock)]
    assert "[hydride] Add 10.6 mg NaBH(OAc)3 to reactors A1; portion 2 of 3; " in pauses[2]
    assert "gas is evolved, leave open" in pauses[2]
    assert "[stir-3] Close reactors A1 with vented caps." in pauses[0]
    assert pauses[1].startswith("[hydride] Open reactors A1.")
    assert "[monitor-5] Close reactors A1 with vented caps." in pauses[3]
    assert "[quench] Open reactors A1." in pauses[4]
    assert len(pauses) == 6


@pytest.mark.parametrize("bench", BENCHES)
def test_the_script_is_split_at_the_overnight_hold(bench: str) -> None:
    made = compiled(bench)
    assert [name for name, _ in made.scripts] == [
        "reductive-amination.part1.py",
        "reductive-amination.part2.py",
    ]
    assert made.program is not None
    first, second = made.program.parts
    assert first.keep_on == ("shaker",)
    assert second.running == {"shaker": 600.0}
    assert second.hold_s == 12 * 3600
    assert plan(bench)["timing"]["hold_s"] == 12 * 3600


@pytest.mark.parametrize("bench", BENCHES)
def test_the_second_part_starts_from_what_the_first_left(bench: str) -> None:
    program = compiled(bench).program
    assert program is not None
    volumes = {str(well): ul for well, ul in program.parts[1].starts_with_ul.items()}
    assert volumes["reactors/A1"] == about(400)
    stock = plan(bench)["stocks"][0]
    assert volumes[f"{stock['labware']}/{stock['well']}"] == about(stock["uL"] - 200)


def test_ranges_and_defaults_are_listed() -> None:
    found = {(a["step"], a["what"]): a["value"] for a in plan("flex")["assumptions"]}
    assert found["stir-3", "time"] == "1 h"
    assert found["monitor-5", "time"] == "12 h"
    assert found["hydride", "amount of hydride"].startswith("1.5")
    assert found["quench", "drops"].startswith("20 × 25.0 µL, one every 30.0 s")
    assert ("extract-7", "settling") in found


@pytest.mark.parametrize("bench", BENCHES)
def test_the_same_input_gives_the_same_bytes(bench: str) -> None:
    again = compile_procedure(PROCEDURE, shipped_benches()[bench])
    assert again.scripts == compiled(bench).scripts
    assert json.dumps(again.plan) == json.dumps(compiled(bench).plan)
