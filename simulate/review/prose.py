"""The procedure as an experimental section, each sentence beside the lines that it came from."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compiler.stages.documents import Procedure
from simulate.review.values import Plan

_MOST_LINES = 12  # of YAML before a step's own, such as its id and notes


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line of a document: its number and its text; `own` where the step itself stands."""

    number: int
    text: str
    own: bool = True


@dataclass(frozen=True, slots=True)
class Sentence:
    """A step: its sentence, who does it, and where it is written. `index` is that in the plan."""

    index: int
    number: int
    id: str
    verb: str
    text: str
    by: tuple[str, ...]
    note: str | None
    file: str
    lines: tuple[SourceLine, ...]


def sentences(
    procedure: Procedure, plan: Plan, sources: Mapping[str, Sequence[str]]
) -> tuple[Sentence, ...]:
    """One for each step of the plan, in order."""
    steps = {step.id: step for step in procedure.steps}
    by_hand = {c["step"] for c in plan["charges"] if c["by"] == "operator"}
    found: list[Sentence] = []
    last: dict[str, int] = {}
    for index, planned in enumerate(plan["steps"]):
        step = steps[planned["id"]]
        span = step.spans.whole
        lines = _lines(sources.get(span.file, ()), last.get(span.file), span.line, span.end_line)
        last[span.file] = span.end_line
        found.append(
            Sentence(
                index=index,
                number=index + 1,
                id=planned["id"],
                verb=planned["verb"],
                text=planned["text"],
                by=_by(planned, by_hand),
                note=step.note,
                file=Path(span.file).name,
                lines=lines,
            )
        )
    return tuple(found)


def _by(planned: Mapping[str, Any], by_hand: Collection[str]) -> tuple[str, ...]:
    """Who works at a step: both where the operator adds something and the robot shakes it."""
    is_shared = planned["by"] == "robot" and planned["id"] in by_hand
    return ("operator", "robot") if is_shared else (planned["by"],)


def read_sources(files: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The lines of each file that can be read."""
    found = {}
    for file in files:
        try:
            text = Path(file).read_text(encoding="utf-8-sig", errors="replace")
        except (OSError, ValueError):
            continue
        found[file] = tuple(text.splitlines())
    return found


def _lines(
    source: Sequence[str], before: int | None, first: int, last: int
) -> tuple[SourceLine, ...]:
    """The lines of a step, with those between it and the step before: its id, its notes."""
    start = first
    if before is not None and 0 < first - before - 1 <= _MOST_LINES:
        start = before + 1
    numbered = [(n, source[n - 1]) for n in range(start, last + 1) if 0 < n <= len(source)]
    while numbered and not numbered[0][1].strip():
        numbered.pop(0)
    indent = min((len(t) - len(t.lstrip()) for _, t in numbered if t.strip()), default=0)
    return tuple(SourceLine(n, text[indent:], first <= n <= last) for n, text in numbered)
