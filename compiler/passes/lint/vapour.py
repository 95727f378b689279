"""What open vessels lose: P-VAP-1."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.chemistry.vapour import loss_ul_h, pressure_kpa
from compiler.diagnostics.codes import platform as p
from compiler.diagnostics.finding import Finding, Severity
from compiler.passes.lint.limits import limits
from compiler.passes.lint.scenes import Scene, Story
from compiler.stages.documents import (
    AnyStep,
    Concentrate,
    Dry,
    Filter,
    Hydrogenate,
    OperatorTask,
    Purify,
)

_OFF_DECK = (Concentrate, Dry, Filter, Hydrogenate, OperatorTask, Purify)


def loss(story: Story) -> Iterator[Finding]:
    """P-VAP-1: more than 5 % of an open vessel's liquid evaporates during a step.

    Only the upper layer evaporates; partial pressures are by mole fraction (Raoult). It is an
    error where the vessel runs dry and a later step needs it. Told once for the same contents.
    """
    said: set[tuple[str, float, bool]] = set()
    for scene in story.scenes:
        if scene.condition.closure is not None or not _on_deck(scene.step):
            continue
        hours = scene.condition.seconds / 3600.0
        rates = _rates_ul_h(story, scene)
        lost_ul = sum(min(rate * hours, held_ul) for rate, held_ul in rates.values())
        if lost_ul <= limits().vapour_loss_warning * scene.volume_ul:
            continue
        later = story.used_later(scene.vessel, scene.index)
        if later is None and not scene.named:
            continue  # what is left behind in a vessel that is done with
        dry = lost_ul >= limits().vapour_loss_dry * scene.volume_ul and later is not None
        if (scene.vessel, scene.volume_ul, dry) in said:
            continue
        said.add((scene.vessel, scene.volume_ul, dry))
        worst = max(rates, key=lambda name: rates[name][0])
        after = f" before {later.id!r} needs it" if dry and later is not None else ""
        yield p.VAP_1.at(
            scene.step.spans.at("for" if "for" in scene.step.spans.keys else "between")
            if scene.named
            else scene.step.spans.whole,
            f"{scene.vessel} stands open for {_time(scene.condition.seconds)} at "
            f"{scene.condition.temperature_c:g} °C and loses about {lost_ul:.0f} of "
            f"{scene.volume_ul:.0f} µL, mostly {worst}{': it runs dry' if dry else ''}{after}",
            help=f"write `cap: vented` on {scene.vessel} under `vessels`, use a higher boiling "
            "solvent, or a narrower vessel",
            step=scene.step.id,
            severity=Severity.ERROR if dry else Severity.WARNING,
        )


def _on_deck(step: AnyStep) -> bool:
    return not step.by_operator and not isinstance(step, _OFF_DECK)


def _rates_ul_h(story: Story, scene: Scene) -> dict[str, tuple[float, float]]:
    """Liquid name -> (loss in uL/h, uL that there are) for the layer at the surface."""
    shape = scene.shape
    if shape is None or not scene.phases or scene.phases[-1].top_mm is None:
        return {}
    surface = scene.phases[-1]
    top_mm = surface.top_mm or 0.0
    headspace_mm = max(shape.depth_mm - top_mm, limits().least_headspace_mm)
    area_mm2 = shape.area_mm2(top_mm)
    held = {
        name: (story.liquids[name], volume_ul)
        for name, volume_ul in surface.solvents_ul.items()
        if name in story.liquids
    }
    mmol = {
        name: volume_ul * liquid.density_g_ml / liquid.substance.mw_g_mol
        for name, (liquid, volume_ul) in held.items()
    }
    total = sum(mmol.values())
    rates: dict[str, tuple[float, float]] = {}
    for name, (liquid, volume_ul) in held.items():
        pressure = pressure_kpa(liquid.substance, scene.condition.temperature_c)
        if pressure is not None and total > 0:
            rate = loss_ul_h(
                pressure * mmol[name] / total,
                scene.condition.temperature_c,
                area_mm2,
                headspace_mm,
                liquid.substance.mw_g_mol,
                liquid.density_g_ml,
            )
            rates[name] = (rate, volume_ul)
    return rates


def _time(seconds: float) -> str:
    return f"{seconds / 3600.0:.3g} h" if seconds >= 5400 else f"{seconds / 60.0:.3g} min"
