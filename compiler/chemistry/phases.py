"""Which liquids form layers, which layer is the lower one, how high it stands, what is drawn.

A vessel has two layers when it holds water (or an aqueous solution) and a liquid that does not
mix with it: all immiscible liquids are the organic layer, water and whatever mixes with it the
aqueous one. An aliphatic hydrocarbon with methanol, acetonitrile or DMF separates too; the polar
layer then takes the place of the aqueous one. Mixture densities are by volume fraction.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from compiler.chemistry.catalogue import load_catalogue
from compiler.chemistry.mixture import Contents, Held
from compiler.stages.charges import Miscibility, Substance, Supplied
from compiler.stages.contents import Phase, PhaseKind
from compiler.stages.quantity import Dimension, Quantity
from compiler.target.geometry import WellShape

_Side = Callable[[Held], bool]
_METALS = ("[Li+]", "[Na+]", "[K+]", "[Cs+]", "[Mg+2]", "[Ca+2]", "[NH4+]")


@dataclass(frozen=True, slots=True)
class PhaseRules:
    """The numbers of data/phases.json."""

    density_error_g_ml: float
    density_warning_g_ml: float
    cosolvent_share: float
    cosolvent_guard_share: float
    solubility_change: float
    guard_share: float
    guard_lower_mm: float
    guard_upper_mm: float
    guard_share_warning: float
    guard_height_warning_mm: float
    layer_height_warning_mm: float
    tip_above_bottom_mm: float
    settle_default_s: float
    settle_warning_s: float
    hydrocarbons: frozenset[str]
    polar_partners: frozenset[str]


@cache
def rules() -> PhaseRules:
    """The limits and tables of the phase rules."""
    data = json.loads(files("compiler.data").joinpath("phases.json").read_text(encoding="utf-8"))
    return PhaseRules(
        density_error_g_ml=data["density_difference_error_g_ml"],
        density_warning_g_ml=data["density_difference_warning_g_ml"],
        cosolvent_share=data["cosolvent_share_warning"],
        cosolvent_guard_share=data["cosolvent_guard_share"],
        solubility_change=data["solubility_change_warning"],
        guard_share=data["guard_share"],
        guard_lower_mm=data["guard_lower_mm"],
        guard_upper_mm=data["guard_upper_mm"],
        guard_share_warning=data["guard_share_warning"],
        guard_height_warning_mm=data["guard_height_warning_mm"],
        layer_height_warning_mm=data["layer_height_warning_mm"],
        tip_above_bottom_mm=data["tip_above_bottom_mm"],
        settle_default_s=data["settle_default_s"],
        settle_warning_s=data["settle_warning_s"],
        hydrocarbons=frozenset(data["aliphatic_hydrocarbons"]),
        polar_partners=frozenset(data["polar_partners"]),
    )


@dataclass(frozen=True, slots=True)
class Solute:
    """What decides the layer that a material is in."""

    salt: bool  # inorganic, or a metal salt: water
    logd: float | None


def solute_of(supplied: Supplied) -> Solute:
    """How a material distributes, from its logD or from being a salt."""
    return Solute(is_salt(supplied.substance), supplied.logd)


def is_salt(substance: Substance) -> bool:
    """Whether a compound is inorganic or a metal salt, and so goes into water."""
    smiles = substance.smiles or ""
    if any(metal in smiles for metal in _METALS):
        return True
    if smiles:
        return "c" not in smiles.replace("Cl", "").lower()
    formula = (substance.formula or "").replace("Cl", "").replace("Cs", "").replace("Ca", "")
    return bool(formula) and "C" not in formula


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of a vessel's contents. `position` is None where there is only one."""

    kind: PhaseKind
    position: str | None  # "upper" | "lower"
    contents: Contents

    @property
    def volume_ul(self) -> float:
        """Its volume (uL)."""
        return self.contents.volume_ul

    @property
    def density_g_ml(self) -> float:
        """Its density by volume fraction (g/mL)."""
        return self.contents.density_g_ml()

    @property
    def name(self) -> str:
        """Its liquids, as messages show them: `DCE/DCM`."""
        return "/".join(self.contents.volumes_ul())


