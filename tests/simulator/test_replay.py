"""The replay against hand-worked numbers, and against the engine's own account of volumes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from compiler.target.commands import WellRef
from simulate.engine import run_engine
from simulate.ledger import Ledger
from simulate.liquids import Liquid, Parcel, layers
from simulate.plan_reader import read_plan
from simulate.replay import replay
from simulate.run import replay_chain
from simulate.trace import trace
from simulate.verify import operator_of, stocks_of
from simulate.wells import well_model
from tests.simulator import handwritten

DCM = Liquid("DCM", 1.3266, "immiscible")
ETHER = Liquid("Et2O", 0.7138, "immiscible")
WATER = Liquid("water", 0.998, "water")
METHANOL = Liquid("MeOH", 0.792, "miscible")
VIAL = WellRef("vial", "A1")
OTHER = WellRef("vial", "B1")

DRAWS = """
import json
requirements = {{"robotType": "Flex", "apiLevel": "2.22"}}
GLASS = json.loads({glass!r})

def run(protocol):
    protocol.load_trash_bin("A3")
    vial = protocol.load_labware_from_definition(GLASS, "D1", label="vial")
    rack = protocol.load_labware("opentrons_flex_96_tiprack_1000ul", "D3", label="tips")
    p = protocol.load_instrument("flex_1channel_1000", "left", tip_racks=[rack])
    p.pick_up_tip()
{body}
    p.drop_tip()
