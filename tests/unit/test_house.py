"""Which labware a vessel is: `holds` first, then size and material; what is wrong with a bench."""

import json
from pathlib import Path

import pytest

from compiler.diagnostics.finding import Finding
from compiler.passes.house import house
from compiler.stages.documents import Bench, Vessel
from compiler.stages.vessels import House
from tests.unit import decks
from tests.unit.decks import EXTRACT, REACTOR, bench, charges, labware, vessel
from tests.unit.handbuilt import charge


def housed(on: Bench | None, *vessels: Vessel, count: int = 1) -> tuple[House, list[Finding]]:
    used = (charge("amine", "diazepane", 200.0), charge("dcm", "DCM", 500.0))
    house_, findings = house(charges(*vessels, given=used, reactions=count), on)
    return house_, list(findings)


def only(findings: list[Finding], code: str) -> Finding:
    assert [finding.code for finding in findings] == [code], findings
    return findings[0]


# --- choosing -------------------------------------------------------------------------------


def test_the_bench_that_ships_holds_its_vessels() -> None:
    found, findings = housed(bench(), REACTOR, EXTRACT)
    assert not findings
    reactor, extract = found.housings["reactor"], found.housings["extract"]
    assert (reactor.entry, reactor.capacity_ul, reactor.material) == ("reactors", 2000, "glass")
    assert reactor.positions == ("shaker", "cold")
    assert (extract.entry, extract.capacity_ul, extract.positions) == ("vials", 8000, ())
    assert set(found.labware) == {"reactors", "vials", "stocks", "solvents", "waste"}
    assert found.fill_limit == 0.8
    assert not found.assumptions


@pytest.mark.parametrize("name", ["flex", "ot2"])
def test_the_shipped_benches_can_be_read(name: str) -> None:
    from compiler.reading import read_bench

    read = read_bench(decks.FOLDER / f"{name}.yaml")
    assert not read.findings
    assert read.document is not None
    found, findings = housed(read.document, REACTOR, EXTRACT)
    assert not findings
    assert found.housings["reactor"].positions == ("shaker", "cold")
    assert read.document.max_hold is not None
    assert read.document.max_hold.plan == 4 * 3600
    assert (found.fill_limit, read.document.ice_bath) == (0.8, True)


def test_without_a_bench_the_procedure_says_how_much_a_vessel_holds() -> None:
    found, findings = housed(None, REACTOR, EXTRACT, vessel("flask", material="PP"))
    assert not findings
    capacities = {name: h.capacity_ul for name, h in found.housings.items()}
    assert capacities == {"reactor": 2000, "extract": 4000, "flask": None}
    assert found.housings["flask"].material == "polypropylene"
    assert found.bench is None
    assert [a.what for a in found.assumptions] == ["fill limit"]


def test_a_vessel_that_no_entry_holds_takes_the_smallest_free_wells_that_suit_it() -> None:
    spare = labware("spare", definition="../labware/glass-20ml-6.json")
    small = labware("small", load="nest_96_wellplate_200ul_flat")
    found, findings = housed(bench([*decks.USUAL, small, spare]), REACTOR, vessel("x", least=3000))
    assert not findings
    assert found.housings["x"].entry == "spare"  # empty, so before the larger rack's neighbours
    assert [a.what for a in found.assumptions] == ["labware of x"]
    without, _ = housed(bench(), REACTOR, vessel("x", least=3000))
    assert without.housings["x"].entry == "vials"


def test_plastic_that_the_liquids_attack_is_passed_over() -> None:
    plate = labware("plate", load="nest_96_wellplate_2ml_deep")
    found, findings = housed(bench([plate]), vessel("x", least=1500))
    assert not findings
    assert found.housings["x"].entry == "glass_2ml_24"
    assert found.housings["x"].labware is not None
    assert found.labware["glass_2ml_24"] is found.housings["x"].labware
    assert found.housings["x"].positions == ("cold", "shaker")
    asked, _ = housed(bench([plate]), vessel("x", least=1500, material="PP"))
    assert asked.housings["x"].entry == "plate"


def test_a_vessel_without_a_size_is_as_large_as_what_goes_in() -> None:
    plain, _ = house(
        charges(vessel("x"), given=(charge("a", "DCM", 6000.0, vessel="x"),)), bench([])
    )
    assert plain.housings["x"].capacity_ul == 8000  # 6000 µL at 80 % need 7500


