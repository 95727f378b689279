"""What a bench has, looked up: its modules, pipettes, tip racks and labware, with findings."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cache
from importlib import resources
from pathlib import Path

from compiler.diagnostics.codes import platform
from compiler.diagnostics.finding import Finding, Span
from compiler.stages.charges import Assumption
from compiler.stages.documents import Bench, BenchLabware, Spans
from compiler.target.labware import (
    Labware,
    labware_names,
    load_labware,
    read_labware,
)
from compiler.target.modules import Module, load_module, module_models
from compiler.target.pipettes import load_pipette, pipette_names

ROBOTS = ("Flex", "OT-2")
MATERIAL_WORDS = {"PP": "polypropylene", "PS": "polystyrene"}
NO_VESSELS = ("tipRack", "lid", "trash", "system")
OVERSTATED = 1.02  # declared / geometric volume above which labware is warned of


@dataclass(slots=True)
class Equipment:
    """The usable part of a bench, under the names that it gives."""

    modules: dict[str, Module] = field(default_factory=dict)
    labware: dict[str, Labware] = field(default_factory=dict)
    positions: dict[str, tuple[str, ...]] = field(default_factory=dict)  # entry -> module names
    findings: list[Finding] = field(default_factory=list)
    assumptions: list[Assumption] = field(default_factory=list)


def equipment(bench: Bench) -> Equipment:
    """Looks up everything that a bench names; goes on past what does not exist."""
    found = Equipment()
    if bench.robot not in ROBOTS:
        found.findings.append(
            platform.HARDWARE_UNKNOWN.at(
                bench.spans.at("robot"),
                f"there is no robot {bench.robot!r}",
                help=f"write one of {', '.join(ROBOTS)}",
            )
        )
    for name in bench.modules:
        _module(bench, name, found)
    for mount, pipette in bench.pipettes.items():
        span = span_of(bench.spans, f"pipettes.{mount}", mount, "pipettes")
        found.findings.extend(_pipette(bench, pipette, span))
    found.findings.extend(_tip_racks(bench))
    for entry in bench.labware.values():
        _entry(bench, entry, found)
    return found


def a(robot: str) -> str:
    """A robot with its article."""
    return f"{'an' if robot[:1] in 'AEIOU' else 'a'} {robot}"


def span_of(spans: Spans, *keys: str) -> Span:
    """The span of the first of these keys that was written, or of the whole mapping."""
    return next((spans.keys[key] for key in keys if key in spans.keys), spans.whole)


def plain_material(word: str | None) -> str | None:
    """A material as our tables name it: `PP` is polypropylene."""
    return None if word is None else MATERIAL_WORDS.get(word, word)


def nearest(word: str, known: Collection[str]) -> str:
    """Help that names the nearest known words, or all of a few."""
    close = get_close_matches(word, sorted(known), n=3, cutoff=0.6)
    if close:
        return f"did you mean {' or '.join(close)}?"
    return f"known are {', '.join(known)}" if len(known) <= 12 else ""


@cache
def shipped_rack(file_name: str) -> Labware | None:
    """A rack of `protocols/labware`, by file name; None for one that is not shipped."""
    rack = resources.files("protocols") / "labware" / file_name
    if Path(file_name).name != file_name or not rack.is_file():
        return None
    with resources.as_file(rack) as path:
        labware = read_labware(path, None)
    return labware if isinstance(labware, Labware) else None


def _module(bench: Bench, name: str, found: Equipment) -> None:
    entry = bench.modules[name]
    span = entry.spans.at("is")
    try:
        module = load_module(entry.is_)
    except LookupError:
        found.findings.append(
            platform.HARDWARE_UNKNOWN.at(
                span,
                f"there is no module {entry.is_!r} for {name}",
                help=nearest(entry.is_, module_models()),
            )
        )
        return
    if bench.robot in ROBOTS and bench.robot not in module.slots:
        models = [m for m in module_models() if bench.robot in load_module(m).slots]
        found.findings.append(
            platform.HARDWARE_UNKNOWN.at(
                span,
                f"a {module.display_name} ({entry.is_}) does not stand on {a(bench.robot)}",
                help=f"{a(bench.robot)} takes {', '.join(models)}",
            )
        )
        return
    found.modules[name] = module


def _pipette(bench: Bench, name: str, span: Span) -> list[Finding]:
    of_robot = [known for known in pipette_names() if load_pipette(known).robot == bench.robot]
    try:
        pipette = load_pipette(name)
    except LookupError:
        message = f"there is no pipette {name!r}"
        return [platform.HARDWARE_UNKNOWN.at(span, message, help=nearest(name, of_robot))]
    if bench.robot in ROBOTS and pipette.robot != bench.robot:
        message = (
            f"{name} is a pipette of the {pipette.robot}, and this bench is of {a(bench.robot)}"
        )
        listed = f"{a(bench.robot)} takes {', '.join(of_robot)}"
        return [platform.HARDWARE_UNKNOWN.at(span, message, help=listed)]
    return []


def _tip_racks(bench: Bench) -> list[Finding]:
    usable = {
        rack
        for name in bench.pipettes.values()
        if name in pipette_names()
        for rack in load_pipette(name).tip_racks
    }
    span = bench.spans.at("tip racks")
    return [
        platform.HARDWARE_UNKNOWN.at(
            span,
            f"none of the pipettes {', '.join(bench.pipettes.values())} takes tips of {rack!r}",
            help=nearest(rack, usable),
        )
        for rack in bench.tip_racks
        if usable and rack not in usable
    ]


# --- labware --------------------------------------------------------------------------------


def _entry(bench: Bench, entry: BenchLabware, found: Equipment) -> None:
    labware = _labware(bench, entry, found)
    if isinstance(labware, Finding):
        found.findings.append(labware)
        return
    if entry.material is not None:
        labware = replace(labware, material=plain_material(entry.material))
    if labware.category in NO_VESSELS or _smallest(labware) <= 0:
        found.findings.append(
            platform.LABWARE.at(
                span_of(entry.spans, "load", "definition"),
                f"{labware.load_name} ({labware.category}) holds no liquid",
                help="name tip racks under `tip racks`; adapters and lids are found by themselves",
            )
        )
        return
    found.labware[entry.name] = labware
    found.positions[entry.name] = _positions(bench, entry, labware, found)
    _volumes(entry, labware, found)


def _smallest(labware: Labware) -> float:
    return min((well.capacity_ul for well in labware.wells.values()), default=0.0)


def _labware(bench: Bench, entry: BenchLabware, found: Equipment) -> Labware | Finding:
    if entry.definition is not None:
        return _defined(bench, entry, entry.definition, found)
    load_name = entry.load or ""
    try:
        return load_labware(load_name)
    except LookupError:
        return platform.LABWARE_UNKNOWN.at(
            entry.spans.at("load"),
            f"Opentrons has no labware {load_name!r}",
            help=nearest(load_name, labware_names())
            or "give your own as `definition: <file>.json`",
        )


def _defined(
    bench: Bench, entry: BenchLabware, written: str, found: Equipment
) -> Labware | Finding:
    """A definition beside the bench's folder, or one of ours where the file is not there."""
    span = entry.spans.at("definition")
    folder = Path(bench.file).resolve().parent
    path = (folder / written).resolve()
    if path.suffix.lower() != ".json" or folder.parent not in path.parents:
        return platform.LABWARE_UNKNOWN.at(
            span,
            f"{written!r} is not a .json file in the folder of the bench or beside it",
            help="copy the definition there, and write its path relative to the bench",
        )
    shipped = None if path.is_file() else shipped_rack(path.name)
    if shipped is None:
        return read_labware(path, span)
    found.assumptions.append(
        Assumption(None, entry.name, path.name, f"no file {written}; the rack that ships is meant")
    )
    return shipped


