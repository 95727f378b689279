"""Operations on a laid-out deck to blocks in time: the program, part by part.

Reactions are served in one order throughout, so that every well sees the same times. What is done
with liquids is in `rows.py`.
"""

from __future__ import annotations

from compiler.passes.asking import pause, poured
from compiler.passes.batches import Begin, Division, End, Rest, Turns, in_batches
from compiler.passes.limits import limits_of
from compiler.passes.rows import (
    Run,
    delivered,
    drawn,
    dropped,
    mix_rows,
    mixed,
    vessel_well,
)
from compiler.stages.layout import Layout, Placed
from compiler.stages.operations import (
    Agitate,
    Ask,
    Deliver,
    DeliverDrops,
    DrawPhase,
    Hold,
    MixVessel,
    Operation,
    Split,
    Stand,
    Temperature,
)
from compiler.stages.program import (
    AwaitBlock,
    MixHoldBlock,
    MoveBlock,
    Part,
    Program,
    ShakeBlock,
    TemperatureBlock,
    TimerBlock,
)


def schedule(
    layout: Layout, division: Division | None = None, turns: Turns | None = None
) -> Program:
    """The blocks of the whole run, in parts.

    `division` says where wells go in batches, `turns` what visits took before.
    """
    volumes = {stock.well: stock.volume_ul for stock in layout.stocks}
    for well in (*layout.wells.values(), *layout.waste.values()):
        volumes.setdefault(well, 0.0)
    run = Run(volumes, starts_with_ul=dict(volumes))
    for item in in_batches(layout.operations.operations, division or {}, turns, limits_of(layout)):
        if isinstance(item, Split):
            _end_part(layout, run, item.keep_on)
            run.after = item.after.replace("{part}", str(len(run.parts)))
            run.hold_s = item.hold_s
        elif isinstance(item, Rest):
            _rest(run, item)
        elif isinstance(item, Begin | End):
            _batch_hold(run, item)
        else:
            _schedule(layout, run, item)
    _end_part(layout, run, ())
    return Program(layout, tuple(run.parts))


def _end_part(layout: Layout, run: Run, keep_on: tuple[str, ...]) -> None:
    run.parts.append(
        Part(
            number=len(run.parts) + 1,
            after=run.after,
            hold_s=run.hold_s,
            blocks=tuple(run.blocks),
            starts_with_ul=dict(run.starts_with_ul),
            keep_on=keep_on,
            running=dict(run.found_running),
            on_deck=dict(run.found_moved),
        )
    )
    run.blocks = []
    run.running = {name: value for name, value in run.running.items() if name in keep_on}
    run.starts_with_ul = dict(run.volumes_ul)
    run.found_running = dict(run.running)
    run.found_moved = dict(run.moved)
    for shaker in (m.label for m in layout.modules if m.module.max_rpm is not None):
        run.running.pop(shaker, None)  # the next part begins by stopping it


def _schedule(layout: Layout, run: Run, operation: Operation) -> None:
    match operation:
        case Deliver():
            run.blocks.append(delivered(layout, run, operation))
        case DeliverDrops():
            run.blocks.append(dropped(layout, run, operation))
        case MixVessel():
            run.blocks.append(mixed(layout, operation))
        case DrawPhase():
            run.blocks.append(drawn(layout, run, operation))
        case Stand():
            _stand(layout, run, operation)
        case Temperature():
            _temperature(run, operation)
        case Agitate():
            _agitate(run, operation)
        case Hold():
            _hold(layout, run, operation)
        case Ask():
            for charge, volume_ul in poured(layout, operation):
                dest = vessel_well(layout, charge.reaction, charge.vessel)
                run.volumes_ul[dest] = run.volumes_ul.get(dest, 0.0) + volume_ul
            run.blocks.append(pause(layout, operation))
        case Split():
            raise AssertionError("a split ends the part; see schedule()")


# --- places, modules, time ------------------------------------------------------------------


def _placed(layout: Layout, vessel: str) -> Placed:
    label = next(ref.labware for (_, name), ref in layout.wells.items() if name == vessel)
    return next(placed for placed in layout.placed if placed.label == label)


def _stand(layout: Layout, run: Run, operation: Stand) -> None:
    placed = _placed(layout, operation.vessel)
    here = run.moved.get(placed.label, placed.on or placed.slot)
    there = operation.position or placed.slot
    if here == there:
        return
    run.moved[placed.label] = there
    run.blocks.append(
        MoveBlock(step=operation.step, label=placed.label, to=there, by_gripper=False)
    )


def _temperature(run: Run, operation: Temperature) -> None:
    if operation.celsius is None:
        run.running.pop(operation.module, None)
    else:
        run.running[operation.module] = operation.celsius
    run.blocks.append(
        TemperatureBlock(step=operation.step, module=operation.module, celsius=operation.celsius)
    )


def _agitate(run: Run, operation: Agitate) -> None:
    if operation.rpm == 0:
        run.running.pop(operation.module, None)
    else:
        run.running[operation.module] = float(operation.rpm)
    run.blocks.append(ShakeBlock(step=operation.step, module=operation.module, rpm=operation.rpm))


def _hold(layout: Layout, run: Run, operation: Hold) -> None:
    if operation.mix is not None and operation.every_s is not None:
        run.blocks.append(
            MixHoldBlock(
                step=operation.step,
                mount=operation.mix.pipette,
                handling=operation.mix.handling,
                seconds=operation.seconds,
                every_s=operation.every_s,
                rows=mix_rows(layout, operation.mix),
            )
        )
        return
    run.timers += 1
    timer = f"timer_{run.timers}"
    run.blocks.append(TimerBlock(step=operation.step, timer=timer, seconds=operation.seconds))
    run.blocks.append(AwaitBlock(step=operation.step, timer=timer))


def _rest(run: Run, item: Rest) -> None:
    """Nobody asked for this time: what is waited for is the arm."""
    run.timers += 1
    timer = f"timer_{run.timers}"
    run.blocks.append(
        TimerBlock(
            step=item.step,
            timer=timer,
            seconds=item.seconds,
            reactions=item.reactions,
            is_hold=False,
        )
    )
    run.blocks.append(AwaitBlock(step=item.step, timer=timer))


def _batch_hold(run: Run, item: Begin | End) -> None:
    """The beginning or the end of a hold that only some of the wells are in."""
    step = item.hold.step
    if isinstance(item, Begin):
        run.timers += 1
        run.of_batch[item.key] = timer = f"timer_{run.timers}"
        run.blocks.append(
            TimerBlock(
                step=step,
                timer=timer,
                seconds=item.after_s + item.hold.seconds,
                reactions=item.reactions,
                more_s=item.after_s,
            )
        )
    else:
        run.blocks.append(AwaitBlock(step=step, timer=run.of_batch[item.key]))
