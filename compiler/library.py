"""A library through the passes: all of its reactions side by side, as one run.

The findings of a row stand on its cell in the table, with the row's number.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from compiler import pipeline, runs
from compiler.diagnostics.acknowledge import Acknowledged, apply_acknowledgements
from compiler.diagnostics.finding import Finding, Related, Span, has_errors
from compiler.diagnostics.order import ordered
from compiler.joining import join
from compiler.passes.resolve_library import resolve_library
from compiler.pipeline import Compiled
from compiler.reading.result import Read
from compiler.stages import documents as d
from compiler.stages.contents import Ledger
from compiler.stages.library import Library, Variant

if TYPE_CHECKING:
    from compiler.stages.program import Program

_IDENTITY = ("smiles", "is", "cas", "formula")


def judge_library(
    library: Library, bench: d.Bench | None, stage: str = "main", *, reckon_ph: bool = False
) -> tuple[Ledger, tuple[Finding, ...]]:
    """The chemistry of every row; on a bench where there is one."""
    recipe, identified = resolve_library(library)
    ledger, judged = pipeline.judge(recipe, bench, stage=stage, reckon_ph=reckon_ph)
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
    name: str, library: Library, benches: Sequence[d.Bench], findings: Iterable[Finding]
) -> Compiled:
    """Everything from a library and its benches to scripts and plan.

    Nothing where there is an error. Where one deck does not hold all reactions, or there are
    several benches, they are divided into several runs. `findings` are those of reading.
    """
    bench = benches[0]
    ledger, judged = judge_library(library, bench, reckon_ph=True)
    known = [*findings, *judged]
    program, planned = pipeline.plan_program(ledger, stop=has_errors(known))
    if not has_errors(known) and (len(benches) > 1 or runs.is_bigger(planned)):
        wells = _room(ledger) if len(benches) == 1 else []
        planned_runs = _planned_runs(library, benches, runs.fewest(library, wells, len(benches)))
        if planned_runs is not None:
            return _compile_runs(name, library, planned_runs, [*findings], planned)
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


@dataclass(frozen=True, slots=True)
class _PlannedRun:
    """A run that its deck holds, or one with faults of another kind (`program` None)."""

    run: runs.Run
    program: Program | None
    findings: tuple[Finding, ...]


def _planned_runs(
    library: Library, benches: Sequence[d.Bench], fewest: int
) -> list[_PlannedRun] | None:
    """As few runs as their decks hold, `fewest` at least; None where one reaction is too many."""
    for count in range(fewest, len(library.rows) + 1):
        made: list[_PlannedRun] = []
        for run in runs.split(library, count, benches) or ():
            ledger, judged = judge_library(run.library, run.bench, run.id, reckon_ph=True)
            program, planned = pipeline.plan_program(ledger, stop=has_errors(judged))
            if runs.is_bigger(planned):
                break
            made.append(_PlannedRun(run, program, (*judged, *planned)))
        if len(made) == count:
            return made
    return None


def _compile_runs(
    name: str,
    library: Library,
    planned: Sequence[_PlannedRun],
    read: Sequence[Finding],
    reasons: Sequence[Finding],
) -> Compiled:
    """The runs as one result; `reasons` are what one run for all of them had against it."""
    complete = all(each.program is not None for each in planned)
    found_in_runs = [f for each in planned for f in on_cells(each.findings, each.run.library)]
    divided = runs.told(library, [each.run for each in planned], reasons)
    standing, accepted = apply_acknowledgements(
        [*on_cells(read, library), divided, *dict.fromkeys(found_in_runs)],
        pipeline.acknowledgements(library.procedure),
        complete=complete,
    )
    found = ordered(standing)
    files = tuple(
        dict.fromkeys(
            (*(path for path, _ in library.inputs), *(each.run.bench.file for each in planned))
        )
    )
    if not complete or has_errors(found):
        return Compiled(name, found, accepted, files, None, None, (), None)
    written = [
        _write_run(name, each, [other.run for other in planned], found, accepted)
        for each in planned
    ]
    return join(name, [each.run.id for each in planned], written, found, accepted, files)


def _write_run(
    name: str,
    each: _PlannedRun,
    all_runs: Sequence[runs.Run],
    findings: tuple[Finding, ...],
    acknowledged: tuple[Acknowledged, ...],
) -> Compiled:
    run, library = each.run, each.run.library
    assert each.program is not None  # the caller looked
    program = runs.in_turn(run, each.program, all_runs)
    inputs = (*library.inputs, (run.bench.file, run.bench.sha256))
    title = f"{library.title or library.procedure.title} ({run.id} of {len(all_runs)})"
    files = tuple(file for file, _ in inputs)
    own = f"{name}.{run.id}"
    return pipeline.write(own, program, findings, acknowledged, files, inputs, title=title)


def _room(ledger: Ledger) -> list[int]:
    """The wells for each vessel that every reaction has one of and that stands on a module."""
    vessels, labware = ledger.charges.recipe.procedure.vessels, ledger.house.labware
    return [
        sum(len(labware[entry].wells) for entry in housing.entries if entry in labware)
        for name, housing in ledger.house.housings.items()
        if housing.positions and not (name in vessels and vessels[name].shared)
    ]


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
