"""The declarations of a procedure: materials, vessels, products."""

from __future__ import annotations

from compiler.diagnostics.finding import Span
from compiler.reading import fields as f
from compiler.reading.nodes import Fields, Node, Scalar
from compiler.stages.documents import Form, Material, Product, Supply, Vessel
from compiler.stages.quantity import Dimension


def build_material(key: str, node: Fields, whole: Span) -> Material:
    """One entry under `materials`; what can't be read in it is left out."""
    return Material(
        key=key,
        spans=f.spans(node, whole),
        is_=f.text(node, "is"),
        name=f.text(node, "name"),
        smiles=f.text(node, "smiles"),
        cas=f.text(node, "cas"),
        formula=f.text(node, "formula"),
        mw=f.quantity(node, "mw", Dimension.MOLAR_MASS),
        salt=f.ratio(node, "salt"),
        hydrate=f.number(node, "hydrate") or 0.0,
        purity=f.quantity(node, "purity", Dimension.FRACTION),
        supplied=_supply(node.get("supplied")),
        density=f.quantity(node, "density", Dimension.DENSITY),
        anhydrous=f.flag(node, "anhydrous"),
        acid_pka=f.numbers(node, "pKa"),
        base_pkah=f.numbers(node, "pKaH"),
        logd=f.number(node, "logD"),
        basis=f.flag(node, "basis"),
        generates=f.ratio(node, "generates"),
    )


def _supply(node: Node | None) -> Supply | None:
    if isinstance(node, Scalar) and node.text in ("solid", "neat"):
        return Supply(Form(node.text), node.span)
    if not isinstance(node, Fields):
        return None
    medium, density = f.mixture(node, "in"), f.quantity(node, "density", Dimension.DENSITY)
    for form in (Form.SOLUTION, Form.SLURRY, Form.AQUEOUS):
        concentration = f.quantity(node, form.value, Dimension.CONCENTRATION)
        if concentration is not None:
            return Supply(form, node.span, concentration, None, medium, density)
    if "saturated in" in node:
        medium = f.mixture(node, "saturated in")
        return Supply(Form.SATURATED, node.span, None, None, medium, density)
    share = f.quantity(node, "wt", Dimension.MASS_FRACTION)
    if share is not None:
        return Supply(Form.WEIGHT_PERCENT, node.span, None, share, medium, density)
    return None


def build_vessel(name: str, node: Fields, whole: Span) -> Vessel:
    """One entry under `vessels`."""
    return Vessel(
        name=name,
        spans=f.spans(node, whole),
        size=f.quantity(node, "size", Dimension.VOLUME),
        at_least=f.quantity(node, "at least", Dimension.VOLUME),
        material=f.text(node, "material"),
        atmosphere=f.text(node, "atmosphere"),
        shared=f.flag(node, "shared"),
        cap=f.word(node, "cap", ("vented", "sealed")),
    )


def build_product(name: str, node: Fields, whole: Span) -> Product:
    """One entry under `products`."""
    return Product(
        name=name,
        spans=f.spans(node, whole),
        smiles=f.text(node, "smiles"),
        from_=f.ratio(node, "from"),
        goal=f.word(node, "goal", ("mono", "di", "any")),
        yield_=f.quantity(node, "yield", Dimension.FRACTION),
        logd=f.number(node, "logD"),
        base_pkah=f.numbers(node, "pKaH"),
        formed_by=f.text(node, "formed by"),
        label=f.text(node, "name"),
        reaction=f.text(node, "reaction"),
    )
