"""Scripts in processes of their own: what one does to itself touches no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulate.parameters import ParameterFault, given_parameters
from simulate.result import simulate_script
from simulate.worker import Job, Limits, simulate_all

HEAD = 'requirements = {"robotType": "Flex", "apiLevel": "2.22"}\n'

EATS = """def run(p):
    big = []
    while True:
        big.append(bytearray(10**7))
"""
PATCHES = """import opentrons.protocol_api as api
api.Well = None
def run(p):
    pass
"""
SCRIPTS = {
    "a_fine.py": 'def run(p):\n    p.comment("fine")\n',
    "b_exit.py": "import os\ndef run(p):\n    os._exit(3)\n",
    "c_hangs.py": "def run(p):\n    while True:\n        pass\n",
    "d_eats.py": EATS,
    "e_crashes.py": "import ctypes\ndef run(p):\n    ctypes.string_at(0)\n",
    "f_patches.py": PATCHES,
    "g_asks.py": "def run(p):\n    input()\n",
    "h_fine.py": "from opentrons.protocol_api import Well\ndef run(p):\n    assert Well\n",
}
EXPECTED = {
    "b_exit.py": ("V-RUN", "status 3"),
    "c_hangs.py": ("V-TIMEOUT", "5 s"),
    "d_eats.py": ("V-MEMORY", "memory"),
    "e_crashes.py": ("V-RUN", "SIGSEGV"),
    "g_asks.py": ("V-RUN", "EOF"),
}


def test_each_script_ends_only_itself(tmp_path: Path) -> None:
    for name, text in SCRIPTS.items():
        (tmp_path / name).write_text(HEAD + text, encoding="utf-8")
    counted: list[int] = []
    jobs = [Job(tmp_path / name) for name in SCRIPTS]
    results = simulate_all(jobs, Limits(seconds=5.0, memory_mb=300), done=counted.append)
    assert counted == list(range(1, len(SCRIPTS) + 1))
    for job, result in zip(jobs, results, strict=True):
        assert result.scripts[0].file == str(job.file)
        code, words = EXPECTED.get(job.file.name, (None, ""))
        assert [finding.code for finding in result.findings] == ([code] if code else [])
        assert all(words in finding.message for finding in result.findings)
    hangs = results[2].findings[0]
    assert hangs.span is not None
    assert hangs.span.line in (3, 4)


def test_a_worker_says_what_the_function_says(tmp_path: Path) -> None:
    script = Path(__file__).parent / "sound" / "timers_flex_227.py"
    (worked,) = simulate_all([Job(script)])
    alone = simulate_script(script)
    assert worked.as_object() == alone.as_object()


PARAMETERS = """
def add_parameters(parameters):
    parameters.add_int("samples", "samples", default=2)
    parameters.add_str(variable_name="mount", display_name="mount", default="left", choices=[])
    parameters.add_bool("dry", "dry", default=False)
    parameters.add_csv_file("volumes", "volumes")
"""


def test_parameters_are_read_as_the_script_declares_them(tmp_path: Path) -> None:
    script, table = tmp_path / "script.py", tmp_path / "volumes.csv"
    script.write_text(PARAMETERS, encoding="utf-8")
    table.write_text("well,uL\nA1,5\n", encoding="utf-8")
    given = given_parameters(script, ["samples=3", "mount=007", "dry=true"], [str(table)])
    assert given.values == {"samples": 3, "mount": "007", "dry": True}
    assert given.files == {"volumes": table}
    for wrong in ("samples=x", "samples", "dry=maybe", "volumes=a.csv"):
        with pytest.raises(ParameterFault):
            given_parameters(script, [wrong], [])


def test_rows_are_parameters_where_there_is_no_csv_parameter(tmp_path: Path) -> None:
    script, table = tmp_path / "script.py", tmp_path / "values.csv"
    script.write_text('def add_parameters(p):\n    p.add_int("n", "n", default=1)\n', "utf-8")
    table.write_text("n,4\n", encoding="utf-8")
    assert given_parameters(script, [], [str(table)]).values == {"n": 4}
    table.write_text("n,4,5\n", encoding="utf-8")
    with pytest.raises(ParameterFault, match="name,value"):
        given_parameters(script, [], [str(table)])
