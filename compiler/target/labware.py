"""Labware, as Opentrons' definitions describe it, with the material they leave out.

Standard definitions are read as JSON from the `opentrons_shared_data` package, which is located
but never imported. Of each the newest version is taken; scripts pass it as `version=`, which
every apiLevel from 2.14 accepts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import Any

from compiler.diagnostics.codes import platform
from compiler.diagnostics.finding import Finding, Span
from compiler.target.geometry import WellShape, cuboid, cylinder, shape_from_geometry
from compiler.target.modules import modules_directly, modules_of_adapter


@dataclass(frozen=True, slots=True, kw_only=True)
class Well:
    """One well. x, y, z are those of the inner bottom's centre, from the labware's origin (mm).

    The origin is the labware's front left bottom corner, whatever the definition's schema.
    `capacity_ul` is the smaller of the declared and the geometric volume. `mouth_mm` is the
    smallest width of the opening.
    """

    name: str
    x: float
    y: float
    z: float
    depth_mm: float
    declared_ul: float
    capacity_ul: float
    mouth_mm: float
    shape: WellShape


@dataclass(frozen=True, slots=True, kw_only=True)
class Labware:
    """One labware definition. `wells` stand in Opentrons' order: A1, B1, ... H1, A2, ..."""

    load_name: str
    namespace: str
    version: int
    display_name: str
    category: str  # "wellPlate", "tubeRack", "reservoir", "tipRack", "aluminumBlock", ...
    custom: bool  # written into the script instead of loaded by name
    definition: Mapping[str, object] = field(repr=False)
    wells: Mapping[str, Well] = field(repr=False)
    columns: tuple[tuple[str, ...], ...]
    material: str | None
    fits: frozenset[str]  # module models it may stand on, with or without an adapter
    adapters: Mapping[str, str]  # module model -> load name of the adapter it needs
    height_mm: float
    tip_ul: float | None = None  # for tip racks
    tip_length_mm: float | None = None
    tip_overlap_mm: float | None = None
    grippable: bool = False  # whether the Flex's gripper may carry it

    @property
    def geometric_ul(self) -> float:
        """The smallest geometric volume among the wells; 0 without wells."""
        return min((well.shape.capacity_ul for well in self.wells.values()), default=0.0)


MOST_BYTES = 2_000_000  # the largest definition that Opentrons ships has 0.2 MB
MOST_WELLS = 1536


@cache
def shared_data() -> Path:
    """The data folder of `opentrons_shared_data`; raises LookupError where it is not installed."""
    spec = find_spec("opentrons_shared_data")  # does not execute a top-level package
    for location in (spec.submodule_search_locations or ()) if spec else ():
        folder = Path(location) / "data"
        if folder.is_dir():
            return folder
    raise LookupError("opentrons_shared_data is not installed")


@cache
def labware_names() -> tuple[str, ...]:
    """The load names of all standard labware, sorted."""
    folder = shared_data() / "labware" / "definitions" / "2"
    return tuple(sorted(entry.name for entry in folder.iterdir() if entry.is_dir()))


@cache
def load_labware(load_name: str, version: int | None = None) -> Labware:
    """Standard labware by load name, in its newest version or the given one.

    Raises LookupError for a name or version that Opentrons does not have.
    """
    if not re.fullmatch(r"[a-z0-9._]+", load_name):
        raise LookupError(f"there is no standard labware {load_name!r}")
    folder = shared_data() / "labware" / "definitions" / "2" / load_name
    versions = sorted(int(p.stem) for p in folder.glob("*.json") if p.stem.isdigit())
    if not versions:
        raise LookupError(f"there is no standard labware {load_name!r}")
    chosen = versions[-1] if version is None else version
    if chosen not in versions:
        raise LookupError(f"there is no version {chosen} of {load_name}")
    text = (folder / f"{chosen}.json").read_text(encoding="utf-8")
    return build_labware(json.loads(text), custom=False)


