"""Builds procedures by hand, for tests of the passes that come after reading."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compiler.diagnostics import Span
from compiler.stages.documents import (
    Add,
    Amount,
    AmountKind,
    AnyStep,
    Form,
    Material,
    Mixture,
    Procedure,
    Product,
    Spans,
    Supply,
    Vessel,
)
from compiler.stages.quantity import Dimension, Origin, Quantity

_DIMENSIONS = {
    AmountKind.EQUIVALENTS: Dimension.EQUIVALENTS,
    AmountKind.AMOUNT: Dimension.AMOUNT,
    AmountKind.MASS: Dimension.MASS,
    AmountKind.VOLUME: Dimension.VOLUME,
    AmountKind.VOLUME_PER_AMOUNT: Dimension.VOLUME_PER_AMOUNT,
    AmountKind.VOLUME_PER_MASS: Dimension.VOLUME_PER_MASS,
    AmountKind.MAKE_UP_TO: Dimension.CONCENTRATION,
}


def span(line: int = 1) -> Span:
    return Span("procedure.yaml", line, 1, line, 9)


def spans(line: int = 1, *keys: str) -> Spans:
    """Each key on a line of its own below the mapping's."""
    return Spans(span(line), {key: span(line + n) for n, key in enumerate(keys, 1)})


def quantity(value: float, dimension: Dimension, line: int = 1, **more: Any) -> Quantity:
    values: dict[str, Any] = {
        "low": value,
        "high": value,
        "plan": value,
        "origin": Origin.WRITTEN,
        "text": f"{value:g} {dimension}",
        "span": span(line),
    }
    return Quantity(dimension, **(values | more))


def amount(
    value: float,
    kind: AmountKind = AmountKind.EQUIVALENTS,
    at_scale: float | None = None,
    **more: Any,
) -> Amount:
    scale = quantity(at_scale, Dimension.AMOUNT) if at_scale is not None else None
    return Amount(kind, quantity(value, _DIMENSIONS[kind], **more), scale)


def supply(
    form: str,
    concentration: float | None = None,
    medium: str | Mapping[str, float] | None = None,
    density: float | None = None,
    mass_fraction: float | None = None,
) -> Supply:
    if isinstance(medium, str):
        medium = {medium: 1.0}
    return Supply(
        Form(form),
        span(50),
        None if concentration is None else quantity(concentration, Dimension.CONCENTRATION),
        None if mass_fraction is None else quantity(mass_fraction, Dimension.MASS_FRACTION),
        None if medium is None else Mixture(medium, span(51)),
        None if density is None else quantity(density, Dimension.DENSITY),
    )


def material(key: str, line: int = 10, **fields: Any) -> Material:
    for name, dimension in (
        ("density", Dimension.DENSITY),
        ("purity", Dimension.FRACTION),
        ("mw", Dimension.MOLAR_MASS),
    ):
        if isinstance(fields.get(name), float):
            fields[name] = quantity(fields[name], dimension, line)
    keys = [name.rstrip("_") for name in fields]
    return Material(key=key, spans=spans(line, *keys), **fields)


def add(name: str, how_much: Amount, to: str = "reactor", step: str = "", **more: Any) -> Add:
    return Add(
        id=step or f"add-{name}",
        verb="add",
        spans=spans(100, "material", "to", "amount"),
        material=name,
        to=to,
        amount=how_much,
        **more,
    )


def product(smiles: str, name: str = "desired", **from_: float) -> Product:
    return Product(name=name, spans=spans(60, "smiles"), smiles=smiles, from_=from_, goal="mono")


def procedure(
    *parts: Material | Product | AnyStep, scale: float | None = 0.1, **more: Any
) -> Procedure:
    """A procedure from its materials, products and steps, in any order."""
    materials = {p.key: p for p in parts if isinstance(p, Material)}
    products = {p.name: p for p in parts if isinstance(p, Product)}
    values: dict[str, Any] = {
        "file": "procedure.yaml",
        "sha256": "0" * 64,
        "title": "Test",
        "source": {},
        "transformation": None,
        "scale": None if scale is None else quantity(scale, Dimension.AMOUNT),
        "materials": materials,
        "vessels": {"reactor": Vessel(name="reactor", spans=spans(40))},
        "products": products,
        "steps": tuple(p for p in parts if not isinstance(p, (Material, Product))),
        "max_concentration": None,
        "acknowledge": (),
        "spans": spans(1, "title", "scale", "materials", "steps"),
    }
    return Procedure(**(values | more))
