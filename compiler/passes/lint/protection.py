"""Groups and rings in acid, and protection in its place: C-BOC-ACID, C-RING-*, C-PG-SEQ."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.diagnostics.codes import chemistry as c
from compiler.diagnostics.finding import Finding
from compiler.passes.lint.hazards import last_span, related
from compiler.passes.lint.presence import Present
from compiler.passes.lint.protons import net_acid_mmol
from compiler.passes.lint.scenes import Scene, Story
from compiler.passes.lint.templates import templates
from compiler.stages.documents import Monitor, Purify

_ACIDS = frozenset({"strong_acid", "silyl_halide", "acid_halide_like"})


def boc_in_acid(story: Story) -> Iterator[Finding]:
    """C-BOC-ACID: more than 0.01 M strong acid beyond base for more than 10 min."""
    if story.procedure.transformation == "deprotect":
        return
    known = templates()
    for vessel in story.vessels:
        sour = [
            scene
            for scene in _sour(story, vessel, "boc_carbamate")
            if scene.volume_ul > 0
            and 1000.0 * net_acid_mmol(story.procedure, scene.present) / scene.volume_ul
            > known.boc_acid_molar
        ]
        seconds = sum(scene.condition.seconds for scene in sour)
        if not sour or seconds <= known.boc_acid_s:
            continue
        scene = sour[0]
        parts = _with_acid(scene, "boc_carbamate")
        molar = 1000.0 * net_acid_mmol(story.procedure, scene.present) / scene.volume_ul
        yield c.BOC_ACID.at(
            last_span(scene, parts),
            f"{parts[0].label} stands in {molar:.2g} M strong acid in {vessel} for "
            f"{seconds / 60:.0f} min: Boc is lost below pH 2",
            help="use citric acid or NaHSO4 (pH 3), stay cold and below 10 min, or write "
            "`transformation: deprotect` if it is to go",
            step=scene.step.id,
            related=related(scene, parts),
        )


def rings_in_acid(story: Story) -> Iterator[Finding]:
    """C-RING-ACID (a note, saturated ring) and C-RING-IMINE (C=N, aqueous acid)."""
    known = templates()
    for vessel in story.vessels:
        sour = _sour(story, vessel, "diazepane_1_4_saturated")
        seconds = sum(scene.condition.seconds for scene in sour)
        hottest = max((scene.condition.temperature_c for scene in sour), default=0.0)
        if sour and (seconds > known.ring_acid_s or hottest > known.ring_acid_c):
            parts = _with_acid(sour[0], "diazepane_1_4_saturated")
            yield c.RING_ACID.at(
                last_span(sour[0], parts),
                f"{parts[0].label} stands in strong acid in {vessel} for {seconds / 3600:.1f} h, "
                f"up to {hottest:g} °C; a saturated ring normally survives TFA and HCl",
                help="shorter, colder, or a weaker acid, if ring-opened product (M + 18) shows up",
                step=sour[0].step.id,
                related=related(sour[0], parts),
            )
        yield from _imines(story, vessel)


def _imines(story: Story, vessel: str) -> Iterator[Finding]:
    for scene in story.of_vessel(vessel):
        ring = next((p for p in scene.present if "ring_imine_7" in p.classes), None)
        wet = any("water" in part.classes for part in scene.present)
        if ring is None or not wet:
            continue
        acid = net_acid_mmol(story.procedure, scene.present, weak=True)
        if acid > 0:
            parts = (ring, *(p for p in scene.present if p.any_of(_ACIDS | {"carboxylic_acid"})))
            yield c.RING_IMINE.at(
                last_span(scene, parts),
                f"the C=N of {ring.label} meets {acid:.3f} mmol aqueous acid in {vessel}: it "
                "hydrolyses and the ring opens, reversibly",
                help="stay at pH 7 to 10, or use anhydrous acid and neutralise before water",
                step=scene.step.id,
                related=related(scene, parts),
            )
            return


def _sour(story: Story, vessel: str, class_: str) -> list[Scene]:
    """The scenes of a vessel that hold a class and strong acid beyond all base."""
    return [
        scene
        for scene in story.of_vessel(vessel)
        if any(class_ in part.classes for part in scene.present)
        and any(part.any_of(_ACIDS) for part in scene.present)
        and net_acid_mmol(story.procedure, scene.present) > 0
    ]


def _with_acid(scene: Scene, class_: str) -> tuple[Present, ...]:
    group = [part for part in scene.present if class_ in part.classes]
    return (*group, *(p for p in scene.present if p.any_of(_ACIDS) and p not in group))


def unconfirmed(story: Story) -> Iterator[Finding]:
    """C-PG-SEQ: an amine is alkylated in the vessel in which it was protected, unchecked."""
    for vessel in story.vessels:
        scenes = story.of_vessel(vessel)
        for scene in scenes:
            boc = next((p for p in scene.present if "boc2o" in p.classes), None)
            alkylator = next((p for p in scene.present if "alkylator_sn2" in p.classes), None)
            amine = next((p for p in scene.present if "amine_nucleophilic_NH" in p.classes), None)
            if boc is None or alkylator is None or amine is None:
                continue
            if alkylator.came_at <= boc.came_at or _checked(scenes, boc, alkylator):
                break
            parts = (amine, boc, alkylator)
            yield c.PG_SEQ.at(
                last_span(scene, parts),
                f"{alkylator.label} comes in while nobody has confirmed that {boc.label} has "
                f"protected {amine.label} in {vessel}",
                help="put a `monitor` (or a `purify`) between the protection and this step",
                step=scene.step.id,
                related=related(scene, parts),
            )
            break


def _checked(scenes: tuple[Scene, ...], first: Present, second: Present) -> bool:
    return any(
        first.came_at <= scene.index < second.came_at
        and scene.named
        and isinstance(scene.step, (Monitor, Purify))
        for scene in scenes
    )
