"""Reductive amination: C-RED-ALD, C-RED-SEC, C-RA-ACID and C-HYD-BN."""

from __future__ import annotations

import re
from collections.abc import Iterator

from compiler.chemistry.sites import is_hydrogenolysed
from compiler.diagnostics.codes import chemistry as c
from compiler.diagnostics.codes import hazards as h
from compiler.diagnostics.finding import Finding, Severity
from compiler.passes.lint.hazard_table import hazard_table
from compiler.passes.lint.hazards import last_span, related
from compiler.passes.lint.presence import Present
from compiler.passes.lint.protons import strong_acid_mmol, weak_acid_mmol
from compiler.passes.lint.scenes import Scene, Story
from compiler.passes.lint.templates import templates
from compiler.stages.documents import Hydrogenate, Monitor, Stir, Wait

_PYROPHORIC = re.compile(r"\b(Pd|Pt|Ni)\b|palladium|platinum|nickel|Raney", re.IGNORECASE)
_CARBONYL = frozenset({"aldehyde", "ketone"})


def _first(scene: Scene, *classes: str) -> Present | None:
    return next((p for p in scene.present if p.any_of(classes) and not p.is_solvent), None)


def simple_borohydride(story: Story) -> Iterator[Finding]:
    """C-RED-ALD and C-RED-SEC: NaBH4 needs an imine that is there before it comes."""
    said: set[str] = set()
    for scene in story.scenes:
        hydride, amine = _first(scene, "borohydride_simple"), _first(scene, "amine_nucleophilic_NH")
        carbonyl = _first(scene, *_CARBONYL)
        if hydride is None or amine is None or carbonyl is None or scene.vessel in said:
            continue
        said.add(scene.vessel)
        parts = (amine, carbonyl, hydride)
        secondary = "amine_primary_aliphatic" not in amine.classes
        stirred_s = _stirred_s(story, scene, max(amine.came_at, carbonyl.came_at))
        if secondary:
            yield c.RED_SEC.at(
                last_span(scene, parts),
                f"{amine.label} is a secondary amine: it gives no imine that {hydride.label} could "
                f"find, and {carbonyl.label} is reduced instead",
                help="use NaBH(OAc)3 or NaBH3CN, which reduce the iminium as it forms",
                step=scene.step.id,
                related=related(scene, parts),
            )
        if "aldehyde" in carbonyl.classes and stirred_s < templates().imine_s:
            yield c.RED_ALD.at(
                last_span(scene, parts),
                f"{hydride.label} comes in {stirred_s / 60:.0f} min after {carbonyl.label} met "
                f"{amine.label} in {scene.vessel}: it reduces the aldehyde",
                help="stir amine and aldehyde for at least 30 min first, or use NaBH(OAc)3",
                step=scene.step.id,
                related=related(scene, parts),
            )


def _stirred_s(story: Story, scene: Scene, since: int) -> float:
    """The time (s) that a vessel was stirred or waited for between two steps."""
    return sum(
        earlier.condition.seconds
        for earlier in story.of_vessel(scene.vessel)
        if since <= earlier.index < scene.index and isinstance(earlier.step, (Stir, Wait, Monitor))
    )


def ketone_without_acid(story: Story) -> Iterator[Finding]:
    """C-RA-ACID: NaBH(OAc)3 and a ketone, and no acetic acid by the time they react."""
    for vessel in story.vessels:
        scenes = story.of_vessel(vessel)
        for scene in scenes:
            hydride, ketone = _first(scene, "acyloxyborohydride"), _first(scene, "ketone")
            if hydride is None or ketone is None:
                continue
            held = [s for s in scenes if s.index >= scene.index and s.condition.seconds > 0]
            reacting = held[0] if held else scene
            acid = weak_acid_mmol(reacting.present)
            acid += strong_acid_mmol(story.procedure, reacting.present)
            if acid < templates().acid_for_ketone * ketone.mmol:
                parts = (hydride, ketone)
                yield c.RA_ACID.at(
                    last_span(scene, parts),
                    f"{ketone.label} is a ketone, and {vessel} holds {acid:.3f} mmol acid for "
                    f"{ketone.mmol:.3f} mmol of it: the iminium forms slowly",
                    help="add 1 to 2 equiv of AcOH",
                    step=scene.step.id,
                    related=related(scene, parts),
                )
            break


def pyrophoric_catalyst(story: Story) -> Iterator[Finding]:
    """H-PD-ALC as a note: a `hydrogenate` step whose vessel holds a solvent of low flash point."""
    limit_c = hazard_table().limits["flash_c"]
    for scene in story.scenes:
        step = scene.step
        if not isinstance(step, Hydrogenate) or not _PYROPHORIC.search(step.catalyst):
            continue
        for part in scene.present if scene.vessel == step.vessel else ():
            flash_c = part.substance.flash_c
            if part.is_solvent and flash_c is not None and flash_c < limit_c:
                yield h.PD_ALC.at(
                    step.spans.at("catalyst"),
                    f"{step.catalyst} meets {part.label} (flash point {flash_c:g} °C) at "
                    f"{step.id!r}: dry catalyst ignites solvent vapour",
                    help="wet the catalyst with water under nitrogen first, then add the mixture; "
                    "keep the filter cake wet",
                    step=step.id,
                    severity=Severity.NOTE,
                )
                break


def hydrogenolysis(story: Story) -> Iterator[Finding]:
    """C-HYD-BN: `hydrogenate` on N-benzyl or Cbz, in the vessel or in the product."""
    if story.procedure.transformation == "deprotect":
        return
    for scene in story.scenes:
        if not isinstance(scene.step, Hydrogenate) or not scene.named:
            continue
        found = [p.label for p in scene.present if is_hydrogenolysed(p.substance.smiles or "")]
        found += [
            product.label or name
            for name, product in story.procedure.products.items()
            if is_hydrogenolysed(product.smiles or "")
        ]
        if found:
            yield c.HYD_BN.at(
                scene.step.spans.at("catalyst"),
                f"{found[0]} carries N-benzyl or Cbz, which hydrogen over {scene.step.catalyst} "
                f"cuts at {scene.step.id!r}",
                help="use NaBH(OAc)3, Pt or Ni with care, or a poisoned catalyst; if the group is "
                "to go, write `transformation: deprotect`",
                step=scene.step.id,
            )
