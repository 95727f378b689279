"""What a script puts on the deck, into wells, and moves."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from compiler.target import commands as c
from simulate.traced import Declared, LoadedLabware, LoadedModule, LoadedPipette
from simulate.tracing.reader import Handler, Reader, text_of


def _load_module(reader: Reader, params: Mapping[str, Any], result: Mapping[str, Any]) -> None:
    model = text_of(params["model"])
    slot = text_of(params["location"].get("slotName", ""))
    label = f"{model}/{slot}"
    if "moduleId" in result:
        reader.modules[result["moduleId"]] = LoadedModule(label, model, slot, reader.line)


def _load_labware(reader: Reader, params: Mapping[str, Any], result: Mapping[str, Any]) -> None:
    if "labwareId" not in result:
        return
    definition = reader.run.definitions.get(result.get("definition", ""), {})
    slot, on = _location(reader, params["location"])
    shown = definition.get("metadata", {}).get("displayName", params["loadName"])
    label = str(params.get("displayName") or shown)
    if any(item.label == label for item in reader.labware.values()):
        label = f"{label} ({slot})"
    reader.labware[result["labwareId"]] = LoadedLabware(
        label, params["loadName"], slot, on, definition, _under(reader, params), reader.line
    )


def _load_pipette(reader: Reader, params: Mapping[str, Any], result: Mapping[str, Any]) -> None:
    name = text_of(params["pipetteName"])
    channels = 96 if "96" in name else 8 if "multi" in name else 1
    shown = _script_name(name)
    if "pipetteId" in result:
        pipette = LoadedPipette(text_of(params["mount"]), shown, channels, reader.line)
        reader.pipettes[result["pipetteId"]] = pipette


def _load_liquid(reader: Reader, params: Mapping[str, Any], result: Mapping[str, Any]) -> None:
    item = reader.labware.get(params["labwareId"])
    for well, volume in params["volumeByWell"].items():
        if item is not None and isinstance(volume, int | float):
            ref = c.WellRef(item.label, well)
            reader.declared[ref] = reader.declared.get(ref, 0.0) + float(volume)
            liquid = str(params.get("liquidId", ""))
            empty = liquid == "EMPTY" or not volume
            name = "" if empty else reader.run.liquids.get(liquid, liquid)
            said = Declared(ref, name, float(volume), reader.inner)
            reader.said.append(said)


def _move_labware(reader: Reader, params: Mapping[str, Any], result: Mapping[str, Any]) -> None:
    item = reader.labware.get(params["labwareId"])
    if item is None:
        return
    slot, on = _location(reader, params["newLocation"])
    by_gripper = text_of(params["strategy"]) == "usingGripper"
    reader.emit(c.MoveLabware(item.label, on or slot, by_gripper))


def _under(reader: Reader, params: Mapping[str, Any]) -> str | None:
    """The label of the labware that a labware is put on."""
    location = params["location"]
    below = location.get("labwareId") if isinstance(location, Mapping) else None
    return reader.labware[below].label if below in reader.labware else None


def _location(reader: Reader, location: Any) -> tuple[str, str | None]:
    """The slot of a location, and the label of the module under it (through adapters)."""
    if not isinstance(location, Mapping):
        return text_of(location), None
    if "slotName" in location:
        return text_of(location["slotName"]), None
    if "moduleId" in location and location["moduleId"] in reader.modules:
        module = reader.modules[location["moduleId"]]
        return module.slot, module.label
    if "labwareId" in location and location["labwareId"] in reader.labware:
        below = reader.labware[location["labwareId"]]
        return below.slot, below.on
    return text_of(location.get("addressableAreaName", "")), None


def _script_name(engine_name: str) -> str:
    """A pipette's name as scripts write it: "p1000_single_flex" is "flex_1channel_1000"."""
    found = re.fullmatch(r"p(\d+)_(single|multi|96)(?:_em)?_flex", engine_name)
    if not found:
        return engine_name
    channels = {"single": "1channel", "multi": "8channel", "96": "96channel"}[found[2]]
    return f"flex_{channels}_{found[1]}"


HANDLERS: Mapping[str, Handler] = {
    "loadModule": _load_module,
    "loadLabware": _load_labware,
    "loadPipette": _load_pipette,
    "loadLiquid": _load_liquid,
    "moveLabware": _move_labware,
}
