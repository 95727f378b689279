"""The engine's commands in the project's own vocabulary (`compiler.target.commands`).

Heights are worked out from each command's own location (origin and offset) and the depth of the
well, so that nothing here depends on where the labware stands. What the vocabulary has no word
for is counted and left out. How each family of commands is read stands in `tracing/`.
"""

from __future__ import annotations

from collections.abc import Mapping

from compiler.target import commands as c
from simulate.engine import EngineCommand, EngineRun
from simulate.traced import Trace
from simulate.tracing import deck, modules, pipetting
from simulate.tracing.reader import Handler, Reader

_HANDLERS: Mapping[str, Handler] = {**deck.HANDLERS, **pipetting.HANDLERS, **modules.HANDLERS}

# Kept word for word for the judge, whether the vocabulary has a word for them or not.
_HAPPENINGS = frozenset(
    {
        "configureForVolume",
        "configureNozzleLayout",
        "loadLabware",
        "moveLabware",
        "setTipState",
        "heaterShaker/setTargetTemperature",
        "heaterShaker/waitForTemperature",
        "temperatureModule/setTargetTemperature",
        "temperatureModule/waitForTemperature",
        "thermocycler/setTargetLidTemperature",
        "thermocycler/waitForLidTemperature",
        "thermocycler/deactivateLid",
        "thermocycler/runProfile",
        "thermocycler/runExtendedProfile",
    }
)


def trace(run: EngineRun) -> Trace:
    """Translate a run."""
    reader = Reader(run)
    for index, command in enumerate(run.commands):
        _read(reader, index, command)
    return Trace(
        robot=run.robot,
        api_level=run.api_level,
        version=run.version,
        count=len(run.commands),
        commands=tuple(reader.traced),
        labware={item.label: item for item in reader.labware.values()},
        pipettes={item.mount: item for item in reader.pipettes.values()},
        modules={item.label: item for item in reader.modules.values()},
        declared_ul=reader.declared,
        loaded_ul={
            c.WellRef(reader.labware[labware].label, well): volume
            for (labware, well), volume in run.loaded_ul.items()
            if labware in reader.labware
        },
        ignored=dict(sorted(reader.ignored.items())),
        declared=tuple(reader.said),
        happenings=tuple(reader.happenings),
    )


def _read(reader: Reader, index: int, command: EngineCommand) -> None:
    """Translate one command; one that failed (no result) is left to the engine's error."""
    reader.turn_to(index, command)
    if command.failed:
        return
    if command.kind in _HAPPENINGS:
        reader.happen(command)
    handler = _HANDLERS.get(command.kind)
    if handler is None:
        reader.ignored[command.kind] += 1
        return
    handler(reader, command.params, command.result)
