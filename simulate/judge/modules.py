"""Modules: temperatures that their makers do not guarantee, nobody waits for, or stay on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from compiler.diagnostics.codes import platform as p
from compiler.diagnostics.finding import Severity
from compiler.target import commands as c
from compiler.target.modules import Module, load_module
from simulate.judge.case import Case, Fault, Where, fault, of

WARM_C = 30.0  # above this a module left on heats
SAME_K = 0.05


def _module(case: Case, label: str) -> Module | None:
    loaded = case.trace.modules.get(label)
    try:
        return load_module(loaded.model) if loaded else None
    except LookupError:  # one that this compiler does not plan with
        return None


def check_range(case: Case) -> Iterator[Fault]:
    """Set points outside what the maker guarantees, in profiles too."""
    wanted: list[tuple[str, float, Where]] = []
    for traced in case.trace.commands:
        match traced.command:
            case c.SetTemperature(label, celsius):
                wanted.append((label, celsius, of(traced)))
            case _:
                pass
    for happening in case.trace.happenings:
        if happening.kind.startswith("thermocycler/run"):
            wanted += [
                (happening.subject, celsius, of(happening))
                for celsius in _profile(happening.params)
            ]
    for label, celsius, where in wanted:
        module = _module(case, label)
        if module is None or module.min_c is None or module.max_c is None:
            continue
        if module.min_c - SAME_K <= celsius <= module.max_c + SAME_K:
            continue
        cold = celsius < module.min_c
        advice = f"set at least {module.min_c:g} °C" if cold else f"set at most {module.max_c:g} °C"
        if cold and not module.cools:
            advice += "; this module can't cool: deactivate it to let it come to room temperature"
        yield fault(
            p.T_MIN if cold else p.T_MAX,
            where,
            f"{label} is set to {celsius:g} °C; {module.display_name} guarantees "
            f"{module.min_c:g} to {module.max_c:g} °C",
            advice,
        )


def _profile(params: object) -> list[float]:
    """Every temperature in a thermocycler's profile, whatever its nesting."""
    if isinstance(params, dict):
        own = [float(params["celsius"])] if isinstance(params.get("celsius"), int | float) else []
        return own + [t for value in params.values() for t in _profile(value)]
    if isinstance(params, list | tuple):
        return [t for item in params for t in _profile(item)]
    return []


@dataclass(slots=True)
class _Open:
    """A set point that nothing has waited for yet."""

    celsius: float
    where: Where
    used: Where | None = None  # where labware on the module was pipetted at


def check_awaited(case: Case) -> Iterator[Fault]:
    """Waits without a set point; set points that nothing waits for."""
    on = {item.label: item.on for item in case.trace.labware.values() if item.on}
    target: dict[str, float] = {}
    pending: dict[str, _Open] = {}
    for traced in case.trace.commands:
        match traced.command:
            case c.SetTemperature(label, celsius):
                if label in pending:
                    yield from _never(case, label, pending.pop(label))
                target[label] = celsius
                pending[label] = _Open(celsius, of(traced))
            case c.AwaitTemperature(label, celsius):
                if label not in target or abs(target[label] - celsius) > SAME_K:
                    yield _for_nothing(label, celsius, target.get(label), of(traced))
                    continue
                left = pending.pop(label, None)
                if left is not None and left.used is not None and not case.planned:
                    yield _early(label, left)
            case c.Deactivate(label):
                target.pop(label, None)
                if label in pending:
                    yield from _never(case, label, pending.pop(label))
            case c.MoveLabware(labware, to):
                on.pop(labware, None)
                if to in case.trace.modules:
                    on[labware] = to
            case c.Aspirate(_, c.WellRef() as well) | c.Dispense(_, c.WellRef() as well):
                waiting = pending.get(on.get(well.labware, ""))
                if waiting is not None and waiting.used is None:
                    waiting.used = of(traced)
            case _:
                pass
    if case.complete:
        for label, left in pending.items():
            yield from _never(case, label, left)


def _for_nothing(label: str, celsius: float, target: float | None, where: Where) -> Fault:
    now = "has no set point" if target is None else f"was set to {target:g} °C"
    return fault(
        p.AWAIT,
        where,
        f"the script waits for {label} to reach {celsius:g} °C, and it {now}",
        "set the temperature first; on the robot this would wait for ever",
    )


def _never(case: Case, label: str, left: _Open) -> Iterator[Fault]:
    if left.used is not None:
        yield fault(
            p.AWAIT,
            left.used,
            f"labware on {label} is pipetted at while the module is on its way to "
            f"{left.celsius:g} °C, and nothing waits for that",
            "wait for the temperature first",
        )
    elif label in {item.on for item in case.trace.labware.values()} and not case.planned:
        yield fault(
            p.AWAIT,
            left.where,
            f"{label} is set to {left.celsius:g} °C, and nothing waits for that",
            "wait for the temperature, or leave the set point out",
            Severity.WARNING,
        )


def _early(label: str, left: _Open) -> Fault:
    assert left.used is not None  # the caller looked
    return fault(
        p.AWAIT,
        left.used,
        f"labware on {label} is pipetted at before the module is waited for ({left.celsius:g} °C)",
        "wait before pipetting where the temperature matters from the start",
        Severity.NOTE,
    )


def check_left_on(case: Case) -> Iterator[Fault]:
    """What still shakes, heats or cools when the script ends."""
    if not (case.complete and case.last):
        return
    places: dict[str, Where] = {}
    celsius: dict[str, float] = {}
    for traced in case.trace.commands:
        match traced.command:
            case c.Shake(label):
                places[f"{label} shakes"] = of(traced)
            case c.SetTemperature(label, target):
                places[label], celsius[label] = of(traced), target
            case c.Deactivate(label):
                celsius.pop(label, None)
            case _:
                pass
    for label, rpm in case.ledger.state.climate.rpm.items():
        if rpm > 0 and f"{label} shakes" in places:
            yield fault(
                p.LEFT_ON,
                places[f"{label} shakes"],
                f"{label} still shakes at {rpm} rpm when the script ends",
                "call deactivate_shaker() at the end",
            )
    for label, target in celsius.items():
        hot = target > WARM_C
        if case.planned and not hot:
            continue
        yield fault(
            p.LEFT_ON,
            places[label],
            f"{label} still {'heats to' if hot else 'keeps'} {target:g} °C when the script ends",
            "deactivate it at the end" if hot else "this is in order if it is to stay cold",
            Severity.WARNING if hot else Severity.NOTE,
        )
    yield from _lid(case)


def _lid(case: Case) -> Iterator[Fault]:
    left: dict[str, tuple[float, Where]] = {}
    for happening in case.trace.happenings:
        if happening.kind == "thermocycler/setTargetLidTemperature":
            left[happening.subject] = float(happening.params["celsius"]), of(happening)
        elif happening.kind == "thermocycler/deactivateLid":
            left.pop(happening.subject, None)
    for label, (target, where) in left.items():
        yield fault(
            p.LEFT_ON,
            where,
            f"the lid of {label} still heats to {target:g} °C when the script ends",
            "call deactivate_lid() at the end",
            Severity.NOTE,
        )
