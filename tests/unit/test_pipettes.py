"""The pipette table against Opentrons' own definitions."""

import json
from typing import Any

import pytest

from compiler.target.labware import load_labware, shared_data
from compiler.target.pipettes import load_pipette, pipette_names


def newest(name: str) -> dict[str, Any]:
    pipette = load_pipette(name)
    if pipette.robot == "Flex":
        channels, model, generation = name.split("_")[1], f"p{name.split('_')[2]}", 3
        folder = "single_channel" if channels == "1channel" else "eight_channel"
    else:
        model, channels, _ = name.split("_")
        folder, generation = ("single_channel" if channels == "single" else "eight_channel"), 2
    versions = shared_data() / "pipette/definitions/2/liquid" / folder / model / "default"
    path = max(versions.glob(f"{generation}_*.json"), key=lambda p: int(p.stem.split("_")[1]))
    found: dict[str, Any] = json.loads(path.read_text())
    return found


@pytest.mark.parametrize("name", pipette_names())
def test_the_table_is_that_of_opentrons(name: str) -> None:
    pipette, theirs = load_pipette(name), newest(name)
    assert (pipette.min_ul, pipette.max_ul) == (theirs["minVolume"], theirs["maxVolume"])
    for tip, flow in pipette.aspirate_ul_s.items():
        rates = theirs["supportedTips"][f"t{tip:g}"]["defaultAspirateFlowRate"]
        assert flow in rates["valuesByApiLevel"].values()
    for rack in pipette.tip_racks:
        tip_ul = load_labware(rack).tip_ul
        assert tip_ul in pipette.aspirate_ul_s
        assert tip_ul in pipette.dispense_ul_s
        assert f"opentrons/{rack}/1" in theirs["defaultTipracks"]


def test_numbers_that_messages_quote() -> None:
    assert load_pipette("p300_single_gen2").min_ul == 20
    assert load_pipette("flex_1channel_50").min_ul == 5
    assert load_pipette("flex_1channel_1000").tip_racks[0] == "opentrons_flex_96_tiprack_1000ul"
    assert load_pipette("p300_single_gen2").aspirate_ul_s[300] == 92.86


def test_unknown_pipettes_raise_lookup_error() -> None:
    with pytest.raises(LookupError, match="p300_single"):
        load_pipette("p300_single")
