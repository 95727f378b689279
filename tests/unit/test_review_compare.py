"""What changed between two runs, in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from compiler.pipeline import Compiled, compile_procedure
from simulate.review.compare import Changes, compare
from simulate.review.inputs import Inputs
from simulate.review.older import older_plan
from simulate.review.page import review_html

PROCEDURE = Path("protocols/reductive-amination/procedure.yaml")
FLEX = Path("protocols/benches/flex.yaml")
RUN = Inputs(PROCEDURE, FLEX)
TEXT = PROCEDURE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def old() -> Compiled:
    return compile_procedure(PROCEDURE, FLEX)


def changed(tmp_path: Path, old: Compiled, *edits: tuple[str, str]) -> Changes:
    text = TEXT
    for before, after in edits:
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    (tmp_path / "procedure.yaml").write_text(text, encoding="utf-8")
    new = compile_procedure(tmp_path / "procedure.yaml", FLEX)
    assert old.plan is not None and new.plan is not None, new.findings
    return compare(old.plan, new.plan, "the last run")


def lines(changes: Changes, title: str) -> list[str]:
    return [line for group in changes.groups if group.title == title for line in group.lines]


def test_nothing_changed(old: Compiled) -> None:
    assert old.plan is not None
    changes = compare(old.plan, old.plan, "itself")
    assert not changes.groups
    assert "Nothing that the plan holds has changed." in changes.markdown("x")


def test_more_hydride(tmp_path: Path, old: Compiled) -> None:
    changes = changed(tmp_path, old, ("plan: 1.5 equiv", "plan: 2 equiv"))
    # 0.05 mmol of 211.94 g/mol; hydrogen from 0.15 and 0.20 mmol at 24.465 mL/mmol
    assert lines(changes, "Chemistry") == [
        "hydride 1.50 → 2.00 equiv: 10.6 mg more a reaction (step 4 (hydride))"
    ]
    gas = lines(changes, "Gas and volumes")
    assert "H2, worst case 3.67 → 4.89 mL a reaction at quench" in gas
    assert "CO2, worst case 7.34 → 9.79 mL a reaction at quench" in gas


def test_less_is_less(tmp_path: Path, old: Compiled) -> None:
    changes = changed(tmp_path, old, ("plan: 1.1 equiv", "plan: 1 equiv"))
    (line,) = lines(changes, "Chemistry")
    assert line.startswith("aldehyde 1.10 → 1.00 equiv: 18.2 µL less a reaction")


def test_one_more_portion(tmp_path: Path, old: Compiled) -> None:
    changes = changed(tmp_path, old, ("portions: 3", "portions: 4"))
    assert lines(changes, "Chemistry") == [
        "hydride: 3 portions, one every 10 min → 4 portions, one every 10 min (step 4 (hydride))"
    ]
    run = lines(changes, "Run")
    assert "operator stops +1 (6 → 7)" in run
    assert any(line.startswith("10 min longer on the robot") for line in run)


def test_a_step_put_in_between_is_the_only_new_one(tmp_path: Path, old: Compiled) -> None:
    wash = "  - wash: {vessel: extract, with: water, volume: 10 mL/mmol, times: 1, keep: organic}\n"
    changes = changed(tmp_path, old, ("  - dry:", f"{wash}  - dry:"))
    steps = lines(changes, "Steps")
    assert [line for line in steps if line.startswith("new:")] == [steps[0]]
    assert steps[0].startswith("new: step 8 (wash-8)")
    assert not [line for line in steps if line.startswith("gone:")]
    assert any(line.startswith("new: water") for line in lines(changes, "Chemistry"))


def test_a_step_left_out(tmp_path: Path, old: Compiled) -> None:
    changes = changed(tmp_path, old, ("  - dry: {vessel: extract, over: Na2SO4}\n", ""))
    steps = lines(changes, "Steps")
    assert len([line for line in steps if line.startswith("gone:")]) == 1
    assert not [line for line in steps if line.startswith("new:")]


def test_longer_stirring(tmp_path: Path, old: Compiled) -> None:
    changes = changed(tmp_path, old, ("for: 1–2 h", "for: 90 min"))
    assert lines(changes, "Steps") == ["step 3 (stir-3): held for 1 h → 1 h 30 min"]
    (line,) = lines(changes, "Run")
    assert line.startswith("30 min longer on the robot")


def test_markdown_shows_text_as_it_is(tmp_path: Path, old: Compiled) -> None:
    new = "until: '<img src=x> *all* [gone](http://x)'"
    changes = changed(tmp_path, old, ("until: diazepane consumed", new))
    text = changes.markdown("a|b")
    assert "<img" not in text.replace("\\<img", "")
    assert "\\*all\\* \\[gone\\]" in text


def test_an_older_run_is_a_procedure_a_plan_a_report_or_a_folder(
    tmp_path: Path, old: Compiled
) -> None:
    assert old.plan is not None
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "review.html").write_text(review_html(old), encoding="utf-8")
    from_report, none = older_plan(folder, RUN)
    assert none == () and from_report is not None
    assert not compare(from_report, old.plan, "report").groups
    (folder / "plan.json").write_text(json.dumps(old.plan), encoding="utf-8")
    for place in (folder, folder / "plan.json", PROCEDURE):
        plan, none = older_plan(place, RUN)
        assert none == () and plan is not None
        assert not compare(plan, old.plan, "x").groups


@pytest.mark.parametrize(
    ("name", "text"),
    [("plan.json", "{"), ("plan.json", "[]"), ("plan.json", "{}"), ("review.html", "<p>none</p>")],
)
def test_what_is_no_older_run_is_a_finding(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    plan, (finding,) = older_plan(tmp_path / name, RUN)
    assert plan is None and finding.code == "S-FILE"
    assert older_plan(tmp_path / "nothing.json", RUN)[1][0].code == "S-FILE"