def test_wells_are_counted() -> None:
    vials = labware("vials", definition="../labware/glass-8ml-12.json")
    found, findings = housed(bench([vials]), vessel("x", least=5000), count=20)
    # Twenty vessels do not fit the bench's twelve vials, nor any rack that ships.
    assert only(findings, "P-VESSEL").message.endswith("it needs 20 wells of 5 mL")
    assert found.housings["x"].labware is None
    one, _ = housed(bench([vials]), vessel("x", least=5000, shared=True), count=20)
    assert one.housings["x"].entry == "vials"


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        (vessel("reactor", size=8000), "it holds 2000 µL, and the size asked for is 8 mL"),
        (vessel("reactor", size=1500), "the size asked for is 1.5 mL"),
        (vessel("reactor", least=2500), "it holds 2000 µL, and at least 2.5 mL is asked for"),
        (vessel("reactor", material="PP"), "it is glass, and polypropylene is asked for"),
    ],
)
def test_an_entry_that_holds_a_vessel_must_suit_it(wanted: Vessel, reason: str) -> None:
    found, findings = housed(bench(), wanted)
    finding = only(findings, "P-VESSEL")
    assert reason in finding.message
    assert finding.span == decks.REACTORS.spans.at("holds")
    assert finding.related[0].span == wanted.spans.whole
    assert found.housings["reactor"].entry == "reactors"


def test_the_second_entry_that_holds_a_vessel_is_taken_where_the_first_is_too_small() -> None:
    first = labware("first", load="nest_96_wellplate_200ul_flat", holds=("reactor",))
    found, findings = housed(bench([first, decks.REACTORS]), REACTOR)
    assert not findings
    assert found.housings["reactor"].entry == "reactors"


def test_unknown_material_is_asked_for() -> None:
    block = "opentrons_24_aluminumblock_generic_2ml_screwcap"
    wanted = vessel("reactor", size=2000, material="glass")
    _, findings = housed(bench([labware("b", load=block, holds=("reactor",))]), wanted)
    assert "nothing says what it is made of" in only(findings, "P-VESSEL").message
    entry = labware("b", load=block, holds=("reactor",), material="glass")
    found, findings = housed(bench([entry]), wanted)
    assert not findings
    assert found.housings["reactor"].material == "glass"


def test_nothing_is_large_enough() -> None:
    found, findings = housed(bench(), REACTOR, vessel("tank", least=60_000))
    finding = only(findings, "P-VESSEL")
    assert finding.message == "no labware of the bench is right for tank: it needs 60 mL"
    assert found.housings["tank"].labware is None


# --- the bench's faults ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "words", "hint"),
    [
        (bench(modules={"cold": "temperatureModuleV9"}), "'temperatureModuleV9'", "ModuleV2"),
        (bench(modules={"cold": "temperatureModuleV1"}), "does not stand on a Flex", "takes"),
        (bench(robot="OT-2", modules={"m": "magneticBlockV1"}), "stand on an OT-2", "takes"),
        (bench(pipettes={"left": "p300_single_gen2"}), "a pipette of the OT-2", "flex_1channel"),
        (bench(pipettes={"left": "flex_1chanel_50"}), "'flex_1chanel_50'", "flex_1channel_50"),
        (bench(tip_racks=("opentrons_96_tiprack_300ul",)), "takes tips of", "tiprack"),
    ],
)
def test_hardware_that_is_not_there(on: Bench, words: str, hint: str) -> None:
    _, findings = housed(on, REACTOR)
    finding = next(f for f in findings if f.code == "P-HARDWARE-UNKNOWN")
    assert words in finding.message
    assert hint in finding.help
    assert finding.span is not None
    assert finding.span.file == "bench.yaml"


def test_an_unknown_robot_and_module_name() -> None:
    on = bench([labware("r", definition="../labware/glass-2ml-24.json", on=("shakr",))])
    _, findings = housed(on, REACTOR)
    finding = only(findings, "P-HARDWARE-UNKNOWN")
    assert "'shakr'" in finding.message
    assert finding.help == "did you mean shaker?"
    robot, _ = housed(bench(), REACTOR)
    assert robot.modules.keys() == {"cold", "shaker"}


