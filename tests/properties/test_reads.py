"""Nothing is read outside the folders given, except what is installed.

Python tells an audit hook of every file that it opens; the commands run with one in place. Each
document names a sound file outside its folder, in one of the ways that lead there.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROTOCOLS = ROOT / "protocols"

_WATCHED = """
import json, os, sys
log = open(os.environ["WORKUP_TEST_LOG"], "a", encoding="utf-8", buffering=1)
def told(event, arguments):
    if event == "open" and isinstance(arguments[0], (str, bytes)):
        log.write(json.dumps(os.path.realpath(os.fsdecode(arguments[0]))) + "\\n")
sys.addaudithook(told)
from compiler.__main__ import main
sys.exit(main(sys.argv[1:]))
"""

STEPS = """kind: procedure
version: 1
title: A test
scale: 0.10 mmol
materials:
  amine:
    smiles: NCc1ccccc1
    supplied: {{solution: 0.5 M, in: DMF}}
    basis: true
vessels:
  reactor: {{size: 2 mL}}
steps:
  - add: {{material: amine, to: reactor, amount: 1 equiv}}
{}"""
PROCEDURE = STEPS.format("")
BLOCK = """kind: block
version: 1
title: A block
steps:
  - wait: {for: 1 min}
"""
SEQUENCE = """kind: sequence
version: 1
title: A sequence
stages:
  - {{id: one, procedure: {}, scale: 0.10 mmol}}
"""
RACK = (PROTOCOLS / "labware" / "glass-2ml-24.json").read_text(encoding="utf-8")
SCRIPT = """requirements = {"robotType": "Flex", "apiLevel": "2.22"}


def run(protocol):
    protocol.comment("outside")
