"""The rows of a library, from a CSV table or from a list of mappings: columns, and what is in them.

A cell that is empty has no entry: its value is as in the procedure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from compiler.diagnostics.codes import structure as s
from compiler.diagnostics.finding import Finding, Related, Span
from compiler.reading.csv_table import MAX_ROWS, Table
from compiler.reading.nodes import Fields, Items, Node, Scalar, quote

_HEADER = re.compile(r"(.*?)\s*\[([^\[\]]*)\]\s*", re.DOTALL)
_ONE = r"[+\-\u2212]?(?:[0-9]+(?:[.,][0-9]*)?|[.,][0-9]+)(?:[eE][+-]?[0-9]{1,4})?"
_BARE = re.compile(rf"{_ONE}(?:\s*(?:±|–|—|-|to)\s*{_ONE})?")


@dataclass(frozen=True, slots=True)
class Column:
    """A column's name, the unit in its header (for cells that are bare numbers), and its place."""

    name: str
    unit: str | None
    span: Span


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its number from 1, its place, and the values of the columns that it fills."""

    number: int
    span: Span
    cells: Mapping[str, Node]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Columns by name, and the rows in order."""

    columns: Mapping[str, Column]
    rows: tuple[Row, ...]


def sheet_of_table(table: Table) -> tuple[Sheet, tuple[Finding, ...]]:
    """The sheet in a CSV table; a column that stands twice is read once."""
    columns: dict[str, Column] = {}
    findings: list[Finding] = []
    at: list[tuple[int, Column]] = []
    for index, cell in enumerate(table.header):
        column = column_of(cell.text, cell.span)
        if not column.name and not any(row[index].text for row in table.rows):
            continue
        if (first := columns.get(column.name)) is not None:
            findings.append(_twice(column, first))
            continue
        columns[column.name] = column
        at.append((index, column))
    rows = []
    for number, cells in enumerate(table.rows, start=1):
        filled = {c.name: with_unit(cells[i], c.unit) for i, c in at if cells[i].text}
        rows.append(Row(number, _row_span(cells), filled))
    return Sheet(columns, tuple(rows)), tuple(findings)


def sheet_of_list(items: Items) -> tuple[Sheet, tuple[Finding, ...]]:
    """The sheet in a list of mappings; each key is a column, where it stands first."""
    columns: dict[str, Column] = {}
    findings: list[Finding] = []
    rows = []
    for number, fields in enumerate(items.nodes[:MAX_ROWS], start=1):
        if not isinstance(fields, Fields):
            continue  # the schema says that a row is a mapping
        filled: dict[str, Node] = {}
        own: dict[str, Column] = {}
        for key, node in fields.items():
            column = column_of(key, fields.keys_at[key])
            if column.name in own:
                findings.append(_twice(column, own[column.name]))
                continue
            own[column.name] = column
            columns.setdefault(column.name, column)
            if not isinstance(node, Scalar):
                filled[column.name] = node
            elif not node.is_null and node.text.strip():
                filled[column.name] = with_unit(node, column.unit)
        rows.append(Row(number, fields.span, filled))
    if len(items) > MAX_ROWS:
        message = f"The list has {len(items)} rows; up to {MAX_ROWS} are read."
        findings.append(s.SIZE.at(items.nodes[MAX_ROWS].span, message, help="Split the library."))
    return Sheet(columns, tuple(rows)), tuple(findings)


def column_of(text: str, span: Span) -> Column:
    """A header: `aldehyde.density [g/mL]` is the column `aldehyde.density` in g/mL."""
    match = _HEADER.fullmatch(text.strip())
    if match is None:
        return Column(text.strip(), None, span)
    return Column(match[1].strip(), match[2].strip() or None, span)


def with_unit(node: Scalar, unit: str | None) -> Scalar:
    """The cell with the header's unit behind it, where it is a bare number or a range of two."""
    text = node.text.strip()
    if unit is None or _BARE.fullmatch(text) is None:
        return node
    return replace(node, text=f"{text} {unit}")


def _row_span(cells: tuple[Scalar, ...]) -> Span:
    first, last = cells[0].span, cells[-1].span
    return Span(first.file, first.line, first.column, last.end_line, last.end_column)


def _twice(column: Column, first: Column) -> Finding:
    message = f"The column {quote(column.name)} stands twice."
    if not column.name:
        message = "Two columns have cells and no name."
    related = (Related(first.span, "it stands here first"),)
    help_ = "Remove one of the two, or rename it; only the first was read."
    return s.COLUMN_DUPLICATE.at(column.span, message, help=help_, related=related)
