"""A block as Python: which function writes which."""

from __future__ import annotations

from compiler.stages import program as p
from compiler.target.expand import latches_for
from compiler.target.script.dropwise import write_drops
from compiler.target.script.page import Page
from compiler.target.script.pipetting import write_mix_block, write_mix_hold, write_transfer
from compiler.target.script.settling import write_settle
from compiler.target.script.setup import deactivate, place_of, set_temperature
from compiler.target.wording import clean_lines


def write_block(page: Page, block: p.Block) -> None:
    """Writes one block; the page's deck is that before it."""
    lines, names = page.lines, page.scope.modules
    match block:
        case p.TransferBlock():
            write_transfer(page, block)
        case p.DropsBlock():
            write_drops(page, block)
        case p.MixBlock():
            write_mix_block(page, block)
        case p.SettleBlock():
            write_settle(page, block)
        case p.MixHoldBlock():
            write_mix_hold(page, block)
        case p.TimerBlock():
            page.waits.start(lines, block.timer, block.seconds)
        case p.AwaitBlock():
            page.waits.wait(lines, block.timer, block.timer)
        case p.PauseBlock():
            lines.say("protocol.pause", clean_lines(block.message))
            lines.add(*(f"{page.scope.labware[label]}.reset()" for label in block.refills))
        case p.TemperatureBlock(module=module, celsius=celsius):
            model = module_model(page, module)
            if celsius is None:
                lines.add(deactivate(model, names[module]))
            else:
                lines.add(set_temperature(model, names[module], celsius))
        case p.ShakeBlock(module=module, rpm=rpm):
            if rpm:
                lines.add(f"{names[module]}.close_labware_latch()")
                lines.add(f"{names[module]}.set_and_wait_for_shake_speed({rpm})")
            else:
                lines.add(f"{names[module]}.deactivate_shaker()")
        case p.MoveBlock():
            _write_move(page, block)


def module_model(page: Page, label: str) -> str:
    """The model of the module that goes by a label. Raises KeyError."""
    for module in page.context.layout.modules:
        if module.label == label:
            return module.module.model
    raise KeyError(label)


def _write_move(page: Page, block: p.MoveBlock) -> None:
    """A MoveBlock; a shaker's latch opens for it and closes again."""
    lines, deck = page.lines, page.context.deck
    shakers = [page.scope.modules[label] for label in latches_for(block, deck)]
    lines.add(*(f"{shaker}.open_labware_latch()" for shaker in shakers))
    labware = page.scope.labware[block.label]
    to = place_of(block.label, block, deck, page.scope)
    lines.call("protocol.move_labware", labware, to, f"use_gripper={block.by_gripper}")
    lines.add(*(f"{shaker}.close_labware_latch()" for shaker in shakers))
