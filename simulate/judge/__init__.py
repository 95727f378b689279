"""A judge for any Opentrons script: what the simulator lets through without a word.

Each check is a pure function over a replayed run and stands in the file of its family. What is
certain is an error (or a warning, where it may be meant); what is only possible, because the
script does not say what is in its wells, is a note, gathered to one of each kind.
"""

from __future__ import annotations

from compiler.diagnostics.codes import platform as p
from compiler.diagnostics.finding import Finding
from simulate.judge.case import Case, Check, Where, fault, gathered
from simulate.judge.contamination import check_contamination
from simulate.judge.labware import check_gripper, check_modules
from simulate.judge.modules import check_awaited, check_left_on, check_range
from simulate.judge.pipetting import check_blow_out, check_pipetting
from simulate.judge.positions import check_channels, check_depth, check_outside
from simulate.judge.shaker import check_full, check_neighbours, check_slot
from simulate.judge.tips import check_fit, check_kept, check_used
from simulate.judge.volumes import check_capacity, check_draws
from simulate.judge.waiting import check_delays

__all__ = ["CHECKS", "Case", "judge"]

CHECKS: tuple[Check, ...] = (
    check_modules,
    check_slot,
    check_neighbours,
    check_gripper,
    check_capacity,
    check_draws,
    check_depth,
    check_outside,
    check_channels,
    check_pipetting,
    check_blow_out,
    check_fit,
    check_used,
    check_kept,
    check_contamination,
    check_range,
    check_awaited,
    check_left_on,
    check_full,
    check_delays,
)


def judge(case: Case) -> tuple[Finding, ...]:
    """Everything that is wrong with a script, in the order of its lines."""
    faults = [item for check in CHECKS for item in check(case)]
    if not case.trace.has_heights:
        faults.append(
            fault(
                p.POSITIONS,
                Where(1),
                f"at apiLevel {case.trace.api_level} the engine does not say where tips go: only "
                "volumes and modules are judged",
                "from apiLevel 2.14 on, heights and places are judged too",
            )
        )
    found = gathered(faults, case.file)
    return tuple(sorted(found, key=lambda f: (f.span.line if f.span else 0, f.code)))
