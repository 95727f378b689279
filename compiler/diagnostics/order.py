"""The order in which findings are shown, and what a run of them means for the exit status."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from compiler.diagnostics.codes import structure as s
from compiler.diagnostics.finding import Finding, Severity

_UNREADABLE = frozenset({s.FILE.id, s.WRITE.id})

_Key = tuple[bool, str, int, int, str, int, str, str]


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings by file, line, column and code, each once; those without a place come last."""
    return tuple(sorted(dict.fromkeys(findings), key=_key))


def _key(finding: Finding) -> _Key:
    span = finding.span
    place = (True, "", 0, 0) if span is None else (False, span.file, span.line, span.column)
    return (*place, finding.code, finding.row or 0, finding.step or "", finding.message)


def count(findings: Sequence[Finding], severity: Severity) -> int:
    """How many findings have this severity."""
    return sum(finding.severity is severity for finding in findings)


def exit_status(findings: Sequence[Finding]) -> int:
    """0 without errors, 1 with some, 2 where a file could not be read or written."""
    if any(finding.code in _UNREADABLE for finding in findings):
        return 2
    return 1 if count(findings, Severity.ERROR) else 0
