"""Random libraries: no tip carries anything into a stock or into another reaction."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from compiler.cli.options import shipped_benches
from compiler.passes.tips import tips_used
from compiler.pipeline import Compiled, compile_procedure
from compiler.stages.program import PauseBlock, Program
from compiler.target import commands as c
from compiler.target.expand import expand_part

PROCEDURE = """kind: procedure
version: 1
title: Random tips
scale: 0.10 mmol
materials:
  amine:
    smiles: CC(C)(C)OC(=O)N1CCCNCC1
    supplied: {solution: 0.50 M, in: DCE}
    basis: true
  halide: {is: BnBr, supplied: {solution: 1.00 M, in: DCE}}
vessels:
  reactor: {size: 2 mL}
  out: {at least: 4 mL}
steps:
  - add: {material: amine, to: reactor, amount: 1 equiv}
"""
STEPS = (
    "add: {material: halide, to: reactor, amount: 1 equiv}",
    "add: {material: halide, to: reactor, amount: 1 equiv, at: 0 ± 4 °C, dropwise: {over: 30 min}}",
    "add: {material: water, to: reactor, amount: 200 µL}",
    "mix: {vessel: reactor, cycles: 1}",
    "stir: {vessel: reactor, for: 10 min, at: 0 ± 5 °C}",
    "extract: {vessel: reactor, with: DCM, volume: 200 µL, times: 2, keep: organic, into: out}",
    "wash: {vessel: out, with: water, volume: 200 µL, times: 2, keep: organic}",
    "operator: {do: look, vessel: reactor}",
)


@st.composite
def libraries(draw: st.DrawFn) -> tuple[str, str]:
    steps = [draw(st.sampled_from(STEPS)) for _ in range(draw(st.integers(1, 6)))]
    procedure = PROCEDURE + "".join(f"  - {step}\n" for step in steps)
    amounts = draw(st.lists(st.sampled_from(["0.5 M", "1.0 M", "2.0 M"]), min_size=1, max_size=6))
    rows = "".join(f"  - {{halide.supplied.solution: {amount}}}\n" for amount in amounts)
    order = draw(st.sampled_from(["by column", "by row", "random, seed: 3"]))
    library = f"kind: library\nversion: 1\nrows:\n{rows}layout: {{order: {order}}}\n"
    return procedure, f"{library}replicates: {draw(st.integers(1, 2))}\n"


@dataclass
class Tip:
    """A tip and what it has been in."""

    stocks: set[c.WellRef] = field(default_factory=set)
    owners: set[frozenset[str]] = field(default_factory=set)
    held_ul: float = 0.0


@dataclass
class Follower:
    """Follows every tip of a program, without the replay's code or the pass's."""

    program: Program
    parked: dict[c.WellRef, Tip] = field(default_factory=dict)
    gone: set[c.WellRef] = field(default_factory=set)
    on: dict[str, tuple[c.WellRef, Tip]] = field(default_factory=dict)
    taken: int = 0

    def run(self) -> None:
        """Every command of every part."""
        layout = self.program.layout
        stocks = {stock.well: stock.material for stock in layout.stocks}
        owners: dict[c.WellRef, set[str]] = {}
        for (reaction, _), well in layout.wells.items():
            owners.setdefault(well, set()).add(reaction)
        for part in self.program.parts:
            refills = iter([b for b in part.blocks if isinstance(b, PauseBlock)])
            assert not self.parked, "a tip waits for the next script"
            for command in expand_part(self.program, part):
                match command:
                    case c.Pause():
                        self._refill(next(refills).refills)
                    case c.PickUpTip(mount, ref):
                        assert ref not in self.gone, f"{ref} is in the trash"
                        self.taken += ref not in self.parked
                        self.on[mount] = ref, self.parked.pop(ref, Tip())
                    case c.DropTip(mount, into):
                        ref, tip = self.on.pop(mount)
                        if into is None:
                            self.gone.add(ref)
                        else:
                            assert into == ref
                            assert abs(tip.held_ul) < 0.01, f"{ref} is put back with liquid in it"
                            self.parked[ref] = tip
                    case c.Aspirate(mount, well):
                        self._dips(mount, well, stocks, owners)
                        self.on[mount][1].held_ul += command.volume_ul
                    case c.TouchTip(mount, well):
                        self._dips(mount, well, stocks, owners)
                    case c.AirGap(mount, volume_ul):
                        self.on[mount][1].held_ul += volume_ul
                    case c.Dispense(mount):
                        self.on[mount][1].held_ul -= command.volume_ul
                    case c.BlowOut(mount):
                        self.on[mount][1].held_ul = 0.0
                    case _:
                        pass

    def _refill(self, racks: tuple[str, ...]) -> None:
        self.gone = {ref for ref in self.gone if ref.labware not in racks}
        assert not [ref for ref in self.parked if ref.labware in racks]

    def _dips(
        self,
        mount: str,
        well: c.WellRef,
        stocks: dict[c.WellRef, str],
        owners: dict[c.WellRef, set[str]],
    ) -> None:
        ref, tip = self.on[mount]
        if well in stocks:
            assert not tip.owners, f"{ref} goes into a stock after a vessel"
            tip.stocks.add(well)
            assert len({stocks[stock] for stock in tip.stocks}) == 1, f"{ref} is in two stocks"
        elif well in owners:
            tip.owners.add(frozenset(owners[well]))
            assert len(tip.owners) == 1, f"{ref} is in {tip.owners}"


def compiled(text: tuple[str, str], bench: str) -> Compiled:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "procedure.yaml").write_text(text[0], encoding="utf-8")
        (folder / "library.yaml").write_text(text[1], encoding="utf-8")
        return compile_procedure(
            folder / "procedure.yaml", shipped_benches()[bench], library=folder / "library.yaml"
        )


@settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(text=libraries(), bench=st.sampled_from(["flex", "ot2"]))
def test_no_tip_carries_anything_elsewhere(text: tuple[str, str], bench: str) -> None:
    made = compiled(text, bench)
    event("planned" if made.programs else "refused")
    for _, program in made.programs:
        follower = Follower(program)
        follower.run()
        channels = {m.pipette.channels for m in program.layout.mounted.values()}
        assert channels == {1}
        assert follower.taken == tips_used(program)
