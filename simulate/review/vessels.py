"""Each vessel of the procedure over the run: one plot, on which a reaction is chosen."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from compiler.stages.program import Program
from simulate.review import vessel_plot
from simulate.review.timetable import Timetable
from simulate.review.values import Plan
from simulate.review.wells import home_of, in_order


@dataclass(frozen=True, slots=True)
class VesselSection:
    """One vessel of the procedure: its plot, and the highest volume that it reaches."""

    name: str
    labware: str
    count: int
    capacity_ul: float
    highest_ul: float
    limit_ul: float
    closed: tuple[str, ...]
    svg: Markup


def choices(plan: Plan) -> list[tuple[str, str]]:
    """The reactions whose plots can be shown: id, and what to call it."""
    found = []
    for reaction in plan["reactions"]:
        well = " ".join(home_of(plan, reaction) or ())
        words = [reaction["id"], well, reaction.get("name", "")]
        found.append((reaction["id"], " · ".join(word for word in words if word)))
    return found


def vessels(program: Program, table: Timetable, suffix: str) -> tuple[VesselSection, ...]:
    """Each vessel of the procedure with its plot."""
    ledger = program.layout.operations.ledger
    names = in_order(program.layout)
    found = []
    for number, name in enumerate(names):
        housing = ledger.house.housings[name]
        capacity = housing.capacity_ul or 0.0
        courses = _courses(program, table, name)
        plot = vessel_plot.VesselPlot(
            vessel=name,
            capacity_ul=capacity,
            limit_ul=capacity * ledger.house.fill_limit,
            courses=courses,
        )
        closed = [s.step for s in ledger.snapshots if s.vessel == name and s.closed]
        found.append(
            VesselSection(
                name=name,
                labware=housing.labware.display_name if housing.labware else "",
                count=len(courses),
                capacity_ul=capacity,
                highest_ul=ledger.highest_ul.get(name, 0.0),
                limit_ul=plot.limit_ul,
                closed=tuple(dict.fromkeys(closed)),
                svg=vessel_plot.vessel(plot, table.parts, f"{number}{suffix}"),
            )
        )
    return tuple(found)


def _courses(program: Program, table: Timetable, name: str) -> list[vessel_plot.Course]:
    """What happens in a vessel, for each reaction that has it."""
    ledger = program.layout.operations.ledger
    seen: dict[str, list[tuple[float, float]]] = {}
    ph: dict[str, list[tuple[float, float, float]]] = {}
    for s in ledger.snapshots:
        if s.vessel == name and s.step in table.steps:
            starts_s = table.steps[s.step][0]
            seen.setdefault(s.reaction, []).append((starts_s, s.temperature_c))
            if s.ph:
                ph.setdefault(s.reaction, []).append((starts_s, *s.ph))
    gas: dict[str, list[tuple[float, str]]] = {}
    for g in ledger.gas:
        if g.vessel in (name, ""):
            at_s = table.steps.get(g.step, (0.0, 0.0))[0]
            gas.setdefault(g.reaction, []).append((at_s, f"{g.volume_ml:.2f} mL {g.gas} at worst"))
    return [
        vessel_plot.Course(
            reaction=reaction,
            volumes=points,
            drops=table.drops.get((reaction, vessel), []),
            temperatures=seen.get(reaction, []),
            ph=ph.get(reaction, []),
            gas=gas.get(reaction, []),
        )
        for (reaction, vessel), points in table.volumes.items()
        if vessel == name
    ]
