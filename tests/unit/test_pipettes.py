"""The pipette table against Opentrons' own definitions."""

import json
from typing import Any

import pytest

from compiler.target.labware import load_labware, shared_data
from compiler.target.pipettes import load_pipette, pipette_names
from simulate.judge.facts import pipette_facts


def newest(name: str) -> dict[str, Any]:
    pipette = load_pipette(name)
    if pipette.robot == "Flex":
        channels, model, generation = name.split("_")[1], f"p{name.split('_')[2]}", 3
        folder = "single_channel" if channels == "1channel" else "eight_channel"
    else:
        model, channels = name.split("_")[:2]
        generation = 2 if name.endswith("_gen2") else 1
        folder = "single_channel" if channels == "single" else "eight_channel"
    versions = shared_data() / "pipette/definitions/2/liquid" / folder / model / "default"
    path = max(versions.glob(f"{generation}_*.json"), key=lambda p: int(p.stem.split("_")[1]))
    found: dict[str, Any] = json.loads(path.read_text())
    return found


@pytest.mark.parametrize("name", pipette_names())
def test_the_table_is_that_of_opentrons(name: str) -> None:
    pipette, theirs = load_pipette(name), newest(name)
    assert (pipette.min_ul, pipette.max_ul) == (theirs["minVolume"], theirs["maxVolume"])
    for tip in pipette.aspirate_ul_s:
        # a tip that is larger than the pipette works as one of the pipette's volume
        rates = theirs["supportedTips"][f"t{min(tip, pipette.max_ul):g}"]
        for ours, key in (
            (pipette.aspirate_ul_s, "defaultAspirateFlowRate"),
            (pipette.dispense_ul_s, "defaultDispenseFlowRate"),
        ):
            by_level = rates[key]["valuesByApiLevel"]
            assert ours[tip] == by_level[max(by_level, key=float)]
    for rack in pipette.tip_racks:
        tip_ul = load_labware(rack).tip_ul
        assert tip_ul in pipette.aspirate_ul_s
        assert tip_ul in pipette.dispense_ul_s
        assert f"opentrons/{rack}/1" in theirs["defaultTipracks"] or takes(name, tip_ul)


def takes(name: str, tip_ul: float) -> bool:
    """Whether the API takes tips of that volume for a pipette of the OT-2."""
    from opentrons.protocols.api_support.instrument import VALID_PIP_TIPRACK_VOL

    return tip_ul in VALID_PIP_TIPRACK_VOL["OT2"].get(name.split("_")[0], ())


def test_both_generations_are_there() -> None:
    first = {name for name in pipette_names() if load_pipette(name).display_name.endswith("GEN1")}
    assert first == {
        *("p10_single", "p50_single", "p300_single", "p1000_single"),
        *("p10_multi", "p50_multi", "p300_multi"),
    }
    assert {load_pipette(name).robot for name in first} == {"OT-2"}


@pytest.mark.parametrize("name", pipette_names())
def test_the_judge_knows_the_tips_of_the_table(name: str) -> None:
    facts = pipette_facts(name)
    assert facts is not None
    assert set(load_pipette(name).aspirate_ul_s) <= facts.tips_ul


def test_numbers_that_messages_quote() -> None:
    assert load_pipette("p300_single_gen2").min_ul == 20
    assert load_pipette("p300_single").min_ul == 30
    assert load_pipette("flex_1channel_50").min_ul == 5
    assert load_pipette("flex_1channel_1000").tip_racks[0] == "opentrons_flex_96_tiprack_1000ul"
    assert load_pipette("p300_single_gen2").aspirate_ul_s[300] == 92.86


def test_unknown_pipettes_raise_lookup_error() -> None:
    with pytest.raises(LookupError, match="p300_single_gen3"):
        load_pipette("p300_single_gen3")
