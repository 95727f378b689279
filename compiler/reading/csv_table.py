"""A CSV file as cells, each with its place. What a cell means is the columns' affair.

The table's dialect is read from its header: `,`, `;` or tab between cells. Quoted cells may hold
separators, line breaks and doubled quotes (RFC 4180). All cells are text: a formula, HTML or an
escape sequence in one stays what it is.
"""

from __future__ import annotations

import hashlib
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from compiler.diagnostics.codes import structure as s
from compiler.diagnostics.finding import Finding, Span
from compiler.reading.nodes import Scalar, quote
from compiler.reading.schema import MAX_FINDINGS
from compiler.reading.source import MAX_BYTES

MAX_ROWS = 1536
MAX_COLUMNS = 256
MAX_CELL = 10_000

_BREAK = re.compile("\r\n|[\n\r]")
# Excel writes this line before the header, and reads it.
_SEPARATOR_LINE = re.compile('"?sep=([,;\t])"?(?=[\r\n])', re.IGNORECASE)
_EXAMPLE = "A table starts with its columns' names: `name,aldehyde.smiles,hydride.amount`."


@dataclass(frozen=True, slots=True)
class Table:
    """The header and the rows that are not blank; a row has as many cells as the header.

    A cell's text is stripped of white space at its ends. `sha256` is that of the file's bytes.
    """

    file: str
    sha256: str
    header: tuple[Scalar, ...]
    rows: tuple[tuple[Scalar, ...], ...]


def read_table(path: Path) -> tuple[Table | None, tuple[Finding, ...]]:
    """The table in a file; None with S-FILE, S-SIZE, S-BINARY or S-EMPTY. Raises nothing."""
    file = str(path)
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            message = f"{file} is no ordinary file."
            return None, (s.FILE.at(Span(file), message, help="Name a CSV file."),)
        with path.open("rb") as handle:
            data = handle.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or str(error)
        message = f"{file} cannot be read: {reason}."
        return None, (s.FILE.at(Span(file), message, help="Check the path."),)
    return parse_table(data, file)


def parse_table(data: bytes, file: str) -> tuple[Table | None, tuple[Finding, ...]]:
    """The table in the bytes of a file. Raises nothing, whatever the bytes."""
    text = _text(data, file)
    if isinstance(text, Finding):
        return None, (text,)
    reader = _Reader(text, file)
    records = reader.records()
    if not records:
        empty = s.EMPTY.at(Span(file), f"{file} has no rows.", help=_EXAMPLE)
        return None, (empty, *reader.findings)
    header, *body = records
    while header and not header[-1].text:
        header = header[:-1]  # a spreadsheet's empty columns on the right
    if not header or len(header) > MAX_COLUMNS:
        return None, (_no_header(header, records[0], file), *reader.findings)
    rows = [row for record in body if (row := reader.fitted(record, header)) is not None]
    if not body and not reader.findings:
        message = f"{file} has a header and no rows."
        reader.findings.append(s.EMPTY.at(_around(records[0]), message, help="Add a row."))
    table = Table(file, hashlib.sha256(data).hexdigest(), header, tuple(rows))
    return table, tuple(reader.findings[:MAX_FINDINGS])


def _text(data: bytes, file: str) -> str | Finding:
    if len(data) > MAX_BYTES:
        message = f"{file} is larger than the {MAX_BYTES / 1e6:g} MB that are read."
        return s.SIZE.at(Span(file), message, help=f"A library has up to {MAX_ROWS} rows.")
    help_ = "Save the table as `CSV UTF-8`."
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        what = f"byte 0x{data[error.start]:02x} at offset {error.start}"
        before = data[: error.start].decode("utf-8-sig", "replace")
        return s.BINARY.at(_after(before, file), f"{file} is not UTF-8 text: {what}.", help=help_)
    if "\0" in text:
        place = _after(text[: text.index("\0")], file)
        return s.BINARY.at(place, f"{file} has a NUL in it, and is no table.", help=help_)
    return text


def _after(before: str, file: str) -> Span:
    lines = _BREAK.split(before)
    line, column = len(lines), len(lines[-1]) + 1
    return Span(file, line, column, line, column + 1)


def _no_header(header: tuple[Scalar, ...], first: tuple[Scalar, ...], file: str) -> Finding:
    if header:
        message = f"{file} has {len(header)} columns; up to {MAX_COLUMNS} are read."
        return s.SIZE.at(header[MAX_COLUMNS].span, message, help="Keep the columns that differ.")
    return s.EMPTY.at(_around(first), "The table's first line names no column.", help=_EXAMPLE)


def _around(cells: tuple[Scalar, ...]) -> Span:
    """From the first cell to the last one."""
    first, last = cells[0].span, cells[-1].span
    return Span(first.file, first.line, first.column, last.end_line, last.end_column)


