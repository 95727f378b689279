"""The passes in order: this file is the compiler's table of contents.

    read ─ resolve ─ charge ─ house ─ account ─ lint ─
    lower ─ place ─ schedule ─ tips ─ intervals ─ limits ─ hours ─ write

Each pass takes one stage and gives the next, with findings. All of them run as far as they can,
so that one run reports everything; what is written depends on whether an error is among them.
A sequence goes through them stage by stage (`compiler/sequence.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from compiler.chemistry.catalogue import load_catalogue
from compiler.diagnostics.acknowledge import Acknowledged, apply_acknowledgements
from compiler.diagnostics.codes import platform, structure
from compiler.diagnostics.finding import Finding, Severity, has_errors
from compiler.diagnostics.order import ordered
from compiler.passes.account import account
from compiler.passes.charge import charge
from compiler.passes.house import house
from compiler.passes.limits import limits, limits_as_written
from compiler.passes.lint import lint
from compiler.passes.resolve import resolve
from compiler.reading import read_bench, read_document, read_runnable, with_clock
from compiler.reading.result import Read
from compiler.stages import documents as d
from compiler.stages.charges import Recipe
from compiler.stages.contents import Ledger
from compiler.stages.library import Library
from compiler.version import __version__

if TYPE_CHECKING:  # `check` never needs the robot's side, and starts faster without it
    from compiler.stages.program import Program


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What `check` found, and the files that it read."""

    findings: tuple[Finding, ...]
    acknowledged: tuple[Acknowledged, ...]
    files: tuple[str, ...]
    ledgers: tuple[Ledger, ...]


@dataclass(frozen=True, slots=True)
class Compiled:
    """What `compile` made. Without a plan there was an error and there is nothing to write.

    `scripts` are (file name, text), one for each part. `program` is that of a procedure;
    `programs` has (stage, program) for each stage, one for a procedure.
    """

    name: str
    findings: tuple[Finding, ...]
    acknowledged: tuple[Acknowledged, ...]
    files: tuple[str, ...]
    program: Program | None
    plan: dict[str, Any] | None
    scripts: tuple[tuple[str, str], ...]
    prep_csv: str | None
    programs: tuple[tuple[str, Program], ...] = ()


def check_files(
    paths: Sequence[Path],
    bench: Path | None = None,
    settings: Mapping[str, str] | None = None,
    library: Path | None = None,
) -> CheckResult:
    """Reads and judges procedures, sequences, libraries and benches; on `bench` where there is one.

    `settings` are those of `--set`, for every sequence among the files. `library` is the table of
    every procedure among them. Files that can't be read
    are findings, never exceptions.
    """
    findings: list[Finding] = []
    acknowledged: list[Acknowledged] = []
    ledgers: list[Ledger] = []
    held: d.Bench | None = None
    files = [str(path) for path in paths]
    if bench is not None:
        read = read_bench(bench)
        findings.extend(read.findings)
        held = read.document
        files.append(str(bench))
    sequences = 0
    if library is not None:
        files.append(str(library))
    for path in paths:
        read_any = read_document(path)
        if library is not None and not isinstance(read_any.document, d.Bench):
            from compiler.reading.library import read_library

            read_any = read_library(library, path)
        document, found = read_any.document, read_any.findings
        if isinstance(document, Library):
            from compiler.library import check_library  # it imports this module

            standing, accepted, judged_of_rows = check_library(Read(document, found), held)
            ledgers.extend(judged_of_rows)
        elif isinstance(document, d.Sequence):
            from compiler.sequence import check_sequence  # it imports this module

            sequences += 1
            standing, accepted, stages = check_sequence(document, found, held, settings or {})
            ledgers.extend(stages)
        elif isinstance(document, d.Procedure):
            ledger, judged = _judge(document, held)
            standing, accepted = apply_acknowledgements(
                [*found, *judged], acknowledgements(document), complete=not has_errors(found)
            )
            ledgers.append(ledger)
        else:
            standing, accepted = found, ()
        findings.extend(standing)
        acknowledged.extend(accepted)
    if not sequences:
        findings.extend(_set_in_vain(settings))
    return CheckResult(ordered(findings), tuple(acknowledged), tuple(files), tuple(ledgers))


