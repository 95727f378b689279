"""What a rule sees: a vessel at a step, with what is in it, how warm, open or closed, and where.

A scene stands for each step and each vessel that holds something during it. The rules read
scenes; none of them reads the ledger's books.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from compiler.chemistry.temperature import (
    ROOM_C,
    Condition,
    all_vessels,
    conditions,
    own_temperature,
    vessels_of,
)
from compiler.diagnostics.finding import Span
from compiler.passes.lint.presence import Arrivals, Present
from compiler.stages.charges import Liquid, Reaction
from compiler.stages.contents import GasEvolved, Ledger, Phase, Snapshot
from compiler.stages.documents import (
    AdjustPh,
    AnyStep,
    Extract,
    Hydrogenate,
    Monitor,
    Procedure,
    Purify,
)
from compiler.stages.vessels import Housing
from compiler.target.geometry import WellShape


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A vessel during a step. `volume_ul` is its highest in the step; `phases` lower first."""

    step: AnyStep
    index: int  # of the step
    vessel: str
    named: bool  # whether the step names the vessel
    condition: Condition
    volume_ul: float
    phases: tuple[Phase, ...]
    mmol: Mapping[str, float]
    housing: Housing | None
    present: tuple[Present, ...] = ()

    @property
    def liquids_ul(self) -> dict[str, float]:
        """Liquid name -> uL, over all layers."""
        total: dict[str, float] = {}
        for phase in self.phases:
            for name, volume_ul in phase.solvents_ul.items():
                total[name] = total.get(name, 0.0) + volume_ul
        return total

    @property
    def shape(self) -> WellShape | None:
        """The inside of the vessel's wells."""
        if self.housing is None or self.housing.labware is None:
            return None
        return next((well.shape for well in self.housing.labware.wells.values()), None)

    @property
    def temperature_span(self) -> Span:
        """The temperature that the step asks for; else what it adds at one set before."""
        own = own_temperature(self.step)
        return own.span if own is not None and own is self.condition.written else self.cause

    @property
    def cause(self) -> Span:
        """The value in the step that brings something into the vessel."""
        if isinstance(self.step, (Extract, AdjustPh)) and self.vessel == self.step.vessel:
            return self.step.spans.at("with")
        if isinstance(self.step, Hydrogenate):
            return self.step.spans.at("catalyst")
        for key in ("material", "into", "to"):
            if key in self.step.spans.keys:
                return self.step.spans.at(key)
        return self.step.spans.whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One reaction of a run, step by step: what every rule is given."""

    reaction: Reaction
    procedure: Procedure
    ledger: Ledger
    scenes: tuple[Scene, ...]
    liquids: Mapping[str, Liquid]
    gas: tuple[GasEvolved, ...] = field(default=())
    waste: tuple[Scene, ...] = field(default=())  # of the last reaction: it has seen it all

    def of_vessel(self, vessel: str) -> tuple[Scene, ...]:
        """The scenes of one vessel, in order."""
        return tuple(scene for scene in self.scenes if scene.vessel == vessel)

    @property
    def vessels(self) -> tuple[str, ...]:
        """The vessels that hold something at any time, in order."""
        return tuple(dict.fromkeys(scene.vessel for scene in self.scenes))

    def used_later(self, vessel: str, index: int) -> AnyStep | None:
        """The first step after `index` that names a vessel."""
        for step in self.procedure.steps[index + 1 :]:
            if vessel in vessels_of(step):
                return step
        return None


def stories(ledger: Ledger) -> tuple[Story, ...]:
    """A story for each reaction."""
    recipe = ledger.charges.recipe
    liquids = {
        liquid.name: liquid for supplied in recipe.supplied.values() for liquid in supplied.liquids
    }
    table = conditions(ledger.charges, ledger.house)
    of_reaction: dict[str, dict[tuple[str, str], list[Snapshot]]] = {}
    for snap in ledger.snapshots:
        by_place = of_reaction.setdefault(snap.reaction, {})
        by_place.setdefault((snap.step, snap.vessel), []).append(snap)
    gases: dict[str, list[GasEvolved]] = {}
    for gas in ledger.gas:
        gases.setdefault(gas.reaction, []).append(gas)
    told = []
    last = next(reversed(ledger.charges.reactions), None)
    for reaction in ledger.charges.reactions:
        of_place = of_reaction.get(reaction.id, {})
        arrivals = Arrivals(recipe, liquids)
        told.append(
            Story(
                reaction=reaction,
                procedure=recipe.procedure,
                ledger=ledger,
                scenes=_scenes(ledger, table, of_place, arrivals),
                liquids=liquids,
                gas=tuple(gases.get(reaction.id, ())),
                waste=_waste(ledger, of_place, arrivals) if reaction is last else (),
            )
        )
    return tuple(told)


def _scenes(
    ledger: Ledger,
    table: Mapping[tuple[str, str], Condition],
    snapshots: Mapping[tuple[str, str], list[Snapshot]],
    arrivals: Arrivals,
) -> tuple[Scene, ...]:
    procedure = ledger.charges.recipe.procedure
    now: dict[str, Snapshot] = {}
    scenes: list[Scene] = []
    for index, step in enumerate(procedure.steps):
        named = vessels_of(step)
        for vessel in all_vessels(procedure):
            during = snapshots.get((step.id, vessel), [])
            seen = _fullest(during) if during else now.get(vessel)
            if during:
                now[vessel] = during[-1]
            if isinstance(step, Purify) and vessel in named:
                arrivals.purified(vessel, index)
            if seen is None or not (seen.volume_ul > 0 or seen.mmol):
                continue
            scene = Scene(
                step=step,
                index=index,
                vessel=vessel,
                named=vessel in named,
                condition=table[step.id, vessel],
                volume_ul=seen.volume_ul,
                phases=seen.phases,
                mmol=seen.mmol,
                housing=ledger.house.housings.get(vessel),
            )
            scenes.append(_peopled(scene, arrivals))
    return tuple(scenes)


def _waste(
    ledger: Ledger, snapshots: Mapping[tuple[str, str], list[Snapshot]], arrivals: Arrivals
) -> tuple[Scene, ...]:
    """The waste vessels, at each step that pours something into them."""
    steps = {step.id: (i, step) for i, step in enumerate(ledger.charges.recipe.procedure.steps)}
    declared = set(all_vessels(ledger.charges.recipe.procedure))
    scenes = []
    for (step_id, vessel), during in snapshots.items():
        if not vessel.startswith("waste.") or vessel in declared or step_id not in steps:
            continue
        index, step = steps[step_id]
        seen = _fullest(during)
        scene = Scene(
            step=step,
            index=index,
            vessel=vessel,
            named=False,
            condition=Condition(ROOM_C, None, False, 0.0, None),
            volume_ul=seen.volume_ul,
            phases=seen.phases,
            mmol=seen.mmol,
            housing=ledger.house.housings.get(vessel),
        )
        scenes.append(_peopled(scene, arrivals))
    return tuple(scenes)


def _peopled(scene: Scene, arrivals: Arrivals) -> Scene:
    """The scene with what is present in it; a diluted sample of a few µL is nobody's concern."""
    if any(
        isinstance(step, Monitor) and step.samples == scene.vessel
        for step in arrivals.recipe.procedure.steps
    ):
        return scene
    present = arrivals.look(scene.vessel, scene.index, scene.cause, scene.mmol, scene.liquids_ul)
    return replace(scene, present=present)


def _fullest(snapshots: list[Snapshot]) -> Snapshot:
    """The snapshot with the most liquid, the first of them."""
    return max(snapshots, key=lambda snap: snap.volume_ul)
