"""How long a run takes at least, whatever its schedule: from operations, layout and clock alone.

A part of the run (a script) is a row of pieces of work. Each reaction goes through them in order,
and the arm does one thing at a time. So for any stretch of pieces

    a part takes at least  head + arm + tail

where `head` is what the quickest reaction needs until the stretch begins for it, `arm` the arm's
whole work in the stretch, and `tail` what the quickest reaction needs after it. One reaction's
chain of pieces, the arm's total, and batches of drops bound it, too. docs/schedule.md has the
proofs and an example.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from compiler.plan.dropping import Batches, dropping
from compiler.plan.paths import paths_of
from compiler.plan.travel import Travel
from compiler.plan.work import Work, deliver_work, draw_work, mix_work
from compiler.stages import operations as o
from compiler.stages.layout import Layout
from compiler.target.clock import Clock, load_clock
from compiler.target.deck import deck_of
from compiler.target.operator import action_s, work_s

CHEMISTRY, ARM, BATCHES = "chemistry", "arm", "batches"
SERVED = o.Deliver | o.DeliverDrops | o.DrawPhase | o.MixVessel


@dataclass(frozen=True, slots=True, kw_only=True)
class PartBound:
    """The bound of one script, in s, and what it is made of.

    `chemistry_s` is the longest single reaction's (holds, intervals, ramps), `arm_s` the arm's
    work, `operator_s` the pauses, `batches_s` the longest addition's batches. `seconds` is at
    least the largest of these, and more where they can't overlap. `sets` says which is largest.
    """

    number: int
    seconds: float
    sets: str  # "chemistry" | "arm" | "batches"
    chemistry_s: float
    arm_s: float
    operator_s: float
    batches_s: float
    fills: int
    tips: int

    @property
    def plain_s(self) -> float:
        """The largest of the terms by themselves, the operator's pauses with the arm's work."""
        return max(self.chemistry_s, self.arm_s + self.operator_s, self.batches_s)


@dataclass(frozen=True, slots=True)
class Bound:
    """The bound of a run: its parts, which follow each other; holds between them apart."""

    parts: tuple[PartBound, ...]

    @property
    def seconds(self) -> float:
        """Less is not possible."""
        return sum(part.seconds for part in self.parts)

    @property
    def text(self) -> str:
        """What sets it, part by part, in words."""
        several = len(self.parts) > 1
        said = [(f"part {part.number}: " if several else "") + _words(part) for part in self.parts]
        return "; ".join(said)


def lower_bound(layout: Layout) -> Bound:
    """The least time of a run on a deck, without the holds at which its scripts are split."""
    reader = _Reader(layout, load_clock(layout.robot, layout.clock))
    parts = []
    for number, operations in enumerate(_parts(layout.operations.operations), start=1):
        found = [each for operation in operations for each in reader.pieces(operation)]
        if operations and isinstance(operations[-1], SERVED):
            found.append(reader.last_tip(operations[-1].step))
        parts.append(_part_bound(number, found, reader.reactions))
    return Bound(tuple(parts))


def operator_s(layout: Layout, ask: o.Ask, clock: Clock) -> float:
    """How long the operator takes for a pause: all of its tasks, one after the other."""
    bench = layout.operations.ledger.house.bench
    per_action_s = clock.operator_action_s if bench is None else action_s(bench)
    return work_s(layout, ask.tasks, per_action_s)


def _parts(operations: Sequence[o.Operation]) -> Iterator[list[o.Operation]]:
    part: list[o.Operation] = []
    for operation in operations:
        if isinstance(operation, o.Split):
            yield part
            part = []
        else:
            part.append(operation)
    yield part


# --- operations as pieces of work -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of work, and the batches that it can't be done without."""

    work: Work
    batches: Batches | None = None


