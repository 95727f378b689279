"""Whatever a test of the simulator replays is held against the engine's own volumes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import simulate.result
from simulate.ledger import Ledger
from simulate.run import replay_chain
from tests.simulator.oracle import disagreements


@pytest.fixture(autouse=True)
def _two_oracles(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    ledgers: list[Ledger] = []

    def kept(*arguments: object, **named: object) -> tuple[Ledger, ...]:
        found: tuple[Ledger, ...] = replay_chain(*arguments, **named)  # type: ignore[arg-type]
        ledgers.extend(found)
        return found

    monkeypatch.setattr(simulate.result, "replay_chain", kept)
    yield
    if request.node.get_closest_marker("edited"):
        return  # a part that was edited leaves other volumes than the next one declares
    wrong = [told for ledger in ledgers if (told := disagreements(ledger))]
    assert not wrong, wrong
