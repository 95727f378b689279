"""Drops that are touched off, as Python: fresh tips, filled once, one drop of them a round."""

from __future__ import annotations

from collections.abc import Sequence

from compiler.stages import program as p
from compiler.target import rounds
from compiler.target import touched as x
from compiler.target.commands import WellRef
from compiler.target.script.calls import write_draw_up, write_pre_wet, write_touch
from compiler.target.script.page import Page
from compiler.target.script.pipetting import Bound, mix_table
from compiler.target.script.rounds import mixing_round, write_mix_round, write_shaking
from compiler.target.script.text import Table, number
from compiler.target.strokes import may_touch


def write_touched(page: Page, block: p.DropsBlock, until_s: float) -> None:
    """A DropsBlock whose drops hang at the tip."""
    lines, rows = page.lines, block.rows
    lines.comment(_what(block, until_s))
    table = Table("rows", [_columns(page, row) for row in rows])
    if len(rows) == 1:
        lines.add(f"fresh_tips = {table.rows[0]['fresh_tips']}")
        table = Table("rows", [{**table.rows[0], "fresh_tips": "fresh_tips"}])
    table.define(lines)
    mixed = mix_table(page, "wells_to_mix", block.mix_rows) if rounds.last_mixing(block) else None
    if mixed is not None:
        mixed.define(lines)
    timers = [rounds.drop_timer(block, row) for row in rows]
    shaken = [rounds.shaking_timer(block)] if until_s else []
    planned = page.waits.plan(lines, [*timers, *shaken])
    single = len(timers) + len(shaken) == 1
    if len(rows) > 1:
        lines.add(f"next_drop = [None] * {len(rows)}")
    with lines.block(f"for drop in range(1, {block.count + 1}):"):
        with table.loop(lines, "row") as bound:
            which = "" if single else "[row]" if len(rows) > 1 else "[0]"
            waits = f"planned_waits{which}[drop - 2]" if planned else None
            _write_drop(page, block, bound, until_s, waits)
        if mixed is not None:
            with mixing_round(page, block):
                write_mix_round(page, block, mixed)
        if until_s:
            write_shaking(page, block, "planned_waits[-1][drop - 1]" if planned else None)


def _what(block: p.DropsBlock, until_s: float) -> str:
    stop = f", the shaker stops {until_s:g} s after it" if until_s else ""
    fill = f"{block.per_fill} drops" if block.per_fill > 1 else "one drop"
    return (
        f"{block.count} drops to each well, {block.interval_s:.4g} s from drop to drop{stop}. They "
        f"hang at the tip and are touched off: a tip is filled once, for {fill}, and not again."
    )


def _columns(page: Page, row: p.Row) -> dict[str, str]:
    """A row's cells, as expressions."""
    return {
        "fresh_tips": f"iter({_tips(page, x.fill_tips(row))})",
        "source": page.well(row.source),
        "dest": page.well(row.dest),
        "volume": number(sum(row.strokes_ul)),
        "source_mm": number(row.source_mm),
        "dest_mm": number(row.dest_mm),
    }


def _tips(page: Page, tips: Sequence[WellRef]) -> str:
    """The tips as slices of their racks: `tips_20_1.wells()[4:24]`."""
    runs: list[tuple[str, int, int]] = []
    for tip in tips:
        place = list(page.context.deck.labware(tip.labware).labware.wells).index(tip.well)
        if runs and runs[-1][0] == tip.labware and runs[-1][2] == place:
            runs[-1] = (tip.labware, runs[-1][1], place + 1)
        else:
            runs.append((tip.labware, place, place + 1))
    return " + ".join(
        f"{page.scope.labware[label]}.wells()[{first}:{end}]" for label, first, end in runs
    )


