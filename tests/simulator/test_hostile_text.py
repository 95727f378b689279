"""Text from users stays text: in scripts, markers and pauses, whatever it holds."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from compiler.cli.options import shipped_benches
from compiler.pipeline import compile_procedure

HOSTILE = [
    "quotes \" and ' and \"\"\" and '''",
    "braces {0} {protocol} {{x}} %s %(x)s",
    "two\nlines\r\nand \\n and \\",
    '"""\nraise SystemExit("executed")\n"""',
    "\u202eright to left\u202c and \u2066isolates\u2069",
    "#!/usr/bin/env python\n# coding: latin-1",
    "$(touch executed) `touch executed` ; touch executed",
    "'); __import__('os').system('touch executed'); ('",
]

PROCEDURE = """
kind: procedure
version: 1
title: {text}
source: {{title: {text}, section: {text}}}
scale: 0.10 mmol
materials:
  amine: {{name: {text}, smiles: NCc1ccccc1, supplied: {{solution: 0.5 M, in: DMF}}, basis: true}}
vessels:
  reactor: {{size: 2 mL}}
steps:
  - note: {text}
    add: {{material: amine, to: reactor, amount: {{is: 1 equiv, assumed: {text}}}}}
  - operator: {{do: {text}, vessel: reactor}}
  - add: {{material: DMF, to: reactor, amount: 100 µL}}
"""


@pytest.mark.parametrize("bench", ["flex", "ot2"])
@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_executes_and_the_script_still_runs(tmp_path: Path, bench: str, text: str) -> None:
    path = tmp_path / "procedure.yaml"
    path.write_text(PROCEDURE.format(text=json.dumps(text)), encoding="utf-8")
    made = compile_procedure(path, shipped_benches()[bench])
    assert made.plan is not None, made.findings
    assert made.plan["stages"][0]["title"] == text
    ((name, script),) = made.scripts
    (tmp_path / name).write_text(script, encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-m", "opentrons.simulate", name],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert not (tmp_path / "executed").exists()
    assert "\u202e" not in script
