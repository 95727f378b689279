"""A procedure's file to a `Procedure`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from compiler.diagnostics.codes import structure as s
from compiler.diagnostics.finding import Finding, Related, Span
from compiler.reading import fields as f
from compiler.reading.expand import Written, expand
from compiler.reading.limits import KEY as WITHIN
from compiler.reading.limits import Named, limits_of_step
from compiler.reading.materials import build_material, build_product, build_vessel
from compiler.reading.nodes import Fields, Scalar, quote
from compiler.reading.opening import Opened, in_order, open_document, wrong_kind
from compiler.reading.parameters import defaults, fill_document
from compiler.reading.references import check_references
from compiler.reading.result import Read
from compiler.reading.schema import check_structure
from compiler.reading.source import Source
from compiler.reading.steps import Common, build_step
from compiler.stages.documents import (
    SAMPLES,
    AnyStep,
    ConcentrationLimit,
    Monitor,
    Procedure,
    Spans,
)
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
    outline = outline_of(opened)
    if not isinstance(outline, Outline):
        return Read(None, outline)
    return Read(procedure_in(outline), in_order(outline.findings))


@dataclass(frozen=True, slots=True)
class Outline:
    """A procedure before anything is built of it: its tree, and its steps as they will run.

    `named` has every step with its id; `findings` are all of its structure and references.
    """

    source: Source
    root: Fields
    named: list[tuple[str, Written]]
    findings: tuple[Finding, ...]


def outline_of(opened: Opened, left: frozenset[str] = frozenset()) -> Outline | tuple[Finding, ...]:
    """The outline of a document that is open, or the findings where it is no procedure.

    The document's `parameters` are filled in, apart from those in `left`: a library has its own
    values for these.
    """
    source = opened.source
    other = wrong_kind(opened, "procedure")
    if opened.root is None or source is None or other is not None:
        return in_order((*opened.findings, *((other,) if other else ())))
    values = {name: node for name, node in defaults(opened.root).items() if name not in left}
    root = fill_document(opened.root, values)
    written, of_expansion = expand(root.get("steps"), opened.path)
    named, of_ids = _name_steps(written)
    structure = (*check_structure(root, SCHEMA), *of_expansion)
    references = check_references(root, named)
    on_steps = (_on_step(x, named) for x in structure)
    return Outline(source, root, named, (*opened.findings, *on_steps, *of_ids, *references))


def procedure_in(outline: Outline) -> Procedure:
    """The procedure of an outline; what can't be read in it is left out."""
    root, source = outline.root, outline.source
    built = (build_named(step_id, step, outline.named) for step_id, step in outline.named)
    return Procedure(
        file=source.file,
        sha256=source.sha256,
        title=f.text(root, "title") or "",
        source=citation(root),
        transformation=f.text(root, "transformation"),
        scale=f.quantity(root, "scale", Dimension.AMOUNT),
        materials=_built(root, "materials", build_material),
        vessels=_built(root, "vessels", build_vessel),
        products=_built(root, "products", build_product),
        steps=number_samples(step for step in built if step is not None),
        max_concentration=concentration_limit(root),
        acknowledge=f.acknowledgements(root, None),
        spans=f.spans(root),
    )


def _built(root: Fields, key: str, build: Callable[[str, Fields, Span], T]) -> Mapping[str, T]:
    """The members of the mapping under `key`, each with the place of its whole entry."""
    outer = f.mapping(root.get(key))
    if outer is None:
        return {}
    return {
        name: build(name, node, outer.entry_span(name))
        for name, node in f.members(root, key).items()
    }


def citation(root: Fields) -> Mapping[str, str]:
    """`source`: its keys, or a plain text as the title."""
    node = root.get("source")
    if isinstance(node, Scalar):
        return {"title": node.text}
    if not isinstance(node, Fields):
        return {}
    return {key: each.text for key, each in node.items() if isinstance(each, Scalar)}


def concentration_limit(root: Fields) -> ConcentrationLimit | None:
    """`max concentration`."""
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


def build_named(
    step_id: str, step: Written, named: Named, whole: Span | None = None
) -> AnyStep | None:
    """A step of the outline; None where a required part of it is faulty.

    `named` are all steps, `whole` is where the step stands, if that is not where its node does.
    """
    inner = step.node[step.verb]
    if not isinstance(inner, Fields):
        return None
    layers = (*step.outer, step.node)
    acknowledged = [each for layer in layers for each in f.acknowledgements(layer, step_id)]
    common: Common = {
        "id": step_id,
        "verb": step.verb,
        "spans": _spans(step, inner, whole or step.node.entry_span(step.verb)),
        "note": f.text(step.node, "note"),
        "by_operator": any(f.text(layer, "by") == "operator" for layer in layers),
        "acknowledge": tuple(acknowledged),
        "within": limits_of_step(step_id, step, named),
    }
    return build_step(common, inner)


def _spans(step: Written, inner: Fields, whole: Span) -> Spans:
    """Where the keys of a step's verb stand, and its `within`."""
    spans = f.spans(inner, whole)
    layer = next((each for each in (step.node, *step.begins) if WITHIN in each), None)
    if layer is None:
        return spans
    return replace(spans, keys={**spans.keys, WITHIN: layer[WITHIN].span})


def number_samples(steps: Iterable[AnyStep]) -> tuple[AnyStep, ...]:
    """The steps, each that takes samples with a vessel of its own for them."""
    numbered: list[AnyStep] = []
    taken = 0
    for step in steps:
        if isinstance(step, Monitor) and step.aliquot is not None:
            taken += 1
            samples = SAMPLES if taken == 1 else f"{SAMPLES}-{taken}"
            numbered.append(step if step.samples == samples else replace(step, samples=samples))
        else:
            numbered.append(step)
    return tuple(numbered)


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
