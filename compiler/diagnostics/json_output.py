"""Findings as JSON: what `--format json` prints, and the form they have in a plan."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from compiler.diagnostics.acknowledge import Acknowledged
from compiler.diagnostics.finding import Finding, Severity, Span
from compiler.diagnostics.order import count
from compiler.diagnostics.visible import is_hidden

VERSION = 1


def finding_object(finding: Finding) -> dict[str, object]:
    """One finding; `file` and the positions are null where it has no place."""
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "message": finding.message,
        "help": finding.help,
        **_place(finding.span),
        "step": finding.step,
        "row": finding.row,
        "related": [
            {**_place(related.span), "message": related.message} for related in finding.related
        ],
    }


def acknowledged_object(acknowledged: Acknowledged) -> dict[str, object]:
    """A finding that a document accepts, and why."""
    finding = acknowledged.finding
    return {
        "code": finding.code,
        "step": finding.step,
        "reason": acknowledged.reason,
        "severity": finding.severity.value,
        "message": finding.message,
    }


def report_object(findings: Sequence[Finding], files: Iterable[str]) -> dict[str, object]:
    """The whole answer of a command, findings in the order given."""
    return {
        "version": VERSION,
        "files": list(files),
        "findings": [finding_object(finding) for finding in findings],
        "summary": {
            f"{severity.value}s": count(findings, severity)
            for severity in (Severity.ERROR, Severity.WARNING, Severity.NOTE)
        },
    }


def dumps(value: object) -> str:
    """JSON text, indented, ended by a line break; the same value gives the same bytes.

    Characters that steer terminals or hide text are written as escapes, which a parser reads
    back unchanged. Raises ValueError for NaN and infinities, which JSON does not have.
    """
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    if not text.isascii():
        hidden = [c for c in set(text) if c != "\n" and is_hidden(c)]
        text = text.translate({ord(c): _escape(c) for c in hidden}) if hidden else text
    return text.replace("\x7f", "\\u007f") + "\n"


def _escape(character: str) -> str:
    code = ord(character)
    if code <= 0xFFFF:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"


def _place(span: Span | None) -> dict[str, object]:
    if span is None:
        keys = ("file", "line", "column", "end_line", "end_column")
        return dict.fromkeys(keys)
    return {
        "file": span.file,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
    }
