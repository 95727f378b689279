"""Fills of one tip that serve several wells, as Python: a table of wells, and a loop over it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from compiler.stages import program as p
from compiler.stages.operations import Handling
from compiler.target.beat import Beating
from compiler.target.fills import Fill
from compiler.target.script.calls import in_step, write_draw_up, write_pre_wet
from compiler.target.script.page import Page
from compiler.target.script.text import number


class FillTable:
    """What a tip is filled for at a time; what is the same for all fills or wells is not in it.

    `own_tips`: each fill has a tip of its own, that its first row brings; else all share one, which
    is on the pipette.
    """

    def __init__(
        self,
        page: Page,
        mount: str,
        how: Handling,
        fills: Sequence[Fill],
        *,
        own_tips: bool = False,
    ) -> None:
        self.page, self.mount, self.how, self.fills = page, mount, how, fills
        self.own_tips = own_tips
        rows = [row for fill in fills for row in fill]
        self.volume = number(sum(rows[0].strokes_ul))
        self.height = number(rows[0].dest_mm)
        self.alike = len({(number(sum(r.strokes_ul)), number(r.dest_mm)) for r in rows}) == 1
        self.leads = [self._lead(fill[0]) for fill in fills]
        first = self.leads[0]
        self.varying = [key for key in first if any(lead[key] != first[key] for lead in self.leads)]

    def _lead(self, row: p.Row) -> dict[str, str]:
        """What belongs to a fill as a whole."""
        source = {"source": self.page.well(row.source), "source_mm": number(row.source_mm)}
        if not self.own_tips or row.tip is None:
            return source
        return {"tip": self.page.well(row.tip), **source}

    def define(self) -> None:
        """The table: wells, or (well, volume, height), behind what differs from fill to fill."""
        lines = self.page.lines
        cells = ["wells"] if self.alike else ["(well, volume, height)"]
        what = ", ".join([*self.varying, *cells])
        lines.comment(f"What {'each' if self.own_tips else 'the'} tip is filled for: {what}")
        lines.add("fills = [")
        with lines.indented():
            for fill, lead in zip(self.fills, self.leads, strict=True):
                self._define(fill, [lead[key] for key in self.varying])
        lines.add("]")

    def _define(self, fill: Fill, lead: Sequence[str]) -> None:
        start, end = (f"({', '.join(lead)}, ", "),") if lead else ("", ",")
        short = f"{start}{self._slices(fill)}{end}"
        lines = self.page.lines
        if self.alike and lines.fits(short):
            lines.add(short)
        else:
            lines.add(f"{start}[", *(f"    {self._cells(row)}" for row in fill), f"]{end}")

    def _slices(self, fill: Fill) -> str:
        wells = [row.dest for row in fill]
        return self.page.scope.wells(wells, self.page.context.layout)

    def _cells(self, row: p.Row) -> str:
        well = self.page.well(row.dest)
        if self.alike:
            return f"{well},"
        return f"({well}, {number(sum(row.strokes_ul))}, {number(row.dest_mm)}),"

    def _total(self, fill: Fill) -> str:
        return number(sum(round(sum(row.strokes_ul), 3) for row in fill))

    def pre_wet(self) -> None:
        """Pre-wets a fresh tip with its first fill."""
        lead = self.leads[0]
        where = (self._total(self.fills[0]), lead["source"], lead["source_mm"])
        write_pre_wet(self.page, self.mount, *where, self.how)

    def write(self, block: Beating | None = None) -> None:
        """Fills the tip and delivers, fill after fill; in step where the `block` has a beat."""
        page, mount = self.page, self.mount
        with self._loop() as lead:
            total, gap = self._of_fill()
            where = (total, lead["source"], lead["source_mm"])
            if self.own_tips:
                page.lines.add(f"{mount}.pick_up_tip({lead['tip']})")
                if self.how.prewet_cycles:
                    write_pre_wet(page, mount, *where, self.how)
            write_draw_up(page, mount, *where, self.how)
            page.call("expel_gap", mount, gap, page.scope.handling(self.how))
            each = "well" if self.alike else "well, volume, height"
            with page.lines.block(f"for {each} in fill:"):
                volume, mm = (self.volume, self.height) if self.alike else ("volume", "height")
                with in_step(page, block):
                    page.lines.add(f"{mount}.dispense({volume}, well.bottom({mm}))")
            if self.own_tips:
                parks = self.fills[0][0].parks
                page.lines.add(f"{mount}.{'return_tip' if parks else 'drop_tip'}()")

    @contextmanager
    def _loop(self) -> Iterator[dict[str, str]]:
        """The loop over the fills; gives what stands for a fill's tip and source inside."""
        names = ", ".join([*self.varying, "fill"])
        with self.page.lines.block(f"for {names} in fills:"):
            first = self.leads[0]
            yield {key: key if key in self.varying else first[key] for key in first}

    def _of_fill(self) -> tuple[str, str]:
        """The volume of a fill, and the well over which the air gap goes first."""
        if self.alike:
            same = len({len(fill) for fill in self.fills}) == 1
            total = self._total(self.fills[0])
            return (total if same else f"round({self.volume} * len(fill), 3)"), "fill[0]"
        self.page.lines.add("total = round(sum(volume for _, volume, _ in fill), 3)")
        return "total", "fill[0][0]"
