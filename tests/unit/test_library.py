"""Libraries: each row's values in the procedure, at their place in the table; the rest shared."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.diagnostics.finding import Finding, Severity
from compiler.reading import read_procedure
from compiler.reading.library import read_library
from compiler.stages import documents as d
from compiler.stages.library import Library, Variant, WellOrder

ROOT = Path(__file__).parents[2]
AMINATION = ROOT / "protocols" / "reductive-amination"
PROCEDURE = """\
kind: procedure
version: 1
title: A test
scale: 0.10 mmol
parameters: {excess: 1.2 equiv, solvent: DCM}
materials:
  amine: {name: diethylamine, smiles: CCNCC, supplied: {solution: 0.5 M, in: $solvent}, basis: true}
  acid: {name: acetic acid, smiles: CC(=O)O, supplied: neat, density: 1.05 g/mL, pKa: 4.76}
vessels:
  reactor: {size: 2 mL}
products:
  desired: {smiles: CCN(CC)C(C)=O, from: {amine: 1, acid: 1}}
steps:
  - add: {material: amine, to: reactor, amount: 1 equiv}
  - id: feed
    add: {material: acid, to: reactor, amount: {between: [1 equiv, 2 equiv], plan: 1.5 equiv}}
  - id: second
    add: {material: acid, to: reactor, amount: $excess}
  - stir: {vessel: reactor, for: 1–2 h, at: rt}
"""
RA = "[NX3;H1:1].[CX3:2](=[OX1:3])[OX2H1]>>[N:1][C:2]=[O:3]"


class Folder:
    """A folder with a procedure and libraries."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.procedure(PROCEDURE)

    def procedure(self, text: str) -> None:
        (self.path / "procedure.yaml").write_text(text, encoding="utf-8")

    def read(self, name: str, text: str | bytes) -> tuple[Library | None, tuple[Finding, ...]]:
        data = text if isinstance(text, bytes) else text.encode()
        (self.path / name).write_bytes(data)
        read = read_library(self.path / name, self.path / "procedure.yaml")
        return read.document, read.findings

    def csv(self, text: str) -> tuple[tuple[Variant, ...], tuple[Finding, ...]]:
        library, findings = self.read("t.csv", text)
        return (library.rows if library else ()), findings

    def yaml(self, text: str) -> tuple[tuple[Variant, ...], tuple[Finding, ...]]:
        library, findings = self.read("l.yaml", f"kind: library\nversion: 1\n{text}")
        return (library.rows if library else ()), findings


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def step(variant: Variant, id_: str) -> d.Add:
    found = next(s for s in variant.procedure.steps if s.id == id_)
    assert isinstance(found, d.Add)
    return found


def amount(variant: Variant, id_: str) -> float:
    return step(variant, id_).amount.quantity.value


def places(findings: tuple[Finding, ...]) -> list[tuple[str, str, int, int, int | None]]:
    return [
        (f.code, Path(f.span.file).name, f.span.line, f.span.column, f.row)
        for f in findings
        if f.span is not None
    ]


# --- rows -------------------------------------------------------------------------------------


def test_a_row_changes_what_it_names_and_shares_the_rest(folder: Folder) -> None:
    rows, findings = folder.csv(
        "name,feed.amount,amine.supplied.solution [M]\nfirst,1.8 equiv,0.25\nsecond,,\n"
    )
    assert findings == ()
    first, second = rows
    assert (first.id, first.row, first.name, second.id) == ("r1", 1, "first", "r2")
    assert (amount(first, "feed"), amount(second, "feed")) == (1.8, 1.5)
    supplied = first.procedure.materials["amine"].supplied
    assert supplied is not None
    assert supplied.concentration is not None
    assert (supplied.concentration.value, supplied.concentration.text) == (0.25, "0.25 M")
    assert supplied.concentration.span.line == 2
    plain = read_procedure(folder.path / "procedure.yaml").document
    assert plain is not None
    assert second.procedure.steps == plain.steps
    assert second.procedure.materials == plain.materials
    assert first.procedure.steps[0] is second.procedure.steps[0]
    assert first.procedure.materials["acid"] is second.procedure.materials["acid"]
    assert first.procedure.vessels is second.procedure.vessels
    assert [s.id for s in first.procedure.steps] == [s.id for s in plain.steps]


def test_a_value_stands_in_its_cell(folder: Folder) -> None:
    rows, _ = folder.csv("name;feed.amount\nfirst;1.8 equiv\n")
    quantity = step(rows[0], "feed").amount.quantity
    span = quantity.span
    assert (Path(span.file).name, span.line, span.column, span.end_column) == ("t.csv", 2, 7, 16)
    assert (quantity.low, quantity.high, quantity.value) == (1.0, 2.0, 1.8)
    assert step(rows[0], "feed").spans.at("amount") == span
    assert step(rows[0], "feed").spans.whole.line == 16


