"""`$name` in a document, and the values that are put in its place."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from compiler.reading.nodes import Fields, Items, Node, Scalar

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_USE = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")
_LONGEST_TEXT = 10_000
_NEVER = ("kind", "version", "parameters")  # keys of a document that are not filled in


def fill(node: Node, values: Mapping[str, Node], strange: list[Scalar] | None = None) -> Node:
    """The node with `$name` replaced; the same object where nothing was.

    A scalar that is only `$name` becomes the value's node, with its place. Inside a longer text
    only text is filled in, and the place stays. Scalars with a name that has no such value are
    added to `strange`.
    """
    if isinstance(node, Items):
        items = tuple(fill(each, values, strange) for each in node)
        return node if _same(items, node.nodes) else Items(items, node.span)
    if isinstance(node, Fields):
        filled = {key: fill(each, values, strange) for key, each in node.items()}
        same = _same(tuple(filled.values()), tuple(node.values()))
        return node if same else Fields(filled, node.span, node.keys_at)
    if "$" not in node.text:
        return node
    if (whole := values.get(node.text[1:])) is not None and node.text.startswith("$"):
        return whole
    return _fill_text(node, values, strange)


def _fill_text(node: Scalar, values: Mapping[str, Node], strange: list[Scalar] | None) -> Scalar:
    unknown = False

    def value_of(match: re.Match[str]) -> str:
        nonlocal unknown
        value = values.get(match[1])
        if isinstance(value, Scalar):
            return value.text
        unknown = True
        return match[0]

    text = _USE.sub(value_of, node.text)
    if unknown and strange is not None:
        strange.append(node)
    return node if text == node.text else replace(node, text=text[:_LONGEST_TEXT])


def _same(some: tuple[Node, ...], others: tuple[Node, ...]) -> bool:
    return all(one is other for one, other in zip(some, others, strict=True))


def names_in(text: str) -> tuple[str, ...]:
    """The names that a text uses.

    >>> names_in("$acid in $solvent")
    ('acid', 'solvent')
    """
    return tuple(_USE.findall(text)) if "$" in text else ()


def uses(node: Node) -> Iterator[tuple[str, Scalar]]:
    """Every name that a node uses, with the text that it stands in."""
    if isinstance(node, Scalar):
        for name in names_in(node.text):
            yield name, node
    else:
        for each in node if isinstance(node, Items) else node.values():
            yield from uses(each)


def defaults(root: Fields) -> Mapping[str, Node]:
    """The values under a document's own `parameters`; a name without one is left out."""
    declared = root.get("parameters")
    if not isinstance(declared, Fields):
        return {}
    return {
        name: node
        for name, node in declared.items()
        if isinstance(node, Scalar) and not node.is_null
    }


def fill_document(root: Fields, values: Mapping[str, Node]) -> Fields:
    """A document with the values in place; its head and its `parameters` stay as they are."""
    if not values:
        return root
    filled = {key: node if key in _NEVER else fill(node, values) for key, node in root.items()}
    return Fields(filled, root.span, root.keys_at)
