"""A plan.json into the types of `simulate.plan`; what is wrong with it is said with its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from compiler.target.clock_parameters import FITTABLE
from compiler.target.commands import WellRef
from simulate.liquids import Home, Liquid, Parcel
from simulate.plan import (
    Action,
    Charge,
    Contents,
    Draw,
    Drops,
    Hold,
    Limit,
    Mixing,
    Plan,
    PlanFault,
    PlannedStep,
    Portions,
    Script,
    Stand,
    StepActions,
    Stock,
    Temperature,
)


def read_plan(document: Mapping[str, Any]) -> Plan:
    """Read a plan. Raises PlanFault with the place of the first thing that is wrong."""
    if document.get("version") != 1:
        raise PlanFault(f"version {document.get('version')!r}; this is version 1")
    wells: dict[tuple[str, str], WellRef] = {}
    for entry in _entries(document, "reactions"):
        for vessel, place in entry.of("wells", Mapping, {}).items():
            wells[entry.text("id"), vessel] = WellRef(place["labware"], place["well"])
    waste = {
        kind: WellRef(place["labware"], place["well"])
        for kind, place in (document.get("waste") or {}).items()
        if place
    }
    timing = document.get("timing") or {}
    return Plan(
        wells=wells,
        waste=waste,
        stocks=tuple(_stock(entry) for entry in _entries(document, "stocks")),
        charges=tuple(_charge(entry) for entry in _entries(document, "charges")),
        draws=tuple(_draw(entry) for entry in _entries(document, "draws")),
        holds=tuple(_hold(entry) for entry in _entries(document, "holds")),
        temperatures=tuple(_temperature(entry) for entry in _entries(document, "temperatures")),
        mixes=tuple(_mixing(entry, wells) for entry in _entries(document, "mixes")),
        contents=tuple(_contents(entry) for entry in _entries(document, "contents")),
        steps=tuple(
            PlannedStep(
                entry.text("id"),
                entry.of("verb", str, ""),
                entry.of("text", str, ""),
                entry.of("by", str, "robot") == "operator",
                entry.of("file", str, ""),
                int(entry.maybe("line") or 1),
            )
            for entry in _entries(document, "steps")
        ),
        scripts=tuple(_script(entry) for entry in _entries(document, "scripts")),
        module_slots={
            entry.text("label"): entry.of("slot", str, "")
            for entry in _entries(document, "deck")
            if entry.of("label", str, "")
        },
        lower_bound_s=timing.get("lower_bound_s"),
        robot=(document.get("robot") or {}).get("type"),
        clock=_clock(document.get("robot") or {}),
        limits=tuple(
            Limit(entry.text("step"), entry.text("after"), entry.number("within_s"))
            for entry in _entries(document, "limits")
        ),
        stands=tuple(_stand(entry) for entry in _entries(document, "stands")),
        actions=tuple(_step_actions(entry) for entry in _entries(document, "actions")),
    )


def _stand(entry: _Entry) -> Stand:
    number = entry.maybe("round")
    return Stand(
        entry.text("step"),
        entry.number("s"),
        None if number is None else int(number),
        tuple(str(reaction) for reaction in entry.of("reactions", list, [])),
    )


def _clock(robot: Mapping[str, Any]) -> dict[str, float]:
    """The parameters of the robot's own clock; none where the plan has no such."""
    entry = _Entry("robot.clock", robot.get("clock") or {})
    unknown = [name for name in entry.values if name not in FITTABLE]
    if unknown:
        raise PlanFault(f"robot.clock.{unknown[0]} is no parameter of a clock")
    return {name: entry.number(name) for name in entry.values}


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry of one of the plan's lists, read with its place in the messages."""

    place: str
    values: Mapping[str, Any]

    def of(self, key: str, kind: type[Any], default: Any) -> Any:
        value = self.values.get(key)
        if value is None:
            return default
        if not isinstance(value, kind):
            raise PlanFault(f"{self.place}.{key} is {value!r}")
        return value

    def text(self, key: str) -> str:
        value = self.of(key, str, None)
        if value is None:
            raise PlanFault(f"{self.place} has no {key}")
        return str(value)

    def maybe(self, key: str) -> float | None:
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise PlanFault(f"{self.place}.{key} is {value!r}, not a number")
        return float(value)

    def number(self, key: str) -> float:
        value = self.maybe(key)
        if value is None:
            raise PlanFault(f"{self.place} has no {key}")
        return value


def _entries(document: Mapping[str, Any], key: str) -> list[_Entry]:
    listed = document.get(key) or []
    if not isinstance(listed, list) or not all(isinstance(item, Mapping) for item in listed):
        raise PlanFault(f"{key} is not a list of objects")
    return [_Entry(f"{key}[{i}]", item) for i, item in enumerate(listed)]


def _script(entry: _Entry) -> Script:
    file, part = entry.text("file"), int(entry.number("part"))
    held = entry.of("hold", Mapping, None)
    if held is None:
        return Script(file, part)
    hold = _Entry(f"{entry.place}.hold", held)
    return Script(file, part, hold.text("step"), hold.number("s"))


def _stock(entry: _Entry) -> Stock:
    return Stock(
        material=entry.text("material"),
        well=WellRef(entry.text("labware"), entry.text("well")),
        volume_ul=entry.number("uL"),
        dead_ul=entry.maybe("dead_uL") or 0.0,
        per_ul=_per_ul(entry),
    )