def test_another_compound_leaves_nothing_of_the_old_one(folder: Folder) -> None:
    rows, findings = folder.csv(
        "acid.smiles,acid.name,desired.smiles\nCCC(=O)O,propionic acid,CCN(CC)C(=O)CC\n"
        "CC(=O)O,glacial,\n"
    )
    assert findings == ()
    other, same = (row.procedure.materials["acid"] for row in rows)
    assert (other.smiles, other.name, other.density, other.acid_pka) == (
        "CCC(=O)O",
        "propionic acid",
        None,
        (),
    )
    assert other.supplied is not None
    assert other.spans.at("smiles").line == 2
    assert (same.name, same.acid_pka) == ("glacial", (4.76,))
    assert same.density is not None
    assert [row.name for row in rows] == ["propionic acid", "glacial"]


def test_a_row_may_fill_a_hole_and_a_hole_that_nobody_fills_stands(folder: Folder) -> None:
    folder.procedure(PROCEDURE.replace("{between: [1 equiv, 2 equiv], plan: 1.5 equiv}", '"?"'))
    _, findings = folder.csv("feed.amount\n1.1 equiv\n1.2 equiv\n")
    assert findings == ()
    _, findings = folder.csv("name,feed.amount\na,1.1 equiv\nb,\nc,?\n")
    assert places(findings) == [
        ("S-HOLE", "procedure.yaml", 16, 48, None),
        ("S-HOLE", "t.csv", 4, 3, 3),
    ]


def test_each_fault_stands_on_its_cell_with_its_row(folder: Folder) -> None:
    _, findings = folder.csv(
        "name,feed.amount,amine.purity,second.amount\n"
        "a,3 equiv,97 %,5 min\n"
        "b,1.2,120 %,\n"
        "c,1.2 equiv,97,-1 equiv\n"
    )
    assert places(findings) == [
        ("U-PLAN", "t.csv", 2, 3, 1),
        ("U-DIMENSION", "t.csv", 2, 16, 1),
        ("U-UNIT-MISSING", "t.csv", 3, 3, 2),
        ("U-VALUE", "t.csv", 3, 7, 2),
        ("U-UNIT-MISSING", "t.csv", 4, 13, 3),
        ("U-VALUE", "t.csv", 4, 16, 3),
    ]
    assert {f.step for f in findings} == {"feed", "second", None}


def test_a_fault_of_the_procedure_is_told_once(folder: Folder) -> None:
    folder.procedure(PROCEDURE.replace("pKa: 4.76", "pKb: 4.76"))
    _, findings = folder.csv("acid.name\none\ntwo\nthree\n")
    assert places(findings) == [("S-KEY-UNKNOWN", "procedure.yaml", 8, 82, None)]


@pytest.mark.parametrize(
    ("column", "hint"),
    [
        ("acid.smile", "`acid.smiles`"),
        ("feed.amout", "`feed.amount`"),
        ("excess", "`$excess`"),
        ("amine.basis", "smiles"),
        ("feed.material", "amount"),
        ("Well", "`well`"),
        ("nothing.at all", "`<material>.<key>`"),
    ],
)
def test_an_unknown_column_is_named_with_the_nearest(
    folder: Folder, column: str, hint: str
) -> None:
    rows, findings = folder.csv(f"name,{column}\na,x\n")
    assert [f.code for f in findings] == ["S-COLUMN-UNKNOWN"]
    assert hint in findings[0].help
    assert findings[0].span is not None
    assert (findings[0].span.line, findings[0].span.column) == (1, 6)
    assert len(rows) == 1


def test_a_ragged_row_is_left_out_and_the_others_are_made(folder: Folder) -> None:
    rows, findings = folder.csv("name,feed.amount\na\nb,1.2 equiv\n")
    assert [f.code for f in findings] == ["S-ROW"]
    assert [row.name for row in rows] == ["b"]


def test_a_scale_of_its_own_leaves_the_files_scale_alone(folder: Folder) -> None:
    rows, findings = folder.csv("scale [mmol]\n0.2\n\n0.1\n")
    assert findings == ()
    assert [row.scale.value if row.scale else None for row in rows] == [0.2, 0.1]
    assert all(row.procedure.scale and row.procedure.scale.value == 0.1 for row in rows)


# --- parameters -------------------------------------------------------------------------------


