"""What the operator ticks off: before each part, and at every stop of the run."""

from __future__ import annotations

import re
from dataclasses import dataclass

from compiler.stages.layout import Layout
from compiler.stages.program import Program
from compiler.target.pauses import said_s
from simulate.review.timetable import Timetable
from simulate.review.values import Plan
from simulate.review.wells import well_names


@dataclass(frozen=True, slots=True)
class Item:
    """One box to tick."""

    text: str
    step: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Boxes that belong together: a set-up, or one stop of the run at `at_s`."""

    title: str
    items: tuple[Item, ...]
    at_s: float | None = None


def checklist(program: Program, table: Timetable, plan: Plan) -> tuple[Group, ...]:
    """Set-up, then every stop in the order of the run."""
    groups = [Group("Before the run", tuple(_set_up(program, plan)))]
    for number, part in enumerate(program.parts):
        script = plan["scripts"][number]
        if part.after:
            wait = f"Wait: {part.after}"
            groups.append(Group(f"Before part {part.number}", (Item(wait), _start(script["file"]))))
        for pause in table.pauses:
            if pause.part == part.number:
                title = f"Stop {1 + table.pauses.index(pause)} of {len(table.pauses)}"
                text = _with_ranges(program.layout, pause.message)
                lines = [line for line in text.split("\n") if line.strip()]
                if said_s(pause.message) is not None:
                    last = lines.pop().rstrip(".")
                    title += f": {last[:1].lower()}{last[1:]}"
                groups.append(Group(title, tuple(map(_item, lines)), pause.starts_s))
    return tuple(groups)


def _set_up(program: Program, plan: Plan) -> list[Item]:
    layout = program.layout
    items = [Item("Everything on the prep sheet is weighed, dissolved and in its place")]
    for module in layout.modules:
        items.append(Item(f"{module.module.display_name} ({module.label}) in slot {module.slot}"))
    for placed in layout.placed:
        where = f"on {placed.on}" if placed.on else f"in slot {placed.slot}"
        items.append(Item(f"{placed.label}: {placed.labware.display_name} {where}"))
    if layout.trash is not None:
        items.append(Item(f"trash bin in slot {layout.trash}"))
    for mount, mounted in sorted(layout.mounted.items()):
        items.append(Item(f"{mounted.pipette.display_name} on the {mount} mount"))
    items.append(Item("The sash is down, the extraction runs, nothing stands in the arm's way"))
    items.append(_start(plan["scripts"][0]["file"]))
    return items


def _with_ranges(layout: Layout, text: str) -> str:
    """A message with `reactors A1–D6` for what the script names well by well."""
    for placed in layout.placed:
        several = re.compile(rf"\b{re.escape(placed.label)} ([A-P]\d+(?:, [A-P]\d+)+)")
        text = several.sub(
            lambda found: well_names(
                layout, [(found[0].split(" ", 1)[0], well) for well in found[1].split(", ")]
            ),
            text,
        )
    return text


def _start(file: str) -> Item:
    return Item(f"Start {file}")


def _item(line: str) -> Item:
    if line.startswith("[") and "]" in line:
        step, text = line[1:].split("]", 1)
        return Item(text.strip(), step)
    return Item(line.strip())
