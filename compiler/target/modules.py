"""Modules: what their maker guarantees, not what the engine lets through."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One kind of module. Temperatures are None where it can't hold any."""

    model: str  # "temperatureModuleV2", "heaterShakerModuleV1", "thermocyclerModuleV2"
    display_name: str
    min_c: float | None
    max_c: float | None
    tolerance_c: float
    cools: bool
    min_rpm: int | None
    max_rpm: int | None
    slots: dict[str, tuple[str, ...]]  # robot -> slots in which it may stand, preferred first
    occupies: dict[str, tuple[str, ...]]  # robot -> more slots that it covers ("7" -> "8", ...)


@cache
def _table() -> Mapping[str, Any]:
    text = (resources.files("compiler.data") / "modules.json").read_text(encoding="utf-8")
    return json.loads(text)  # type: ignore[no-any-return]  # our own file, held by a test


def module_models() -> tuple[str, ...]:
    """The models that `load_module` knows, as Opentrons names them."""
    return tuple(_table()["modules"])


@cache
def load_module(model: str) -> Module:
    """A module by its model name (data/modules.json); raises LookupError for an unknown one."""
    entry = _table()["modules"].get(model)
    if entry is None:
        raise LookupError(f"there is no module {model!r}")
    return Module(
        model=model,
        display_name=entry["display_name"],
        min_c=entry["min_c"],
        max_c=entry["max_c"],
        tolerance_c=entry["tolerance_c"],
        cools=entry["cools"],
        min_rpm=entry["min_rpm"],
        max_rpm=entry["max_rpm"],
        slots={robot: tuple(slots) for robot, slots in entry["slots"].items()},
        occupies={robot: tuple(slots) for robot, slots in entry["occupies"].items()},
    )


def modules_of_adapter(adapter: str) -> tuple[str, ...]:
    """The modules that an adapter (its load name) is made for; empty for an unknown one."""
    return tuple(_table()["adapters"].get(adapter, ()))


def modules_directly(load_name: str) -> tuple[str, ...]:
    """The modules on which standard labware stands without an adapter, where it does not say so."""
    return tuple(
        model
        for prefix, models in _table()["directly"].items()
        if load_name.startswith(prefix)
        for model in models
    )
