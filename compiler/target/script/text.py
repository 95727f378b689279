"""Python source, line by line: literals, comments, names and tables.

Whatever a user wrote reaches a script only through `literal` (a string literal) or `clean` (one
line without control or direction characters), so that nothing in it can run or break out.
The layout is that of `ruff format` with lines of 100.
"""

from __future__ import annotations

import builtins
import keyword
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from textwrap import wrap

from compiler.target.wording import clean

WIDTH = 100


def literal(text: str) -> str:
    """A string literal, in double quotes unless single ones save escapes."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    body = "".join(
        f"\\{char}" if char == quote else char if char in "'\"" else repr(char)[1:-1]
        for char in text
    )
    return f"{quote}{body}{quote}"


def number(value: float) -> str:
    """A number rounded to three decimals, as a literal: `200.0`, `202.5`, `170.487`."""
    return repr(round(float(value), 3) + 0.0)


def escaped_doc(text: str) -> str:
    """A cleaned line that may stand in a docstring in triple double quotes."""
    return clean(text).replace("\\", "\\\\").replace('"""', "'''")


def identifier(text: str, *, upper: bool = False) -> str:
    """A Python name made of a label: `glass 2 mL` becomes `glass_2_ml`."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    name = "_".join("".join(char if char.isalnum() else " " for char in plain).split())
    name = name.upper() if upper else name.lower()
    if not name or name[0].isdigit():
        name = f"{'X' if upper else 'x'}_{name}".rstrip("_")
    return name


class Names:
    """Hands out Python names, each once."""

    def __init__(self, reserved: Sequence[str] = ()) -> None:
        self._taken = {*keyword.kwlist, *keyword.softkwlist, *dir(builtins), *reserved}

    def take(self, text: str, *, upper: bool = False) -> str:
        """A name for `text` that nobody has yet."""
        base = identifier(text, upper=upper)
        name, count = base, 2
        while name in self._taken:
            name, count = f"{base}_{count}", count + 1
        self._taken.add(name)
        return name


class Lines:
    """A growing source text with an indentation."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._depth = 0

    def __str__(self) -> str:
        """The text so far."""
        return "\n".join(self._lines) + "\n"

    def add(self, *lines: str) -> None:
        """Adds lines as they are, indented; an empty one stays empty."""
        self._lines.extend(" " * 4 * self._depth + line if line else "" for line in lines)

    def blank(self) -> None:
        """One blank line, unless there is one already."""
        if self._lines and self._lines[-1]:
            self._lines.append("")

    def comment(self, text: str) -> None:
        """A comment, wrapped."""
        room = WIDTH - 4 * self._depth - 2
        self.add(*(f"# {line}" for line in wrap(clean(text), room)))

    def call(self, function: str, *arguments: str, to: str | None = None) -> None:
        """A call, on one line or with an argument a line; `to` is the name that it is kept in."""
        head = f"{to} = {function}" if to else function
        flat = f"{head}({', '.join(arguments)})"
        if self.fits(flat):
            self.add(flat)
            return
        self.add(f"{head}(", *(f"    {argument}," for argument in arguments), ")")

    def items(self, start: str, items: Sequence[str], end: str) -> None:
        """Items between brackets, on one line or an item a line."""
        flat = f"{start}{', '.join(items)}{end}"
        if self.fits(flat):
            self.add(flat)
            return
        self.add(start, *(f"    {item}," for item in items), end)

    def say(self, function: str, text: str) -> None:
        """A call with one long string, cut into lines."""
        whole = f"{function}({literal(text)})"
        if self.fits(whole):
            self.add(whole)
            return
        room = WIDTH - 4 * (self._depth + 1)
        whole_fits = len(literal(text)) <= room
        pieces = [literal(piece) for piece in ([text] if whole_fits else _pieces(text, room))]
        self.add(f"{function}(", *(f"    {piece}" for piece in pieces), ")")

    def fits(self, line: str) -> bool:
        """Whether a line is short enough here."""
        return 4 * self._depth + len(line) <= WIDTH

    @contextmanager
    def indented(self) -> Iterator[None]:
        """One level deeper."""
        self._depth += 1
        yield
        self._depth -= 1

    @contextmanager
    def block(self, header: str) -> Iterator[None]:
        """An indented block under a header that ends with a colon."""
        self.add(header)
        with self.indented():
            yield


def _pieces(text: str, room: int) -> list[str]:
    """A text in pieces of at most `room` characters, cut after blanks and line breaks."""
    pieces: list[str] = []
    for line in text.splitlines(keepends=True):
        words = line.split(" ")
        current = ""
        for index, word in enumerate(words):
            bit = word if index + 1 == len(words) else word + " "
            if current and len(literal(current + bit)) > room:
                pieces.append(current)
                current = ""
            current += bit
        pieces.append(current)
    return pieces


class Table:
    """Rows that a loop goes through: what is the same in all rows is not repeated.

    `rows` hold expressions by column. One row needs no table and no loop.
    """

    def __init__(self, name: str, rows: Sequence[Mapping[str, str]]) -> None:
        self.name = name
        self.rows = rows
        first = rows[0]
        self._varying = [key for key in first if any(row[key] != first[key] for row in rows)]
        self._varying = self._varying or ([next(iter(first))] if len(rows) > 1 else [])

    def define(self, lines: Lines) -> None:
        """Writes the table, a row a line under its column names."""
        if not self._varying:
            return
        columns = self._varying
        lines.add(f"{self.name} = [")
        with lines.indented():
            lines.comment(", ".join(columns))
            for row in self.rows:
                cells = [row[key] for key in columns]
                flat = f"({', '.join(cells)})" if len(cells) > 1 else cells[0]
                if lines.fits(flat + ","):
                    lines.add(flat + ",")
                else:
                    lines.add("(", *(f"    {cell}," for cell in cells), "),")
        lines.add("]")

    @contextmanager
    def loop(self, lines: Lines, index: str | None = None) -> Iterator[Mapping[str, str]]:
        """The loop over the rows; gives the expression that stands for each column inside.

        `index` is the name that counts the rows, from 0.
        """
        first = self.rows[0]
        if not self._varying:
            yield first
            return
        names = ", ".join(self._varying)
        header = f"for {names} in {self.name}:"
        if index is not None:
            names = f"({names})" if len(self._varying) > 1 else names
            header = f"for {index}, {names} in enumerate({self.name}):"
        with lines.block(header):
            yield self._bound()

    def unpack(self, lines: Lines, index: str) -> Mapping[str, str]:
        """Takes one row out of the table, in a loop of the caller's; gives what `loop` gives."""
        if self._varying:
            lines.add(f"{', '.join(self._varying)} = {self.name}[{index}]")
        return self._bound()

    def _bound(self) -> Mapping[str, str]:
        """The expression for each column inside a loop: its own name, where rows differ."""
        first = self.rows[0]
        return {key: key if key in self._varying else first[key] for key in first}
