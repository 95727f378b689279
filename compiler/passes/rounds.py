"""Rounds: blocks in which the arm comes to wells in turn, and when each reaction has its turn.

A round may be several blocks of one step: columns by an eight-channel pipette, and what is left by
a single channel.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from compiler.passes.intervals import longest_round
from compiler.stages.program import (
    Block,
    DropsBlock,
    MixBlock,
    MixRow,
    Row,
    SettleBlock,
    TransferBlock,
)
from compiler.target import commands as c
from compiler.target.expand import expand
from compiler.target.strokes import Context

SHARES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)  # of a beat, where drops have no room for all of it
ROOM_S = 2.0  # what is left of the interval then
CORRECTED, OVER_S = 2, 0.3
"""How often a beat is set, and when that will do: what is done between two rows adds to it."""

Served = TransferBlock | DropsBlock | MixBlock | SettleBlock


def reactions_of(row: Row | MixRow) -> tuple[str, ...]:
    """The reactions that are served at once."""
    return (row.reaction, *row.others)


def reactions_in(block: Served) -> frozenset[str]:
    """The reactions that a block serves."""
    return frozenset(reaction for row in block.rows for reaction in reactions_of(row))


@dataclass(frozen=True)
class Round:
    """Blocks that follow each other, each with its context."""

    blocks: tuple[Served, ...]
    contexts: tuple[Context, ...]

    @property
    def reactions(self) -> frozenset[str]:
        """Whoever is served."""
        return frozenset().union(*(reactions_in(block) for block in self.blocks))

    def turns(self, *, first: bool) -> Turns:
        """When each reaction is left for the last time, or with `first` when it is come to for the
        first time. Drops are mixed in between; with `first` their later rounds are left out."""
        keeper = self.contexts[0].timekeeper()
        found: dict[str, float] = {}
        for block, context in zip(self.blocks, self.contexts, strict=True):
            whose = {well: reactions_of(row) for well, row in _wells(block)}
            for command in expand(block, context):
                start, end = keeper.advance(command)
                if isinstance(command, c.Aspirate | c.Dispense) and command.well in whose:
                    for reaction in whose[command.well]:
                        found[reaction] = found.get(reaction, start) if first else end
                    if (
                        first
                        and isinstance(block, DropsBlock)
                        and whose.pop(command.well)
                        and not whose
                    ):
                        break
        return Turns(found, keeper.now_s)

    def following(self, other: Turns, spare: float) -> Round:
        """The round with beats, so that it is nowhere faster than another one; `spare` is the share
        of the other's pace that it may be faster by."""
        wanted_s = [(1 - spare) * each for each in self._paces(other)]
        beats_s = wanted_s
        made = self
        for _ in range(CORRECTED):
            made = self._beaten(beats_s)
            seen_s = made._paces(made.turns(first=True))
            over_s = [
                s - w
                for s, w, block in zip(seen_s, wanted_s, made.blocks, strict=True)
                if block.beat_s
            ]
            if max(over_s, default=0.0) < OVER_S:
                break
            beats_s = [
                max(0.0, beat + wanted - seen)
                for beat, wanted, seen in zip(beats_s, wanted_s, seen_s, strict=True)
            ]
        return made

    def _paces(self, turns: Turns) -> list[float]:
        """From row to row in each block, and on to the next block, if the rows have these turns."""
        found: list[float] = []
        for number, block in enumerate(self.blocks):
            rows = [*block.rows]
            if number + 1 < len(self.blocks):
                rows.append(self.blocks[number + 1].rows[0])
            at_s = [turns.at_s.get(row.reaction) for row in rows]
            known = [(n, s) for n, s in enumerate(at_s) if s is not None]
            count = known[-1][0] - known[0][0] if known else 0
            found.append((known[-1][1] - known[0][1]) / count if count else 0.0)
        return found

    def _beaten(self, beats_s: Sequence[float]) -> Round:
        made = zip(self.blocks, self.contexts, beats_s, strict=True)
        return replace(self, blocks=tuple(_beaten(*each) for each in made))

    def even(self) -> Round:
        """The round with beats as long as the slowest row of each block."""
        turns = self.turns(first=True)
        slowest_s: list[float] = []
        for block in self.blocks:
            at_s = [turns.at_s[row.reaction] for row in block.rows if row.reaction in turns.at_s]
            slowest_s.append(max((b - a for a, b in pairwise(at_s)), default=0.0))
        return self._beaten(slowest_s)


@dataclass(frozen=True, slots=True)
class Turns:
    """When each reaction has its turn, from the start of its round, and how long that is (s)."""

    at_s: Mapping[str, float]
    seconds: float


def round_span_s(block: Served, context: Context, *, first: bool = False) -> float:
    """From the first turn in a block to the last one (s); `first` as in `Round.turns`."""
    at_s = Round((block,), (context,)).turns(first=first).at_s.values()
    return max(at_s) - min(at_s) if at_s else 0.0


def _wells(block: Served) -> Iterator[tuple[c.WellRef, Row | MixRow]]:
    draws = isinstance(block, SettleBlock) or (
        isinstance(block, TransferBlock) and block.what == "draw"
    )
    if draws and len({row.source for row in block.rows if isinstance(row, Row)}) < len(block.rows):
        draws = False  # from a vessel that reactions share
    for row in block.rows:
        if isinstance(row, MixRow):
            yield row.well, row
        else:
            yield (row.source if draws else row.dest), row


def _beaten(block: Served, context: Context, beat_s: float) -> Served:
    """A block with a beat, unless it has a longer one; drops with as much of it as they have room
    for. Layers in turn have one of their own."""
    if isinstance(block, SettleBlock) or beat_s <= (block.beat_s or 0.0) or len(block.rows) < 2:
        return block
    if not isinstance(block, DropsBlock):
        return replace(block, beat_s=round(beat_s, 1))
    for share in SHARES:
        paced = replace(block, beat_s=round(share * beat_s, 1))
        if _keeps_up(paced, context):
            return paced
    return block


def _keeps_up(block: DropsBlock, context: Context) -> bool:
    """Whether drops with a beat leave the shaker its time, and are in time for the next ones."""
    if block.shaker is not None and block.rpm:
        return (block.beat_s or 0.0) * len(block.rows) <= block.interval_s / 2
    longest = longest_round(block, context)
    return longest is None or longest.over_s <= -ROOM_S


def lags(before: Turns, after: Turns) -> dict[str, float]:
    """What each reaction sees of a hold of no length: from its turn in one round, through the rest
    of it, to its turn in the next round (s)."""
    return {
        reaction: before.seconds - left_s + after.at_s[reaction]
        for reaction, left_s in before.at_s.items()
        if reaction in after.at_s
    }


def spread_s(before: Turns, after: Turns) -> float:
    """By how much these differ."""
    seen = lags(before, after).values()
    return max(seen) - min(seen) if seen else 0.0


def joined(blocks: Sequence[Block], place: int, step: int) -> tuple[int, ...]:
    """The blocks of the round that a block belongs to: those of its step before it (`step` -1) or
    behind it (1) which serve other reactions; by index, in order."""
    found = [place]
    block = blocks[place]
    assert isinstance(block, Served)
    taken = reactions_in(block)
    while 0 <= found[-1] + step < len(blocks):
        other = blocks[found[-1] + step]
        if not isinstance(other, Served) or other.step != block.step:
            break
        if reactions_in(other) & taken:
            break
        taken |= reactions_in(other)
        found.append(found[-1] + step)
    return tuple(sorted(found))
