"""`workup substances`: entries with their sources, and a catalogue of one's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from compiler.__main__ import main
from compiler.chemistry.catalogue import Compound, load_catalogue, shipped_catalogue
from compiler.chemistry.own_catalogue import VARIABLE
from compiler.cli.options import shipped_benches
from compiler.pipeline import check_files, compile_procedure

ADD = ["substances", "add"]
BUTANAL = [*ADD, "butanal", "--cas", "123-72-8", "--smiles", "CCCC=O", "--density", "0.802"]
SOURCE = ["--source", "supplier's data sheet, 2025"]
PROCEDURE = """\
kind: procedure
version: 1
title: Own
scale: 0.1 mmol
materials:
  aldehyde: {is: butanal, supplied: neat, basis: true}
vessels: {reactor: {size: 2 mL}}
steps:
  - add: {material: aldehyde, to: reactor, amount: 5 equiv}
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A catalogue of one's own that does not exist yet."""
    path = tmp_path / "config" / "own.json"
    monkeypatch.setenv(VARIABLE, str(path))
    return path


def compound(name: str) -> Compound:
    (found,) = load_catalogue().find(name)
    assert isinstance(found, Compound)
    return found


@pytest.mark.parametrize("name", [["DCM"], ["75-09-2"], ["methylene", "chloride"], ["show", "DCM"]])
def test_by_name_alias_and_cas(name: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["substances", *name]) == 0
    out = capsys.readouterr().out
    for words in ("dichloromethane", "75-09-2", "1.3266 g/mL (20 °C)  [hand]", "39.8 °C  [hand]"):
        assert words in out
    assert "CRC Handbook" in out


def test_an_unknown_name_gets_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["substances", "dichlormethane"]) == 2
    assert "did you mean dichloromethane" in capsys.readouterr().err


def test_an_ambiguous_name_shows_all_that_it_means(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["substances", "EDC"]) == 0
    out = capsys.readouterr().out
    assert "stands for 3 entries: the carbodiimide" in out
    assert {"25952-53-8", "1892-57-5", "107-06-2"} <= set(out.split())


def test_a_solution(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["substances", "brine"]) == 0
    assert "5.4 M" in capsys.readouterr().out


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["substances", "DIPEA", "--format", "json"]) == 0
    (entry,) = json.loads(capsys.readouterr().out)["entries"]
    assert (entry["cas"], entry["density_g_ml"], entry["own"]) == ("7087-68-5", 0.742, False)
    assert entry["sources"]["density_g_ml"] == "hand"


def test_an_entry_of_ones_own(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*BUTANAL, "--alias", "n-butyraldehyde", *SOURCE]) == 0
    document = json.loads(own.read_text(encoding="utf-8"))
    assert document["substances"][0]["sources"]["density_g_ml"] == SOURCE[1]
    load_again(own)
    found = compound("N-Butyraldehyde")
    assert (found.formula, found.mw_g_mol, found.state_20c) == ("C4H8O", 72.107, "liquid")
    assert "aldehyde" in found.classes
    assert main(["substances", "123-72-8"]) == 0
    out = capsys.readouterr().out
    assert f"0.802 g/mL (20 °C)  [{SOURCE[1]}]" in out
    assert str(own) in out


def load_again(path: Path) -> None:
    """Lets the next look-up see a file that was written in this process."""
    from compiler.chemistry import catalogue

    catalogue._current.cache_clear()


def test_ones_own_value_replaces_the_one_that_ships(own: Path) -> None:
    assert main([*ADD, "hunig's base", "--cas", "7087-68-5", "--density", "0.755", *SOURCE]) == 0
    load_again(own)
    shipped = shipped_catalogue().find("DIPEA")[0]
    found = compound("DIPEA")
    assert isinstance(shipped, Compound)
    assert (shipped.density_g_ml, found.density_g_ml) == (0.742, 0.755)
    assert (found.name, found.boiling_c, found.ratings) == (
        shipped.name,
        shipped.boiling_c,
        shipped.ratings,
    )
    assert compound("Hunig's base") is found
    assert load_catalogue().is_own(found)
    assert not load_catalogue().is_own(compound("DCM"))