def _per_ul(entry: _Entry) -> Parcel:
    """What 1 µL is, by `liquids` and `composition_mmol_mL`."""
    fractions: dict[Liquid, float] = {}
    for item in entry.of("liquids", list, []):
        liquid = Liquid(item["name"], float(item["density_g_mL"]), item["miscibility"])
        fractions[liquid] = fractions.get(liquid, 0.0) + float(item["fraction"])
    if not fractions:  # a plan without the liquids: volumes can still be proven
        fractions[Liquid(entry.text("material"), 0.0, "unknown")] = 1.0
    homes = {liquid.name: liquid.home for liquid in fractions}
    organic = sum(part for liquid, part in fractions.items() if liquid.home == "organic")
    main: Home = "organic" if organic >= 0.5 else "aqueous"
    mmol = {
        (name, homes.get(name, main)): float(per_ml) / 1000.0
        for name, per_ml in entry.of("composition_mmol_mL", Mapping, {}).items()
    }
    return Parcel(fractions, mmol)


def _charge(entry: _Entry) -> Charge:
    portions, drops = entry.of("portions", Mapping, None), entry.of("dropwise", Mapping, None)
    return Charge(
        step=entry.text("step"),
        reaction=entry.text("reaction"),
        material=entry.text("material"),
        vessel=entry.text("vessel"),
        mmol=entry.maybe("mmol"),
        mass_mg=entry.maybe("mg"),
        volume_ul=entry.maybe("uL"),
        by_operator=entry.of("by", str, "robot") == "operator",
        round=int(entry.maybe("round") or 1),
        portions=portions and Portions(int(portions["n"]), float(portions.get("every_s") or 0.0)),
        drops=drops
        and Drops(
            int(drops["drops"]),
            float(drops["drop_uL"]),
            float(drops["interval_s"]),
            drops.get("pipette"),
        ),
        per_ul=_per_ul(entry) if entry.of("liquids", list, []) else None,
    )


def _draw(entry: _Entry) -> Draw:
    return Draw(
        step=entry.text("step"),
        reaction=entry.text("reaction"),
        vessel=entry.text("vessel"),
        into=entry.of("into", str, None),
        round=int(entry.maybe("round") or 1),
        phase=entry.of("phase", str, "single"),
        position=entry.of("position", str, "single"),
        volume_ul=entry.number("uL"),
        guard_ul=entry.maybe("guard_uL"),
        interface_mm=entry.maybe("interface_mm"),
        tip_mm=entry.maybe("tip_mm"),
        by_operator=entry.of("by", str, "robot") == "operator",
    )


def _hold(entry: _Entry) -> Hold:
    part = entry.maybe("part")
    return Hold(
        step=entry.text("step"),
        seconds=entry.number("s"),
        celsius=entry.maybe("temperature_degC"),
        rpm=entry.maybe("shaken_rpm"),
        module=entry.of("module", str, None),
        part=None if part is None else int(part),
    )


def _temperature(entry: _Entry) -> Temperature:
    part, tolerance = entry.maybe("part"), entry.maybe("tolerance_K")
    return Temperature(
        step=entry.text("step"),
        celsius=entry.maybe("degC"),
        tolerance_k=1.0 if tolerance is None else tolerance,
        vessel=entry.of("vessel", str, None),
        module=entry.of("module", str, None),
        part=None if part is None else int(part),
    )


def _mixing(entry: _Entry, wells: Mapping[tuple[str, str], WellRef]) -> Mixing:
    if entry.of("well", str, None):
        well = WellRef(entry.text("labware"), entry.text("well"))
    else:
        key = entry.text("reaction"), entry.text("vessel")
        if key not in wells:
            raise PlanFault(f"{entry.place}: {key[1]} of {key[0]} has no well")
        well = wells[key]
    times = entry.maybe("n")
    cycles = int(entry.number("cycles")) * (1 if times is None else int(times))
    return Mixing(entry.text("step"), well, cycles, entry.number("uL"))


def _step_actions(entry: _Entry) -> StepActions:
    does: list[Action] = []
    for item in _entries(entry.values, "does"):
        numbers = {
            key: item.number(key) for key in item.values if key not in ("do", "mount", "at", "n")
        }
        mount, at = item.of("mount", str, None), item.of("at", str, None)
        does.append(Action(item.text("do"), mount, at, numbers, int(item.number("n"))))
    step = entry.of("step", str, None)
    return StepActions(int(entry.number("part")), step, tuple(does), entry.of("order", str, ""))


def _solvents(entry: _Entry) -> Mapping[str, float]:
    """µL of each liquid, over the layers."""
    total: dict[str, float] = {}
    for phase in entry.of("phases", list, []):
        for name, volume in (phase.get("solvents_uL") or {}).items():
            total[name] = total.get(name, 0.0) + float(volume)
    return total


def _contents(entry: _Entry) -> Contents:
    return Contents(
        step=entry.text("step"),
        moment=entry.of("moment", str, ""),
        round=int(entry.maybe("round") or 1),
        reaction=entry.text("reaction"),
        vessel=entry.text("vessel"),
        volume_ul=entry.number("uL"),
        mmol={k: float(v) for k, v in entry.of("mmol", Mapping, {}).items() if v is not None},
        solvents_ul=_solvents(entry),
    )
