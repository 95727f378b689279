"""Every rule of hazard and judgement: a procedure that triggers it, and one that nearly does.

`cases/rules/<CODE>.yaml` marks the line (`# E: CODE`, W or N) on which the finding must stand;
other findings may be there as well. `<CODE>.near.yaml` must not have the code at all.
"""

import re
from pathlib import Path

import pytest

from compiler.cli.options import shipped_benches
from compiler.diagnostics.codes import chemistry, hazards, platform
from compiler.diagnostics.finding import Finding, Severity
from compiler.passes import lint
from compiler.passes.lint.hazard_table import hazard_table
from compiler.pipeline import check_files

RULES = Path(__file__).parent / "cases" / "rules"
CODES = sorted(path.stem for path in RULES.glob("*.yaml") if not path.stem.endswith(".near"))
MARK = re.compile(r"# ([EWN]): ([A-Za-z0-9-]+)")
LETTERS = {"E": Severity.ERROR, "W": Severity.WARNING, "N": Severity.NOTE}
LINT = Path(lint.__file__).parent
USED = re.compile(r"\b([ch])\.([A-Z0-9_]+)\.at\(")
GAS = {"H-H2-1", "H-CO2-1", "H-HCL-2"}  # tests/unit/test_lint_gas.py


def codes_of_the_rules() -> set[str]:
    """The C- and H- codes that the rules emit, by their source and the table."""
    modules = {"c": chemistry, "h": hazards}
    used = {
        getattr(modules[letter], name)
        for path in LINT.glob("*.py")
        for letter, name in USED.findall(path.read_text(encoding="utf-8"))
    }
    table = hazard_table()
    return {code.id for code in used} | {r.code.id for r in (*table.pairs, *table.dangers)}


def findings_of(path: Path) -> tuple[Finding, ...]:
    bench = re.match(r"# bench: (\w+)\n", path.read_text(encoding="utf-8"))
    return check_files([path], shipped_benches()[bench[1]] if bench else None).findings


@pytest.mark.parametrize("code", CODES)
def test_a_trigger(code: str) -> None:
    path = RULES / f"{code}.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    marks = [(n, m) for n, line in enumerate(lines, 1) for m in MARK.finditer(line)]
    assert [mark[2] for _, mark in marks] == [code]
    number, mark = marks[0]
    found = findings_of(path)
    mine = {(f.span.line, f.severity) for f in found if f.code == code and f.span}
    assert mine == {(number, LETTERS[mark[1]])}, "\n".join(f"{f.code} {f.message}" for f in found)


@pytest.mark.parametrize("code", CODES)
def test_a_near_miss(code: str) -> None:
    found = findings_of(RULES / f"{code}.near.yaml")
    assert [f.message for f in found if f.code == code] == []
    structural = [f.message for f in found if f.code[:2] in ("S-", "U-")]
    assert structural == []


def test_every_rule_has_both() -> None:
    wanted = codes_of_the_rules() - GAS
    assert len(wanted) > 50
    assert sorted(wanted - set(CODES)) == []
    assert [c for c in CODES if not (RULES / f"{c}.near.yaml").is_file()] == []


def test_errors_of_the_table_may_be_acknowledged() -> None:
    table = hazard_table()
    codes = {row.code for row in (*table.pairs, *table.dangers)}
    assert [code.id for code in codes if not code.acknowledgeable] == []
    assert platform.WASTE_1.acknowledgeable is False


def test_textbook_knowledge_is_no_error() -> None:
    table = hazard_table()
    rows = (*table.pairs, *table.dangers)
    knowing = [row for row in rows if row.source.startswith("textbook knowledge")]
    assert knowing
    assert [row.code.id for row in knowing if row.severity is Severity.ERROR] == []


def test_the_shipped_amination_has_only_notes() -> None:
    path = RULES.parents[3] / "protocols" / "reductive-amination" / "procedure.yaml"
    for bench in (shipped_benches()[name] for name in ("flex", "ot2")):
        found = check_files([path], bench).findings
        assert [f.message for f in found if f.severity is not Severity.NOTE] == []
