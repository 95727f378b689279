"""How many drops, of what size, and from which pipette."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from compiler.passes.lower import pipetting
from compiler.passes.lower.pipetting import Instrument

DROPS_WANTED = 20  # 5 % of the charge a drop, where the procedure does not say
DROPS_WANTED_SEVERAL = 10  # with several wells: each drop is a visit of the arm to every well
FEWEST_FALLING = 10  # of fewer, a drop is more than 10 % of the charge: smaller ones that hang then
FEWEST_FALLING_SEVERAL = 5  # with several wells, where each drop that hangs costs a tip
MIXES_WANTED = 5  # over a dropwise addition that is mixed by pipette
ROOMY = 2.0  # a drop of twice the pipette's minimum: from there on a larger pipette is as good
DRIPPING = "very volatile"  # its vapour pushes it out of a tip that waits
# Rough times, to choose a number of drops that can be kept up; the clock judges it afterwards.
FALLING_S = (7.0, 2.2)  # a fill of the tip, and each drop that falls from it
HANGING_S = 8.0  # a drop from a tip that is filled already
FRESH_TIP_S = 45.0  # the old tip away, a new one pre-wetted and filled
MAKING_WAY_S = 24.0  # the drops' tip put back and taken again, where its pipette mixes
MOST_COUNTED = 200  # more drops than anybody asks for


@dataclass(frozen=True, slots=True)
class Choice:
    """A number of drops with a pipette. `falls`: by themselves, from a clean tip."""

    count: int
    instrument: Instrument
    falls: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the drops are chosen for. Volumes in µL (of the smallest and largest charge), in s.

    `visits` are the wells, or the columns where a multi-channel can serve them. `stir_s` is what
    stirring all of them takes once, `mix_every` after how many drops a pipette does it.
    """

    kind: str
    wells: int
    visits: int
    smallest_ul: float
    largest_ul: float
    limit_ul: float
    free_ul: float
    over_s: float
    stir_s: float
    mixer: str | None  # the mount of the pipette that mixes
    mix_every: int | None = None

    @property
    def drops_wanted(self) -> int:
        """How many drops are aimed at: with many wells as few as the procedure allows."""
        if self.visits == 1:
            return DROPS_WANTED
        if math.isinf(self.limit_ul):
            return DROPS_WANTED_SEVERAL
        return math.ceil(self.largest_ul / self.limit_ul - 1e-9)

    def fills(self, instrument: Instrument, count: int) -> int:
        """How often a tip is filled for a drop to every well."""
        how = pipetting.handling(self.kind, instrument)
        held = pipetting.capacity_ul(instrument, how) * count / self.largest_ul
        return math.ceil(self.visits / max(1, math.floor(held + 1e-9)))

    def drops_s(self, instrument: Instrument, falls: bool, count: int) -> float:
        """About how long a drop to every well takes."""
        if falls:
            return FALLING_S[0] * self.fills(instrument, count) + FALLING_S[1] * self.visits
        if self.held_ul(instrument) >= self.largest_ul:
            return HANGING_S
        return (FRESH_TIP_S + HANGING_S) * self.wells

    def round_s(self, instrument: Instrument, falls: bool, count: int) -> float:
        """The same with the stirring that belongs to it."""
        way_s = MAKING_WAY_S if falls and instrument.mount == self.mixer else 0.0
        return self.drops_s(instrument, falls, count) + way_s + self._stir_s(count)

    def _stir_s(self, count: int) -> float:
        """What stirring takes of a round: several wells are mixed in turn."""
        if self.mixer is None or self.visits == 1:
            return self.stir_s
        return self.stir_s / (self.mix_every or mixings(count))

    def most_kept_up(self, instrument: Instrument, falls: bool) -> int:
        """How many drops there is time for."""
        kept_up = (
            count
            for count in range(MOST_COUNTED, 1, -1)
            if count * self.round_s(instrument, falls, count) <= self.over_s + 1e-9
        )
        return next(kept_up, 1)

    def held_ul(self, instrument: Instrument) -> float:
        """What a tip that touches is filled with at the most, for more than one drop.

        Nothing with several wells (no tip waits full off the pipette), for a slurry (it would
        settle) and for what drips.
        """
        how = pipetting.handling(self.kind, instrument)
        if self.wells > 1 or how.prewet_every_stroke or self.kind == DRIPPING:
            return 0.0
        return pipetting.capacity_ul(instrument, how)


