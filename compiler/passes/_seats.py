"""Which wells eight tips reach at once."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping

from compiler.target.commands import WellRef
from compiler.target.labware import Labware

COLUMN = 8
PITCH_MM = 9.0  # between the tips of an eight-channel pipette
PITCH_SLACK_MM = 0.1
_NAME = re.compile(r"([A-H])(\d+)")


def takes_eight(labware: Labware) -> bool:
    """Whether each well is a trough that eight tips fit into."""
    quirks = labware.definition.get("parameters")
    found = quirks.get("quirks") if isinstance(quirks, Mapping) else None
    one_row = all(len(column) == 1 for column in labware.columns)
    return one_row and "centerMultichannelOnWells" in (found or ())


def eight_abreast(
    wells: Mapping[str, WellRef], labware: Mapping[str, Labware]
) -> tuple[tuple[str, ...], ...]:
    """The reactions that stand below each other in full columns, 9 mm apart, from row A to H."""
    at: dict[tuple[str, int], dict[str, str]] = {}
    for reaction, ref in wells.items():
        name = _NAME.fullmatch(ref.well)
        if name is not None and in_pitch(labware[ref.labware]):
            at.setdefault((ref.labware, int(name[2])), {})[name[1]] = reaction
    return tuple(
        tuple(column[row] for row in "ABCDEFGH") for column in at.values() if len(column) == COLUMN
    )


def in_pitch(labware: Labware) -> bool:
    """Whether eight tips stand over the eight wells of a column."""
    first = labware.columns[0] if labware.columns else ()
    if len(first) != COLUMN:
        return False
    ys = [labware.wells[name].y for name in first]
    steps = [a - b for a, b in itertools.pairwise(ys)]
    return all(abs(step - PITCH_MM) < PITCH_SLACK_MM for step in steps)
