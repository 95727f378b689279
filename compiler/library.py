"""A library through the passes: all of its reactions side by side, as one run.

The findings of a row stand on its cell in the table, with the row's number.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from compiler import pipeline
from compiler.diagnostics.acknowledge import Acknowledged, apply_acknowledgements
from compiler.diagnostics.finding import Finding, Related, Span, has_errors
from compiler.diagnostics.order import ordered
from compiler.passes.resolve_library import resolve_library
from compiler.pipeline import Compiled
from compiler.reading.result import Read
from compiler.stages import documents as d
from compiler.stages.contents import Ledger
from compiler.stages.library import Library, Variant

_IDENTITY = ("smiles", "is", "cas", "formula")


def judge_library(
    library: Library, bench: d.Bench | None, *, reckon_ph: bool = False
) -> tuple[Ledger, tuple[Finding, ...]]:
    """The chemistry of every row; on a bench where there is one."""
    recipe, identified = resolve_library(library)
    ledger, judged = pipeline.judge(recipe, bench, reckon_ph=reckon_ph)
    return ledger, (*identified, *judged)


def check_library(
    read: Read[Library], bench: d.Bench | None
) -> tuple[tuple[Finding, ...], tuple[Acknowledged, ...], tuple[Ledger, ...]]:
    """What `check` has to say about a library: findings that stand, those accepted, the ledger."""
    library = read.document
    if library is None:
        return read.findings, (), ()
    ledger, judged = judge_library(library, bench)
    standing, accepted = apply_acknowledgements(
        [*read.findings, *on_cells(judged, library)],
        pipeline.acknowledgements(library.procedure),
        complete=not has_errors(read.findings),
    )
    return tuple(standing), tuple(accepted), (ledger,)


def compile_library(
    name: str, library: Library, bench: d.Bench, findings: Iterable[Finding]
) -> Compiled:
    """Everything from a library and a bench to scripts and plan; nothing where there is an error.

    `findings` are those of reading.
    """
    ledger, judged = judge_library(library, bench, reckon_ph=True)
    known = [*findings, *judged]
    program, planned = pipeline.plan_program(ledger, stop=has_errors(known))
    standing, accepted = apply_acknowledgements(
        on_cells((*known, *planned), library),
        pipeline.acknowledgements(library.procedure),
        complete=program is not None,
    )
    found = ordered(standing)
    files = (*(path for path, _ in library.inputs), bench.file)
    if program is None or has_errors(found):
        return Compiled(name, found, accepted, files, None, None, (), None)
    inputs = (*library.inputs, (bench.file, bench.sha256))
    title = library.title or library.procedure.title
    return pipeline.write(name, program, found, accepted, files, inputs, title=title)


def name_of(path: Path, procedure: Path | None) -> str:
    """What the files of a library are called: its folder's name, or its own."""
    if procedure is not None:
        return pipeline.file_stem(procedure)
    folder = path.resolve().parent.name
    return pipeline.file_stem(
        path.with_name(f"{folder}.csv" if path.stem == "library" else path.name)
    )


# --- the places of findings -------------------------------------------------------------------


def on_cells(findings: Iterable[Finding], library: Library) -> list[Finding]:
    """The findings of rows on their cells; one that stands on a cell gets the row's number."""
    first: dict[int, Variant] = {}
    for variant in library.rows:
        first.setdefault(variant.row, variant)
    placed = (_placed(finding, library, first) for finding in findings)
    return list(dict.fromkeys(placed))


def _placed(finding: Finding, library: Library, first: dict[int, Variant]) -> Finding:
    span = finding.span
    if finding.row is None:
        mine = (v.row for v in first.values() if span is not None and _inside(span, v.span))
        return replace(finding, row=next(mine, None))
    variant = first.get(finding.row)
    if variant is None or span is None or span.file != library.procedure.file:
        return finding  # it stands in the table, or on a value of a parameter, or on the bench
    named = (r.span for r in finding.related if _inside(r.span, variant.span))
    cell = next(named, None) or _cell(variant, finding.step)
    said = (*finding.related, Related(span, "where the procedure says so"))
    return replace(finding, span=cell, related=said)


def _inside(span: Span, row: Span) -> bool:
    return span.file == row.file and row.line <= span.line <= row.end_line


def _cell(variant: Variant, step: str | None) -> Span:
    """The cell that says what the step adds, else the first other material's; else the row."""
    own = variant.procedure
    given = {k: m for k, m in own.materials.items() if _inside(m.spans.whole, variant.span)}
    asked = next((s for s in own.steps if s.id == step), None)
    names = (getattr(asked, "material", None), getattr(asked, "with_", None), *given)
    name = next((n for n in names if isinstance(n, str) and n in given), None)
    if name is None:
        return variant.span
    spans = given[name].spans
    keys = [key for key in _IDENTITY if key in spans.keys and _inside(spans.at(key), variant.span)]
    return spans.at(keys[0]) if keys else spans.whole
