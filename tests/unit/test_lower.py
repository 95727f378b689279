"""Steps to operations: pipettes, drops, places, caps, and what the operator is asked."""

import pytest

from compiler.passes.lower import numbers
from compiler.passes.lower.pipetting import Instrument, capacity_ul, handling
from compiler.stages.operations import (
    Agitate,
    Ask,
    Deliver,
    DeliverDrops,
    DrawPhase,
    Hold,
    Operations,
    Split,
    Stand,
    Temperature,
)
from compiler.target.pipettes import load_pipette
from tests.unit.lowering import lowered


def only(operations: Operations, kind: type, step: str) -> list:  # type: ignore[type-arg]  # any
    return [o for o in operations.operations if isinstance(o, kind) and o.step == step]


# --- additions ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bench", "volume", "mount", "strokes"),
    [
        ("ot2", 10, "left", (10,)),  # P20
        ("ot2", 19, "right", None),  # more than a P20's tip may hold: two strokes
        ("ot2", 200, "right", (200,)),  # P300
        ("ot2", 500, "right", (166.667,) * 3),
        ("flex", 10, "left", (10,)),
        ("flex", 500, "right", (500,)),
    ],
)
def test_the_pipette_with_the_fewest_strokes_then_the_smaller(
    bench: str, volume: float, mount: str, strokes: tuple[float, ...] | None
) -> None:
    made, findings = lowered(f"- add: {{material: DMF, to: reactor, amount: {volume} µL}}", bench)
    assert not findings
    (deliver,) = only(made, Deliver, "add-2")
    assert isinstance(deliver, Deliver)
    if strokes is None:
        assert deliver.pipette == "left"
        assert deliver.stroke_ul["r1"] == pytest.approx((9.5, 9.5))
    else:
        assert deliver.pipette == mount
        assert deliver.stroke_ul["r1"] == pytest.approx(strokes, rel=1e-4)


def test_a_small_plunger_behind_a_large_tip() -> None:
    """A P50 GEN1 in 300 µL tips: the tip's air gap, the plunger's volume and flow."""
    pipette = load_pipette("p50_single")
    p50 = Instrument("left", pipette, pipette.tip_racks[0], 300.0)
    how = handling("volatile", p50)
    assert (how.aspirate_ul_s, how.dispense_ul_s, how.air_gap_ul) == (25, 50, 15)
    assert capacity_ul(p50, how) == 35  # and not 70 % of 50 µL less the gap
    p300 = load_pipette("p300_single_gen2")
    large = handling("volatile", Instrument("right", p300, p300.tip_racks[0], 300.0))
    assert (large.aspirate_ul_s, large.dispense_ul_s, large.air_gap_ul) == (40, 80, 15)


def test_a_volume_below_every_minimum_is_refused() -> None:
    _, findings = lowered("- add: {material: DMF, to: reactor, amount: 0.5 µL}", "ot2")
    assert [f.code for f in findings] == ["P-PIP-1"]
    assert "0.500 µL" in findings[0].message
    assert "1.00 µL" in findings[0].message


def test_small_volumes_are_touched_off_and_large_ones_fall() -> None:
    made, _ = lowered(
        "- add: {material: DMF, to: reactor, amount: 6 µL}\n"
        "- add: {material: DMF, to: reactor, amount: 60 µL}"
    )
    assert only(made, Deliver, "add-2")[0].handling.touch_off
    assert not only(made, Deliver, "add-3")[0].handling.touch_off


def dropped(made: Operations) -> DeliverDrops:
    (drops,) = only(made, DeliverDrops, "add-2")
    assert isinstance(drops, DeliverDrops)
    return drops


def halide(drop: str, bench: str = "ot2", *, over: str = "30 min") -> DeliverDrops:
    """100 µL of 1 M BnBr in MeCN, whose drops fall freely from 7.7 µL; `drop` as in YAML."""
    made, findings = lowered(
        "- add: {material: halide, to: reactor, amount: 1 equiv,"
        f" dropwise: {{over: {over}{drop}}}}}",
        bench,
    )
    assert [f for f in findings if f.severity.value == "error"] == []
    return dropped(made)