def layers(
    contents: Contents,
    solutes: Mapping[str, Solute],
    organics_in: PhaseKind = PhaseKind.ORGANIC,
) -> tuple[Layer, ...]:
    """The layers of a vessel, the lower first; one SINGLE layer, or none without liquid.

    Salts are in the aqueous layer, a solute with a logD in both (D = c_org / c_aq), and every
    other solute in the layer `organics_in` (that which an extraction keeps).
    """
    held = tuple(h for h in contents.liquids if h.volume_ul > 0)
    if not held:
        return ()
    polar = _polar_side(held)
    aqueous = tuple(h for h in held if polar is not None and polar(h))
    organic = tuple(h for h in held if polar is None or not polar(h))
    if not aqueous or not organic:
        whole = Contents(held, contents.solutes, {}, contents.known)
        return (Layer(PhaseKind.SINGLE, None, whole),)
    volumes = {
        PhaseKind.ORGANIC: sum(h.volume_ul for h in organic),
        PhaseKind.AQUEOUS: sum(h.volume_ul for h in aqueous),
    }
    in_organic = {
        key: amount * _organic_share(solutes.get(key), organics_in, volumes)
        for key, amount in contents.solutes.items()
    }
    in_aqueous = {key: amount - in_organic[key] for key, amount in contents.solutes.items()}
    pair = [
        (PhaseKind.ORGANIC, Contents(organic, _present(in_organic), {}, contents.known)),
        (PhaseKind.AQUEOUS, Contents(aqueous, _present(in_aqueous), {}, contents.known)),
    ]
    pair.sort(key=lambda item: -item[1].density_g_ml())
    return (Layer(pair[0][0], "lower", pair[0][1]), Layer(pair[1][0], "upper", pair[1][1]))


def _polar_side(held: tuple[Held, ...]) -> _Side | None:
    """Which liquids belong to the aqueous (or polar) layer; None where nothing separates."""
    if any(h.liquid.miscibility is Miscibility.WATER for h in held):
        return lambda h: h.liquid.miscibility is not Miscibility.IMMISCIBLE
    known = rules()
    cas = {h.liquid.substance.cas for h in held}
    # Any third liquid may make hexane and methanol one phase: only the bare pair is taken.
    if cas <= known.hydrocarbons | known.polar_partners and len(cas) > 1:
        return lambda h: h.liquid.substance.cas in known.polar_partners
    return None


def _organic_share(
    solute: Solute | None, organics_in: PhaseKind, volumes: Mapping[PhaseKind, float]
) -> float:
    if solute is not None and solute.logd is not None:
        weighted: float = 10.0**solute.logd * volumes[PhaseKind.ORGANIC]
        return weighted / (weighted + volumes[PhaseKind.AQUEOUS])
    if solute is not None and solute.salt:
        return 0.0
    return 1.0 if organics_in is PhaseKind.ORGANIC else 0.0


def _present(amounts: Mapping[str, float]) -> dict[str, float]:
    return {key: amount for key, amount in amounts.items() if amount > 0}


def draw(contents: Contents, layer: Layer, volume_ul: float) -> tuple[Contents, Contents]:
    """(drawn, left): `volume_ul` of a layer leaves, with its share of what is dissolved in it."""
    share = min(volume_ul / layer.volume_ul, 1.0) if layer.volume_ul > 0 else 0.0
    drawn = layer.contents.scaled(share)
    inside = {(h.liquid.name, h.key) for h in layer.contents.liquids}
    liquids = tuple(
        h.scaled(1.0 - share) if (h.liquid.name, h.key) in inside else h for h in contents.liquids
    )
    solutes = {
        key: amount - drawn.solutes.get(key, 0.0) for key, amount in contents.solutes.items()
    }
    left = Contents(
        tuple(h for h in liquids if h.volume_ul > 1e-9),
        {key: amount for key, amount in solutes.items() if amount > 1e-12},
        contents.solids,
        contents.known,
    )
    return drawn, left


@dataclass(frozen=True, slots=True)
class Heights:
    """Of the interface and of the surface, above the inner bottom (mm); None where unknown."""

    interface_mm: float | None
    top_mm: float | None


def heights(split: tuple[Layer, ...], shape: WellShape | None) -> Heights:
    """Where the interface and the surface stand; None without a shape, or above the brim."""
    if shape is None or not split:
        return Heights(None, None)
    total_ul = sum(layer.volume_ul for layer in split)
    if total_ul > shape.capacity_ul:
        return Heights(None, None)
    interface = shape.height_mm(split[0].volume_ul) if len(split) > 1 else None
    return Heights(interface, shape.height_mm(total_ul))


