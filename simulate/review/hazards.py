"""H-codes in words, and the GHS pictograms that go with them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True, slots=True)
class Statement:
    """A hazard statement: its code and its short text ("" for one that the table lacks)."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Pictogram:
    """A GHS pictogram: `GHS02`, and what it is called."""

    id: str
    name: str


@cache
def _table() -> Mapping[str, Any]:
    text = (files("simulate.review.data") / "ghs.json").read_text(encoding="utf-8")
    table: dict[str, Any] = json.loads(text)
    return table


def statements(codes: Iterable[str]) -> tuple[Statement, ...]:
    """The codes in words, in their order."""
    return tuple(Statement(code, _entry(code)[0]) for code in codes)


def pictograms(codes: Iterable[str]) -> tuple[Pictogram, ...]:
    """The pictograms of all codes together, each once, in GHS order.

    The skull takes the place of the exclamation mark, and so does corrosion where the mark stands
    for irritation of skin and eyes only (CLP, Article 26).
    """
    named = {_entry(code)[1]: set[str]() for code in codes}
    for code in codes:
        named[_entry(code)[1]].add(code)
    named.pop("", None)
    if "GHS06" in named:
        named.pop("GHS07", None)
    if "GHS05" in named and named.get("GHS07", set()) <= {"H315", "H319"}:
        named.pop("GHS07", None)
    names: Mapping[str, str] = _table()["pictograms"]
    return tuple(Pictogram(id_, names[id_]) for id_ in sorted(named))


def _entry(code: str) -> tuple[str, str]:
    known: Mapping[str, list[str]] = _table()["statements"]
    bare = code[:4] if code.startswith("H") else code
    text, pictogram = known.get(code) or known.get(bare) or ["", ""]
    return text, pictogram