@pytest.mark.parametrize(
    ("bench", "drop", "count", "interval_s"),
    [
        ("ot2", "1 µL", 100, 18.0),  # the worked reference: 100 µL over 30 min with a P20
        ("ot2", "2 µL", 50, 36.0),
        ("ot2", "5 µL", 20, 90.0),
        ("flex", "5 µL", 20, 90.0),  # and with a Flex 50
    ],
)
def test_small_drops_are_touched_off(bench: str, drop: str, count: int, interval_s: float) -> None:
    drops = halide(f", drop: {drop}", bench)
    assert drops.drops.count == count
    assert drops.drops.interval_s == pytest.approx(interval_s)
    assert drops.drops.drop_ul["r1"] * count == pytest.approx(100)
    assert drops.handling.touch_off
    assert drops.pipette == "left"  # the P20, the Flex 50


@pytest.mark.parametrize("bench", ["ot2", "flex"])
@pytest.mark.parametrize(
    ("drop", "count"),
    [
        ("", 12),  # 12 x 8.33 uL fall, 13 x 7.69 uL would not
        (", drop: 20 µL", 12),
        (", drop: 10 µL", 12),
        (", drop: 8 µL", None),  # 12 drops are too large for that, 13 too small to fall
    ],
)
def test_drops_that_fall_come_first(bench: str, drop: str, count: int | None) -> None:
    made = halide(drop, bench)
    assert made.handling.touch_off == (count is None)
    assert made.drops.count == (20 if count is None else count)
    assert made.drops.per_fill == 1 or count is None


@pytest.mark.parametrize(
    ("bench", "per_fill"),
    [
        ("ot2", 2),  # 70 % of 20 uL: 14 uL
        ("flex", 7),  # 70 % of 50 uL: 35 uL
    ],
)
def test_a_tip_that_touches_is_filled_for_as_many_drops_as_it_holds(
    bench: str, per_fill: int
) -> None:
    assert halide(", drop: 5 µL", bench).drops.per_fill == per_fill


def test_aqueous_drops_of_25_microlitres_fall() -> None:
    made, _ = lowered(
        "- add: {material: water, to: reactor, amount: 500 µL, dropwise: {over: 10 min}}",
        solvent="MeCN",
    )
    drops = dropped(made)
    assert (drops.drops.count, drops.drops.drop_ul["r1"]) == (20, pytest.approx(25))
    assert not drops.handling.touch_off
    assert drops.drops.stir_by == "shaker"


def test_what_is_too_little_for_ten_falling_drops_is_touched_off() -> None:
    """12.7 µL of DMF (free drop 8 µL): no single drop, but 12 of 1.06 µL from one filled tip."""
    made, _ = lowered(
        "- add: {material: DMF, to: reactor, amount: 12.7 µL, dropwise: {over: 6 min}}", "ot2"
    )
    drops = dropped(made)
    assert (drops.drops.count, drops.drops.per_fill) == (12, 12)


def test_time_for_mixing_by_pipette_is_kept_free() -> None:
    """Cold, so mixed by pipette: fewer drops than on the shaker, each with time for it."""
    made, _ = lowered(
        "- add: {material: water, to: reactor, amount: 500 µL, at: 0 ± 4 °C,"
        " dropwise: {over: 10 min}}",
        "ot2",
        solvent="MeCN",
    )
    drops = dropped(made)
    assert drops.drops.stir_by == "pipette"
    assert drops.drops.interval_s > 50


def test_mixing_stays_in_the_liquid_from_the_first_time_on() -> None:
    """200 µL in the vial, 500 µL to come: the stroke and the tip suit what is there by then."""
    made, _ = lowered(
        "- add: {material: water, to: reactor, amount: 500 µL,"
        " dropwise: {over: 2 h, mix every: 2}}",
        "ot2",
        solvent="MeCN",
    )
    drops = dropped(made)
    assert drops.mix is not None
    first_ul = 200 + 2 * drops.drops.drop_ul["r1"]
    assert drops.mix.stroke_ul["r1"] <= first_ul / 2
    assert drops.mix.height_mm["r1"] == pytest.approx(first_ul / 78.54 / 2, rel=0.02)