def as_phases(split: tuple[Layer, ...], shape: WellShape | None) -> tuple[Phase, ...]:
    """The layers as the ledger shows them."""
    at = heights(split, shape)
    return tuple(
        Phase(
            kind=layer.kind,
            position=layer.position,
            volume_ul=layer.volume_ul,
            density_g_ml=layer.density_g_ml,
            interface_mm=at.interface_mm,
            top_mm=at.top_mm,
            solvents_ul=layer.contents.volumes_ul(),
            mmol=layer.contents.mmol(),
        )
        for layer in split
    )


@dataclass(frozen=True, slots=True)
class Guard:
    """What stays of the layer that is drawn, and how it came about."""

    volume_ul: float
    height_mm: float | None
    rule: str


def guard(
    layer: Layer, below_ul: float, shape: WellShape | None, wanted: Quantity | None = None
) -> Guard:
    """The guard volume of a layer: what the step says, else the larger of 10 % and a slice.

    The slice is 1.0 mm for a lower layer and 2.0 mm for an upper one, from the interface into
    the layer that is drawn; `below_ul` is the volume under an upper layer. `wanted` is a volume,
    a length or a fraction. A guard is never more than the layer.
    """
    known = rules()
    limit = layer.volume_ul
    if wanted is not None and wanted.plan is not None:
        if wanted.dimension is Dimension.LENGTH and shape is not None:
            volume = _slice_ul(layer, below_ul, shape, wanted.plan)
        elif wanted.dimension is Dimension.LENGTH:
            volume = known.guard_share * limit  # without a shape a length means nothing
        elif wanted.dimension is Dimension.VOLUME:
            volume = wanted.plan
        else:
            volume = wanted.plan * limit
        volume = min(volume, limit)
        return Guard(volume, _guard_height(layer, below_ul, shape, volume), wanted.text)
    share_ul = known.guard_share * limit
    slice_mm = known.guard_upper_mm if layer.position == "upper" else known.guard_lower_mm
    slice_ul = _slice_ul(layer, below_ul, shape, slice_mm) if shape is not None else 0.0
    volume = min(max(share_ul, slice_ul), limit)
    if slice_ul > share_ul:
        rule = f"a {slice_mm:.1f} mm slice"
    else:
        rule = f"{known.guard_share:.0%} of the layer".replace("%", " %")
    return Guard(volume, _guard_height(layer, below_ul, shape, volume), rule)


def _slice_ul(layer: Layer, below_ul: float, shape: WellShape, thickness_mm: float) -> float:
    if layer.position == "upper":
        interface = shape.height_mm(min(below_ul, shape.capacity_ul))
        return shape.volume_ul(interface + thickness_mm) - shape.volume_ul(interface)
    interface = shape.height_mm(min(layer.volume_ul, shape.capacity_ul))
    return shape.volume_ul(interface) - shape.volume_ul(max(interface - thickness_mm, 0.0))


def _guard_height(
    layer: Layer, below_ul: float, shape: WellShape | None, guard_ul: float
) -> float | None:
    if shape is None or below_ul + layer.volume_ul > shape.capacity_ul:
        return None
    if layer.position == "upper":
        return shape.height_mm(below_ul + guard_ul) - shape.height_mm(below_ul)
    return shape.height_mm(layer.volume_ul) - shape.height_mm(layer.volume_ul - guard_ul)


def tip_height_mm(
    layer: Layer, below_ul: float, shape: WellShape | None, guard_ul: float
) -> float | None:
    """Where the tip stands: 0.5 mm above the bottom, or on top of an upper layer's guard."""
    if shape is None:
        return None
    if layer.position == "upper":
        return shape.height_mm(min(below_ul + guard_ul, shape.capacity_ul))
    return rules().tip_above_bottom_mm


def reacts_with_water(held: Held) -> bool:
    """Whether nothing of a liquid is left where there is water (Me3SiCl), from the catalogue."""
    known = load_catalogue().compounds.get(held.liquid.substance.cas or "")
    return known is not None and known.reacts_with_water


def dissolved_ul(organic: Layer, aqueous: Layer) -> float:
    """How much of the organic layer water takes up (uL), from the catalogue's solubilities."""
    total = 0.0
    compounds = load_catalogue().compounds
    for held in organic.contents.liquids:
        known = compounds.get(held.liquid.substance.cas or "")
        percent = (known.wt_percent_in_water if known is not None else None) or 0.0
        volume_share = held.volume_ul / organic.volume_ul
        water_mg = aqueous.volume_ul * aqueous.density_g_ml
        taken_ul = percent / 100.0 * water_mg / held.liquid.density_g_ml * volume_share
        total += min(taken_ul, held.volume_ul)
    return total
