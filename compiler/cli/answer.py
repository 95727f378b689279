"""How a command ends: findings in the format asked for, a summary, the exit status."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from compiler.cli.console import line_width, write, write_lines
from compiler.diagnostics.acknowledge import Acknowledged
from compiler.diagnostics.finding import Finding, as_errors
from compiler.diagnostics.json_output import acknowledged_object, dumps, report_object
from compiler.diagnostics.order import exit_status, ordered
from compiler.diagnostics.sources import Sources
from compiler.diagnostics.text import Line, Piece, render, tally
from compiler.diagnostics.visible import visible, width

Rows = Sequence[tuple[str, str]]


def settle(findings: Iterable[Finding], *, strict: bool) -> tuple[Finding, ...]:
    """The findings as they are shown and counted: in order, each once, warnings raised."""
    once = ordered(findings)
    return ordered(as_errors(once)) if strict else once


def answer(
    findings: Sequence[Finding],
    files: Iterable[str],
    *,
    format_: str,
    acknowledged: Sequence[Acknowledged] = (),
    rows: Rows = (),
    fields: Mapping[str, object] | None = None,
    texts: Mapping[str, str] | None = None,
) -> int:
    """Prints what a command found, and returns its exit status.

    `acknowledged` are findings that the documents accept: they are told, and do not count.
    `rows` is the summary that ends the text, `fields` what a command adds to the JSON object,
    `texts` source text by file name for files that are not on disk.
    """
    if format_ == "json":
        own = {**(fields or {}), "acknowledged": [acknowledged_object(a) for a in acknowledged]}
        write(dumps({**own, **report_object(findings, files)}))
    elif format_ == "sarif":
        from compiler.diagnostics.sarif import sarif_object

        write(dumps(sarif_object(findings, acknowledged)))
    else:
        lines = render(findings, Sources(texts or {}), line_width())
        write_lines(
            [*lines, *summary([*rows, *_accepted(acknowledged)]), (Piece(tally(findings)),)]
        )
    return exit_status(findings)


def _accepted(acknowledged: Sequence[Acknowledged]) -> list[tuple[str, str]]:
    """A row for each reason; what the rows of a library have in common is told once."""
    counts: dict[str, int] = {}
    for each in acknowledged:
        told = f"{each.finding.code}: {each.reason}"
        counts[told] = counts.get(told, 0) + 1
    return [
        ("acknowledged", f"{told} ({count} times)" if count > 1 else told)
        for told, count in counts.items()
    ]


def summary(rows: Rows) -> list[Line]:
    """Labels and what they say, aligned; a row without a label continues the one above."""
    if not rows:
        return []
    column = max(width(label) for label, _ in rows)
    lines: list[Line] = []
    for label, text in rows:
        padding = " " * (column - width(label) + 2)
        lines.append((Piece(f"{visible(label)}{padding}", "label"), Piece(visible(text))))
    return lines
