"""Every case in `cases/`: the right findings on the right lines, and the message word for word.

A case is a procedure. `# E: CODE`, `# W: CODE` and `# N: CODE` at the end of a line say which
errors, warnings and notes must stand there, and these are all that may; several are divided by
commas. A first line `# bench: flex` compiles it for that bench instead of only checking it.
A case without such comments (it does not parse, or is no text) is held by its message alone.

What is printed is kept in `<case>.txt`. After a change of words, `make snapshots` writes these
again; the difference is then to be read before it is committed.
"""

import os
import re
from pathlib import Path

import pytest

from compiler.cli.options import shipped_benches
from compiler.diagnostics.finding import Finding, Severity
from compiler.diagnostics.order import ordered
from compiler.diagnostics.sources import Sources
from compiler.diagnostics.text import plain, render
from compiler.pipeline import check_files, compile_procedure

ROOT = Path(__file__).parents[2]
CASES = Path("tests") / "findings" / "cases"  # as seen from the root, which messages then show
LETTERS = {"E": Severity.ERROR, "W": Severity.WARNING, "N": Severity.NOTE}
EXPECTED = re.compile(r"# ([EWN]): ([A-Z0-9-]+(?:, [A-Z0-9-]+)*)")
BENCH = re.compile(r"\A# bench: (\w+)\n")
UPDATE = bool(os.environ.get("WORKUP_UPDATE_SNAPSHOTS"))


def findings_of(case: str) -> tuple[Finding, ...]:
    text = (ROOT / CASES / case).read_bytes().decode("utf-8", "replace")
    bench = BENCH.match(text)
    if bench is None:
        return ordered(check_files([CASES / case]).findings)
    compiled = compile_procedure(CASES / case, shipped_benches()[bench[1]])
    if any(finding.severity is Severity.ERROR for finding in compiled.findings):
        assert compiled.plan is None
        assert not compiled.scripts
    return ordered(compiled.findings)


def expected_of(case: str) -> set[tuple[int, Severity, str]]:
    text = (ROOT / CASES / case).read_bytes().decode("utf-8", "replace")
    return {
        (number, LETTERS[match[1]], code)
        for number, line in enumerate(text.split("\n"), start=1)
        for match in EXPECTED.finditer(line)
        for code in match[2].split(", ")
    }


@pytest.mark.parametrize("case", sorted(path.name for path in (ROOT / CASES).glob("*.yaml")))
def test_a_case(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    findings = findings_of(case)
    printed = plain(render(findings, Sources()))
    assert str(ROOT) not in printed
    expected = expected_of(case)
    if expected:
        found = {(f.span.line, f.severity, f.code) for f in findings if f.span}
        assert found == expected, printed
    snapshot = (CASES / case).with_suffix(".txt")
    if UPDATE:
        snapshot.write_text(printed, encoding="utf-8")
    assert snapshot.is_file(), f"no {snapshot}; `make snapshots` writes it:\n{printed}"
    assert printed == snapshot.read_text(encoding="utf-8")


def test_no_snapshot_is_left_behind() -> None:
    orphans = [p.name for p in (ROOT / CASES).glob("*.txt") if not p.with_suffix(".yaml").exists()]
    assert orphans == []
