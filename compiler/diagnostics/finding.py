"""What the compiler says about a document: a finding, and where in the file it stands."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is. Only an error stops the compiler."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of a file. Lines and columns count from 1; the end is exclusive in its column."""

    file: str
    line: int = 1
    column: int = 1
    end_line: int = 1
    end_column: int = 1


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that belongs to a finding: where the other value was declared."""

    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to tell the user.

    `message` carries the numbers, `help` what to write instead. `step` is the id of the step,
    `row` the row of a library (1-based), both only where they apply.
    """

    code: str
    severity: Severity
    message: str
    help: str = ""
    span: Span | None = None
    step: str | None = None
    row: int | None = None
    related: tuple[Related, ...] = ()


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of finding, declared once in `codes.py`.

    `acknowledgeable` says whether a user may acknowledge it (language.md, rule 6): every warning
    may be, and errors of hazard or chemical judgement where this is true.
    """

    id: str
    severity: Severity
    summary: str
    acknowledgeable: bool = field(default=False)

    def at(
        self,
        span: Span | None,
        message: str,
        *,
        help: str = "",  # noqa: A002 - the contract's own word (outputs.md)
        step: str | None = None,
        row: int | None = None,
        related: tuple[Related, ...] = (),
        severity: Severity | None = None,
    ) -> Finding:
        """A finding of this kind at `span`; `severity` overrides the declared one."""
        return Finding(self.id, severity or self.severity, message, help, span, step, row, related)


def has_errors(findings: tuple[Finding, ...] | list[Finding]) -> bool:
    """Whether any of the findings stops the compiler."""
    return any(finding.severity is Severity.ERROR for finding in findings)


def as_errors(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """The same findings with every warning raised to an error (`--strict`)."""
    return tuple(
        replace(f, severity=Severity.ERROR) if f.severity is Severity.WARNING else f
        for f in findings
    )
