"""A value of a row put into the mapping that the procedure has for a material, product or step."""

from __future__ import annotations

from collections.abc import Sequence

from compiler.reading.columns import Target
from compiler.reading.nodes import Fields, Node, Scalar
from compiler.reading.quantities import read_quantity
from compiler.stages.quantity import Dimension, Quantity

# Another of the first makes another compound; then the rest belongs to the old one.
_IDENTITY = ("smiles", "is", "cas", "formula")
_OF_THE_COMPOUND = (
    *_IDENTITY,
    "name",
    "mw",
    "salt",
    "hydrate",
    "purity",
    "density",
    "pKa",
    "pKaH",
    "logD",
)


def put(
    node: Node | None, path: tuple[str, ...], value: Node, dimensions: tuple[Dimension, ...]
) -> Node:
    """The node with the value at the end of a path; what it goes through has the value's place.

    A single quantity that is put over a range is planned inside the range: what the chemistry
    allows stays as the procedure has it.
    """
    if not path:
        return value if node is None else _planned(node, value, dimensions)
    if not isinstance(node, Fields):
        inner = put(None, path[1:], value, dimensions)
        return Fields({path[0]: inner}, value.span, {path[0]: value.span})
    inner = put(node.get(path[0]), path[1:], value, dimensions)
    keys_at = {**node.keys_at}
    keys_at.setdefault(path[0], value.span)
    return Fields({**node.values_by_key, path[0]: inner}, value.span, keys_at)


def _planned(old: Node, new: Node, dimensions: tuple[Dimension, ...]) -> Node:
    """`{between: what the old one allows, plan: the new one}`, or the new one alone."""
    if not dimensions or not isinstance(new, Scalar):
        return new
    allowed = old.get("between") if isinstance(old, Fields) else old
    if allowed is None:
        return new
    before, after = read_quantity(allowed, dimensions), read_quantity(new, dimensions)
    if not isinstance(before, Quantity) or not isinstance(after, Quantity):
        return new
    if before.hole or after.hole or not before.is_range or after.is_range:
        return new
    if before.dimension is not after.dimension:
        return new
    # `at: rt` is a condition of its time, not what the chemistry allows; `between` is.
    if before.dimension is Dimension.TEMPERATURE and allowed is old:
        return new
    keys = {"between": new.span, "plan": new.span}
    return Fields({"between": allowed, "plan": new}, new.span, keys)


def override_material(node: Fields, given: Sequence[tuple[Target, Node]]) -> Fields:
    """A material with values of a row.

    Where they make it another compound, what the procedure says of the old one is left out: its
    other names, salt, purity, density, pKa … How it is supplied stays, but for its density.
    """
    if any(_is_other(node, target, value) for target, value in given):
        node = _without_compound(node)
    result: Node = node
    for target, value in given:
        result = put(result, target.path, value, target.dimensions)
    return result if isinstance(result, Fields) else node


def _is_other(node: Fields, target: Target, value: Node) -> bool:
    if target.path[0] not in _IDENTITY or not isinstance(value, Scalar):
        return False
    old = node.get(target.path[0])
    return not isinstance(old, Scalar) or old.text.strip() != value.text.strip()


def _without_compound(node: Fields) -> Fields:
    kept = {key: value for key, value in node.items() if key not in _OF_THE_COMPOUND}
    supplied = kept.get("supplied")
    if isinstance(supplied, Fields) and "density" in supplied:
        inside = {key: value for key, value in supplied.items() if key != "density"}
        kept["supplied"] = Fields(inside, supplied.span, supplied.keys_at)
    return Fields(kept, node.span, node.keys_at)