class _Reader:
    """Reads operations in order; keeps where labware stands, and what modules are set to."""

    def __init__(self, layout: Layout, clock: Clock) -> None:
        self._layout = layout
        self._clock = clock
        deck = deck_of(layout)
        self._over_mm = deck.highest_mm()
        self._travel = Travel(deck, clock, self._over_mm)
        self._celsius: dict[str, float] = {}

    def pieces(self, operation: o.Operation) -> Iterator[Piece]:
        """An operation as pieces; nothing for what takes no time that could be told."""
        match operation:
            case o.Deliver():
                if operation.volume_ul:
                    yield Piece(deliver_work(self._travel, operation))
            case o.DeliverDrops():
                found = dropping(self._travel, operation)
                yield Piece(found.first, found.batches)
                yield Piece(found.rest)
                if found.last is not None:
                    yield Piece(found.last)
            case o.DrawPhase():
                if operation.stroke_ul:
                    yield Piece(draw_work(self._travel, operation))
            case o.MixVessel():
                if operation.stroke_ul:
                    yield Piece(mix_work(self._travel, operation))
            case o.Hold():
                yield Piece(self._hold(operation))
            case o.Ask():
                yield Piece(self._ask(operation))
            case o.Stand():
                yield from self._stand(operation)
            case o.Temperature():
                yield Piece(self._temperature(operation))
            case o.Agitate():
                clock = self._clock
                seconds = clock.shake_up_s if operation.rpm else clock.shake_down_s
                yield Piece(self._for_all(operation.step, "chemistry", seconds))
            case o.Split():
                raise AssertionError("a split ends the part; see _parts()")

    def last_tip(self, step: str) -> Piece:
        """The end of a part that ends with a pipette's work: its tip goes when all is done."""
        return Piece(self._for_all(step, "arm", self._clock.drop_s))

    @cached_property
    def reactions(self) -> tuple[str, ...]:
        """All reactions, in the order of service."""
        return tuple(r.id for r in self._layout.operations.ledger.charges.reactions)

    def _for_all(self, step: str, kind: str, seconds: float, *, stops: bool = False) -> Work:
        alone = dict.fromkeys(self.reactions, seconds)
        return Work(step=step, kind=kind, alone=alone, arm_s=seconds if stops else 0.0)

    def _hold(self, hold: o.Hold) -> Work:
        made = self._for_all(hold.step, "chemistry", hold.seconds)
        if hold.mix is None or hold.every_s is None or not hold.mix.stroke_ul:
            return made
        times = max(1, math.ceil(hold.seconds / hold.every_s - 1e-9))
        mixing = mix_work(self._travel, hold.mix, times)
        return Work(
            step=hold.step,
            kind="chemistry",
            alone=made.alone,
            mount=mixing.mount,
            arm_s=mixing.arm_s,
            early_s=mixing.early_s,
            late_s=mixing.late_s,
            tips=mixing.tips,
        )

    def _ask(self, ask: o.Ask) -> Work:
        seconds = operator_s(self._layout, ask, self._clock)
        mine: set[str] = set()
        for task in ask.tasks:
            whose = task.mass_mg if task.mass_mg is not None else self.reactions
            mine.update(whose)
        alone = {reaction: seconds for reaction in self.reactions if reaction in mine}
        return Work(step=ask.step, kind="operator", alone=alone, arm_s=seconds)

    def _stand(self, stand: o.Stand) -> Iterator[Piece]:
        """Labware is moved by the operator, where it stands elsewhere."""
        layout, deck = self._layout, self._travel.deck
        label = next((w.labware for (_, v), w in layout.wells.items() if v == stand.vessel), None)
        if label is None:
            return
        placed = deck.labware(label)
        here = deck.places.get(label, placed.on or placed.slot)
        there = stand.position or placed.slot
        if here == there:
            return
        self._travel = Travel(deck.moved(label, there), self._clock, self._over_mm)
        yield Piece(self._for_all(stand.step, "operator", self._clock.operator_s, stops=True))

    def _temperature(self, operation: o.Temperature) -> Work:
        """The ramp; a module that goes off is not waited for."""
        module, celsius = operation.module, operation.celsius
        if celsius is None:
            return self._for_all(operation.step, "chemistry", 0.0)
        model = next(m.module.model for m in self._layout.modules if m.label == module)
        before = self._celsius.get(module, self._clock.start_celsius)
        self._celsius[module] = celsius
        seconds = self._clock.ramp_s(model, before, celsius)
        return self._for_all(operation.step, "chemistry", seconds)