def test_parameters_are_crossed_with_the_rows(folder: Folder) -> None:
    rows, findings = folder.yaml(
        "parameters:\n"
        "  solvent: [DCM, THF, MeCN]\n"
        "  excess: {from: 0.6 equiv, to: 1.0 equiv, steps: 5}\n"
        "rows: [{name: a}, {name: b, feed.amount: 1.1 equiv}]\n"
    )
    assert findings == ()
    assert len(rows) == 30
    assert [amount(v, "second") for v in rows[:6]] == [0.6, 0.6, 0.6, 0.7, 0.7, 0.7]
    assert rows[1].parameters == {"excess": "0.6 equiv", "solvent": "THF"}
    supplied = rows[1].procedure.materials["amine"].supplied
    assert supplied is not None
    assert supplied.medium is not None
    assert supplied.medium.name == "THF"
    assert len({id(v.procedure.materials["amine"]) for v in rows}) == 3
    assert len({id(step(v, "second")) for v in rows}) == 5
    assert {amount(v, "feed") for v in rows[15:]} == {1.1}


def test_a_column_may_be_a_parameter_and_a_parameter_a_column(folder: Folder) -> None:
    rows, findings = folder.yaml("parameters: {feed.amount: [1 equiv, 2 equiv]}\n")
    assert findings == ()
    assert [amount(v, "feed") for v in rows] == [1.0, 2.0]
    rows, findings = folder.csv("$excess [equiv]\n0.5\n\n0.7 equiv\n")
    assert findings == ()
    assert [amount(v, "second") for v in rows] == [0.5, 0.7]
    assert [v.parameters for v in rows] == [{"excess": "0.5 equiv"}, {"excess": "0.7 equiv"}]


def test_an_empty_parameter_is_as_in_the_procedure(folder: Folder) -> None:
    rows, findings = folder.csv("name,$excess\na,\nb,2 equiv\n")
    assert findings == ()
    assert [amount(v, "second") for v in rows] == [1.2, 2.0]
    folder.procedure(PROCEDURE.replace("excess: 1.2 equiv, ", ""))
    _, findings = folder.csv("name,$excess\na,\nb,2 equiv\n")
    assert ("S-PARAMETER", "t.csv", 2, 1, 1) in places(findings)


def test_parameters_without_use_or_value_are_told(folder: Folder) -> None:
    _, findings = folder.yaml("parameters: {exces: [1 equiv]}\n")
    assert [f.code for f in findings] == ["S-PARAMETER"]
    assert "`excess`" in findings[0].help
    folder.procedure(PROCEDURE.replace("parameters: {excess: 1.2 equiv, solvent: DCM}\n", ""))
    _, findings = folder.yaml("parameters: {solvent: DCM}\n")
    assert places(findings) == [("S-PARAMETER", "procedure.yaml", 17, 48, None)]


def test_a_fault_of_a_parameters_value_is_told_once_and_there(folder: Folder) -> None:
    _, findings = folder.yaml("parameters: {excess: [1 equiv, 2 mL/s]}\nrows: [{}, {}, {}]\n")
    assert places(findings) == [("U-DIMENSION", "l.yaml", 3, 32, None)]


@pytest.mark.parametrize(
    ("sweep", "code"),
    [
        ("{from: 1 equiv, to: 2 mmol, steps: 3}", "U-DIMENSION"),
        ("{from: one, to: 2 equiv, steps: 3}", "U-NUMBER"),
        ("{from: 1 equiv, to: 2 equiv, steps: 1}", "S-TYPE"),
        ("{from: 1 equiv, to: 2 equiv}", "S-KEY-MISSING"),
    ],
)
def test_a_faulty_sweep(folder: Folder, sweep: str, code: str) -> None:
    _, findings = folder.yaml(f"parameters: {{excess: {sweep}}}\n")
    assert code in [f.code for f in findings]


def test_the_same_value_given_twice_is_refused(folder: Folder) -> None:
    _, findings = folder.yaml(
        "parameters: {feed.amount: [1 equiv, 2 equiv]}\nrows: [{feed.amount: 1 equiv}]\n"
    )
    assert [f.code for f in findings] == ["S-COLUMN-DUPLICATE"]


# --- replicates, controls, layout -------------------------------------------------------------