def test_a_rate_gives_the_same_drops_as_the_time() -> None:
    by_rate, _ = lowered(
        "- add: {material: halide, to: reactor, amount: 1 equiv, dropwise: {rate: 3.3333 µL/min}}"
    )
    (drops,) = only(by_rate, DeliverDrops, "add-2")
    assert drops.drops.count * drops.drops.interval_s == pytest.approx(1800, rel=1e-3)


def test_mixing_every_n_drops_is_by_pipette() -> None:
    made, _ = lowered(
        "- add: {material: halide, to: reactor, amount: 1 equiv,"
        " dropwise: {over: 30 min, mix every: 5}}"
    )
    (drops,) = only(made, DeliverDrops, "add-2")
    assert (drops.drops.stir_by, drops.drops.mix_every) == ("pipette", 5)
    assert drops.mix is not None


def test_solids_are_the_operators_portion_by_portion() -> None:
    made, _ = lowered(
        "- add: {material: base, to: reactor, amount: 27.6 mg,"
        " portionwise: {portions: 2, every: 5 min}}"
    )
    asks = only(made, Ask, "add-2")
    holds = only(made, Hold, "add-2")
    assert [task.portion for ask in asks for task in ask.tasks] == [1, 2]
    assert [hold.seconds for hold in holds] == [300]
    assert "13.8 mg" in asks[0].tasks[0].text


# --- time and temperature -------------------------------------------------------------------


def test_stirring_at_room_temperature_is_on_the_shaker() -> None:
    made, _ = lowered("- stir: {vessel: reactor, for: 10 min, at: rt}")
    kinds = [type(o) for o in made.operations if o.step == "stir-2"]
    assert kinds == [Stand, Agitate, Hold, Agitate]
    assert only(made, Agitate, "stir-2")[0].rpm > 0
    assert only(made, Agitate, "stir-2")[1].rpm == 0


def test_hot_stirring_heats_the_shaker_and_cools_off_afterwards() -> None:
    made, _ = lowered(
        "- stir: {vessel: reactor, for: 10 min, at: 60 °C}\n- stir: {vessel: reactor, for: 1 min}"
    )
    (hot,) = only(made, Temperature, "stir-2")
    (off,) = only(made, Temperature, "stir-3")
    assert (hot.module, hot.celsius, off.celsius) == ("shaker", 60.0, None)


def test_cold_stirring_is_by_pipette_on_the_cold_module() -> None:
    made, findings = lowered("- stir: {vessel: reactor, for: 20 min, at: 0 ± 4 °C}")
    (cold,) = only(made, Temperature, "stir-2")
    (hold,) = only(made, Hold, "stir-2")
    assert (cold.module, cold.celsius) == ("cold", 4.0)
    assert hold.mix is not None
    assert [f.code for f in findings] == ["P-STIR-COLD"]
    assert any(a.what == "temperature" and a.value == "4 °C" for a in made.assumptions)


def test_a_vessel_goes_back_to_its_last_setting() -> None:
    made, _ = lowered(
        "- cool: {vessel: reactor, to: 10 °C}\n"
        "- stir: {vessel: reactor, for: 1 min, at: 4 °C}\n"
        "- stir: {vessel: reactor, for: 1 min}"
    )
    set_points = [o.celsius for o in made.operations if isinstance(o, Temperature)]
    assert set_points == [10.0, 4.0, 10.0]


def test_an_ice_bath_is_the_operators_when_no_pipette_reaches_in() -> None:
    made, findings = lowered("- stir: {vessel: reactor, for: 5 min, at: 0 °C}")
    assert not findings
    (ask,) = only(made, Ask, "stir-2")
    assert "ice bath" in ask.tasks[0].text


