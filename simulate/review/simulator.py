"""A process of its own that has Opentrons loaded and runs scripts while the page is drawn.

Loading takes longer than most runs, so it begins as soon as a `Simulator` is there. Asked again
before it has answered, it goes on to the newest run and says nothing more about the others.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Mapping
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from simulate.review.page import Verification
from simulate.review.verification import simulated_in, write_run

_END_S = 2.0  # what a process that was told to end may take


class SimulatorError(Exception):
    """The process ended without an answer: killed, or out of memory."""


class Simulator:
    """Runs one plan's scripts after the other. A process that has ended is started again.

    Runs lie in a folder of their own in `room`, which goes with `close`.
    """

    def __init__(self) -> None:
        self.room = Path(tempfile.mkdtemp(prefix="workup-"))
        self._asked = 0
        self._held: Verification | None = None
        self._line, self._process = _started()

    @property
    def pid(self) -> int | None:
        """The process that is at work."""
        return self._process.pid

    def ask(self, texts: Mapping[str, str]) -> None:
        """Starts on the scripts and the plan in `texts` (by file name)."""
        if not self._process.is_alive():
            self._stop()
            self._line, self._process = _started()
        self._asked, self._held = self._asked + 1, None
        folder = self.room / str(self._asked)
        folder.mkdir()
        write_run(folder, texts)
        with contextlib.suppress(OSError):  # it has ended since: the answer will say so
            self._line.send((self._asked, str(folder)))  # short, so that this never waits

    def wait(self, timeout_s: float) -> bool:
        """Waits until something is said, or the process has ended; whether it was in time.

        It takes nothing off the line, so that a thread may wait while another one works.
        """
        return self._line.poll(timeout_s)

    def has_answered(self) -> bool:
        """Whether the answer about the newest run is there. Raises SimulatorError."""
        while self._held is None and self._line.poll():
            self._take()
        return self._held is not None

    def answer(self) -> Verification:
        """What is said about the newest run; waits for it. Raises SimulatorError."""
        while self._held is None:
            self._take()
        return self._held

    def close(self) -> None:
        """Ends the process, whatever it is doing, and removes its files."""
        self._stop()
        shutil.rmtree(self.room, ignore_errors=True)

    def _take(self) -> None:
        try:
            number, verification = self._line.recv()
        except (EOFError, OSError) as error:
            raise SimulatorError from error
        shutil.rmtree(self.room / str(number), ignore_errors=True)
        if number == self._asked:
            self._held = verification

    def _stop(self) -> None:
        self._line.close()
        self._process.terminate()
        self._process.join(_END_S)


def _started() -> tuple[Connection, BaseProcess]:
    # A fresh interpreter: threads of this one (RDKit's, the server's) do not survive a fork.
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    return ours, process


def _work(line: Connection) -> None:
    """What the process does: loads the simulator, then answers until the line is cut."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's, which ends this one
    from simulate.engine import preload

    preload()
    with contextlib.suppress(EOFError, OSError):
        while True:
            number, folder = line.recv()
            while line.poll():  # only the newest is of interest
                number, folder = line.recv()
            line.send((number, simulated_in(Path(folder))))