def test_replicates_and_controls_follow_the_rows(folder: Folder) -> None:
    rows, findings = folder.yaml(
        "rows: [{name: a}, {name: b}]\nreplicates: 2\n"
        "controls: [{without: acid}, {only: acid, row: b}, {only: [], row: all}]\n"
    )
    assert findings == ()
    shown = [(v.id, v.row, v.replicate, v.control.label if v.control else "") for v in rows]
    assert shown[:5] == [
        ("r1", 1, 1, ""),
        ("r2", 1, 2, ""),
        ("r3", 2, 1, ""),
        ("r4", 2, 2, ""),
        ("r5", 1, 1, "without acid"),
    ]
    assert shown[6:] == [
        ("r7", 2, 1, "only acid"),
        ("r8", 2, 2, "only acid"),
        *((f"r{9 + i}", 1 + i // 2, 1 + i % 2, "only solvents") for i in range(4)),
    ]
    added = [[s.id for s in v.procedure.steps] for v in (rows[4], rows[6], rows[8])]
    assert added == [["add-1", "stir-4"], ["feed", "second", "stir-4"], ["stir-4"]]
    assert rows[4].control is not None
    assert rows[4].control.left_out == ("acid",)
    assert rows[0].procedure.steps is rows[1].procedure.steps or (
        rows[0].procedure.steps == rows[1].procedure.steps
    )


def test_faulty_controls_are_told(folder: Folder) -> None:
    rows, findings = folder.yaml("rows: [{}]\ncontrols: [{without: acdi}, {only: acid, row: z}]\n")
    assert [f.code for f in findings] == ["S-REFERENCE", "S-REFERENCE"]
    assert "`acid`" in findings[0].help
    assert [v.control for v in rows] == [None, None]


def test_a_random_layout_needs_a_seed(folder: Folder) -> None:
    library, findings = folder.read(
        "l.yaml", "kind: library\nversion: 1\nlayout: {order: random, seed: 7}\n"
    )
    assert findings == ()
    assert library is not None
    assert (library.layout.order, library.layout.seed) == (WellOrder.RANDOM, 7)
    _, findings = folder.yaml("layout: {order: random}\n")
    assert [f.code for f in findings] == ["S-KEY-MISSING"]


def test_wells_that_rows_name(folder: Folder) -> None:
    rows, findings = folder.csv("name,well\na,b02\nb,\nc,B2\nd,2B\n")
    assert [v.well for v in rows] == ["B2", None, "B2", None]
    assert places(findings) == [("S-WELL", "t.csv", 4, 3, 3), ("S-WELL", "t.csv", 5, 3, 4)]
    _, findings = folder.yaml("rows: [{name: a, well: A1}]\nreplicates: 2\n")
    assert [f.code for f in findings] == ["S-WELL"]
    assert "2 reactions" in findings[0].message


def test_too_many_reactions_are_cut_with_a_finding(folder: Folder) -> None:
    rows, findings = folder.yaml(
        "parameters: {excess: {from: 1 equiv, to: 2 equiv, steps: 384}}\nreplicates: 5\n"
    )
    assert len(rows) == 1536
    assert [f.code for f in findings] == ["S-SIZE"]
    assert "1920" in findings[0].message


# --- products ---------------------------------------------------------------------------------


def test_the_reaction_makes_each_rows_product(folder: Folder) -> None:
    folder.procedure(PROCEDURE.replace("smiles: CCN(CC)C(C)=O", f'reaction: "{RA}"'))
    rows, findings = folder.csv("acid.smiles\nCCC(=O)O\n\nCCCC(=O)O\nOC(=O)c1ccccc1\n")
    assert findings == ()
    made = [v.procedure.products["desired"].smiles for v in rows]
    assert made == ["CCC(=O)N(CC)CC", "CCCC(=O)N(CC)CC", "CCN(CC)C(=O)c1ccccc1"]
    assert rows[0].procedure.products["desired"].spans.at("smiles").line == 2


@pytest.mark.parametrize(
    ("acid", "what"),
    [("CCO", "finds nothing"), ("OC(=O)CC(F)C(=O)O", "2 products"), ("CC", "finds nothing")],
)
def test_a_reaction_that_does_not_make_one_product(folder: Folder, acid: str, what: str) -> None:
    folder.procedure(PROCEDURE.replace("smiles: CCN(CC)C(C)=O", f'reaction: "{RA}"'))
    rows, findings = folder.csv(f"name,acid.smiles\na,CCC(=O)O\nb,{acid}\n")
    assert places(findings) == [("C-REACTION", "t.csv", 3, 3, 2)]
    assert what in findings[0].message
    assert rows[1].procedure.products["desired"].smiles is None


def test_a_product_of_another_material_is_told(folder: Folder) -> None:
    _, findings = folder.csv("name,acid.smiles\na,CC(=O)O\nb,CCC(=O)O\n")
    assert places(findings) == [("C-PRODUCT", "t.csv", 3, 3, 2)]
    folder.procedure(PROCEDURE.replace("C(C)=O, from", f'C(C)=O, reaction: "{RA}", from'))
    _, findings = folder.csv("acid.smiles,desired.smiles\nCCC(=O)O,CCN(CC)C(=O)CC\nCCC(=O)O,CCO\n")
    assert places(findings) == [("C-PRODUCT", "t.csv", 3, 10, 2)]
    assert "CCC(=O)N(CC)CC" in findings[0].message


# --- files ------------------------------------------------------------------------------------


def test_the_shipped_library_is_clean() -> None:
    table = read_library(AMINATION / "library.csv")
    assert table.findings == ()
    assert table.document is not None
    assert len(table.document.rows) == 24
    read = read_library(AMINATION / "library.yaml")
    assert read.findings == ()
    assert read.document is not None
    assert len(read.document.rows) == 49
    assert [Path(file).name for file, _ in read.document.inputs] == [
        "library.yaml",
        "library.csv",
        "procedure.yaml",
    ]
    last = read.document.rows[-1]
    assert last.control is not None
    assert last.control.left_out == ("hydride",)
    assert len(last.procedure.steps) == len(read.document.procedure.steps) - 1
    aldehyde = last.procedure.materials["aldehyde"]
    assert aldehyde.supplied is not None
    assert aldehyde.supplied.concentration is not None
    assert aldehyde.supplied.concentration.value == 0.55


def test_files_that_are_not_there_or_not_to_be_read(folder: Folder) -> None:
    for rows in ("none.csv", "../../../etc/passwd", '"a\\0b"'):
        library, findings = folder.yaml(f"rows: {rows}\n")
        assert library == ()
        assert [f.code for f in findings] == ["S-FILE"]
        assert places(findings)[0][1:3] == ("l.yaml", 3)
    assert read_library(folder.path / "gone.csv").findings[0].code == "S-FILE"
    assert read_library(folder.path / "procedure.yaml").findings[0].code == "S-KIND"
    lost = folder.path / "elsewhere"
    lost.mkdir()
    (lost / "t.csv").write_text("name\na\n")
    assert [f.code for f in read_library(lost / "t.csv").findings] == ["S-FILE"]


def test_the_order_of_keys_and_columns_does_not_matter(folder: Folder) -> None:
    cells = {"name": "a", "feed.amount": "1.2 equiv", "acid.name": "x", "$excess": "2 equiv"}
    rng = random.Random(1)
    seen = set()
    for _ in range(6):
        keys = list(cells)
        rng.shuffle(keys)
        rows, findings = folder.csv(f"{','.join(keys)}\n{','.join(cells[k] for k in keys)}\n")
        assert findings == ()
        seen.add(summary(rows))
        parameters = ["solvent: [THF, DCM]", "feed.amount: [1 equiv, 2 equiv]", "excess: 1 equiv"]
        rng.shuffle(parameters)
        rows, findings = folder.yaml(f"parameters: {{{', '.join(parameters)}}}\n")
        assert findings == ()
        seen.add(summary(rows))
    assert len(seen) == 2


def summary(rows: tuple[Variant, ...]) -> str:
    """Everything but the places."""
    return "\n".join(
        f"{v.id} {v.label} {dict(v.parameters)} "
        f"{[(m.key, m.name, m.supplied and m.supplied.medium and m.supplied.medium.name) for m in v.procedure.materials.values()]} "  # noqa: E501
        f"{[(s.id, s.amount.quantity.value) for s in v.procedure.steps if isinstance(s, d.Add)]}"
        for v in rows
    )


@settings(max_examples=60, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=120),
        st.text("name,feed.amount$excess;\t\"\r\n 1.2equiv?={}[]'\x1b", max_size=120),
    )
)
def test_no_table_raises(tmp_path_factory: pytest.TempPathFactory, data: bytes | str) -> None:
    folder = Folder(tmp_path_factory.mktemp("l"))
    raw = data if isinstance(data, bytes) else data.encode()
    for name, text in (("t.csv", raw), ("l.yaml", b"kind: library\nversion: 1\nrows: " + raw)):
        library, findings = folder.read(name, text)
        assert library is not None or any(f.severity is Severity.ERROR for f in findings)


def test_many_rows_share_what_they_do_not_change(folder: Folder) -> None:
    lines = "\n".join(f"row{i},1.{i % 10} equiv" for i in range(384))
    rows, findings = folder.csv(f"name,feed.amount\n{lines}\n")
    assert findings == ()
    assert len(rows) == 384
    assert len({id(v.procedure.materials) for v in rows}) == 1
    assert len({id(s) for v in rows for s in v.procedure.steps}) == 384 + 3
