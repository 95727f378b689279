"""A run of many equal reactions, as a library gives them: the charges of one, repeated."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from compiler.passes.account import account
from compiler.passes.charge import charge
from compiler.passes.house import house
from compiler.passes.lower import lower
from compiler.passes.place import place
from compiler.passes.resolve import resolve
from compiler.passes.schedule import schedule
from compiler.passes.tips import tips
from compiler.pipeline import Compiled
from compiler.plan import PlanInputs, plan_document
from compiler.reading import read_bench, read_procedure
from compiler.stages.charges import Charges

BENCH = """\
kind: bench
version: 1
{robot}
modules: {{}}
labware:
  reactors: {{load: nest_96_wellplate_2ml_deep, holds: reactor, material: glass}}
  vials: {{load: nest_96_wellplate_2ml_deep, holds: extract, material: glass}}
  solvents: {{load: nest_12_reservoir_15ml, holds: stocks, material: glass}}
operator: {{ice bath: true}}
limits: {{max hold: 4 h, fill: 80 %}}
"""

ROBOTS = {
    "Flex": "robot: Flex\npipettes: {left: flex_1channel_50, right: flex_1channel_1000}",
    "OT-2": "robot: OT-2\npipettes: {left: p20_single_gen2, right: p300_single_gen2}",
}

PROCEDURE = """\
kind: procedure
version: 1
title: Many reductive aminations
scale: 0.10 mmol
materials:
  diazepane:
    name: 1-Boc-1,4-diazepane
    smiles: CC(C)(C)OC(=O)N1CCCNCC1
    supplied: {solution: 0.50 M, in: DCE}
    basis: true
  aldehyde:
    name: 4-fluorobenzaldehyde
    smiles: O=Cc1ccc(F)cc1
    supplied: {solution: 0.55 M, in: DCE}
  hydride: {is: NaBH(OAc)3, supplied: solid}
  bicarb: {is: NaHCO3, supplied: {saturated in: water}}
vessels:
  reactor: {at least: 1.8 mL}
  extract: {at least: 1.8 mL}
products:
  desired:
    smiles: CC(C)(C)OC(=O)N1CCCN(Cc2ccc(F)cc2)CC1
    from: {diazepane: 1, aldehyde: 1}
    goal: mono
steps:
  - add: {material: diazepane, to: reactor, amount: 1 equiv}
  - add: {material: aldehyde, to: reactor, amount: 1.1 equiv}
  - add: {material: hydride, to: reactor, amount: 1.5 equiv}
  - stir: {vessel: reactor, for: 1 h}
  - add: {material: bicarb, to: reactor, amount: 3 mL/mmol}
  - extract: {vessel: reactor, with: DCM, volume: 3 mL/mmol, times: 1, keep: organic, into: extract}
"""


def compiled(
    folder: Path,
    count: int,
    *,
    robot: str = "Flex",
    slots: int | None = None,
    procedure: str = PROCEDURE,
) -> Compiled:
    """The procedure above, `count` times, on a bench with deep-well plates.

    `slots` are how many of the free slots there are for tip racks; all where it is None.
    """
    (folder / "procedure.yaml").write_text(procedure, encoding="utf-8")
    (folder / "bench.yaml").write_text(BENCH.format(robot=ROBOTS[robot]), encoding="utf-8")
    read, bench = read_procedure(folder / "procedure.yaml"), read_bench(folder / "bench.yaml")
    assert read.document is not None, read.findings
    assert bench.document is not None, bench.findings
    recipe, _ = resolve(read.document)
    charges, _ = charge(recipe)
    charges = _repeated(charges, count)
    housing, _ = house(charges, bench.document)
    ledger, _ = account(charges, housing)
    operations, _ = lower(ledger)
    layout, placed = place(operations)
    assert not [f for f in placed if f.severity == "error"], placed
    layout = replace(layout, free_slots=layout.free_slots[:slots])
    program, named = tips(schedule(layout))
    assert not [f for f in named if f.severity == "error"], named
    scripts = tuple((f"many.part{p.number}.py", p.number, p.after) for p in program.parts)
    files = (("procedure.yaml", "0" * 64), ("bench.yaml", "0" * 64))
    plan = plan_document(program, PlanInputs("0", files, scripts, (), ()))
    names = (str(folder / "procedure.yaml"), str(folder / "bench.yaml"))
    return Compiled("many", (), (), names, program, plan, (), None)


def _repeated(charges: Charges, count: int) -> Charges:
    first = charges.reactions[0]
    ids = [f"r{n}" for n in range(1, count + 1)]
    return replace(
        charges,
        reactions=tuple(replace(first, id=id_, row=n) for n, id_ in enumerate(ids, start=1)),
        charges=tuple(replace(c, reaction=id_) for c in charges.charges for id_ in ids),
    )
