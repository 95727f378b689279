"""Gas that a step can evolve, in the worst case.

Hydrogen: a hydride that has not reacted meets a proton donor. Carbon dioxide: an acid (one that
is charged, forms in situ, or comes from a hydride's acyloxy groups) meets a carbonate; and
Boc2O meets an amine, one CO2 each. Hydrogen chloride: what forms in situ (`generates`) with a
protic liquid and finds no base in the vessel. Worst case means that nothing was consumed before:
0 % conversion of the hydride, no acid lost. What has evolved is gone from later steps.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from compiler.chemistry.ionisation import base_sites
from compiler.stages.charges import Charge, Charges, Miscibility, Supplied
from compiler.stages.contents import Draw, GasEvolved, PhaseKind

HYDROGEN, CARBON_DIOXIDE, HYDROGEN_CHLORIDE = "H2", "CO2", "HCl"
_ZERO_C_K = 273.15


@dataclass(frozen=True, slots=True)
class Hydride:
    """A class of hydride: mol H2 and mol acid set free per mol, and what sets them free."""

    class_: str
    hydrogen: float
    acid: float
    donors: frozenset[str]


@dataclass(frozen=True, slots=True)
class GasRules:
    """The numbers of data/gas.json."""

    hydrides: tuple[Hydride, ...]
    water_class: str
    alcohol_class: str
    acid_classes: frozenset[str]
    acid_from: frozenset[str]
    carbonate_class: str
    dicarbonate_class: str
    amine_class: str
    r_l_atm_mol_k: float
    celsius: float
    atm: float
    surge_s: float
    surge_headspaces: float
    sealed_overpressure_atm: float
    foam_fill: float


@cache
def rules() -> GasRules:
    """The stoichiometry and limits of the gas rules."""
    data = json.loads(files("compiler.data").joinpath("gas.json").read_text(encoding="utf-8"))
    return GasRules(
        hydrides=tuple(
            Hydride(row["class"], row["hydrogen"], row["acid"], frozenset(row["donors"]))
            for row in data["hydrides"]
        ),
        water_class=data["water_class"],
        alcohol_class=data["alcohol_class"],
        acid_classes=frozenset(data["acid_classes"]),
        acid_from=frozenset(data["acid_from"]),
        carbonate_class=data["carbonate_class"],
        dicarbonate_class=data["dicarbonate_class"],
        amine_class=data["amine_class"],
        r_l_atm_mol_k=data["gas_constant_l_atm_mol_k"],
        celsius=data["gas_temperature_c"],
        atm=data["gas_pressure_atm"],
        surge_s=data["surge_s"],
        surge_headspaces=data["surge_headspaces_warning"],
        sealed_overpressure_atm=data["sealed_overpressure_atm"],
        foam_fill=data["foam_fill_warning"],
    )


def gas_volume_ml(mmol: float) -> float:
    """The volume at 25 °C and 1 atm: 24.4654 mL per mmol (ideal gas)."""
    known = rules()
    return mmol * known.r_l_atm_mol_k * (_ZERO_C_K + known.celsius) / known.atm


def overpressure_atm(mmol: float, headspace_ul: float) -> float:
    """The pressure (atm) that a gas adds in a closed head-space at 25 °C; infinite without one."""
    if headspace_ul <= 0:
        return float("inf")
    return gas_volume_ml(mmol) / (headspace_ul / 1000.0)


@dataclass(slots=True)
class _Pool:
    """What of a vessel's contents can still evolve gas (mmol, worst case)."""

    hydrides: dict[Hydride, float] = field(default_factory=dict)
    donors: dict[str, float] = field(default_factory=dict)  # water, alcohol, acid
    carbonate: float = 0.0  # mmol CO2 that it holds
    carbonate_acid: float = 0.0  # mmol acid that sets all of it free
    dicarbonate: float = 0.0
    amine: float = 0.0
    latent: float = 0.0  # HCl that a protic liquid sets free
    trapped: float = 0.0  # base that HCl has taken up
    held: dict[str, float] = field(default_factory=dict)  # material -> mmol, for the base in it

    def take(self, charge: Charge, supplied: Supplied) -> None:
        """Counts a charge in."""
        known = rules()
        classes = supplied.substance.classes
        mmol = charge.mmol or 0.0
        for hydride in known.hydrides:
            if hydride.class_ in classes:
                self.hydrides[hydride] = self.hydrides.get(hydride, 0.0) + mmol
        if known.acid_classes & classes:
            self._donor("acid", mmol * max(len(supplied.acid_pka), 1))
        formed = sum(n for acid, n in supplied.generates.items() if acid in known.acid_from)
        self._donor("acid", mmol * formed)
        self.latent += mmol * supplied.generates.get(HYDROGEN_CHLORIDE, 0.0)
        if charge.mmol is not None:
            self.held[charge.material] = self.held.get(charge.material, 0.0) + mmol
        if known.carbonate_class in classes:
            charges = (supplied.substance.smiles or "").count("[O-]") or 1
            self.carbonate += mmol
            self.carbonate_acid += mmol * charges
        if known.dicarbonate_class in classes:
            self.dicarbonate += mmol
        if known.amine_class in classes:
            self.amine += mmol
        for liquid in supplied.liquids:
            in_class = liquid.substance.classes
            pure_mmol = (
                (charge.volume_ul or 0.0)
                * liquid.fraction
                * liquid.density_g_ml
                / liquid.substance.mw_g_mol
            )
            if liquid.miscibility is Miscibility.WATER:
                # Water is always in excess; its exact amount does not matter.
                self._donor("water", (charge.volume_ul or 0.0) * liquid.fraction / 18.015)
            elif known.alcohol_class in in_class:
                self._donor("alcohol", pure_mmol)
            elif known.acid_classes & in_class and liquid.substance != supplied.substance:
                self._donor("acid", pure_mmol)

    def _donor(self, kind: str, mmol: float) -> None:
        if mmol > 0:
            self.donors[kind] = self.donors.get(kind, 0.0) + mmol

    def merge(self, other: _Pool) -> None:
        """Counts another vessel's pool in."""
        for hydride, mmol in other.hydrides.items():
            self.hydrides[hydride] = self.hydrides.get(hydride, 0.0) + mmol
        for kind, mmol in other.donors.items():
            self._donor(kind, mmol)
        self.carbonate += other.carbonate
        self.carbonate_acid += other.carbonate_acid
        self.dicarbonate += other.dicarbonate
        self.amine += other.amine
        self.latent += other.latent
        self.trapped += other.trapped
        for key, mmol in other.held.items():
            self.held[key] = self.held.get(key, 0.0) + mmol

    def _untrapped(self, sites: Callable[[str], float]) -> float:
        """HCl that forms now and finds no base (mmol); `sites` are those of a mol of a material."""
        protic = self.donors.get("water", 0.0) + self.donors.get("alcohol", 0.0)
        if self.latent <= 0 or protic <= 0:
            return 0.0
        base = sum(mmol * sites(key) for key, mmol in self.held.items()) - self.trapped
        taken = min(self.latent, max(base, 0.0))
        free, self.latent = self.latent - taken, 0.0
        self.trapped += taken
        return free

    def react(self, sites: Callable[[str], float]) -> dict[str, float]:
        """Lets everything react that can: gas -> mmol, in the order H2, CO2, HCl."""
        chloride = self._untrapped(sites)
        hydrogen = 0.0
        for hydride, mmol in self.hydrides.items():
            donors = sum(self.donors.get(kind, 0.0) for kind in hydride.donors)
            reacted = min(mmol, donors / hydride.hydrogen)
            hydrogen += reacted * hydride.hydrogen
            self.hydrides[hydride] = mmol - reacted
            self._donor("acid", reacted * hydride.acid)
        dioxide = 0.0
        acid = self.donors.get("acid", 0.0)
        if acid > 0 and self.carbonate > 0:
            used = min(acid, self.carbonate_acid)
            dioxide += self.carbonate * used / self.carbonate_acid
            self.carbonate -= self.carbonate * used / self.carbonate_acid
            self.carbonate_acid -= used
            self.donors["acid"] = acid - used
        protected = min(self.dicarbonate, self.amine)
        dioxide += protected
        self.dicarbonate -= protected
        self.amine -= protected
        return {
            gas: mmol
            for gas, mmol in (
                (HYDROGEN, hydrogen),
                (CARBON_DIOXIDE, dioxide),
                (HYDROGEN_CHLORIDE, chloride),
            )
            if mmol > 1e-9
        }


