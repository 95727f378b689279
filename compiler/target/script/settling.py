"""Layers that settle in turn, as Python: one well is mixed while the ones before it settle."""

from __future__ import annotations

from compiler.stages import program as p
from compiler.target.script.page import Page
from compiler.target.script.pipetting import (
    Bound,
    mix_table,
    own_table,
    write_mixed,
    write_own,
)
from compiler.target.script.text import Table, number
from compiler.target.settling import settle_timer, turn_timer


def write_settle(page: Page, block: p.SettleBlock) -> None:
    """A SettleBlock: a loop in which each well is mixed, and drawn `ahead` turns later."""
    lines, wells, ahead = page.lines, len(block.rows), block.ahead
    others = "the next one is" if ahead == 1 else f"the next {ahead} are"
    lines.comment(
        f"A well settles while {others} mixed, for at least {block.settle_s:.4g} s, and is drawn"
        " then."
    )
    mixed = mix_table(page, "wells_to_mix", block.mix.rows)
    mixed.define(lines)
    drawn = _with_waits(page, block, own_table(page, "layers", block.draw.rows))
    drawn.define(lines)
    planned = page.waits.plan(lines, [turn_timer(block)])
    lines.add(f"settled = [None] * {wells}")
    with lines.block(f"for turn in range({wells + ahead}):"):
        with lines.block("if turn > 0:"):
            waits = "planned_waits[turn - 1]" if planned else None
            page.waits.wait(lines, "next_turn", turn_timer(block), waits)
        page.waits.start(lines, "next_turn", block.beat_s)
        with lines.block(f"if turn < {wells}:"):
            _write_mixing(page, block, mixed.unpack(lines, "turn"))
        with lines.block(f"if turn >= {ahead}:"):
            _write_drawing(page, block, drawn.unpack(lines, f"turn - {ahead}"))


def _write_mixing(page: Page, block: p.SettleBlock, bound: Bound) -> None:
    """One well is mixed; its timer starts while the tip is still on."""
    mix = block.mix

    def done() -> None:
        page.waits.start(page.lines, "settled[turn]", block.settle_s)

    write_mixed(page, bound, mix.mount, mix.rows[0], mix.handling, None, done)


def _write_drawing(page: Page, block: p.SettleBlock, bound: Bound) -> None:
    """One well is drawn when its timer has run out, the tip being on already."""
    timer = settle_timer(block, block.rows[0])

    def ready() -> None:
        page.waits.wait(page.lines, f"settled[turn - {block.ahead}]", timer, bound.get("planned"))

    write_own(page, block.draw, bound, block.draw.rows, ready)


def _with_waits(page: Page, block: p.SettleBlock, table: Table) -> Table:
    """The table with the seconds that each well still waits by the plan's clock, where a
    simulation needs them: below API level 2.27."""
    if page.waits.timers:
        return table
    waits = page.waits.planned_s
    planned = [number(max(waits.get(settle_timer(block, row), (0.0,)))) for row in block.rows]
    cells = [{**cell, "planned": wait} for cell, wait in zip(table.rows, planned, strict=True)]
    return Table(table.name, cells)
