"""Which liquid may stand in which material, and for how long."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from compiler.diagnostics.finding import Severity
from compiler.stages.charges import Substance

_WORST_FIRST = ("-", "0", "+")


@dataclass(frozen=True, slots=True)
class ContactLimit:
    """When a rating matters: at once, or after `hours` of contact or above a temperature."""

    severity: Severity
    hours: float | None
    above_c: float | None

    def exceeded(self, seconds: float, celsius: float) -> bool:
        """Whether a contact is worth a finding."""
        if self.hours is None and self.above_c is None:
            return True
        too_long = self.hours is not None and seconds > self.hours * 3600.0
        return too_long or (self.above_c is not None and celsius > self.above_c)


@dataclass(frozen=True, slots=True)
class Resistance:
    """The table of data/materials_resistance.json."""

    codes: Mapping[str, str]
    minimum_share: float
    limits: Mapping[tuple[str, str], ContactLimit]  # (material, rating) -> limit
    classes: Mapping[str, Mapping[str, str]]  # SMARTS class -> material -> rating


@cache
def resistance() -> Resistance:
    """Ratings by class, and the limits of contact."""
    text = files("compiler.data").joinpath("materials_resistance.json").read_text(encoding="utf-8")
    data = json.loads(text)
    return Resistance(
        codes={name.casefold(): code for name, code in data["codes"].items()},
        minimum_share=data["minimum_share"],
        limits={
            (material, rating): ContactLimit(
                Severity(row["severity"]), row.get("hours"), row.get("above_c")
            )
            for material, ratings in data["limits"].items()
            for rating, row in ratings.items()
        },
        classes=data["classes"],
    )


def rating(substance: Substance, material: str) -> str | None:
    """ "+", "0" or "-" of a substance on a material; None where nothing is known.

    The substance's own rating comes first, then the worst of its classes.
    """
    table = resistance()
    code = table.codes.get(material.casefold())
    if code is None:
        return None
    if code in substance.ratings:
        own = substance.ratings[code]
        return own if own in _WORST_FIRST else None
    by_class = {
        table.classes[name][code]
        for name in substance.classes
        if name in table.classes and code in table.classes[name]
    }
    return next((mark for mark in _WORST_FIRST if mark in by_class), None)


def contact_limit(material: str, mark: str) -> ContactLimit | None:
    """The limit for a rating on a material; None where it may stand as long as it likes."""
    table = resistance()
    return table.limits.get((table.codes.get(material.casefold(), ""), mark))
