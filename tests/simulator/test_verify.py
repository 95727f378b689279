"""The verifier: silent on a sound run, and naming step and well of every planted fault."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from simulate.result import simulate_plan, simulate_script
from tests.simulator import handwritten


@pytest.mark.parametrize("parts", [1, 2])
@pytest.mark.parametrize("robot", ["Flex", "OT-2"])
def test_a_sound_run_is_verified(tmp_path: Path, robot: str, parts: int) -> None:
    result = simulate_plan(handwritten.write(tmp_path, robot, parts))
    assert [finding.message for finding in result.findings] == []
    assert result.verified is True
    assert len(result.scripts) == parts
    held = {str(v.well): v for script in result.scripts for v in script.vessels}
    assert held["vials/A1"].volume_ul == pytest.approx(1321.46, abs=0.01)
    assert held["vials/B1"].phases[0].kind == "single"
    reactor = held["reactors/A1"]
    assert reactor.highest_ul == pytest.approx(1400.0)
    assert [(p.kind, p.position) for p in reactor.phases] == [
        ("organic", "lower"),
        ("aqueous", "upper"),
    ]
    assert reactor.phases[0].volume_ul == pytest.approx(handwritten.GUARD_2_UL, abs=0.01)


PAUSE = "[hydride] Add 10.6 mg to each; portion"
DELAY = "protocol.delay(seconds={})"
TO_VIAL = "{{1: {}, 2: 170.486728}}[part], vials[well]"

# What is changed, into what; then the code, the step and the words of a finding it must give.
FAULTS = [
    (
        ("p.dispense(210, reactors[well]", "p.dispense(206, reactors[well]"),
        ("V-CHARGE", "amine", "196.00 µL"),
    ),
    (
        ('p.aspirate(200, stocks["B1"]', 'p.aspirate(204, stocks["B1"]'),
        ("V-CHARGE", "aldehyde", "+2.0 %"),
    ),
    (
        ('p.aspirate(200, stocks["B1"]', 'p.aspirate(200, stocks["A1"]'),
        ("V-SOURCE", "aldehyde", "stocks/A1"),
    ),
    (
        ("p.dispense(210, reactors[well]", 'p.dispense(210, reactors["C1"]'),
        ("V-CHARGE", "amine", "reactors/C1"),
    ),
    (
        (
            "p.dispense(200, reactors[well].top(-2))\n    ",
            "p.dispense(196, reactors[well].top(-2))\n    ",
        ),
        ("V-CHARGE", "aldehyde", "only at the blow-out"),
    ),
    (("range(10)", "range(9)"), ("V-RATE", "quench", "9 drops")),
    (
        ("p.dispense(50, reactors[well]", "p.dispense(49, reactors[well]"),
        ("V-RATE", "quench", "49.00"),
    ),
    (("timer(seconds=60)", "timer(seconds=58)"), ("V-RATE", "quench", "sooner")),
    (("timer(seconds=60)", "timer(seconds=63)"), ("V-RATE", "quench", "later")),
    (("timer(seconds=3600)", "timer(seconds=3500)"), ("V-HOLD", "imine", "3500")),
    (("shake_speed(600)", "shake_speed(500)"), ("V-STIR", "imine", "500 rpm")),
    (
        ("    shaker.set_and_wait_for_shake_speed(600)\n", ""),
        ("V-STIR", "imine", "0 rpm"),
    ),
    ((DELAY.format(600), DELAY.format(500)), ("V-PORTION", "hydride", "portion 2")),
    (
        ("Add 10.6 mg to each; portion 2", "Add 10.8 mg to each; portion 2"),
        ("V-CHARGE", "hydride", "10.8 mg"),
    ),
    (
        (f'    protocol.pause("{PAUSE} 2 of 3.")\n', ""),
        ("V-PORTION", "hydride", "2 portions"),
    ),
    (
        ("p.mix(5, 200, reactors[well].bottom(6))", "pass"),
        ("V-STIR", "extract", "mixed 0 times"),
    ),
    ((DELAY.format(120), DELAY.format(118)), ("V-HOLD", "extract", "118")),
    (
        ("reactors[well].bottom(0.5)", "reactors[well].bottom(12.5)"),
        ("V-DRAW", "extract", "aqueous layer"),
    ),
    (
        ("reactors[well].bottom(0.5)", "reactors[well].bottom(0.8)"),
        ("V-DRAW", "extract", "0.80 mm"),
    ),
    (
        (TO_VIAL.format(202.5), TO_VIAL.format(198.4)),
        ("V-DRAW", "extract", "-2.0 %"),
    ),
    (
        (", vials[well].top(-2))", ', vials["C3"].top(-2))'),
        ("V-DRAW", "extract", "vials/C3"),
    ),
    (("[(1, 4), (2, 3)]", "[(1, 4), (2, 4)]"), ("V-DRAW", "extract", "aqueous layer")),
    (
        ("p.dispense(200, reactors[well].top(-2))", "p.dispense(200, reactors[well].bottom(1))"),
        ("V-TIP", "aldehyde", "stocks/B1"),
    ),
]


@pytest.mark.parametrize("robot", ["Flex", "OT-2"])
@pytest.mark.parametrize(("edit", "told_as"), FAULTS, ids=[f"{f[1][0]}-{f[1][2]}" for f in FAULTS])
def test_a_planted_fault_is_named(
    tmp_path: Path, robot: str, edit: tuple[str, str], told_as: tuple[str, str, str]
) -> None:
    code, step, words = told_as
    result = simulate_plan(handwritten.write(tmp_path, robot, 1, edit))
    assert result.verified is False
    told = [(f.code, f.step, f.message) for f in result.findings]
    assert any(c == code and s == step and words in m for c, s, m in told), told
    assert {f.step for f in result.findings} <= {step, "extract"}, told


def test_a_finding_stands_on_the_scripts_line(tmp_path: Path) -> None:
    edit = ("p.dispense(210, reactors[well]", "p.dispense(206, reactors[well]")
    plan = handwritten.write(tmp_path, "Flex", 1, edit)
    finding = next(f for f in simulate_plan(plan).findings if f.code == "V-CHARGE")
    lines = (tmp_path / "run.py").read_text(encoding="utf-8").splitlines()
    assert finding.span is not None
    assert finding.span.file == str(tmp_path / "run.py")
    assert "p.dispense(206" in lines[finding.span.line - 1]
    assert finding.related[0].span.file == "procedure.yaml"
    assert "reactor of r1" in finding.message
    assert "200.00 µL" in finding.message


def test_a_step_without_its_block_is_named(tmp_path: Path) -> None:
    plan = handwritten.write(tmp_path, "Flex", 1, ("[quench] The", "The"))
    first = simulate_plan(plan).findings[0]
    assert (first.code, first.step) == ("V-STEP", "quench")


def test_steps_in_another_order_are_named(tmp_path: Path) -> None:
    plan = handwritten.write(tmp_path, "Flex")
    script = tmp_path / "run.py"
    text = script.read_text(encoding="utf-8")
    amine = text.index('    protocol.comment("[amine]')
    aldehyde = text.index('    protocol.comment("[aldehyde]')
    imine = text.index('    protocol.comment("[imine]')
    swapped = text[:amine] + text[aldehyde:imine] + text[amine:aldehyde] + text[imine:]
    script.write_text(swapped, encoding="utf-8")
    found = simulate_plan(plan).findings
    assert ("V-STEP", "amine") in {(f.code, f.step) for f in found}


def test_a_tip_from_one_reaction_to_another_is_named(tmp_path: Path) -> None:
    edit = (
        "            p.mix(5, 200, reactors[well].bottom(6))\n            p.drop_tip()\n",
        "            p.mix(5, 200, reactors[well].bottom(6))\n"
        "            p.mix(1, 20, reactors['A1'].bottom(6))\n            p.drop_tip()\n",
    )
    found = simulate_plan(handwritten.write(tmp_path, "Flex", 1, edit)).findings
    tips = [f for f in found if f.code == "V-TIP"]
    assert tips
    assert "reactor of r1" in tips[0].message
    assert "reactor of r2" in tips[0].message


def test_a_tip_left_on_is_named(tmp_path: Path) -> None:
    plan = handwritten.write(tmp_path, "Flex")
    script = tmp_path / "run.py"
    text = script.read_text(encoding="utf-8") + "    p.pick_up_tip(next(fresh))\n"
    script.write_text(text, encoding="utf-8")
    assert [f.code for f in simulate_plan(plan).findings] == ["V-TIP"]


@pytest.mark.parametrize(
    ("set_point", "words"),
    [
        ("shaker.set_and_wait_for_temperature(40)", None),
        ("shaker.set_and_wait_for_temperature(45)", "45 °C"),
        ("shaker.set_target_temperature(40)", "nothing waits for it"),
        ("pass", "nothing"),
    ],
)
def test_set_points_are_held_to_the_plan(tmp_path: Path, set_point: str, words: str | None) -> None:
    edit = ('    protocol.comment("[imine]', f'    {set_point}\n    protocol.comment("[imine]')
    plan = handwritten.write(tmp_path, "Flex", 1, edit)
    document = json.loads(plan.read_text(encoding="utf-8"))
    document["temperatures"] = [{"step": "aldehyde", "module": "shaker", "degC": 40.0, "part": 1}]
    plan.write_text(json.dumps(document), encoding="utf-8")
    messages = [f.message for f in simulate_plan(plan).findings if f.code == "V-TEMPERATURE"]
    assert bool(messages) == (words is not None)
    assert words is None or any(words in message for message in messages), messages


def test_a_vessel_at_another_temperature_is_named(tmp_path: Path) -> None:
    plan = handwritten.write(tmp_path, "Flex")
    document = json.loads(plan.read_text(encoding="utf-8"))
    document["temperatures"] = [
        {"step": "quench", "vessel": "reactor", "degC": 4.0, "tolerance_K": 2.0}
    ]
    plan.write_text(json.dumps(document), encoding="utf-8")
    found = simulate_plan(plan).findings
    assert [(f.code, f.step) for f in found] == [("V-TEMPERATURE", "quench")]
    assert "22.5 °C" in found[0].message


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"version": 2}, "version 2"),
        ({"scripts": []}, "no scripts"),
        ({"scripts": [{"file": "../run.py", "part": 1}]}, "not a file beside it"),
        ({"charges": [{"step": "amine"}]}, "charges[0] has no reaction"),
        ({"robot": {"type": "OT-2"}}, "the plan is for OT-2"),
    ],
)
def test_a_plan_that_does_not_fit_is_refused(
    tmp_path: Path, change: dict[str, object], words: str
) -> None:
    plan = handwritten.write(tmp_path, "Flex")
    document = json.loads(plan.read_text(encoding="utf-8")) | change
    plan.write_text(json.dumps(document), encoding="utf-8")
    result = simulate_plan(plan)
    assert result.verified is False
    assert [f.code for f in result.findings] == ["V-PLAN"]
    assert words in result.findings[0].message


def test_a_plan_that_is_no_json_is_a_finding(tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text("{", encoding="utf-8")
    assert [f.code for f in simulate_plan(plan).findings] == ["V-PLAN"]
    assert [f.code for f in simulate_plan(tmp_path / "none.json").findings] == ["V-PLAN"]


def test_a_script_of_two_parts_is_run_with_the_other(tmp_path: Path) -> None:
    plan = handwritten.write(tmp_path, "Flex", 2)
    result = simulate_script(tmp_path / "run.part2.py", plan)
    assert result.verified is True
    assert [Path(script.file).name for script in result.scripts] == ["run.part1.py", "run.part2.py"]