# --- a part's bound -------------------------------------------------------------------------


def _part_bound(number: int, pieces: Sequence[Piece], reactions: Sequence[str]) -> PartBound:
    work = _with_shared_tips([piece.work for piece in pieces])
    pieces = [replace(piece, work=each) for piece, each in zip(pieces, work, strict=True)]
    waits_s = [
        sum(w.alone.get(reaction, 0.0) for w in work if w.kind == "chemistry")
        for reaction in reactions
    ]
    batched = [p.batches for p in pieces if p.batches is not None and p.batches.count > 1]
    chemistry_s = max(waits_s, default=0.0)
    arm_s = sum(w.arm_s for w in work if w.kind != "operator")
    operator_s = sum(w.arm_s for w in work if w.kind == "operator")
    batches_s = max((each.spread_s for each in batched), default=0.0)
    terms = {CHEMISTRY: chemistry_s, BATCHES: batches_s, ARM: arm_s + operator_s}
    return PartBound(
        number=number,
        seconds=sum(_segment_s(segment, reactions) for segment in _segments(pieces, reactions)),
        sets=max(terms, key=lambda term: terms[term]),
        chemistry_s=chemistry_s,
        arm_s=arm_s,
        operator_s=operator_s,
        batches_s=batches_s,
        fills=sum(w.fills for w in work),
        tips=sum(w.tips for w in work),
    )


def _segments(pieces: Sequence[Piece], reactions: Sequence[str]) -> list[list[Piece]]:
    """The pieces between what stops the whole run: a pause that is about every reaction."""
    segments: list[list[Piece]] = [[]]
    for piece in pieces:
        stops = piece.work.kind == "operator" and set(piece.work.alone) >= set(reactions)
        if stops and segments[-1]:
            segments.append([])
        segments[-1].append(piece)
        if stops:
            segments.append([])
    return [segment for segment in segments if segment]


def _segment_s(pieces: Sequence[Piece], reactions: Sequence[str]) -> float:
    """The bound of a segment: no pipette stands through a pause with a tip on."""
    paths = paths_of([piece.work for piece in pieces], reactions)
    spread_s = [
        paths.head(k) + piece.batches.spread_s + paths.tail(k + 2)  # first drops, and the rest
        for k, piece in enumerate(pieces)
        if piece.batches is not None
    ]
    return max([0.0, paths.longest(), paths.busiest(), *spread_s])


def _with_shared_tips(work: Sequence[Work]) -> list[Work]:
    """A clean tip that is still on serves the next addition of its liquid, too."""
    on: dict[str | None, str | None] = {}
    found = []
    for each in work:
        kept = each.clean is not None and on.get(each.mount) == each.clean
        if each.tips and kept:
            saved_s = min(each.arm_s, each.early_s + each.late_s)
            left_s = each.arm_s - saved_s
            found.append(replace(each, arm_s=left_s, early_s=0.0, ready_s=0.0, tips=0))
        else:
            found.append(each)
        if each.mount is not None:
            on[each.mount] = each.clean
    return found


def _words(part: PartBound) -> str:
    """What sets a part's bound; in minutes, as a person plans by."""
    if part.sets == ARM:
        said = [f"the arm's work ({rounded(part.arm_s)}: {part.tips} tips, {part.fills} fills)"]
        if part.operator_s:
            said.append(f"the operator's ({rounded(part.operator_s)})")
        said_s = part.arm_s + part.operator_s
    else:
        of = "one reaction's chemistry" if part.sets == CHEMISTRY else "drops in batches"
        said_s = part.chemistry_s if part.sets == CHEMISTRY else part.batches_s
        said = [f"{of} ({rounded(said_s)})"]
    if part.seconds - said_s > 0.01 * part.seconds:
        said.append(f"what can't be done meanwhile ({rounded(part.seconds - said_s)})")
    return ", ".join(said[:-1]) + " and " + said[-1] if len(said) > 1 else said[0]


def rounded(seconds: float) -> str:
    """Seconds as a person plans by."""
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