def build_labware(definition: Mapping[str, Any], *, custom: bool) -> Labware:
    """Labware from a definition of schema 2 or 3 that Opentrons' schema accepts.

    Raises ValueError, with the reason, where the definition contradicts itself; a definition
    that is not valid against the schema may raise KeyError or TypeError (see `read_labware`).
    """
    metadata, parameters = definition["metadata"], definition["parameters"]
    load_name: str = parameters["loadName"]
    columns = tuple(tuple(column) for column in definition["ordering"])
    height_mm, front_y = _outside(definition)
    shapes: dict[object, WellShape] = {}
    wells: dict[str, Well] = {}
    for name in chain.from_iterable(columns):
        raw = definition["wells"].get(name)
        if raw is None:
            raise ValueError(f"its ordering names a well {name} that it does not describe")
        wells[name] = _well(name, raw, front_y, definition.get("innerLabwareGeometry"), shapes)
    if len(wells) != len(definition["wells"]):
        missing = sorted(set(definition["wells"]) - set(wells))
        raise ValueError(f"its ordering leaves out {', '.join(missing[:5])}")
    tags = tuple(metadata.get("tags") or ())
    adapters = {} if custom else _adapters(definition)
    is_tip_rack = bool(parameters["isTiprack"])
    first = next(iter(wells.values()), None)
    return Labware(
        load_name=load_name,
        namespace=definition["namespace"],
        version=definition["version"],
        display_name=metadata["displayName"],
        category=metadata["displayCategory"],
        custom=custom,
        definition=definition,
        wells=wells,
        columns=columns,
        material=_tagged(tags, "material:")[-1]
        if _tagged(tags, "material:")
        else _known(load_name),
        fits=frozenset({*_tagged(tags, "fits:"), *adapters, *_directly(definition, custom)}),
        adapters=adapters,
        height_mm=height_mm,
        tip_ul=first.declared_ul if is_tip_rack and first else None,
        tip_length_mm=parameters.get("tipLength") if is_tip_rack else None,
        tip_overlap_mm=parameters.get("tipOverlap") if is_tip_rack else None,
        grippable="gripForce" in definition
        and "gripperIncompatible" not in (parameters.get("quirks") or ()),
    )


def _outside(definition: Mapping[str, Any]) -> tuple[float, float]:
    """The height, and what has to be added to a well's y to count from the front."""
    if definition["schemaVersion"] == 3:
        box = definition["extents"]["total"]
        return box["frontRightTop"]["z"] - box["backLeftBottom"]["z"], -box["frontRightTop"]["y"]
    return definition["dimensions"]["zDimension"], 0.0


def _well(
    name: str,
    raw: Mapping[str, Any],
    front_y: float,
    geometries: Mapping[str, Any] | None,
    shapes: dict[object, WellShape],
) -> Well:
    mouth = raw["diameter"] if raw["shape"] == "circular" else min(_sides(raw))
    geometry_id = raw.get("geometryDefinitionId")
    depth = float(raw["depth"])
    key = (geometry_id, depth, mouth, raw.get("xDimension"), raw.get("yDimension"))
    if key not in shapes:
        shapes[key] = _shape(raw, depth, geometry_id, geometries)
    shape = shapes[key]
    declared = float(raw["totalLiquidVolume"])
    return Well(
        name=name,
        x=float(raw["x"]),
        y=float(raw["y"]) + front_y,
        z=float(raw["z"]),
        depth_mm=depth,
        declared_ul=declared,
        capacity_ul=min(declared, shape.capacity_ul),
        mouth_mm=float(mouth),
        shape=shape,
    )


def _shape(
    raw: Mapping[str, Any],
    depth: float,
    geometry_id: str | None,
    geometries: Mapping[str, Any] | None,
) -> WellShape:
    if geometry_id is not None:
        geometry = (geometries or {}).get(geometry_id)
        if geometry is None:
            raise ValueError(f"a well refers to the inner geometry {geometry_id!r}, which it lacks")
        return shape_from_geometry(geometry, depth)
    if raw["shape"] == "circular":
        return cylinder(raw["diameter"], depth, assumed=True)
    return cuboid(*_sides(raw), depth, assumed=True)


def _sides(raw: Mapping[str, Any]) -> tuple[float, float]:
    return raw["xDimension"], raw["yDimension"]


def _tagged(tags: Iterable[str], prefix: str) -> list[str]:
    return [tag.removeprefix(prefix).strip() for tag in tags if tag.startswith(prefix)]


