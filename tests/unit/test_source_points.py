"""The 45 points of the source document: everything that its table names is really there."""

import re
from pathlib import Path

import pytest

from compiler.diagnostics.codes import BY_ID
from compiler.reading import read_document

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| (\d+) \| (.+?) \| (.+) \|$", re.M)
ROWS = ROW.findall((ROOT / "docs/source-document.md").read_text(encoding="utf-8"))


def test_there_are_45() -> None:
    assert [int(number) for number, _, _ in ROWS] == list(range(1, 46))


@pytest.mark.parametrize(("number", "point", "served"), ROWS, ids=[row[0] for row in ROWS])
def test_a_point(number: str, point: str, served: str) -> None:
    named = re.findall(r"`([^`]+)`", served)
    assert named or "reason:" in served
    for name in named:
        if name.startswith("protocols/"):
            path = ROOT / name
            assert path.is_file(), name
            if "blocks" not in name:
                assert read_document(path).document is not None, name
        else:
            assert name in BY_ID, name
            assert (ROOT / "docs/findings" / f"{name}.md").is_file(), name


def test_every_shipped_procedure_serves_a_point() -> None:
    shipped = {
        str(path.relative_to(ROOT))
        for kind in ("procedure.yaml", "sequence.yaml")
        for path in (ROOT / "protocols").glob(f"*/{kind}")
    }
    text = " ".join(served for _, _, served in ROWS)
    assert shipped <= set(re.findall(r"`(protocols/[^`]+)`", text))
