"""Sound protocols of many kinds, written by hand: the judge has nothing against them."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulate.result import simulate_script
from tests.simulator.proof import SOUND, against, sound_options


@pytest.mark.parametrize("script", SOUND, ids=lambda path: path.stem)
def test_a_sound_protocol_is_left_alone(script: Path) -> None:
    result = simulate_script(script, None, sound_options(script))
    assert against(result.findings) == []
    notes = [f.code for f in result.findings]
    assert len(notes) == len(set(notes)), "one note of a kind"
