"""After `schedule` and `tips`: every robot action, in order, in blocks that read as a script.

A block is what one loop of the written script does. `target/expand.py` unrolls blocks into
commands (for the clock and the tests), `target/script/` writes them as Python; both read these
same fields, and a test holds the simulator's trace of the written script against the expansion.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from compiler.stages.layout import Layout
from compiler.stages.operations import Handling, Task
from compiler.target.commands import WellRef


@dataclass(frozen=True, slots=True, kw_only=True)
class MixSpec:
    """Mixing with the tip that is on: `cycles` of `stroke_ul` at `height_mm` above the bottom."""

    cycles: int
    stroke_ul: float
    height_mm: float
    flow_ul_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One well's share of a transfer block.

    `strokes_ul` are the volumes drawn one after the other from `source` (tip at `source_mm` above
    its bottom) and delivered to `dest` (tip at `dest_mm` above its bottom; above the liquid where
    the tip must stay clean). `tip` None keeps the tip of the row before. `mix` follows the last
    stroke, with the same tip, in `dest`, and ends with a blow-out of its own at `dest_mm`.
    `more_tips` are those of the later fills, in order, where drops are touched off.

    With an eight-channel pipette wells and tips are those of row A (or a reservoir's one well),
    `strokes_ul` are what each channel moves, and `others` the reactions in rows B to H.
    `parks`: the tip goes back into its place after the row, and is taken up again for the same
    vessel later; else it is dropped.
    """

    reaction: str
    source: WellRef
    dest: WellRef
    strokes_ul: tuple[float, ...]
    source_mm: float
    dest_mm: float
    tip: WellRef | None
    mix: MixSpec | None = None
    more_tips: tuple[WellRef, ...] = ()
    others: tuple[str, ...] = ()
    parks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferBlock:
    """Rows one after the other: charges, extraction solvents, draws of a phase, aliquots.

    `what` says which ("charge" | "draw"). The tip is dropped before the next row that brings its
    own, and at the end of the block; where the handling asks for touch-off, it touches the wall
    before that, and at no other time.

    Rows that share a tip, and have one stroke each, are served from as few fills of the tip as
    their volumes allow (`target/fills.py`), and not blown out one by one. `beat_s` is the least
    time from the start of one row to the start of the next, so that all wells see the same times.
    """

    step: str
    what: str
    material: str | None
    mount: str
    handling: Handling
    rows: tuple[Row, ...]
    round: int = 1
    beat_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DropsBlock:
    """Dropwise: `count` rounds over the rows; a well's drops are `interval_s` apart.

    Each row's `strokes_ul` holds one drop's volume. In one of two ways:

    - `shared_tip`: drops fall freely. One tip serves all rows and all rounds; a round fills it for
      as many rows as it holds. It is pre-wetted before the first round, and waits above the source
      between rounds. Where the mixing needs its pipette, it is in its rack meanwhile.
    - else drops are touched off, and a tip that has touched a vessel never goes back into the
      stock. It is filled once for `per_fill` drops to its one row, gives one a round with an air
      gap behind it, and is dropped when empty; the next fill takes the next of the row's tips.
      A tip can't be put back into its rack with liquid in it (letting go of it pushes that out):
      with several rows, or with mixing by the same pipette in between, it must be empty by then.

    Between rounds: `shaker` (a module's label) runs at `rpm` while the time allows, or `mix_rows`
    are mixed after every `mix_every` rounds with tips of their own, which go back into their
    places until their last use.

    The interval after the last drop is waited for only where the shaker stirs that drop in: the
    drops are `interval_s` apart, and what follows may start at once otherwise. Where the drops
    themselves take so long that the shaker would run for less than 5 s, it does not run. `beat_s`
    keeps the rows of a round in step, as in a TransferBlock.
    """

    step: str
    material: str
    mount: str
    handling: Handling
    count: int
    interval_s: float
    rows: tuple[Row, ...]
    shared_tip: bool
    per_fill: int = 1
    shaker: str | None = None
    rpm: int = 0
    mix_every: int | None = None
    mix_mount: str | None = None
    mix_rows: tuple[MixRow, ...] = ()
    beat_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MixRow:
    """One well to mix, with a tip of its own; `others` and `parks` as in `Row`."""

    reaction: str
    well: WellRef
    mix: MixSpec
    tip: WellRef | None
    others: tuple[str, ...] = ()
    parks: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MixBlock:
    """Mixes wells one after the other, a fresh tip each; `beat_s` as in a TransferBlock."""

    step: str
    mount: str
    handling: Handling
    rows: tuple[MixRow, ...]
    beat_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettleBlock:
    """Layers in many wells: mixed, left to settle, and drawn, one well while the next ones settle.

    Row i of `mix` and row i of `draw` are of the same well. In turn n well n is mixed, and well
    n - `ahead` drawn. So a well settles for as long as the arm takes for `ahead` others, at least
    `settle_s`. A turn takes at least `beat_s`: also the first ones, in which nothing is drawn yet.
    Asked for are `wanted_s`; the timers may run longer, for all wells to settle alike.
    """

    step: str
    mix: MixBlock
    draw: TransferBlock
    settle_s: float
    ahead: int
    beat_s: float
    wanted_s: float

    @property
    def rows(self) -> tuple[Row, ...]:
        """What is drawn."""
        return self.draw.rows


