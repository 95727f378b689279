"""What was written: procedures, sequences and benches, typed, with the place of every value.

Names, verbs and keys are those of the language. Nothing here knows chemistry or robots; a key
that the document leaves out is None (or an empty tuple), never a default. The steps stand in
`steps.py`, what all documents use in `written.py`; both can be had from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from compiler.diagnostics.finding import Span
from compiler.stages.quantity import Quantity
from compiler.stages.steps import (
    SAMPLES,
    Add,
    AdjustPh,
    AnyStep,
    Closure,
    Concentrate,
    Dropwise,
    Dry,
    Extract,
    Filter,
    Hydrogenate,
    Mix,
    Monitor,
    OperatorTask,
    Portionwise,
    Purify,
    Rinse,
    Separate,
    Step,
    Stir,
    Temper,
    Transfer,
    Wait,
    Within,
)
from compiler.stages.written import Acknowledgement, Amount, AmountKind, Mixture, Spans
from compiler.target.clock_parameters import OwnClock

__all__ = [
    "SAMPLES",
    "Acknowledgement",
    "Add",
    "AdjustPh",
    "Amount",
    "AmountKind",
    "AnyStep",
    "Bench",
    "BenchLabware",
    "BenchModule",
    "Closure",
    "Concentrate",
    "ConcentrationLimit",
    "Dropwise",
    "Dry",
    "Extract",
    "Filter",
    "Form",
    "Hydrogenate",
    "Material",
    "Mix",
    "Mixture",
    "Monitor",
    "OperatorTask",
    "Portionwise",
    "Procedure",
    "Product",
    "Purify",
    "Rinse",
    "Separate",
    "Sequence",
    "Spans",
    "Stage",
    "Step",
    "Stir",
    "Supply",
    "Temper",
    "Transfer",
    "Vessel",
    "Wait",
    "Within",
]


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
