"""Caps on and off, and one pause for what the operator can do at one time."""

from __future__ import annotations

from collections.abc import Sequence

from compiler.passes.lower.context import Context
from compiler.stages.documents import Monitor
from compiler.stages.operations import (
    WELLS,
    Agitate,
    Ask,
    Deliver,
    DeliverDrops,
    DrawPhase,
    Hold,
    MixVessel,
    Operation,
    Split,
    Task,
)

CAP_ABOVE_S = 30 * 60.0  # language.md, vessels: every stir, wait or monitor over 30 min


def close_and_open(context: Context, operations: Sequence[Operation]) -> tuple[Operation, ...]:
    """Adds caps to vessels that have one, and gathers what the operator does into pauses.

    A vessel is closed before each long hold, unless a pipette has to mix it meanwhile, and
    opened before the next operation that reaches into it. Tasks that follow each other without
    robot work or time between them become one pause.
    """
    result: list[Operation] = []
    closed: set[str] = set()
    for operation in operations:
        for vessel in _held(context, operation):
            if vessel not in closed:
                closed.add(vessel)
                _insert_before_shaking(result, _cap(context, operation, vessel))
        for vessel in sorted(_reached(operation) & closed):
            closed.discard(vessel)
            _append(result, _uncap(operation, vessel))
        _append(result, operation)
        for vessel, closes in _by_hand(operation):
            (closed.add if closes else closed.discard)(vessel)
    return tuple(result)


def _held(context: Context, operation: Operation) -> tuple[str, ...]:
    """The vessels with a cap that stand still for longer than `CAP_ABOVE_S`."""
    held: list[str] = []
    if isinstance(operation, Hold):
        if operation.seconds > CAP_ABOVE_S and operation.mix is None:
            held = [operation.vessel] if operation.vessel else list(context.procedure.vessels)
    elif isinstance(operation, Split):
        held = [
            step.vessel
            for step in context.procedure.steps
            if step.id == operation.step and isinstance(step, Monitor)
        ]
    declared = [context.vessel(name) for name in held]
    return tuple(v.name for v in declared if v is not None and v.cap is not None)


def _reached(operation: Operation) -> set[str]:
    """The vessels that a pipette or a spatula reaches into."""
    if isinstance(operation, Deliver | DeliverDrops | MixVessel):
        return {operation.vessel}
    if isinstance(operation, DrawPhase):
        return {operation.vessel, operation.into}
    if isinstance(operation, Ask):
        return {t.vessel for t in operation.tasks if t.vessel and t.material is not None}
    return set()


def _by_hand(operation: Operation) -> list[tuple[str, bool]]:
    """What `seal` and `unseal` did."""
    if not isinstance(operation, Ask):
        return []
    return [
        (task.vessel, task.closes)
        for task in operation.tasks
        if task.vessel is not None and task.closes is not None
    ]


def _cap(context: Context, operation: Operation, vessel: str) -> Ask:
    declared = context.vessel(vessel)
    kind = declared.cap if declared is not None else None
    lid = "vented caps" if kind == "vented" else "tight caps"
    text = f"Close {WELLS} with {lid}"
    return Ask(tasks=(Task(step=operation.step, text=text, vessel=vessel, closes=True),))


def _uncap(operation: Operation, vessel: str) -> Ask:
    text = f"Open {WELLS}"
    return Ask(tasks=(Task(step=operation.step, text=text, vessel=vessel, closes=False),))


def _append(result: list[Operation], operation: Operation) -> None:
    last = result[-1] if result else None
    if isinstance(operation, Ask) and isinstance(last, Ask):
        result[-1] = Ask(tasks=(*last.tasks, *operation.tasks))
    else:
        result.append(operation)


def _insert_before_shaking(result: list[Operation], ask: Ask) -> None:
    """Before the shaker that belongs to the hold has started."""
    shaking = result.pop() if result and _starts_shaking(result[-1]) else None
    _append(result, ask)
    if shaking is not None:
        result.append(shaking)


def _starts_shaking(operation: Operation) -> bool:
    return isinstance(operation, Agitate) and operation.rpm > 0
