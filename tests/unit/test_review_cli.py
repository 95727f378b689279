"""`workup review` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from compiler.cli.group import workup
from compiler.pipeline import compile_procedure
from simulate.review.serve import Server

PROCEDURE = Path("protocols/reductive-amination/procedure.yaml")
FLEX = Path("protocols/benches/flex.yaml")


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(workup, ["review", *words])
    return done.exit_code, done.output


def test_a_report_is_written_and_verified(tmp_path: Path) -> None:
    status, said = run(str(PROCEDURE), "--bench", "flex", "-o", str(tmp_path / "out"))
    assert status == 0, said
    html = (tmp_path / "out" / "review.html").read_text(encoding="utf-8")
    assert 'class="verdict good"' in html and "Opentrons 9" in html
    assert "workup review protocols/reductive-amination/procedure.yaml" in html
    assert "verified   yes" in said and "review.html" in said
    assert not (tmp_path / "out" / "review.md").exists()


def test_a_library_has_a_report(tmp_path: Path) -> None:
    table = tmp_path / "library.csv"
    table.write_text(
        "aldehyde.name,aldehyde.smiles,desired.smiles\n"
        "benzaldehyde,O=Cc1ccccc1,CC(C)(C)OC(=O)N1CCCN(Cc2ccccc2)CC1\n"
        "furfural,O=Cc1ccco1,CC(C)(C)OC(=O)N1CCCN(Cc2ccco2)CC1\n",
        encoding="utf-8",
    )
    words = [str(PROCEDURE), "--bench", "ot2", "--library", str(table)]
    status, said = run(*words, "-o", str(tmp_path / "out"))
    assert status == 0, said
    assert "2 at 0.1 mmol" in said and "verified   yes" in said
    html = (tmp_path / "out" / "review.html").read_text(encoding="utf-8")
    assert 'id="reactions"' in html and "furfural" in html
    assert f"--library {table}" in html
    older = [*words, "--against", str(PROCEDURE), "--format", "markdown"]
    status, said = run(*older, "-o", str(tmp_path / "out"))
    assert status == 0, said
    assert "Nothing that the plan holds has changed" in said  # it goes with the same table


def test_a_scale_of_a_stage_is_set(tmp_path: Path) -> None:
    words = ["boc-route", "--bench", "flex", "--set", "alkylate.scale=0.09mmol"]
    status, said = run(*words, "-o", str(tmp_path / "out"))
    assert status == 0, said
    html = (tmp_path / "out" / "review.html").read_text(encoding="utf-8")
    assert "0.0900 mmol" in html and "--set alkylate.scale=0.09mmol" in html


def test_changes_as_markdown(tmp_path: Path) -> None:
    text = PROCEDURE.read_text(encoding="utf-8").replace("plan: 1.5 equiv", "plan: 2 equiv")
    (tmp_path / "new.yaml").write_text(text, encoding="utf-8")
    old = tmp_path / "plan.json"
    old.write_text(json.dumps(compile_procedure(PROCEDURE, FLEX).plan), encoding="utf-8")
    words = [str(tmp_path / "new.yaml"), "--bench", "flex", "-o", str(tmp_path / "out")]
    status, said = run(*words, "--against", str(old), "--format", "markdown")
    assert status == 0, said
    assert "- hydride 1.50 → 2.00 equiv: 10.6 mg more a reaction" in said
    assert (tmp_path / "out" / "review.md").read_text(encoding="utf-8") == said
    assert 'id="changes"' in (tmp_path / "out" / "review.html").read_text(encoding="utf-8")


def test_an_error_gives_a_page_and_status_1(tmp_path: Path) -> None:
    text = PROCEDURE.read_text(encoding="utf-8").replace("for: 1–2 h", "for: 5 mL")
    (tmp_path / "bad.yaml").write_text(text, encoding="utf-8")
    words = [str(tmp_path / "bad.yaml"), "--bench", "flex", "-o", str(tmp_path / "out")]
    status, said = run(*words, "--format", "json")
    assert status == 1
    assert json.loads(said)["verified"] is None
    assert "Nothing to run yet" in (tmp_path / "out" / "review.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "words", [("--format", "markdown"), ("--port", "99999"), ("--bench", "nosuchbench")]
)
def test_wrong_use_is_status_2(words: tuple[str, ...]) -> None:
    given = () if "--bench" in words else ("--bench", "flex")
    assert run(str(PROCEDURE), *given, *words)[0] == 2


def test_an_older_run_that_is_none_is_an_error(tmp_path: Path) -> None:
    words = [str(PROCEDURE), "--bench", "flex", "-o", str(tmp_path / "out")]
    status, said = run(*words, "--against", str(tmp_path / "no.json"))
    assert status == 2 and "S-FILE" in said


def test_a_port_in_use_is_said(tmp_path: Path) -> None:
    from simulate.review.serve import Page

    with Server(Page(), 0) as held:
        status, said = run(
            str(PROCEDURE), "--bench", "flex", "--serve", "--port", str(held.server_port)
        )
    assert status == 2
    assert str(held.server_port) in said
