"""A compiled procedure through the simulator, for the page's verdict."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from compiler.diagnostics.finding import Finding, Span
from compiler.diagnostics.json_output import dumps
from compiler.pipeline import Compiled
from simulate.review.page import Verification


def run_files(compiled: Compiled) -> dict[str, str]:
    """The scripts and the plan by file name: all that the simulation needs; {} without a plan."""
    if compiled.plan is None:
        return {}
    return {**dict(compiled.scripts), "plan.json": dumps(compiled.plan)}


def simulated(texts: Mapping[str, str]) -> Verification:
    """Runs the scripts in the simulator, replays them and holds them to the plan.

    The files go into a folder that is gone afterwards; findings name them without it.
    """
    with tempfile.TemporaryDirectory(prefix="workup-") as name:
        write_run(Path(name), texts)
        return simulated_in(Path(name))


def write_run(folder: Path, texts: Mapping[str, str]) -> None:
    """Puts the files of a run into a folder."""
    for file, text in texts.items():
        (folder / file).write_text(text, encoding="utf-8", newline="\n")


def simulated_in(folder: Path) -> Verification:
    """The same for files that lie in `folder`, which findings do not name."""
    from simulate.result import simulate_plan

    result = simulate_plan(folder / "plan.json")
    scripts = result.scripts
    return Verification(
        verified=result.verified,
        findings=_without_folder(result.findings, f"{folder}/"),
        simulator=next((s.version for s in scripts if s.version), None),
        commands=sum(script.commands for script in scripts),
    )


def _without_folder(findings: Sequence[Finding], prefix: str) -> tuple[Finding, ...]:
    def bare(span: Span) -> Span:
        return replace(span, file=span.file.removeprefix(prefix))

    return tuple(
        replace(
            finding,
            span=finding.span and bare(finding.span),
            related=tuple(replace(r, span=bare(r.span)) for r in finding.related),
        )
        for finding in findings
    )
