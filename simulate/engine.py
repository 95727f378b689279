"""The only place that imports Opentrons: one script through its own analysis, in this process.

`opentrons.cli.analyze` has a public command line that writes JSON, and behind it the coroutine
`_do_analyze`, which returns the commands as objects. The coroutine is used because writing and
reading back the JSON costs more than it is worth on long scripts; it exists with this signature
in 8.8.2 and 9.0.0. Everything that leaves this module is plain data.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import re
import sys
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any


@dataclass(frozen=True, slots=True)
class EngineCommand:
    """One command as the engine recorded it, and the script's line that caused it.

    `line` is the one in `run`, `inner` the innermost one of the script (in a helper of its own);
    `via` are the methods of the pipette that the script called: "mix", "air_gap", "transfer".
    """

    kind: str
    params: Mapping[str, Any]
    result: Mapping[str, Any]
    line: int | None
    failed: bool = False
    inner: int | None = None
    via: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EngineError:
    """What the engine raised: its own words, and the script's line where they name one."""

    message: str
    line: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineRun:
    """One script after the engine has run it.

    `definitions` are the labware definitions in use, by `namespace/load_name/version`.
    `loaded_ul` is the engine's own account of declared wells, by labware id and well.
    """

    version: str
    robot: str  # "Flex" | "OT-2"
    api_level: str
    commands: tuple[EngineCommand, ...]
    definitions: Mapping[str, Mapping[str, Any]] = field(repr=False)
    fixed: Mapping[str, str] = field(default_factory=dict)  # labware of the deck itself: id -> name
    loaded_ul: Mapping[tuple[str, str], float] = field(default_factory=dict)
    errors: tuple[EngineError, ...] = ()
    liquids: Mapping[str, str] = field(default_factory=dict)  # id -> the name that it was given


class ScriptRefused(Exception):  # noqa: N818 - it says what happened
    """The engine would not run the script at all (its header, or a labware file), or lost it."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


_API = "instrument_context.py"  # where Opentrons defines what scripts call on a pipette


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the engine's log lines and the script's `print` off the user's output.

    Opentrons warns of missing calibration files through `logging`'s handler of last resort, and a
    `print` in a script would spoil JSON on standard output: it goes to standard error.
    """
    root = logging.getLogger()
    silence = logging.NullHandler()
    root.addHandler(silence)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        root.removeHandler(silence)


@contextlib.contextmanager
def _without_collecting() -> Iterator[None]:
    """Pause the cycle collector: importing the engine makes a million objects that all stay."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@dataclass(frozen=True, slots=True)
class _Caller:
    """Where in the script a command was asked for."""

    line: int | None = None
    inner: int | None = None
    via: tuple[str, ...] = ()


_NOBODY = _Caller()


class _Lines:
    """Remembers which line of the script asked for which command.

    The engine's transport is called in the script's own thread, so the caller's frames say the
    line. The parameter objects are kept alive here, which makes their ids unique.
    """

    def __init__(self, filename: str) -> None:
        self._filename = filename
        self._requests: list[tuple[str, object, _Caller]] = []

    def note(self, request: Any) -> None:
        """Record the lines of the script that are being executed: the one in `run`, since a
        helper's line does not say which of its calls is meant, and the innermost one."""
        frame: FrameType | None = sys._getframe(1)
        line = inner = None
        via: list[str] = []
        while frame is not None:
            code = frame.f_code
            if code.co_filename == self._filename:
                line = frame.f_lineno
                inner = line if inner is None else inner
            elif inner is None and code.co_filename.endswith(_API):
                via.append(code.co_name)
            frame = frame.f_back
        caller = _Caller(line, inner, tuple(via))
        self._requests.append((str(request.commandType), request.params, caller))

    def of(self, commands: Sequence[Any]) -> list[_Caller]:
        """The caller of each command; nobody for one that the engine added by itself.

        The engine rewrites the parameters of some commands (a slot's name, for one): those are
        matched in order among the requests of their kind that are left over.
        """
        by_params = {id(params): caller for _, params, caller in self._requests}
        taken = {id(command.params) for command in commands}
        rest: dict[str, deque[_Caller]] = {}
        for kind, params, caller in self._requests:
            if id(params) not in taken:
                rest.setdefault(kind, deque()).append(caller)
        found: list[_Caller] = []
        for command in commands:
            if id(command.params) in by_params:
                found.append(by_params[id(command.params)])
            else:
                queue = rest.get(str(command.commandType))
                found.append(queue.popleft() if queue else _NOBODY)
        return found


@contextlib.contextmanager
def _watching(lines: _Lines) -> Iterator[None]:
    """Note each command's line while the script runs; the transport is put back afterwards."""
    from opentrons.protocol_engine.clients import transports

    transport = transports.ChildThreadTransport
    names = ("execute_command", "execute_command_wait_for_recovery")
    originals = {name: getattr(transport, name) for name in names if hasattr(transport, name)}

    def noting(original: Callable[[object, Any], object]) -> Callable[[object, Any], object]:
        def execute(self: object, request: Any) -> object:
            lines.note(request)
            return original(self, request)

        return execute

    for name, original in originals.items():
        setattr(transport, name, noting(original))
    try:
        yield
    finally:
        for name, original in originals.items():
            setattr(transport, name, original)


