"""What a vessel is made of, and what is in the air around it: P-MAT-1 and P-ATMOSPHERE."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.chemistry.compatibility import ContactLimit, contact_limit, rating, resistance
from compiler.chemistry.temperature import vessels_of
from compiler.diagnostics.codes import platform as p
from compiler.diagnostics.finding import Finding
from compiler.passes.lint.scenes import Scene, Story

_AIR = frozenset({"air", "ambient", "ambient air"})
_MARKS = {"-": "not suitable", "0": "attacked in days"}


def resistance_of_materials(story: Story) -> Iterator[Finding]:
    """P-MAT-1, on the step that brings a liquid into a vessel that it attacks.

    Contact counts from there until the liquid has left the vessel, by the planned times of all
    steps in between.
    """
    for vessel in story.vessels:
        scenes = story.of_vessel(vessel)
        material = next((s.housing.material for s in scenes if s.housing is not None), None)
        if material is None:
            continue
        for name in dict.fromkeys(name for scene in scenes for name in scene.liquids_ul):
            yield from _contact(story, material, name, _held(scenes, name))


def _held(scenes: tuple[Scene, ...], name: str) -> tuple[Scene, ...]:
    """The scenes in which a liquid is a noticeable part of a vessel's contents."""
    share = resistance().minimum_share
    return tuple(s for s in scenes if s.liquids_ul.get(name, 0.0) >= share * s.volume_ul > 0)


def _contact(
    story: Story, material: str, name: str, scenes: tuple[Scene, ...]
) -> Iterator[Finding]:
    liquid = story.liquids.get(name)
    if liquid is None or not scenes:
        return
    mark = rating(liquid.substance, material)
    limit = contact_limit(material, mark) if mark is not None else None
    seconds = sum(scene.condition.seconds for scene in scenes)
    hottest = max(scene.condition.temperature_c for scene in scenes)
    if mark is None or limit is None or not limit.exceeded(seconds, hottest):
        return
    first = scenes[0]
    yield p.MAT_1.at(
        first.cause,
        f"{name} in {first.vessel} ({material}): {material} is {_MARKS[mark]} with it"
        f"{_duration(limit, seconds, hottest)}",
        help="use glass (`material: glass` on the vessel, and labware of glass on the bench), or "
        "another solvent",
        step=first.step.id,
        severity=limit.severity,
    )


def _duration(limit: ContactLimit, seconds: float, hottest: float) -> str:
    if limit.hours is None:
        return ""
    there = f", and it stays there for {seconds / 3600.0:.1f} h"
    if limit.above_c is not None and hottest > limit.above_c:
        return f"{there}, up to {hottest:g} °C"
    return f"{there} (limit {limit.hours:g} h)"


def atmosphere(story: Story) -> Iterator[Finding]:
    """P-ATMOSPHERE: a vessel wants nitrogen or argon, and the deck is ambient air."""
    bench = story.ledger.house.bench
    if bench is None or bench.enclosure:
        return
    for name, vessel in story.procedure.vessels.items():
        if vessel.atmosphere is None or vessel.atmosphere.casefold() in _AIR:
            continue
        by_robot = [
            step
            for step in story.procedure.steps
            if name in vessels_of(step) and not step.by_operator
        ]
        if by_robot:
            yield p.AIR.at(
                vessel.spans.at("atmosphere"),
                f"{name} is to be under {vessel.atmosphere}, and the robot works on it in ambient "
                f"air, first at {by_robot[0].id!r}",
                help="give the bench an `enclosure: true` if it stands in one, or write "
                "`by: operator` on the steps of this vessel",
            )
