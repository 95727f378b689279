"""Numbers of the procedures that the rules compare with: data/templates.json."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from compiler.chemistry.sites import amines_of
from compiler.passes.lint.presence import Present


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """A usual ratio of one class to another. `needs` are classes that must be there as well.

    `sites` is the number of equal N-H that the second must have, `at_least` and `below` the
    ratios between which the row says anything at all.
    """

    what: str
    of: frozenset[str]
    per: frozenset[str]
    needs: frozenset[str]
    low: float
    high: float
    sites: int
    at_least: float
    below: float
    help: str

    def applies(self, together: tuple[Present, ...], part: Present, other: Present) -> bool:
        """Whether the row is about these two, of all that is together at some time."""
        if not part.any_of(self.of) or not other.any_of(self.per):
            return False
        if part.is_solvent or other.is_solvent:
            return False
        if self.needs and not any(each.any_of(self.needs) for each in together):
            return False
        if not self.at_least <= part.mmol / other.mmol < self.below:
            return False
        amine = part if "amine_nucleophilic_NH" in self.of else other
        return not self.sites or amines_of(amine.substance.smiles or "").equivalent >= self.sites


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """`late` came before `early` in a vessel that holds `needs`: it should not have."""

    early: frozenset[str]
    late: frozenset[str]
    needs: frozenset[str]
    severity: str
    slow_excuses: bool
    why: str
    help: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Templates:
    """The numbers and tables of data/templates.json; units are in the names."""

    statistics: tuple[float, float]  # equivalents between which statistics decide
    protonated: float  # equivalents of acid that bind one N
    alkylator_slack: float
    warm_c: float
    warm_s: float
    imine_s: float
    acid_for_ketone: float
    boc_acid_molar: float
    boc_acid_s: float
    ring_acid_c: float
    ring_acid_s: float
    lactam_c: float
    dilute_molar: float
    sample_share: float
    pka_apart: float
    log_p_apart: float
    ranges: tuple[Range, ...]
    orders: tuple[Order, ...]


@cache
def templates() -> Templates:
    """The templates as shipped."""
    text = files("compiler.data").joinpath("templates.json").read_text(encoding="utf-8")
    data = json.loads(text)
    data.pop("sources")
    ranges = tuple(
        Range(
            what=row["what"],
            of=frozenset(row["of"]),
            per=frozenset(row["per"]),
            needs=frozenset(row.get("needs", ())),
            low=row["low"],
            high=row["high"],
            sites=row.get("sites", 0),
            at_least=row.get("at_least", 0.0),
            below=row.get("below", float("inf")),
            help=row["help"],
        )
        for row in data.pop("ranges")
    )
    orders = tuple(
        Order(
            early=frozenset(row["early"]),
            late=frozenset(row["late"]),
            needs=frozenset(row["needs"]),
            severity=row["severity"],
            slow_excuses=row.get("slow_excuses", False),
            why=row["why"],
            help=row["help"],
        )
        for row in data.pop("orders")
    )
    low, high = data.pop("statistics")
    return Templates(statistics=(low, high), ranges=ranges, orders=orders, **data)
