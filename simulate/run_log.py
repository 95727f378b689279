"""A robot's run log: the commands of a run, as the Opentrons app downloads them, and their times.

Read are the run itself (`commands` or `commands.data`, with or without a `data` around it) and the
JSON of `opentrons.cli analyze --json-output` whose commands carry times.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from simulate.engine import EngineCommand, EngineRun
from simulate.trace import trace
from simulate.traced import Trace

MOST_BYTES = 500_000_000
_ROBOTS = {"OT-2 Standard": "OT-2", "OT-3 Standard": "Flex"}
_LEVEL = "2.14"  # a run does not say it; from here on commands say where the tip is


class LogFault(Exception):  # noqa: N818 - it says what is wrong with the log
    """A log that can't be used, and why."""


@dataclass(frozen=True, slots=True)
class RunLog:
    """A run: its commands in the project's vocabulary, and how long each engine command took.

    `seconds` is by the command's number in the log; None where it has no times.
    """

    robot: str
    trace: Trace
    seconds: tuple[float | None, ...]


def read_run_log(path: Path) -> RunLog:
    """Reads a log. Raises LogFault with what is wrong, and where."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise LogFault("it is larger than any run log")
        document: Any = json.loads(path.read_bytes())
    except OSError as error:
        raise LogFault(f"it can't be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise LogFault(f"it is no JSON: {error}") from error
    return run_log(document)


def run_log(document: object) -> RunLog:
    """The same from the JSON value."""
    commands = _commands(document)
    engine, seconds = [], []
    definitions: dict[str, Mapping[str, Any]] = {}
    for number, command in enumerate(commands, start=1):
        if not isinstance(command, dict) or not isinstance(command.get("commandType"), str):
            raise LogFault(f"command {number} has no commandType")
        engine.append(_engine_command(command, definitions))
        seconds.append(_seconds(command, number))
    robot = _robot(document, engine)
    try:
        traced = trace(
            EngineRun(
                version="",
                robot=robot,
                api_level=_LEVEL,
                commands=tuple(engine),
                definitions=definitions,
            )
        )
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        # the log's own keys and values, which the reader of a simulation may take for granted
        raise LogFault(f"a command lacks what Opentrons writes ({error!r})") from error
    return RunLog(robot, traced, tuple(seconds))


def _commands(document: object) -> Sequence[Any]:
    """The list of commands, wherever the download has it."""
    for _ in range(3):
        if isinstance(document, list):
            return document
        if not isinstance(document, dict):
            break
        document = document["commands"] if "commands" in document else document.get("data")
    if isinstance(document, list):
        return document
    raise LogFault("it has no list of `commands`")


def _engine_command(
    command: Mapping[str, Any], definitions: dict[str, Mapping[str, Any]]
) -> EngineCommand:
    params, result = command.get("params"), command.get("result")
    result = dict(result) if isinstance(result, dict) else {}
    definition = result.get("definition")
    if isinstance(definition, dict):
        names = (definition.get("parameters") or {}, definition.get("version"))
        key = f"{definition.get('namespace')}/{names[0].get('loadName')}/{names[1]}"
        definitions[key] = definition
        result["definition"] = key
    failed = command.get("status") == "failed" or command.get("error") is not None
    return EngineCommand(
        command["commandType"],
        params if isinstance(params, dict) else {},
        result,
        None,
        failed or not isinstance(command.get("result"), dict),
    )


def _seconds(command: Mapping[str, Any], number: int) -> float | None:
    started, completed = command.get("startedAt"), command.get("completedAt")
    if not (isinstance(started, str) and isinstance(completed, str)):
        return None
    try:
        taken = datetime.fromisoformat(completed) - datetime.fromisoformat(started)
    except (ValueError, TypeError) as error:  # TypeError: one with a time zone, one without
        raise LogFault(f"command {number} has times that are none: {started}, {completed}") from (
            error
        )
    return max(0.0, taken.total_seconds())


def _robot(document: object, commands: Sequence[EngineCommand]) -> str:
    """What an analysis says; else by the pipettes, whose names differ."""
    said = document.get("robotType") if isinstance(document, dict) else None
    if said in _ROBOTS:
        return _ROBOTS[said]
    for command in commands:
        if command.kind == "loadPipette":
            return "Flex" if "flex" in str(command.params.get("pipetteName")) else "OT-2"
    raise LogFault("it loads no pipette, so nobody can tell which robot it is")
