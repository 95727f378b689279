"""The Python names of what stands on the deck, fixed before anything is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from compiler.stages.layout import Layout
from compiler.stages.operations import Handling
from compiler.target.commands import WellRef
from compiler.target.script.helpers import FUNCTIONS, Handlings
from compiler.target.script.text import Names, literal

RESERVED = (
    *("protocol", "run", "metadata", "requirements", "json", "time", "NamedTuple", "Handling"),
    *("tip", "source", "dest", "well", "volume", "volumes", "source_mm", "dest_mm", "fill"),
    *("fills", "rows", "wells_to_mix", "drop", "next_drop", "end_of_shaking", "end_of_hold"),
    *(
        "next_mixing",
        "total",
        "mixing",
        "cycles",
        "stroke",
        "height",
        "flow",
        "left",
        "right",
        "how",
        "fresh_tips",
        "planned_waits",
        "row",
        "next_well",
        "parks",
        "layers",
        "settled",
        "turn",
        "next_turn",
    ),
    *("pipette", "last", "due", "planned", "trash", *FUNCTIONS),
)


@dataclass(slots=True)
class Scope:
    """The names of one script, and the helper functions that it came to use.

    Filled while the script's sections are written; `used` and `handlings` then say what its top
    must define.
    """

    labware: dict[str, str]
    modules: dict[str, str]
    adapters: dict[tuple[str, str], str]  # (module label or slot, adapter) -> name
    definitions: dict[str, str]  # load name of custom labware -> constant
    handlings: Handlings
    names: Names
    used: set[str]

    def well(self, ref: WellRef) -> str:
        """`reactors["A1"]`."""
        return f"{self.labware[ref.labware]}[{literal(ref.well)}]"

    def wells(self, refs: Sequence[WellRef], layout: Layout) -> str:
        """Wells in order, as slices where they follow each other: `reactors.wells()[0:6]`.

        Columns that eight channels serve, named by their wells in row A: `plate.rows()[0][0:12]`.
        """
        runs: list[tuple[str, str, int, int]] = []
        for ref in refs:
            way, place = self._place(ref, refs, layout)
            if runs and runs[-1][:2] == (ref.labware, way) and runs[-1][3] == place:
                runs[-1] = (*runs[-1][:3], place + 1)
            else:
                runs.append((ref.labware, way, place, place + 1))
        return " + ".join(
            f"{self.labware[label]}.{way}[{first}:{end}]" for label, way, first, end in runs
        )

    def _place(self, ref: WellRef, refs: Sequence[WellRef], layout: Layout) -> tuple[str, int]:
        """A way to list a labware's wells, and the place of one of them in that list."""
        wells = list(next(p.labware.wells for p in layout.placed if p.label == ref.labware))
        first_row = [name for name in wells if name.startswith("A")]
        mine = [other.well for other in refs if other.labware == ref.labware]
        if len(mine) > 1 and len(first_row) < len(wells) and all(w in first_row for w in mine):
            return "rows()[0]", first_row.index(ref.well)
        return "wells()", wells.index(ref.well)

    def helper(self, name: str) -> str:
        """The name of a helper function, which the script then defines."""
        self.used.add(name)
        return name

    def handling(self, how: Handling) -> str:
        """The constant of a handling, which the script then defines."""
        return self.handlings.name(how)


def scope_of(layout: Layout, timers: tuple[str, ...]) -> Scope:
    """The names for a layout; `timers` are names that the program itself gives out."""
    names = Names((*RESERVED, *timers))
    definitions: dict[str, str] = {}
    for placed in layout.placed:
        rack = placed.labware
        if rack.custom and rack.load_name not in definitions:
            definitions[rack.load_name] = names.take(rack.load_name, upper=True)
    return Scope(
        labware={placed.label: names.take(placed.label) for placed in layout.placed},
        modules={module.label: names.take(module.label) for module in layout.modules},
        adapters={},
        definitions=definitions,
        handlings=Handlings(names),
        names=names,
        used=set(),
    )
