"""The clock, on numbers worked out by hand from data/clock.json."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.target import commands as c
from compiler.target.clock import Timekeeper, load_clock

HERE, THERE = c.WellRef("plate", "A1"), c.WellRef("plate", "B1")
OT2 = load_clock("OT-2")


def test_a_move_accelerates_to_its_speed_limit() -> None:
    """400 mm/s at 2000 mm/s2: 80 mm are needed to get there and back to rest."""
    assert OT2.across_s(200.0) == pytest.approx(200.0 / 400.0 + 400.0 / 2000.0)
    assert OT2.across_s(20.0) == pytest.approx(2.0 * (20.0 / 2000.0) ** 0.5)
    assert OT2.across_s(0.0) == 0.0
    assert OT2.up_down_s(50.0, 25.0) == pytest.approx(50.0 / 25.0 + 25.0 / 1500.0)
    assert OT2.up_down_s(50.0, 900.0) == OT2.up_down_s(50.0)


def test_the_temperature_module_ramps_by_zones() -> None:
    """25 to 4 degC: 21 / 0.0875; 4 to 50: 21 / 0.0875 + 12 / 0.2 + 13 / 0.3611."""
    assert OT2.ramp_s("temperatureModuleV2", 25.0, 4.0) == pytest.approx(240.0)
    warm = 21.0 / 0.0875 + 12.0 / 0.2 + 13.0 / 0.3611
    assert OT2.ramp_s("temperatureModuleV2", 4.0, 50.0) == pytest.approx(warm)
    assert OT2.ramp_s("thermocyclerModuleV2", 25.0, 94.0) == pytest.approx(45 / 4 + 24 / 2)
    with pytest.raises(KeyError):
        OT2.ramp_s("magneticBlockV1", 20.0, 30.0)


def test_pipetting_is_volume_over_flow_plus_motion() -> None:
    keeper = Timekeeper(OT2, travel_mm=100.0)
    low, rim = c.Point(0.0, 0.0, 10.0), c.Point(0.0, 0.0, 50.0)
    _, first = keeper.advance(c.Aspirate("left", HERE, low, 1.0, 100.0, 40.0))
    assert first == pytest.approx(OT2.up_down_s(90.0) + 2.5)
    start, end = keeper.advance(c.MoveTo("left", HERE, rim, 41.0, 25.0))
    assert start == first
    assert end - start == pytest.approx(OT2.up_down_s(40.0, 25.0))
    assert keeper.advance(c.AirGap("left", 10.0, 40.0))[1] - end == pytest.approx(0.25)
    start, end = keeper.advance(
        c.Dispense("left", THERE, c.Point(30.0, 40.0, 50.0), 41.0, 80.0, 80.0)
    )
    arc = 2.0 * OT2.up_down_s(60.0) + OT2.across_s(50.0)
    assert end - start == pytest.approx(arc + 1.0)


def test_a_timer_runs_beside_what_follows_and_lateness_moves_the_rest() -> None:
    keeper = Timekeeper(OT2)
    keeper.advance(c.StartTimer("a", 60.0))
    keeper.advance(c.Delay(45.0))
    assert keeper.advance(c.AwaitTimers(("a",))) == (45.0, 60.0)
    assert keeper.waited_s == 15.0
    keeper.advance(c.StartTimer("a", 60.0))
    keeper.advance(c.Delay(70.0))
    assert keeper.advance(c.AwaitTimers(("a",))) == (130.0, 130.0)


def test_setting_a_temperature_is_instant_and_waiting_is_not() -> None:
    keeper = Timekeeper(OT2, modules={"cold": "temperatureModuleV2"})
    assert keeper.advance(c.SetTemperature("cold", 4.0)) == (0.0, 0.0)
    keeper.advance(c.Delay(100.0))
    assert keeper.advance(c.AwaitTemperature("cold", 4.0))[1] == pytest.approx(240.0)
    assert keeper.advance(c.AwaitTemperature("cold", 4.0))[1] == pytest.approx(240.0)


def test_operators_shakers_tips() -> None:
    keeper = Timekeeper(OT2, operator_s=300.0)
    assert keeper.advance(c.Pause("[x] do"))[1] == 300.0
    assert keeper.advance(c.Shake("s", 500))[1] == 300.0 + OT2.shake_up_s
    assert Timekeeper(OT2).advance(c.Pause("[x] do"))[1] == OT2.operator_s
    at_rest = c.Point(0.0, 0.0, OT2.travel_mm)
    assert Timekeeper(OT2).advance(c.PickUpTip("left", HERE, at_rest))[1] == 4.0
    assert Timekeeper(OT2).advance(c.DropTip("left", None, at_rest))[1] == 10.0


@given(st.floats(0.1, 1000.0), st.floats(0.1, 1000.0))
def test_a_longer_way_takes_longer(one: float, other: float) -> None:
    short, long = sorted((one, other))
    assert OT2.across_s(short) <= OT2.across_s(long)
    slow = replace(OT2, travel_mm_s=100.0)
    assert slow.across_s(long) >= OT2.across_s(long)


def test_the_next_script_starts_with_the_arm_at_home() -> None:
    keeper = Timekeeper(OT2, travel_mm=100.0)
    keeper.advance(c.Aspirate("left", HERE, c.Point(0.0, 0.0, 10.0), 1.0, 100.0, 40.0))
    keeper.next_script()
    start, end = keeper.advance(c.MoveTo("left", THERE, c.Point(90.0, 0.0, 40.0), 1.0, None))
    assert end - start == pytest.approx(OT2.up_down_s(60.0))


def test_a_module_that_an_earlier_script_left_on_is_there_at_once() -> None:
    keeper = Timekeeper(OT2, modules={"cold": "temperatureModuleV2"}, celsius={"cold": 4.0})
    keeper.advance(c.SetTemperature("cold", 4.0))
    assert keeper.advance(c.AwaitTemperature("cold", 4.0)) == (0.0, 0.0)
