"""Findings that somebody accepts, with a reason: never hidden, only moved to their own list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from compiler.diagnostics.codes import BY_ID
from compiler.diagnostics.codes import structure as s
from compiler.diagnostics.finding import Finding, Related, Severity
from compiler.stages.documents import Acknowledgement


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A finding that was accepted, and by what."""

    finding: Finding
    acknowledgement: Acknowledgement

    @property
    def reason(self) -> str:
        """Why it was accepted, in the user's words."""
        return self.acknowledgement.reason


def apply_acknowledgements(
    findings: Iterable[Finding],
    acknowledgements: Sequence[Acknowledgement],
    *,
    complete: bool = True,
) -> tuple[tuple[Finding, ...], tuple[Acknowledged, ...]]:
    """The findings that still stand, and those that are acknowledged.

    An acknowledgement matches by exact code, and by step where it names one. Warnings and notes
    can be acknowledged, and errors whose code says so (language.md, rule 6); any other error
    stands, and the acknowledgement is refused with an error of its own. One that matches nothing
    is a warning, unless `complete` is false: some passes did not run, so nobody can tell.
    """
    standing: list[Finding] = []
    accepted: list[Acknowledged] = []
    refused: list[tuple[Acknowledgement, Finding]] = []
    used: set[int] = set()
    for finding in findings:
        matching = [n for n, ack in enumerate(acknowledgements) if _matches(ack, finding)]
        used.update(matching)
        if matching and _may_be_acknowledged(finding):
            accepted.append(Acknowledged(finding, acknowledgements[matching[0]]))
            continue
        standing.append(finding)
        refused += [(acknowledgements[number], finding) for number in matching]
    standing += _refusals(refused)
    if complete:
        standing += [_unused(a) for n, a in enumerate(acknowledgements) if n not in used]
    return tuple(standing), tuple(accepted)


def _matches(acknowledgement: Acknowledgement, finding: Finding) -> bool:
    if acknowledgement.code != finding.code:
        return False
    return acknowledgement.step is None or acknowledgement.step == finding.step


def _may_be_acknowledged(finding: Finding) -> bool:
    if finding.severity is not Severity.ERROR:
        return True
    code = BY_ID.get(finding.code)
    return code is not None and code.acknowledgeable


def _refusals(refused: Sequence[tuple[Acknowledgement, Finding]]) -> list[Finding]:
    """One error for each acknowledgement, however many findings it matches."""
    by_place: dict[Acknowledgement, list[Finding]] = {}
    for acknowledgement, finding in refused:
        by_place.setdefault(acknowledgement, []).append(finding)
    return [_refusal(acknowledgement, found) for acknowledgement, found in by_place.items()]


def _refusal(acknowledgement: Acknowledgement, found: Sequence[Finding]) -> Finding:
    return s.ACK_REFUSED.at(
        acknowledgement.span,
        f"{acknowledgement.code} is an error that cannot be acknowledged",
        help="correct what it points at, and take this acknowledgement out; only warnings, and "
        "hazards and chemical judgements whose page says so, can be acknowledged",
        step=acknowledgement.step,
        related=tuple(Related(f.span, "the error stands here") for f in found if f.span),
    )


def _unused(acknowledgement: Acknowledgement) -> Finding:
    step = f" at step {acknowledgement.step}" if acknowledgement.step else ""
    if acknowledgement.code in BY_ID:
        advice = "take it out, or correct the step that it names"
    else:
        import difflib  # only a slip needs it, and `check` starts often

        near = difflib.get_close_matches(acknowledgement.code.upper(), list(BY_ID), n=1)
        advice = f"did you mean {near[0]}?" if near else "codes are listed by `workup explain`"
    return s.ACK_UNUSED.at(
        acknowledgement.span,
        f"no finding {acknowledgement.code}{step} was made, so nothing is acknowledged",
        help=advice,
        step=acknowledgement.step,
    )
