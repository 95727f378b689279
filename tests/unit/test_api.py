"""The public interface: these names, and no others."""

from pathlib import Path

import compiler
from compiler.cli.options import shipped_benches

PROCEDURE = Path(__file__).parents[2] / "protocols/reductive-amination/procedure.yaml"


def test_exported_names() -> None:
    assert compiler.__all__ == [
        "Finding",
        "Related",
        "Severity",
        "Span",
        "__version__",
        "check",
        "compile",
    ]


def test_check_and_compile() -> None:
    checked = compiler.check([PROCEDURE])
    assert not [f for f in checked.findings if f.severity is compiler.Severity.ERROR]
    made = compiler.compile(str(PROCEDURE), shipped_benches()["flex"])
    assert made.plan is not None
    assert made.plan["compiler"]["version"] == compiler.__version__


def test_a_file_that_is_not_there_is_a_finding() -> None:
    assert [f.code for f in compiler.check(["nowhere.yaml"]).findings] == ["S-FILE"]