def mixings(count: int) -> int:
    """After how many drops a pipette mixes, where the procedure does not say."""
    return max(1, round(count / MIXES_WANTED))


def choose(available: Sequence[Instrument], wanted: Wanted) -> Choice | None:
    """Drops that fall, then drops that there is time for, then about as many as are wanted.

    Of equals the pipette that needs fewest fills a round, where its drops are well above its
    minimum; then the smaller one.
    """
    best: tuple[tuple[float, ...], Choice] | None = None
    for instrument in available:
        how = pipetting.handling(wanted.kind, instrument)
        top_ul = min(wanted.limit_ul, pipetting.capacity_ul(instrument, how))
        fewest = max(1, math.ceil(wanted.largest_ul / top_ul - 1e-9))
        most = math.floor(wanted.smallest_ul / instrument.pipette.min_ul + 1e-9)
        if most < fewest:
            continue
        count = _falling(wanted, instrument, fewest, most)
        falls = count is not None
        if count is None:
            count = _hanging(wanted, instrument, fewest, most)
        asked_for = math.ceil(wanted.largest_ul / wanted.limit_ul - 1e-9)  # by `drop:`
        too_many = count > max(asked_for, wanted.most_kept_up(instrument, falls))
        roomy = wanted.smallest_ul / count >= ROOMY * instrument.pipette.min_ul - 1e-9
        fills = wanted.fills(instrument, count) if wanted.visits > 1 else 0
        away = abs(count - wanted.drops_wanted)
        order = (not falls, too_many, away, not roomy, fills, instrument.pipette.max_ul)
        if best is None or order < best[0]:
            best = (order, Choice(count, instrument, falls))
    return best[1] if best else None


def _falling(wanted: Wanted, instrument: Instrument, fewest: int, most: int) -> int | None:
    """The number of drops that fall freely; None where they don't, or would be too few.

    What the procedure allows (`drop:`) is never too few. With several wells it is never less than
    `FEWEST_FALLING_SEVERAL`, however long that takes: they are served in batches then.
    """
    most = min(most, math.floor(wanted.smallest_ul / wanted.free_ul + 1e-9))
    if most < fewest:
        return None
    kept_up = wanted.most_kept_up(instrument, falls=True)
    least = FEWEST_FALLING if wanted.visits == 1 else FEWEST_FALLING_SEVERAL
    if math.isinf(wanted.limit_ul) and most < min(least, kept_up):
        return None
    if wanted.visits > 1:
        kept_up = max(kept_up, FEWEST_FALLING_SEVERAL)
    return max(fewest, min(most, wanted.drops_wanted, kept_up))


def _hanging(wanted: Wanted, instrument: Instrument, fewest: int, most: int) -> int:
    """The number of drops that are touched off: few where each costs a tip."""
    aim = DROPS_WANTED if wanted.wells == 1 else FEWEST_FALLING
    return max(fewest, min(most, aim, wanted.most_kept_up(instrument, falls=False)))


def per_fill(wanted: Wanted, choice: Choice, empty_after: int | None) -> int:
    """How many drops a tip that touches is filled for; 1 for drops that fall.

    `empty_after`: the mixing needs the same pipette after so many drops.
    """
    if choice.falls:
        return 1
    drop_ul = wanted.largest_ul / choice.count
    held = math.floor(wanted.held_ul(choice.instrument) / drop_ul + 1e-9)
    held = max(1, min(held, choice.count))
    if empty_after is None:
        return held
    return max(n for n in range(1, held + 1) if empty_after % n == 0)
