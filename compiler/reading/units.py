"""What a unit means: pint answers for its units, a short table for those of the bench.

A unit is a factor (and an offset) into the canonical unit of one or more dimensions. The answer
for each unit string is kept, so that a quantity costs a dictionary look-up.
"""

from __future__ import annotations

import difflib
import math
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from compiler.stages.quantity import Dimension

if TYPE_CHECKING:
    import pint

# Dimension -> (its canonical unit as pint writes it, units to offer to a user, first is usual).
_CANONICAL: dict[Dimension, tuple[str | None, tuple[str, ...]]] = {
    Dimension.TIME: ("second", ("min", "h", "s", "d")),
    Dimension.TEMPERATURE: (None, ("°C", "K")),
    Dimension.TEMPERATURE_DIFFERENCE: (None, ("°C", "K")),
    Dimension.VOLUME: ("microliter", ("µL", "mL", "L")),
    Dimension.AMOUNT: ("millimole", ("mmol", "µmol", "mol")),
    Dimension.MASS: ("milligram", ("mg", "g", "µg")),
    Dimension.EQUIVALENTS: (None, ("equiv", "mol%")),
    Dimension.CONCENTRATION: ("mole / liter", ("M", "mM", "mol/L")),
    Dimension.DENSITY: ("gram / milliliter", ("g/mL", "kg/L")),
    Dimension.VOLUME_RATE: ("microliter / second", ("µL/min", "mL/min", "mL/h", "µL/s")),
    Dimension.VOLUME_PER_AMOUNT: ("microliter / millimole", ("mL/mmol", "L/mol")),
    Dimension.VOLUME_PER_MASS: ("microliter / milligram", ("mL/g", "µL/mg")),
    Dimension.FRACTION: (None, ("%",)),
    Dimension.MASS_FRACTION: (None, ("wt%", "%")),
    Dimension.PRESSURE: ("kilopascal", ("mbar", "bar", "kPa", "psi", "atm")),
    Dimension.SPEED: (None, ("rpm",)),
    Dimension.LENGTH: ("millimeter", ("mm", "cm")),
    Dimension.PH: (None, ("pH",)),
    Dimension.MOLAR_MASS: ("gram / mole", ("g/mol",)),
}

# What pint does not know, or takes for something else in a laboratory's text. Keys as they stand
# after `tidy`; each is (dimension, factor, offset) into the canonical unit.
_OWN: dict[str, tuple[tuple[Dimension, float, float], ...]] = {
    **dict.fromkeys(
        ("equiv", "equivs", "equivalent", "equivalents", "eq", "eq.", "equiv."),
        ((Dimension.EQUIVALENTS, 1.0, 0.0),),
    ),
    **dict.fromkeys(("mol%", "mol %", "mol-%"), ((Dimension.EQUIVALENTS, 0.01, 0.0),)),
    "%": ((Dimension.FRACTION, 0.01, 0.0), (Dimension.MASS_FRACTION, 0.01, 0.0)),
    **dict.fromkeys(
        ("wt%", "wt %", "wt.%", "wt-%", "w%", "% w/w", "%w/w", "%(w/w)", "% (w/w)", "% wt", "%wt"),
        ((Dimension.MASS_FRACTION, 0.01, 0.0),),
    ),
    **dict.fromkeys(
        ("°C", "º C", "ºC", "° C", "℃", "degC", "deg C", "celsius", "Celsius"),
        ((Dimension.TEMPERATURE, 1.0, 0.0), (Dimension.TEMPERATURE_DIFFERENCE, 1.0, 0.0)),
    ),
    **dict.fromkeys(
        ("K", "kelvin"),
        ((Dimension.TEMPERATURE, 1.0, -273.15), (Dimension.TEMPERATURE_DIFFERENCE, 1.0, 0.0)),
    ),
    **dict.fromkeys(("rpm", "rev/min", "r/min", "1/min", "min⁻¹"), ((Dimension.SPEED, 1.0, 0.0),)),
    **dict.fromkeys(("Da", "Dalton"), ((Dimension.MOLAR_MASS, 1.0, 0.0),)),
}

# `4 C` is degrees where a temperature is wanted; pint would read coulombs.
_IN_TEMPERATURE_FIELDS: dict[str, tuple[tuple[Dimension, float, float], ...]] = {
    "C": ((Dimension.TEMPERATURE, 1.0, 0.0), (Dimension.TEMPERATURE_DIFFERENCE, 1.0, 0.0)),
}

_WORD = r"[A-Za-zµΩ°]+"
_POWER = r"(?:(?:\^|\*\*)?-?[1-9]|⁻?[¹²³])?"
_UNIT = re.compile(rf"(?:1\s*/\s*)?{_WORD}{_POWER}(?:(?:\s*[/*·]\s*|\s+){_WORD}{_POWER}){{0,3}}")
_LONGEST = 40


