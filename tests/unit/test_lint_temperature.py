"""P-BOIL-1 and P-FREEZE-1, each with a near miss."""

from __future__ import annotations

import pytest

from compiler.diagnostics import Severity
from compiler.passes.account import account
from compiler.passes.lint import lint
from compiler.stages.documents import Temper
from compiler.stages.quantity import Quantity
from tests.unit.handbuilt import add, celsius, charge, charges, house, keyed, stir, vessel


def judged(material: str, at: float | None, cap: str | None = None, hours: float = 0.01):
    wanted: Quantity | None = None if at is None else celsius(at)
    steps = (add("fill", material, line=3), stir("warm", hours, at=wanted))
    given = (charge("fill", material, 400.0),)
    vessels = {"reactor": vessel("reactor", cap=cap)}
    ledger, _ = account(charges(steps, given, vessels=vessels), house())
    return [f for f in lint(ledger) if f.code in ("P-BOIL-1", "P-FREEZE-1")]


@pytest.mark.parametrize(
    ("material", "at", "severity"),
    [
        ("DCM", 60.0, Severity.ERROR),
        ("DCM", 35.0, Severity.ERROR),
        ("DCM", 30.0, Severity.WARNING),
        ("DCE", 63.0, None),
        ("DCE", 64.0, Severity.WARNING),
        ("DCE", 79.0, Severity.ERROR),
    ],
)
def test_boiling(material, at, severity) -> None:
    found = [f for f in judged(material, at) if f.step == "warm"]
    assert [f.severity for f in found] == ([] if severity is None else [severity])


def test_room_temperature_is_a_note_told_once() -> None:
    found = judged("DCM", None)
    assert [(f.code, f.severity, f.step) for f in found] == [("P-BOIL-1", Severity.NOTE, "fill")]
    assert found[0].span is not None and found[0].span.line == 3


def test_message_has_the_numbers() -> None:
    (finding,) = [f for f in judged("DCM", 60.0) if f.severity is Severity.ERROR]
    assert "bp 39.8 °C" in finding.message
    assert "60 °C" in finding.message


@pytest.mark.parametrize(
    ("celsius_", "severity"),
    [(60.0, Severity.ERROR), (40.0, Severity.WARNING), (30.0, None)],
)
def test_sealed_vessels_are_judged_by_pressure(celsius_, severity) -> None:
    found = [f for f in judged("DCM", celsius_, "sealed", 1.0) if "kPa" in f.message]
    assert [f.severity for f in found] == ([] if severity is None else [severity])


@pytest.mark.parametrize(("at", "frozen"), [(4.0, True), (12.8, True), (12.9, False)])
def test_dioxane_freezes(at, frozen) -> None:
    found = [f for f in judged("dioxane", at) if f.code == "P-FREEZE-1"]
    assert bool(found) is frozen
    if frozen:
        assert f"dioxane (mp 11.8 °C) is solid at {at:g} °C" in found[0].message


def test_a_minor_cosolvent_does_not_freeze() -> None:
    steps = (add("a", "DCE"), add("b", "dioxane"), stir("cold", 0.1, at=celsius(4.0)))
    given = (charge("a", "DCE", 400.0), charge("b", "dioxane", 100.0))
    ledger, _ = account(charges(steps, given), house())
    assert [f for f in lint(ledger) if f.code == "P-FREEZE-1"] == []


def test_cooling_counts_until_it_is_changed() -> None:
    steps = (
        add("fill", "dioxane"),
        Temper(id="cool", verb="cool", spans=keyed(4, "to"), vessel="reactor", to=celsius(4.0)),
    )
    ledger, _ = account(charges(steps, (charge("fill", "dioxane", 400.0),)), house())
    found = [f for f in lint(ledger) if f.code == "P-FREEZE-1"]
    assert [f.step for f in found] == ["cool"]


def test_a_solvent_that_comes_into_a_hot_vessel_is_the_cause() -> None:
    steps = (
        add("first", "DCE"),
        Temper(id="heat", verb="heat", spans=keyed(4, "to"), vessel="reactor", to=celsius(60.0)),
        add("late", "DCM", line=5),
    )
    given = (charge("first", "DCE", 400.0), charge("late", "DCM", 400.0))
    ledger, _ = account(charges(steps, given), house())
    (finding,) = [f for f in lint(ledger) if f.code == "P-BOIL-1"]
    assert (finding.step, finding.severity) == ("late", Severity.ERROR)
    assert finding.span is not None
    assert finding.span.line == 5
