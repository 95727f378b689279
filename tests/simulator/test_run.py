"""Running scripts: what goes wrong in them is a finding with their line, and leaves no trace."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import pytest

from simulate.engine import run_engine
from simulate.run import Options, run_script
from tests.simulator import handwritten

HEAD = 'requirements = {"robotType": "Flex", "apiLevel": "2.22"}\n'


def ran(folder: Path, body: str, name: str = "script.py") -> list[tuple[str, int, str]]:
    """Code, line and message of the findings of a script."""
    script = folder / name
    script.write_text(HEAD + body, encoding="utf-8")
    found = run_script(script).findings
    assert all(f.span is not None and f.span.file == str(script) for f in found)
    return [(f.code, f.span.line if f.span else 0, f.message) for f in found]


@pytest.mark.parametrize(
    ("body", "line", "words"),
    [
        ("def run(p)\n    pass\n", 2, "expected ':'"),
        ("import nonesuch\ndef run(p):\n    pass\n", 2, "nonesuch"),
        ("import sys\ndef run(p):\n    sys.exit(3)\n", 4, "SystemExit(3)"),
        ("import asyncio\ndef run(p):\n    raise asyncio.CancelledError\n", 4, "CancelledError"),
        ("def run(p):\n    def f():\n        f()\n    f()\n", 4, "recursion"),
        ("def run(p):\n    p.load_labware('none', 'D1')\n", 3, '"none" not found'),
        ("def run(p):\n    1 / 0\n", 3, "division by zero"),
        ("def run(p):\n    \x00\n", 1, "null bytes"),
        ("x = 1\n", 1, "run"),
    ],
)
def test_whatever_a_script_does_is_one_finding(
    tmp_path: Path, body: str, line: int, words: str
) -> None:
    (found,) = ran(tmp_path, body)
    assert found[0] == "V-RUN"
    assert found[1] == line
    assert words in found[2]
    assert "Traceback" not in found[2]


def test_the_engines_own_errors_lose_their_wrapping(tmp_path: Path) -> None:
    body = (
        "def run(p):\n"
        "    plate = p.load_labware('nest_96_wellplate_200ul_flat', 'D1')\n"
        "    left = p.load_instrument('flex_1channel_1000', 'left')\n"
        "    left.aspirate(10, plate['A1'])\n"
    )
    assert ran(tmp_path, body) == [
        (
            "V-RUN",
            5,
            "the simulator stops: TipNotAttachedError: Pipette should have a tip attached, but "
            "does not.",
        )
    ]


def test_a_file_that_is_not_there_is_a_finding(tmp_path: Path) -> None:
    (found,) = run_script(tmp_path / "none.py").findings
    assert found.code == "V-RUN"


def test_nothing_stays_patched_and_nothing_is_printed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    from opentrons.protocol_engine.clients.transports import ChildThreadTransport

    before = dict(vars(ChildThreadTransport)), logging.getLogger().handlers[:], sys.stdout
    ran(tmp_path, "def run(p):\n    print('hello')\n    1 / 0\n")
    after = dict(vars(ChildThreadTransport)), logging.getLogger().handlers[:], sys.stdout
    assert before == after
    shown = capfd.readouterr()
    assert shown.out == ""
    assert "calibration" not in shown.err


def test_every_command_of_a_script_has_its_line_in_run(tmp_path: Path) -> None:
    handwritten.write(tmp_path, "OT-2")
    run = run_engine(tmp_path / "run.py")
    lines = (tmp_path / "run.py").read_text(encoding="utf-8").splitlines()
    for command in run.commands:
        if command.kind == "home":
            continue  # the engine's own, before the script
        assert command.line is not None, command.kind
        if command.kind == "moveLabware":
            assert "move_labware" in lines[command.line - 1]
        if command.kind == "loadLabware":
            assert "load_labware" in lines[command.line - 1]


def test_labware_files_and_parameters_reach_the_script(tmp_path: Path) -> None:
    import json

    definition = tmp_path / "vial_2ml.json"
    definition.write_text(json.dumps(handwritten.glass("vial_2ml", 4, 6, 10.0, 30.0, 2000)))
    script = tmp_path / "script.py"
    script.write_text(
        HEAD + "def add_parameters(parameters):\n"
        "    parameters.add_float('vol', 'vol', default=10.0, minimum=1.0, maximum=500.0)\n"
        "def run(p):\n"
        "    p.load_labware('vial_2ml', 'D1', namespace='custom_beta', version=1)\n"
        "    p.comment(f'[here] {p.params.vol}')\n",
        encoding="utf-8",
    )
    options = Options(labware=(definition,), parameters={"vol": 50.0})
    result = run_script(script, options)
    assert result.findings == ()
    assert result.trace is not None
    assert [traced.step for traced in result.trace.commands] == ["here"]
    assert "50.0" in str(result.trace.commands[0].command)
