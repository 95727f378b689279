"""How long the operator takes: seconds for an action, and the actions of a task.

An action is one thing done by hand: a well charged or weighed into, a cap put on or taken off, a
piece of labware moved, a sample or a well looked at. A task is done well by well, unless one bath
or one apparatus takes all wells at once; wells of a plate are closed with one lid, vials with a
cap each. Work that has a time of its own (drying for 5 min) lasts that long besides.
"""

from __future__ import annotations

from collections.abc import Iterable

from compiler.stages.documents import Bench
from compiler.stages.layout import Layout
from compiler.stages.operations import Task
from compiler.target.clock import load_clock
from compiler.target.commands import WellRef


def action_s(bench: Bench) -> float:
    """What an action takes: what the bench says, else the clock's own."""
    if bench.per_action is not None:
        return bench.per_action.value
    return load_clock(bench.robot).operator_action_s


def wells_of(layout: Layout, task: Task) -> tuple[WellRef, ...]:
    """The wells that a task is about, in the order of service."""
    return tuple(
        ref
        for (reaction, vessel), ref in layout.wells.items()
        if vessel == task.vessel and (task.mass_mg is None or reaction in task.mass_mg)
    )


def actions_of(layout: Layout, task: Task) -> int:
    """How many actions a task has."""
    wells = wells_of(layout, task)
    if task.at_once or not wells:
        return 1
    if task.closes is None:
        return len(wells)
    category = {placed.label: placed.labware.category for placed in layout.placed}
    lids = {ref.labware for ref in wells if category[ref.labware] == "wellPlate"}
    return len(lids) + sum(ref.labware not in lids for ref in wells)


def work_s(layout: Layout, tasks: Iterable[Task], per_action_s: float) -> float:
    """How long the tasks of a pause take one after the other."""
    return sum(actions_of(layout, task) * per_action_s + task.lasts_s for task in tasks)
