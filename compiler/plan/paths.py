"""Bounds on a row of pieces of work that every reaction goes through, and one arm does.

For any stretch of pieces: none of its work for the arm can begin before the quickest reaction has
come through the pieces before it (`head`), and when the last of it is done, some reaction still
has the pieces after it to go through (`tail`). In between lies all of the arm's work in the
stretch, but for a tip that was filled before on each pipette, and one that is let go later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from compiler.plan.work import Work


@dataclass(frozen=True, slots=True)
class Paths:
    """`heads[k]` and `tails[k]`: the least time that a reaction needs before, and from, piece k."""

    work: Sequence[Work]
    heads: tuple[float, ...]
    tails: tuple[float, ...]
    longest_s: float

    def head(self, piece: int) -> float:
        """What the quickest reaction needs before a piece."""
        return self.heads[piece]

    def tail(self, piece: int) -> float:
        """What the quickest reaction needs from a piece on."""
        return self.tails[piece]

    def longest(self) -> float:
        """The longest single reaction, by itself."""
        return self.longest_s

    def busiest(self) -> float:
        """The largest head + arm + tail of any stretch."""
        best = 0.0
        for first in range(len(self.work)):
            arm_s = 0.0
            early: dict[str, float] = {}
            late: dict[str, float] = {}
            for last in range(first, len(self.work)):
                each = self.work[last]
                if not each.arm_s:
                    continue
                arm_s += each.arm_s
                if each.mount is not None:
                    early[each.mount] = max(early.get(each.mount, 0.0), each.early_s)
                    late[each.mount] = max(late.get(each.mount, 0.0), each.late_s)
                before_s = max(0.0, self.heads[first] - sum(early.values()))
                after_s = max(0.0, self.tails[last + 1] - sum(late.values()))
                best = max(best, before_s + arm_s + after_s)
        return best


def paths_of(work: Sequence[Work], reactions: Sequence[str]) -> Paths:
    """The paths of all reactions through the pieces; those that go alike are looked at once."""
    ready_s = [_ready_s(work, k) for k in range(len(work))]
    chains = {
        tuple(
            each.alone.get(r, 0.0) + (ready if r in each.alone and _served(work, k, r) else 0.0)
            for k, (each, ready) in enumerate(zip(work, ready_s, strict=True))
        )
        for r in reactions
    }
    sums = [tuple(accumulate(chain, initial=0.0)) for chain in sorted(chains)]
    count = len(work) + 1
    return Paths(
        work,
        tuple(min((s[k] for s in sums), default=0.0) for k in range(count)),
        tuple(min((s[-1] - s[k] for s in sums), default=0.0) for k in range(count)),
        max((s[-1] for s in sums), default=0.0),
    )


def _ready_s(work: Sequence[Work], piece: int) -> float:
    """The change of tips between two pieces of one pipette, one right after the other."""
    if piece == 0:
        return 0.0
    before, each = work[piece - 1], work[piece]
    alike = before.kind == each.kind == "arm" and before.mount == each.mount
    return each.ready_s if alike else 0.0


def _served(work: Sequence[Work], piece: int, reaction: str) -> bool:
    return reaction in work[piece - 1].alone
