"""One script, or the parts of a run, from the file to a replayed ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from compiler.diagnostics.codes import verification as v
from compiler.diagnostics.finding import Finding, Span
from compiler.target.commands import WellRef
from simulate.acts import Operator, nobody
from simulate.engine import EngineError, ScriptRefused, run_engine
from simulate.ledger import Ledger, State
from simulate.liquids import Parcel
from simulate.replay import replay
from simulate.trace import trace
from simulate.traced import Trace


@dataclass(frozen=True, slots=True)
class Options:
    """What a script may need besides its own file: definitions of custom labware, and values of
    its runtime parameters (`files` for those that are CSV files)."""

    labware: tuple[Path, ...] = ()
    parameters: Mapping[str, bool | int | float | str] | None = None
    files: Mapping[str, Path] | None = None


@dataclass(frozen=True, slots=True)
class Ran:
    """A script that was run. `trace` is None where it could not even start; `findings` say why
    it stopped, and are empty where it ran to its end."""

    file: str
    trace: Trace | None
    findings: tuple[Finding, ...]


def run_script(script: Path, options: Options | None = None) -> Ran:
    """Run one script in the simulator. Whatever is wrong with it becomes a finding."""
    options = options or Options()
    file = str(script)
    try:
        run = run_engine(
            script,
            labware=options.labware,
            parameters=options.parameters,
            files=options.files,
        )
    except OSError as error:
        reason = error.strerror or str(error)
        return Ran(file, None, (_failed(file, EngineError(f"cannot be read: {reason}")),))
    except ScriptRefused as refused:
        error_ = EngineError(refused.message, refused.line)
        return Ran(file, None, (_failed(file, error_),))
    return Ran(file, trace(run), tuple(_failed(file, error) for error in run.errors))


def replay_chain(
    traces: Sequence[tuple[int, Trace]],
    *,
    operator: Operator = nobody,
    fill: Mapping[WellRef, Parcel] | None = None,
    clock: Mapping[str, float] | None = None,
) -> tuple[Ledger, ...]:
    """Replay parts one after the other, each from the contents that the one before left.

    `clock` are the robot's own parameters, where it has some.
    """
    state: State | None = None
    ledgers: list[Ledger] = []
    for part, traced in traces:
        ledger = replay(traced, state, operator=operator, part=part, fill=fill, clock=clock)
        ledgers.append(ledger)
        state = ledger.state
    return tuple(ledgers)


def _failed(file: str, error: EngineError) -> Finding:
    line = error.line or 1
    return v.RUN.at(
        Span(file, line, 1, line, 1),
        f"the simulator stops: {error.message}",
        help="the message is Opentrons' own; the line is the script's",
    )
