"""`workup simulate`: runs scripts in Opentrons' simulator, replays them, holds them to plans."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from compiler.cli.options import (
    benches_option,
    clock_option,
    format_option,
    library_option,
    set_option,
    shipped_procedures_of,
    strict_option,
)
from compiler.cli.plan_summary import many_rows, plan_rows, run_rows
from compiler.diagnostics.codes import platform as p
from compiler.diagnostics.codes import structure as s
from compiler.diagnostics.codes import verification as v
from compiler.diagnostics.finding import Finding, Span

if TYPE_CHECKING:
    from simulate.result import SimulationResult
    from simulate.worker import Job

# A plan of 384 reactions has a few megabytes; what is larger is no plan.
_PLAN_LIMIT_BYTES = 64_000_000
_MOST_SCRIPTS = 10_000
_MOST_DEFINITIONS = 1000


@click.command("simulate")
@click.argument(
    "targets",
    nargs=-1,
    required=True,
    callback=shipped_procedures_of,
    metavar="PROCEDURE|SCRIPT.py|PLAN.json|FOLDER...",
)
@benches_option(required=False)
@library_option
@clock_option
@set_option
@click.option(
    "--labware",
    "folders",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="A folder of labware definitions that scripts load by name.",
)
@click.option("--param", "values", multiple=True, metavar="NAME=VALUE", help="A runtime parameter.")
@click.option(
    "--params",
    "tables",
    multiple=True,
    metavar="[NAME=]FILE.csv",
    help="A runtime parameter that is a CSV file; for a script that has none, names and values.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0.1),
    default=300.0,
    show_default=True,
    help="Seconds that a script may take.",
)
@click.option(
    "--memory",
    type=click.IntRange(min=50),
    default=4000,
    show_default=True,
    help="MB that a script may take.",
)
@strict_option
@format_option
@click.pass_context
def simulate(
    ctx: click.Context,
    targets: tuple[Path, ...],
    benches: tuple[Path, ...],
    library: Path | None,
    clock: Path | None,
    settings: dict[str, str],
    folders: tuple[Path, ...],
    values: tuple[str, ...],
    tables: tuple[str, ...],
    timeout: float,
    memory: int,
    strict: bool,
    format_: str,
) -> None:
    """Run scripts in Opentrons' simulator and judge them.

    A procedure is compiled first, for the bench that --bench names. A script is held to the
    plan.json beside it where that lists it; any other Opentrons protocol is judged by what it
    declares. Many scripts, or folders of them, run side by side.
    """
    procedures = [t for t in targets if t.suffix not in (".py", ".json") and not t.is_dir()]
    if procedures:
        if len(targets) > 1:
            raise click.UsageError("a procedure is simulated alone")
        if not benches and procedures[0].is_file():
            raise click.UsageError("a procedure needs --bench")
        if benches:
            made = (procedures[0], benches, settings, library, clock)
            ctx.exit(_procedure(*made, strict=strict, format_=format_))
    if library is not None or clock is not None:
        raise click.UsageError("--library and --clock go with a procedure and --bench")
    if settings:
        raise click.UsageError("--set goes with a sequence, which is compiled anew")
    asked = _Asked(folders, values, tables)
    ctx.exit(_run(targets, asked, (timeout, memory), strict=strict, format_=format_))


class _Asked:
    """What the options say about labware and parameters."""

    def __init__(
        self, folders: Sequence[Path], values: Sequence[str], tables: Sequence[str]
    ) -> None:
        self.folders, self.values, self.tables = folders, values, tables


def _run(
    targets: Sequence[Path],
    asked: _Asked,
    limits: tuple[float, int],
    *,
    strict: bool,
    format_: str,
) -> int:
    from compiler.cli.answer import answer, settle
    from compiler.cli.console import counting
    from simulate.worker import Limits, simulate_all

    jobs, findings = _jobs(targets, asked)
    with counting("simulating", len(jobs)) as done:
        results = simulate_all(jobs, Limits(*limits), done=done) if jobs else ()
    found = settle([*findings, *(f for result in results for f in result.findings)], strict=strict)
    files = [str(job.file) for job in jobs] or [str(target) for target in targets]
    rows = run_rows(results[0]) if len(results) == 1 else many_rows(jobs, results)
    return answer(found, files, format_=format_, rows=rows, fields=_fields(results))


def _fields(results: Sequence[SimulationResult]) -> dict[str, Any]:
    """What the JSON object has: as ever for one script, else the scripts of all."""
    if len(results) == 1:
        return results[0].as_object()
    if not results:
        return {}
    from simulate.result import VERSION

    scripts = [script.as_object() for result in results for script in result.scripts]
    return {"version": VERSION, "scripts": scripts}


def _jobs(targets: Sequence[Path], asked: _Asked) -> tuple[list[Job], list[Finding]]:
    """What there is to run, in order; and what is wrong with the arguments."""
    from simulate.worker import Job

    jobs: list[Job] = []
    labware, findings = _definitions(asked.folders)
    for target in targets:
        if target.is_dir():
            jobs += _of_folder(target, findings)
        elif target.suffix not in (".py", ".json") or not target.is_file():
            findings.append(s.FILE.at(Span(str(target)), _missing(target), help="check the path"))
        elif target.suffix == ".json":
            jobs.append(Job(None, target))
        else:
            jobs.append(Job(target, _plan_beside(target)))
    ready: list[Job] = []
    for job in jobs[:_MOST_SCRIPTS]:
        ready += _with_options(job, labware, asked, findings)
    return ready, findings


def _missing(target: Path) -> str:
    if target.is_file():
        return f"{target} is no script (.py) and no plan (.json)"
    return f"{target} is no file"


def _of_folder(folder: Path, findings: list[Finding]) -> list[Job]:
    """The plan in a result folder; else every Opentrons protocol below the folder."""
    from simulate.worker import Job

    plan = folder / "plan.json"
    if _scripts_of(plan):
        return [Job(None, plan)]
    scripts = sorted(
        path
        for path in folder.rglob("*.py")
        if not any(part.startswith((".", "__")) for part in path.relative_to(folder).parts)
    )
    within = [script for script in scripts if _stays_in(script, folder)]
    findings += [_leads_out(script, folder) for script in scripts if script not in within]
    protocols = [script for script in within if _is_protocol(script)]
    if not protocols and len(within) == len(scripts):
        message = f"there is no Opentrons protocol in {folder}, and no plan.json with its scripts"
        findings.append(s.FILE.at(Span(str(folder)), message, help="check the path"))
    return [Job(script, _plan_beside(script)) for script in protocols]


def _stays_in(path: Path, folder: Path) -> bool:
    """Whether a file found in a folder is in it, and not behind a link that leads out."""
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # a loop of links
        return False


def _leads_out(path: Path, folder: Path) -> Finding:
    message = f"{path} is a link that leads out of the folder given, and is not read"
    # On the folder: a frame around the finding would show the file.
    return s.FILE.at(Span(str(folder)), message, help="name the file itself")


def _is_protocol(path: Path) -> bool:
    try:
        return path.is_file() and "apiLevel" in path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False


def _with_options(
    job: Job, labware: Sequence[Path], asked: _Asked, findings: list[Finding]
) -> list[Job]:
    from simulate.parameters import ParameterFault, given_parameters
    from simulate.run import Options

    if not (labware or asked.values or asked.tables):
        return [job]
    options = Options(labware=tuple(labware))
    if job.script is not None and (asked.values or asked.tables):
        try:
            given = given_parameters(job.script, asked.values, asked.tables)
        except ParameterFault as fault:
            findings.append(v.RUN.at(Span(str(job.script)), str(fault), help="see --help"))
            return []
        options = replace(options, parameters=given.values, files=given.files)
    return [replace(job, options=options)]


def _definitions(folders: Sequence[Path]) -> tuple[list[Path], list[Finding]]:
    """The labware definitions in folders; what is no definition is told, and left out."""
    from compiler.target.labware import read_labware

    found: list[Path] = []
    findings: list[Finding] = []
    for folder in folders:
        paths = sorted(folder.glob("*.json"))[:_MOST_DEFINITIONS]
        if not paths:
            message = f"there are no labware definitions (*.json) in {folder}"
            findings.append(
                p.LABWARE_UNKNOWN.at(Span(str(folder)), message, help="check --labware")
            )
        for path in paths:
            if not _stays_in(path, folder):
                findings.append(_leads_out(path, folder))
                continue
            read = read_labware(path, Span(str(path)))
            if isinstance(read, Finding):
                findings.append(read)
            else:
                found.append(path)
    return found, findings


def _procedure(
    procedure: Path,
    benches: Sequence[Path],
    settings: dict[str, str],
    library: Path | None,
    clock: Path | None,
    *,
    strict: bool,
    format_: str,
) -> int:
    """Compiles into a folder that goes again; findings then name the scripts without it."""
    import tempfile

    from compiler.cli.answer import answer, settle
    from compiler.cli.compile_ import result_files
    from compiler.cli.console import progress
    from compiler.diagnostics.finding import has_errors
    from compiler.pipeline import compile_procedure

    bench, *more = benches
    compiled = compile_procedure(procedure, bench, settings, library, clock, more)
    findings = settle(compiled.findings, strict=strict)
    if has_errors(findings):
        return answer(findings, compiled.files, format_=format_, acknowledged=compiled.acknowledged)
    texts = result_files(compiled)
    with tempfile.TemporaryDirectory(prefix="workup-") as name, progress("simulating"):
        from simulate.result import simulate_plan

        room = Path(name)
        for file, text in texts.items():
            (room / file).write_text(text, encoding="utf-8", newline="\n")
        result = simulate_plan(room / "plan.json")
        of_run = [_renamed(finding, room) for finding in result.findings]
        report = _stripped(result.as_object(), f"{room}/")
    found = settle([*findings, *of_run], strict=strict)
    rows = [*plan_rows(compiled.plan or {}), *run_rows(result)]
    return answer(
        found,
        compiled.files,
        format_=format_,
        acknowledged=compiled.acknowledged,
        rows=rows,
        texts=texts,
        fields=report,
    )


def _plan_beside(script: Path) -> Path | None:
    """The plan in a script's folder, where it is one and lists the script."""
    plan = script.parent / "plan.json"
    return plan if script.name in _scripts_of(plan) else None


def _scripts_of(plan: Path) -> list[str]:
    """The scripts that a plan lists; none where it is no plan, or not in its folder."""
    if not _stays_in(plan, plan.parent):
        return []
    try:
        if plan.stat().st_size > _PLAN_LIMIT_BYTES:
            return []
        return [str(e["file"]) for e in json.loads(plan.read_text(encoding="utf-8"))["scripts"]]
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return []


def _renamed(finding: Finding, room: Path) -> Finding:
    """The finding with the scripts named as if they lay in the working folder."""
    related = tuple(replace(r, span=_in_no_folder(r.span, room)) for r in finding.related)
    span = finding.span and _in_no_folder(finding.span, room)
    return replace(finding, span=span, related=related)


def _in_no_folder(span: Span, room: Path) -> Span:
    return replace(span, file=span.file.removeprefix(f"{room}/"))


def _stripped(value: object, prefix: str) -> Any:
    """A JSON value without the temporary folder in front of file names."""
    if isinstance(value, str):
        return value.removeprefix(prefix)
    if isinstance(value, Mapping):
        return {key: _stripped(entry, prefix) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_stripped(entry, prefix) for entry in value]
    return value