def _positions(
    bench: Bench, entry: BenchLabware, labware: Labware, found: Equipment
) -> tuple[str, ...]:
    """The modules on which the labware may stand: those of `on`, else all that take it."""
    if not entry.on:
        return tuple(name for name, m in found.modules.items() if m.model in labware.fits)
    good = []
    span = entry.spans.at("on")
    for name in entry.on:
        module = found.modules.get(name)
        if module is not None and module.model in labware.fits:
            good.append(name)
        elif module is not None:
            fits = ", ".join(sorted(labware.fits)) or "no module"
            found.findings.append(
                platform.LABWARE.at(
                    span,
                    f"{labware.load_name} ({entry.name}) does not stand on {name}, "
                    f"a {module.display_name}; it fits {fits}",
                    help=f"leave {name} out of `on`, take other labware, or tag the definition "
                    f'"fits:{module.model}" if it is made for it',
                )
            )
        elif name != "deck" and name not in bench.modules:  # else it has a finding already
            found.findings.append(
                platform.HARDWARE_UNKNOWN.at(
                    span,
                    f"{entry.name} stands on {name!r}, and the bench has no such module",
                    help=nearest(name, tuple(found.modules)),
                )
            )
    return tuple(good)


def _volumes(entry: BenchLabware, labware: Labware, found: Equipment) -> None:
    span = span_of(entry.spans, "load", "definition")
    worst = max(labware.wells.values(), key=lambda w: w.declared_ul / w.shape.capacity_ul)
    geometric = worst.shape.capacity_ul
    if worst.declared_ul > OVERSTATED * geometric:
        found.findings.append(
            platform.LAB_1.at(
                span,
                f"{labware.load_name} declares {worst.declared_ul:.0f} µL a well, and its shape "
                f"holds {geometric:.0f} µL; {geometric:.0f} µL is what is counted with",
                help="correct totalLiquidVolume, or the depth and width, in the definition",
            )
        )
    if worst.shape.assumed:
        found.assumptions.append(
            Assumption(
                None,
                f"inner shape of {labware.load_name}",
                "straight walls",
                "its definition has no inner geometry, so heights are those of a cylinder or "
                "cuboid of the width and depth given",
            )
        )
