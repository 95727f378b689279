"""The makers' ranges, and the slots of both robots' decks."""

import json

import pytest

from compiler.target.labware import load_labware, shared_data
from compiler.target.modules import load_module, module_models, modules_of_adapter


def test_guaranteed_ranges_are_narrower_than_the_engines() -> None:
    cold, shaker = load_module("temperatureModuleV2"), load_module("heaterShakerModuleV1")
    assert (cold.min_c, cold.max_c, cold.cools, cold.max_rpm) == (4, 95, True, None)
    assert (shaker.min_c, shaker.max_c, shaker.cools) == (37, 95, False)
    assert (shaker.min_rpm, shaker.max_rpm) == (200, 3000)
    cycler = load_module("thermocyclerModuleV2")
    assert (cycler.min_c, cycler.max_c) == (4, 99)
    assert load_module("magneticBlockV1").min_c is None


def test_unknown_modules_raise_lookup_error() -> None:
    with pytest.raises(LookupError, match="temperatureModuleV9"):
        load_module("temperatureModuleV9")


def test_the_shaker_stands_only_where_the_manual_lets_it() -> None:
    assert set(load_module("heaterShakerModuleV1").slots["OT-2"]) == {"1", "3", "4", "6", "7", "10"}


@pytest.mark.parametrize("model", module_models())
def test_slots_of_the_flex_are_those_of_its_deck_definition(model: str) -> None:
    module = load_module(model)
    deck = json.loads((shared_data() / "deck/definitions/5/ot3_standard.json").read_text())
    fixtures = {fixture["id"]: fixture["mayMountTo"] for fixture in deck["cutoutFixtures"]}
    if model == "thermocyclerModuleV2":
        assert fixtures["thermocyclerModuleV2Front"] == ["cutoutB1"]
        assert module.slots["Flex"] == ("B1",)
        assert module.occupies["Flex"] == ("A1",)
    elif "Flex" in module.slots:
        mounts = {cutout.removeprefix("cutout") for cutout in fixtures[model]}
        assert set(module.slots["Flex"]) == mounts
    else:
        assert model not in fixtures


def test_every_adapter_exists() -> None:
    for adapter in (
        "opentrons_universal_flat_adapter",
        "opentrons_96_deep_well_temp_mod_adapter",
        "opentrons_aluminum_flat_bottom_plate",
    ):
        assert modules_of_adapter(adapter)
        assert "adapter" in str(load_labware(adapter).definition["allowedRoles"])
    assert modules_of_adapter("saucer") == ()
