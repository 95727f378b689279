"""`workup review`: the page that is signed before a run; what changed; the page that follows."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from compiler.cli.options import (
    bench_option,
    library_option,
    set_option,
    shipped_procedure,
    strict_option,
)

if TYPE_CHECKING:
    from compiler.diagnostics.finding import Finding
    from compiler.pipeline import Compiled
    from simulate.review.compare import Changes
    from simulate.review.inputs import Inputs
    from simulate.review.page import Drawing, Verification


@click.command("review")
@click.argument("procedure", callback=shipped_procedure, metavar="PROCEDURE")
@bench_option(required=True)
@library_option
@set_option
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Where the report goes.  [default: out/<procedure>-<bench>]",
)
@click.option(
    "--against",
    type=click.Path(path_type=Path),
    metavar="OLD",
    help="Say what changed since OLD: a procedure, a plan.json, a report, or a folder of one.",
)
@click.option(
    "--serve", is_flag=True, help="Serve the page and follow the file while it is edited."
)
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True)
@strict_option
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "markdown", "json", "sarif"]),
    default="text",
    show_default=True,
    help="How findings are printed; markdown prints the changes.",
)
@click.pass_context
def review(
    ctx: click.Context,
    procedure: Path,
    bench: Path,
    library: Path | None,
    settings: dict[str, str],
    output: Path | None,
    against: Path | None,
    serve: bool,
    port: int,
    strict: bool,
    format_: str,
) -> None:
    """Write the report of PROCEDURE on a bench: one HTML file, with everything in it.

    PROCEDURE may be a sequence or a library, as for `compile`. It is compiled, simulated and
    verified. Where there is an error the report says so and shows the source. With --against,
    review.md has the changes too.
    """
    from simulate.review.inputs import Inputs

    if format_ == "markdown" and against is None:
        raise click.UsageError("--format markdown needs --against")
    made_of = Inputs(procedure, bench, settings, library)
    if serve:
        ctx.exit(_serve(made_of, against, port))
    ctx.exit(_write(made_of, output, against, strict, format_))


def _write(
    made_of: Inputs, output: Path | None, against: Path | None, strict: bool, format_: str
) -> int:
    from compiler.cli.answer import answer, settle
    from compiler.cli.console import write
    from compiler.cli.writing import WriteError, slug, write_file
    from compiler.diagnostics.codes import structure as s
    from compiler.diagnostics.order import exit_status
    from simulate.review.page import put_together

    drawing, verification = _drawn_and_verified(made_of)
    compiled = drawing.compiled
    changes, refused = _changes(compiled, against, made_of)
    page = put_together(drawing, verification, command=made_of.command(against), changes=changes)
    findings = settle([*compiled.findings, *verification.findings, *refused], strict=strict)
    folder = output or Path("out") / f"{slug(compiled.name)}-{slug(made_of.bench.stem)}"
    texts = {"review.html": page}
    if changes is not None:
        texts["review.md"] = changes.markdown(compiled.name)
    try:
        for name, text in texts.items():
            write_file(folder / name, text)
    except WriteError as error:
        findings = settle([*findings, s.WRITE.at(None, str(error), help=error.help)], strict=strict)
        texts = {}
    if format_ == "markdown" and changes is not None:
        write(changes.markdown(compiled.name))
        return exit_status(findings)
    files = [str(folder / name) for name in sorted(texts)]
    return answer(
        findings,
        compiled.files,
        format_="text" if format_ == "markdown" else format_,
        acknowledged=compiled.acknowledged,
        rows=_rows(compiled, verification, changes, files),
        fields={"verified": verification.verified, "written": files},
    )


def _drawn_and_verified(made_of: Inputs) -> tuple[Drawing, Verification]:
    """The page is drawn while the simulator is at work, in a process of its own."""
    from compiler.cli.console import progress
    from compiler.diagnostics.codes import verification as v
    from simulate.review.page import NOT_SIMULATED, Verification, draw
    from simulate.review.simulator import Simulator, SimulatorError
    from simulate.review.verification import run_files

    with contextlib.closing(Simulator()) as simulator:
        compiled = made_of.compiled()
        files = run_files(compiled)
        if not files:
            return draw(compiled), NOT_SIMULATED
        with progress("simulating"):
            simulator.ask(files)
            drawing = draw(compiled)
            try:
                return drawing, simulator.answer()
            except SimulatorError:
                said = "the simulator's process ended before the run did"
                ended = v.RUN.at(None, said, help="it may have run out of memory: try again")
                return drawing, Verification(False, (ended,))


def _changes(
    compiled: Compiled, against: Path | None, made_of: Inputs
) -> tuple[Changes | None, tuple[Finding, ...]]:
    if against is None or compiled.plan is None:
        return None, ()
    from simulate.review.compare import compare
    from simulate.review.older import older_plan

    plan, refused = older_plan(against, made_of)
    if plan is None:
        return None, refused
    return compare(plan, compiled.plan, str(against)), ()


def _rows(
    compiled: Compiled,
    verification: Verification,
    changes: Changes | None,
    files: Sequence[str],
) -> list[tuple[str, str]]:
    from compiler.cli.plan_summary import plan_rows

    rows: list[tuple[str, str]] = []
    if compiled.plan is not None:
        rows += plan_rows(compiled.plan)
        words = {True: "yes", False: "no", None: "not simulated"}
        rows.append(("verified", words[verification.verified]))
    lines = [line for group in changes.groups for line in group.lines] if changes else []
    rows += [("" if n else "changed", line) for n, line in enumerate(lines)]
    rows += [("" if n else "written", file) for n, file in enumerate(files)]
    return rows


def _serve(made_of: Inputs, against: Path | None, port: int) -> int:
    import threading

    from compiler.cli.answer import answer
    from compiler.cli.console import complain, write
    from simulate.review.compare import compare
    from simulate.review.older import older_plan
    from simulate.review.serve import serving

    plan, refused = older_plan(against, made_of) if against is not None else (None, ())
    if refused:
        return answer(refused, [str(against)], format_="text")

    def changes_of(compiled: Compiled) -> Changes | None:
        if plan is None or compiled.plan is None:
            return None
        return compare(plan, compiled.plan, str(against))

    try:
        with serving(made_of, port, changes_of) as server:
            write(f"{server.url} follows {', '.join(made_of.files)}; Ctrl-C ends it\n")
            with contextlib.suppress(KeyboardInterrupt):
                threading.Event().wait()
    except OSError as error:
        complain(f"port {port} can't be had: {error.strerror or error}; choose another with --port")
        return 2
    return 0
