"""The steps of a procedure as they were written, a class for each verb or for two alike."""

from __future__ import annotations

from dataclasses import dataclass

from compiler.diagnostics.finding import Span
from compiler.stages.quantity import Quantity
from compiler.stages.written import Acknowledgement, Amount, Mixture, Spans

SAMPLES = "analysis"
"""The vessel that aliquots go into, which no procedure has to declare: a well of a plate.

A second `monitor` that takes samples has `analysis-2`, and so on.
"""


@dataclass(frozen=True, slots=True)
class Within:
    """`within`: the step begins at most `time` (s) after the end of `after`, the id of a step
    that stands before it."""

    time: Quantity
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What all steps share. `spans` are those of the keys inside the verb, and of `within`.

    `id` is the user's, or `<verb>-<n>` with n the step's number in the unrolled list. `within` has
    several entries where an `include` or a `repeat` that begins with the step has its own.
    """

    id: str
    verb: str
    spans: Spans
    note: str | None = None
    by_operator: bool = False
    acknowledge: tuple[Acknowledgement, ...] = ()
    within: tuple[Within, ...] = ()


@dataclass(frozen=True, slots=True)
class Dropwise:
    """Either `over` (s) or `rate` (uL/s); `drop` is the largest allowed (uL)."""

    spans: Spans
    over: Quantity | None = None
    rate: Quantity | None = None
    drop: Quantity | None = None
    mix_every: int | None = None


@dataclass(frozen=True, slots=True)
class Portionwise:
    """n portions, one every `every` (s)."""

    spans: Spans
    portions: int
    every: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Add(Step):
    """`add`."""

    material: str
    to: str
    amount: Amount
    at: Quantity | None = None
    dropwise: Dropwise | None = None
    portionwise: Portionwise | None = None
    stir_during: str | None = None  # "shaker" | "pipette" | "operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer(Step):
    """`transfer`; `volume` None means `all`."""

    from_: str
    to: str
    volume: Amount | None
    phase: str | None = None
    rinse: Rinse | None = None


@dataclass(frozen=True, slots=True)
class Rinse:
    """`rinse`: with what, how much, how often."""

    with_: Mixture
    volume: Amount
    times: int
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix(Step):
    """`mix` by pipette."""

    vessel: str
    volume: Amount | None = None
    cycles: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stir(Step):
    """`stir`."""

    vessel: str
    for_: Quantity
    at: Quantity | None = None
    speed: Quantity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Temper(Step):
    """`heat` and `cool` (`verb` says which)."""

    vessel: str
    to: Quantity
    tolerance: Quantity | None = None
    hold: Quantity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait(Step):
    """`wait`."""

    for_: Quantity
    vessel: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Monitor(Step):
    """`monitor`; without `aliquot` nothing is drawn."""

    vessel: str
    by: str
    until: str
    between: Quantity
    at: Quantity | None = None
    every: Quantity | None = None
    aliquot: Quantity | None = None
    dilute_with: Mixture | None = None
    dilute_to: Quantity | None = None  # a volume, or a concentration of the basis
    samples: str = SAMPLES  # the vessel that aliquots go into
    pass_: str | None = None
    fail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract(Step):
    """`extract` (`into` is set) and `wash` (`into` is None); `verb` says which."""

    vessel: str
    with_: Mixture
    volume: Amount
    times: int
    keep: str  # "organic" | "aqueous" | "upper" | "lower"
    into: str | None = None
    mix_cycles: int | None = None
    settle: Quantity | None = None
    guard: Quantity | None = None  # a volume, a length or a fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Separate(Step):
    """`separate`: draws one phase."""

    vessel: str
    keep: str
    into: str
    settle: Quantity | None = None
    guard: Quantity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustPh(Step):
    """`acidify` and `basify`. With `amount` that much is added, and held against the ledger."""

    vessel: str
    with_: str
    above: float | None  # pH > above
    below: float | None  # pH < below
    margin: Quantity | None = None
    amount: Amount | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dry(Step):
    """`dry` over a solid."""

    vessel: str
    over: str
    amount: Amount | None = None
    for_: Quantity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter(Step):
    """`filter`."""

    vessel: str
    keep: str  # "filtrate" | "solid"
    into: str | None = None
    rinse: Rinse | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Concentrate(Step):
    """`concentrate`; `to` None means dryness."""

    vessel: str
    to: Quantity | None
    at: Quantity | None = None
    pressure: Quantity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Purify(Step):
    """`purify`."""

    vessel: str
    by: str
    gradient: str | None = None
    modifier: str | None = None
    order: tuple[str, ...] = ()
    into: str | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Hydrogenate(Step):
    """`hydrogenate`."""

    vessel: str
    catalyst: str
    for_: Quantity
    pressure: Quantity | None = None
    at: Quantity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure(Step):
    """`seal` and `unseal`."""

    vessel: str
    with_: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorTask(Step):
    """`operator`: free text."""

    do: str
    vessel: str | None = None
    for_: Quantity | None = None


AnyStep = (
    Add
    | Transfer
    | Mix
    | Stir
    | Temper
    | Wait
    | Monitor
    | Extract
    | Separate
    | AdjustPh
    | Dry
    | Filter
    | Concentrate
    | Purify
    | Hydrogenate
    | Closure
    | OperatorTask
)
