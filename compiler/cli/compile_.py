"""`workup compile`: check, plan, write the scripts, the plan and the prep sheet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from compiler.cli.options import (
    benches_option,
    clock_option,
    format_option,
    library_option,
    set_option,
    shipped_procedure,
    strict_option,
)

if TYPE_CHECKING:
    from compiler.pipeline import Compiled


@click.command("compile")
@click.argument("procedure", callback=shipped_procedure, metavar="PROCEDURE")
@benches_option(required=True)
@library_option
@clock_option
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Where the files go.  [default: out/<procedure>-<bench>]",
)
@set_option
@strict_option
@format_option
@click.pass_context
def compile_(
    ctx: click.Context,
    procedure: Path,
    benches: tuple[Path, ...],
    library: Path | None,
    clock: Path | None,
    output: Path | None,
    settings: dict[str, str],
    strict: bool,
    format_: str,
) -> None:
    """Compile PROCEDURE for a bench into Opentrons scripts, a plan and a prep sheet.

    PROCEDURE may be a sequence: each of its stages gets scripts of its own. With --library the
    procedure runs in one well for each of its reactions; PROCEDURE may be a library itself.

    Nothing is written when there is an error. A folder that an earlier run wrote is replaced as
    a whole; one that holds anything else is left alone.
    """
    from compiler.cli.answer import answer, settle
    from compiler.cli.writing import WriteError, slug, write_folder
    from compiler.diagnostics.codes import structure as s
    from compiler.diagnostics.finding import has_errors
    from compiler.pipeline import compile_procedure

    bench, *more = benches
    compiled = compile_procedure(procedure, bench, settings, library, clock, more)
    findings = settle(compiled.findings, strict=strict)
    rows: list[tuple[str, str]] = []
    written: dict[str, object] | None = None
    if not has_errors(findings):
        names = [compiled.name, *(path.stem for path in benches)]
        target = output or Path("out") / "-".join(slug(n) for n in names)
        texts = result_files(compiled)
        try:
            write_folder(target, texts)
        except WriteError as error:
            refused = s.WRITE.at(None, str(error), help=error.help)
            findings = settle([*findings, refused], strict=strict)
        else:
            written = {"directory": str(target), "files": sorted(texts)}
            rows = _rows(compiled, target, sorted(texts))
    ctx.exit(
        answer(
            findings,
            compiled.files,
            format_=format_,
            acknowledged=compiled.acknowledged,
            rows=rows,
            fields={"written": written},
        )
    )


def result_files(compiled: Compiled) -> dict[str, str]:
    """What a compiled procedure is written as, by file name.

    Raises ValueError for a result without errors that has no plan or no script: a defect.
    """
    from compiler.diagnostics.json_output import dumps

    if compiled.plan is None or not compiled.scripts:
        raise ValueError("a procedure without errors was compiled to nothing")
    texts = dict(compiled.scripts)
    texts["plan.json"] = dumps(compiled.plan)
    if compiled.prep_csv is not None:
        texts["prep.csv"] = compiled.prep_csv
    return texts


def _rows(compiled: Compiled, target: Path, names: list[str]) -> list[tuple[str, str]]:
    from compiler.cli.plan_summary import plan_rows

    rows = plan_rows(compiled.plan or {})
    rows.append(("written", f"{target}/"))
    rows += [("", f"  {name}") for name in names]
    return rows