def evolved(charges: Charges, draws: Iterable[Draw]) -> tuple[GasEvolved, ...]:
    """The gas of every step, in step order, then reaction order.

    A layer that is drawn takes what can evolve gas along if it is aqueous or the only one: what
    evolves gas is salts and acids, which an organic layer leaves behind.
    """
    pools: dict[tuple[str, str], _Pool] = {}
    events: dict[tuple[str, str], list[Charge | Draw]] = {}
    for charge in charges.charges:
        events.setdefault((charge.step, charge.reaction), []).append(charge)
    for drawn in draws:
        events.setdefault((drawn.step, drawn.reaction), []).append(drawn)
    found: list[GasEvolved] = []
    recipe = charges.recipe

    def sites(material: str) -> float:
        declared = recipe.material(material)
        supplied = recipe.supplied.get(material)
        return base_sites(supplied, declared.salt if declared else None) if supplied else 0.0

    for step in charges.recipe.procedure.steps:
        for reaction in charges.reactions:
            gases: dict[tuple[str, str], float] = {}
            for event in events.get((step.id, reaction.id), ()):
                vessel = _apply(event, reaction.id, pools, charges.recipe.supplied)
                if vessel is not None:
                    for gas, mmol in pools[reaction.id, vessel].react(sites).items():
                        gases[vessel, gas] = gases.get((vessel, gas), 0.0) + mmol
            found.extend(
                GasEvolved(
                    step=step.id,
                    reaction=reaction.id,
                    gas=gas,
                    mmol=mmol,
                    volume_ml=gas_volume_ml(mmol),
                    vessel=vessel,
                )
                for (vessel, gas), mmol in gases.items()
            )
    return tuple(found)


def _apply(
    event: Charge | Draw,
    reaction: str,
    pools: dict[tuple[str, str], _Pool],
    supplied: Mapping[str, Supplied],
) -> str | None:
    """Changes the pools by one charge or draw; the vessel in which something may now react."""
    if isinstance(event, Charge):
        if event.material in supplied:
            pool = pools.setdefault((reaction, event.vessel), _Pool())
            pool.take(event, supplied[event.material])
            return event.vessel
        return None
    source = pools.get((reaction, event.vessel))
    if source is None or event.phase is PhaseKind.ORGANIC or event.recovered < 0.5:
        return None
    pools.setdefault((reaction, event.into), _Pool()).merge(source)
    pools[reaction, event.vessel] = _Pool()
    return event.into
