"""A library for a plate of 96 wells: eight amines by twelve aldehydes."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

VIALS = Path(__file__).parents[1] / "protocols" / "labware" / "glass-2ml-24.json"

PROCEDURE = """\
kind: procedure
version: 1
title: Reductive amination, eight amines by twelve aldehydes
scale: 0.10 mmol
materials:
  amine:
    name: morpholine
    smiles: C1COCCN1
    supplied: {solution: 0.50 M, in: DCE}
    basis: true
  aldehyde:
    name: benzaldehyde
    smiles: O=Cc1ccccc1
    supplied: {solution: 0.55 M, in: DCE}
  hydride: {is: NaBH(OAc)3, supplied: solid}
  bicarb: {is: NaHCO3, supplied: {saturated in: water}}
vessels:
  reactor: {at least: 1.8 mL, cap: vented}
  extract: {at least: 1.8 mL}
products:
  desired:
    smiles: c1ccc(CN2CCOCC2)cc1
    from: {amine: 1, aldehyde: 1}
    goal: mono
steps:
  - add: {material: amine, to: reactor, amount: 1 equiv}
  - add: {material: aldehyde, to: reactor, amount: 1.1 equiv}
  - add: {material: hydride, to: reactor, amount: 1.5 equiv}
  - stir: {vessel: reactor, for: 1 h}
  - add: {material: bicarb, to: reactor, amount: 3 mL/mmol}
  - extract: {vessel: reactor, with: DCM, volume: 3 mL/mmol, times: 1, keep: organic, into: extract}
"""

BENCH = """\
kind: bench
version: 1
robot: Flex
pipettes: {left: flex_1channel_50, right: flex_1channel_1000}
modules: {}
labware:
  reactors: {load: nest_96_wellplate_2ml_deep, holds: reactor, material: glass}
  vials: {load: nest_96_wellplate_2ml_deep, holds: extract, material: glass}
  stocks: {definition: glass-2ml-24.json, holds: stocks}
  solvents: {load: nest_12_reservoir_15ml, holds: stocks, material: glass}
operator: {ice bath: true}
limits: {max hold: 4 h, fill: 80 %}
"""

# The nitrogen of the amine and the carbon of the aldehyde stand first in their SMILES.
AMINES = {
    "1-Boc-1,4-diazepane": "N1CCCN(C(=O)OC(C)(C)C)CC1",
    "morpholine": "N1CCOCC1",
    "piperidine": "N1CCCCC1",
    "1-Boc-piperazine": "N1CCN(C(=O)OC(C)(C)C)CC1",
    "1-methylpiperazine": "N1CCN(C)CC1",
    "pyrrolidine": "N1CCCC1",
    "4-phenylpiperidine": "N1CCC(c2ccccc2)CC1",
    "thiomorpholine": "N1CCSCC1",
}
ALDEHYDES = {
    "benzaldehyde": "c5ccccc5",
    "4-fluorobenzaldehyde": "c5ccc(F)cc5",
    "3-fluorobenzaldehyde": "c5cccc(F)c5",
    "2-fluorobenzaldehyde": "c5ccccc5F",
    "4-chlorobenzaldehyde": "c5ccc(Cl)cc5",
    "4-bromobenzaldehyde": "c5ccc(Br)cc5",
    "4-methylbenzaldehyde": "c5ccc(C)cc5",
    "4-methoxybenzaldehyde": "c5ccc(OC)cc5",
    "4-cyanobenzaldehyde": "c5ccc(C#N)cc5",
    "nicotinaldehyde": "c5cccnc5",
    "furfural": "c5ccco5",
    "3-phenylpropionaldehyde": "CCc5ccccc5",
}


def write_plate(folder: Path) -> tuple[Path, Path, Path]:
    """Procedure, bench and table in a folder."""
    files = (folder / "procedure.yaml", folder / "bench.yaml", folder / "library.csv")
    files[0].write_text(PROCEDURE, encoding="utf-8")
    files[1].write_text(BENCH, encoding="utf-8")
    shutil.copy(VIALS, folder / VIALS.name)
    with files[2].open("w", encoding="utf-8", newline="") as table:
        writer = csv.writer(table)
        writer.writerow(
            ["amine.name", "amine.smiles", "aldehyde.name", "aldehyde.smiles", "desired.smiles"]
        )
        for aldehyde, rest in ALDEHYDES.items():
            for amine, ring in AMINES.items():
                product = f"C({rest}){ring}"
                writer.writerow([amine, ring, aldehyde, f"O=C{rest}", product])
    return files
