"""The short functions at the top of a script, each only where it is used."""

from __future__ import annotations

from compiler.stages.operations import Handling
from compiler.target.script.text import Lines, Names, number

HANDLING = '''class Handling(NamedTuple):
    """How a kind of liquid is pipetted: µL, µL/s, s and mm/s."""

    prewet_cycles: int
    prewet_wait: float
    draw_flow: float
    deliver_flow: float
    air_gap: float
    settle: float
    withdraw_speed: float
'''

PRE_WET = '''def pre_wet(protocol, pipette, volume, well, height, how):
    """Saturates the air in a fresh tip, which would push a volatile liquid out again."""
    set_flow(pipette, how)
    for _ in range(how.prewet_cycles):
        pipette.aspirate(volume, well.bottom(height))
        if how.prewet_wait:
            protocol.delay(seconds=how.prewet_wait)
        pipette.dispense(volume, well.bottom(height), push_out=0)
'''

DRAW_UP = '''def draw_up(protocol, pipette, volume, well, height, how):
    """Aspirates, waits in the liquid, rises slowly and takes an air gap against dripping."""
    set_flow(pipette, how)
    pipette.aspirate(volume, well.bottom(height))
    if how.settle:
        protocol.delay(seconds=how.settle)
    pipette.move_to(well.top(), speed=how.withdraw_speed)
    if how.air_gap:
        pipette.air_gap(how.air_gap)
'''

EXPEL_GAP = '''def expel_gap(pipette, well, how):
    """Lets the air gap out above the well."""
    if how.air_gap:
        pipette.dispense(how.air_gap, well.top())
'''

DELIVER = '''def deliver(pipette, volume, well, height, how):
    """Dispenses what was drawn up, and blows out."""
    expel_gap(pipette, well, how)
    pipette.dispense(volume, well.bottom(height))
    pipette.blow_out(well.bottom(height))
'''

MIX = '''def mix(pipette, cycles, volume, well, height, flow):
    """Mixes a well with the tip that is on."""
    pipette.flow_rate.aspirate = flow
    pipette.flow_rate.dispense = flow
    pipette.flow_rate.blow_out = flow
    pipette.mix(cycles, volume, well.bottom(height))
'''

PUT_AWAY = '''def put_away(pipette, last):
    """Puts the tip back into its place in the rack, or drops it after its last use."""
    if last:
        pipette.drop_tip()
    else:
        pipette.return_tip()
'''

SET_FLOW = '''def set_flow(pipette, how):
    """Sets the pipette's flow rates."""
    pipette.flow_rate.aspirate = how.draw_flow
    pipette.flow_rate.dispense = how.deliver_flow
    pipette.flow_rate.blow_out = how.deliver_flow
'''

WAIT_UNTIL = '''def wait_until(protocol, due, planned):
    """Waits until `due`: always one delay, of the planned seconds where the run is simulated."""
    left = planned if protocol.is_simulating() else due - time.monotonic()
    protocol.delay(seconds=max(0.0, left))
'''

FUNCTIONS = {
    "set_flow": SET_FLOW,
    "pre_wet": PRE_WET,
    "draw_up": DRAW_UP,
    "expel_gap": EXPEL_GAP,
    "deliver": DELIVER,
    "mix": MIX,
    "put_away": PUT_AWAY,
    "wait_until": WAIT_UNTIL,
}
"""In the order in which they stand in a script."""

_NEEDS = {
    "pre_wet": ("set_flow",),
    "draw_up": ("set_flow",),
    "deliver": ("expel_gap",),
}


def with_needs(used: set[str]) -> list[str]:
    """The functions that a script needs, in order: those used and those that they call."""
    needed = used | {name for user in used for name in _NEEDS.get(user, ())}
    return [name for name in FUNCTIONS if name in needed]


class Handlings:
    """The handling parameters that a script uses, each under a name of its own."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._by_value: dict[Handling, str] = {}

    def name(self, how: Handling) -> str:
        """The constant of a handling."""
        if how not in self._by_value:
            self._by_value[how] = self._names.take(how.name, upper=True)
        return self._by_value[how]

    def write(self, lines: Lines) -> None:
        """The constants, each with its parameters a line."""
        for how, name in self._by_value.items():
            lines.add(
                f"{name} = Handling(",
                f"    prewet_cycles={how.prewet_cycles},",
                f"    prewet_wait={number(how.prewet_wait_s)},",
                f"    draw_flow={number(how.aspirate_ul_s)},",
                f"    deliver_flow={number(how.dispense_ul_s)},",
                f"    air_gap={number(how.air_gap_ul)},",
                f"    settle={number(how.settle_s)},",
                f"    withdraw_speed={number(how.withdraw_mm_s)},",
                ")",
            )

    @property
    def any(self) -> bool:
        """Whether the script uses any."""
        return bool(self._by_value)
