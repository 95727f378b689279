"""The deck: wells, stocks with dead volume, waste, slots. Both robots; deterministic."""

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.diagnostics.finding import Finding
from compiler.passes import _slots
from compiler.passes._stocks import filled_ul
from compiler.passes.place import place
from compiler.stages.documents import Bench, BenchLabware
from compiler.stages.layout import Layout
from compiler.stages.operations import Operation
from compiler.target.commands import WellRef
from compiler.target.labware import load_labware
from compiler.target.modules import load_module
from tests.unit import decks, plates
from tests.unit.decks import (
    EXTRACT,
    REACTOR,
    bench,
    deliver,
    draw,
    labware,
    operations,
    stand,
    vessel,
)


def amination(count: int = 1) -> tuple[Operation, ...]:
    """The charges and draws of the reductive amination at 0.1 mmol."""
    return (
        stand("shaker"),
        deliver("diazepane", 200, count=count),
        deliver("aldehyde", 200, count=count),
        deliver("bicarb", 500, count=count),
        deliver("DCM", 500, step="extract", count=count),
        deliver("DCM", 500, step="extract", count=count),
        draw("extract", 810, count=count),
    )


def laid(on: Bench, what: tuple[Operation, ...], count: int = 1) -> tuple[Layout, list[Finding]]:
    layout, findings = place(operations(on, what, REACTOR, EXTRACT, count=count))
    return layout, list(findings)


@pytest.mark.parametrize("robot", ["Flex", "OT-2"])
def test_the_reductive_amination_on_the_shipped_bench(robot: str) -> None:
    layout, findings = laid(bench(robot=robot), amination(2), 2)
    assert not findings
    assert layout.wells == {
        ("r1", "reactor"): WellRef("reactors", "A1"),
        ("r2", "reactor"): WellRef("reactors", "B1"),
        ("r1", "extract"): WellRef("vials", "A1"),
        ("r2", "extract"): WellRef("vials", "B1"),
    }
    assert [s.material for s in layout.stocks] == ["diazepane", "aldehyde", "bicarb", "DCM"]
    assert [str(s.well) for s in layout.stocks] == [f"stocks/{w}" for w in ("A1", "B1", "C1", "A2")]
    assert layout.source["extract", "r2"] == layout.stocks[3].well
    placed = {p.label: p for p in layout.placed}
    assert set(placed) == {"reactors", "vials", "stocks"}  # nothing in the 20 mL rack or the waste
    assert placed["reactors"].on == "shaker"
    assert placed["reactors"].slot == {m.label: m.slot for m in layout.modules}["shaker"]
    assert [m.label for m in layout.modules] == ["shaker"]  # nothing is cooled
    assert layout.trash == ("A3" if robot == "Flex" else None)
    assert layout.api_level == "2.27"
    slots = [
        *(p.slot for p in layout.placed),
        *layout.free_slots,
        *([layout.trash] if layout.trash else []),
    ]
    assert sorted(slots) == sorted(_slots.ORDER[robot])
    assert layout.mounted["right"].tip_volume_ul == (1000 if robot == "Flex" else 300)


def test_dead_volume_is_the_larger_of_a_share_and_a_slice() -> None:
    well = load_labware("nest_96_wellplate_2ml_deep").wells["A1"]
    vial = decks.operations(bench(), amination()).ledger.house.labware["stocks"].wells["A1"]
    # 200 µL and a slice of 2 mm in a vial of 15 mm: 353.4 µL, so 560 µL rounded up.
    assert filled_ul(200, vial) == 560
    # 5 % of 10 mL is more than the slice.
    assert filled_ul(10_000, vial) == 10_500
    # The slice of a tapering well is its own: 3.14 of the pyramid and 0.33 mm of straight wall.
    assert filled_ul(100, well) == pytest.approx(100 + well.shape.volume_ul(2.0), abs=10)
    layout, _ = laid(bench(), amination())
    amine = layout.stocks[0]
    assert (amine.volume_ul, amine.dead_ul) == (560, 360)
    assert layout.source_mm == 1.0
    assert [a.what for a in layout.assumptions] == ["dead volume of stocks"]


def test_the_smallest_well_that_is_large_enough() -> None:
    layout, findings = laid(bench(), amination(12), 12)
    assert not findings
    where = {stock.material: stock.well.labware for stock in layout.stocks}
    assert where["diazepane"] == "stocks"  # 2400 µL
    assert where["bicarb"] == "stocks"  # 6000 µL and 353 in 6400
    assert where["DCM"] == "solvents"  # 12 mL


