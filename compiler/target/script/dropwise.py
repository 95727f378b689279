"""Dropwise additions as Python: a loop over the drops, kept in time by a timer."""

from __future__ import annotations

from compiler.stages import program as p
from compiler.target import drops as x
from compiler.target.script.page import Page
from compiler.target.script.pipetting import (
    mix_table,
    write_draw_up,
    write_mixing,
    write_pre_wet,
    write_touch,
)
from compiler.target.script.text import Table, number


def write_drops(page: Page, block: p.DropsBlock) -> None:
    """A DropsBlock."""
    lines, mount, how = page.lines, block.mount, block.handling
    next_drop, shaken = x.timer_names(block)
    until_s = x.shake_until_s(block, page.context)
    parked, first = x.is_parked(block), block.rows[0]
    body = _Fills(page, block) if block.shared_tip and len(block.rows) > 1 else _Rows(page, block)
    body.define()
    mixed = mix_table(page, "wells_to_mix", block.mix_rows) if x.last_mixing(block) else None
    if mixed is not None:
        mixed.define(lines)
    if block.shaker and not until_s:
        lines.comment("The drops take all the time there is: no time is left for the shaker.")
    rest = f"{mount}.move_to({page.well(first.source)}.top({number(x.REST_MM)}))"
    if not parked or x.prewets_first(block):
        body.prepare(parked)
    if not parked:
        lines.add(rest)
    if block.count > 1:
        every = f"{block.interval_s:.4g} s from start to start"
        stop = f"; the shaker stops after {until_s:g} s" if until_s else ""
        lines.comment(f"{block.count} drops to each well, one every {every}{stop}.")
    counted = parked or mixed is not None or not until_s
    loop = (
        f"for drop in range(1, {block.count + 1}):"
        if counted
        else f"for _ in range({block.count}):"
    )
    with lines.block(loop):
        page.waits.start(lines, "next_drop", block.interval_s)
        if until_s:
            page.waits.start(lines, "end_of_shaking", until_s)
        body.write(parked)
        if not parked:
            lines.add(rest)
        if until_s and block.shaker is not None:
            shaker = page.scope.modules[block.shaker]
            lines.add(f"{shaker}.set_and_wait_for_shake_speed({block.rpm})")
            page.waits.wait(lines, "end_of_shaking", shaken)
            lines.add(f"{shaker}.deactivate_shaker()")
        if mixed is not None:
            with lines.block(f"if drop % {block.mix_every} == 0:"):
                last = f"drop == {x.last_mixing(block)}"
                other = block.mix_mount or mount
                write_mixing(page, mixed, other, block.mix_rows, how, last)
        if until_s:
            page.waits.wait(lines, "next_drop", next_drop)
        elif block.count > 1:
            with lines.block(f"if drop < {block.count}:"):
                page.waits.wait(lines, "next_drop", next_drop)
    if not parked:
        lines.add(f"{mount}.drop_tip()")


class _Rows:
    """A tip for each row, or a single row: the drop is drawn, delivered and blown out."""

    def __init__(self, page: Page, block: p.DropsBlock) -> None:
        self.page, self.block = page, block
        self.cells = [
            {
                **({} if row.tip is None else {"tip": page.well(row.tip)}),
                "source": page.well(row.source),
                "dest": page.well(row.dest),
                "volume": number(sum(row.strokes_ul)),
                "source_mm": number(row.source_mm),
                "dest_mm": number(row.dest_mm),
            }
            for row in block.rows
        ]
        self.table = Table("rows", self.cells)

    def define(self) -> None:
        self.table.define(self.page.lines)

    def prepare(self, parked: bool) -> None:
        """Takes each tip and pre-wets it before the first drop is due; parked ones go back."""
        page, mount, how = self.page, self.block.mount, self.block.handling
        with self.table.loop(page.lines) as bound:
            if "tip" in bound:
                page.lines.add(f"{mount}.pick_up_tip({bound['tip']})")
            if x.prewets_first(self.block):
                where = (bound["volume"], bound["source"], bound["source_mm"])
                write_pre_wet(page, mount, *where, how)
            if parked:
                page.lines.add(f"{mount}.return_tip()")

    def write(self, parked: bool) -> None:
        page, block = self.page, self.block
        lines, mount, how = page.lines, block.mount, block.handling
        with self.table.loop(lines) as bound:
            where = (bound["volume"], bound["source"], bound["source_mm"])
            if parked and "tip" in bound:
                lines.add(f"{mount}.pick_up_tip({bound['tip']})")
            write_draw_up(page, mount, *where, how)
            to = (bound["volume"], bound["dest"], bound["dest_mm"])
            page.call("deliver", mount, *to, page.scope.handling(how))
            write_touch(lines, page, mount, bound["dest"], block.rows[0], how)
            if parked:
                page.call("put_away", mount, f"drop == {block.count}")


