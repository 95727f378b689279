"""Broken input: mutated documents end in findings, never in an exception.

Bytes are flipped, cut, doubled and swapped, and the tree's values are replaced by values of other
fields. The seeds are fixed, so that what fails once fails again; `make prove` runs ten times as
many. Set WORKUP_FUZZ to run so many.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from compiler.cli.options import shipped_benches
from compiler.pipeline import check_files, compile_procedure

PROTOCOLS = Path(__file__).parents[2] / "protocols"
SEEDS = sorted(PROTOCOLS.glob("*/procedure.yaml"))
IN_CI = 2_000
AT_LENGTH = 20_000
SHARE_COMPILED = 0.1  # lowering, placing and writing too, for one in ten

ODD = [
    "",
    "?",
    "-1 mL",
    "1e309 mol",
    "nan h",
    "∞ °C",
    "0 equiv",
    "1–2 h",
    "5 mL",
    "rt",
    "-300 °C",
    "waste.organic",
    "💥",
    "\u202e",
    "$x",
    "!!python/object:os.system",
    "{between: [2 h, 1 h]}",
    "[1, 2]",
    "9" * 400,
    "a: b",
    "C1CC",
    "[Na+].[BH4-]",
    "0.0000001 µL",
    "1000000 L",
]


def flip(text: bytes, chance: random.Random) -> bytes:
    data = bytearray(text)
    for _ in range(chance.randint(1, 8)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data)


def cut(text: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(text))
    return text[:start] + text[start + chance.randint(1, 60) :]


def double(text: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(text))
    part = text[start : start + chance.randint(1, 80)]
    return text[:start] + part * chance.randint(2, 4) + text[start:]


def swap_lines(text: bytes, chance: random.Random) -> bytes:
    lines = text.split(b"\n")
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"\n".join(lines)


def replant(text: bytes, chance: random.Random) -> bytes:
    """One value of the tree becomes another value of it, or an odd one."""
    tree = yaml.load(text, Loader=yaml.BaseLoader)
    places = list(_places(tree))
    for _ in range(chance.randint(1, 3)):
        holder, key = chance.choice(places)
        if chance.random() < 0.5:
            holder[key] = chance.choice(ODD)
        else:
            other, its = chance.choice(places)
            holder[key] = other[its] if isinstance(other[its], str) else chance.choice(ODD)
    return yaml.safe_dump(tree, allow_unicode=True, sort_keys=False).encode("utf-8", "replace")


def _places(node: object) -> Iterator[tuple[dict | list, object]]:  # type: ignore[type-arg]  # any
    if isinstance(node, dict):
        for key, value in node.items():
            yield node, key
            yield from _places(value)
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield node, index
            yield from _places(value)


MUTATIONS: list[Callable[[bytes, random.Random], bytes]] = [
    flip,
    cut,
    double,
    swap_lines,
    replant,
    replant,
    replant,
]


def fuzz(count: int, offset: int, folder: Path) -> None:
    for number in range(offset, offset + count):
        chance = random.Random(number)
        seed = chance.choice(SEEDS)
        text = chance.choice(MUTATIONS)(seed.read_bytes(), chance)
        path = folder / "mutant.yaml"
        path.write_bytes(text)
        try:
            if chance.random() < SHARE_COMPILED:
                bench = shipped_benches()[chance.choice(["flex", "ot2"])]
                made = compile_procedure(path, bench)
                assert (made.plan is None) == any(f.severity == "error" for f in made.findings)
            else:
                check_files([path])
        except Exception as error:  # any exception at all is the defect that is sought
            kept = Path("build/fuzz")
            kept.mkdir(parents=True, exist_ok=True)
            (kept / f"{number}.yaml").write_bytes(text)
            raise AssertionError(f"mutant {number} of {seed.parent.name}: {error!r}") from error


@pytest.mark.parametrize("batch", range(4))
def test_mutants_end_in_findings(batch: int, tmp_path: Path) -> None:
    count = int(os.environ.get("WORKUP_FUZZ", IN_CI)) // 4
    fuzz(count, batch * count, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("batch", range(20))
def test_mutants_end_in_findings_at_length(batch: int, tmp_path: Path) -> None:
    count = AT_LENGTH // 20
    fuzz(count, 1_000_000 + batch * count, tmp_path)


FOUND = """kind: procedure
version: 1
title: A charge of nothing
scale: 0.10 mmol
materials:
  amine: {smiles: NCc1ccccc1, supplied: {solution: 0.5 M, in: DMF}, basis: true}
  acid: {smiles: CC(=O)O, supplied: {solution: 0.5 M, in: DMF}}
vessels:
  reactor: {size: 2 mL}
steps:
  - add: {material: amine, to: reactor, amount: 1 equiv}
  - add: {material: acid, to: reactor, amount: 0 equiv}
"""


@pytest.mark.parametrize("bench", ["flex", "ot2"])
def test_what_the_mutants_have_found(bench: str, tmp_path: Path) -> None:
    """A solution of which 0 µL are asked has no concentration that would do."""
    path = tmp_path / "found.yaml"
    path.write_text(FOUND, encoding="utf-8")
    made = compile_procedure(path, shipped_benches()[bench])
    assert [f.code for f in made.findings if f.severity == "error"] == ["P-PIP-1"]
