"""The Flex script in the simulator of Opentrons 10.1.0, which needs Python 3.12 of its own.

Skipped, with the reason, where that Python or that release can't be had. The environment is kept
under `build/`, so only the first run pays for it.
"""

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
RELEASE = "10.1.0"
ROOM = ROOT / "build" / f"opentrons-{RELEASE}"
PROCEDURE = ROOT / "protocols" / "reductive-amination" / "procedure.yaml"


def python_3_12() -> str | None:
    """A Python 3.12 that starts: on the path, or one of pyenv's."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    candidates = [
        *sorted(map(str, pyenv.glob("versions/3.12*/bin/python3.12"))),
        shutil.which("python3.12"),
    ]
    for candidate in candidates:
        if candidate is None:
            continue
        said = subprocess.run(
            [candidate, "-c", "import sys, venv; print(sys.version_info[:2])"],
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        if said.stdout.strip() == "(3, 12)":
            return candidate
    return None


@contextmanager
def alone(file: Path) -> Iterator[None]:
    """One process at a time: tests may run side by side."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def simulator() -> Path:
    """`opentrons_simulate` of the release, installed when it is not there yet."""
    python = python_3_12()
    if python is None:
        pytest.skip("there is no Python 3.12 on this machine")
    done = ROOM / ".installed"
    with alone(ROOM.with_suffix(".lock")):
        if not done.exists():
            shutil.rmtree(ROOM, ignore_errors=True)
            install(python)
            done.touch()
    return ROOM / "bin" / "opentrons_simulate"


def install(python: str) -> None:
    commands = (
        [python, "-m", "venv", str(ROOM)],
        [str(ROOM / "bin" / "python"), "-m", "pip", "install", "-q", f"opentrons=={RELEASE}"],
    )
    for command in commands:
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=600)
        except subprocess.CalledProcessError as error:
            last = error.stderr.decode(errors="replace").strip().splitlines()[-1:]
            pytest.skip(f"opentrons {RELEASE} cannot be installed: {' '.join(last)}")
        except subprocess.TimeoutExpired:
            pytest.skip(f"opentrons {RELEASE} cannot be installed within ten minutes")


def test_the_flex_script_runs_in_the_next_major_release(simulator: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run(
        [sys.executable, "-m", "compiler", "compile", PROCEDURE, "--bench", "flex", "-o", "out"],
        cwd=tmp_path,
        env=environment,
        check=True,
        capture_output=True,
    )
    scripts = sorted((tmp_path / "out").glob("*.py"))
    assert scripts
    for script in scripts:
        ran = subprocess.run(
            [str(simulator), str(script)],
            cwd=tmp_path,
            env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert ran.returncode == 0, f"{script.name}: {ran.stderr[-2000:]}"
        assert "Picking up tip" in ran.stdout, script.name
