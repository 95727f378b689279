"""A procedure's file to a `Procedure`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from compiler.diagnostics.codes import structure as s
from compiler.diagnostics.finding import Finding, Related, Span
from compiler.reading import fields as f
from compiler.reading.expand import Written, expand
from compiler.reading.materials import build_material, build_product, build_vessel
from compiler.reading.nodes import Fields, Scalar, quote
from compiler.reading.opening import Opened, in_order, open_document, wrong_kind
from compiler.reading.references import check_references
from compiler.reading.result import Read
from compiler.reading.schema import check_structure
from compiler.reading.steps import Common, build_step
from compiler.stages.documents import AnyStep, ConcentrationLimit, Procedure
from compiler.stages.quantity import Dimension

T = TypeVar("T")

SCHEMA = "procedure.schema.json"


def read_procedure(path: Path) -> Read[Procedure]:
    """Reads a procedure, with every finding of its structure, quantities and references.

    A faulty value yields its findings and the rest goes on: an optional part that is faulty is
    left out, a step or material whose required part is faulty is left out whole. None only where
    there is no mapping to read, or it is of another kind or version. Raises nothing.
    """
    return procedure_of(open_document(path))


def procedure_of(opened: Opened) -> Read[Procedure]:
    """The procedure in a document that is open already."""
    root, source = opened.root, opened.source
    other = wrong_kind(opened, "procedure")
    if root is None or source is None or other is not None:
        return Read(None, in_order((*opened.findings, *((other,) if other else ()))))
    written, of_expansion = expand(root.get("steps"), opened.path)
    named, of_ids = _name_steps(written)
    structure = (*check_structure(root, SCHEMA), *of_expansion)
    references = check_references(root, named)
    built = [_build(step_id, step) for step_id, step in named]
    document = Procedure(
        file=source.file,
        sha256=source.sha256,
        title=f.text(root, "title") or "",
        source=_citation(root),
        transformation=f.text(root, "transformation"),
        scale=f.quantity(root, "scale", Dimension.AMOUNT),
        materials=_built(root, "materials", build_material),
        vessels=_built(root, "vessels", build_vessel),
        products=_built(root, "products", build_product),
        steps=tuple(step for step in built if step is not None),
        max_concentration=_limit(root),
        acknowledge=f.acknowledgements(root, None),
        spans=f.spans(root),
    )
    found = (*opened.findings, *(_on_step(x, named) for x in structure), *of_ids, *references)
    return Read(document, in_order(found))


def _built(root: Fields, key: str, build: Callable[[str, Fields, Span], T]) -> Mapping[str, T]:
    """The members of the mapping under `key`, each with the place of its whole entry."""
    outer = f.mapping(root.get(key))
    if outer is None:
        return {}
    return {
        name: build(name, node, outer.entry_span(name))
        for name, node in f.members(root, key).items()
    }


def _citation(root: Fields) -> Mapping[str, str]:
    node = root.get("source")
    if isinstance(node, Scalar):
        return {"title": node.text}
    if not isinstance(node, Fields):
        return {}
    return {key: each.text for key, each in node.items() if isinstance(each, Scalar)}


def _limit(root: Fields) -> ConcentrationLimit | None:
    node = f.mapping(root.get("max concentration"))
    if node is None:
        return None
    material, limit = f.text(node, "of"), f.quantity(node, "is", Dimension.CONCENTRATION)
    if material is None or limit is None:
        return None
    return ConcentrationLimit(material, limit, node.span)


# --- steps ------------------------------------------------------------------------------------


def _name_steps(
    written: tuple[Written, ...],
) -> tuple[list[tuple[str, Written]], tuple[Finding, ...]]:
    """Each step with its id: the user's, or `<verb>-<n>`. S-ID where one stands twice."""
    findings: list[Finding] = []
    first: dict[str, Span] = {}
    named: list[tuple[str, Written]] = []
    for position, step in enumerate(written, start=1):
        given = f.text(step.node, "id")
        own = f"{step.prefix}{step.verb}-{position}"
        step_id = own if given is None else f"{step.prefix}{given}{step.suffix}"
        place = step.node["id"].span if given is not None else step.node.keys_at[step.verb]
        if step_id in first:
            related = Related(first[step_id], f"{quote(step_id)} stands here first")
            message = f"Two steps have the id {quote(step_id)}."
            help_ = "Give each its own; a block that is included twice needs an `id` per include."
            findings.append(s.ID.at(place, message, help=help_, related=(related,)))
            step_id = f"{own}'"  # ids stay unique for the passes that go on
        first[step_id] = place
        named.append((step_id, step))
    return named, tuple(findings)


def _build(step_id: str, step: Written) -> AnyStep | None:
    inner = step.node[step.verb]
    if not isinstance(inner, Fields):
        return None
    layers = (*step.outer, step.node)
    acknowledged = [each for layer in layers for each in f.acknowledgements(layer, step_id)]
    common: Common = {
        "id": step_id,
        "verb": step.verb,
        "spans": f.spans(inner, step.node.entry_span(step.verb)),
        "note": f.text(step.node, "note"),
        "by_operator": any(f.text(layer, "by") == "operator" for layer in layers),
        "acknowledge": tuple(acknowledged),
    }
    return build_step(common, inner)


def _on_step(finding: Finding, named: list[tuple[str, Written]]) -> Finding:
    """The finding with the id of the step that it stands in."""
    if finding.span is None or finding.step is not None:
        return finding
    for step_id, step in named:
        if _encloses(step.node.span, finding.span):
            return replace(finding, step=step_id)
    return finding


def _encloses(outer: Span, inner: Span) -> bool:
    return (
        outer.file == inner.file
        and (outer.line, outer.column) <= (inner.line, inner.column)
        and (inner.end_line, inner.end_column) <= (outer.end_line, outer.end_column)
    )
