"""plan.json: the contract of outputs.md, from the program and the ledger behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from compiler.chemistry.mixture import composition_mmol_ml
from compiler.diagnostics.finding import Finding
from compiler.diagnostics.json_output import finding_object
from compiler.passes.tips import tips_used
from compiler.plan.actions import actions
from compiler.plan.assumptions import assumptions_of
from compiler.plan.course import held_by
from compiler.plan.kept import (
    hold_objects,
    limit_objects,
    mix_objects,
    stand_objects,
    temperature_objects,
)
from compiler.plan.prep import solute_mg
from compiler.plan.steps import step_objects
from compiler.plan.timeline import timeline
from compiler.plan.timing import timing_object
from compiler.stages.charges import Charge, Supplied
from compiler.stages.contents import Draw, Phase, Snapshot
from compiler.stages.documents import Acknowledgement, Add
from compiler.stages.layout import Stock
from compiler.stages.operations import DeliverDrops, DrawPhase
from compiler.stages.program import (
    PauseBlock,
    Program,
)
from compiler.target.commands import WellRef
from compiler.target.pipettes import Pipette

VERSION = 1


@dataclass(frozen=True, slots=True)
class PlanInputs:
    """What the plan says about where it came from.

    `files` are (path as shown, sha256), `scripts` (file name, part, after).
    """

    compiler_version: str
    files: tuple[tuple[str, str], ...]
    scripts: tuple[tuple[str, int, str], ...]
    findings: tuple[Finding, ...]
    acknowledged: tuple[Acknowledgement, ...]


def plan_document(program: Program, inputs: PlanInputs) -> dict[str, Any]:
    """The whole plan as JSON-ready values; the same program gives the same document."""
    layout = program.layout
    operations = layout.operations
    ledger = operations.ledger
    recipe = ledger.charges.recipe
    procedure = recipe.procedure
    times = timeline(program)
    return {
        "version": VERSION,
        "compiler": {"name": "workup", "version": inputs.compiler_version},
        "inputs": [{"path": path, "sha256": sha256} for path, sha256 in inputs.files],
        "stages": [
            {
                "id": ledger.charges.reactions[0].stage,
                "title": procedure.title,
                "file": procedure.file,
                "basis": recipe.basis,
            }
        ],
        "robot": {
            "type": layout.robot,
            "api_level": layout.api_level,
            **({"clock": dict(layout.clock)} if layout.clock else {}),
        },
        "reactions": _reactions(program),
        "charges": _charges(program),
        "contents": [_snapshot(snapshot) for snapshot in ledger.snapshots],
        "draws": _draws(program),
        "scripts": _scripts(program, inputs),
        "stocks": [_stock(stock) for stock in layout.stocks],
        "waste": {name: _ref(well) for name, well in sorted(layout.waste.items())},
        "deck": _deck(program),
        "pipettes": [
            {"mount": m, "name": mounted.pipette.name, "tip_racks": list(mounted.tip_racks)}
            for m, mounted in sorted(layout.mounted.items())
        ],
        "tips": _tips(program),
        "steps": step_objects(program, times),
        "timing": timing_object(program, times),
        "holds": hold_objects(program),
        "stands": stand_objects(program),
        "limits": limit_objects(program),
        "temperatures": temperature_objects(program),
        "mixes": mix_objects(program),
        "actions": actions(program),
        "gas": [
            {
                "step": gas.step,
                "reaction": gas.reaction,
                "gas": gas.gas,
                "mmol": gas.mmol,
                "mL": gas.volume_ml,
                "worst_case": True,
            }
            for gas in ledger.gas
        ],
        "assumptions": [
            {"step": a.step, "what": a.what, "value": a.value, "why": a.why}
            for a in assumptions_of(layout)
        ],
        "acknowledged": [
            {"code": a.code, "step": a.step, "reason": a.reason} for a in inputs.acknowledged
        ],
        "findings": [finding_object(finding) for finding in inputs.findings],
    }


def _ref(well: WellRef) -> dict[str, str]:
    return {"labware": well.labware, "well": well.well}


def _scripts(program: Program, inputs: PlanInputs) -> list[dict[str, Any]]:
    """The scripts, each with the hold that lies before it."""
    held = held_by(program)
    hold_s = {part.number: part.hold_s for part in program.parts}
    return [
        {"file": file, "part": number, "after": after}
        | ({"hold": {"step": held[number], "s": hold_s[number]}} if number in held else {})
        for file, number, after in inputs.scripts
    ]


def _reactions(program: Program) -> list[dict[str, Any]]:
    layout = program.layout
    return [
        {
            "id": reaction.id,
            "row": reaction.row,
            **({"name": reaction.name} if reaction.name else {}),
            "stage": reaction.stage,
            "scale_mmol": reaction.scale_mmol,
            "limiting": reaction.limiting,
            "theory_mg": dict(reaction.theory_mg),
            "wells": {
                vessel: _ref(ref)
                for (r, vessel), ref in sorted(layout.wells.items(), key=lambda well: well[0][1])
                if r == reaction.id
            },
        }
        for reaction in layout.operations.ledger.charges.reactions
    ]


def _charges(program: Program) -> list[dict[str, Any]]:
    operations = program.layout.operations
    steps = {s.id: s for s in operations.ledger.charges.recipe.procedure.steps}
    dropped = {o.step: o for o in operations.operations if isinstance(o, DeliverDrops)}
    names = operations.pipettes
    found = []
    for charge in operations.ledger.charges.charges:
        step = steps[charge.step]
        entry: dict[str, Any] = {
            "step": charge.step,
            "reaction": charge.reaction,
            "material": charge.material,
            "vessel": charge.vessel,
            "equiv": charge.equiv,
            "mmol": charge.mmol,
            "mg": charge.mass_mg,
            "uL": charge.volume_ul,
            "as": charge.form.value,
            "by": "operator" if charge.by_operator else "robot",
            "round": charge.round,
        }
        if isinstance(step, Add) and step.portionwise is not None and charge.by_operator:
            entry["portions"] = _portions(step, charge)
        supplied = operations.ledger.charges.recipe.supplied[charge.material]
        if charge.by_operator and supplied.is_liquid:
            entry |= _composition(supplied)  # no stock on the deck says what it is
        if charge.step in dropped and not charge.by_operator:
            entry["dropwise"] = _dropwise(dropped[charge.step], charge, names)
        found.append(entry)
    return found


def _portions(step: Add, charge: Charge) -> dict[str, Any]:
    assert step.portionwise is not None
    n = step.portionwise.portions
    each = None if charge.mass_mg is None else charge.mass_mg / n
    return {"n": n, "mg_each": each, "every_s": step.portionwise.every.value}


def _dropwise(
    operation: DeliverDrops, charge: Charge, names: Mapping[str, Pipette]
) -> dict[str, Any]:
    drops = operation.drops
    return {
        "drops": drops.count,
        "drop_uL": drops.drop_ul.get(charge.reaction),
        "interval_s": drops.interval_s,
        "pipette": names[operation.pipette].name,
    }


def _snapshot(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "step": snapshot.step,
        "moment": snapshot.moment,
        "round": snapshot.round,
        "reaction": snapshot.reaction,
        "vessel": snapshot.vessel,
        "uL": snapshot.volume_ul,
        "mmol": dict(snapshot.mmol),
        "pH": None if snapshot.ph is None else list(snapshot.ph),
        "temperature_degC": snapshot.temperature_c,
        "phases": [_phase(phase) for phase in snapshot.phases],
    }


def _phase(phase: Phase) -> dict[str, Any]:
    return {
        "kind": phase.kind.value,
        "position": phase.position,
        "uL": phase.volume_ul,
        "density_g_mL": phase.density_g_ml,
        "interface_mm": phase.interface_mm,
        "top_mm": phase.top_mm,
        "solvents_uL": dict(phase.solvents_ul),
        "mmol": dict(phase.mmol),
    }


def _draws(program: Program) -> list[dict[str, Any]]:
    operations = program.layout.operations
    strokes = {
        (o.step, o.round, reaction): len(volumes)
        for o in operations.operations
        if isinstance(o, DrawPhase)
        for reaction, volumes in o.stroke_ul.items()
    }
    return [_draw(draw, strokes) for draw in operations.ledger.draws]


def _draw(draw: Draw, strokes: Mapping[tuple[str, int, str], int]) -> dict[str, Any]:
    count = strokes.get((draw.step, draw.round, draw.reaction))
    return {
        "step": draw.step,
        "reaction": draw.reaction,
        "vessel": draw.vessel,
        "into": draw.into,
        "round": draw.round,
        "phase": draw.phase.value,
        "position": draw.position,
        "uL": draw.volume_ul,
        "guard_uL": draw.guard_ul,
        "strokes": 0 if count is None else count,
        "by": "operator" if count is None else "robot",
        "interface_mm": draw.interface_mm,
        "tip_mm": draw.tip_mm,
        "recovered": draw.recovered,
    }


def _stock(stock: Stock) -> dict[str, Any]:
    supplied: Supplied = stock.supplied
    return {
        "material": stock.material,
        **_ref(stock.well),
        "uL": stock.volume_ul,
        "dead_uL": stock.dead_ul,
        "solute_mg": solute_mg(stock),
        "solvent": supplied.medium,
        **_composition(supplied),
    }


def _composition(supplied: Supplied) -> dict[str, Any]:
    """What 1 mL of a liquid is made of, for those who account for it."""
    return {
        "composition_mmol_mL": composition_mmol_ml(supplied),
        "liquids": [
            {
                "name": liquid.name,
                "fraction": liquid.fraction,
                "density_g_mL": liquid.density_g_ml,
                "miscibility": liquid.miscibility.value,
            }
            for liquid in supplied.liquids
        ],
    }


def _deck(program: Program) -> list[dict[str, Any]]:
    layout = program.layout
    modules: list[dict[str, Any]] = [
        {
            "slot": module.slot,
            "label": module.label,
            "load_name": module.module.model,
            "on": None,
            "material": None,
        }
        for module in layout.modules
    ]
    labware: list[dict[str, Any]] = [
        {
            "slot": placed.slot,
            "label": placed.label,
            "load_name": placed.labware.load_name,
            "on": placed.on,
            "material": placed.labware.material,
        }
        for placed in layout.placed
    ]
    trash = [
        {"slot": layout.trash, "label": "trash", "load_name": "trash bin", "on": None}
        | {"material": None}
    ]
    return modules + labware + (trash if layout.trash is not None else [])


def _tips(program: Program) -> dict[str, int]:
    operations = program.layout.operations
    robot_charges = sum(not c.by_operator for c in operations.ledger.charges.charges)
    draws = sum(len(o.stroke_ul) for o in operations.operations if isinstance(o, DrawPhase))
    pauses = [b for part in program.parts for b in part.blocks if isinstance(b, PauseBlock)]
    return {
        "used": tips_used(program),
        "per_transfer": robot_charges + draws,
        "refills": sum(bool(pause.refills) for pause in pauses),
    }
