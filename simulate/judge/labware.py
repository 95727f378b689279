"""Labware on modules that are not made for it, and in a gripper that can't hold it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from compiler.diagnostics.codes import platform as p
from compiler.diagnostics.finding import Severity
from compiler.target import commands as c
from compiler.target.modules import modules_directly
from simulate.judge.case import Case, Fault, Where, fault, of
from simulate.traced import LoadedLabware

_DEEPEST_PCR_MM = 25.0  # a thermocycler's lid closes over PCR plates only


def check_modules(case: Case) -> Iterator[Fault]:
    """Every labware that is loaded or moved onto a module."""
    for item in case.trace.labware.values():
        if item.on is not None:
            yield from _on_module(case, item, item.on, Where(item.line), direct=item.under is None)
    moves = [h for h in case.trace.happenings if h.kind == "moveLabware"]
    targets = [t for t in case.trace.commands if isinstance(t.command, c.MoveLabware)]
    for happening, traced in zip(moves, targets, strict=False):
        move = traced.command
        assert isinstance(move, c.MoveLabware)  # the list has no others
        moved = case.trace.labware.get(move.labware)
        if moved is not None and move.to in case.trace.modules:
            location = happening.params.get("newLocation")
            direct = isinstance(location, Mapping) and "moduleId" in location
            yield from _on_module(case, moved, move.to, of(traced), direct=direct)


def _on_module(
    case: Case, item: LoadedLabware, module: str, where: Where, *, direct: bool
) -> Iterator[Fault]:
    model = case.trace.modules[module].model
    reason = _unfit(item, model, direct=direct)
    if reason is not None:
        yield fault(
            p.LABWARE,
            where,
            f"{item.load_name} ({item.label}) stands on {module}: {reason}",
            "use labware or an adapter that is made for the module",
        )


def _unfit(item: LoadedLabware, model: str, *, direct: bool) -> str | None:
    definition = item.definition
    category = definition.get("metadata", {}).get("displayCategory", "")
    if item.is_tip_rack:
        return "it is a tip rack"
    if "adapter" in (definition.get("allowedRoles") or ()) or category in ("adapter", "lid"):
        return None  # the engine refuses an adapter that is made for something else
    if definition.get("namespace") != "opentrons":
        tags = [tag for tag in definition.get("metadata", {}).get("tags") or () if "fits:" in tag]
        made_for = {tag.removeprefix("fits:").strip() for tag in tags}
        return (
            f"its definition says that it fits {', '.join(sorted(made_for))}"
            * (bool(made_for) and model not in made_for)
            or None
        )
    if model in _made_for(definition, item.load_name):
        return None
    if category in ("tubeRack", "reservoir"):
        return f"it is a {'tube rack' if category == 'tubeRack' else 'reservoir'}"
    if model.startswith("heaterShaker") and direct:
        return "there is no adapter under it"
    if model.startswith("thermocycler"):
        depth = max((float(w["depth"]) for w in definition.get("wells", {}).values()), default=0.0)
        if category != "wellPlate" or depth > _DEEPEST_PCR_MM:
            return "a thermocycler takes PCR plates"
    return None


def _made_for(definition: Mapping[str, Any], load_name: str) -> frozenset[str]:
    named = definition.get("stackingOffsetWithModule") or {}
    return frozenset({*named, *modules_directly(load_name)})


def check_gripper(case: Case) -> Iterator[Fault]:
    """Labware that the gripper can't carry."""
    for traced in case.trace.commands:
        match traced.command:
            case c.MoveLabware(label, _, True):
                pass
            case _:
                continue
        item = case.trace.labware.get(label)
        if item is None:
            continue
        parameters = item.definition.get("parameters", {})
        category = item.definition.get("metadata", {}).get("displayCategory", "")
        refused = "gripperIncompatible" in (parameters.get("quirks") or ())
        ungrippable = "gripForce" not in item.definition
        if refused or (ungrippable and category in ("tubeRack", "reservoir", "aluminumBlock")):
            severity = None
        elif ungrippable and item.definition.get("namespace") == "opentrons":
            severity = Severity.NOTE
        else:
            continue
        yield fault(
            p.LABWARE,
            of(traced),
            f"the gripper moves {item.load_name} ({label}), which is not made for it",
            "let the operator move it: use_gripper=False",
            severity,
        )
