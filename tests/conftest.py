"""No test sees the catalogue of whoever runs it; every replay has the engine as a second oracle."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from simulate.ledger import Ledger
from simulate.replay import Player
from tests.simulator.oracle import disagreements

os.environ["WORKUP_CATALOGUE"] = ""


@pytest.fixture(autouse=True)
def _two_oracles(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever a test replays is held against the engine's own volumes, in forked workers too.

    A script that a test edits leaves other volumes than the next part declares: such a test is
    marked `edited`, and only the first part of a run is compared there.
    """
    edited = request.node.get_closest_marker("edited") is not None
    wrong: list[dict[str, tuple[float, float]]] = []
    here, original = os.getpid(), Player.ledger

    def compared(player: Player) -> Ledger:
        ledger = original(player)
        forked = os.getpid() != here
        if edited and (ledger.part > 1 or forked):
            return ledger
        if told := disagreements(ledger):
            wrong.append(told)
            if forked:  # a worker's list ends with it: its script counts as crashed
                raise AssertionError(told)
        return ledger

    monkeypatch.setattr(Player, "ledger", compared)
    yield
    assert not wrong, wrong