def test_labware_that_no_module_takes() -> None:
    entry = labware("reactors", 7, load="nest_1_reservoir_195ml", holds=("r",), on=("shaker",))
    found, findings = housed(bench([entry]), vessel("r"))
    finding = only(findings, "P-LABWARE")
    assert finding.span == entry.spans.at("on")
    assert "nest_1_reservoir_195ml (reactors) does not stand on shaker" in finding.message
    assert "it fits no module" in finding.message
    assert found.housings["r"].positions == ()


def test_a_rack_on_a_module_that_it_is_not_made_for() -> None:
    entry = labware("v", definition="../labware/glass-8ml-12.json", holds=("r",), on=("cold",))
    _, findings = housed(bench([entry]), vessel("r"))
    assert "fits:temperatureModuleV2" in only(findings, "P-LABWARE").help


def test_tip_racks_are_not_labware_for_liquids() -> None:
    _, findings = housed(bench([labware("tips", load="opentrons_flex_96_tiprack_50ul")]), REACTOR)
    assert "holds no liquid" in only(findings, "P-LABWARE").message


def test_labware_that_overstates_its_volume() -> None:
    entry = labware("plate", load="thermoscientificnunc_96_wellplate_2000ul", holds=("r",))
    found, findings = housed(bench([entry]), vessel("r"))
    finding = only(findings, "P-LAB-1")
    assert "declares 2000 µL a well, and its shape holds 1936 µL" in finding.message
    assert finding.span == entry.spans.at("load")
    assert found.housings["r"].capacity_ul == pytest.approx(1936, abs=1)


def test_a_load_name_that_opentrons_does_not_have() -> None:
    _, findings = housed(bench([labware("p", load="nest_96_wellplate_2ml")]), REACTOR)
    finding = only(findings, "P-LABWARE-UNKNOWN")
    assert "nest_96_wellplate_2ml_deep" in finding.help


def test_definitions_are_read_from_beside_the_bench_only(tmp_path: Path) -> None:
    (tmp_path / "a" / "benches").mkdir(parents=True)
    (tmp_path / "a" / "labware").mkdir()
    rack = json.loads((decks.FOLDER.parent / "labware" / "glass-2ml-24.json").read_text())
    for folder in (tmp_path, tmp_path / "a" / "labware"):
        (folder / "mine.json").write_text(json.dumps(rack))
    file = tmp_path / "a" / "benches" / "bench.yaml"
    (tmp_path / "a" / "labware" / "link.json").symlink_to(tmp_path / "mine.json")

    def read(path: str) -> list[Finding]:
        return housed(bench([labware("p", definition=path)], file=file), vessel("r"))[1]

    assert not read("../labware/mine.json")
    for path in (
        "../../mine.json",
        str(tmp_path / "mine.json"),
        "/etc/passwd",
        "../labware/link.json",
        "../labware/mine.yaml",
    ):
        assert "is not a .json file in the folder of the bench or beside it" in (
            only(read(path), "P-LABWARE-UNKNOWN").message
        )
    assert "no such file" in only(read("../labware/other.json"), "P-LABWARE-UNKNOWN").message


def test_a_bench_that_was_copied_finds_the_racks_that_ship(tmp_path: Path) -> None:
    found, findings = housed(bench(file=tmp_path / "flex.yaml"), REACTOR)
    assert not findings
    assert found.housings["reactor"].capacity_ul == 2000
    assert found.assumptions[0].what == "reactors"
    assert "the rack that ships" in found.assumptions[0].why


def test_all_faults_are_told_at_once() -> None:
    entries = [
        labware("a", load="nope"),
        labware("b", definition="nope.json", holds=("reactor",)),
        labware("c", load="nest_1_reservoir_195ml", on=("shaker",)),
    ]
    on = bench(
        entries, modules={"shaker": "heaterShakerModuleV1", "x": "y"}, pipettes={"left": "z"}
    )
    found, findings = housed(on, REACTOR)
    assert sorted(f.code for f in findings) == [
        "P-HARDWARE-UNKNOWN",
        "P-HARDWARE-UNKNOWN",
        "P-LABWARE",
        "P-LABWARE-UNKNOWN",
        "P-LABWARE-UNKNOWN",
    ]
    assert found.housings["reactor"].labware is None