def test_several_wells_when_one_is_not_enough() -> None:
    many = (stand("shaker"), deliver("DCM", 1500, count=24))
    layout, findings = laid(bench(), many, 24)
    assert not findings
    dcm = [stock for stock in layout.stocks if stock.material == "DCM"]
    assert [stock.well.labware for stock in dcm] == ["solvents"] * 3
    assert sum(s.volume_ul - s.dead_ul for s in dcm) == pytest.approx(24 * 1500)
    for stock in dcm:
        served = [key for key, well in layout.source.items() if well == stock.well]
        assert len(served) * 1500 == pytest.approx(stock.volume_ul - stock.dead_ul)
        assert stock.volume_ul <= 0.8 * 20_000
    assert set(layout.source) == {("DCM", f"r{n}") for n in range(1, 25)}


def test_a_stock_that_fits_nowhere() -> None:
    layout, findings = laid(bench(), (deliver("DCM", 10_000, count=24),), 24)
    assert [f.code for f in findings] == ["P-DEAD-1"]
    assert "240000 µL of DCM are drawn; with dead volume 252000 µL" in findings[0].message
    assert "takes 16000 µL (80 % of 20000)" in findings[0].message
    assert not layout.stocks


def test_organic_stocks_do_not_go_into_plastic() -> None:
    plate = labware("plate", load="nest_12_reservoir_15ml", holds=("stocks",))
    what = (deliver("DCM", 500), deliver("water", 500))
    layout, findings = place(operations(bench([decks.REACTORS, plate]), what, REACTOR))
    assert not findings
    where = {stock.material: stock.well.labware for stock in layout.stocks}
    assert where == {"DCM": "stocks_glass_8ml_12", "water": "plate"}
    assert "stocks_glass_8ml_12" in {p.label for p in layout.placed}
    assert "labware added" in {a.what for a in layout.assumptions}


def test_stocks_take_what_is_left_where_the_bench_has_no_rack_for_them() -> None:
    layout, findings = laid(bench([decks.REACTORS, decks.VIALS]), amination())
    assert not findings
    assert {stock.well.labware for stock in layout.stocks} == {"vials"}
    taken = [*layout.wells.values(), *(stock.well for stock in layout.stocks)]
    assert len(set(taken)) == len(taken)


def test_a_mixture_is_made_up_as_one_stock() -> None:
    from dataclasses import replace

    from compiler.stages.documents import Mixture
    from tests.unit.handbuilt import SPAN, charges, extract
    from tests.unit.handbuilt import vessel as plain

    step = replace(extract("extract", "DCM"), with_=Mixture({"DCM": 0.9, "MeOH": 0.1}, SPAN))
    made = operations(bench(), (deliver("DCM/MeOH 9:1", 500, step="extract"),))
    charged = charges((step,), (), vessels={"reactor": plain("reactor")})
    layout, findings = place(replace(made, ledger=replace(made.ledger, charges=charged)))
    assert not findings
    (stock,) = layout.stocks
    assert [liquid.fraction for liquid in stock.supplied.liquids] == [0.9, 0.1]
    assert stock.supplied.density_g_ml == pytest.approx(0.9 * 1.3266 + 0.1 * 0.7914)


def test_more_vessels_than_wells() -> None:
    layout, findings = laid(bench(), amination(30), 30)
    wells = [f for f in findings if f.code == "P-WELLS"]
    assert len(wells) == 1  # the vials go on in a second and a third rack of their kind
    assert wells[0].message == (
        "30 wells are needed for reactor in 30 reactions, and reactors (glass_24_vial_2ml) has 24"
    )
    assert wells[0].span == decks.REACTORS.spans.at("holds")
    assert ("r24", "reactor") in layout.wells
    assert ("r25", "reactor") not in layout.wells


def test_a_shared_vessel_has_one_well() -> None:
    premix = vessel("premix", least=4000, shared=True)
    what = (*amination(3), draw("premix", 10, count=3))
    layout, findings = place(operations(bench(), what, REACTOR, EXTRACT, premix, count=3))
    assert not findings
    assert {layout.wells[f"r{n}", "premix"] for n in (1, 2, 3)} == {WellRef("vials", "A2")}


