"""A YAML document as a tree of typed nodes, each with its place in the file.

All scalars are text: what a field makes of `no`, `12:30` or `0.5` is the field's affair.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from compiler.diagnostics.finding import Span


@dataclass(frozen=True, slots=True)
class Scalar:
    """Text; `plain` when it stands without quotes."""

    text: str
    span: Span
    plain: bool = True

    @property
    def is_null(self) -> bool:
        """Whether nothing was written: an empty value, `~` or `null`."""
        return self.plain and self.text in ("", "~", "null")


# Lists and mappings have no repr of their contents: an error message never needs 2 MB of it.
@dataclass(frozen=True, slots=True, repr=False)
class Items:
    """A list."""

    nodes: tuple[Node, ...]
    span: Span

    def __iter__(self) -> Iterator[Node]:
        """Its members in order."""
        return iter(self.nodes)

    def __len__(self) -> int:
        """How many there are."""
        return len(self.nodes)

    def __getitem__(self, index: int) -> Node:
        """The member at a position."""
        return self.nodes[index]


@dataclass(frozen=True, slots=True, repr=False)
class Fields(Mapping[str, "Node"]):
    """A mapping with text keys. `keys_at` has the place of each key."""

    values_by_key: Mapping[str, Node]
    span: Span
    keys_at: Mapping[str, Span] = field(default_factory=dict)

    def __iter__(self) -> Iterator[str]:
        """Its keys in order."""
        return iter(self.values_by_key)

    def __len__(self) -> int:
        """How many there are."""
        return len(self.values_by_key)

    def __getitem__(self, key: str) -> Node:
        """The value of a key; raises KeyError."""
        return self.values_by_key[key]

    def __contains__(self, key: object) -> bool:
        """Whether the key is there."""
        return key in self.values_by_key

    def entry_span(self, key: str) -> Span:
        """From the start of a key to the end of its value, in the file that the key is in."""
        start, end = self.keys_at[key], self.values_by_key[key].span
        if end.file != start.file or (end.line, end.column) < (start.line, start.column):
            return start  # the value comes from an alias, or from an including document
        return Span(start.file, start.line, start.column, end.end_line, end.end_column)


Node = Scalar | Items | Fields


def describe(node: Node) -> str:
    """What a node is, in a sentence: `a list`, `a mapping`, `no value` or the text in quotes."""
    if isinstance(node, Items):
        return "a list"
    if isinstance(node, Fields):
        return "a mapping"
    return "no value" if node.is_null else quote(node.text)


def quote(text: str, limit: int = 60) -> str:
    """Text for a message: in backticks, on one line, shortened, control characters escaped."""
    shown = text if len(text) <= limit else text[: limit - 1] + "…"
    return "`" + "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in shown) + "`"
