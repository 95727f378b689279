"""Incompatible pairs: the table of data/hazards.json, over what is together in a vessel.

A finding stands on the step that brings the last partner in; where the others came from is
related. The same pair is told again only when it gets worse.
"""

from __future__ import annotations

from collections.abc import Iterator

from compiler.diagnostics.codes import hazards as h
from compiler.diagnostics.codes import platform as p
from compiler.diagnostics.finding import Code, Finding, Related, Severity, Span
from compiler.passes.lint.conditions import PAIR_CONDITIONS, Meeting, Verdict
from compiler.passes.lint.hazard_table import Pair, hazard_table
from compiler.passes.lint.presence import Present
from compiler.passes.lint.scenes import Scene, Story

_RANK = {Severity.NOTE: 0, Severity.WARNING: 1, Severity.ERROR: 2}


def pairs(story: Story) -> Iterator[Finding]:
    """Every pair of the table that meets in a vessel, then in the waste."""
    told: dict[tuple[str, str], int] = {}
    looked: set[tuple[str, frozenset[tuple[str, float]], float, str | None]] = set()
    for scene in (*story.scenes, *story.waste):
        state = (
            scene.vessel,
            frozenset((part.key, part.mmol) for part in scene.present),
            scene.condition.temperature_c,
            scene.condition.closure,
        )
        if state in looked:
            continue
        looked.add(state)
        for pair in hazard_table().pairs:
            yield from _meetings(story, scene, pair, told)


def _meetings(
    story: Story, scene: Scene, pair: Pair, told: dict[tuple[str, str], int]
) -> Iterator[Finding]:
    in_waste = any(scene is poured for poured in story.waste)
    if in_waste and not pair.waste:
        return
    for a in scene.present:
        if not a.any_of(pair.a) or a.any_of(pair.not_a):
            continue
        for b in scene.present:
            if b.key == a.key or not b.any_of(pair.b) or b.any_of(pair.not_b):
                continue
            if pair.solvent and not b.is_solvent:
                continue
            meeting = Meeting(story, scene, a, b)
            verdict = PAIR_CONDITIONS[pair.when](meeting) if pair.when else Verdict()
            if verdict is None:
                continue
            severity = verdict.severity or pair.severity
            key = (pair.code.id, a.key)
            if told.get(key, -1) < _RANK[severity]:
                told[key] = _RANK[severity]
                yield _finding(pair, meeting, verdict, severity, in_waste)


def _finding(
    pair: Pair, meeting: Meeting, verdict: Verdict, severity: Severity, in_waste: bool
) -> Finding:
    message = pair.message.format(**{**meeting.numbers, **verdict.numbers})
    return _code(pair, in_waste).at(
        last_span(meeting.scene, (meeting.a, meeting.b)),
        message,
        help=pair.help,
        step=meeting.scene.step.id,
        related=related(meeting.scene, (meeting.a, meeting.b)),
        severity=severity,
    )


def _code(pair: Pair, in_waste: bool) -> Code:
    if not in_waste:
        return pair.code
    return h.HCN_W if pair.code is h.HCN_1 else p.WASTE_1


def last_span(scene: Scene, parts: tuple[Present, ...]) -> Span:
    """Where the last of some compounds came in; for one told later, the step that changed it."""
    if any(part.came_at == scene.index for part in parts):
        return max(parts, key=lambda part: part.came_at).span
    return scene.temperature_span


def related(scene: Scene, parts: tuple[Present, ...]) -> tuple[Related, ...]:
    """Where the others came in, each place once."""
    here = last_span(scene, parts)
    spans: dict[Span, str] = {}
    for part in parts:
        if part.span != here:
            spans.setdefault(part.span, f"{part.label} comes in here")
    return tuple(Related(span, text) for span, text in spans.items())
