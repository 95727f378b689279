"""Pipettes: strokes with their places, tips, nozzles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compiler.target import commands as c
from simulate.tracing.reader import Handler, Place, Reader, point_of, text_of


def _place(reader: Reader, params: Mapping[str, Any], result: Mapping[str, Any]) -> Place:
    """Where a command that names a well takes the tip; remembered for `...InPlace`."""
    item = reader.labware[params["labwareId"]]
    name = params["wellName"]
    location = params.get("wellLocation", {})
    origin, offset = text_of(location.get("origin", "top")), location.get("offset", {})
    z = float(offset.get("z", 0.0))
    depth = float(item.definition.get("wells", {}).get(name, {}).get("depth", 0.0))
    base = {"top": depth, "center": depth / 2}.get(origin, 0.0)
    if not reader.has_heights:
        base, z, offset = 0.0, 0.0, {}
    well = None if "trash" in item.load_name.lower() else c.WellRef(item.label, name)
    aside = float(offset.get("x", 0.0)), float(offset.get("y", 0.0))
    surface = z if origin == "meniscus" else None
    place = Place(well, point_of(result), base + z, surface, aside)
    reader.places[params["pipetteId"]] = place
    return place


def _here(reader: Reader, params: Mapping[str, Any]) -> Place:
    return reader.places.get(params["pipetteId"], Place())


def _mount(reader: Reader, params: Mapping[str, Any]) -> str:
    return reader.pipettes[params["pipetteId"]].mount


def _draw(reader: Reader, params: Mapping[str, Any], place: Place) -> None:
    mount, volume, flow = (
        _mount(reader, params),
        float(params["volume"]),
        float(params["flowRate"]),
    )
    if place.well is None:
        reader.emit(c.AirGap(mount, volume, flow))
        return
    aspirate = c.Aspirate(mount, place.well, place.point, place.height, volume, flow)
    reader.emit(aspirate, place)


def _deliver(reader: Reader, params: Mapping[str, Any], place: Place) -> None:
    mount, volume, flow = (
        _mount(reader, params),
        float(params["volume"]),
        float(params["flowRate"]),
    )
    dispense = c.Dispense(mount, place.well, place.point, place.height, volume, flow)
    reader.emit(dispense, place)


def _aspirate(reader: Reader, params: Mapping[str, Any], result: Mapping[str, Any]) -> None:
    _draw(reader, params, _place(reader, params, result))


def _aspirate_tracking(
    reader: Reader, params: Mapping[str, Any], result: Mapping[str, Any]
) -> None:
    place = _place(reader, params, result)
    surface = min(0.0, place.height)
    _draw(reader, params, Place(place.well, place.point, place.height, surface, place.aside))


def _aspirate_in_place(
    reader: Reader, params: Mapping[str, Any], result: Mapping[str, Any]
) -> None:
    _draw(reader, params, _here(reader, params))


def _dispense(reader: Reader, params: Mapping[str, Any], result: Mapping[str, Any]) -> None:
    _deliver(reader, params, _place(reader, params, result))


def _dispense_in_place(
    reader: Reader, params: Mapping[str, Any], result: Mapping[str, Any]
) -> None:
    _deliver(reader, params, _here(reader, params))


def _air_gap(reader: Reader, params: Mapping[str, Any], result: Mapping[str, Any]) -> None:
    reader.emit(
        c.AirGap(_mount(reader, params), float(params["volume"]), float(params["flowRate"]))
    )


def _blow_out(reader: Reader, params: Mapping[str, Any], result: Mapping[str, Any]) -> None:
    place = _place(reader, params, result)
    flow = float(params["flowRate"])
    reader.emit(c.BlowOut(_mount(reader, params), place.well, place.point, flow), place)


def _blow_out_in_place(
    reader: Reader, params: Mapping[str, Any], result: Mapping[str, Any]
) -> None:
    place = _here(reader, params)
    reader.emit(
        c.BlowOut(_mount(reader, params), place.well, place.point, float(params["flowRate"]))
    )


def _touch_tip(reader: Reader, params: Mapping[str, Any], result: Mapping[str, Any]) -> None:
    place = _place(reader, params, result)
    if place.well is not None:
        speed = float(params.get("speed", 60.0))
        reader.emit(c.TouchTip(_mount(reader, params), place.well, place.point, speed))


def _move_to_well(reader: Reader, params: Mapping[str, Any], result: Mapping[str, Any]) -> None:
    place = _place(reader, params, result)
    speed = params.get("speed")
    reader.emit(
        c.MoveTo(_mount(reader, params), place.well, place.point, place.height, speed), place
    )


def _move_elsewhere(reader: Reader, params: Mapping[str, Any], result: Mapping[str, Any]) -> None:
    place = Place(None, point_of(result))
    reader.places[params["pipetteId"]] = place
    reader.emit(c.MoveTo(_mount(reader, params), None, place.point, 0.0, params.get("speed")))


def _move_relative(reader: Reader, params: Mapping[str, Any], result: Mapping[str, Any]) -> None:
    place = _here(reader, params)
    if text_of(params["axis"]) == "z":
        place.height += float(params["distance"])
    elif place.well is not None:
        x, y = place.aside
        step = float(params["distance"])
        along_x = text_of(params["axis"]) == "x"
        place.aside = (x + step, y) if along_x else (x, y + step)
    place.point = point_of(result)


def _pick_up(reader: Reader, params: Mapping[str, Any], result: Mapping[str, Any]) -> None:
    item = reader.labware[params["labwareId"]]
    tip = c.WellRef(item.label, params["wellName"])
    pipette = reader.pipettes[params["pipetteId"]]
    channels, upwards = reader.nozzles.get(params["pipetteId"], (pipette.channels, False))
    pick_up = c.PickUpTip(pipette.mount, tip, point_of(result))
    reader.emit(pick_up, channels=channels, upwards=upwards)


def _nozzles(reader: Reader, params: Mapping[str, Any], result: Mapping[str, Any]) -> None:
    layout = params["configurationParams"]
    style = text_of(layout.get("style", "ALL"))
    channels = reader.pipettes[params["pipetteId"]].channels
    count = {"SINGLE": 1, "COLUMN": 8}.get(style, channels)
    upwards = False
    if style == "QUADRANT" and channels == 8:  # part of a column
        first, last = layout["backLeftNozzle"], layout["frontRightNozzle"]
        count = ord(last[0]) - ord(first[0]) + 1
        upwards = layout["primaryNozzle"] == last
    reader.nozzles[params["pipetteId"]] = count, upwards


def _drop(reader: Reader, params: Mapping[str, Any], result: Mapping[str, Any]) -> None:
    item = reader.labware[params["labwareId"]]
    into = c.WellRef(item.label, params["wellName"]) if item.is_tip_rack else None
    reader.emit(c.DropTip(_mount(reader, params), into, point_of(result)))


def _drop_in_place(reader: Reader, params: Mapping[str, Any], result: Mapping[str, Any]) -> None:
    reader.emit(c.DropTip(_mount(reader, params), None, _here(reader, params).point))


HANDLERS: Mapping[str, Handler] = {
    "aspirate": _aspirate,
    "aspirateWhileTracking": _aspirate_tracking,
    "aspirateInPlace": _aspirate_in_place,
    "dispense": _dispense,
    "dispenseWhileTracking": _dispense,
    "dispenseInPlace": _dispense_in_place,
    "airGapInPlace": _air_gap,
    "blowout": _blow_out,
    "blowOutInPlace": _blow_out_in_place,
    "touchTip": _touch_tip,
    "moveToWell": _move_to_well,
    "moveToAddressableArea": _move_elsewhere,
    "moveToAddressableAreaForDropTip": _move_elsewhere,
    "moveToCoordinates": _move_elsewhere,
    "moveRelative": _move_relative,
    "pickUpTip": _pick_up,
    "configureNozzleLayout": _nozzles,
    "dropTip": _drop,
    "dropTipInPlace": _drop_in_place,
}
