"""P-MAT-1, P-ATMOSPHERE, P-VAP-1 and C-DIL-1, each with a near miss."""

from __future__ import annotations

from dataclasses import replace

import pytest

from compiler.diagnostics import Severity
from compiler.passes.account import account
from compiler.passes.lint import lint
from compiler.stages.documents import Bench, ConcentrationLimit
from compiler.stages.quantity import Dimension
from tests.unit.handbuilt import (
    SPAN,
    SPANS,
    add,
    celsius,
    charge,
    charges,
    house,
    housing,
    quantity,
    stir,
    vessel,
    vial,
)


def findings(code, material, plastic, hours, *, at=None, cap=None, volume_ul=400.0, depth=30.0):
    wanted = None if at is None else celsius(at)
    steps = (add("fill", material, line=3), stir("wait", hours, at=wanted), add("more", material))
    given = (charge("fill", material, volume_ul), charge("more", material, 1.0))
    vessels = {"reactor": vessel("reactor", cap=cap)}
    held = house(reactor=housing("reactor", vial(depth_mm=depth), material=plastic))
    ledger, _ = account(charges(steps, given, vessels=vessels), held)
    return [f for f in lint(ledger) if f.code == code]


class TestMaterials:
    def test_polystyrene_and_dcm(self) -> None:
        (finding,) = findings("P-MAT-1", "DCM", "polystyrene", 0.01)
        assert finding.severity is Severity.ERROR
        assert finding.step == "fill"
        assert finding.span is not None and finding.span.line == 3
        assert "polystyrene" in finding.message

    @pytest.mark.parametrize("plastic", ["glass", "PTFE", "unobtainium"])
    def test_no_finding(self, plastic) -> None:
        assert findings("P-MAT-1", "DCM", plastic, 48.0) == []

    @pytest.mark.parametrize(
        ("material", "hours", "at", "told"),
        [
            ("THF", 0.9, None, False),
            ("THF", 1.1, None, True),
            ("DCE", 3.9, None, False),
            ("DCE", 4.1, None, True),
            ("DCE", 0.5, 45.0, True),
            ("MeOH", 48.0, None, False),
        ],
    )
    def test_polypropylene_by_time(self, material, hours, at, told) -> None:
        found = findings("P-MAT-1", material, "polypropylene", hours, at=at)
        assert [f.severity for f in found] == ([Severity.WARNING] if told else [])


class TestAtmosphere:
    def run(self, atmosphere, *, enclosure=False, by_operator=False):
        step = replace(add("fill", "DCE"), by_operator=by_operator)
        vessels = {"reactor": vessel("reactor", atmosphere=atmosphere)}
        bench = Bench(
            file="b.yaml",
            sha256="",
            spans=SPANS,
            robot="Flex",
            pipettes={},
            modules={},
            labware={},
            enclosure=enclosure,
        )
        held = replace(house(), bench=bench)
        given = (charge("fill", "DCE", 100.0),)
        ledger, _ = account(charges((step,), given, vessels=vessels), held)
        return [f for f in lint(ledger) if f.code == "P-ATMOSPHERE"]

    def test_nitrogen_on_an_open_deck(self) -> None:
        (finding,) = self.run("nitrogen")
        assert "nitrogen" in finding.message

    def test_near_misses(self) -> None:
        assert self.run(None) == []
        assert self.run("air") == []
        assert self.run("nitrogen", enclosure=True) == []
        assert self.run("nitrogen", by_operator=True) == []


class TestVapour:
    def test_half_an_hour_of_dcm_in_the_open(self) -> None:
        (finding,) = findings("P-VAP-1", "DCM", "glass", 0.5)
        assert finding.severity is Severity.WARNING
        assert "cap: vented" in finding.help

    def test_a_night_dries_it_out_and_a_later_step_needs_it(self) -> None:
        (finding,) = findings("P-VAP-1", "DCM", "glass", 12.0)
        assert finding.severity is Severity.ERROR
        assert "'more'" in finding.message

    def test_near_misses(self) -> None:
        assert findings("P-VAP-1", "DCM", "glass", 0.05) == []
        assert findings("P-VAP-1", "DCM", "glass", 12.0, cap="vented") == []
        assert findings("P-VAP-1", "water", "glass", 3.0) == []

    def test_the_same_loss_is_told_once(self) -> None:
        steps = (add("d", "DCM"), stir("one", 0.5), stir("two", 0.5))
        ledger, _ = account(charges(steps, (charge("d", "DCM", 400.0),)), house())
        assert [f.step for f in lint(ledger) if f.code == "P-VAP-1"] == ["one"]

    def test_water_covers_dcm(self) -> None:
        steps = (add("d", "DCM"), add("w", "water"), stir("wait", 0.5))
        given = (charge("d", "DCM", 400.0), charge("w", "water", 400.0))
        ledger, _ = account(charges(steps, given), house())
        assert [f for f in lint(ledger) if f.code == "P-VAP-1"] == []


class TestDilution:
    @pytest.mark.parametrize(("limit", "told"), [(0.3, True), (0.5, False)])
    def test_highest_concentration(self, limit, told) -> None:
        steps = (add("a", "diazepane"), stir("react", 1.0))
        made = charges(steps, (charge("a", "diazepane", 200.0),))
        condition = ConcentrationLimit(
            "diazepane", quantity(limit, Dimension.CONCENTRATION, f"{limit} M"), SPAN
        )
        procedure = replace(made.recipe.procedure, max_concentration=condition)
        made = replace(made, recipe=replace(made.recipe, procedure=procedure))
        ledger, _ = account(made, house())
        found = [f for f in lint(ledger) if f.code == "C-DIL-1"]
        assert [f.step for f in found] == (["react"] if told else [])
