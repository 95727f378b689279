"""`workup simulate`: runs a script in Opentrons' simulator, replays it, holds it to its plan."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from compiler.cli.options import (
    bench_option,
    format_option,
    set_option,
    shipped_procedure,
    strict_option,
)
from compiler.cli.plan_summary import plan_rows, run_rows
from compiler.diagnostics.codes import structure as s
from compiler.diagnostics.finding import Finding, Span

if TYPE_CHECKING:
    from simulate.result import SimulationResult

# A plan of 384 reactions has a few megabytes; what is larger is no plan.
_PLAN_LIMIT_BYTES = 64_000_000


@click.command("simulate")
@click.argument("target", callback=shipped_procedure, metavar="PROCEDURE|SCRIPT.py|PLAN.json")
@bench_option(required=False)
@set_option
@strict_option
@format_option
@click.pass_context
def simulate(
    ctx: click.Context,
    target: Path,
    bench: Path | None,
    settings: dict[str, str],
    strict: bool,
    format_: str,
) -> None:
    """Run scripts in Opentrons' simulator and verify what every well got.

    A procedure is compiled first, for the bench that --bench names. A script is held to the
    plan.json beside it where that lists it; any other Opentrons protocol is run and replayed.
    """
    if settings and target.suffix in (".py", ".json"):
        raise click.UsageError("--set goes with a sequence, which is compiled anew")
    if target.suffix in (".py", ".json") and not target.is_file():
        status = _unreadable(target, format_)
    elif target.suffix == ".py":
        status = _script(target, strict, format_)
    elif target.suffix == ".json":
        status = _plan(target, strict, format_)
    elif bench is None:
        raise click.UsageError("a procedure needs --bench")
    else:
        status = _procedure(target, bench, settings, strict, format_)
    ctx.exit(status)


def _unreadable(target: Path, format_: str) -> int:
    from compiler.cli.answer import answer

    missing = s.FILE.at(Span(str(target)), f"{target} is no file", help="check the path")
    return answer((missing,), [str(target)], format_=format_)


def _script(script: Path, strict: bool, format_: str) -> int:
    from compiler.cli.console import progress

    plan = _plan_beside(script)
    with progress(f"simulating {script.name}"):
        from simulate.result import simulate_script

        result = simulate_script(script, plan)
    return _report(result, script, strict, format_)


def _plan(plan: Path, strict: bool, format_: str) -> int:
    from compiler.cli.console import progress

    with progress("simulating the scripts of the plan"):
        from simulate.result import simulate_plan

        result = simulate_plan(plan)
    return _report(result, plan, strict, format_)


def _procedure(
    procedure: Path, bench: Path, settings: dict[str, str], strict: bool, format_: str
) -> int:
    """Compiles into a folder that goes again; findings then name the scripts without it."""
    import tempfile

    from compiler.cli.answer import answer, settle
    from compiler.cli.compile_ import result_files
    from compiler.cli.console import progress
    from compiler.diagnostics.finding import has_errors
    from compiler.pipeline import compile_procedure

    compiled = compile_procedure(procedure, bench, settings)
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
    try:
        if plan.stat().st_size > _PLAN_LIMIT_BYTES:
            return None
        listed = json.loads(plan.read_text(encoding="utf-8"))["scripts"]
        return plan if any(entry["file"] == script.name for entry in listed) else None
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None


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


def _report(result: SimulationResult, file: Path, strict: bool, format_: str) -> int:
    from compiler.cli.answer import answer, settle

    report = result.as_object()
    found = settle(result.findings, strict=strict)
    return answer(found, [str(file)], format_=format_, rows=run_rows(result), fields=report)