@pytest.mark.parametrize(
    ("steps", "code"),
    [
        ("- stir: {vessel: reactor, for: 5 min, at: −20 °C}", "P-T-MIN"),
        ("- stir: {vessel: reactor, for: 5 min, at: 120 °C}", "P-T-MAX"),
        (
            "- cool: {vessel: reactor, to: 0 °C, tolerance: 1 K}\n"
            "- add: {material: DMF, to: reactor, amount: 100 µL}",
            "P-T-MIN",
        ),
        ("- stir: {vessel: reactor, for: 5 min, speed: 100 rpm}", "P-SPEED"),
    ],
)
def test_what_no_module_does(steps: str, code: str) -> None:
    _, findings = lowered(steps)
    assert [f.code for f in findings] == [code]


def test_a_long_monitor_splits_the_script_and_a_short_one_does_not() -> None:
    long, noted = lowered("- monitor: {vessel: reactor, by: TLC, until: done, between: [5 h, 6 h]}")
    short, silent = lowered(
        "- monitor: {vessel: reactor, by: TLC, until: done, between: [3 h, 6 h]}"
    )
    assert [f.code for f in noted] == ["T-HOLD"]
    assert not silent
    assert [o.hold_s for o in long.operations if isinstance(o, Split)] == [18_000]
    assert not [o for o in short.operations if isinstance(o, Split)]
    assert [o.seconds for o in short.operations if isinstance(o, Hold)] == [10_800]


# --- caps and pauses ------------------------------------------------------------------------


def test_a_cap_goes_on_for_long_holds_only_and_comes_off_before_the_robot() -> None:
    made, _ = lowered(
        "- stir: {vessel: reactor, for: 20 min}\n"
        "- stir: {vessel: reactor, for: 1 h}\n"
        "- add: {material: DMF, to: reactor, amount: 100 µL}",
        vessel=", cap: vented",
    )
    tasks = [(o.step, t.closes) for o in made.operations if isinstance(o, Ask) for t in o.tasks]
    assert tasks == [("stir-3", True), ("add-4", False)]


def test_what_follows_without_robot_work_between_is_one_pause() -> None:
    made, _ = lowered(
        "- dry: {vessel: out, over: Na2SO4}\n- filter: {vessel: out, keep: filtrate}\n"
        "- concentrate: {vessel: out, to: dryness}"
    )
    asks = [o for o in made.operations if isinstance(o, Ask)]
    assert [[t.step for t in ask.tasks] for ask in asks] == [["dry-2", "filter-3", "concentrate-4"]]


# --- layers ---------------------------------------------------------------------------------


def test_a_wash_draws_the_other_layer_to_waste() -> None:
    made, _ = lowered(
        "- add: {material: DCM, to: reactor, amount: 500 µL}\n"
        "- wash: {vessel: reactor, with: water, volume: 5 mL/mmol, times: 2, keep: organic}",
        solvent="DCE",
    )
    draws = only(made, DrawPhase, "wash-3")
    assert [d.into for d in draws] == ["waste.aqueous", "waste.aqueous"]
    assert draws[0].draws[0].position == "upper"


def test_every_step_has_a_sentence() -> None:
    made, _ = lowered("- wait: {for: 5 min}\n- mix: {vessel: reactor}")
    assert all(text.text.endswith(".") for text in made.texts)


# --- numbers as a chemist writes them ---------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        (numbers.mass(10.597), "10.6 mg"),
        (numbers.mass(1250.0), "1.25 g"),
        (numbers.volume(12.692), "12.7 µL"),
        (numbers.volume(1321.46), "1321 µL"),
        (numbers.volume(12_000), "12.0 mL"),
        (numbers.amount(0.15), "0.150 mmol"),
        (numbers.amount(0.0225), "0.0225 mmol"),
        (numbers.duration(45), "45.0 s"),
        (numbers.duration(600), "10 min"),
        (numbers.duration(43_200), "12 h"),
        (numbers.duration(5_400), "1 h 30 min"),
        (numbers.temperature(-20), "−20 °C"),
        (numbers.spread([1.0, 1.0], numbers.volume), "1.00 µL"),
        (numbers.spread([2.0, 1.0], numbers.volume), "1.00 µL to 2.00 µL"),
    ],
)
def test_numbers(written: str, wanted: str) -> None:
    assert written == wanted
