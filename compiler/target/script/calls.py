"""What pipetting is written with: the calls of the script's helpers, and the beat of a loop."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from compiler.stages import program as p
from compiler.stages.operations import Handling
from compiler.target.beat import Beating, beat_timer
from compiler.target.script.page import Page
from compiler.target.script.text import Lines
from compiler.target.strokes import may_touch


def write_pre_wet(
    page: Page, mount: str, volume: str, well: str, height: str, how: Handling
) -> None:
    """The call that pre-wets a tip."""
    page.call("pre_wet", "protocol", mount, volume, well, height, page.scope.handling(how))


def write_draw_up(
    page: Page, mount: str, volume: str, well: str, height: str, how: Handling
) -> None:
    """The call that draws liquid up, after stirring it where that is asked for each time."""
    if how.prewet_every_stroke and how.prewet_cycles:
        write_pre_wet(page, mount, volume, well, height, how)
    page.call("draw_up", "protocol", mount, volume, well, height, page.scope.handling(how))


def write_touch(lines: Lines, page: Page, mount: str, well: str, row: p.Row, how: Handling) -> None:
    """Touches the wall, where the handling asks for it and the labware allows it."""
    if may_touch(row.dest, how, page.context.deck):
        lines.add(f"{mount}.touch_tip({well})")


@contextmanager
def in_step(page: Page, block: Beating | None) -> Iterator[None]:
    """What is done for one row, and the time until the next where the block has a beat."""
    if block is None or block.beat_s is None:
        yield
        return
    page.lines.comment("No sooner, to keep step with the round on the other side of the hold")
    page.waits.start(page.lines, "next_well", block.beat_s)
    yield
    page.waits.wait(page.lines, "next_well", beat_timer(block))
