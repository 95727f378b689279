"""Typed access to the keys of a mapping.

Each function gives None (or an empty value) where the key is absent or its value can't be read;
`schema` has said so by then, and says it once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from compiler.diagnostics.finding import Span
from compiler.reading.nodes import Fields, Items, Node, Scalar
from compiler.reading.quantities import read_quantity
from compiler.reading.schema import is_boolean, is_integer, is_number
from compiler.stages.documents import Acknowledgement, Amount, AmountKind, Mixture, Rinse, Spans
from compiler.stages.quantity import Dimension, Quantity

T = TypeVar("T")

AMOUNT_KINDS = {
    Dimension.EQUIVALENTS: AmountKind.EQUIVALENTS,
    Dimension.AMOUNT: AmountKind.AMOUNT,
    Dimension.MASS: AmountKind.MASS,
    Dimension.VOLUME: AmountKind.VOLUME,
    Dimension.VOLUME_PER_AMOUNT: AmountKind.VOLUME_PER_AMOUNT,
    Dimension.VOLUME_PER_MASS: AmountKind.VOLUME_PER_MASS,
}
VOLUME_DIMENSIONS = (
    Dimension.VOLUME,
    Dimension.VOLUME_PER_AMOUNT,
    Dimension.VOLUME_PER_MASS,
)


class Unreadable(Exception):  # noqa: N818 - ends the building of one thing; never leaves `reading`
    """A required part of something is absent or faulty, so that it can't be built."""


def need(value: T | None) -> T:
    """The value; raises Unreadable where there is none."""
    if value is None:
        raise Unreadable
    return value


def mapping(node: Node | None) -> Fields | None:
    """The node, if it is a mapping."""
    return node if isinstance(node, Fields) else None


def members(node: Fields, key: str) -> Mapping[str, Fields]:
    """The members of the mapping under `key` that are mappings themselves."""
    outer = mapping(node.get(key))
    if outer is None:
        return {}
    return {name: each for name, each in outer.items() if isinstance(each, Fields)}


def spans(node: Fields, whole: Span | None = None) -> Spans:
    """Where a mapping and its values stand; `whole` overrides its own place."""
    return Spans(whole or node.span, {key: value.span for key, value in node.items()})


def text(node: Fields, key: str) -> str | None:
    """Text as written."""
    value = node.get(key)
    return value.text if isinstance(value, Scalar) and not value.is_null else None


def word(node: Fields, key: str, allowed: tuple[str, ...]) -> str | None:
    """Text that is one of `allowed`."""
    value = text(node, key)
    return value if value in allowed else None


def integer(node: Fields, key: str) -> int | None:
    """A count of 1 or more; `5 drops` is 5."""
    value = node.get(key)
    if not isinstance(value, Scalar):
        return None
    plain = Scalar(value.text.removesuffix("s").removesuffix(" drop"), value.span)
    return int(plain.text) if is_integer(plain) and int(plain.text) > 0 else None


def count(node: Fields, key: str, absent: int = 1) -> int:
    """A whole number above 0; raises Unreadable for anything else that is written."""
    if key not in node:
        return absent
    return need(integer(node, key))


def number(node: Fields, key: str) -> float | None:
    """A plain number."""
    value = node.get(key)
    return float(value.text) if isinstance(value, Scalar) and is_number(value) else None


def numbers(node: Fields, key: str) -> tuple[float, ...]:
    """A number or a list of them."""
    value = node.get(key)
    each = value.nodes if isinstance(value, Items) else (value,)
    return tuple(float(n.text) for n in each if isinstance(n, Scalar) and is_number(n))


def flag(node: Fields, key: str) -> bool:
    """True where `true` is written."""
    value = node.get(key)
    return isinstance(value, Scalar) and is_boolean(value) and value.text.lower() == "true"


def names(node: Fields, key: str) -> tuple[str, ...]:
    """One text or a list of them."""
    value = node.get(key)
    each = value.nodes if isinstance(value, Items) else (value,)
    return tuple(n.text for n in each if isinstance(n, Scalar) and not n.is_null)


def ratio(node: Fields, key: str) -> Mapping[str, float]:
    """Names with numbers above 0, in the order written."""
    inner = mapping(node.get(key))
    if inner is None:
        return {}
    read = {name: number(inner, name) for name in inner}
    return {name: value for name, value in read.items() if value is not None and value > 0}


def mixture(node: Fields, key: str) -> Mixture | None:
    """A name, or parts by volume; the fractions sum to 1."""
    value = node.get(key)
    if isinstance(value, Scalar) and not value.is_null:
        return Mixture({value.text: 1.0}, value.span)
    parts = ratio(node, key)
    if not parts or value is None:
        return None
    whole = sum(parts.values())
    return Mixture({name: part / whole for name, part in parts.items()}, value.span)


def quantity(node: Fields, key: str, *dimensions: Dimension) -> Quantity | None:
    """A quantity in one of the dimensions."""
    value = node.get(key)
    if value is None:
        return None
    read = read_quantity(value, dimensions)
    return read if isinstance(read, Quantity) else None


def amount(node: Fields, key: str, dimensions: tuple[Dimension, ...]) -> Amount | None:
    """An `amount` or `volume`: a quantity, `{make up to: …}` or `{volume: …, at scale: …}`."""
    value = mapping(node.get(key))
    if value is not None and "make up to" in value:
        limit = quantity(value, "make up to", Dimension.CONCENTRATION)
        return None if limit is None else Amount(AmountKind.MAKE_UP_TO, _assumed(value, limit))
    if value is not None and "at scale" in value:
        volume = quantity(value, "volume", Dimension.VOLUME)
        scale = quantity(value, "at scale", Dimension.AMOUNT)
        if not volume or not scale:
            return None
        return Amount(AmountKind.VOLUME, _assumed(value, volume), scale)
    read = quantity(node, key, *dimensions)
    return None if read is None else Amount(AMOUNT_KINDS[read.dimension], read)


def _assumed(node: Fields, read: Quantity) -> Quantity:
    """The quantity with the reason that stands beside it, where there is one."""
    return replace(read, assumed=text(node, "assumed") or read.assumed)


def volume(node: Fields, key: str) -> Amount | None:
    """A volume: absolute, of the basis's mol or g, or at a scale."""
    return amount(node, key, VOLUME_DIMENSIONS)


def rinse(node: Fields, key: str) -> Rinse | None:
    """`rinse`; raises Unreadable where it is written and can't be read."""
    inner = mapping(node.get(key))
    if inner is None:
        return None
    solvent, each = need(mixture(inner, "with")), need(volume(inner, "volume"))
    return Rinse(solvent, each, count(inner, "times"), inner.span)


def acknowledgements(node: Fields, step: str | None) -> tuple[Acknowledgement, ...]:
    """`acknowledge`; `step` is the step that it stands on, None for the document's own."""
    listed = node.get("acknowledge")
    read = []
    for each in listed if isinstance(listed, Items) else ():
        if isinstance(each, Fields) and (code := text(each, "code")):
            reason = text(each, "reason")
            if reason:
                on = step or text(each, "step")
                read.append(Acknowledgement(code, on, reason, each.span))
    return tuple(read)
