"""Gas: H-H2-1, H-CO2-1, P-GAS-1, P-SEAL-1, and P-CAP-1's room for foam."""

from __future__ import annotations

import math
from collections.abc import Iterator

from compiler.chemistry.gas import CARBON_DIOXIDE, HYDROGEN, gas_volume_ml, overpressure_atm, rules
from compiler.diagnostics.codes import hazards as h
from compiler.diagnostics.codes import platform as p
from compiler.diagnostics.finding import Finding, Severity
from compiler.passes.lint.scenes import Scene, Story
from compiler.stages.contents import GasEvolved
from compiler.stages.documents import Add


def _events(story: Story) -> Iterator[tuple[Scene, tuple[GasEvolved, ...]]]:
    """Each vessel and step in which gas is evolved, with its gases."""
    for scene in story.scenes:
        gases = tuple(
            gas for gas in story.gas if (gas.step, gas.vessel) == (scene.step.id, scene.vessel)
        )
        if gases:
            yield scene, gases


def evolution(story: Story) -> Iterator[Finding]:
    """H-H2-1 and H-CO2-1: how much gas there can be, as notes."""
    for scene, gases in _events(story):
        for gas in gases:
            if gas.gas not in (HYDROGEN, CARBON_DIOXIDE):
                continue  # H-HCL-1 speaks for hydrogen chloride
            hydrogen = gas.gas == HYDROGEN
            code = h.H2_1 if hydrogen else h.CO2_1
            worst = "if no hydride has reacted before" if hydrogen else "in the worst case"
            yield code.at(
                scene.cause,
                f"up to {gas.mmol:.3f} mmol {gas.gas} ({gas.volume_ml:.2f} mL at 25 °C) in "
                f"{scene.vessel} at {scene.step.id!r}, {worst}; {_pace(scene)}",
                help="work in a fume hood with the vessel open or vented"
                + (", away from ignition sources" if hydrogen else ""),
                step=scene.step.id,
            )


def _pace(scene: Scene) -> str:
    step = scene.step
    if isinstance(step, Add) and step.portionwise is not None:
        return f"added in {step.portionwise.portions} portions"
    if isinstance(step, Add) and step.dropwise is not None and scene.condition.seconds > 0:
        return f"added over {scene.condition.seconds / 60.0:g} min"
    return "added at once"


def _headspace_ul(scene: Scene) -> float | None:
    if scene.housing is None or scene.housing.capacity_ul is None:
        return None
    return scene.housing.capacity_ul - scene.volume_ul


def surge(story: Story) -> Iterator[Finding]:
    """P-GAS-1: the gas of one portion, or of one minute, is more than five head-spaces."""
    known = rules()
    for scene, gases in _events(story):
        headspace_ul = _headspace_ul(scene)
        if headspace_ul is None or headspace_ul <= 0:
            continue
        total_ul = sum(gas.volume_ml for gas in gases) * 1000.0
        at_once_ul = total_ul / _increments(scene, known.surge_s)
        if at_once_ul <= known.surge_headspaces * headspace_ul:
            continue
        portions = math.ceil(total_ul / (known.surge_headspaces * headspace_ul))
        yield p.GAS_1.at(
            scene.cause,
            f"{at_once_ul / 1000.0:.1f} mL gas at a time from {scene.vessel}, whose head-space is "
            f"{headspace_ul / 1000.0:.2f} mL, at {scene.step.id!r}",
            help=f"add it in at least {portions} portions, or dropwise over at least "
            f"{portions * known.surge_s / 60.0:g} min",
            step=scene.step.id,
        )


def _increments(scene: Scene, surge_s: float) -> float:
    """Into how many parts the step divides the gas: portions, or minutes of dropping."""
    step = scene.step
    if isinstance(step, Add) and step.portionwise is not None:
        return max(float(step.portionwise.portions), 1.0)
    if isinstance(step, Add) and step.dropwise is not None:
        return max(scene.condition.seconds / surge_s, 1.0)
    return 1.0


def foam(story: Story) -> Iterator[Finding]:
    """P-CAP-1 as a warning: gas is evolved in a vessel that is more than 70 % full."""
    known = rules()
    for scene, gases in _events(story):
        capacity_ul = scene.housing.capacity_ul if scene.housing is not None else None
        if capacity_ul is None or scene.volume_ul <= known.foam_fill * capacity_ul:
            continue
        volume_ml = sum(gas.volume_ml for gas in gases)
        yield p.CAP_1.at(
            scene.cause,
            f"{volume_ml:.1f} mL gas foams up in {scene.vessel}, which is "
            f"{100.0 * scene.volume_ul / capacity_ul:.0f} % full ({scene.volume_ul:.0f} of "
            f"{capacity_ul:.0f} µL) at {scene.step.id!r}",
            help=f"leave {100.0 * (1 - known.foam_fill):.0f} % of the vessel free: a larger one, "
            "or less quench",
            step=scene.step.id,
            severity=Severity.WARNING,
        )


def pressure(story: Story) -> Iterator[Finding]:
    """P-SEAL-1: gas in a vessel that is sealed at the step, or at the next one on it."""
    limit_atm = rules().sealed_overpressure_atm
    for scene, gases in _events(story):
        later = [s for s in story.of_vessel(scene.vessel) if s.index > scene.index and s.named]
        closing = next((s for s in (scene, *later[:1]) if s.condition.closure == "sealed"), None)
        headspace_ul = _headspace_ul(scene)
        if closing is None or headspace_ul is None:
            continue
        mmol = sum(gas.mmol for gas in gases)
        rise_atm = overpressure_atm(mmol, headspace_ul)
        if rise_atm <= limit_atm:
            continue
        yield p.SEAL_1.at(
            scene.cause,
            f"{gas_volume_ml(mmol):.1f} mL gas from {scene.step.id!r} in {scene.vessel}, sealed "
            f"at {closing.step.id!r}: {rise_atm:.1f} atm over {max(headspace_ul, 0.0):.0f} µL of "
            "head-space",
            help="write `cap: vented`, or unseal the vessel until the gas has gone",
            step=scene.step.id,
        )
