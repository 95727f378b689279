"""What pipettes can do, from the definitions that Opentrons ships.

`compiler/data/pipettes.json` has the pipettes that this compiler plans with; a script may use any.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from compiler.target.labware import shared_data

_CHANNELS = {"1": "single_channel", "8": "eight_channel", "96": "ninety_six_channel"}
# "flex_1channel_1000", "p300_single_gen2", "p10_multi"
_FLEX = re.compile(r"flex_(?P<channels>1|8|96)channel_(?P<ul>\d+)")
_OT2 = re.compile(r"p(?P<ul>\d+)_(?P<kind>single|multi)(?:_(?P<generation>gen2))?")
# Tips that fit besides those of the definitions: opentrons 9.0.0, protocols/api_support/
# instrument.py, VALID_PIP_TIPRACK_VOL, has the 20 µL tips for a P10, whose definition has not.
_MORE_TIPS_UL: Mapping[str, frozenset[float]] = {"p10": frozenset({20.0})}


@dataclass(frozen=True, slots=True)
class Mode:
    """One volume mode: µL, and the fastest flow in µL/s by the tip's volume."""

    min_ul: float
    max_ul: float
    max_flow_ul_s: Mapping[float, float]


@dataclass(frozen=True, slots=True)
class PipetteFacts:
    """What a pipette can do. `low` is the low-volume mode, where it has one; `tips_ul` are the
    volumes of the tips that fit."""

    robot: str
    normal: Mode
    low: Mode | None
    tips_ul: frozenset[float]

    def mode(self, configured_ul: float | None) -> Mode:
        """The mode that `configure_for_volume` gives; the normal one without it."""
        if self.low is None or configured_ul is None or configured_ul >= self.normal.min_ul:
            return self.normal
        return self.low


@cache
def pipette_facts(name: str) -> PipetteFacts | None:
    """The facts of a pipette by the name that scripts load it under; None for an unknown one."""
    flex, ot2 = _FLEX.fullmatch(name), _OT2.fullmatch(name)
    if flex:
        folder, robot, generation = _CHANNELS[flex["channels"]], "Flex", "3"
        volume = flex["ul"]
    elif ot2:
        folder = _CHANNELS["1" if ot2["kind"] == "single" else "8"]
        robot, generation, volume = "OT-2", "2" if ot2["generation"] else "1", ot2["ul"]
    else:
        return None
    model = f"p{volume}"
    normal = _mode(folder, model, "default", generation)
    if normal is None:
        return None
    low = _mode(folder, model, "lowVolumeDefault", generation)
    tips_ul = frozenset(normal.max_flow_ul_s) | _MORE_TIPS_UL.get(model, frozenset())
    return PipetteFacts(robot, normal, low, tips_ul)


def _mode(folder: str, model: str, mode: str, generation: str) -> Mode | None:
    """The newest definition of a generation."""
    where = shared_data() / "pipette" / "definitions" / "2" / "liquid" / folder / model / mode
    versions = sorted(where.glob(f"{generation}_*.json"), key=lambda p: int(p.stem.split("_")[1]))
    if not versions:
        return None
    definition = json.loads(versions[-1].read_text(encoding="utf-8"))
    return Mode(
        float(definition["minVolume"]),
        float(definition["maxVolume"]),
        {
            float(tip.removeprefix("t")): float(entry.get("uiMaxFlowRate") or "inf")
            for tip, entry in definition["supportedTips"].items()
        },
    )
