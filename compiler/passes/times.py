"""What many wells make of the times that were written: batches, and wells that see others."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.diagnostics.codes import timing
from compiler.diagnostics.finding import Finding, Span
from compiler.passes.limits import limits_of
from compiler.passes.lower.numbers import duration
from compiler.passes.rounds import reactions_in
from compiler.plan.elapsed import off
from compiler.stages.program import DropsBlock, Program, TimerBlock, TransferBlock


def times(program: Program) -> tuple[Finding, ...]:
    """T-BATCH for additions that are divided, T-SPREAD where reactions see different times, and
    T-LONGER where all of them stand far longer than it says."""
    if len(program.layout.operations.ledger.charges.reactions) < 2:
        return ()
    batches = tuple(_batches(program)) or tuple(_hurried(program)) or tuple(_stood(program))
    return (*batches, *_spreads(program))


def _batches(program: Program) -> Iterator[Finding]:
    """Batches that the interval of drops asks for."""
    blocks: dict[str, list[DropsBlock]] = {}
    for part in program.parts:
        for block in part.blocks:
            if isinstance(block, DropsBlock):
                blocks.setdefault(block.step, []).append(block)
    for step, mine in blocks.items():
        if len(mine) < 2:
            continue
        wells = [sum(1 + len(row.others) for row in block.rows) for block in mine]
        one_s = mine[0].count * mine[0].interval_s
        yield timing.BATCH.at(
            _span(program, step, "dropwise"),
            f"{sum(wells)} wells get their drops in {len(mine)} batches of at most {max(wells)}:"
            f" {duration(one_s)} each, {duration(len(mine) * one_s)} in all",
            help="larger drops, a longer addition, an eight-channel pipette or stirring that needs"
            " no pipette make fewer batches",
            step=step,
        )


def _stood(program: Program) -> Iterator[Finding]:
    """Batches that a hold asks for: the first one."""
    stood: dict[str, dict[tuple[str, ...], None]] = {}
    for part in program.parts:
        for block in part.blocks:
            if isinstance(block, TimerBlock) and block.is_hold and block.reactions:
                stood.setdefault(block.step, {})[block.reactions] = None
    for step, batches in list(stood.items())[:1]:
        sizes = [len(batch) for batch in batches]
        yield timing.BATCH.at(
            _span(program, step),
            f"{len(set().union(*batches))} wells go in {len(sizes)} batches of at most"
            f" {max(sizes)}: one is served while the others stand",
            help="fewer reactions at a time need no batches",
            step=step,
        )


def _hurried(program: Program) -> Iterator[Finding]:
    """Batches that only a limit asks for: its two steps come in turn."""
    steps = [
        (block.step, reactions_in(block))
        for part in program.parts
        for block in part.blocks
        if isinstance(block, TransferBlock | DropsBlock)
    ]
    for limit in limits_of(program):
        pair = (limit.after, limit.step)
        batches: list[set[str]] = []
        begun: set[str] = set()  # what else is done to them in the step makes no other batch
        before = limit.after
        for step, wells in ((step, wells) for step, wells in steps if step in pair):
            if step == limit.step and wells - begun:
                batches += [set()] if before == limit.after else []
                batches[-1] |= wells - begun
                begun |= wells
            before = step
        if len(batches) > 1:
            sizes = [len(batch) for batch in batches]
            yield timing.BATCH.at(
                _span(program, limit.step),
                f"{len(set().union(*batches))} wells go in {len(sizes)} batches of at most"
                f" {max(sizes)}, for {limit.step} to begin within {duration(limit.seconds)} of"
                f" {limit.after}",
                help="more time in `within`, or an eight-channel pipette, make fewer batches",
                step=limit.step,
            )


def _spreads(program: Program) -> Iterator[Finding]:
    uneven, long = off(program)
    for seen in uneven:
        yield timing.SPREAD.at(
            _span(program, seen.step),
            f"{duration(seen.wanted_s)} are {duration(seen.least_s)} for one reaction and"
            f" {duration(seen.most_s)} for another",
            help="fewer reactions at a time, or the same pipette before and after, keep them"
            " together",
            step=seen.step,
        )
    for seen in long:
        if seen not in uneven:
            yield timing.LONGER.at(
                _span(program, seen.step),
                f"{duration(seen.wanted_s)} are at least {duration(seen.own_s)} for every"
                " reaction: the arm serves the others meanwhile",
                help="fewer reactions at a time, or an eight-channel pipette, bring it back sooner",
                step=seen.step,
            )


def _span(program: Program, step_id: str, key: str | None = None) -> Span | None:
    steps = program.layout.operations.ledger.charges.recipe.procedure.steps
    found = next((step for step in steps if step.id == step_id), None)
    if found is None:
        return None
    return found.spans.whole if key is None else found.spans.at(key)
