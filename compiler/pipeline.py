"""The passes in order: this file is the compiler's table of contents.

    read ─ resolve ─ charge ─ house ─ account ─ lint ─ lower ─ place ─ schedule ─ tips ─ write

Each pass takes one stage and gives the next, with findings. All of them run as far as they can,
so that one run reports everything; what is written depends on whether an error is among them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from compiler.diagnostics.acknowledge import Acknowledged, apply_acknowledgements
from compiler.diagnostics.codes import structure
from compiler.diagnostics.finding import Finding, Severity, has_errors
from compiler.diagnostics.order import ordered
from compiler.passes.account import account
from compiler.passes.charge import charge
from compiler.passes.house import house
from compiler.passes.lint import lint
from compiler.passes.resolve import resolve
from compiler.reading import read_bench, read_document, read_procedure
from compiler.stages.contents import Ledger
from compiler.stages.documents import Acknowledgement, Bench, Procedure
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

    `scripts` are (file name, text), one for each part.
    """

    name: str
    findings: tuple[Finding, ...]
    acknowledged: tuple[Acknowledged, ...]
    files: tuple[str, ...]
    program: Program | None
    plan: dict[str, Any] | None
    scripts: tuple[tuple[str, str], ...]
    prep_csv: str | None


def check_files(paths: Sequence[Path], bench: Path | None = None) -> CheckResult:
    """Reads and judges procedures and benches; a procedure on `bench` where one is given.

    Files that can't be read are findings, never exceptions.
    """
    findings: list[Finding] = []
    acknowledged: list[Acknowledged] = []
    ledgers: list[Ledger] = []
    held: Bench | None = None
    files = [str(path) for path in paths]
    if bench is not None:
        read = read_bench(bench)
        findings.extend(read.findings)
        held = read.document
        files.append(str(bench))
    for path in paths:
        document = read_document(path)
        found = list(document.findings)
        if not isinstance(document.document, Procedure):
            findings.extend(found)
            continue
        ledger, judged = _judge(document.document, held)
        complete = not has_errors(found)
        standing, accepted = apply_acknowledgements(
            [*found, *judged], _acknowledgements(document.document), complete=complete
        )
        findings.extend(standing)
        acknowledged.extend(accepted)
        ledgers.append(ledger)
    return CheckResult(ordered(findings), tuple(acknowledged), tuple(files), tuple(ledgers))


def compile_procedure(procedure: Path, bench: Path) -> Compiled:
    """Everything from the two files to scripts and plan. Nothing is written to disk."""
    name = file_stem(procedure)
    read, held = read_procedure(procedure), read_bench(bench)
    files = (str(procedure), str(bench))
    findings: list[Finding] = [*_holes_as_errors(read.findings), *held.findings]
    if read.document is None or held.document is None:
        return Compiled(name, ordered(findings), (), files, None, None, (), None)
    ledger, judged = _judge(read.document, held.document, reckon_ph=True)
    findings.extend(judged)
    program, planned = _plan(ledger, stop=has_errors(findings))
    findings.extend(planned)
    standing, accepted = apply_acknowledgements(
        findings, _acknowledgements(read.document), complete=program is not None
    )
    found = ordered(standing)
    if program is None or has_errors(found):
        return Compiled(name, found, accepted, files, None, None, (), None)
    inputs = (
        (str(procedure), read.document.sha256),
        (str(bench), held.document.sha256),
    )
    return _write(name, program, found, accepted, files, inputs)


def file_stem(path: Path) -> str:
    """The name of what is written: the procedure's folder or file name, in harmless characters."""
    stem = path.resolve().parent.name if path.stem == "procedure" else path.stem
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in stem)
    return kept.strip("-") or "procedure"


def _judge(
    procedure: Procedure, bench: Bench | None, *, reckon_ph: bool = False
) -> tuple[Ledger, tuple[Finding, ...]]:
    """The chemistry: what everything is, what each vessel holds, and what is wrong with it."""
    recipe, identified = resolve(procedure)
    charges, charged = charge(recipe)
    housing, housed = house(charges, bench)
    ledger, accounted = account(charges, housing, reckon_ph=reckon_ph)
    return ledger, (*identified, *charged, *housed, *accounted, *lint(ledger))


def _plan(ledger: Ledger, *, stop: bool) -> tuple[Program | None, tuple[Finding, ...]]:
    """The robot's work. With `stop` it is lowered for its findings and goes no further."""
    from compiler.passes.lower import lower
    from compiler.passes.place import place
    from compiler.passes.schedule import schedule
    from compiler.passes.tips import tips

    operations, lowered = lower(ledger)
    if stop or has_errors(lowered):
        return None, lowered
    layout, placed = place(operations)
    if has_errors(placed):
        return None, (*lowered, *placed)
    program, named = tips(schedule(layout))
    if has_errors(named):
        return None, (*lowered, *placed, *named)
    return program, (*lowered, *placed, *named)


def _write(
    name: str,
    program: Program,
    findings: tuple[Finding, ...],
    acknowledged: tuple[Acknowledged, ...],
    files: tuple[str, ...],
    inputs: tuple[tuple[str, str], ...],
) -> Compiled:
    from compiler.plan import PlanInputs, assumptions_of, plan_document, prep_csv, prep_lines
    from compiler.target.script import ScriptHeader, StepSource, write_scripts

    operations = program.layout.operations
    procedure = operations.ledger.charges.recipe.procedure
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
            f"{line.labware} {line.well}: {line.material + ', ' if line.material else ''}{line.how}"
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
    texts = write_scripts(program, procedure.title, header)
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
        prep_csv(program.layout),
    )


def _acknowledgements(procedure: Procedure) -> tuple[Acknowledgement, ...]:
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
