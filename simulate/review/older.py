"""The older run that `--against` names: a procedure, a plan, a folder that has one, or a report."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from compiler.diagnostics.codes import structure
from compiler.diagnostics.finding import Finding, Span, has_errors
from simulate.review.inputs import Inputs

_MOST_BYTES = 64_000_000
_KEPT_PLAN = re.compile(r'<script type="application/json" id="plan">(.*?)</script>', re.S)
_NEEDED = ("reactions", "charges", "draws", "steps", "timing", "gas", "tips", "stocks", "deck",
           "findings", "acknowledged", "scripts", "robot")  # fmt: skip


def older_plan(path: Path, made_of: Inputs) -> tuple[dict[str, Any] | None, tuple[Finding, ...]]:
    """The plan of an older run; a document is compiled as `made_of` is, on the same bench.

    A table (`.csv`) takes the place of the library, any other document that of the procedure.
    None where there is none, with findings that say why. Its own warnings are not given: they are
    the old run's.
    """
    if path.is_dir():
        held = next((path / n for n in ("plan.json", "review.html") if (path / n).is_file()), None)
        if held is None:
            return None, (_refused(path, "is a folder without plan.json or review.html"),)
        path = held
    if path.suffix in (".json", ".html"):
        return _read(path)
    is_table = path.suffix == ".csv"
    older = replace(made_of, library=path) if is_table else replace(made_of, procedure=path)
    compiled = older.compiled()
    if compiled.plan is None:
        return None, tuple(f for f in compiled.findings if has_errors([f]))
    return compiled.plan, ()


def _read(path: Path) -> tuple[dict[str, Any] | None, tuple[Finding, ...]]:
    try:
        if path.stat().st_size > _MOST_BYTES:
            return None, (_refused(path, "is larger than any plan"),)
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".html":
            found = _KEPT_PLAN.search(text)
            if found is None:
                return None, (_refused(path, "is no report of a run that has a plan"),)
            text = found[1]
        plan = json.loads(text)
    except OSError as error:
        return None, (_refused(path, f"can't be read: {error.strerror or error}"),)
    except (ValueError, RecursionError):
        return None, (_refused(path, "is not JSON"),)
    if not isinstance(plan, dict) or any(key not in plan for key in _NEEDED):
        return None, (_refused(path, "is not a plan of this version"),)
    return plan, ()


def _refused(path: Path, why: str) -> Finding:
    return structure.FILE.at(
        Span(str(path)),
        f"{path} {why}",
        help="--against takes a procedure, a table, a plan.json, a report, or a folder that has "
        "one of them",
    )
