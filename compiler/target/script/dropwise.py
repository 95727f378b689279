"""Dropwise additions as Python: a loop over the drops, kept in time by a timer."""

from __future__ import annotations

from compiler.stages import program as p
from compiler.target import drops as x
from compiler.target import rounds
from compiler.target.script.page import Page
from compiler.target.script.pipetting import (
    mix_table,
    write_draw_up,
    write_pre_wet,
)
from compiler.target.script.rounds import write_mix_round, write_shaking
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
    body = _Fills(page, block) if len(block.rows) > 1 else _One(page, block)
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
        lines.add(f"{mount}.drop_tip()")


def _what(block: p.DropsBlock, until_s: float) -> str:
    every = f"{block.interval_s:.4g} s from start to start"
    stop = f"; the shaker stops after {until_s:g} s" if until_s else ""
    return f"{block.count} drops to each well, one every {every}{stop}."


def _write_mixing(page: Page, block: p.DropsBlock, mixed: Table) -> None:
    """Mixing after some of the drops; the tip of the drops makes way for it."""
    lines, tip = page.lines, block.rows[0].tip
    away, at_end = x.makes_way(block), rounds.last_mixing(block) == block.count
    with lines.block(f"if drop % {block.mix_every} == 0:"):
        if away and at_end:
            page.call("put_away", block.mount, f"drop == {block.count}")
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

    def prepare(self) -> None:
        """Takes the tip and pre-wets it with its first fill, before the first drop is due."""
        page, mount, tip = self.page, self.block.mount, self.block.rows[0].tip
        if tip is not None:
            page.lines.add(f"{mount}.pick_up_tip({page.well(tip)})")
        if x.prewets_first(self.block):
            source = self.sources[0]
            where = (self._total(self.fills[0]), source["source"], source["source_mm"])
            write_pre_wet(page, mount, *where, self.block.handling)

    def write(self) -> None:
        page, block = self.page, self.block
        lines, mount, how = page.lines, block.mount, block.handling
        source, height = self.sources[0]["source"], self.sources[0]["source_mm"]
        header = "for fill in fills:"
        if not self.same:
            header, source, height = "for source, source_mm, fill in fills:", "source", "source_mm"
        with lines.block(header):
            lines.add("total = round(sum(volume for _, volume, _ in fill), 3)")
            write_draw_up(page, mount, "total", source, height, how)
            page.call("expel_gap", mount, "fill[0][0]", page.scope.handling(how))
            with lines.block("for well, volume, height in fill:"):
                lines.add(f"{mount}.dispense(volume, well.bottom(height))")
