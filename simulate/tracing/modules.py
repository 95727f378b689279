"""Time, the operator, modules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compiler.target import commands as c
from simulate.traced import step_of
from simulate.tracing.reader import Handler, Reader


def _comment(reader: Reader, params: Mapping[str, Any], result: Mapping[str, Any]) -> None:
    message = str(params.get("message", ""))
    reader.step = step_of(message) or reader.step
    reader.emit(c.Comment(message))


def _pause(reader: Reader, params: Mapping[str, Any], result: Mapping[str, Any]) -> None:
    reader.emit(c.Pause(str(params.get("message", ""))))


def _delay(reader: Reader, params: Mapping[str, Any], result: Mapping[str, Any]) -> None:
    reader.emit(c.Delay(float(params["seconds"])))


def _create_timer(reader: Reader, params: Mapping[str, Any], result: Mapping[str, Any]) -> None:
    name = f"timer-{sum(kind == 'timer' for kind, _ in reader.tasks.values()) + 1}"
    reader.tasks[str(result.get("task_id", name))] = ("timer", name)
    reader.emit(c.StartTimer(name, float(params["time"])))


def _wait_for_tasks(reader: Reader, params: Mapping[str, Any], result: Mapping[str, Any]) -> None:
    tasks = [reader.tasks[task] for task in params["task_ids"] if task in reader.tasks]
    timers = tuple(name for kind, name in tasks if kind == "timer")
    if timers:
        reader.emit(c.AwaitTimers(timers))
    for kind, label in tasks:
        if kind == "module" and label in reader.targets:
            reader.emit(c.AwaitTemperature(label, reader.targets[label]))


def _set_temperature(reader: Reader, params: Mapping[str, Any], result: Mapping[str, Any]) -> None:
    label = reader.modules[params["moduleId"]].label
    reader.targets[label] = float(params["celsius"])
    if "taskId" in result:
        reader.tasks[str(result["taskId"])] = ("module", label)
    reader.emit(c.SetTemperature(label, reader.targets[label]))


def _await_temperature(
    reader: Reader, params: Mapping[str, Any], result: Mapping[str, Any]
) -> None:
    label = reader.modules[params["moduleId"]].label
    celsius = params.get("celsius", reader.targets.get(label))
    if celsius is not None:
        reader.emit(c.AwaitTemperature(label, float(celsius)))


def _deactivate(reader: Reader, params: Mapping[str, Any], result: Mapping[str, Any]) -> None:
    label = reader.modules[params["moduleId"]].label
    reader.targets.pop(label, None)
    reader.emit(c.Deactivate(label))


def _shake(reader: Reader, params: Mapping[str, Any], result: Mapping[str, Any]) -> None:
    reader.emit(c.Shake(reader.modules[params["moduleId"]].label, round(float(params["rpm"]))))


def _stop_shaking(reader: Reader, params: Mapping[str, Any], result: Mapping[str, Any]) -> None:
    reader.emit(c.StopShaking(reader.modules[params["moduleId"]].label))


def _latch(reader: Reader, params: Mapping[str, Any], result: Mapping[str, Any]) -> None:
    reader.emit(c.Latch(reader.modules[params["moduleId"]].label, close=True))


def _unlatch(reader: Reader, params: Mapping[str, Any], result: Mapping[str, Any]) -> None:
    reader.emit(c.Latch(reader.modules[params["moduleId"]].label, close=False))


HANDLERS: Mapping[str, Handler] = {
    "comment": _comment,
    "waitForResume": _pause,
    "pause": _pause,
    "waitForDuration": _delay,
    "createTimer": _create_timer,
    "waitForTasks": _wait_for_tasks,
    "temperatureModule/setTargetTemperature": _set_temperature,
    "temperatureModule/waitForTemperature": _await_temperature,
    "temperatureModule/deactivate": _deactivate,
    "heaterShaker/setTargetTemperature": _set_temperature,
    "heaterShaker/waitForTemperature": _await_temperature,
    "heaterShaker/deactivateHeater": _deactivate,
    "heaterShaker/setShakeSpeed": _shake,
    "heaterShaker/setAndWaitForShakeSpeed": _shake,
    "heaterShaker/deactivateShaker": _stop_shaking,
    "heaterShaker/closeLabwareLatch": _latch,
    "heaterShaker/openLabwareLatch": _unlatch,
    "thermocycler/setTargetBlockTemperature": _set_temperature,
    "thermocycler/waitForBlockTemperature": _await_temperature,
    "thermocycler/deactivateBlock": _deactivate,
}
