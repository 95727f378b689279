"""What was written: procedures, sequences and benches, typed, with the place of every value.

Names, verbs and keys are those of the language. Nothing here knows chemistry or robots; a key
that the document leaves out is None (or an empty tuple), never a default.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from compiler.diagnostics.finding import Span
from compiler.stages.quantity import Quantity
from compiler.target.clock_parameters import OwnClock


@dataclass(frozen=True, slots=True)
class Spans:
    """Where a mapping stands, and where the value of each of its keys does."""

    whole: Span
    keys: Mapping[str, Span] = field(default_factory=dict)

    def at(self, key: str) -> Span:
        """The span of the value under `key`, or of the whole mapping where the key is absent."""
        return self.keys.get(key, self.whole)


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A finding that somebody accepts, and why. `step` None means any step."""

    code: str
    step: str | None
    reason: str
    span: Span


@dataclass(frozen=True, slots=True)
class Mixture:
    """A liquid named in `in:` or `with:`: parts by volume of named solvents, summing to 1."""

    fractions: Mapping[str, float]
    span: Span

    @property
    def name(self) -> str:
        """`DCM`, or `DCM/MeOH 9:1`."""
        names = list(self.fractions)
        if len(names) == 1:
            return names[0]
        smallest = min(self.fractions.values())
        ratio = ":".join(f"{part / smallest:g}" for part in self.fractions.values())
        return f"{'/'.join(names)} {ratio}"


class Form(StrEnum):
    """How a material stands on the bench (`supplied`)."""

    SOLID = "solid"
    NEAT = "neat"
    SOLUTION = "solution"
    SLURRY = "slurry"
    SATURATED = "saturated"
    AQUEOUS = "aqueous"
    WEIGHT_PERCENT = "wt"


@dataclass(frozen=True, slots=True)
class Supply:
    """`supplied`: the form, and what it needs. `medium` is what it is dissolved in."""

    form: Form
    span: Span
    concentration: Quantity | None = None
    mass_fraction: Quantity | None = None
    medium: Mixture | None = None
    density: Quantity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """One entry under `materials`."""

    key: str
    spans: Spans
    is_: str | None = None
    name: str | None = None
    smiles: str | None = None
    cas: str | None = None
    formula: str | None = None
    mw: Quantity | None = None
    salt: Mapping[str, float] = field(default_factory=dict)
    hydrate: float = 0.0
    purity: Quantity | None = None
    supplied: Supply | None = None
    density: Quantity | None = None
    anhydrous: bool = False
    acid_pka: tuple[float, ...] = ()
    base_pkah: tuple[float, ...] = ()
    logd: float | None = None
    basis: bool = False
    generates: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vessel:
    """One entry under `vessels`. Exactly one of `size` and `at_least` is given, or neither."""

    name: str
    spans: Spans
    size: Quantity | None = None
    at_least: Quantity | None = None
    material: str | None = None
    atmosphere: str | None = None
    shared: bool = False
    cap: str | None = None  # "vented" | "sealed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """One entry under `products`; `from_` gives the coefficients of the equation."""

    name: str
    spans: Spans
    smiles: str | None = None
    from_: Mapping[str, float] = field(default_factory=dict)
    goal: str | None = None  # "mono" | "di" | "any"
    yield_: Quantity | None = None
    logd: float | None = None
    base_pkah: tuple[float, ...] = ()
    formed_by: str | None = None
    label: str | None = None  # `name`: what a chemist calls it
    reaction: str | None = None  # reaction SMARTS, for libraries


@dataclass(frozen=True, slots=True)
class ConcentrationLimit:
    """`max concentration`: of which material, and how much (mol/L)."""

    material: str
    limit: Quantity
    span: Span


class AmountKind(StrEnum):
    """What an `amount` is measured in."""

    EQUIVALENTS = "equiv"
    AMOUNT = "mmol"  # of the solute
    MASS = "mg"  # of the solute
    VOLUME = "uL"  # of the liquid as supplied
    VOLUME_PER_AMOUNT = "uL/mmol"  # of the basis
    VOLUME_PER_MASS = "uL/mg"  # of the basis
    MAKE_UP_TO = "make up to"  # a concentration of the basis, in mol/L


@dataclass(frozen=True, slots=True)
class Amount:
    """An `amount` or `volume` of a step. `at_scale` (mmol) is what an absolute one refers to."""

    kind: AmountKind
    quantity: Quantity
    at_scale: Quantity | None = None


SAMPLES = "analysis"
"""The vessel that aliquots go into, which no procedure has to declare: a well of a plate.

A second `monitor` that takes samples has `analysis-2`, and so on.
"""


# --- steps ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What all steps share. `spans` are those of the keys inside the verb.

    `id` is the user's, or `<verb>-<n>` with n the step's number in the unrolled list.
    """

    id: str
    verb: str
    spans: Spans
    note: str | None = None
    by_operator: bool = False
    acknowledge: tuple[Acknowledgement, ...] = ()


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """A procedure, `repeat` unrolled. `scale` is in mmol of the basis."""

    file: str
    sha256: str
    title: str
    source: Mapping[str, str]
    transformation: str | None
    scale: Quantity | None
    materials: Mapping[str, Material]
    vessels: Mapping[str, Vessel]
    products: Mapping[str, Product]
    steps: tuple[AnyStep, ...]
    max_concentration: ConcentrationLimit | None
    acknowledge: tuple[Acknowledgement, ...]
    spans: Spans


# --- sequences ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One entry of a sequence's `stages`.

    `procedure` is the path as it was written, `document` what stands there (None where it can't
    be read). Either `scale` is given (mmol of the basis), or `from_stage` and `from_product`, with
    the `yield_` in which that product is expected.
    """

    id: str
    procedure: str
    document: Procedure | None
    spans: Spans
    scale: Quantity | None = None
    from_stage: str | None = None
    from_product: str | None = None
    yield_: Quantity | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """Procedures one after the other, a product of one the basis of the next.

    A stage's `from_stage` is one that stands before it.
    """

    file: str
    sha256: str
    title: str | None
    source: Mapping[str, str]
    stages: tuple[Stage, ...]
    acknowledge: tuple[Acknowledgement, ...]
    spans: Spans


# --- the bench ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchModule:
    """A module that the bench has: `is_` is Opentrons' model name."""

    name: str
    is_: str
    slot: str | None
    spans: Spans


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchLabware:
    """One labware entry: exactly one of `definition` (a path) and `load` (a load name)."""

    name: str
    spans: Spans
    definition: str | None = None
    load: str | None = None
    holds: tuple[str, ...] = ()
    on: tuple[str, ...] = ()
    slot: str | None = None
    material: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """The robot and what stands on it."""

    file: str
    sha256: str
    spans: Spans
    robot: str  # "Flex" | "OT-2"
    pipettes: Mapping[str, str]  # mount ("left", "right") -> Opentrons name
    modules: Mapping[str, BenchModule]
    labware: Mapping[str, BenchLabware]
    tip_racks: tuple[str, ...] = ()  # load names, where the bench names them
    api_level: str | None = None
    ice_bath: bool = False
    stir_plate: bool = False
    enclosure: bool = False
    available: str | None = None
    per_action: Quantity | None = None
    clock: OwnClock | None = None
    max_hold: Quantity | None = None
    fill: Quantity | None = None
