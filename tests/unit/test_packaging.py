"""What a wheel holds, and that it works where there is no checkout."""

import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from compiler.version import __version__

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

PACKAGES = ("compiler", "simulate", "schemas", "protocols")


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, unpacked as an installer would."""
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("workup-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def data_files(package: str) -> set[str]:
    """The data of a package in the checkout."""
    kinds = {".json", ".yaml", ".csv", ".html", ".md"}
    return {
        str(path.relative_to(ROOT))
        for path in (ROOT / package).rglob("*")
        if path.suffix in kinds and "__pycache__" not in path.parts
    }


@pytest.mark.parametrize("package", PACKAGES)
def test_a_wheel_has_all_data(unpacked: Path, package: str) -> None:
    missing = {name for name in data_files(package) if not (unpacked / name).is_file()}
    assert not missing


def test_a_wheel_has_nothing_else_at_the_top(unpacked: Path) -> None:
    names = {path.name for path in unpacked.iterdir() if not path.name.endswith(".dist-info")}
    assert names == set(PACKAGES)


def test_the_wheel_s_pages_are_those_of_the_checkout(unpacked: Path) -> None:
    pages = {path.name: path.read_text() for path in (ROOT / "docs" / "findings").glob("*.md")}
    folder = unpacked / "compiler" / "diagnostics" / "findings"
    assert {path.name: path.read_text() for path in folder.glob("*.md")} == pages


def workup(unpacked: Path, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs the unpacked wheel, with this environment's dependencies and without the checkout."""
    program = (
        f"import sys; sys.path[:] = [{str(unpacked)!r}] + "
        f"[p for p in sys.path if p not in ('', {str(ROOT)!r})]; "
        "import compiler; assert compiler.__file__.startswith(sys.path[0]), compiler.__file__; "
        "from compiler.__main__ import main; sys.exit(main())"
    )
    return subprocess.run(
        [sys.executable, "-c", program, *arguments], cwd=cwd, capture_output=True, encoding="utf-8"
    )


def test_the_wheel_explains(unpacked: Path, tmp_path: Path) -> None:
    done = workup(unpacked, tmp_path, "explain", "S-WRITE")
    assert done.stdout.startswith("# S-WRITE: "), done.stderr


def test_the_wheel_compiles_what_it_ships(unpacked: Path, tmp_path: Path) -> None:
    done = workup(
        unpacked, tmp_path, "compile", "reductive-amination", "--bench", "flex", "-o", "r"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "r" / "plan.json").is_file()


def test_the_version_is_one_number() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", __version__)
    assert "version" not in PYPROJECT["project"]


def test_the_changelog_has_a_place_for_what_comes() -> None:
    assert "\n## Unreleased\n" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
