"""Gases and contents as rows of tables, equal ones of several reactions as one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simulate.review.values import KINDS, Plan, pointer


@dataclass(frozen=True, slots=True)
class GasRow:
    """A gas at a step: where the plan has its mL and mmol for each reaction."""

    step: str
    gas: str
    places: tuple[str, ...]
    mmol: tuple[str, ...]


def gas_rows(plan: Plan) -> list[GasRow]:
    """The gases of each step, over reactions."""
    groups: dict[tuple[str, str], list[int]] = {}
    for index, entry in enumerate(plan["gas"]):
        groups.setdefault((entry["step"], entry["gas"]), []).append(index)
    return [
        GasRow(
            step,
            gas,
            tuple(pointer("gas", n, "mL") for n in indices),
            tuple(pointer("gas", n, "mmol") for n in indices),
        )
        for (step, gas), indices in groups.items()
    ]


@dataclass(frozen=True, slots=True)
class ContentRow:
    """A moment of a vessel, and the reactions that are then alike: their indices in the plan."""

    entry: Mapping[str, Any]
    indices: tuple[int, ...]
    rounds: bool

    def places(self, *parts: str | int) -> list[str]:
        """Where the plan has a number of the moment, reaction by reaction."""
        return [pointer("contents", index, *parts) for index in self.indices]


def content_rows(plan: Plan) -> list[ContentRow]:
    """The contents; reactions whose numbers read the same share a row."""
    several = {entry["step"] for entry in plan["contents"] if entry["round"] > 1}
    groups: dict[tuple[Any, ...], list[int]] = {}
    for index, entry in enumerate(plan["contents"]):
        groups.setdefault(_as_read(entry), []).append(index)
    return [
        ContentRow(
            plan["contents"][indices[0]],
            tuple(indices),
            plan["contents"][indices[0]]["step"] in several,
        )
        for indices in groups.values()
    ]


def _as_read(entry: Mapping[str, Any]) -> tuple[Any, ...]:
    """What a row of the table shows of a moment."""
    return (
        entry["step"],
        entry["vessel"],
        entry["moment"],
        entry["round"],
        KINDS["uL"](entry["uL"]),
        entry["temperature_degC"],
        tuple(KINDS["plain"](value) for value in entry["pH"] or ()),
        tuple((p["position"], p["kind"], KINDS["uL"](p["uL"])) for p in entry["phases"]),
    )
