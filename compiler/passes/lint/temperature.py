"""Boiling and freezing: P-BOIL-1 and P-FREEZE-1."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.chemistry.temperature import ROOM_C
from compiler.chemistry.vapour import sealed_pressure_kpa
from compiler.diagnostics.codes import platform as p
from compiler.diagnostics.finding import Finding, Severity
from compiler.passes.lint.limits import limits
from compiler.passes.lint.scenes import Scene, Story
from compiler.stages.charges import Substance
from compiler.stages.documents import Add, Form


def boiling(story: Story) -> Iterator[Finding]:
    """P-BOIL-1: an open vessel comes near the boiling point of what is in it.

    Error within 5 K, warning within 20 K, and no more than a note up to 25 °C: DCM and ether at
    room temperature are daily work, and P-VAP-1 speaks for what they lose. Told once for each
    vessel, liquid and temperature; a note once for each liquid.
    """
    said: set[tuple[str, str, Severity, float]] = set()
    for scene in story.scenes:
        if scene.condition.closure == "sealed" or scene.step.by_operator:
            continue
        celsius = scene.condition.temperature_c
        for name, substance in _liquids(story, scene, limits().boiling_minimum_share):
            severity = _boiling_severity(substance, celsius)
            vessel = "" if severity is Severity.NOTE else scene.vessel
            if severity is None or (vessel, name, severity, celsius) in said:
                continue
            said.add((vessel, name, severity, celsius))
            bp = substance.boiling_c or 0.0
            yield p.BOIL_1.at(
                scene.temperature_span,
                f"{name} (bp {bp:g} °C) stands open in {scene.vessel} at {celsius:g} °C, "
                f"{bp - celsius:.1f} °C below its boiling point"
                if celsius < bp
                else f"{name} (bp {bp:g} °C) boils in {scene.vessel} at {celsius:g} °C",
                help=_boiling_help(bp, severity),
                step=scene.step.id,
                severity=severity,
            )


def _boiling_severity(substance: Substance, celsius: float) -> Severity | None:
    if substance.boiling_c is None:
        return None
    known = limits()
    below_k = substance.boiling_c - celsius
    if below_k >= known.boiling_warning_k:
        return None
    if celsius <= known.boiling_note_up_to_c and below_k > 0:
        return Severity.NOTE
    return Severity.ERROR if below_k < known.boiling_error_k else Severity.WARNING


def _boiling_help(bp: float, severity: Severity) -> str:
    if severity is Severity.NOTE:
        return "keep it open only as long as the step needs; `cap: vented` closes long holds"
    return (
        f"stay below {bp - limits().boiling_warning_k:g} °C, use a higher boiling solvent, or "
        "let the operator heat it under reflux (`by: operator`)"
    )


def sealed_pressure(story: Story) -> Iterator[Finding]:
    """P-BOIL-1 in a sealed vessel: warning above 1.5 bar, error above 2 bar absolute."""
    known = limits()
    said: set[tuple[str, str, float]] = set()
    for scene in story.scenes:
        if scene.condition.closure != "sealed":
            continue
        celsius = scene.condition.temperature_c
        for name, substance in _liquids(story, scene, known.boiling_minimum_share):
            pressure = sealed_pressure_kpa(substance, celsius)
            if pressure is None or pressure <= known.sealed_warning_kpa:
                continue
            if (scene.vessel, name, celsius) in said:
                continue
            said.add((scene.vessel, name, celsius))
            error = pressure > known.sealed_error_kpa
            yield p.BOIL_1.at(
                scene.temperature_span,
                f"{name} in {scene.vessel}, sealed at room temperature, reaches "
                f"{pressure:.0f} kPa absolute at {celsius:g} °C",
                help="stay colder, use a higher boiling solvent, or a pressure vessel off the "
                "deck (`by: operator`)",
                step=scene.step.id,
                severity=Severity.ERROR if error else Severity.WARNING,
            )


def freezing(story: Story) -> Iterator[Finding]:
    """P-FREEZE-1: the main liquid of a vessel is solid at the temperature of the step."""
    margin_k = limits().freezing_margin_k
    said: set[tuple[str, str, float]] = set()
    for scene in story.scenes:
        volumes = scene.liquids_ul
        if not volumes:
            continue
        name = max(volumes, key=lambda liquid: volumes[liquid])
        liquid = story.liquids.get(name)
        melting_c = liquid.substance.melting_c if liquid is not None else None
        celsius = scene.condition.temperature_c
        if melting_c is None or celsius > melting_c + margin_k:
            continue
        if (scene.vessel, name, celsius) in said:
            continue
        said.add((scene.vessel, name, celsius))
        yield p.FREEZE_1.at(
            scene.temperature_span,
            f"{name} (mp {melting_c:g} °C) is solid at {celsius:g} °C in {scene.vessel}",
            help=f"stay above {melting_c + margin_k:g} °C, or use a solvent that melts lower",
            step=scene.step.id,
        )


def solid_stock(story: Story) -> Iterator[Finding]:
    """P-FREEZE-1 for a neat reagent that is solid in its stock vessel at room temperature."""
    said: set[str] = set()
    for step in story.procedure.steps:
        supplied = story.ledger.charges.recipe.supplied.get(
            step.material if isinstance(step, Add) else ""
        )
        if supplied is None or supplied.form is not Form.NEAT or step.by_operator:
            continue
        melting_c = supplied.substance.melting_c
        if melting_c is None or melting_c + limits().freezing_margin_k < ROOM_C:
            continue
        if supplied.key not in said:
            said.add(supplied.key)
            yield p.FREEZE_1.at(
                step.spans.at("material"),
                f"{supplied.label} (mp {melting_c:g} °C) is drawn neat at {ROOM_C:g} °C, where it "
                "is solid or about to be",
                help="supply it as a solution, or let the operator melt and add it",
                step=step.id,
            )


def _liquids(story: Story, scene: Scene, share: float) -> Iterator[tuple[str, Substance]]:
    """The liquids of a vessel that are more than a share of it."""
    for name, volume_ul in scene.liquids_ul.items():
        liquid = story.liquids.get(name)
        if liquid is not None and volume_ul > share * scene.volume_ul:
            yield name, liquid.substance
