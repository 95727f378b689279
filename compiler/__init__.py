"""workup: a compiler for robotic synthesis.

The public interface is what `__all__` names: `check` and `compile` for programs that do not want
the command line, and the types of what they return. Everything else may change.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from compiler.diagnostics.finding import Finding, Related, Severity, Span
from compiler.version import __version__

if TYPE_CHECKING:
    from compiler.pipeline import CheckResult, Compiled

__all__ = ["Finding", "Related", "Severity", "Span", "__version__", "check", "compile"]


def check(
    files: Sequence[str | os.PathLike[str]], bench: str | os.PathLike[str] | None = None
) -> CheckResult:
    """Reads and judges procedures and benches; a procedure on `bench` where one is given.

    What is wrong with the files is in the result's `findings`; nothing is raised for it.
    """
    from compiler.pipeline import check_files

    return check_files([Path(file) for file in files], None if bench is None else Path(bench))


def compile(procedure: str | os.PathLike[str], bench: str | os.PathLike[str]) -> Compiled:  # noqa: A001 - the command's name
    """A procedure on a bench as scripts, plan and prep sheet; nothing is written to disk.

    Where there is an error, the result has `findings` and no plan.
    """
    from compiler.pipeline import compile_procedure

    return compile_procedure(Path(procedure), Path(bench))