def test_vessels_that_no_operation_touches_take_no_well() -> None:
    layout, _ = place(operations(bench(), amination(), REACTOR, EXTRACT, vessel("out", least=100)))
    assert ("r1", "out") not in layout.wells


# --- waste ----------------------------------------------------------------------------------


def test_waste_goes_where_the_bench_says() -> None:
    layout, findings = laid(bench(), (*amination(), draw("waste.aqueous", 500)))
    assert not findings
    assert layout.waste == {"aqueous": WellRef("waste", "A1")}
    assert "waste" in {p.label for p in layout.placed}


def test_waste_that_no_entry_holds_takes_a_free_well() -> None:
    layout, findings = laid(bench(), (*amination(), draw("waste.organic", 500)))
    assert not findings
    assert layout.waste["organic"] not in layout.wells.values()
    assert layout.waste["organic"].labware in ("vials", "stocks", "solvents")
    assert "organic waste" in {a.what for a in layout.assumptions}


def test_one_reservoir_may_hold_both_kinds_of_waste() -> None:
    both = labware("w", load="nest_1_reservoir_195ml", holds=("waste.organic", "waste.aqueous"))
    what = (*amination(), draw("waste.organic", 500), draw("waste.aqueous", 500))
    layout, findings = laid(bench([*decks.USUAL[:4], both]), what)
    assert not findings
    assert set(layout.waste.values()) == {WellRef("w", "A1")}


def test_waste_that_overflows() -> None:
    small = labware("w", definition="../labware/glass-2ml-24.json", holds=("waste.organic",))
    _, findings = laid(bench([*decks.USUAL, small]), (draw("waste.organic", 900, count=2),), 2)
    assert [f.code for f in findings] == ["P-CAP-1"]
    assert "1800 µL of organic waste in w/A1, which takes 1600 µL" in findings[0].message


# --- slots ----------------------------------------------------------------------------------


def test_modules_stand_only_where_something_uses_them() -> None:
    layout, _ = laid(bench(), (*amination(), stand("cold")))
    assert {m.label for m in layout.modules} == {"cold", "shaker"}
    assert next(p for p in layout.placed if p.label == "reactors").on == "shaker"


def test_without_a_stand_labware_starts_on_the_first_module_of_its_entry() -> None:
    layout, _ = laid(bench(), amination()[1:])
    assert next(p for p in layout.placed if p.label == "reactors").on == "shaker"


def test_adapters_are_named() -> None:
    plate = labware("plate", load="nest_96_wellplate_2ml_deep", holds=("reactor",), on=("cold",))
    layout, findings = laid(bench([plate, *decks.USUAL[1:]]), (stand("cold"), *amination()[1:]))
    assert not findings
    placed = next(p for p in layout.placed if p.label == "plate")
    assert placed.adapter == "opentrons_96_deep_well_temp_mod_adapter"


def test_slots_that_the_bench_names_are_kept_and_the_trash_moves_away() -> None:
    entries = [
        decks.REACTORS,
        labware("vials", definition="../labware/glass-8ml-12.json", holds=("extract",), slot="A3"),
        decks.STOCKS,
    ]
    layout, findings = laid(bench(entries, slots={"shaker": "C1", "cold": "D3"}), amination())
    assert not findings
    assert {m.label: m.slot for m in layout.modules} == {"shaker": "C1", "cold": "D3"}
    assert next(p for p in layout.placed if p.label == "vials").slot == "A3"
    assert layout.trash == "B3"


@pytest.mark.parametrize(
    ("slots", "words"),
    [
        ({"shaker": "5"}, "may stand in 1, 3, 4, 6, 7, 10 on an OT-2"),
        ({"shaker": "12"}, "(12 is its trash)"),
        ({"shaker": "D1"}, "the deck of an OT-2 has 1, 2, 3"),
        ({"shaker": "1", "cold": "1"}, "shaker can't stand in slot 1: cold is in 1"),
        ({"shaker": "1", "cold": "4"}, "no module stands beside a heater-shaker, and"),
    ],
)
def test_slots_that_do_not_work(slots: dict[str, str], words: str) -> None:
    _, findings = laid(bench(robot="OT-2", slots=slots), amination())
    assert [f.code for f in findings] == ["P-SLOT"]
    assert words in findings[0].message


