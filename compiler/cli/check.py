"""`workup check`: reads and judges documents. No robot software is imported."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from compiler.cli.options import (
    bench_option,
    format_option,
    library_option,
    set_option,
    shipped_procedures_of,
    strict_option,
)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the garbage collector: a check is short, and loading modules wakes it often.

    It costs a sixth of the time of checking one procedure, and frees nothing worth having.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@click.command()
@click.argument("files", nargs=-1, required=True, callback=shipped_procedures_of, metavar="FILE...")
@bench_option(required=False)
@library_option
@set_option
@strict_option
@format_option
@click.pass_context
def check(
    ctx: click.Context,
    files: tuple[Path, ...],
    bench: Path | None,
    library: Path | None,
    settings: dict[str, str],
    strict: bool,
    format_: str,
) -> None:
    """Read and judge procedures, sequences, benches and libraries.

    With --bench, procedures are also held against what that bench can do. With --library, every
    row of the table is judged with the procedure.
    """
    with _uncollected():
        from compiler.cli.answer import answer, settle
        from compiler.pipeline import check_files

        result = check_files(files, bench, settings, library)
    findings = settle(result.findings, strict=strict)
    checked = result.files[0] if len(result.files) == 1 else f"{len(result.files)} files"
    ctx.exit(
        answer(
            findings,
            result.files,
            format_=format_,
            acknowledged=result.acknowledged,
            rows=[("checked", checked)],
        )
    )