"""

# What lies outside, sound and worth reading.
OUTSIDE = {
    "procedure.yaml": PROCEDURE,
    "block.yaml": BLOCK,
    "rows.csv": "name\nsecret\n",
    "rack.json": RACK,
    "script.py": SCRIPT,
    "plan.json": '{"version": 1, "scripts": [{"file": "script.py", "part": 1}]}',
}


@dataclass(frozen=True)
class Way:
    """What lies in the folder given, links into `outside`, and the command."""

    name: str
    arguments: str
    files: dict[str, str]
    links: tuple[tuple[str, str], ...] = ()
    status: int = 1


def bench(definition: str) -> str:
    return (
        "kind: bench\nversion: 1\nrobot: Flex\npipettes: {left: flex_1channel_1000}\n"
        f"labware:\n  rack: {{definition: {definition}, holds: stocks}}\n"
    )


def including(block: str) -> str:
    return STEPS.format(f"  - include: {{block: {block}}}\n")


def library(extra: str) -> str:
    return f"kind: library\nversion: 1\n{extra}"


P, L, B = "procedure.yaml", "library.yaml", "benches/bench.yaml"
CHECK, OF_ROWS, ON_BENCH = f"check {P}", f"check {L}", f"compile {P} --bench {B} -o out"
WAYS = [
    Way("block, upwards", CHECK, {P: including("../outside/block.yaml")}),
    Way("block, absolute", CHECK, {P: including("<outside>/block.yaml")}),
    Way("block, a link", CHECK, {P: including("b.yaml")}, (("b.yaml", "block.yaml"),)),
    Way("block, a linked folder", CHECK, {P: including("in/block.yaml")}, (("in", "."),)),
    Way("stage, upwards", "check s.yaml", {"s.yaml": SEQUENCE.format("../outside/procedure.yaml")}),
    Way("stage, a link", "check s.yaml", {"s.yaml": SEQUENCE.format("p.yaml")}, (("p.yaml", P),)),
    Way(
        "rows, upwards",
        OF_ROWS,
        {P: PROCEDURE, L: library("rows: ../outside/rows.csv\n")},
        status=2,
    ),
    Way(
        "rows, a link",
        OF_ROWS,
        {P: PROCEDURE, L: library("rows: r.csv")},
        (("r.csv", "rows.csv"),),
        2,
    ),
    Way(
        "rows' procedure", OF_ROWS, {L: library("procedure: ../outside/procedure.yaml\n")}, status=2
    ),
    Way("procedure beside, a link", "check rows.csv", {"rows.csv": "name\na\n"}, ((P, P),), 2),
    Way("labware, upwards", ON_BENCH, {P: PROCEDURE, B: bench("../../outside/rack.json")}),
    Way("labware, absolute", ON_BENCH, {P: PROCEDURE, B: bench("<outside>/rack.json")}),
    Way(
        "labware, a link",
        ON_BENCH,
        {P: PROCEDURE, B: bench("r.json")},
        (("benches/r.json", "rack.json"),),
    ),
    Way(
        "scripts of a plan",
        "simulate plan.json",
        {"plan.json": OUTSIDE["plan.json"].replace("script.py", "../outside/script.py")},
    ),
    Way(
        "scripts of a plan, a link",
        "simulate plan.json",
        {"plan.json": OUTSIDE["plan.json"]},
        (("script.py", "script.py"),),
    ),
    Way("scripts of a folder, a link", "simulate .", {}, (("script.py", "script.py"),), status=2),
    Way("the plan of a folder, a link", "simulate .", {}, (("plan.json", "plan.json"),), status=2),
    Way(
        "definitions in a folder, a link",
        "simulate script.py --labware .",
        {"script.py": SCRIPT},
        (("r.json", "rack.json"),),
        status=2,
    ),
]


def run(room: Path, arguments: list[str]) -> tuple[subprocess.CompletedProcess[str], set[Path]]:
    """A command in `room/given`, and the files that it opened."""
    log = room / "log"
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "HOME": str(room / "home"),
        "TMPDIR": str(room / "temporary"),
        "XDG_CACHE_HOME": str(room / "home"),
        "WORKUP_TEST_LOG": str(log),
    }
    done = subprocess.run(
        [sys.executable, "-c", _WATCHED, *arguments],
        cwd=room / "given",
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = log.read_text(encoding="utf-8").splitlines()
    return done, {Path(json.loads(line)) for line in lines}


@pytest.fixture
def room(tmp_path: Path) -> Path:
    for name in ("given", "home", "outside", "temporary"):
        (tmp_path / name).mkdir()
    for name, text in OUTSIDE.items():
        (tmp_path / "outside" / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.name)
def test_no_way_leads_outside(room: Path, way: Way) -> None:
    for name, text in way.files.items():
        text = text.replace("<outside>", str(room / "outside"))
        (room / "given" / name).parent.mkdir(exist_ok=True)
        (room / "given" / name).write_text(text, encoding="utf-8")
    for name, target in way.links:
        (room / "given" / name).symlink_to(room / "outside" / target)
    done, opened = run(room, way.arguments.split())
    assert not [path for path in opened if path.is_relative_to(room / "outside")]
    assert done.returncode == way.status, done.stdout + done.stderr
    assert "defect" not in done.stderr


def installed() -> list[Path]:
    """Where Python, its packages, ours and the machine's own data are."""
    paths = {*sysconfig.get_paths().values(), sys.prefix, sys.base_prefix, str(ROOT)}
    system = ("/dev", "/proc", "/sys", "/etc", "/usr/share", "/System", "/Library")  # fonts, zones
    return [Path(path).resolve() for path in (*paths, *system)]


@pytest.mark.parametrize("command", ["check", "compile", "review"])
def test_a_whole_run_reads_what_it_was_given(room: Path, command: str) -> None:
    (room / "given" / P).write_text(PROCEDURE, encoding="utf-8")
    more = [] if command == "check" else ["--bench", "flex", "-o", "out"]
    done, opened = run(room, [command, P, *more])
    assert done.returncode == 0, done.stdout + done.stderr
    allowed = [*installed(), room / "given", room / "home", room / "temporary"]
    assert not [p for p in opened if not any(p.is_relative_to(folder) for folder in allowed)]