def test_nothing_high_stands_beside_a_shaker_on_an_ot2() -> None:
    racks = [
        labware(f"rack{n}", definition="../labware/glass-8ml-12.json", holds=(f"v{n}",))
        for n in range(9)
    ]
    vessels = [vessel(f"v{n}", least=4000) for n in range(9)]
    what = (stand("shaker"), *(draw(v.name, 100) for v in vessels))
    layout, findings = place(
        operations(bench([decks.REACTORS, *racks], robot="OT-2"), what, REACTOR, *vessels)
    )
    assert not findings
    assert "2" not in {p.slot for p in layout.placed}
    assert layout.free_slots == ("2",)  # for racks of 20 and 300 µL tips, which are narrow
    big = bench([decks.REACTORS, *racks], robot="OT-2", pipettes={"left": "p1000_single_gen2"})
    layout, _ = place(operations(big, what, REACTOR, *vessels))
    assert layout.free_slots == ()
    more = [*racks, labware("rack9", definition="../labware/glass-8ml-12.json", holds=("v9",))]
    what = (*what, draw("v9", 100))
    _, full = place(
        operations(
            bench([decks.REACTORS, *more], robot="OT-2"),
            what,
            REACTOR,
            *vessels,
            vessel("v9", least=4000),
        )
    )
    assert [f.code for f in full] == ["P-DECK"]
    assert "no place is left for rack9 (57 mm high)" in full[0].message


def test_a_full_deck_is_told_with_the_numbers() -> None:
    racks = [
        labware(f"rack{n}", load="nest_12_reservoir_15ml", holds=(f"v{n}",)) for n in range(12)
    ]
    vessels = [vessel(f"v{n}") for n in range(12)]
    what = (stand("shaker"), *(draw(v.name, 100) for v in vessels))
    for robot, places in (("OT-2", 11), ("Flex", 11)):
        _, findings = place(
            operations(bench([decks.REACTORS, *racks], robot=robot), what, REACTOR, *vessels)
        )
        assert [f.code for f in findings] == ["P-DECK"]
        assert findings[0].message.startswith("13 places are needed (shaker, rack0")
        assert f"has {places}; no place is left for rack10, rack11" in findings[0].message


def test_a_thermocycler_covers_its_slots() -> None:
    layout, findings = laid(
        bench(modules={"pcr": "thermocyclerModuleV2"}, slots={"pcr": "B1"}), amination()[1:]
    )
    assert not findings
    assert "A1" not in layout.free_slots
    assert [m.slot for m in layout.modules] == ["B1"]
    assert load_module("thermocyclerModuleV2").occupies["Flex"] == ("A1",)


def test_neighbours() -> None:
    assert set(_slots.neighbours("5")) == {"2", "4", "6", "8"}
    assert set(_slots.neighbours("1")) == {"2", "4"}
    assert set(_slots.beside("D1")) == {"D2"}
    assert set(_slots.neighbours("C2")) == {"C1", "C3", "B2", "D2"}


def test_no_bench_no_deck() -> None:
    from dataclasses import replace

    made = operations(bench(), amination())
    bare = replace(made.ledger, house=replace(made.ledger.house, bench=None))
    with pytest.raises(ValueError, match="bench"):
        place(replace(made, ledger=bare))


def test_the_same_input_gives_the_same_deck() -> None:
    first, second = laid(bench(), amination(6), 6), laid(bench(), amination(6), 6)
    assert repr(first) == repr(second)


@settings(max_examples=40, deadline=None)
@given(
    count=st.integers(1, 24),
    volumes=st.lists(st.floats(1, 1500), min_size=1, max_size=6),
    robot=st.sampled_from(["Flex", "OT-2"]),
)
def test_a_layout_without_findings_is_consistent(
    count: int, volumes: list[float], robot: str
) -> None:
    materials = ["DCM", "DCE", "water", "bicarb", "diazepane", "Et2O"]
    what = [
        deliver(material, volume, count=count)
        for material, volume in zip(materials, volumes, strict=False)
    ]
    layout, findings = laid(bench(robot=robot), (stand("shaker"), *what), count)
    assert not [f for f in findings if f.code != "P-DEAD-1"]
    used = [*layout.wells.values(), *(stock.well for stock in layout.stocks)]
    assert len(set(used)) == len(used)
    on_deck = {p.label: p.labware for p in layout.placed}
    for stock in layout.stocks:
        well = on_deck[stock.well.labware].wells[stock.well.well]
        drawn = sum(
            operation.volume_ul[reaction]
            for operation in what
            for reaction in operation.volume_ul
            if layout.source.get((operation.step, reaction)) == stock.well
        )
        assert stock.volume_ul == pytest.approx(drawn + stock.dead_ul)
        assert stock.volume_ul <= 0.8 * well.capacity_ul
        assert well.shape.height_mm(stock.dead_ul) >= 2.0 - 1e-9
    slots = [p.slot for p in layout.placed]
    assert len(set(slots)) == len(slots)
    assert not set(slots) & set(layout.free_slots)


