"""Findings: what they are, every code once, and how they are shown."""

from compiler.diagnostics.finding import (
    Code,
    Finding,
    Related,
    Severity,
    Span,
    as_errors,
    has_errors,
)

__all__ = ["Code", "Finding", "Related", "Severity", "Span", "as_errors", "has_errors"]
