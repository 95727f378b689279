"""Compounds that are a hazard by themselves: the `dangers` of data/hazards.json."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from compiler.chemistry.sites import azide_ratio, beta_halo_arms
from compiler.diagnostics.codes import hazards as h
from compiler.diagnostics.finding import Finding, Severity, Span
from compiler.passes.lint.conditions import Condition, Meeting, Verdict
from compiler.passes.lint.hazard_table import Danger, hazard_table
from compiler.passes.lint.scenes import Story
from compiler.stages.documents import Hydrogenate

_OF_THE_STEP = frozenset({h.H2PD.id, h.AIR_1.id, h.TOX_ALK.id})


def dangerous(story: Story) -> Iterator[Finding]:
    """Each dangerous material once: on its declaration, or on the step that handles it."""
    said: set[tuple[str, str]] = set()
    for scene in story.scenes:
        for part in scene.present:
            for danger in hazard_table().dangers:
                key = (danger.code.id, part.key)
                if key in said or not part.any_of(danger.classes):
                    continue
                meeting = Meeting(story, scene, part, part)
                verdict = CONDITIONS[danger.when](meeting) if danger.when else Verdict()
                if verdict is not None:
                    said.add(key)
                    yield _finding(danger, meeting, verdict)


def _finding(danger: Danger, meeting: Meeting, verdict: Verdict) -> Finding:
    return danger.code.at(
        _span(danger, meeting),
        danger.message.format(**{**meeting.numbers, **verdict.numbers}),
        help=danger.help,
        step=meeting.scene.step.id,
        severity=verdict.severity or danger.severity,
    )


def _span(danger: Danger, meeting: Meeting) -> Span:
    supplied = meeting.a.supplied
    if danger.code.id in _OF_THE_STEP or supplied is None or supplied.declared is None:
        return meeting.a.span
    return supplied.declared


def mustard(meeting: Meeting) -> Verdict | None:
    """Two arms are a scheduled nitrogen mustard: an error; one is a warning."""
    arms = beta_halo_arms(meeting.a.substance.smiles or "")
    if arms < 1:
        return None
    if arms > 1:
        kind = "a nitrogen mustard (Chemical Weapons Convention, schedule 1, or close to it)"
        return Verdict(Severity.ERROR, {"arms": arms, "kind": kind})
    kind = "it alkylates through its aziridinium, and skin first"
    return Verdict(numbers={"arms": arms, "kind": kind})


def dry_hobt(meeting: Meeting) -> Verdict:
    """Anhydrous: an error; the hydrate: a warning."""
    part = meeting.a
    material = meeting.story.procedure.materials.get(part.key)
    wet = "water" in part.classes or (material is not None and material.hydrate > 0)
    if wet:
        return Verdict(numbers={"form": "is the hydrate, and explosive once it has dried"})
    form = "is anhydrous: an explosive of class 1.3C (UN 0508)"
    return Verdict(Severity.ERROR, {"form": form})


def small_azide(meeting: Meeting) -> Verdict | None:
    """Fewer than three carbon and oxygen atoms for each nitrogen."""
    ratio = azide_ratio(meeting.a.substance.smiles or "")
    if ratio is None or ratio >= hazard_table().limits["azide_ratio"]:
        return None
    return Verdict(numbers={"ratio": ratio})


def outside_hydrogenate(meeting: Meeting) -> Verdict | None:
    """Hydrogen that comes in another step than `hydrogenate`."""
    return None if isinstance(meeting.scene.step, Hydrogenate) else Verdict()


def open_deck(meeting: Meeting) -> Verdict | None:
    """By the robot without an enclosure; a warning where no bench is named."""
    bench = meeting.story.ledger.house.bench
    if meeting.scene.step.by_operator or (bench is not None and bench.enclosure):
        return None
    if bench is None:
        where = "by the robot (no bench is named; the deck of both is ambient air)"
        return Verdict(Severity.WARNING, {"where": where})
    return Verdict(numbers={"where": f"on the open deck of the {bench.robot}"})


def volatile_alkylator(meeting: Meeting) -> Verdict | None:
    """A liquid one with a vapour pressure that counts, in an open vessel without an enclosure."""
    bench, substance = meeting.story.ledger.house.bench, meeting.a.substance
    enclosed = bench is not None and bench.enclosure
    if enclosed or substance.is_solid_20c or meeting.scene.step.by_operator:
        return None
    limits, kpa = hazard_table().limits, substance.vapour_pressure_20c_kpa
    if kpa is None and substance.mw_g_mol >= limits["alkylator_light_g_mol"]:
        return None
    if kpa is not None and kpa < limits["alkylator_kpa"]:
        return None
    return Verdict(numbers={"pressure": "" if kpa is None else f" ({kpa:g} kPa at 20 °C)"})


CONDITIONS: Mapping[str, Condition] = {
    function.__name__: function
    for function in (
        mustard,
        dry_hobt,
        small_azide,
        outside_hydrogenate,
        open_deck,
        volatile_alkylator,
    )
}