@dataclass(frozen=True, slots=True)
class Meaning:
    """A unit in one dimension: canonical value = number * factor + offset."""

    dimension: Dimension
    factor: float
    offset: float


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit and all it may mean; `measures` says it in words, also where we have no use for it."""

    meanings: tuple[Meaning, ...]
    measures: str


def tidy(unit: str) -> str:
    """One spelling for both micro signs and for runs of white space."""
    return " ".join(unit.replace("\u03bc", "\u00b5").split())


def offered(dimension: Dimension) -> tuple[str, ...]:
    """The units to name to a user who gave none, the usual one first."""
    return _CANONICAL[dimension][1]


def in_words(dimension: Dimension) -> str:
    """The dimension with its article: `a volume`, `an amount of substance`, `equivalents`."""
    if dimension is Dimension.EQUIVALENTS:
        return "equivalents"
    return f"an {dimension}" if dimension[0] in "aeiou" else f"a {dimension}"


@cache
def look_up(unit: str, temperature: bool = False) -> Unit | None:
    """What `unit` means (tidied text), or None. `temperature`: the field wants one (`C`)."""
    own = (_IN_TEMPERATURE_FIELDS.get(unit) if temperature else None) or _OWN.get(unit)
    if own is not None:
        meanings = tuple(Meaning(*each) for each in own)
        return Unit(meanings, in_words(meanings[0].dimension))
    if len(unit) > _LONGEST or not _UNIT.fullmatch(unit):
        return None
    return _ask_pint(unit)


def suggest(unit: str, dimensions: Iterable[Dimension]) -> str | None:
    """The unit that was most likely meant: by spelling, those of the wanted dimensions first."""
    wanted = [name for dimension in dimensions for name in offered(dimension)]
    every = [name for dimension in Dimension for name in offered(dimension)]
    for names in (wanted, every):
        folded = {name.lower(): name for name in reversed(names)}
        if unit.lower() in folded:
            return folded[unit.lower()]
        if close := difflib.get_close_matches(unit.lower(), folded, n=1, cutoff=0.6):
            return folded[close[0]]
    return None


def _ask_pint(unit: str) -> Unit | None:
    import pint  # here, since it takes 0.2 s, and most units are asked for once

    registry = _registry()
    try:
        parsed = registry.parse_units(unit.replace("·", "*"))
        dimensionality = parsed.dimensionality
    except (pint.errors.PintError, AttributeError, ValueError, TypeError, KeyError):
        return None  # pint raises these for units it does not know or can't parse
    for dimension, expected in _dimensionalities().items():
        if dimensionality == expected:
            canonical = _CANONICAL[dimension][0]
            factor = registry.Quantity(1.0, parsed).to(canonical).magnitude
            meaning = Meaning(dimension, _decimal(factor), 0.0)
            return Unit((meaning,), in_words(dimension))
    return Unit((), _in_words(str(dimensionality)))


def _decimal(factor: float) -> float:
    """The short decimal number that a product of prefixes is meant to be, where it is one."""
    short = float(f"{factor:.9g}")
    return short if math.isclose(short, factor, rel_tol=1e-14) else factor


@cache
def _dimensionalities() -> dict[Dimension, pint.util.UnitsContainer]:
    registry = _registry()
    return {
        dimension: registry.parse_units(canonical).dimensionality
        for dimension, (canonical, _) in _CANONICAL.items()
        if canonical is not None
    }


def _in_words(dimensionality: str) -> str:
    known = {
        "[current] * [time]": "an electric charge",
        "dimensionless": "a plain number",
        "[length] ** 2": "an area",
        "[length] * [mass] / [time] ** 2": "a force",
        "[length] ** 2 * [mass] / [time] ** 2": "an energy",
        "1 / [time]": "a frequency",
        "[temperature]": "a temperature in a scale that is not read",
    }
    return known.get(dimensionality, f"of dimension {dimensionality}")


def cache_folder() -> Path | None:
    """Where pint's parsed definitions are kept between runs; None where nothing can be written.

    `WORKUP_CACHE` names another folder; empty, it turns the cache off.
    """
    named = os.environ.get("WORKUP_CACHE")
    if named == "":
        return None
    try:
        if named is not None:
            folder = Path(named) / "units"
        else:
            import platformdirs

            folder = Path(platformdirs.user_cache_dir("workup", appauthor=False)) / "units"
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError, ValueError):  # read-only, no home, NUL in the name
        return None
    return folder if os.access(folder, os.W_OK | os.X_OK) else None


@cache
def _registry() -> pint.UnitRegistry[float]:
    """The one registry. A cache that can't be read or written costs 0.2 s, nothing else."""
    import pint

    folder = cache_folder()
    if folder is not None:
        try:
            return pint.UnitRegistry(cache_folder=folder)
        except Exception:  # a damaged pickle raises whatever it likes
            return pint.UnitRegistry()
    return pint.UnitRegistry()
