"""Sound protocols of many kinds, written by hand: the judge has nothing against them."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulate.result import simulate_script
from simulate.run import Options

SOUND = sorted((Path(__file__).parent / "sound").glob("*.py"))


@pytest.mark.parametrize("script", SOUND, ids=lambda path: path.stem)
def test_a_sound_protocol_is_left_alone(script: Path) -> None:
    table = script.with_suffix(".csv")
    options = Options(files={"volumes": table}) if table.exists() else None
    result = simulate_script(script, None, options)
    assert [f for f in result.findings if f.severity != "note"] == []
    notes = [f.code for f in result.findings]
    assert len(notes) == len(set(notes)), "one note of a kind"
