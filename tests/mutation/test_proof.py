"""Planted faults are caught: a few of each kind here, all of them in `make prove`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutation.mutants import mutants
from tests.mutation.proof import ALL_OF, Tried, missed, prove, table


def _assert_caught(tried: list[Tried]) -> None:
    print("\n" + table(tried))
    told = [f"{t.script}:{t.mutant.line} {t.mutant.kind}: {t.mutant.what}" for t in missed(tried)]
    assert [text for text in told if any(kind in text for kind in ALL_OF)] == []
    assert len(told) <= 0.01 * len(tried), told


@pytest.mark.edited
def test_some_of_every_kind_are_caught(tmp_path: Path) -> None:
    _assert_caught(prove("flex", tmp_path, share=0.02))


SCRIPT = """
def run(protocol):
    rack = protocol.load_labware("tips", "1")
    stocks.load_liquid(["A1"], 160.0, liquid)
    for well, volume in [("A1", 10.0), ("B1", 20.0)]:
        draw_up(protocol, right, volume, stocks["A1"], 1.0, HOW)
    right.drop_tip()
    protocol.delay(seconds=60)
"""


def test_mutants_differ_from_the_script_in_one_place() -> None:
    found = mutants(SCRIPT)
    kinds = {mutant.kind for mutant in found}
    assert {"volume +2%", "well", "source", "height +3 mm", "tip kept", "time −10 %"} <= kinds
    assert {"missing step", "doubled step", "swapped steps"} <= kinds
    assert len({mutant.text for mutant in found}) == len(found)
    assert not any("load_labware" in mutant.what for mutant in found)
