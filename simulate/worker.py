"""Many scripts, each in a process of its own that is forked after Opentrons has been imported.

Importing the engine takes longer than most scripts, and what a script patches stays patched: so
one process imports, and each script gets a copy of it that ends with the script. A script that
crashes, hangs or eats memory ends its copy; the others go on. Where there is no `fork` (Windows),
scripts run one after the other in this process, without limits.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import selectors
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

from compiler.diagnostics.codes import verification as v
from compiler.diagnostics.finding import Finding, Span
from simulate.engine import preload
from simulate.result import SimulationResult, refused_script, simulate_plan, simulate_script
from simulate.run import Options

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]  # looked at before use

_GRACE_S = 1.0  # from the question where a script hangs to its end
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Job:
    """A script, with its plan or without; or, where `script` is None, a plan with its scripts."""

    script: Path | None
    plan: Path | None = None
    options: Options | None = None

    @property
    def file(self) -> Path:
        """The file that it is about."""
        found = self.script or self.plan
        assert found is not None  # a job has one or the other
        return found


@dataclass(frozen=True, slots=True)
class Limits:
    """What one script may take: wall time in s, memory beyond the engine's own in MB."""

    seconds: float = 300.0
    memory_mb: int = 4000


@dataclass(slots=True)
class _Child:
    """A running script: its process, the end of its pipe, what came through so far."""

    number: int
    pid: int
    pipe: int
    ends_s: float
    data: bytearray
    asked: bool = False


def simulate_all(
    jobs: Sequence[Job],
    limits: Limits | None = None,
    *,
    workers: int | None = None,
    done: Callable[[int], None] = lambda count: None,
) -> tuple[SimulationResult, ...]:
    """Run the jobs, as many at a time as there are cores; the results are in the jobs' order.

    `done` is told how many are through. Results carry no ledgers.
    """
    limits = limits or Limits()
    if not hasattr(os, "fork"):
        return tuple(_run(job) for job in jobs)
    preload()
    gc.freeze()  # the children share the engine's objects; a collection would copy them
    return _Pool(jobs, limits, workers or _cores(), done).run()


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _run(job: Job) -> SimulationResult:
    if job.script is None:
        assert job.plan is not None  # a job has one or the other
        result = simulate_plan(job.plan, job.options)
    else:
        result = simulate_script(job.script, job.plan, job.options)
    scripts = tuple(replace(script, ledger=None) for script in result.scripts)
    found = tuple(_memory(finding) for finding in result.findings)
    return replace(result, scripts=scripts, findings=found)


class _Pool:
    """Starts children, listens to them, and ends those that take too long."""

    def __init__(
        self, jobs: Sequence[Job], limits: Limits, workers: int, done: Callable[[int], None]
    ) -> None:
        self._jobs, self._limits, self._workers, self._done = jobs, limits, workers, done
        self._results: dict[int, SimulationResult] = {}
        self._children: dict[int, _Child] = {}  # by pipe
        self._selector = selectors.DefaultSelector()

    def run(self) -> tuple[SimulationResult, ...]:
        """All of them."""
        waiting = list(range(len(self._jobs)))[::-1]
        try:
            while waiting or self._children:
                while waiting and len(self._children) < self._workers:
                    self._start(waiting.pop())
                self._listen()
        finally:  # Ctrl-C too
            for child in list(self._children.values()):
                _end(child.pid)
                self._forget(child)
            self._selector.close()
        return tuple(self._results[number] for number in range(len(self._jobs)))

    def _start(self, number: int) -> None:
        receive, send = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        with warnings.catch_warnings():
            # Python warns of threads that a fork leaves behind: NumPy's, which cope with it.
            warnings.simplefilter("ignore", DeprecationWarning)
            pid = os.fork()
        if pid == 0:
            os.close(receive)
            for pipe in self._children:
                os.close(pipe)
            _child(self._jobs[number], self._limits, send)
        os.close(send)
        ends_s = time.monotonic() + self._limits.seconds
        child = _Child(number, pid, receive, ends_s, bytearray())
        self._children[receive] = child
        self._selector.register(receive, selectors.EVENT_READ)

    def _listen(self) -> None:
        """Wait until a child says something or is out of time."""
        now = time.monotonic()
        wait = min(child.ends_s for child in self._children.values()) - now
        for key, _ in self._selector.select(max(0.0, wait)):
            child = self._children[key.fd]
            chunk = os.read(child.pipe, _CHUNK)
            child.data += chunk
            if not chunk:
                self._finish(child)
        now = time.monotonic()
        for child in [c for c in self._children.values() if c.ends_s <= now]:
            if not child.asked:
                child.asked, child.ends_s = True, now + _GRACE_S
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child.pid, signal.SIGUSR1)
            else:
                _end(child.pid)
                self._finish(child)

    def _finish(self, child: _Child) -> None:
        """The child has closed its pipe, or has been ended."""
        if not child.asked:
            # A script may close the pipe and stay: it gets no more time than the others.
            _leave(child.pid, child.ends_s)
        _end(child.pid)
        status = self._forget(child)
        self._results[child.number] = self._result(child, status)
        self._done(len(self._results))

    def _forget(self, child: _Child) -> int:
        self._selector.unregister(child.pipe)
        os.close(child.pipe)
        del self._children[child.pipe]
        _, status = os.waitpid(child.pid, 0)
        return os.waitstatus_to_exitcode(status)

    def _result(self, child: _Child, status: int) -> SimulationResult:
        job = self._jobs[child.number]
        said = _unpickled(bytes(child.data))
        if isinstance(said, SimulationResult):
            return said
        if child.asked:
            line = said if isinstance(said, int) else None
            return refused_script(job.file, (_timeout(job.file, line, self._limits.seconds),))
        if isinstance(said, str):
            return refused_script(job.file, (_no_memory(job.file, self._limits.memory_mb),))
        return refused_script(job.file, (_crash(job.file, status),))