def compile_procedure(
    procedure: Path,
    bench: Path,
    settings: Mapping[str, str] | None = None,
    library: Path | None = None,
    clock: Path | None = None,
    more_benches: Sequence[Path] = (),
) -> Compiled:
    """Everything from a procedure, a sequence or a library and a bench to scripts and plan.

    `settings` are those of `--set` (`alkylate.scale` -> `0.083mmol`), `library` is a table or a
    document of what differs from well to well in this procedure. `clock` is the robot's own, in
    place of the bench's. With `more_benches` the reactions of a library are divided among all
    benches. Nothing is written to disk.
    """
    name = file_stem(procedure)
    held, *others = (read_bench(path) for path in (bench, *more_benches))
    held = held if clock is None else with_clock(held, clock)
    read: Read[d.Procedure] | Read[d.Sequence] | Read[Library]
    if library is not None:
        from compiler.reading.library import read_library

        read = read_library(library, procedure)
    else:
        read = read_runnable(procedure)
    table = () if library is None else (str(library),)
    files = (str(procedure), *table, *(str(path) for path in (bench, *more_benches)))
    findings: list[Finding] = [*_holes_as_errors(read.findings), *held.findings]
    findings.extend(finding for other in others for finding in other.findings)
    document = read.document
    benches = [each.document for each in (held, *others) if each.document is not None]
    if more_benches and not isinstance(document, Library | None):
        findings.append(_one_bench())
    if document is None or held.document is None or len(benches) <= len(more_benches):
        return Compiled(name, ordered(findings), (), files, None, None, (), None)
    if isinstance(document, d.Sequence):
        from compiler.sequence import compile_sequence  # it imports this module

        return compile_sequence(name, document, held.document, tuple(findings), settings or {})
    findings.extend(_set_in_vain(settings))
    if isinstance(document, Library):
        from compiler.library import compile_library, name_of

        name = name_of(library or procedure, procedure if library is not None else None)
        return compile_library(name, document, benches, findings)
    ledger, judged = _judge(document, held.document, reckon_ph=True)
    findings.extend(judged)
    program, planned = plan_program(ledger, stop=has_errors(findings), holes=has_holes(findings))
    findings.extend(planned)
    standing, accepted = apply_acknowledgements(
        findings, acknowledgements(document), complete=program is not None
    )
    found = ordered(standing)
    if program is None or has_errors(found):
        return Compiled(name, found, accepted, files, None, None, (), None)
    inputs = (
        (str(procedure), document.sha256),
        (str(bench), held.document.sha256),
    )
    return write(name, program, found, accepted, files, inputs)


def file_stem(path: Path) -> str:
    """The name of what is written: the procedure's folder or file name, in harmless characters."""
    stem = path.resolve().parent.name if path.stem in ("procedure", "sequence") else path.stem
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in stem)
    return kept.strip("-") or "procedure"


def _judge(
    procedure: d.Procedure, bench: d.Bench | None, *, reckon_ph: bool = False
) -> tuple[Ledger, tuple[Finding, ...]]:
    """A procedure by itself, at its own scale."""
    recipe, identified = resolve(procedure)
    ledger, judged = judge(recipe, bench, reckon_ph=reckon_ph)
    return ledger, (*identified, *judged)


def judge(
    recipe: Recipe,
    bench: d.Bench | None,
    scales: Mapping[str, float | None] | None = None,
    stage: str = "main",
    *,
    reckon_ph: bool = False,
) -> tuple[Ledger, tuple[Finding, ...]]:
    """The chemistry: how much of everything, what each vessel holds, and what is wrong with it.

    `scales` (mmol, by reaction) and `stage` are as `charge` takes them.
    """
    charges, charged = charge(recipe, scales, stage)
    housing, housed = house(charges, bench)
    ledger, accounted = account(charges, housing, reckon_ph=reckon_ph)
    told = (*lint(ledger), *limits_as_written(charges))
    return ledger, (*charged, *housed, *accounted, *told)


def has_holes(findings: Sequence[Finding]) -> bool:
    """Whether a value is not decided yet."""
    return any(finding.code == structure.HOLE.id for finding in findings)


def plan_program(
    ledger: Ledger, *, stop: bool, holes: bool = False
) -> tuple[Program | None, tuple[Finding, ...]]:
    """The robot's work. With `stop` it is lowered for its findings and goes no further.

    With `holes` there is nothing to lower: a time that nobody has decided can't be planned.
    """
    if holes:
        return None, ()
    from compiler.passes.arrange import arrange
    from compiler.passes.columns import columns
    from compiler.passes.hours import hours
    from compiler.passes.intervals import intervals
    from compiler.passes.lower import lower
    from compiler.passes.place import place
    from compiler.passes.stirring import stirring
    from compiler.passes.times import times

    operations, lowered = lower(ledger)
    if stop or has_errors(lowered):
        return None, lowered
    layout, placed = place(columns(operations))
    if has_errors(placed):
        return None, (*lowered, *placed)
    program, named = arrange(layout)
    if has_errors(named):
        return None, (*lowered, *placed, *named)
    told = (
        *intervals(program),
        *times(program),
        *stirring(program),
        *limits(program),
        *hours(program),
    )
    return program, (*lowered, *placed, *named, *told)


