"""How many times an amine reacts: C-SYM-1, C-ALK-1, C-QUAT-1 and C-EQ-RANGE."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from compiler.chemistry.sites import amines_of, distribution
from compiler.diagnostics.codes import chemistry as c
from compiler.diagnostics.finding import Finding, Severity
from compiler.passes.lint.hazards import last_span, related
from compiler.passes.lint.presence import Present
from compiler.passes.lint.protons import strong_acid_mmol
from compiler.passes.lint.scenes import Scene, Story
from compiler.passes.lint.templates import Range, templates
from compiler.stages.documents import (
    AdjustPh,
    Concentrate,
    Dry,
    Extract,
    Filter,
    Purify,
    Separate,
)

_NH = "amine_nucleophilic_NH"
_CARBONYL = frozenset({"aldehyde", "ketone"})
_ACYLATES = frozenset({"boc2o", "acid_halide_like", "anhydride_or_dicarbonate"})
_WORK_UP = (AdjustPh, Concentrate, Dry, Extract, Filter, Purify, Separate)
_TAKES_UP = frozenset({"amine_tertiary_aliphatic", "amide_sulfoxide_aprotic"})


def reductive(story: Story, vessel: str) -> bool:
    """Whether a hydride is in a vessel at some time: a carbonyl there is to alkylate an amine."""
    return any(
        "hydridic_boron" in part.classes or "hydrogen_gas" in part.classes
        for scene in story.of_vessel(vessel)
        for part in scene.present
    )


def electrophiles(story: Story, scene: Scene) -> list[Present]:
    """What reacts with N-H in a vessel: alkylators, acylators, carbonyls where a hydride comes."""
    found = [
        part for part in scene.present if part.any_of(_ACYLATES) or "alkylator_sn2" in part.classes
    ]
    carbonyls = [p for p in scene.present if p.any_of(_CARBONYL) and not p.is_solvent]
    if carbonyls and reductive(story, scene.vessel):
        found += carbonyls
    return found


def wants_mono(story: Story, key: str) -> bool:
    """Whether a material is to react once: the goal of its product, mono if that is not said."""
    goals = [p.goal for p in story.procedure.products.values() if key in p.from_]
    return goals[0] in (None, "mono") if goals else True


def reacting(story: Story, vessel: str) -> tuple[Scene, ...]:
    """The scenes of a vessel before its work-up begins; none for one that a work-up fills."""
    return tuple(
        takewhile(lambda s: not (s.named and isinstance(s.step, _WORK_UP)), story.of_vessel(vessel))
    )


def _couples(story: Story) -> Iterator[tuple[Scene, Present, Present]]:
    """Each scene with an amine that is to react once and its electrophile."""
    for scene in (scene for vessel in story.vessels for scene in reacting(story, vessel)):
        amines = [part for part in scene.present if _NH in part.classes]
        if not amines:
            continue
        for electrophile in electrophiles(story, scene):
            for amine in amines:
                if amine.key != electrophile.key and wants_mono(story, amine.key):
                    yield scene, amine, electrophile


def _taken(story: Story, scene: Scene, amine: Present, electrophile: Present) -> float:
    """N-H that an electrophile which came earlier has taken, per mol of the amine."""
    return sum(
        other.mmol / amine.mmol
        for other in electrophiles(story, scene)
        if other.key not in (amine.key, electrophile.key) and other.came_at < electrophile.came_at
    )


def equal_sites(story: Story) -> Iterator[Finding]:
    """C-SYM-1: equal N-H, about one electrophile for them, and nothing that sets one apart."""
    low, high = templates().statistics
    said: set[tuple[str, str]] = set()
    for scene, amine, electrophile in _couples(story):
        ratio = electrophile.mmol / amine.mmol
        if (amine.key, electrophile.key) in said or not low < ratio < high:
            continue
        acid = strong_acid_mmol(story.procedure, scene.present)
        alike = amines_of(amine.substance.smiles or "").equivalent
        if alike < 2 or acid >= templates().protonated * amine.mmol:
            continue
        if _taken(story, scene, amine, electrophile) > low:
            continue  # the sites are no longer equal; what set them apart was judged then
        said.add((amine.key, electrophile.key))
        shares = " / ".join(f"{100 * share:.2f}" for share in distribution(ratio, alike))
        parts = (amine, electrophile)
        yield c.SYM_1.at(
            last_span(scene, parts),
            f"{amine.label} has {alike} equivalent N-H, and {ratio:.3g} equiv "
            f"{electrophile.label} cannot tell them apart: expect un / mono / di = {shares} %",
            help="protect one N first, use 5 to 10 equiv of the amine, or bind one N with 1 equiv "
            "of acid (Me3SiCl in methanol)",
            step=scene.step.id,
            related=related(scene, parts),
        )


def over_alkylation(story: Story) -> Iterator[Finding]:
    """C-ALK-1: an alkyl halide on an amine with more than one N-H."""
    said: set[tuple[str, str]] = set()
    for scene, amine, alkylator in _couples(story):
        key = (amine.key, alkylator.key)
        if key in said or "alkylator_sn2" not in alkylator.classes:
            continue
        ratio = alkylator.mmol / amine.mmol
        hydrogens = amines_of(amine.substance.smiles or "").hydrogens
        left = hydrogens - _taken(story, scene, amine, alkylator)
        if left < 1.5 or ratio < 1.0 - 1e-9:
            continue
        said.add(key)
        parts = (amine, alkylator)
        yield c.ALK_1.at(
            last_span(scene, parts),
            f"{amine.label} has {hydrogens} N-H hydrogens, and the product of {alkylator.label} "
            f"({ratio:.3g} equiv) is as nucleophilic as it was",
            help="protect, use 5 to 10 equiv of the amine, or reductive amination",
            step=scene.step.id,
            related=related(scene, parts),
        )


def quaternisation(story: Story) -> Iterator[Finding]:
    """C-QUAT-1: more alkylator than N-H, or warm with a tertiary amine or DMF: a note then."""
    said: set[tuple[str, str]] = set()
    for scene, amine, alkylator in _couples(story):
        key = (amine.key, alkylator.key)
        if key in said or "alkylator_sn2" not in alkylator.classes:
            continue
        hydrogens = amines_of(amine.substance.smiles or "").hydrogens
        ratio = alkylator.mmol / amine.mmol + _taken(story, scene, amine, alkylator)
        if ratio <= hydrogens + templates().alkylator_slack + 1e-9:
            continue
        said.add(key)
        parts = (amine, alkylator)
        yield c.QUAT_1.at(
            last_span(scene, parts),
            f"{ratio:.3g} equiv {alkylator.label} for {hydrogens} N-H of {amine.label}: the excess "
            "quaternises the tertiary amine, which opens the ring more easily",
            help=f"use at most {hydrogens + templates().alkylator_slack:g} equiv",
            step=scene.step.id,
            related=related(scene, parts),
        )
    yield from _consumed_alkylator(story)


def _consumed_alkylator(story: Story) -> Iterator[Finding]:
    known = templates()
    said: set[str] = set()
    for scene in story.scenes:
        warm = scene.condition.temperature_c > known.warm_c
        if not warm or scene.condition.seconds <= known.warm_s:
            continue
        for alkylator in scene.present:
            if "alkylator_sn2" not in alkylator.classes or alkylator.key in said:
                continue
            takers = [p for p in scene.present if p.any_of(_TAKES_UP)]
            if takers:
                said.add(alkylator.key)
                yield c.QUAT_1.at(
                    scene.temperature_span,
                    f"{takers[0].label} takes up {alkylator.label} at "
                    f"{scene.condition.temperature_c:g} °C over "
                    f"{scene.condition.seconds / 3600:.1f} h in {scene.vessel}",
                    help="use K2CO3, or stay below 40 °C",
                    step=scene.step.id,
                    related=related(scene, (takers[0], alkylator)),
                    severity=Severity.NOTE,
                )


def usual_equivalents(story: Story) -> Iterator[Finding]:
    """C-EQ-RANGE: a ratio outside what the cited procedures use."""
    for vessel in story.vessels:
        scenes = reacting(story, vessel)
        most: dict[str, Present] = {}
        for scene in scenes:
            for part in scene.present:
                if part.key not in most or part.mmol > most[part.key].mmol:
                    most[part.key] = part
        for row in templates().ranges:
            for part in most.values():
                for other in most.values():
                    if part.key == other.key or not row.applies(tuple(most.values()), part, other):
                        continue
                    yield from _unusual(scenes, row, part, other)


def _unusual(
    scenes: tuple[Scene, ...], row: Range, part: Present, other: Present
) -> Iterator[Finding]:
    ratio, keys = part.mmol / other.mmol, {part.key, other.key}
    scene = next((s for s in scenes if keys <= {p.key for p in s.present}), None)
    if scene is None or row.low - 1e-6 <= ratio <= row.high + 1e-6:
        return
    yield c.EQ_RANGE.at(
        last_span(scene, (part, other)),
        f"{ratio:.3g} mol {part.label} for 1 mol {other.label}; {row.what} uses "
        f"{row.low:g} to {row.high:g}",
        help=row.help,
        step=scene.step.id,
        related=related(scene, (part, other)),
    )
