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
    """What a tip is filled for at a time; what is the same for all wells is not in the table."""

    def __init__(self, page: Page, mount: str, how: Handling, fills: Sequence[Fill]) -> None:
        self.page, self.mount, self.how, self.fills = page, mount, how, fills
        self.rows = [row for fill in fills for row in fill]
        self.volumes = [number(sum(row.strokes_ul)) for row in self.rows]
        self.heights = [number(row.dest_mm) for row in self.rows]
        self.alike = len({*zip(self.volumes, self.heights, strict=True)}) == 1
        self.sources = [
            {"source": page.well(fill[0].source), "source_mm": number(fill[0].source_mm)}
            for fill in fills
        ]
        self.one_source = all(source == self.sources[0] for source in self.sources)

    def define(self) -> None:
        """`fills`: the wells of each, or (well, volume, height), with its source if they differ."""
        lines = self.page.lines
        cells = "wells" if self.alike else "wells, volumes, heights"
        lines.comment(f"What the tip is filled for at a time: {cells}")
        lines.add("fills = [")
        with lines.indented():
            for fill, source in zip(self.fills, self.sources, strict=True):
                start = "" if self.one_source else f"({source['source']}, {source['source_mm']}, "
                end = "," if self.one_source else "),"
                short = f"{start}{self._slices(fill)}{end}"
                if self.alike and lines.fits(short):
                    lines.add(short)
                else:
                    lines.add(f"{start}[", *(f"    {self._cells(row)}" for row in fill), f"]{end}")
        lines.add("]")

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
        source = self.sources[0]
        where = (self._total(self.fills[0]), source["source"], source["source_mm"])
        write_pre_wet(self.page, self.mount, *where, self.how)

    def write(self, block: Beating | None = None) -> None:
        """Fills the tip and delivers, fill after fill; in step where the `block` has a beat."""
        page, mount = self.page, self.mount
        with self._loop() as (source, height):
            total, gap = self._of_fill()
            write_draw_up(page, mount, total, source, height, self.how)
            page.call("expel_gap", mount, gap, page.scope.handling(self.how))
            each = "well" if self.alike else "well, volume, height"
            with page.lines.block(f"for {each} in fill:"):
                volume, mm = (
                    (self.volumes[0], self.heights[0]) if self.alike else ("volume", "height")
                )
                with in_step(page, block):
                    page.lines.add(f"{mount}.dispense({volume}, well.bottom({mm}))")

    @contextmanager
    def _loop(self) -> Iterator[tuple[str, str]]:
        """The loop over the fills; gives the source and its height inside."""
        header, where = "for fill in fills:", self.sources[0]
        if not self.one_source:
            header = "for source, source_mm, fill in fills:"
            where = {"source": "source", "source_mm": "source_mm"}
        with self.page.lines.block(header):
            yield where["source"], where["source_mm"]

    def _of_fill(self) -> tuple[str, str]:
        """The volume of a fill, and the well over which the air gap goes first."""
        if self.alike:
            same = len({len(fill) for fill in self.fills}) == 1
            total = self._total(self.fills[0])
            return (total if same else f"round({self.volumes[0]} * len(fill), 3)"), "fill[0]"
        self.page.lines.add("total = round(sum(volume for _, volume, _ in fill), 3)")
        return "total", "fill[0][0]"
