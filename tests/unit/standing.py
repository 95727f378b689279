"""Many wells that stand for half an hour, each with an amine of its own; for tests of batches."""

from __future__ import annotations

AMINES = tuple("C" * n + "N" for n in range(3, 19))
"""Propylamine to octadecylamine."""

PROCEDURE = """\
kind: procedure
version: 1
title: Amines that stand with an ester
scale: 0.05 mmol
materials:
  amine: {name: propylamine, smiles: CCCN, supplied: {solution: 0.50 M, in: DCE}, basis: true}
  ester: {name: phenyl acetate, smiles: CC(=O)Oc1ccccc1, supplied: {solution: 0.50 M, in: DCE}}
vessels:
  reactor: {size: 1 mL}
  out: {at least: 0.8 mL}
steps:
  - id: ester
    add: {material: ester, to: reactor, amount: 1 equiv}
  - id: amine
    add: {material: amine, to: reactor, amount: 1 equiv}
  - id: standing
    wait: {for: 30 min, vessel: reactor}
  - id: water
    add: {material: water, to: reactor, amount: 4 mL/mmol}
  - id: out
    extract: {vessel: reactor, with: DCM, volume: 3 mL/mmol, times: 1, keep: organic, into: out}
"""


def library(wells: int) -> str:
    """A table with an amine for each well."""
    rows = ", ".join(
        f"{{amine.name: amine {n}, amine.smiles: {smiles}}}"
        for n, smiles in enumerate(AMINES[:wells], start=1)
    )
    return f"kind: library\nversion: 1\nprocedure: procedure.yaml\nrows: [{rows}]\n"


QUENCHED = """\
kind: procedure
version: 1
title: An ester that meets an amine, and water soon after
scale: 0.05 mmol
materials:
  amine:
    {{name: benzylamine, smiles: NCc1ccccc1, supplied: {{solution: 0.40 M, in: MeCN}}, basis: true}}
  ester: {{name: phenyl acetate, smiles: CC(=O)Oc1ccccc1, supplied: {{solution: 0.50 M, in: MeCN}}}}
vessels:
  reactor: {{size: 2 mL}}
steps:
  - id: amine
    add: {{material: amine, to: reactor, amount: 1 equiv}}
  - id: ester
    add: {{material: ester, to: reactor, amount: 1 equiv}}
  - id: quench
    add: {{material: water, to: reactor, amount: 6 mL/mmol}}
    within: {limit}
"""
