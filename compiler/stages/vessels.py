"""After `house`: which labware each vessel is, and what that means in µL and mm."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from compiler.stages.charges import Assumption
from compiler.stages.documents import Bench
from compiler.target.labware import Labware
from compiler.target.modules import Module


@dataclass(frozen=True, slots=True, kw_only=True)
class Housing:
    """A vessel of the procedure and the labware that will hold it.

    Without a bench (`workup check` of a procedure alone) `labware` is None and the capacity is
    what the procedure says, or None. `positions` are the bench's module names that the labware
    may stand on, in the bench's order; "deck" is always possible and not listed. `more` are
    further entries of the same labware, for the reactions that one of them has no wells for.
    """

    vessel: str
    labware: Labware | None
    entry: str | None  # the bench's labware name, or the compiler's
    capacity_ul: float | None  # the smaller of the declared and the geometric volume
    material: str | None  # "glass", "polypropylene", "polystyrene", ...
    positions: tuple[str, ...]
    more: tuple[str, ...] = ()

    @property
    def entries(self) -> tuple[str, ...]:
        """Every entry that the vessel's wells are in, in the order in which they are filled."""
        return () if self.entry is None else (self.entry, *self.more)


@dataclass(frozen=True, slots=True)
class House:
    """Every vessel's housing; the bench (None without one); its modules; the fill limit (0-1).

    `labware` has every labware of the bench that can be used, and what the compiler added to it,
    under the entry's name: stocks and waste stand in it as well as vessels.
    """

    bench: Bench | None
    housings: Mapping[str, Housing]
    modules: Mapping[str, Module]
    fill_limit: float
    assumptions: tuple[Assumption, ...]
    labware: Mapping[str, Labware] = field(default_factory=dict)
