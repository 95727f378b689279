"""A bench's file to a `Bench`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from compiler.diagnostics.codes import platform as p
from compiler.diagnostics.codes import structure as s
from compiler.diagnostics.finding import Finding, Span
from compiler.reading import fields as f
from compiler.reading.nodes import Fields, Items, Scalar, quote
from compiler.reading.opening import Opened, in_order, open_document, wrong_kind
from compiler.reading.result import Read
from compiler.reading.schema import check_structure
from compiler.reading.wording import best_match, choices
from compiler.stages.documents import Bench, BenchLabware, BenchModule
from compiler.stages.quantity import Dimension
from compiler.target.clock_parameters import OwnClock, read_own_clock

SCHEMA = "bench.schema.json"

_NONE: Mapping[str, Fields] = {}


def read_bench(path: Path) -> Read[Bench]:
    """Reads a bench, with every finding of its structure, quantities and references.

    What can't be read is left out; None where there is no mapping, where it is of another kind
    or version, and where it does not name a robot. Raises nothing.
    """
    return bench_of(open_document(path))


def with_clock(read: Read[Bench], clock: Path) -> Read[Bench]:
    """A bench with another clock in place of its own (P-CLOCK where that can't be used)."""
    bench = read.document
    if bench is None:
        return read
    found = read_own_clock(clock, bench.robot, Span(str(clock)))
    if isinstance(found, Finding):
        return Read(bench, (*read.findings, found))
    return Read(replace(bench, clock=found), read.findings)


def bench_of(opened: Opened) -> Read[Bench]:
    """The bench in a document that is open already."""
    root, source = opened.root, opened.source
    other = wrong_kind(opened, "bench")
    if root is None or source is None or other is not None:
        return Read(None, in_order((*opened.findings, *((other,) if other else ()))))
    modules, labware = _modules(root), _labware(root)
    findings = [*opened.findings, *check_structure(root, SCHEMA), *_references(root)]
    robot = f.word(root, "robot", ("Flex", "OT-2"))
    if robot is None:
        return Read(None, in_order(findings))
    operator = f.mapping(root.get("operator"))
    limits = f.mapping(root.get("limits"))
    clock = _clock(root, source.file, robot)
    if isinstance(clock, Finding):
        findings.append(clock)
    document = Bench(
        file=source.file,
        sha256=source.sha256,
        spans=f.spans(root),
        robot=robot,
        pipettes=_pipettes(root),
        modules=modules,
        labware=labware,
        tip_racks=f.names(root, "tip racks"),
        api_level=f.text(root, "api level"),
        ice_bath=operator is not None and f.flag(operator, "ice bath"),
        stir_plate=operator is not None and f.flag(operator, "stir plate"),
        enclosure=f.flag(root, "enclosure"),
        available=f.text(operator, "available") if operator else None,
        per_action=f.quantity(operator, "per action", Dimension.TIME) if operator else None,
        clock=clock if isinstance(clock, OwnClock) else None,
        max_hold=f.quantity(limits, "max hold", Dimension.TIME) if limits else None,
        fill=f.quantity(limits, "fill", Dimension.FRACTION) if limits else None,
    )
    return Read(document, in_order(findings))


def _clock(root: Fields, bench: str, robot: str) -> OwnClock | Finding | None:
    """The robot's own clock, from the bench's folder."""
    name = f.text(root, "clock")
    if name is None:
        return None
    folder = Path(bench).resolve().parent
    path = (folder / name).resolve() if "\0" not in name else folder
    if path.suffix.lower() != ".json" or folder.parent not in path.parents:
        message = f"{quote(name)} is not a .json file in the folder of the bench or beside it"
        return p.CLOCK.at(root["clock"].span, message, help="copy the file to the bench")
    return read_own_clock(Path(bench).parent / name, robot, root["clock"].span)


def _pipettes(root: Fields) -> Mapping[str, str]:
    mounts = f.mapping(root.get("pipettes"))
    if mounts is None:
        return {}
    named = {mount: f.text(mounts, mount) for mount in ("left", "right")}
    return {mount: name for mount, name in named.items() if name is not None}


def _modules(root: Fields) -> Mapping[str, BenchModule]:
    outer = f.mapping(root.get("modules"))
    return {
        name: BenchModule(
            name=name,
            is_=model,
            slot=f.text(node, "slot"),
            spans=f.spans(node, outer.entry_span(name)),
        )
        for name, node in (f.members(root, "modules") if outer else _NONE).items()
        if outer is not None and (model := f.text(node, "is"))
    }


def _labware(root: Fields) -> Mapping[str, BenchLabware]:
    outer = f.mapping(root.get("labware"))
    entries = {}
    for name, node in (f.members(root, "labware") if outer else _NONE).items():
        definition, load = f.text(node, "definition"), f.text(node, "load")
        if outer is None or (definition is None) == (load is None):
            continue  # S-KEY-MISSING or S-TYPE
        entries[name] = BenchLabware(
            name=name,
            spans=f.spans(node, outer.entry_span(name)),
            definition=definition,
            load=load,
            holds=f.names(node, "holds"),
            on=f.names(node, "on"),
            slot=f.text(node, "slot"),
            material=f.text(node, "material"),
        )
    return entries


def _references(root: Fields) -> Iterator[Finding]:
    """S-REFERENCE for labware that stands on a module which the bench does not have."""
    modules = tuple(f.mapping(root.get("modules")) or ())
    for node in f.members(root, "labware").values():
        on = node.get("on")
        for each in on.nodes if isinstance(on, Items) else (on,):
            if not isinstance(each, Scalar) or each.is_null or each.text in (*modules, "deck"):
                continue
            close = best_match(each.text, modules)
            help_ = f"Did you mean {quote(close)}? " if close else ""
            help_ += f"Modules: {choices(modules, 'and') or 'none'}."
            message = f"{quote(each.text)} is no module of this bench."
            yield s.REFERENCE.at(each.span, message, help=help_)
