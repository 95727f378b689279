"""What an open deck does: H-FLAM-1, C-ANH-1, P-GLASS-1, and H-DCM-NH for amines left in DCM."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.chemistry.sites import half_life_in_dichloromethane_h
from compiler.diagnostics.codes import chemistry as c
from compiler.diagnostics.codes import hazards as h
from compiler.diagnostics.codes import platform as p
from compiler.diagnostics.finding import Finding, Severity
from compiler.passes.lint.hazard_table import hazard_table
from compiler.passes.lint.hazards import last_span, related
from compiler.passes.lint.presence import Present
from compiler.passes.lint.protons import net_acid_mmol, strong_acid_mmol
from compiler.passes.lint.scenes import Scene, Story
from compiler.stages.documents import Concentrate, Dry, Filter, Hydrogenate, Purify

_AMINES = frozenset(
    {"amine_primary_aliphatic", "amine_secondary_aliphatic", "amine_tertiary_aliphatic"}
)
_OFF_DECK = (Concentrate, Dry, Filter, Hydrogenate, Purify)
DICHLOROMETHANE, FASTEST_H = "75-09-2", 2.0


def flammable(story: Story) -> Iterator[Finding]:
    """H-FLAM-1: the flammable liquids of all reactions together, and heating one near its flash."""
    limits = hazard_table().limits
    volumes: dict[str, float] = {}
    recipe = story.ledger.charges.recipe
    for charge in story.ledger.charges.charges:
        supplied = recipe.supplied.get(charge.material)
        for liquid in supplied.liquids if supplied is not None else ():
            flash_c = liquid.substance.flash_c
            if flash_c is not None and flash_c < limits["flash_c"]:
                ul = (charge.volume_ul or 0.0) * liquid.fraction
                volumes[liquid.name] = volumes.get(liquid.name, 0.0) + ul
    total_ml = sum(volumes.values()) / 1000.0
    if total_ml > limits["flammable_ml"]:
        much = total_ml > limits["flammable_much_ml"]
        yield h.FLAM_1.at(
            story.procedure.spans.at("steps"),
            f"{total_ml:.0f} mL of liquids that flash below {limits['flash_c']:g} °C "
            f"({', '.join(volumes)}) go over the open deck, whose motors are not sealed"
            + ("; that is more than half a litre" if much else ""),
            help="split the run, use a solvent with a higher flash point, or work in a fume hood",
        )
    yield from _heated(story)


def _heated(story: Story) -> Iterator[Finding]:
    said: set[tuple[str, str]] = set()
    limits = hazard_table().limits
    for scene in story.scenes:
        celsius = scene.condition.temperature_c
        if celsius <= 25.0 or scene.condition.closure or scene.step.by_operator:
            continue
        for part in scene.present:
            flash_c = part.substance.flash_c
            if not part.is_solvent or flash_c is None or (scene.vessel, part.key) in said:
                continue
            if flash_c < limits["flash_c"] and celsius >= flash_c - limits["flash_margin_k"]:
                said.add((scene.vessel, part.key))
                yield h.FLAM_1.at(
                    scene.temperature_span,
                    f"{part.label} (flash point {flash_c:g} °C) is heated to {celsius:g} °C in "
                    f"{scene.vessel}, open, at {scene.step.id!r}",
                    help=f"write `cap: vented` on {scene.vessel}, or let the operator heat it "
                    "under reflux in a hood",
                    step=scene.step.id,
                )


def anhydrous(story: Story) -> Iterator[Finding]:
    """C-ANH-1: a solvent that is to be anhydrous stands open for more than 30 minutes."""
    bench = story.ledger.house.bench
    if bench is not None and bench.enclosure:
        return
    limit_s = hazard_table().limits["anhydrous_open_s"]
    for vessel in story.vessels:
        open_s, dry = 0.0, None
        for scene in story.of_vessel(vessel):
            if any("water" in part.classes for part in scene.present):
                break
            dry = dry or next(
                (part for part in scene.present if part.supplied and part.supplied.anhydrous), None
            )
            on_deck = not isinstance(scene.step, _OFF_DECK) and not scene.step.by_operator
            if dry is None or scene.condition.closure is not None or not on_deck:
                continue
            open_s += scene.condition.seconds
            if open_s > limit_s:
                yield c.ANH_1.at(
                    scene.step.spans.at("vessel" if scene.named else "for"),
                    f"{dry.label} is anhydrous, and {vessel} has stood open for "
                    f"{open_s / 60:.0f} min by the end of {scene.step.id!r}",
                    help=f"write `cap: vented` on {vessel}, an `enclosure` on the bench, or take "
                    "`anhydrous` out where it does not matter",
                    step=scene.step.id,
                    related=related(scene, (dry,)),
                )
                break


def glass(story: Story) -> Iterator[Finding]:
    """P-GLASS-1: strong base etches glass in a day, or hot."""
    limits = hazard_table().limits
    for vessel in story.vessels:
        scenes = story.of_vessel(vessel)
        if next((s.housing.material for s in scenes if s.housing), None) != "glass":
            continue
        strong = [
            (s, part) for s in scenes for part in _strong_bases(s, limits["glass_base_molar"])
        ]
        seconds = sum(scene.condition.seconds for scene, _ in strong)
        hottest = max((scene.condition.temperature_c for scene, _ in strong), default=0.0)
        if not strong or (seconds <= limits["glass_s"] and hottest <= limits["glass_c"]):
            continue
        scene, part = strong[0]
        yield p.GLASS_1.at(
            part.span,
            f"{part.label} stands in {vessel} (glass) for {seconds / 3600:.1f} h, up to "
            f"{hottest:g} °C",
            help="use polypropylene for it (`material: polypropylene`)",
            step=scene.step.id,
        )


def _strong_bases(scene: Scene, molar: float) -> list[Present]:
    if scene.volume_ul <= 0:
        return []
    return [
        part
        for part in scene.present
        if "strong_base" in part.classes and 1000.0 * part.mmol / scene.volume_ul >= molar
    ]


def consumed_by_dichloromethane(story: Story) -> Iterator[Finding]:
    """H-DCM-NH: how much of an amine DCM alkylates in the time that they are together."""
    said: set[str] = set()
    for first in story.scenes:
        solvent = next(
            (s for s in first.present if s.substance.cas == DICHLOROMETHANE and s.is_solvent), None
        )
        if solvent is None:
            continue
        for amine in first.present:
            if not amine.any_of(_AMINES) or amine.key in said:
                continue
            if strong_acid_mmol(story.procedure, (amine,)) >= amine.mmol:
                continue  # a hydrochloride: its nitrogen is protonated
            said.add(amine.key)
            yield from _consumed(story, first, solvent, amine)


def _consumed(story: Story, first: Scene, solvent: Present, amine: Present) -> Iterator[Finding]:
    limits, keys = hazard_table().limits, {solvent.key, amine.key}
    hours = sum(
        scene.condition.seconds / 3600.0
        for scene in story.of_vessel(first.vessel)
        if scene.index >= first.index
        and keys <= {part.key for part in scene.present}
        and scene.condition.temperature_c >= limits["loss_least_c"]
    )
    if _share(hours, FASTEST_H) <= limits["loss_note"]:
        return  # not even the fastest amine, so that nobody needs to look at the structure
    known = half_life_in_dichloromethane_h(amine.substance.smiles or "")
    if known is None or net_acid_mmol(story.procedure, first.present) > 0:
        return
    share = _share(hours, known[0])
    if share <= limits["loss_note"]:
        return
    parts = (solvent, amine)
    yield h.DCM_NH.at(
        last_span(first, parts),
        f"up to {100 * share:.0f} % of {amine.label} is consumed by {solvent.label} in "
        f"{first.vessel} within {hours:.1f} h (half-life {known[0]:g} h at 25 °C, like "
        f"{known[1]})",
        help="use DCE, THF or MeCN for the reaction, and DCM for the extraction only",
        step=first.step.id,
        related=related(first, parts),
        severity=Severity.WARNING if share > limits["loss_warning"] else Severity.NOTE,
    )


def _share(hours: float, half_life_h: float) -> float:
    return float(1.0 - 2.0 ** (-hours / half_life_h))
