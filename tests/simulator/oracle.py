"""A second account of volumes: the engine's own `loaded_volume`, where it is valid.

The engine keeps it for declared wells. It counts air that a tip draws or dispenses as liquid,
leaves out what a blow-out delivers, and knows nothing of an operator: such wells are left out.
"""

from __future__ import annotations

from compiler.target import commands as c
from simulate.ledger import Ledger

TOLERANCE_UL = 0.05


def disagreements(ledger: Ledger) -> dict[str, tuple[float, float]]:
    """The wells in which the replay's volume is not the engine's: well -> (ours, the engine's)."""
    trace = ledger.trace
    invalid = {addition.well for addition in ledger.additions}
    invalid |= {drawn.well for drawn in ledger.drawn if drawn.air_ul > 0.0 or not drawn.declared}
    delivered: dict[tuple[int, c.WellRef], float] = {}
    for transfer in ledger.transfers:
        if transfer.into is not None:
            if transfer.blown:
                invalid.add(transfer.into)
            key = transfer.stamp.index, transfer.into
            delivered[key] = delivered.get(key, 0.0) + transfer.volume_ul
    for traced in trace.commands:
        if isinstance(traced.command, c.Dispense) and traced.command.well is not None:
            # As far as the first channel goes; the others do the same.
            key = traced.index, traced.command.well
            if abs(delivered.get(key, 0.0) % traced.command.volume_ul) > 1e-6:
                invalid |= {well for index, well in delivered if index == traced.index}
                invalid.add(traced.command.well)
    declared = {said.well for said in trace.declared}
    return {
        str(well): (ledger.state.wells[well].contents.volume_ul, volume)
        for well, volume in trace.loaded_ul.items()
        if well in declared - invalid
        and well in ledger.state.wells
        and not ledger.state.wells[well].by_hand
        and abs(ledger.state.wells[well].contents.volume_ul - volume) > TOLERANCE_UL
    }


def compared(ledger: Ledger) -> int:
    """How many wells the engine has a volume for."""
    return len(ledger.trace.loaded_ul)
