"""The simulator in a process of its own: it answers for the newest run, and says when it died."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from compiler.pipeline import compile_procedure
from simulate.review.simulator import Simulator, SimulatorError
from simulate.review.verification import run_files


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    return run_files(
        compile_procedure(
            Path("protocols/reductive-amination/procedure.yaml"),
            Path("protocols/benches/flex.yaml"),
        )
    )


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with closing(Simulator()) as held:
        yield held


def test_it_answers_for_the_newest_run(simulator: Simulator, files: dict[str, str]) -> None:
    wrong = {name: text.replace("aspirate(", "aspirate(0.5 * ") for name, text in files.items()}
    simulator.ask(wrong)
    assert not simulator.has_answered()
    simulator.ask(files)
    said = simulator.answer()
    assert said.verified is True and said.commands
    assert simulator.has_answered()
    assert not [finding for finding in said.findings if finding.severity == "error"]


def test_a_killed_process_is_told_and_started_again(
    simulator: Simulator, files: dict[str, str]
) -> None:
    simulator.ask(files)
    pid = simulator.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(SimulatorError):
        simulator.answer()
    time.sleep(0.1)
    simulator.ask(files)
    assert simulator.pid != pid
    assert simulator.answer().verified is True


def test_its_folder_goes_with_it(files: dict[str, str]) -> None:
    with closing(Simulator()) as simulator:
        simulator.ask(files)
        room = simulator.room
        assert (room / "1" / "plan.json").is_file()
    assert not room.exists()
