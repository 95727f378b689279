"""Where the operator replaces tip racks, when the free slots don't hold those of the whole run.

As few stops as possible: a pause that is there anyway costs none, another one is made where nothing
waits: no timer runs, no shaker works, and a block is never cut but between the wells of a transfer
or a mixing that needs more tips than the deck holds. No tip is kept beyond a refill.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, product

from compiler.passes.rows import FRESH
from compiler.passes.tips.lives import Life, PickUp, fresh_places, pick_ups
from compiler.passes.tips.racks import Kind, Needs
from compiler.stages.layout import Layout
from compiler.stages.program import (
    AwaitBlock,
    Block,
    DropsBlock,
    MixBlock,
    MixHoldBlock,
    Part,
    PauseBlock,
    Program,
    ShakeBlock,
    TimerBlock,
    TransferBlock,
)
from compiler.target.operator import action_s
from compiler.target.pauses import about, said_s

Blocks = tuple[tuple[Block, ...], ...]
"""The blocks of every part."""


@dataclass(frozen=True, slots=True)
class Loading:
    """The program's blocks, what they pick up, and with which racks the deck is loaded when.

    `racks` has the number of racks of each kind. `starts` are the blocks (counted over all parts)
    before which full racks are there; the first is 0.
    """

    blocks: Blocks
    picked: tuple[PickUp, ...]
    racks: tuple[int, ...]
    starts: tuple[int, ...]

    def load_of(self, block: int) -> int:
        """The number of the load that a block is served from."""
        return sum(start <= block for start in self.starts) - 1


_Cost = tuple[int, int, int]  # stops that would not be there, refills, tips


def loading(program: Program, kinds: Sequence[Kind], slots: int) -> Loading | None:
    """The racks for a program in so many slots, with the fewest stops; None where they can't be."""
    blocks = tuple(part.blocks for part in program.parts)
    picked = pick_ups(program.layout, blocks)
    at_once = tuple(kind.racks(needs_of(picked)) for kind in kinds)
    if sum(at_once) <= slots:
        return Loading(blocks, picked, at_once, (0,))
    best: tuple[_Cost, Loading] | None = None
    for racks in product(*(range(1, most + 1) for most in at_once)):
        if sum(racks) != min(slots, sum(at_once)):
            continue
        found = _with(program, kinds, racks)
        if found is not None and (best is None or found[0] < best[0]):
            best = found
    return best[1] if best is not None else None


def _with(
    program: Program, kinds: Sequence[Kind], racks: tuple[int, ...]
) -> tuple[_Cost, Loading] | None:
    """The cheapest way with so many racks of each kind."""
    room = {
        mount: number * kind.per_rack(mount)
        for kind, number in zip(kinds, racks, strict=True)
        for mount, _ in kind.mounts
    }
    blocks = tuple(
        tuple(piece for block in part.blocks for piece in _divided(block, room))
        for part in program.parts
    )
    picked = pick_ups(program.layout, blocks)
    found = _cheapest(_Way(kinds, racks, picked, sum(map(len, blocks))), _stops(blocks))
    if found is None:
        return None
    cost, starts = found
    return cost, Loading(blocks, picked, racks, starts)