def _write_drop(
    page: Page, block: p.DropsBlock, bound: Bound, until_s: float, planned: str | None
) -> None:
    """One drop to one row: the tip ready above the well, the timer, the drop."""
    lines, mount, how = page.lines, block.mount, block.handling
    several = len(block.rows) > 1
    timer = rounds.drop_timer(block, block.rows[0])
    next_drop = "next_drop[row]" if several else "next_drop"
    if block.per_fill == 1:
        _write_fill(page, block, bound, bound["volume"])
    else:
        begins = f"drop % {block.per_fill} == 1" if block.per_fill < block.count else "drop == 1"
        with lines.block(f"if {begins}:"):
            total = _total(block, bound["volume"])
            if total.startswith("round"):
                lines.add(f"total = {total}")
                total = "total"
            _write_fill(page, block, bound, total, keep=until_s > 0)
    lines.add(f"{mount}.move_to({bound['dest']}.top({number(rounds.REST_MM)}))")
    with lines.block("if drop > 1:"):
        page.waits.wait(lines, next_drop, timer, planned)
    page.waits.start(lines, next_drop, block.interval_s)
    if until_s:
        _write_shake_timer(page, until_s, several)
    page.call("expel_gap", mount, bound["dest"], page.scope.handling(how))
    lines.add(f"{mount}.dispense({bound['volume']}, {bound['dest']}.bottom({bound['dest_mm']}))")
    if block.per_fill == 1:
        _write_last(page, block, bound)
        return
    with lines.block(f"if {_ends(block)}:"):
        _write_last(page, block, bound)
    _write_kept(page, block, bound, shaken=until_s > 0)


def _total(block: p.DropsBlock, volume: str) -> str:
    """What a fill is: the last one may be smaller."""
    if block.count % block.per_fill == 0:
        return number(block.per_fill * float(volume))
    return f"round(min({block.per_fill}, {block.count + 1} - drop) * {volume}, 3)"


def _ends(block: p.DropsBlock) -> str:
    """The condition under which a tip is empty."""
    if block.per_fill >= block.count:
        return f"drop == {block.count}"
    whole = f"drop % {block.per_fill} == 0"
    return whole if block.count % block.per_fill == 0 else f"{whole} or drop == {block.count}"


def _write_fill(
    page: Page, block: p.DropsBlock, bound: Bound, total: str, *, keep: bool = False
) -> None:
    """A fresh tip, pre-wetted and filled; `keep` gives it a name."""
    mount, how = block.mount, block.handling
    where = (total, bound["source"], bound["source_mm"])
    fresh = f"next({bound['fresh_tips']})"
    if keep:
        page.lines.add(f"tip = {fresh}")
    page.lines.add(f"{mount}.pick_up_tip({'tip' if keep else fresh})")
    if how.prewet_cycles and not how.prewet_every_stroke:
        write_pre_wet(page, mount, *where, how)
    write_draw_up(page, mount, *where, how)


def _write_shake_timer(page: Page, until_s: float, several: bool) -> None:
    """The shaker's timer starts with the first row's drop."""
    if several:
        with page.lines.block("if row == 0:"):
            page.waits.start(page.lines, "end_of_shaking", until_s)
    else:
        page.waits.start(page.lines, "end_of_shaking", until_s)


def _write_last(page: Page, block: p.DropsBlock, bound: Bound) -> None:
    """The last drop of a tip: the tip is emptied and dropped."""
    lines, mount = page.lines, block.mount
    lines.add(f"{mount}.blow_out({bound['dest']}.bottom({bound['dest_mm']}))")
    write_touch(lines, page, mount, bound["dest"], block.rows[0], block.handling)
    lines.add(f"{mount}.drop_tip()")


def _write_kept(page: Page, block: p.DropsBlock, bound: Bound, *, shaken: bool) -> None:
    """A tip that holds more drops: the one that hangs is touched off, and air keeps the rest in.

    While its well is shaken it waits over its own place in the rack.
    """
    lines, mount, how = page.lines, block.mount, block.handling
    touches = may_touch(block.rows[0].dest, how, page.context.deck)
    if not (touches or how.air_gap_ul or shaken):
        return
    with lines.block("else:"):
        write_touch(lines, page, mount, bound["dest"], block.rows[0], how)
        if how.air_gap_ul:
            lines.add(f"{mount}.air_gap({number(how.air_gap_ul)})")
        if shaken:
            lines.add(f"{mount}.move_to(tip.top({number(rounds.REST_MM)}))")