def _unpickled(data: bytes) -> object:
    """What the child sent; None where that is nothing whole."""
    try:
        return pickle.loads(data)  # from our own fork
    except (pickle.UnpicklingError, EOFError, ValueError, TypeError, AttributeError, LookupError):
        return None


def _leave(pid: int, until_s: float) -> None:
    """Give a child that has closed its pipe the time to go."""
    until_s = min(until_s, time.monotonic() + _GRACE_S)
    while time.monotonic() < until_s:
        ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if ended is not None:
            return
        time.sleep(0.001)


def _end(pid: int) -> None:
    """End a child and what it has started."""
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            kill(pid, signal.SIGKILL)


# --- in the child ------------------------------------------------------------------------------


def _child(job: Job, limits: Limits, send: int) -> None:
    """Run one job, send its result, and end. Does not return."""
    status = 1
    try:
        os.setpgid(0, 0)  # so that whatever the script starts ends with it
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent ends this process
        signal.signal(signal.SIGUSR1, lambda number, frame: _say_where(job.file, send))
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, limits.seconds + 30.0)  # where the parent is gone
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
        os.dup2(2, 1)  # what the script prints does not get into our output
        _limit_memory(limits.memory_mb)
        gc.set_threshold(50_000, 20, 50)  # most objects of a run stay to its end
        result: SimulationResult | str = _run(job)
        _send(send, result)
        status = 0
    except MemoryError:
        with contextlib.suppress(BaseException):
            _send(send, "memory")
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(BaseException):
            sys.stderr.flush()
        os._exit(status)


def _send(send: int, what: object) -> None:
    data = memoryview(pickle.dumps(what, protocol=pickle.HIGHEST_PROTOCOL))
    while data:
        data = data[os.write(send, data) :]


def _limit_memory(memory_mb: int) -> None:
    if resource is None or not sys.platform.startswith("linux"):
        return  # elsewhere the limit of address space is not kept
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limit = pages * os.sysconf("SC_PAGE_SIZE") + memory_mb * 1_000_000
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _say_where(script: Path, send: int) -> None:
    """Out of time: send the line at which the script is, and end."""
    line: int | None = None
    for frame in sys._current_frames().values():
        at: FrameType | None = frame
        while at is not None and line is None:
            if at.f_code.co_filename == script.name:
                line = at.f_lineno
            at = at.f_back
    _send(send, line)
    os._exit(1)


# --- what goes wrong ---------------------------------------------------------------------------


def _timeout(file: Path, line: int | None, seconds: float) -> Finding:
    at = line or 1
    return v.TIMEOUT.at(
        Span(str(file), at, 1, at, 1),
        f"the script has not ended after {seconds:g} s" + (", and is at this line" * bool(line)),
        help="look for an endless loop, or give it more time with --timeout",
    )


def _no_memory(file: Path, memory_mb: int) -> Finding:
    return v.MEMORY.at(
        Span(str(file)),
        f"the script needs more than {memory_mb} MB of memory",
        help="look for a list that grows without end, or give it more with --memory",
    )


def _memory(finding: Finding) -> Finding:
    """The engine reports a lack of memory like any error of the script."""
    if finding.code != v.RUN.id or "MemoryError" not in finding.message:
        return finding
    return v.MEMORY.at(
        finding.span,
        "the script ran out of memory",
        help="look for a list that grows without end, or give it more with --memory",
    )


def _crash(file: Path, status: int) -> Finding:
    how = f"with status {status}"
    if status < 0:
        with contextlib.suppress(ValueError):
            how = f"by {signal.Signals(-status).name}"
    return v.RUN.at(
        Span(str(file)),
        f"the simulator stops: the script ended its process {how}",
        help="a protocol returns from run(); it does not end the process",
    )
