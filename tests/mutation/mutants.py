"""Faults planted into a written script by editing its syntax tree.

Every mutant differs from the script in one place: a number, a well, a statement. Statements of the
set-up (labware, pipettes, declared liquids) are left alone, except for declared volumes.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# What the script's own helpers and Opentrons' methods take, by position.
_POSITIONS = {
    "draw_up": {2: "volume", 3: "source", 4: "height"},
    "deliver": {1: "volume", 2: "well", 3: "height"},
    "pre_wet": {2: "volume", 3: "source", 4: "height"},
    "mix": {1: "cycles", 2: "volume", 3: "well", 4: "height", 5: "flow"},
    "load_liquid": {1: "volume"},
    "aspirate": {0: "volume", 1: "source"},
    "dispense": {0: "volume", 1: "well"},
    "blow_out": {0: "well"},
    "bottom": {0: "height"},
    "top": {0: "height"},
    "set_and_wait_for_shake_speed": {0: "speed"},
    "set_and_wait_for_temperature": {0: "temperature"},
    "set_temperature": {0: "temperature"},
    "set_target_temperature": {0: "temperature"},
    "range": {0: "count"},
}
_KEYWORDS = {"seconds": "time"}
# Loop variables of the written scripts, and what they stand for.
_LOOP_NAMES = {
    "volume": "volume",
    "well": "well",
    "source": "source",
    "dest": "well",
    "height": "height",
    "tip": "tip",
    "stroke": "volume",
}
_SET_UP = ("load_", "define_liquid", "close_labware_latch")
_WAITS = {"wait_for_tasks", "wait_for_temperature", "await_temperature"}
_OTHER_WELLS = {"A1": "B1", "B1": "A1"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """One edit: its kind, its line in the script, what was done, the whole edited text."""

    kind: str
    line: int
    what: str
    text: str


def mutants(text: str) -> list[Mutant]:
    """Every mutant of a script, in the order of its lines."""
    tree = ast.parse(text)
    run = next(
        node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "run"
    )
    found = [*_of_values(tree, run), *_of_statements(tree, run)]
    unique = {mutant.text: mutant for mutant in found if mutant.text != text}
    return sorted(unique.values(), key=lambda mutant: (mutant.line, mutant.kind, mutant.what))


# --- numbers and wells -------------------------------------------------------------------------


def _of_values(tree: ast.Module, run: ast.FunctionDef) -> Iterator[Mutant]:
    for node, role in _roles(run):
        if isinstance(node, ast.Constant):
            for kind, value in _other_values(role, node.value):
                yield _with_value(tree, node, kind, value)
        elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            name = str(node.slice.value)
            kind = "source" if role == "source" else "well"
            yield _with_value(tree, node.slice, kind, _OTHER_WELLS.get(name, "A1"))


def _roles(run: ast.FunctionDef) -> Iterator[tuple[ast.expr, str]]:
    """Every value in the run's blocks that has a meaning, and the meaning."""
    for node in ast.walk(run):
        if isinstance(node, ast.Call):
            roles = _POSITIONS.get(_name(node), {})
            for position, argument in enumerate(node.args):
                if position in roles:
                    yield from _values(argument, roles[position])
            for keyword in node.keywords:
                if keyword.arg in _KEYWORDS:
                    yield from _values(keyword.value, _KEYWORDS[keyword.arg])
        elif isinstance(node, ast.For):
            yield from _of_loop(node)


def _values(node: ast.expr, role: str) -> Iterator[tuple[ast.expr, str]]:
    if isinstance(node, ast.Constant | ast.Subscript):
        yield node, role
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        yield from _values(node.func.value, role)  # `reactors["A1"].bottom(28.0)`