@dataclass(frozen=True, slots=True, kw_only=True)
class MixHoldBlock:
    """Time passes for `seconds`; the wells are mixed every `every_s` from start to start.

    The first mixing is at the start, none at the end: 1000 s with one every 300 s has four. Where
    the last one takes longer than what is left, the hold is that much longer.
    Tips: one a well, put back into its place between rounds and dropped at the end.
    """

    step: str
    mount: str
    handling: Handling
    seconds: float
    every_s: float
    rows: tuple[MixRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TimerBlock:
    """Starts the named timer (a Python name in the script); `reactions` where it is for a batch.

    `is_hold`: the chemistry asks for this time; else the arm only rests. `more_s` of `seconds` are
    not asked for: the timer starts with the first well, and the last one is to have its time, too.
    """

    step: str
    timer: str
    seconds: float
    reactions: tuple[str, ...] = ()
    is_hold: bool = True
    more_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AwaitBlock:
    """Waits until the named timer has run out."""

    step: str
    timer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TemperatureBlock:
    """A module to a temperature (and wait), or off (None)."""

    step: str
    module: str
    celsius: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShakeBlock:
    """A shaker to a speed (the latch is closed first), or to rest (0)."""

    step: str
    module: str
    rpm: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseBlock:
    """Stops for the operator. Each line of `message` starts with `[step]`.

    `refills` are the labels of the tip racks that the operator replaces with full ones.
    """

    step: str
    message: str
    tasks: tuple[Task, ...]
    refills: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveBlock:
    """Moves labware to a slot or onto a module (its label).

    A shaker's latch opens for it and closes again, whether the labware comes or goes.
    """

    step: str
    label: str
    to: str
    by_gripper: bool


Block = (
    TransferBlock
    | DropsBlock
    | MixBlock
    | SettleBlock
    | MixHoldBlock
    | TimerBlock
    | AwaitBlock
    | TemperatureBlock
    | ShakeBlock
    | PauseBlock
    | MoveBlock
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One script. `starts_with_ul` are the volumes in wells when it starts (stocks included).

    `after` says what must have happened before it is started ("" for the first part), `hold_s`
    how long the hold before it is. `keep_on` are labels of modules left working at its end.
    `running` are those (label -> rpm or degC) found working when it starts; on a shaker, 200 and
    more is a speed. A part stops shaking first and brings temperatures back to `running` before
    its blocks. `on_deck` gives the place (module label or slot) of labware that was moved away
    from its first place.
    """

    number: int
    after: str
    hold_s: float
    blocks: tuple[Block, ...]
    starts_with_ul: Mapping[WellRef, float]
    keep_on: tuple[str, ...]
    running: Mapping[str, float]
    on_deck: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Program:
    """The run: its parts one after the other."""

    layout: Layout
    parts: tuple[Part, ...]