def test_a_name_of_ones_own_is_not_ambiguous(own: Path) -> None:
    cas = ["--cas", "25952-53-8"]
    assert main([*ADD, "EDC", *cas, "--melting", "111", *SOURCE]) == 0
    load_again(own)
    assert compound("EDC").name == "EDC hydrochloride"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["x", "--smiles", "CC", "--state", "gas", "--cas", "123-72-9"], "check digit"),
        (["x", "--smiles", "C1CC", "--density", "1"], "smiles does not parse"),
        (["x", "--density", "1"], "needs --smiles or --formula"),
        (["x", "--smiles", "CC"], "--state"),
        (["x", "--smiles", "CC", "--density", "99"], "substances.0.density_g_ml"),
        (["x", "--smiles", "CC", "--melting", "90", "--boiling", "20"], "above its boiling point"),
        (["x", "--smiles", "CCO", "--density", "0.8", "--solvent"], "miscibility"),
        (["x", "--smiles", "CC", "--state", "gas", "--hazard", "toxic"], "hazards"),
    ],
)
def test_a_faulty_entry_is_refused(
    own: Path, more: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*ADD, *more, *SOURCE]) == 2
    assert said in capsys.readouterr().err
    assert not own.exists()


def test_twice_only_with_replace(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*BUTANAL, *SOURCE]) == 0
    before = own.read_bytes()
    assert main([*BUTANAL, *SOURCE]) == 2
    assert "--replace" in capsys.readouterr().err
    assert own.read_bytes() == before
    assert main([*BUTANAL, "--replace", "--boiling", "74.8", *SOURCE]) == 0
    (row,) = json.loads(own.read_text(encoding="utf-8"))["substances"]
    assert row["boiling_c"] == 74.8


def test_yaml_is_read_and_written(tmp_path: Path, own: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(
        "version: 1\nsubstances:\n- {name: thing, smiles: CCCl, density_g_ml: 0.9}\n",
        encoding="utf-8",
    )
    assert main(["substances", "--catalogue", str(path), *BUTANAL[1:], *SOURCE]) == 0
    assert compound("thing").formula == "C2H5Cl"
    assert compound("butanal").density_g_ml == 0.802


def test_a_file_that_is_no_catalogue_is_left_as_it_is(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own.parent.mkdir()
    own.write_text('{"version": 1, "substances": [{"nam": "x"}]}', encoding="utf-8")
    before = own.read_bytes()
    assert main([*BUTANAL, *SOURCE]) == 2
    assert "left as it is" in capsys.readouterr().err
    assert own.read_bytes() == before


def test_a_procedure_uses_it_and_the_plan_says_so(own: Path, tmp_path: Path) -> None:
    procedure = tmp_path / "own.yaml"
    procedure.write_text(PROCEDURE, encoding="utf-8")
    load_again(own)
    assert "C-NAME-UNKNOWN" in {f.code for f in check_files([procedure]).findings}
    assert main([*BUTANAL, "--boiling", "74.8", *SOURCE]) == 0
    load_again(own)
    made = compile_procedure(procedure, shipped_benches()["flex"])
    assert made.plan is not None, made.findings
    # 0.5 mmol x 72.107 / 0.802
    assert made.plan["charges"][0]["uL"] == pytest.approx(44.954, rel=1e-3)
    assert made.plan["inputs"][-1]["path"] == str(own)
    assert len(made.plan["inputs"][-1]["sha256"]) == 64


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "cannot be read"),
        ("[]", "is not of type 'object'"),
        ('{"version": 2, "substances": []}', "1 was expected"),
        ('{"version": 1, "substances": [{"name": "x", "cas": "123-72-9"}]}', "check digit"),
        ('{"version": 1, "substances": [{"name": "x", "smiles": "C1CC"}]}', "does not parse"),
        ("[" * 3000, "cannot be read"),
    ],
)
def test_a_faulty_file_is_a_finding(own: Path, tmp_path: Path, text: str, said: str) -> None:
    procedure = tmp_path / "own.yaml"
    procedure.write_text(PROCEDURE.replace("butanal", "benzaldehyde"), encoding="utf-8")
    own.parent.mkdir()
    own.write_text(text, encoding="utf-8")
    load_again(own)
    found = [f for f in check_files([procedure]).findings if f.code == "S-CATALOGUE"]
    assert len(found) == 1
    assert said in found[0].message
    assert found[0].span is not None
    assert found[0].span.file == str(own)


def test_a_file_that_is_named_and_missing(own: Path, tmp_path: Path) -> None:
    procedure = tmp_path / "own.yaml"
    procedure.write_text(PROCEDURE.replace("butanal", "benzaldehyde"), encoding="utf-8")
    load_again(own)
    codes = {f.code for f in check_files([procedure]).findings}
    assert "S-CATALOGUE" in codes
