"""Pipettes and the tips they take."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipette:
    """One kind of pipette. `tip_racks` are load names, the usual one first; `min_ul` is the
    smallest volume that its maker specifies (in the mode that a script of ours uses)."""

    name: str  # "flex_1channel_1000", "p300_single_gen2"
    display_name: str
    robot: str
    channels: int
    min_ul: float
    max_ul: float
    tip_racks: tuple[str, ...]
    aspirate_ul_s: Mapping[float, float]  # tip volume -> default flow
    dispense_ul_s: Mapping[float, float]


@cache
def _table() -> Mapping[str, Any]:
    text = (resources.files("compiler.data") / "pipettes.json").read_text(encoding="utf-8")
    return json.loads(text)["pipettes"]  # type: ignore[no-any-return]  # our own file


def pipette_names() -> tuple[str, ...]:
    """The names that `load_pipette` knows, as Opentrons' `load_instrument` takes them."""
    return tuple(_table())


@cache
def load_pipette(name: str) -> Pipette:
    """A pipette by name (data/pipettes.json); raises LookupError for an unknown one."""
    entry = _table().get(name)
    if entry is None:
        raise LookupError(f"there is no pipette {name!r}")
    return Pipette(
        name=name,
        display_name=entry["display_name"],
        robot=entry["robot"],
        channels=entry["channels"],
        min_ul=float(entry["min_ul"]),
        max_ul=float(entry["max_ul"]),
        tip_racks=tuple(entry["tip_racks"]),
        aspirate_ul_s={float(tip): float(v) for tip, v in entry["aspirate_ul_s"].items()},
        dispense_ul_s={float(tip): float(v) for tip, v in entry["dispense_ul_s"].items()},
    )
