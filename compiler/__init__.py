"""workup: a compiler for robotic synthesis.

The public interface is what `__all__` names: `check` and `compile` for programs that do not want
the command line, and the types of what they return. Everything else may change.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from compiler.diagnostics.finding import Finding, Related, Severity, Span
from compiler.version import __version__

if TYPE_CHECKING:
    from compiler.pipeline import CheckResult, Compiled

__all__ = ["Finding", "Related", "Severity", "Span", "__version__", "check", "compile"]


def check(
    files: Sequence[str | os.PathLike[str]],
    bench: str | os.PathLike[str] | None = None,
    *,
    settings: Mapping[str, str] | None = None,
) -> CheckResult:
    """Reads and judges procedures, sequences and benches; on `bench` where one is given.

    `settings` are those of `--set`: `{"alkylate.scale": "0.083 mmol"}` for a sequence. What is
    wrong with the files is in the result's `findings`; nothing is raised for it.
    """
    from compiler.pipeline import check_files

    where = None if bench is None else Path(bench)
    return check_files([Path(file) for file in files], where, settings)


def compile(  # noqa: A001 - the command's name
    procedure: str | os.PathLike[str],
    bench: str | os.PathLike[str],
    *,
    settings: Mapping[str, str] | None = None,
) -> Compiled:
    """A procedure or a sequence on a bench as scripts, plan and prep sheet; nothing is written.

    `settings` are those of `--set`. Where there is an error, the result has `findings` and no
    plan.
    """
    from compiler.pipeline import compile_procedure

    return compile_procedure(Path(procedure), Path(bench), settings)
