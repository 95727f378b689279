"""What the operator is asked for: a message a pause, a line a task, with the wells it is about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from compiler.passes.lower import numbers
from compiler.stages.charges import Charge
from compiler.stages.layout import Layout
from compiler.stages.operations import WELLS, Ask, Task
from compiler.stages.program import PauseBlock
from compiler.target.commands import WellRef
from compiler.target.labware import Labware
from compiler.target.operator import action_s, wells_of, work_s
from compiler.target.pauses import about

MOST_MASSES = 12  # more different masses than that are read from the prep sheet
FEW_WELLS = 6  # so many are named one by one
_COLUMN = re.compile(r"[A-Z]+(\d+)")


def pause(layout: Layout, operation: Ask) -> PauseBlock:
    """One pause; each line says which step it belongs to, the last one how long it takes."""
    lines = [f"[{task.step}] {_text(layout, task)}." for task in operation.tasks]
    bench = layout.operations.ledger.house.bench
    if bench is not None:
        lines.append(about(work_s(layout, operation.tasks, action_s(bench))))
    return PauseBlock(step=operation.step, message="\n".join(lines), tasks=operation.tasks)


def poured(layout: Layout, operation: Ask) -> Iterator[tuple[Charge, float]]:
    """The liquids that are added by hand in a pause, each with its µL."""
    for task in operation.tasks:
        for charge in layout.operations.ledger.charges.of_step(task.step):
            mine = charge.by_operator and charge.material == task.material
            if mine and charge.volume_ul is not None:
                yield charge, charge.volume_ul / (task.portions or 1)


def _text(layout: Layout, task: Task) -> str:
    """The task with its wells: `reactor (reactors A1)`, `each of reactors A1, B1`."""
    if task.vessel is None:
        return task.text.replace(WELLS, "everything")
    wells = wells_of(layout, task)
    if not wells:
        return task.text.replace(WELLS, task.vessel)
    each = "each of " if len(wells) > 1 else ""
    return task.text.replace(WELLS, f"{each}{in_words(layout, wells)}") + _masses(layout, task)


def _masses(layout: Layout, task: Task) -> str:
    """What goes into which well, where they do not all get the same."""
    wells: dict[str, list[WellRef]] = {}
    for reaction, mass_mg in (task.mass_mg or {}).items():
        ref = layout.wells.get((reaction, task.vessel or ""))
        if ref is not None:
            wells.setdefault(numbers.mass(mass_mg), []).append(ref)
    if len(wells) < 2:
        return ""
    if len(wells) > MOST_MASSES:
        return "; the mass for each well is on the prep sheet"
    return "".join(f"; {mass}: {in_words(layout, mine)}" for mass, mine in wells.items())


def in_words(layout: Layout, wells: Sequence[WellRef]) -> str:
    """Wells, by labware: all of them, whole columns, or one by one."""
    racks: dict[str, list[str]] = {}
    for ref in wells:
        racks.setdefault(ref.labware, []).append(ref.well)
    labware = {placed.label: placed.labware for placed in layout.placed}
    return "; ".join(f"{label} {_named(labware[label], names)}" for label, names in racks.items())


def _named(labware: Labware, names: Sequence[str]) -> str:
    """`A1, B1`; `columns 1 to 3 and D4`; `(all 96)`."""
    if len(names) <= FEW_WELLS:
        return ", ".join(names)
    if len(names) == len(labware.wells):
        return f"(all {len(names)})"
    whole = [column for column in labware.columns if len(column) > 1 and set(column) <= set(names)]
    inside = {name for column in whole for name in column}
    words = [_columns(whole)] if whole else []
    words += [name for name in names if name not in inside]
    return ", ".join(words)


def _columns(whole: Sequence[Sequence[str]]) -> str:
    """`column 2`, `columns 1 to 3 and 7`."""
    found = (_COLUMN.fullmatch(column[0]) for column in whole)
    numbers_ = [int(match[1]) for match in found if match]
    runs: list[list[int]] = []
    for number in numbers_:
        if runs and runs[-1][-1] + 1 == number:
            runs[-1].append(number)
        else:
            runs.append([number])
    words = [f"{run[0]} to {run[-1]}" if len(run) > 1 else str(run[0]) for run in runs]
    return f"column{'s' if len(numbers_) > 1 else ''} {' and '.join(words)}"