def own_catalogue_input() -> tuple[tuple[str, str], ...]:
    """The user's own catalogue as an input of a plan (path, sha256); none where there is none."""
    own = load_catalogue().own
    return ((str(own.path), own.sha256),) if own is not None and own.rows else ()


def _own_clock_input(program: Program) -> tuple[tuple[str, str], ...]:
    """The file of the robot's own clock (path, sha256); none where it has none."""
    bench = program.layout.operations.ledger.house.bench
    clock = bench.clock if bench is not None else None
    return ((clock.file, clock.sha256),) if clock is not None else ()


def write(
    name: str,
    program: Program,
    findings: tuple[Finding, ...],
    acknowledged: tuple[Acknowledged, ...],
    files: tuple[str, ...],
    inputs: tuple[tuple[str, str], ...],
    *,
    title: str | None = None,
) -> Compiled:
    """The program as scripts, plan and prep sheet. `title` is the scripts', else the procedure's.

    `findings` and `acknowledged` go into the plan, `inputs` (path, sha256) are what was read.
    """
    from compiler.plan import PlanInputs, assumptions_of, plan_document, prep_csv, prep_lines
    from compiler.target.script import ScriptHeader, StepSource, write_scripts

    inputs = (*inputs, *own_catalogue_input(), *_own_clock_input(program))
    operations = program.layout.operations
    procedure = operations.ledger.charges.recipe.procedure
    stage = operations.ledger.charges.reactions[0].stage
    lines = {step.id: step.spans.whole for step in procedure.steps}
    header = ScriptHeader(
        source=", ".join(
            f"section {value}" if key == "section" else value
            for key, value in procedure.source.items()
        ),
        compiler=f"workup {__version__}",
        inputs=tuple((Path(path).name, sha256) for path, sha256 in inputs),
        steps={
            text.step: StepSource(
                text.text, Path(lines[text.step].file).name, lines[text.step].line
            )
            for text in operations.texts
        },
        preparation=tuple(
            f"{f'{line.labware} {line.well}'.strip() or 'to make'}: "
            f"{line.material + ', ' if line.material else ''}{line.how}"
            for line in prep_lines(program.layout)
        ),
        assumptions=tuple(
            f"{a.step + ': ' if a.step else ''}{a.what}: {a.value} ({a.why})"
            for a in assumptions_of(program.layout)
        ),
        acknowledged=tuple(
            f"{a.finding.code}{f' ({a.finding.step})' if a.finding.step else ''}: {a.reason}"
            for a in acknowledged
        ),
    )
    texts = write_scripts(program, title or procedure.title, header)
    scripts = tuple((f"{name}{suffix}", text) for suffix, text in texts)
    plan = plan_document(
        program,
        PlanInputs(
            compiler_version=__version__,
            files=inputs,
            scripts=tuple(
                (file, part.number, part.after)
                for (file, _), part in zip(scripts, program.parts, strict=True)
            ),
            findings=findings,
            acknowledged=tuple(a.acknowledgement for a in acknowledged),
        ),
    )
    return Compiled(
        name,
        findings,
        acknowledged,
        files,
        program,
        plan,
        scripts,
        prep_csv([(stage, program.layout)]),
        ((stage, program),),
    )


def acknowledgements(procedure: d.Procedure) -> tuple[d.Acknowledgement, ...]:
    """Those of the procedure and those of its steps."""
    own = [
        replace(acknowledgement, step=acknowledgement.step or step.id)
        for step in procedure.steps
        for acknowledgement in step.acknowledge
    ]
    return (*procedure.acknowledge, *own)


def _holes_as_errors(findings: Sequence[Finding]) -> list[Finding]:
    """A hole is a note for `check` and stops `compile` (language.md, rule 4)."""
    return [
        replace(finding, severity=Severity.ERROR) if finding.code == structure.HOLE.id else finding
        for finding in findings
    ]


def _one_bench() -> Finding:
    """P-RUNS as an error: there is nothing to divide among several benches."""
    message = "Several benches are named, and there is one run."
    help_ = "Only the reactions of a library are divided: name one bench, or a library."
    return platform.RUNS.at(None, message, help=help_, severity=Severity.ERROR)


def _set_in_vain(settings: Mapping[str, str] | None) -> list[Finding]:
    """S-SET for what `--set` gives where there is no sequence."""
    help_ = "Only the stages of a sequence have a scale to set: `--set alkylate.scale=0.083mmol`."
    return [
        structure.SET.at(None, f"`--set {name}={value}` belongs to nothing here.", help=help_)
        for name, value in (settings or {}).items()
    ]
