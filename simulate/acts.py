"""What the operator does in a run, as the replay is told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from compiler.target import commands as c
from simulate.liquids import Parcel


@dataclass(frozen=True, slots=True)
class Act:
    """What the operator does to a well: adds a material, or (`replaces`) leaves something else."""

    well: c.WellRef
    material: str
    parcel: Parcel
    replaces: bool = False


Operator = Callable[[str, int], Sequence[Act]]
"""What the operator does when a pause names a step for the nth time."""


def nobody(step: str, nth: int) -> Sequence[Act]:
    """An operator that adds nothing."""
    return ()