def preload() -> None:
    """Import the engine, which takes a second, so that forked processes have it already."""
    with _quiet(), _without_collecting():
        from opentrons.cli.analyze import _do_analyze  # noqa: F401 - loaded only
        from opentrons.protocol_engine.clients import transports  # noqa: F401 - loaded only
        from opentrons.protocol_reader import ProtocolReader  # noqa: F401 - loaded only


def run_engine(
    script: Path,
    *,
    labware: Sequence[Path] = (),
    parameters: Mapping[str, bool | int | float | str] | None = None,
    files: Mapping[str, Path] | None = None,
) -> EngineRun:
    """Run `script` in the simulator. `labware` are definition files that it may load by name,
    `parameters` and `files` values of its runtime parameters.

    Raises ScriptRefused where the engine cannot start it. What goes wrong while it runs is in
    `errors`, with the commands up to there. `SystemExit` from the script is reported likewise.
    """
    with _quiet():
        with _without_collecting():
            import anyio
            from opentrons import __version__ as version
            from opentrons.cli.analyze import _do_analyze
            from opentrons.protocol_reader import ProtocolFilesInvalidError, ProtocolReader

        lines = _Lines(script.name)

        async def analyse() -> tuple[Any, Any]:
            try:
                source = await ProtocolReader().read_saved([script, *labware], directory=None)
            except ProtocolFilesInvalidError as error:
                where = re.search(r"\(.*, line (\d+)\)", str(error))
                raise ScriptRefused(str(error), int(where[1]) if where else None) from error
            return source, await _do_analyze(source, dict(parameters or {}), dict(files or {}))

        with _watching(lines):
            try:
                source, outcome = anyio.run(analyse)
            except (SystemExit, asyncio.CancelledError) as stop:
                what = f"the script ended the run itself with {stop!r}"
                raise ScriptRefused(what, _line_of(stop, script.name)) from stop
    return _plain(version, source, outcome, lines, script.name)


def _line_of(error: BaseException, filename: str) -> int | None:
    """The script's innermost line in an exception's traceback."""
    found = None
    for frame, line in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_filename == filename:
            found = line
    return found


def _plain(version: str, source: Any, outcome: Any, lines: _Lines, filename: str) -> EngineRun:
    """The engine's objects as plain data."""
    definitions: dict[str, Mapping[str, Any]] = {}
    commands = [
        EngineCommand(
            kind=str(command.commandType),
            params=command.params.model_dump(exclude_none=True),
            result=_result(command, definitions),
            line=caller.line,
            failed=command.error is not None,
            inner=caller.inner,
            via=caller.via,
        )
        for command, caller in zip(outcome.commands, lines.of(outcome.commands), strict=True)
    ]
    summary = outcome.state_summary
    loaded = {
        (str(well.labware_id), str(well.well_name)): float(well.loaded_volume)
        for well in summary.wells
        if isinstance(getattr(well, "loaded_volume", None), int | float)
    }
    return EngineRun(
        version=str(version),
        robot="OT-2" if source.robot_type == "OT-2 Standard" else "Flex",
        api_level=str(getattr(source.config, "api_version", "")),
        commands=tuple(commands),
        definitions=definitions,
        fixed={str(item.id): str(item.loadName) for item in summary.labware},
        loaded_ul=loaded,
        liquids=_liquids(summary),
        errors=tuple(_error(error, filename) for error in summary.errors),
    )


def _liquids(summary: Any) -> dict[str, str]:
    """The liquids' names by id; ids are random, so a name that comes twice gets a number."""
    found: dict[str, str] = {}
    for item in getattr(summary, "liquids", None) or ():
        name = str(item.displayName)
        again = sum(other == name or other.startswith(f"{name} #") for other in found.values())
        found[str(item.id)] = f"{name} #{again + 1}" if again else name
    return found


def _result(command: Any, definitions: dict[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    """A command's result; labware definitions are kept once, not in every `loadLabware`."""
    if command.result is None:
        return {}
    definition = getattr(command.result, "definition", None)
    if definition is None:
        return dict(command.result.model_dump(exclude_none=True))
    key = f"{definition.namespace}/{definition.parameters.loadName}/{definition.version}"
    if key not in definitions:
        definitions[key] = definition.model_dump(mode="json", exclude_none=True, by_alias=True)
    result = dict(command.result.model_dump(exclude_none=True, exclude={"definition"}))
    result["definition"] = key
    return result


# "ProtocolCommandFailedError [line 6]: Error 4000 GENERAL_ERROR (ProtocolCommandFailedError): ..."
_WHERE = re.compile(r"^(?P<type>\w+) \[line (?P<line>\d+)\]: ")
_NUMBERED = re.compile(r"^Error \d{4} [A-Z_]+ \(\w+\): ")


def _error(error: Any, filename: str) -> EngineError:
    """The engine's error in one sentence, with the line that it names or that its cause names."""
    message = str(error.detail or "").strip()
    line = None
    if where := _WHERE.match(message):
        line = int(where["line"])
        rest = message[where.end() :]
        message = _NUMBERED.sub("", rest) if _NUMBERED.match(rest) else f"{where['type']}: {rest}"
    occurrence = error
    while line is None and occurrence.wrappedErrors:
        occurrence = occurrence.wrappedErrors[0]
        shown = str((occurrence.errorInfo or {}).get("traceback", ""))
        numbers = re.findall(rf'File "{re.escape(filename)}", line (\d+)', shown)
        line = int(numbers[-1]) if numbers else None
    message = message.removeprefix("PythonException: ").rstrip(": ")
    return EngineError(message or str(error.errorType), line)
