"""Runs that start on a fresh deck each, as one result: one plan, one prep sheet, all scripts.

The stages of a sequence are put together like this, and the runs of a library that is bigger than
a deck. Each has been written by itself (`pipeline.write`), under a stage id of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from compiler.diagnostics.acknowledge import Acknowledged
from compiler.diagnostics.finding import Finding
from compiler.pipeline import Compiled


def join(
    name: str,
    ids: Sequence[str],
    written: Sequence[Compiled],
    findings: tuple[Finding, ...],
    acknowledged: tuple[Acknowledged, ...],
    files: tuple[str, ...],
) -> Compiled:
    """One result of several; `ids` names each, `findings` are those of all."""
    from compiler.diagnostics.json_output import finding_object
    from compiler.plan import joined_plan, prep_csv

    plan = joined_plan([each.plan for each in written if each.plan is not None])
    plan["findings"] = [finding_object(finding) for finding in findings]
    programs = tuple(each.program for each in written if each.program is not None)
    layouts = [program.layout for program in programs]
    return Compiled(
        name=name,
        findings=findings,
        acknowledged=acknowledged,
        files=files,
        program=None,
        plan=plan,
        scripts=tuple(script for each in written for script in each.scripts),
        prep_csv=prep_csv(zip(ids, layouts, strict=True)),
        programs=tuple(zip(ids, programs, strict=True)),
    )