class _Fills:
    """One tip for all rows, filled for as many as it holds: the drops fall one after the other."""

    def __init__(self, page: Page, block: p.DropsBlock) -> None:
        self.page, self.block = page, block
        self.fills = x.fills(block, page.context.layout)
        self.sources = [
            {"source": page.well(fill[0].source), "source_mm": number(fill[0].source_mm)}
            for fill in self.fills
        ]
        self.same = all(source == self.sources[0] for source in self.sources)

    def define(self) -> None:
        """The fills: each a list of (well, volume, height), with its source where they differ."""
        lines = self.page.lines
        lines.comment("What the tip is filled for at a time: wells, volumes, heights")
        lines.add("fills = [")
        with lines.indented():
            for fill, source in zip(self.fills, self.sources, strict=True):
                drops = [self._drop(row) for row in fill]
                if self.same:
                    lines.add("[", *(f"    {drop}" for drop in drops), "],")
                else:
                    cells = (f"    {source['source']},", f"    {source['source_mm']},")
                    rest = (f"        {drop}" for drop in drops)
                    lines.add("(", *cells, "    [", *rest, "    ],", "),")
        lines.add("]")

    def _drop(self, row: p.Row) -> str:
        volume, height = number(sum(row.strokes_ul)), number(row.dest_mm)
        return f"({self.page.well(row.dest)}, {volume}, {height}),"

    def _total(self, fill: tuple[p.Row, ...]) -> str:
        return number(sum(round(sum(row.strokes_ul), 3) for row in fill))

    def prepare(self, parked: bool) -> None:
        """Takes the tip and pre-wets it with its first fill, before the first drop is due."""
        page, mount, tip = self.page, self.block.mount, self.block.rows[0].tip
        if tip is not None:
            page.lines.add(f"{mount}.pick_up_tip({page.well(tip)})")
        if x.prewets_first(self.block):
            source = self.sources[0]
            where = (self._total(self.fills[0]), source["source"], source["source_mm"])
            write_pre_wet(page, mount, *where, self.block.handling)
        if parked:
            page.lines.add(f"{mount}.return_tip()")

    def write(self, parked: bool) -> None:
        page, block = self.page, self.block
        lines, mount, how = page.lines, block.mount, block.handling
        source, height = self.sources[0]["source"], self.sources[0]["source_mm"]
        if parked and block.rows[0].tip is not None:
            lines.add(f"{mount}.pick_up_tip({page.well(block.rows[0].tip)})")
        header = "for fill in fills:"
        if not self.same:
            header, source, height = "for source, source_mm, fill in fills:", "source", "source_mm"
        with lines.block(header):
            lines.add("total = round(sum(volume for _, volume, _ in fill), 3)")
            write_draw_up(page, mount, "total", source, height, how)
            page.call("expel_gap", mount, "fill[0][0]", page.scope.handling(how))
            with lines.block("for well, volume, height in fill:"):
                lines.add(f"{mount}.dispense(volume, well.bottom(height))")
                write_touch(lines, page, mount, "well", block.rows[0], how)
        if parked:
            page.call("put_away", mount, f"drop == {block.count}")