@cache
def _materials() -> tuple[tuple[str, str], ...]:
    """(prefix, material), the longest prefix first."""
    text = (resources.files("compiler.data") / "labware_materials.json").read_text("utf-8")
    rows = [(row["prefix"], row["material"]) for row in json.loads(text)["materials"]]
    return tuple(sorted(rows, key=lambda row: (-len(row[0]), row[0])))


def _known(load_name: str) -> str | None:
    return next((mat for prefix, mat in _materials() if load_name.startswith(prefix)), None)


def _adapters(definition: Mapping[str, Any]) -> dict[str, str]:
    """Module model -> adapter, for modules on which the labware can't stand by itself."""
    by_module: dict[str, str] = {}
    direct = set(_directly(definition, custom=False))
    for adapter in definition.get("stackingOffsetWithLabware") or ():
        for model in modules_of_adapter(adapter):
            if model not in direct:
                by_module.setdefault(model, adapter)
    return by_module


def _directly(definition: Mapping[str, Any], custom: bool) -> tuple[str, ...]:
    if custom or "adapter" in (definition.get("allowedRoles") or ()):
        return ()
    named = tuple(definition.get("stackingOffsetWithModule") or ())
    return named + modules_directly(definition["parameters"]["loadName"])


def read_labware(path: Path, span: Span | None) -> Labware | Finding:
    """Custom labware from a definition file (schema 2 or 3), or a finding that says what is wrong.

    The file is held against Opentrons' own JSON Schema, then against itself.
    """

    def refuse(reason: str) -> Finding:
        return platform.LABWARE_UNKNOWN.at(
            span,
            f"{path.name} can't be used as labware: {reason}",
            help="`workup labware new` writes a definition from a handful of dimensions",
        )

    try:
        if path.stat().st_size > MOST_BYTES:
            return refuse(f"it is larger than {MOST_BYTES // 1_000_000} MB")
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        return refuse(f"it can't be read ({(error.strerror or 'no reason given').lower()})")
    except UnicodeDecodeError:
        return refuse("it is not UTF-8 text")
    try:
        definition = json.loads(
            text, parse_constant=_refuse_number, parse_float=_finite, parse_int=_short
        )
    except json.JSONDecodeError as error:
        return refuse(f"it is not JSON (line {error.lineno}, column {error.colno}: {error.msg})")
    except (ValueError, RecursionError) as error:
        return refuse(f"it is not sensible JSON ({error})")
    reason = _invalid(definition)
    if reason is not None:
        return refuse(reason)
    try:
        labware = build_labware(definition, custom=True)
    except (ValueError, KeyError, TypeError) as error:  # what the schema can't say
        return refuse(str(error))
    empty = [well.name for well in labware.wells.values() if well.capacity_ul <= 0]
    if not labware.wells or empty:
        return refuse(f"its well {empty[0]} holds nothing" if empty else "it has no wells")
    return labware


def _refuse_number(text: str) -> float:
    raise ValueError(f"{text} is not a number")


def _finite(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError(f"{text} is too large")
    return value


def _short(text: str) -> int:
    if len(text) > 15:
        raise ValueError(f"{text[:15]}... is too large")
    return int(text)


@cache
def _schema(version: int) -> Any:
    from jsonschema import Draft7Validator  # here: only custom labware needs it

    path = shared_data() / "labware" / "schemas" / f"{version}.json"
    return Draft7Validator(json.loads(path.read_text(encoding="utf-8")))


def _invalid(definition: object) -> str | None:
    """What Opentrons' schema has against a definition; None where it is valid."""
    from jsonschema.exceptions import best_match

    if not isinstance(definition, dict):
        return "it is not a labware definition (not a JSON object)"
    version = definition.get("schemaVersion")
    if isinstance(version, bool) or version not in (2, 3):
        return f"its schemaVersion is {version!r}; Opentrons' schemas 2 and 3 are read"
    wells = definition.get("wells")
    if isinstance(wells, dict) and len(wells) > MOST_WELLS:
        return f"it has {len(wells)} wells; the most is {MOST_WELLS}"
    error = best_match(_schema(version).iter_errors(definition))
    if error is None:
        return None
    where = ".".join(str(part) for part in error.absolute_path)
    return f"{where or 'the definition'}: {error.message[:200]}"
