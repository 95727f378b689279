"""A sequence's file to a `Sequence`, with the procedures of its stages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from compiler.diagnostics.codes import structure as s
from compiler.diagnostics.finding import Finding, Related, Span
from compiler.reading import fields as f
from compiler.reading.expand import reading_root
from compiler.reading.nodes import Fields, Items, quote
from compiler.reading.opening import Opened, in_order, open_document, wrong_kind
from compiler.reading.procedure import citation, procedure_of
from compiler.reading.result import Read
from compiler.reading.schema import check_structure
from compiler.reading.source import read_source
from compiler.reading.wording import best_match, choices
from compiler.stages.documents import Procedure, Sequence, Stage
from compiler.stages.quantity import Dimension

SCHEMA = "sequence.schema.json"
MAX_STAGES = 50


def read_sequence(path: Path) -> Read[Sequence]:
    """Reads a sequence and the procedures of its stages, with the findings of them all.

    A procedure is read only from the `protocols` folder around the sequence (or, without one,
    from the sequence's own folder). Raises nothing.
    """
    return sequence_of(open_document(path))


def sequence_of(opened: Opened) -> Read[Sequence]:
    """The sequence in a document that is open already."""
    root, source = opened.root, opened.source
    other = wrong_kind(opened, "sequence")
    if root is None or source is None or other is not None:
        return Read(None, in_order((*opened.findings, *((other,) if other else ()))))
    found = [*opened.findings, *check_structure(root, SCHEMA)]
    library = _Library(opened.path, reading_root(opened.path))
    stages = _stages(root, library, found)
    found.extend(_unlinked(stages))
    document = Sequence(
        file=source.file,
        sha256=source.sha256,
        title=f.text(root, "title"),
        source=citation(root),
        stages=stages,
        acknowledge=f.acknowledgements(root, None),
        spans=f.spans(root),
    )
    return Read(document, (*in_order(found), *library.findings))


def _stages(root: Fields, library: _Library, found: list[Finding]) -> tuple[Stage, ...]:
    """Every stage that has an id and names a procedure, each id once."""
    listed = root.get("stages")
    stages: list[Stage] = []
    first: dict[str, Span] = {}
    for node in (listed.nodes if isinstance(listed, Items) else ())[:MAX_STAGES]:
        stage_id = f.text(node, "id") if isinstance(node, Fields) else None
        written = f.text(node, "procedure") if isinstance(node, Fields) else None
        if not isinstance(node, Fields) or stage_id is None or written is None:
            continue
        # Scripts are named by the id, and some file systems take `A` for `a`.
        if (known := first.get(stage_id.lower())) is not None:
            message = f"Two stages have the id {quote(stage_id)}."
            help_ = "Give each its own; capital letters do not count."
            related = (Related(known, f"{quote(stage_id)} stands here first"),)
            found.append(s.ID.at(node["id"].span, message, help=help_, related=related))
            continue
        first[stage_id.lower()] = node["id"].span
        stages.append(_stage(stage_id, written, node, library, found))
    return tuple(stages)


def _stage(
    stage_id: str, written: str, node: Fields, library: _Library, found: list[Finding]
) -> Stage:
    named = f.text(node, "basis from")
    stage, dot, product = (named or "").partition(".")
    if named is not None and not (stage and dot and product):
        message = f"{quote(named)} names no product of a stage."
        help_ = "Write the stage's id, a point and the product: `protect.desired`."
        found.append(s.REFERENCE.at(node["basis from"].span, message, help=help_))
        stage = product = ""
    return Stage(
        id=stage_id,
        procedure=written,
        document=library.procedure(written, node["procedure"].span, found),
        spans=f.spans(node),
        scale=f.quantity(node, "scale", Dimension.AMOUNT),
        from_stage=stage or None,
        from_product=product or None,
        yield_=f.quantity(node, "yield", Dimension.FRACTION),
    )


# --- the procedures of the stages -------------------------------------------------------------


@dataclass(slots=True)
class _Library:
    """The procedures that stages name, each read once. `findings` are those in their files."""

    sequence: Path
    root: Path
    read: dict[Path, Procedure | None] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def procedure(self, written: str, span: Span, found: list[Finding]) -> Procedure | None:
        """The procedure in a file, where it may be read; else the reason is added to `found`."""
        problem = help_ = ""
        try:
            path = self.sequence.parent / written
            resolved = path.resolve()
        except (OSError, ValueError, RuntimeError):  # a NUL, a loop of links
            problem = "cannot be a file's name"
        else:
            if not resolved.is_relative_to(self.root):
                problem = f"lies outside {self.root.name}/, and stages are read inside it only"
                help_ = "Move the procedure into the folder of the sequence, or into protocols/."
        if problem:
            message = f"The procedure {quote(written)} {problem}."
            found.append(s.STAGE.at(span, message, help=help_))
            return None
        if resolved not in self.read:
            source = read_source(path)
            if isinstance(source, Finding):
                found.append(replace(source, span=span))
                self.read[resolved] = None
            else:
                read = procedure_of(open_document(path))
                self.findings.extend(read.findings)
                self.read[resolved] = read.document
        return self.read[resolved]


# --- what follows from what -------------------------------------------------------------------


def _unlinked(stages: tuple[Stage, ...]) -> Iterator[Finding]:
    """S-REFERENCE and S-CYCLE: stages and products that are not there, or not there yet."""
    by_id = {stage.id: stage for stage in stages}
    before: set[str] = set()
    for stage in stages:
        if stage.from_stage is not None:
            yield from _unlinked_stage(stage, by_id, before)
        before.add(stage.id)


def _unlinked_stage(stage: Stage, by_id: dict[str, Stage], before: set[str]) -> Iterator[Finding]:
    span = stage.spans.at("basis from")
    source = by_id.get(stage.from_stage or "")
    if source is None:
        close = best_match(stage.from_stage or "", by_id)
        help_ = f"Did you mean {quote(close)}?" if close else f"Stages: {choices(list(by_id))}."
        yield s.REFERENCE.at(span, f"{quote(stage.from_stage or '')} is no stage.", help=help_)
        return
    if source.id not in before:
        circle = _circle(stage, by_id)
        message = (
            f"The stages go in a circle: {' needs '.join(circle)}."
            if circle
            else f"{quote(stage.id)} starts from {quote(source.id)}, which stands after it."
        )
        help_ = "Stages are run in the order in which they stand; one starts from a scale."
        related = (Related(source.spans.whole, f"{quote(source.id)} stands here"),)
        yield s.CYCLE.at(span, message, help=help_, related=related)
    if source.document is not None and stage.from_product not in source.document.products:
        known = list(source.document.products)
        close = best_match(stage.from_product or "", known)
        help_ = f"Did you mean {quote(close)}? " if close else ""
        help_ += f"Its products: {choices(known, 'and')}." if known else "Declare it there."
        message = f"{quote(stage.from_product or '')} is no product of {quote(source.id)}."
        related = (Related(source.document.spans.at("products"), "its products stand here"),)
        yield s.REFERENCE.at(span, message, help=help_, related=related)


def _circle(stage: Stage, by_id: dict[str, Stage]) -> list[str]:
    """The ids from a stage back to itself, by what each starts from; none where it doesn't."""
    ids, current = [stage.id], stage
    while (following := by_id.get(current.from_stage or "")) is not None:
        if following.id in ids:
            return [*ids, following.id] if following.id == stage.id else []
        ids.append(following.id)
        current = following
    return []
