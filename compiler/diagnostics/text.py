"""Findings as text: a message, a code frame, help. In pieces, so that a terminal may colour them.

error[U-DIMENSION]: `over` is a time, and `5 mL` is a volume
  --> procedure.yaml:12:36
   |
12 |     dropwise: {over: 5 mL}
   |                      ^^^^
   = help: write `over: 10 min`
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from compiler.diagnostics.finding import Finding, Severity, Span
from compiler.diagnostics.order import count
from compiler.diagnostics.sources import Sources
from compiler.diagnostics.visible import cells, visible, width

LINE_WIDTH = 120


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a line and the name of its style: "error", "frame", "help", ... or none."""

    text: str
    style: str = ""


Line = tuple[Piece, ...]


def plain(lines: Iterable[Line]) -> str:
    """The lines without styles, each ended by a line break."""
    return "".join("".join(piece.text for piece in line).rstrip() + "\n" for line in lines)


def render(
    findings: Sequence[Finding], sources: Sources, line_width: int = LINE_WIDTH
) -> list[Line]:
    """All findings, one below the other, in the order given.

    Every text that may come from a file is made visible: nothing in it reaches the terminal as a
    control sequence. `line_width` limits source lines only; messages are never cut.
    """
    lines: list[Line] = []
    for finding in findings:
        lines += _finding(finding, sources, line_width)
        lines.append(())
    return lines


def tally(findings: Sequence[Finding]) -> str:
    """`1 error, 2 warnings, no notes`, in words for the last line."""
    return ", ".join(_plural(count(findings, severity), severity.value) for severity in Severity)


def _plural(n: int, noun: str) -> str:
    return f"{n or 'no'} {noun}{'' if n == 1 else 's'}"


def _finding(finding: Finding, sources: Sources, line_width: int) -> list[Line]:
    style = finding.severity.value
    first, *rest = finding.message.split("\n")
    lines: list[Line] = [
        (
            Piece(f"{style}[{visible(finding.code)}]", style),
            Piece(f": {visible(first)}", "message"),
        )
    ]
    lines += [(Piece(f"    {visible(line)}", "message"),) for line in rest]
    spans = [span for span in (finding.span, *(r.span for r in finding.related)) if span]
    gutter = max((len(str(span.line)) for span in spans), default=1)
    if finding.span:
        lines.append(_place(gutter, "-->", finding.span))
        lines += _frame(finding.span, "^", style, sources, gutter, line_width)
    for related in finding.related:
        lines.append(_place(gutter, ":::", related.span, related.message))
        lines += _frame(related.span, "-", "related", sources, gutter, line_width)
    where = _where(finding)
    if where:
        lines += _remark(gutter, where, "")
    if finding.help:
        lines += _remark(gutter, finding.help, "help: ")
    return lines


def _where(finding: Finding) -> str:
    parts = []
    if finding.row is not None:
        parts.append(f"row {finding.row}")
    if finding.step is not None:
        parts.append(f"in step {visible(finding.step)}")
    return ", ".join(parts)


def _place(gutter: int, arrow: str, span: Span, message: str = "") -> Line:
    place = f" {visible(span.file)}:{span.line}:{span.column}"
    pieces = [Piece(f"{' ' * gutter}{arrow}", "frame"), Piece(place, "place")]
    if message:
        pieces.append(Piece(f" {visible(message)}", "related"))
    return tuple(pieces)


def _remark(gutter: int, text: str, label: str) -> list[Line]:
    first, *rest = text.split("\n")
    indent = " " * (gutter + 3 + len(label))
    return [
        (
            Piece(f"{' ' * gutter} = ", "frame"),
            Piece(label, "help"),
            Piece(visible(first)),
        ),
        *((Piece(indent + visible(line)),) for line in rest),
    ]


def _frame(
    span: Span, mark: str, style: str, sources: Sources, gutter: int, line_width: int
) -> list[Line]:
    text = sources.line(span.file, span.line)
    if text is None:
        return []
    start, end = _columns(span, text)
    source, before, marked = _window(text, start, end, max(line_width - gutter - 3, 20))
    empty = Piece(f"{' ' * gutter} |", "frame")
    lines: list[Line] = [
        (empty,),
        (Piece(f"{span.line:>{gutter}} | ", "frame"), Piece(source)),
        (empty, Piece(" " + " " * before), Piece(mark * marked, style)),
    ]
    if span.end_line > span.line:
        lines.append((Piece(f"{'.' * gutter} |", "frame"), Piece(f" … to line {span.end_line}")))
    return lines


def _columns(span: Span, text: str) -> tuple[int, int]:
    """The marked characters, from 0; a span that goes on below is marked to the line's end.

    An empty span at a line's start means the line: it is marked without its indent.
    """
    line_end = len(text.rstrip())
    if (span.column, span.end_line, span.end_column) == (1, span.line, 1):
        return len(text[:line_end]) - len(text[:line_end].lstrip()), line_end
    start = min(max(span.column - 1, 0), len(text))
    end = span.end_column - 1 if span.end_line == span.line else line_end
    return start, max(min(end, len(text)), start)


def _window(text: str, start: int, end: int, room: int) -> tuple[str, int, int]:
    """What is shown of a source line, the columns before the mark, and the mark's own columns.

    A line wider than `room` is cut around the mark, a third of the room left before it.
    """
    # The ends far outside are dropped first, so that a line of megabytes costs nothing.
    offset = max(0, start - room)
    shown = cells(text[offset : start + 2 * room])
    start, end = start - offset, min(end - offset, len(shown))
    edges = [0, *accumulate(width(cell) for cell in shown)]
    low, high = 0, len(shown)
    if offset or edges[-1] > room or len(text) > offset + len(shown):
        target = edges[start] - room // 3
        if edges[-1] - edges[start] < room - room // 3 and len(text) <= offset + len(shown):
            target = edges[-1] - (room - 2)
        low = next(i for i, edge in enumerate(edges) if edge >= target)
        high = max(i for i, edge in enumerate(edges) if edge - edges[low] <= room - 2)
    left = "…" if offset or low else ""
    right = "…" if high < len(shown) or len(text) > offset + len(shown) else ""
    before = edges[start] - edges[low] + len(left)
    marked = edges[min(max(end, start), high)] - edges[start]
    return left + "".join(shown[low:high]) + right, before, max(marked, 1)