def _divided(block: Block, room: Mapping[str, int]) -> Iterator[Block]:
    """A block in pieces that the racks can serve, cut where a tip is dropped."""
    if not isinstance(block, TransferBlock | MixBlock):
        yield block
        return
    most = room.get(block.mount, 0)
    if sum(1 for _ in fresh_places(block)) <= most or not most:
        yield block
        return
    taken = list(accumulate(row.tip == FRESH for row in block.rows))
    for piece in range(-(-taken[-1] // most)):
        of_piece = [i for i, count in enumerate(taken) if (count - 1) // most == piece]
        first, last = of_piece[0], of_piece[-1] + 1
        if isinstance(block, TransferBlock):
            yield replace(block, rows=block.rows[first:last])
        else:
            yield replace(block, rows=block.rows[first:last])


def _stops(blocks: Blocks) -> dict[int, int]:
    """The blocks before which racks may be replaced, and what a stop there costs: 1, or 0 where
    the operator is asked for something anyway or starts the next part."""
    found: dict[int, int] = {}
    number = 0
    for part, of_part in enumerate(blocks):
        timers = 0
        shaking: set[str] = set()
        for index, block in enumerate(of_part):
            if isinstance(block, PauseBlock) or (index == 0 and part):
                found[number] = 0
            elif (
                isinstance(block, TransferBlock | MixBlock | DropsBlock | MixHoldBlock)
                and not timers
                and not shaking
            ):
                found[number] = 1
            timers += isinstance(block, TimerBlock) - isinstance(block, AwaitBlock)
            if isinstance(block, ShakeBlock):
                (shaking.add if block.rpm else shaking.discard)(block.module)
            number += 1
    return found


@dataclass(slots=True)
class _Way:
    """What is picked up between two places of a program of `blocks` blocks."""

    kinds: Sequence[Kind]
    racks: tuple[int, ...]
    picked: tuple[PickUp, ...]
    blocks: int

    def reach(self, start: int) -> Iterator[tuple[int, int]]:
        """(block, tips) for every block up to which full racks at `start` do."""
        of_block: dict[int, list[PickUp]] = {}
        for each in self.picked:
            if each.block >= start:
                of_block.setdefault(each.block, []).append(each)
        needs: dict[str, int] = {}
        seen: set[Life] = set()
        for block in range(start, self.blocks):
            _add(needs, seen, of_block.get(block, ()))
            if any(k.racks(needs) > n for k, n in zip(self.kinds, self.racks, strict=True)):
                return
            yield block + 1, sum(needs.values())


def _cheapest(way: _Way, stops: Mapping[int, int]) -> tuple[_Cost, tuple[int, ...]] | None:
    """The places of the refills: fewest stops, then fewest refills, then fewest tips."""
    best: dict[int, tuple[_Cost, tuple[int, ...]]] = {0: ((0, 0, 0), (0,))}
    for start in sorted({0, *stops}):
        if start not in best:
            continue
        (extra, refills, tips), starts = best[start]
        for end, more in way.reach(start):
            done = end == way.blocks
            if not done and end not in stops:
                continue
            stop = 0 if done else stops[end]
            cost = (extra + stop, refills + (not done), tips + more)
            if end not in best or cost <= best[end][0]:
                best[end] = (cost, starts if done else (*starts, end))
    return best.get(way.blocks)


def needs_of(picked: Sequence[PickUp]) -> Needs:
    """How often each mount takes a fresh tip, where no rack is replaced."""
    needs: dict[str, int] = {}
    _add(needs, set(), picked)
    return needs


def _add(needs: dict[str, int], seen: set[Life], picked: Sequence[PickUp]) -> None:
    """Counts the tips of some pick-ups: one for all of a life."""
    for each in picked:
        if each.life is None or each.life not in seen:
            needs[each.mount] = needs.get(each.mount, 0) + 1
        if each.life is not None:
            seen.add(each.life)


def with_refills(
    parts: Sequence[Part], racks: Sequence[frozenset[str]], starts: Sequence[int], layout: Layout
) -> tuple[Part, ...]:
    """The parts with their refills: in a pause that is there, else in one of their own.

    `racks` are the labels of the racks that each load takes tips from.
    """
    slots = {placed.label: placed.slot for placed in layout.placed}
    bench = layout.operations.ledger.house.bench
    per_rack_s = action_s(bench) if bench is not None else 0.0
    used: set[str] = set()
    replaced: dict[int, tuple[str, ...]] = {}
    for start, of_load in zip(starts, racks, strict=True):
        replaced[start] = tuple(label for label in slots if label in used & of_load)
        used |= of_load
    made: list[Part] = []
    number = 0
    for part in parts:
        blocks: list[Block] = []
        for block in part.blocks:
            labels = replaced.get(number, ())
            number += 1
            if not labels:
                blocks.append(block)
                continue
            line = _request(block.step, [slots[label] for label in labels])
            takes_s = len(labels) * per_rack_s
            if isinstance(block, PauseBlock):
                message = _joined(block.message, line, takes_s)
                blocks.append(replace(block, message=message, refills=labels))
            else:
                message = f"{line}\n{about(takes_s)}"
                pause = PauseBlock(step=block.step, message=message, tasks=(), refills=labels)
                blocks += [pause, block]
        made.append(replace(part, blocks=tuple(blocks)))
    return tuple(made)


def _joined(message: str, line: str, takes_s: float) -> str:
    """A pause's message with one more line, and the time of both."""
    said = said_s(message)
    if said is not None:
        message, takes_s = message.rstrip().rpartition("\n")[0], said + takes_s
    return f"{message}\n{line}\n{about(takes_s)}"


def _request(step: str, slots: Sequence[str]) -> str:
    if len(slots) == 1:
        return f"[{step}] Replace the tip rack in slot {slots[0]} with a full one."
    return f"[{step}] Replace the tip racks in slots {', '.join(slots)} with full ones."