class _Reader:
    """Takes a text apart, keeping count of lines and columns."""

    def __init__(self, text: str, file: str) -> None:
        self.text = text
        self.file = file
        self.findings: list[Finding] = []
        self.line = 1
        self.line_start = 0
        self.at = 0
        hint = _SEPARATOR_LINE.match(text)
        separator = hint[1] if hint else _separator(text)
        if hint:
            self.at = hint.end()
            self._pass_break()
        other = re.escape(separator)
        blank = "[ \xa0]*" if separator == "\t" else "[ \t\xa0]*"
        self.quoted = re.compile(rf'{blank}"((?:[^"]+|"")*+)("?)([^{other}\r\n]*)')
        self.bare = re.compile(rf"[^{other}\r\n]*")
        self.separator = separator

    def records(self) -> list[tuple[Scalar, ...]]:
        """The header and every record that is not blank, up to MAX_ROWS of them."""
        found: list[tuple[Scalar, ...]] = []
        while self.at < len(self.text):
            record = self._record()
            if record is None:
                break
            if not any(cell.text for cell in record):
                continue
            if len(found) > MAX_ROWS:
                message = f"The table has more than {MAX_ROWS} rows; the rest was not read."
                help_ = "Split it: 1536 reactions are four plates of 384."
                self.findings.append(s.SIZE.at(_around(record), message, help=help_))
                break
            found.append(record)
        return found

    def _record(self) -> tuple[Scalar, ...] | None:
        """The cells up to the end of the line; None where a quote never closes."""
        cells: list[Scalar] = []
        while True:
            cell = self._cell()
            if cell is None:
                return None
            if len(cells) <= 2 * MAX_COLUMNS:
                cells.append(cell)
            if self.at < len(self.text) and self.text[self.at] == self.separator:
                self.at += 1
                continue
            self._pass_break()
            return tuple(cells)

    def _cell(self) -> Scalar | None:
        if quoted := self.quoted.match(self.text, self.at):
            return self._quoted(quoted)
        bare = self.bare.match(self.text, self.at)
        raw = bare[0] if bare else ""
        column = self.at - self.line_start + 1 + len(raw) - len(raw.lstrip())
        self.at += len(raw)
        text = raw.strip()
        span = Span(self.file, self.line, column, self.line, column + len(text))
        return Scalar(self._short(text, span), span, plain=False)

    def _quoted(self, match: re.Match[str]) -> Scalar | None:
        opening = match.start(1) - 1
        column = opening - self.line_start + 1
        start = Span(self.file, self.line, column, self.line, column + 1)
        if not match[2]:
            message = "The quote that opens here never closes."
            help_ = 'Close it, or double a quote that belongs to the text: `""`.'
            self.findings.append(s.CSV.at(start, message, help=help_))
            self.at = len(self.text)
            return None
        for line_break in _BREAK.finditer(self.text, opening, match.end(2)):
            self.line += 1
            self.line_start = line_break.end()
        end = match.end(2) - self.line_start + 1
        span = Span(self.file, start.line, start.column, self.line, end)
        if match[3].strip():
            message = f"{quote(match[3].strip())} stands behind a closing quote."
            help_ = 'Put the whole cell into quotes, and double those inside: `"2"" tube"`.'
            self.findings.append(s.CSV.at(span, message, help=help_))
        self.at = match.end()
        return Scalar(self._short(match[1].replace('""', '"').strip(), span), span, plain=False)

    def _short(self, text: str, span: Span) -> str:
        if len(text) <= MAX_CELL:
            return text
        message = f"This cell has {len(text)} characters; up to {MAX_CELL} are read."
        self.findings.append(s.SIZE.at(span, message, help="Look for a quote that is missing."))
        return text[:MAX_CELL]

    def _pass_break(self) -> None:
        if line_break := _BREAK.match(self.text, self.at):
            self.at = self.line_start = line_break.end()
            self.line += 1

    def fitted(
        self, record: tuple[Scalar, ...], header: tuple[Scalar, ...]
    ) -> tuple[Scalar, ...] | None:
        """The cells under the header; S-ROW and None where they are not as many."""
        extra = record[len(header) :]
        if len(record) >= len(header) and not any(cell.text for cell in extra):
            return record[: len(header)]
        span = next((cell.span for cell in extra if cell.text), _around(record))
        message = f"This row has {len(record)} cells; the header has {len(header)}."
        help_ = "Put a cell that holds a separator into quotes; leave an unused cell empty: `a,,c`."
        self.findings.append(s.ROW.at(span, message, help=help_))
        return None


def _separator(text: str) -> str:
    """The most frequent of `,`, `;` and tab in the first line that is not blank, quotes apart."""
    first = next((line for line in _BREAK.split(text[:100_000]) if line.strip()), "")
    outside = re.sub('"[^"]*"?', "", first)
    return max((",", ";", "\t"), key=outside.count)
