"""The table of incompatible pairs and of dangerous materials: data/hazards.json, typed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from compiler.diagnostics.codes import BY_ID
from compiler.diagnostics.finding import Code, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two classes that must not meet. `when` names the function that decides on the numbers.

    `solvent` says that b must be a main liquid of the vessel; `waste` that the pair is looked
    for in the waste as well.
    """

    code: Code
    a: frozenset[str]
    b: frozenset[str]
    not_a: frozenset[str]
    not_b: frozenset[str]
    solvent: bool
    waste: bool
    when: str | None
    severity: Severity
    message: str
    help: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Danger:
    """A class that is a hazard by itself. `when` as in Pair."""

    code: Code
    classes: frozenset[str]
    when: str | None
    severity: Severity
    message: str
    help: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HazardTable:
    """Everything in data/hazards.json."""

    pairs: tuple[Pair, ...]
    dangers: tuple[Danger, ...]
    limits: dict[str, float]


@cache
def hazard_table() -> HazardTable:
    """The table as shipped."""
    data = json.loads(files("compiler.data").joinpath("hazards.json").read_text(encoding="utf-8"))
    return HazardTable(
        pairs=tuple(_pair(row) for row in data["pairs"]),
        dangers=tuple(_danger(row) for row in data["dangers"]),
        limits=data["limits"],
    )


def _pair(row: dict[str, Any]) -> Pair:
    return Pair(
        code=BY_ID[row["code"]],
        a=frozenset(row["a"]),
        b=frozenset(row["b"]),
        not_a=frozenset(row.get("not_a", ())),
        not_b=frozenset(row.get("not_b", ())),
        solvent=row.get("solvent", False),
        waste=row.get("waste", False),
        when=row.get("when"),
        severity=Severity(row["severity"]),
        message=row["message"],
        help=row["help"],
        source=row["source"],
    )


def _danger(row: dict[str, Any]) -> Danger:
    return Danger(
        code=BY_ID[row["code"]],
        classes=frozenset(row["classes"]),
        when=row.get("when"),
        severity=Severity(row["severity"]),
        message=row["message"],
        help=row["help"],
        source=row["source"],
    )
