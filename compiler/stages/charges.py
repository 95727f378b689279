"""After `resolve` and `charge`: what every material is, and how much of it goes in at each step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from compiler.diagnostics.finding import Span
from compiler.stages.documents import AnyStep, Form, Material, Procedure
from compiler.stages.library import Library


class Miscibility(StrEnum):
    """How a liquid gets on with water."""

    WATER = "water"  # water itself, and aqueous solutions
    MISCIBLE = "miscible"
    IMMISCIBLE = "immiscible"


@dataclass(frozen=True, slots=True, kw_only=True)
class Substance:
    """A pure compound: from the catalogue, from a SMILES, or both. None means not known."""

    name: str
    cas: str | None
    smiles: str | None
    formula: str | None
    mw_g_mol: float
    exact_mass_da: float | None
    density_g_ml: float | None
    melting_c: float | None
    boiling_c: float | None
    vapour_pressure_20c_kpa: float | None
    flash_c: float | None
    miscibility: Miscibility | None
    classes: frozenset[str]  # SMARTS classes of data/smarts.json that it matches
    ratings: Mapping[str, str] = field(default_factory=dict)  # "PP", "PS", "glass" -> "+", "0", "-"
    hazards: tuple[str, ...] = ()  # H-codes
    is_solid_20c: bool = False


@dataclass(frozen=True, slots=True)
class Liquid:
    """One liquid component of what is drawn: its share by volume, and what phase rules need.

    An aqueous solution counts as one component with the solution's own density.
    """

    name: str
    substance: Substance
    fraction: float
    density_g_ml: float
    miscibility: Miscibility


@dataclass(frozen=True, slots=True, kw_only=True)
class Supplied:
    """A material as it stands on the bench, ready for arithmetic.

    `molarity_mol_l` is of the parent compound in what is drawn (None for a solid, and for a plain
    solvent mixture). `weigh_factor` turns mg of the parent into mg to weigh: salt, hydrate and
    purity. `density_g_ml` is that of the liquid as drawn. `liquids` is empty for a solid.
    """

    key: str  # the name that steps use
    label: str  # what a chemist calls it: "NaBH(OAc)3", "4-fluorobenzaldehyde"
    form: Form
    substance: Substance
    molarity_mol_l: float | None
    weigh_factor: float
    density_g_ml: float | None
    liquids: tuple[Liquid, ...]
    medium: str | None  # "DCE", "water": what it is dissolved in
    anhydrous: bool
    generates: Mapping[str, float]
    acid_pka: tuple[float, ...]
    base_pkah: tuple[float, ...]
    logd: float | None
    declared: Span | None  # where the material is declared; None for a catalogue solvent

    @property
    def is_liquid(self) -> bool:
        """Whether a pipette can take it (slurries included)."""
        return bool(self.liquids)


@dataclass(frozen=True, slots=True)
class Assumption:
    """A default that was filled in, or a choice inside a range: what, the value, and the rule."""

    step: str | None
    what: str
    value: str
    why: str


@dataclass(frozen=True, slots=True)
class Recipe:
    """After `resolve`: the procedure, and what each name in it is.

    `supplied` has an entry for each material that could be resolved, under the name that steps
    use, solvents from the catalogue and the parts of mixtures included. `basis` is the key of
    the basis material, None where the document does not say which.

    Of a library `procedure` is the first reaction's, and `own` has each reaction's by its id. A
    material that is another one in some rows stands in `supplied` (and `materials`) under keys of
    its own, `aldehyde/2` and so on, and `names` says which reaction takes which of them.
    """

    procedure: Procedure
    supplied: Mapping[str, Supplied]
    basis: str | None
    assumptions: tuple[Assumption, ...] = ()
    library: Library | None = None
    own: Mapping[str, Procedure] = field(default_factory=dict)
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    materials: Mapping[str, Material] = field(default_factory=dict)

    def key(self, reaction: str, name: str) -> str:
        """The key in `supplied` of what a name is in a reaction."""
        return self.names.get(reaction, {}).get(name, name)

    def supplied_to(self, reaction: str, name: str) -> Supplied | None:
        """What a name is in a reaction, None where `resolve` could not tell."""
        return self.supplied.get(self.key(reaction, name))

    def material(self, key: str) -> Material | None:
        """The declaration of a key in `supplied`; None for a catalogue entry."""
        return self.materials.get(key) or self.procedure.materials.get(key)

    def procedure_of(self, reaction: str) -> Procedure:
        """The procedure with the values of a reaction's row in place."""
        return self.own.get(reaction, self.procedure)

    def steps_of(self, reaction: str) -> Mapping[str, AnyStep]:
        """A reaction's steps by their id; a control lacks some."""
        return {step.id: step for step in self.procedure_of(reaction).steps}


@dataclass(frozen=True, slots=True)
class Reaction:
    """One reaction of the run: one row of a library, or the procedure itself."""

    id: str  # "r1"
    row: int
    stage: str
    scale_mmol: float
    limiting: str  # material key
    theory_mg: Mapping[str, float] = field(default_factory=dict)  # product -> mg at 100 %
    name: str = ""  # of a library's reaction, for people


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One addition to one vessel of one reaction; amounts are totals over drops and portions.

    `mass_mg` is what is weighed for solids and neat liquids, and the solute's mass in a solution.
    `volume_ul` is None for a solid, `mmol` and `equiv` None for a solvent mixture.
    """

    step: str
    reaction: str
    material: str
    vessel: str
    equiv: float | None
    mmol: float | None
    mass_mg: float | None
    volume_ul: float | None
    form: Form
    by_operator: bool
    round: int = 1  # of an extraction or a wash


@dataclass(frozen=True, slots=True)
class Charges:
    """After `charge`: every addition, extraction solvents and rinses included.

    `charges` stand in step order, then reaction order; the solvent of an `extract` or `wash`
    stands once a round. `make_up` lists the steps whose volume depends on what the vessel holds
    (`make up to`); the ledger fills them in.
    """

    recipe: Recipe
    reactions: tuple[Reaction, ...]
    charges: tuple[Charge, ...]
    assumptions: tuple[Assumption, ...]
    make_up: tuple[str, ...] = ()

    def of_step(self, step: str) -> tuple[Charge, ...]:
        """The charges of one step, in reaction order."""
        return tuple(charge for charge in self.charges if charge.step == step)
