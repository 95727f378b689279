"""The products of a row: made by the reaction that the procedure gives, or held against it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from compiler.diagnostics.codes import chemistry as c
from compiler.diagnostics.finding import Finding, Related, Span
from compiler.reading.nodes import quote
from compiler.stages.documents import Material, Procedure, Product, Spans


@dataclass(frozen=True, slots=True)
class RowOf:
    """What a row has changed: the materials that are other compounds now, the products' structures
    that it gives itself, and where it stands."""

    number: int
    span: Span
    changed: Mapping[str, Span]  # material -> the cell that makes it another compound
    given: frozenset[str]  # products


def with_products(
    procedure: Procedure, row: RowOf
) -> tuple[Mapping[str, Product], tuple[Finding, ...]]:
    """The products of a row, those with a `reaction` made of the row's materials.

    A structure that the row gives itself is kept, and held against the reaction: C-PRODUCT.
    C-REACTION where the reaction does not make one product; C-PRODUCT also where a row changes a
    material of `from` and the product's structure stays that of the procedure. The same mapping
    comes back where nothing changes.
    """
    products: dict[str, Product] = {}
    findings: list[Finding] = []
    for name, product in procedure.products.items():
        changed = {key: span for key, span in row.changed.items() if key in product.from_}
        products[name], found = product, None
        if product.reaction is not None:
            products[name], found = _made(procedure, product, row, changed)
        elif changed and product.smiles is not None and name not in row.given:
            found = _stale(product, row, changed)
        findings.extend([found] if found else [])
    same = all(products[name] is each for name, each in procedure.products.items())
    return procedure.products if same else products, tuple(findings)


def _made(
    procedure: Procedure, product: Product, row: RowOf, changed: Mapping[str, Span]
) -> tuple[Product, Finding | None]:
    from compiler.chemistry.reaction_products import ReactionError, product_of
    from compiler.chemistry.substances import SmilesError, structure_of

    reactants = _reactants(procedure, product)
    if reactants is None or product.reaction is None:
        return product, None  # `resolve` says what is not known of them
    place = next(iter(changed.values()), None)
    keeps = product.name in row.given or (not changed and product.smiles is not None)
    number = row.number if changed or product.name in row.given else None
    try:
        made = product_of(product.reaction, reactants)
        written = structure_of(product.smiles).canonical if keeps and product.smiles else made
    except SmilesError:
        return product, None  # C-SMILES follows from `resolve`
    except ReactionError as error:
        message = f"The reaction of {quote(product.name)} does not give its product: {error}."
        help_ = "Narrow the SMARTS to the atoms that react, or give the row its own "
        help_ += f"`{product.name}.smiles`."
        where = product.spans.at("reaction")
        related = (Related(where, "the reaction stands here"),) if place else ()
        found = c.REACTION.at(place or where, message, help=help_, row=number, related=related)
        return (product if keeps else replace(product, smiles=None)), found
    if written != made:
        message = f"{quote(product.name)} is {product.smiles}, but its reaction makes {made}."
        where = product.spans.at("smiles")
        help_ = "Leave the structure out and let the reaction make it, or mend one of the two."
        related = (Related(product.spans.at("reaction"), "the reaction stands here"),)
        return product, c.PRODUCT.at(where, message, help=help_, row=number, related=related)
    if keeps:
        return product, None
    keys = {**product.spans.keys, "smiles": place or product.spans.at("reaction")}
    spans = Spans(place or product.spans.whole, keys)
    return replace(product, smiles=made, spans=spans), None


def _reactants(procedure: Procedure, product: Product) -> tuple[str, ...] | None:
    """The structures of what the product is made from, a coefficient of 2 twice."""
    found: list[str] = []
    for key in sorted(product.from_):
        material = procedure.materials.get(key)
        smiles = material.smiles or _catalogued(material) if material else None
        count = product.from_[key]
        if smiles is None or count != int(count) or count > _MOST:
            return None
        found.extend([smiles] * int(count))
    return tuple(found) or None


_MOST = 4  # of one reactant in an equation


def _catalogued(material: Material) -> str | None:
    from compiler.chemistry.catalogue import Compound, load_catalogue

    for name in (material.is_, material.cas, material.name):
        entries = load_catalogue().find(name) if name else ()
        if len(entries) == 1 and isinstance(entries[0], Compound):
            return entries[0].smiles
    return None


def _stale(product: Product, row: RowOf, changed: Mapping[str, Span]) -> Finding:
    key, span = next(iter(changed.items()))
    message = f"The row makes {quote(key)} another compound, and {quote(product.name)} stays "
    message += f"{product.smiles}, which is made from the procedure's."
    help_ = f"Add a column `{product.name}.smiles`, or give the product a `reaction` from which "
    help_ += "each row's structure is made."
    related = (Related(product.spans.at("smiles"), "the structure stands here"),)
    return c.PRODUCT.at(span, message, help=help_, row=row.number, related=related)