"""


def drawn(folder: Path, body: str, fill: dict[WellRef, Parcel]) -> Ledger:
    """Replay a few lines on a rack of flat 10.0 mm vials."""
    script = folder / "draws.py"
    glass = json.dumps(handwritten.glass("vial_2ml", 4, 6, 10.0, 30.0, 2000))
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    script.write_text(DRAWS.format(glass=glass, body=lines), encoding="utf-8")
    run = run_engine(script)
    assert run.errors == ()
    return replay(trace(run), fill=fill)


def took(ledger: Ledger) -> dict[str, float]:
    """µL of each kind of layer that reached another well."""
    found: dict[str, float] = {}
    for transfer in ledger.transfers:
        found[transfer.kind] = found.get(transfer.kind, 0.0) + transfer.volume_ul
    return found


TWO = {VIAL: Parcel({DCM: 500.0, WATER: 500.0})}  # interface 6.366 mm, top 12.732 mm


@pytest.mark.parametrize(
    ("height", "volume", "expected"),
    [
        (0.5, 400.0, {"organic": 400.0}),
        # 39.27 µL of DCM lie under the tip and stay: 460.73 can be had, the rest is water
        (0.5, 500.0, {"organic": 460.73, "aqueous": 39.27}),
        (6.0, 100.0, {"organic": 28.76, "aqueous": 71.24}),
        (6.5, 100.0, {"aqueous": 100.0}),
        # the surface comes down to the tip at 12.0 mm after 57.52 µL; then it draws air
        (12.0, 100.0, {"aqueous": 57.52}),
        (14.0, 100.0, {}),
    ],
)
def test_the_tips_height_decides_what_is_drawn(
    tmp_path: Path, height: float, volume: float, expected: dict[str, float]
) -> None:
    body = f"p.aspirate({volume}, vial['A1'].bottom({height}))\np.dispense({volume}, vial['B1'])"
    ledger = drawn(tmp_path, body, TWO)
    assert took(ledger) == pytest.approx(expected, abs=0.01)
    assert ledger.drawn[0].air_ul == pytest.approx(volume - sum(expected.values()), abs=0.01)
    assert ledger.drawn[0].interface_mm == pytest.approx(6.366, abs=0.001)
    assert ledger.drawn[0].top_mm == pytest.approx(12.732, abs=0.001)


def test_what_was_drawn_last_leaves_first(tmp_path: Path) -> None:
    body = (
        "p.aspirate(100, vial['A1'].bottom(0.5))\np.air_gap(20)\n"
        "p.aspirate(50, vial['C1'].bottom(0.5))\n"
        "p.dispense(70, vial['B1'])\np.blow_out(vial['D1'])"
    )
    third = WellRef("vial", "C1")
    fill = {VIAL: Parcel({DCM: 500.0}), third: Parcel({WATER: 500.0})}
    ledger = drawn(tmp_path, body, fill)
    wells = ledger.state.wells
    assert wells[OTHER].contents.liquids == pytest.approx({WATER: 50.0})
    assert wells[WellRef("vial", "D1")].contents.liquids == pytest.approx({DCM: 100.0})
    assert wells[VIAL].contents.volume_ul == pytest.approx(400.0)


def test_mixing_moves_nothing_and_a_dropped_tip_takes_its_rest_along(tmp_path: Path) -> None:
    body = "p.mix(3, 200, vial['A1'].bottom(2))\np.aspirate(30, vial['A1'].bottom(0.5))"
    ledger = drawn(tmp_path, body, {VIAL: Parcel({DCM: 500.0})})
    assert [t.is_mixing for t in ledger.transfers] == [True, True, True, False]
    assert ledger.transfers[-1].into is None
    assert ledger.state.wells[VIAL].contents.volume_ul == pytest.approx(470.0)
    assert ledger.state.wells[VIAL].highest_ul == pytest.approx(500.0)


def test_too_much_in_a_well_is_noted(tmp_path: Path) -> None:
    body = "for _ in range(3):\n        p.transfer(800, vial['A1'], vial['B1'], new_tip='never')"
    ledger = drawn(tmp_path, body, {VIAL: Parcel({DCM: 9000.0})})
    stamp, well, volume, capacity = ledger.overfilled[-1]
    assert (well, capacity) == (OTHER, 2000.0)
    assert volume == pytest.approx(2400.0)
    assert stamp.line is not None


def test_layers_lie_by_density() -> None:
    below = layers(Parcel({DCM: 300.0, WATER: 100.0}))
    assert [(layer.kind, layer.position) for layer in below] == [
        ("organic", "lower"),
        ("aqueous", "upper"),
    ]
    above = layers(Parcel({ETHER: 300.0, WATER: 100.0, METHANOL: 50.0}))
    assert [(layer.kind, round(layer.volume_ul)) for layer in above] == [
        ("aqueous", 150),
        ("organic", 300),
    ]
    assert [layer.kind for layer in layers(Parcel({DCM: 300.0, METHANOL: 100.0}))] == ["single"]
    assert layers(Parcel()) == ()


def test_heights_of_the_worked_reference() -> None:
    model = well_model(handwritten.glass("vial", 4, 6, 10.0, 30.0, 2000), "A1")
    assert model.height_mm(900.0) == pytest.approx(11.459, abs=0.0005)
    assert model.height_mm(1400.0) == pytest.approx(17.825, abs=0.0005)
    assert model.height_mm(590.0) == pytest.approx(7.512, abs=0.0005)
    assert model.capacity_ul == 2000.0
    assert model.volume_ul(-1.0) == 0.0
    assert model.height_mm(1e9) == 30.0


@pytest.mark.parametrize("robot", ["Flex", "OT-2"])
def test_the_engines_own_volumes_agree(tmp_path: Path, robot: str) -> None:
    """A second oracle: what the engine thinks is left in the stocks that it was told of."""
    declared = "\n".join(
        f'    stocks.load_liquid(["{well}"], {ul}, protocol.define_liquid("{name}"))'
        for name, (well, ul, _, _) in handwritten.MATERIALS.items()
    )
    empty = '    reactors.load_empty(["A1", "B1"])\n    vials.load_empty(["A1", "B1"])\n'
    latch = "    shaker.close_labware_latch()\n"
    edit = (latch, f"{declared}\n{empty}{latch}")
    handwritten.write(tmp_path, robot, 1, edit)
    plan = read_plan(handwritten.plan(robot))
    traced = trace(run_engine(tmp_path / "run.py"))
    (ledger,) = replay_chain([(1, traced)], operator=operator_of(plan), fill=stocks_of(plan))
    assert len(traced.loaded_ul) == 8
    for well, volume in traced.loaded_ul.items():
        assert ledger.state.wells[well].contents.volume_ul == pytest.approx(volume, abs=0.01), well
