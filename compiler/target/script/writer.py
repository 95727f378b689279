"""A program as Opentrons Python: one script for each part, to be read from top to bottom."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from compiler.stages import program as p
from compiler.stages.layout import Layout
from compiler.target import expand as x
from compiler.target.script.blocks import module_model, write_block
from compiler.target.script.header import ScriptHeader, docstring
from compiler.target.script.helpers import FUNCTIONS, HANDLING, with_needs
from compiler.target.script.names import Scope, scope_of
from compiler.target.script.page import Page, Waits
from compiler.target.script.setup import deactivate, write_deck, write_liquids, write_opening
from compiler.target.script.text import Lines, literal
from compiler.target.strokes import context_of
from compiler.target.wording import clean


def write_scripts(
    program: p.Program, title: str, header: ScriptHeader
) -> tuple[tuple[str, str], ...]:
    """The scripts of a program: (file name suffix, text), in the order in which they are run.

    A program of one part has the suffix `.py`; else they are `.part1.py`, `.part2.py`, ...
    """
    many = len(program.parts) > 1
    suffixes = [f".part{part.number}.py" if many else ".py" for part in program.parts]
    return tuple(
        (suffix, _script(program, part, title, header, suffixes))
        for suffix, part in zip(suffixes, program.parts, strict=True)
    )


def _script(
    program: p.Program, part: p.Part, title: str, header: ScriptHeader, suffixes: list[str]
) -> str:
    layout = program.layout
    timers = tuple(block.timer for block in part.blocks if isinstance(block, p.TimerBlock))
    scope = scope_of(layout, timers)
    planned = {} if x.has_timers(layout) else x.planned_waits_s(program, part)
    waits = Waits(x.has_timers(layout), planned, scope)
    page = Page(Lines(), context_of(layout, part), scope, waits)
    with page.lines.block("def run(protocol):"):
        _write_run(page, program, part, header)
    top = Lines()
    _write_top(top, layout, part, title, header, scope, suffixes)
    return f"{top}\n\n{_without_idle_names(str(page.lines))}{_definitions(layout, scope)}"


def _without_idle_names(run: str) -> str:
    """The function without the names that nothing uses: what they hold is loaded all the same."""
    tree = ast.walk(ast.parse(run))
    nodes = [node for node in tree if isinstance(node, ast.Name | ast.Assign)]
    read = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    lines = run.split("\n")
    for node in nodes:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            if name not in read:
                lines[node.lineno - 1] = lines[node.lineno - 1].replace(f"{name} = ", "", 1)
    return "\n".join(lines)


def _write_top(
    lines: Lines,
    layout: Layout,
    part: p.Part,
    title: str,
    header: ScriptHeader,
    scope: Scope,
    suffixes: list[str],
) -> None:
    """Docstring, imports, metadata, handling parameters and helper functions."""
    names = [f"<name>{suffix}" for suffix in suffixes]
    text = docstring(header, title, layout.robot, part, len(suffixes), names)
    lines.add(*text.rstrip("\n").split("\n"))
    lines.blank()
    imports = ["import json"] if scope.definitions else []
    if "wait_until" in scope.used:
        imports.append("import time")
    if scope.handlings.any:
        imports += ["from typing import NamedTuple"]
    if imports:
        lines.add(*imports)
        lines.blank()
    which = f", part {part.number} of {len(suffixes)}" if len(suffixes) > 1 else ""
    entries = {"protocolName": clean(title) + which, "author": header.compiler}
    entries.update({"description": header.source, **header.extra})
    lines.add("metadata = {")
    with lines.indented():
        lines.add(*(f"{literal(clean(k))}: {literal(clean(v))}," for k, v in entries.items()))
    lines.add("}")
    robot, level = literal(layout.robot), literal(layout.api_level)
    lines.add(f'requirements = {{"robotType": {robot}, "apiLevel": {level}}}')
    if scope.handlings.any:
        lines.add("", "", *HANDLING.rstrip("\n").split("\n"), "", "")
        scope.handlings.write(lines)
    for name in with_needs(scope.used):
        lines.add("", "", *FUNCTIONS[name].rstrip("\n").split("\n"))


def _write_run(page: Page, program: p.Program, part: p.Part, header: ScriptHeader) -> None:
    """The body of `run`: the deck, then a section for each step, then the end."""
    lines, layout = page.lines, program.layout
    write_deck(lines, layout, part, page.scope)
    lines.blank()
    write_liquids(lines, layout, part, page.scope)
    lines.blank()
    write_opening(lines, layout, part, page.scope)
    for index, block in enumerate(part.blocks):
        if x.starts_section(part, index):
            _write_heading(lines, program, block.step, header)
        write_block(page, block)
        if isinstance(block, p.MoveBlock):
            deck = page.context.deck.moved(block.label, block.to)
            page = replace(page, context=replace(page.context, deck=deck))
    _write_end(page, program, part)


def _write_heading(lines: Lines, program: p.Program, step: str, header: ScriptHeader) -> None:
    """Where the step was written, and its sentence, which also goes into the run log."""
    lines.blank()
    where = header.steps.get(step)
    if where is not None:
        line = f"--- {clean(where.file)}:{where.line} "
        lines.comment(line + "-" * max(3, 92 - len(line)))
    lines.say("protocol.comment", x.marker(program, step))


def _write_end(page: Page, program: p.Program, part: p.Part) -> None:
    """Everything that works goes off, except what the hold before the next part needs."""
    lines, layout = page.lines, program.layout
    shaking, heating = x.working(page.context, part)
    lines.blank()
    lines.comment("--- the end " + "-" * 80)
    following = x.following(program, part)
    for module in layout.modules:
        label, name = module.label, page.scope.modules[module.label]
        if label in part.keep_on:
            doing = [f"shaking at {shaking[label]} rpm"] if label in shaking else []
            doing += [f"at {heating[label]:g} °C"] if label in heating else []
            if doing:
                lines.comment(f"{name} stays on, {' and '.join(doing)}: {_why(part, following)}")
            continue
        if label in shaking:
            lines.add(f"{name}.deactivate_shaker()")
        if label in heating:
            lines.add(deactivate(module_model(page, label), name))
    lines.say("protocol.comment", x.farewell(program, part))


def _why(part: p.Part, following: p.Part | None) -> str:
    if following is None:
        return "the procedure goes on by hand."
    hours = following.hold_s / 3600.0
    return f"part {following.number} is started after a hold of {hours:.3g} h that needs it."


def _definitions(layout: Layout, scope: Scope) -> str:
    """The custom labware, as JSON in raw strings."""
    seen: dict[str, Mapping[str, Any]] = {}
    for placed in layout.placed:
        if placed.labware.custom:
            seen.setdefault(placed.labware.load_name, placed.labware.definition)
    if not seen:
        return ""
    out = ["", "", "# Custom labware definitions", ""]
    for load_name, definition in seen.items():
        out += [f'{scope.definitions[load_name]} = r"""', _json(definition), '"""', ""]
    return "\n".join(out[:-1]) + "\n"


def _json(definition: Mapping[str, Any]) -> str:
    """JSON that may stand in a raw string: ASCII, a line for each key and each well.

    Three double quotes in a row can't occur: a quote within a string is written as \\u0022, and
    an empty string next to another string is kept apart by a colon, a comma or a bracket.
    """
    lines = []
    for key, value in definition.items():
        if key == "wells" and isinstance(value, Mapping):
            wells = ",\n".join(f"  {_flat(name)}: {_flat(well)}" for name, well in value.items())
            lines.append(f"{_flat(key)}: {{\n{wells}\n }}")
        else:
            lines.append(f"{_flat(key)}: {_flat(value)}")
    return "{\n " + ",\n ".join(lines) + "\n}"


def _flat(value: object) -> str:
    text = json.dumps(value, ensure_ascii=True)
    return text.replace("\\\\", "\\u005c").replace('\\"', "\\u0022")
