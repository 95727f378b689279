"""Every code once, a module for each prefix. `ALL` lists them; a test holds a page against each."""

from compiler.diagnostics.codes import (
    chemistry,
    hazards,
    platform,
    structure,
    timing,
    units,
    verification,
)
from compiler.diagnostics.finding import Code

ALL: tuple[Code, ...] = tuple(
    value
    for module in (structure, units, chemistry, hazards, platform, timing, verification)
    for value in vars(module).values()
    if isinstance(value, Code)
)

BY_ID = {code.id: code for code in ALL}

__all__ = [
    "ALL",
    "BY_ID",
    "chemistry",
    "hazards",
    "platform",
    "structure",
    "timing",
    "units",
    "verification",
]
