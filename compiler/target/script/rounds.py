"""What the rounds of dropwise additions have in common, as Python."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from compiler.stages import program as p
from compiler.target import rounds
from compiler.target.script.page import Page
from compiler.target.script.pipetting import write_mixing
from compiler.target.script.text import Table


def write_shaking(page: Page, block: p.DropsBlock, planned: str | None = None) -> None:
    """The shaker, until its timer is due."""
    if block.shaker is not None:
        shaker = page.scope.modules[block.shaker]
        page.lines.add(f"{shaker}.set_and_wait_for_shake_speed({block.rpm})")
        page.waits.wait(page.lines, "end_of_shaking", rounds.shaking_timer(block), planned)
        page.lines.add(f"{shaker}.deactivate_shaker()")


def write_mix_round(page: Page, block: p.DropsBlock, mixed: Table) -> None:
    """The mixing of one round; its tips are dropped after the last."""
    last = f"drop == {rounds.last_mixing(block)}"
    only = f"(drop + row) % {block.mix_every} == 0 or {last}" if rounds.in_turn(block) else None
    other = block.mix_mount or block.mount
    write_mixing(page, mixed, other, block.mix_rows, block.handling, last, only)


@contextmanager
def mixing_round(page: Page, block: p.DropsBlock) -> Iterator[None]:
    """What is done in the rounds that mix: in every one where the wells are mixed in turn."""
    if rounds.in_turn(block):
        yield
        return
    also = f" or drop == {block.count}" if block.count % (block.mix_every or 1) else ""
    with page.lines.block(f"if drop % {block.mix_every} == 0{also}:"):
        yield
