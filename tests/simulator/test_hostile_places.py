"""One hostile text in every place that a user can fill: a terminal, files and reports get data.

The text carries Python, HTML, shell, a path, terminal escapes and bidi controls at once. Each
command runs as a process in a folder, on what a user of that folder may have been sent.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
NASTY = (
    '"""\n__import__("os").system("touch executed")\n# $(touch executed) `touch executed` '
    "<script>document.title=1</script><img src=x onerror=alert(1)> ../../../escaped "
    "\x1b[2J\x1b]0;owned\x07\x9b31m \u202egnp.exe\u202c \u2066x\u2069 {0} %s {{7*7}}"
)
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")

PROCEDURE: dict[str, Any] = {
    "kind": "procedure",
    "version": 1,
    "title": NASTY,
    "note": NASTY,
    "source": {"title": NASTY, "publisher": NASTY, "section": NASTY},
    "scale": "0.10 mmol",
    "parameters": {"excess": "1 equiv"},
    "materials": {
        "amine": {
            "name": NASTY,
            "smiles": "NCc1ccccc1",
            "supplied": {"solution": "0.5 M", "in": "DMF"},
            "basis": True,
        },
        "acid": {
            "name": "acetic acid",
            "smiles": "CC(=O)O",
            "pKa": 4.76,
            "supplied": {"solution": "0.5 M", "in": "DMF"},
        },
    },
    "vessels": {"reactor": {"size": "2 mL"}},
    "steps": [
        {
            "note": NASTY,
            "add": {
                "material": "amine",
                "to": "reactor",
                "amount": {"is": "1 equiv", "assumed": NASTY},
            },
        },
        {"add": {"material": "acid", "to": "reactor", "amount": "$excess"}},
        {"operator": {"do": NASTY, "vessel": "reactor"}},
        {
            "monitor": {
                "vessel": "reactor",
                "by": "TLC",
                "until": NASTY,
                "between": ["30 min", "1 h"],
                "at": "rt",
            }
        },
    ],
}
BENCH: dict[str, Any] = {
    "kind": "bench",
    "version": 1,
    "robot": "OT-2",
    "pipettes": {"left": "p20_single_gen2", "right": "p300_single_gen2"},
    "labware": {"rack": {"definition": "rack.json", "holds": ["stocks", "reactor"]}},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a procedure, a library and a bench with a rack, all of them hostile."""
    rack = json.loads((ROOT / "protocols/labware/glass-2ml-24.json").read_text(encoding="utf-8"))
    rack["metadata"]["displayName"] = NASTY
    rack["brand"] = {"brand": NASTY, "brandId": [NASTY]}
    home = tmp_path / "home"
    home.mkdir()
    documents = {"procedure.yaml": PROCEDURE, "bench.yaml": BENCH, "rack.json": rack}
    for name, document in documents.items():  # JSON is YAML
        (home / name).write_text(json.dumps(document), encoding="utf-8")
    cell = NASTY.replace('"', '""')
    rows = f'name,$excess\n"{cell}",1.2 equiv\nplain,1.5 equiv\n'
    (home / "rows.csv").write_text(rows, encoding="utf-8")
    return home


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "compiler", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "WORKUP_CATALOGUE": ""},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    for shown in (done.stdout, done.stderr):
        assert not _FORBIDDEN.findall(shown), arguments
    assert "defect" not in done.stderr, done.stderr
    for path in folder.parent.rglob("*"):
        assert path.name not in ("executed", "escaped"), path
        assert re.fullmatch(r"[A-Za-z0-9._-]+", path.name), path
    return done


FORMATS = ("text", "json", "sarif")


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("target", ["procedure.yaml", "rows.csv", "bench.yaml"])
def test_what_check_shows_is_data(folder: Path, target: str, format_: str) -> None:
    done = run(folder, "check", target, "--format", format_)
    assert done.returncode in (0, 1), done.stderr


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize("command", ["compile", "simulate", "review"])
def test_what_a_run_shows_and_writes_is_data(folder: Path, command: str, format_: str) -> None:
    more = () if command == "simulate" else ("-o", "out")
    arguments = (command, "procedure.yaml", "--bench", "bench.yaml", "--format", format_, *more)
    done = run(folder, *arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    if command == "review":
        reader = _Tags()
        reader.feed((folder / "out" / "review.html").read_text(encoding="utf-8"))
        assert "onerror" not in reader.attributes
        assert not any("document.title" in text for text in reader.scripts)


def test_cells_of_a_library_are_data(folder: Path) -> None:
    """In scripts and plans a name stays what it was; none of it is run or becomes a path."""
    done = run(folder, "compile", "rows.csv", "--bench", "bench.yaml", "-o", "out")
    assert done.returncode == 0, done.stdout + done.stderr
    done = run(folder, "simulate", "out")
    assert done.returncode == 0, done.stdout + done.stderr
    for script in (folder / "out").glob("*.py"):
        assert not _FORBIDDEN.findall(script.read_text(encoding="utf-8"))
    assert not _FORBIDDEN.findall((folder / "out" / "prep.csv").read_text(encoding="utf-8"))


class _Tags(HTMLParser):
    """The attributes of every tag, and what is inside scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.attributes: set[str] = set()
        self.scripts: list[str] = []
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes |= {name for name, _ in attrs}
        self._inside = tag == "script" and ("type", "application/json") not in attrs

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "script"

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.scripts.append(data)
