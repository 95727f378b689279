"""Dropwise additions as Python: a loop over the drops, kept in time by a timer."""

from __future__ import annotations

from compiler.stages import program as p
from compiler.target import drops as x
from compiler.target import rounds
from compiler.target.script.calls import write_draw_up, write_pre_wet
from compiler.target.script.fills import FillTable
from compiler.target.script.page import Page
from compiler.target.script.pipetting import end_of_tip, mix_table
from compiler.target.script.rounds import mixing_round, write_mix_round, write_shaking
from compiler.target.script.text import Table, number
from compiler.target.script.touched import write_touched


def write_drops(page: Page, block: p.DropsBlock) -> None:
    """A DropsBlock."""
    until_s = x.shake_until_s(block, page.context)
    if block.shaker and not until_s:
        page.lines.comment("The drops take all the time there is: no time is left for the shaker.")
    if block.shared_tip:
        _write_shared(page, block, until_s)
    else:
        write_touched(page, block, until_s)


def _write_shared(page: Page, block: p.DropsBlock, until_s: float) -> None:
    """One tip for all drops, which fall freely."""
    lines, mount = page.lines, block.mount
    next_drop = rounds.drop_timer(block, block.rows[0])
    body = _Falling(page, block) if len(block.rows) > 1 else _One(page, block)
    body.define()
    mixed = mix_table(page, "wells_to_mix", block.mix_rows) if rounds.last_mixing(block) else None
    if mixed is not None:
        mixed.define(lines)
    planned = page.waits.plan(lines, [next_drop])
    rest = f"{mount}.move_to({page.well(block.rows[0].source)}.top({number(rounds.REST_MM)}))"
    body.prepare()
    lines.add(rest)
    if block.count > 1:
        lines.comment(_what(block, until_s))
    counted = mixed is not None or not until_s
    loop = (
        f"for drop in range(1, {block.count + 1}):"
        if counted
        else f"for _ in range({block.count}):"
    )
    with lines.block(loop):
        page.waits.start(lines, "next_drop", block.interval_s)
        if until_s:
            page.waits.start(lines, "end_of_shaking", until_s)
        body.write()
        if mixed is not None:
            _write_mixing(page, block, mixed)
        if until_s:
            lines.add(rest)
            write_shaking(page, block)
            page.waits.wait(lines, "next_drop", next_drop)
        elif block.count > 1:
            with lines.block(f"if drop < {block.count}:"):
                lines.add(rest)
                which = "planned_waits[drop - 1]" if planned else None
                page.waits.wait(lines, "next_drop", next_drop, which)
    if not (x.makes_way(block) and rounds.last_mixing(block) == block.count):
        end_of_tip(page, mount, str(block.rows[0].parks))


def _what(block: p.DropsBlock, until_s: float) -> str:
    every = f"{block.interval_s:.4g} s from start to start"
    stop = f"; the shaker stops after {until_s:g} s" if until_s else ""
    return f"{block.count} drops to each well, one every {every}{stop}."


def _write_mixing(page: Page, block: p.DropsBlock, mixed: Table) -> None:
    """Mixing after some of the drops; the tip of the drops makes way for it."""
    lines, tip = page.lines, block.rows[0].tip
    away, at_end = x.makes_way(block), rounds.last_mixing(block) == block.count
    with mixing_round(page, block):
        if away and at_end:
            end_of_tip(page, block.mount, str(block.rows[0].parks), f"drop == {block.count}")
        elif away:
            lines.add(f"{block.mount}.return_tip()")
        write_mix_round(page, block, mixed)
        if away and tip is not None:
            back = f"{block.mount}.pick_up_tip({page.well(tip)})"
            if at_end:
                with lines.block(f"if drop < {block.count}:"):
                    lines.add(back)
            else:
                lines.add(back)


class _One:
    """A single well: each drop is drawn, delivered and blown out."""

    def __init__(self, page: Page, block: p.DropsBlock) -> None:
        row = block.rows[0]
        self.page, self.block, self.row = page, block, row
        volume = number(sum(row.strokes_ul))
        self.source = (volume, page.well(row.source), number(row.source_mm))
        self.dest = (volume, page.well(row.dest), number(row.dest_mm))

    def define(self) -> None:
        """One row needs no table."""

    def prepare(self) -> None:
        """Takes the tip and pre-wets it before the first drop is due."""
        page, mount = self.page, self.block.mount
        if self.row.tip is not None:
            page.lines.add(f"{mount}.pick_up_tip({page.well(self.row.tip)})")
        if x.prewets_first(self.block):
            write_pre_wet(page, mount, *self.source, self.block.handling)

    def write(self) -> None:
        page, mount, how = self.page, self.block.mount, self.block.handling
        write_draw_up(page, mount, *self.source, how)
        page.call("deliver", mount, *self.dest, page.scope.handling(how))


class _Falling:
    """One tip for all rows, filled for as many as it holds: the drops fall one after the other."""

    def __init__(self, page: Page, block: p.DropsBlock) -> None:
        self.page, self.block = page, block
        fills = x.drop_fills(block, page.context.layout)
        self.table = FillTable(page, block.mount, block.handling, fills)

    def define(self) -> None:
        """What the tip is filled for at a time."""
        self.table.define()

    def prepare(self) -> None:
        """Takes the tip and pre-wets it with its first fill, before the first drop is due."""
        page, mount, tip = self.page, self.block.mount, self.block.rows[0].tip
        if tip is not None:
            page.lines.add(f"{mount}.pick_up_tip({page.well(tip)})")
        if x.prewets_first(self.block):
            self.table.pre_wet()

    def write(self) -> None:
        """A drop to every row."""
        self.table.write(self.block)