PLATE = labware("plate", load="nest_96_wellplate_2ml_deep", holds=("reactor",), on=("shaker",))


@pytest.mark.parametrize("robot", ["Flex", "OT-2"])
@pytest.mark.parametrize(
    ("entries", "modules"),
    [
        (decks.USUAL, ("cold", "shaker")),
        ((PLATE, *decks.USUAL[1:]), ("shaker", "cold")),
        (decks.USUAL, ("cold", "shaker", "pcr")),
    ],
)
def test_opentrons_accepts_the_deck(
    robot: str, entries: tuple[BenchLabware, ...], modules: tuple[str, ...]
) -> None:
    """Its deck-conflict rules judge too: everything placed, tip racks in all free slots."""
    from opentrons.simulate import simulate

    models = {
        "cold": "temperatureModuleV2",
        "shaker": "heaterShakerModuleV1",
        "pcr": "thermocyclerModuleV2",
    }
    on = bench(
        entries,
        robot=robot,
        modules={name: models[name] for name in modules},
        slots={"pcr": "B1" if robot == "Flex" else "7"},
    )
    what = (*amination(12), stand("cold"), draw("waste.aqueous", 500, count=12))
    layout, findings = laid(on, what, 12)
    assert not findings
    assert len(layout.modules) == len(modules)
    lines = [
        f'requirements = {{"robotType": {robot!r}, "apiLevel": {layout.api_level!r}}}',
        "def run(protocol):",
    ]
    if layout.trash is not None:
        lines.append(f"protocol.load_trash_bin({layout.trash!r})")
    for module in layout.modules:
        lines.append(
            f"{module.label} = protocol.load_module({module.module.model!r}, {module.slot!r})"
        )
    for placed in layout.placed:
        where = "protocol" if placed.on is None else placed.on
        slot = f", {placed.slot!r}" if placed.on is None else ""
        if placed.adapter is not None:
            where = f"{where}.load_adapter({placed.adapter!r})"
        rack = placed.labware
        if rack.custom:
            lines.append(f"{where}.load_labware_from_definition({dict(rack.definition)!r}{slot})")
        else:
            lines.append(f"{where}.load_labware({rack.load_name!r}{slot}, version={rack.version})")
    tips = layout.mounted["right"].tip_load_name
    lines += [f"protocol.load_labware({tips!r}, {slot!r})" for slot in layout.free_slots]
    script = "\n    ".join(lines[1:])
    simulate(io.StringIO(f"{lines[0]}\n{script}\n"), file_name="deck.py")


TWO_ON_ONE = """\
kind: procedure
version: 1
title: Two vessels, one shaker
scale: 0.05 mmol
materials:
  amine: {name: propylamine, smiles: CCCN, supplied: {solution: 0.50 M, in: DMF}, basis: true}
vessels:
  reactor: {size: 1 mL}
  premix: {at least: 1.5 mL, shared: true}
  second: {at least: 0.8 mL}
steps:
  - {id: premix, add: {material: amine, to: premix, amount: 1 equiv}}
  - {id: amine, add: {material: amine, to: reactor, amount: 1 equiv}}
  - {id: shaken, stir: {vessel: reactor, for: 30 min}}
  - {id: moved, transfer: {from: reactor, to: second, volume: all}}
  - {id: again, stir: {vessel: second, for: 30 min}}
"""


@pytest.mark.parametrize("entry", ["flex-single", "ot2-single"])
def test_nothing_is_put_onto_a_module_that_is_taken(tmp_path: Path, entry: str) -> None:
    """The script would raise that the shaker is occupied."""
    library = "kind: library\nversion: 1\nreplicates: 1\n"
    made = plates.compiled(tmp_path, TWO_ON_ONE, library, entry)
    assert made.scripts == ()
    (told,) = [f for f in made.findings if f.code == "P-LABWARE"]
    assert told.step == "again"
    assert "has to stand on shaker at again, and reactors stands there" in told.message
