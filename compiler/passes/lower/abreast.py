"""Whether an eight-channel pipette could serve a vessel's wells, before it is known where they are.

`passes/columns.py` decides it when wells are given out; here it only counts for how long an
addition takes, and so for how many drops there can be.
"""

from __future__ import annotations

from collections.abc import Mapping

from compiler.passes._seats import COLUMN, in_pitch
from compiler.passes.lower.context import Context
from compiler.passes.lower.pipetting import instruments

TOLERANCE_UL = 1e-6


def eight_at_once(context: Context, vessel: str, volumes_ul: Mapping[str, float]) -> int:
    """8 where full columns of the vessel's labware get the same volumes, else 1."""
    housing = context.housing(vessel)
    labware = housing.labware if housing is not None else None
    if labware is None or not in_pitch(labware) or len(volumes_ul) % COLUMN:
        return 1
    if len(volumes_ul) < len(context.reactions):
        return 1
    alike = max(volumes_ul.values()) - min(volumes_ul.values()) < TOLERANCE_UL
    return COLUMN if alike and instruments(context.bench, channels=COLUMN) else 1