def _of_loop(node: ast.For) -> Iterator[tuple[ast.expr, str]]:
    """The table that a loop goes through."""
    table = node.iter.left if isinstance(node.iter, ast.BinOp) else node.iter
    if not isinstance(table, ast.List | ast.Tuple):
        return
    names = node.target.elts if isinstance(node.target, ast.Tuple) else [node.target]
    roles = [_role_of(name) for name in names]
    for row in table.elts:
        cells = row.elts if isinstance(row, ast.Tuple) and len(roles) > 1 else [row]
        for cell, role in zip(cells, roles, strict=False):
            if (role and isinstance(cell, ast.Constant)) or (
                role and isinstance(cell, ast.Subscript)
            ):
                yield cell, role


def _role_of(name: ast.expr) -> str | None:
    if not isinstance(name, ast.Name):
        return None
    return next((role for word, role in _LOOP_NAMES.items() if word in name.id), None)


def _other_values(role: str, value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, str):
        if role in ("well", "source", "tip"):
            yield role, _OTHER_WELLS.get(value, "A1")
        return
    if isinstance(value, bool) or not isinstance(value, int | float):
        return
    match role:
        case "volume":
            for share in (0.98, 1.02, 0.8, 1.2):
                yield f"volume {share - 1:+.0%}", value * share
        case "height":
            yield "height +3 mm", value + 3.0
            yield "height across the interface", value + 8.0
        case "time":
            yield "time −10 %", value * 0.9
            yield "time +50 %", value * 1.5
        case "temperature":
            yield "temperature +5 K", value + 5
            yield "temperature −5 K", value - 5
        case "speed":
            yield "speed", round(value * 0.7)
        case "count":
            yield "count −1", value - 1
            yield "count +1", value + 1
        case "cycles":
            yield "cycles", max(1, int(value) // 2)
        case "flow":
            yield "flow", value * 2


def _with_value(tree: ast.Module, node: ast.Constant, kind: str, value: object) -> Mutant:
    before, node.value = node.value, value
    try:
        text = ast.unparse(tree)
    finally:
        node.value = before
    return Mutant(kind, node.lineno, f"{before!r} -> {value!r}", text)


# --- statements --------------------------------------------------------------------------------


def _of_statements(tree: ast.Module, run: ast.FunctionDef) -> Iterator[Mutant]:
    for body in _bodies(run):
        for number, statement in enumerate(body):
            if _is_set_up(statement):
                continue
            shown = ast.unparse(statement).splitlines()[0][:70]
            yield _edited(tree, body, number, [], _kind_of_missing(statement), shown)
            twice = [statement, copy.deepcopy(statement)]
            yield _edited(tree, body, number, twice, "doubled step", shown)
            after = body[number + 1] if number + 1 < len(body) else None
            if after is not None and not _is_set_up(after):
                swapped = [after, statement]
                both = f"{shown[:45]} <-> {ast.unparse(after).splitlines()[0][:45]}"
                yield _edited(tree, body, number, swapped, "swapped steps", both, length=2)


def _bodies(run: ast.FunctionDef) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(run):
        if isinstance(node, ast.FunctionDef | ast.For | ast.With | ast.If | ast.While):
            yield node.body


def _is_set_up(statement: ast.stmt) -> bool:
    calls = [_name(node) for node in ast.walk(statement) if isinstance(node, ast.Call)]
    first = not isinstance(statement, ast.For | ast.With | ast.If | ast.While)
    return first and any(name.startswith(_SET_UP) for name in calls)


def _kind_of_missing(statement: ast.stmt) -> str:
    names = {_name(node) for node in ast.walk(statement) if isinstance(node, ast.Call)}
    if isinstance(statement, ast.Expr):
        if "drop_tip" in names:
            return "tip kept"
        if "mix" in names:
            return "mix left out"
        if names & _WAITS:
            return "never awaited"
    return "missing step"


def _edited(
    tree: ast.Module,
    body: list[ast.stmt],
    number: int,
    instead: Sequence[ast.stmt],
    kind: str,
    shown: str,
    length: int = 1,
) -> Mutant:
    before = body[:]
    line = body[number].lineno
    body[number : number + length] = instead
    empty = not body
    if empty:
        body.append(ast.Pass())
    try:
        text = ast.unparse(ast.fix_missing_locations(tree))
    finally:
        body[:] = before
    return Mutant(kind, line, shown, text)


def _name(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""
