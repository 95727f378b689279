"""CSV tables: dialects, quoting, places and limits; no bytes at all may raise."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.diagnostics.finding import Finding, Span
from compiler.reading.csv_table import MAX_ROWS, Table, parse_table, read_table
from compiler.reading.nodes import describe
from compiler.reading.sheet import column_of, sheet_of_table, with_unit

START = Span("t.csv", 1, 1)


def parse(text: str | bytes) -> tuple[Table, tuple[Finding, ...]]:
    data = text if isinstance(text, bytes) else text.encode()
    table, findings = parse_table(data, "t.csv")
    assert table is not None, findings
    return table, findings


def texts(table: Table) -> list[list[str]]:
    return [[cell.text for cell in row] for row in (table.header, *table.rows)]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r"])
def test_every_dialect_is_read_alike(separator: str, line_break: str) -> None:
    lines = [["name", "a.smiles"], ["one", "CCO"], ["two", "c1ccccc1"]]
    text = line_break.join(separator.join(cells) for cells in lines) + line_break
    for data in (text.encode(), b"\xef\xbb\xbf" + text.encode(), text.rstrip().encode()):
        table, findings = parse(data)
        assert texts(table) == lines
        assert findings == ()
        assert table.rows[1][1].span == Span("t.csv", 3, 5, 3, 13)


def test_quoted_cells_hold_separators_quotes_and_line_breaks() -> None:
    table, findings = parse('name,note\n"1,2-diol","says ""no""\r\ntwice"\nlast,x\n')
    assert findings == ()
    assert texts(table)[1] == ["1,2-diol", 'says "no"\r\ntwice']
    assert table.rows[0][1].span == Span("t.csv", 2, 12, 3, 7)
    assert table.rows[1][0].span == Span("t.csv", 4, 1, 4, 5)


def test_a_cell_stands_where_its_text_does() -> None:
    table, _ = parse("name, amount \nµ , 5 mL \n")
    assert table.header[1].span == Span("t.csv", 1, 7, 1, 13)
    assert table.rows[0][1].span == Span("t.csv", 2, 5, 2, 9)
    assert table.rows[0][0].text == "µ"


def test_excels_separator_line_and_blank_lines_are_passed_over() -> None:
    table, findings = parse("sep=;\r\nname;x\r\n;\r\n\r\na,b;1\r\n")
    assert findings == ()
    assert texts(table) == [["name", "x"], ["a,b", "1"]]
    assert table.rows[0][0].span.line == 5


def test_the_separator_is_taken_from_outside_quotes() -> None:
    table, _ = parse('"a,b,c";d\n1;2\n')
    assert texts(table) == [["a,b,c", "d"], ["1", "2"]]


def test_what_looks_like_code_stays_text() -> None:
    cells = ["=1+1", "<b>x</b>", "\x1b[31mred", "+cmd|' /C calc'!A0", "null", "~"]
    table, findings = parse(",".join("abcdef") + "\n" + ",".join(cells) + "\n")
    assert findings == ()
    assert texts(table)[1] == cells
    assert not any(cell.is_null for cell in table.rows[0])


@pytest.mark.parametrize(
    ("text", "code", "span"),
    [
        ("a,b\n1\n2,3\n", "S-ROW", Span("t.csv", 2, 1, 2, 2)),
        ("a,b\n1,2,3\n", "S-ROW", Span("t.csv", 2, 5, 2, 6)),
        ('a,b\n1,"2\n3,4\n', "S-CSV", Span("t.csv", 2, 3, 2, 4)),
        ('a,b\n1,"2"x\n', "S-CSV", Span("t.csv", 2, 3, 2, 6)),
        ("a,b\n", "S-EMPTY", Span("t.csv", 1, 1, 1, 4)),
        ("a\n" + "x" * 10_001, "S-SIZE", Span("t.csv", 2, 1, 2, 10_002)),
    ],
)
def test_a_faulty_table_says_where(text: str, code: str, span: Span) -> None:
    _, findings = parse(text)
    assert [(f.code, f.span) for f in findings] == [(code, span)]


def test_empty_cells_on_the_right_are_a_spreadsheets_and_no_fault() -> None:
    table, findings = parse("a,b,,\n1,2,,\n")
    assert findings == ()
    assert texts(table) == [["a", "b"], ["1", "2"]]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "S-EMPTY"),
        (b"\n\n , \n", "S-EMPTY"),
        (b"a,b\n\xff\xfe", "S-BINARY"),
        ("name\nx\n".encode("utf-16"), "S-BINARY"),
        (b"a\0b", "S-BINARY"),
        (b"a," * 300 + b"a", "S-SIZE"),
        (b"x" * 2_000_001, "S-SIZE"),
    ],
)
def test_what_is_no_table_is_refused(data: bytes, code: str) -> None:
    table, findings = parse_table(data, "t.csv")
    assert table is None
    assert [f.code for f in findings] == [code]


def test_rows_are_limited() -> None:
    table, findings = parse("a\n" + "x\n" * (MAX_ROWS + 5))
    assert len(table.rows) == MAX_ROWS
    assert [(f.code, f.span.line if f.span else 0) for f in findings] == [("S-SIZE", MAX_ROWS + 2)]


def test_a_missing_file_is_a_finding(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path, Path("a\0b")):
        table, findings = read_table(path)
        assert table is None
        assert [f.code for f in findings] == ["S-FILE"]


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        ("1.157", "1.157 g/mL"),
        ("1.157 kg/L", "1.157 kg/L"),
        ("1.1–1.2", "1.1–1.2 g/mL"),
        ("−3e-2", "−3e-2 g/mL"),
        ("1,157", "1,157 g/mL"),
        ("?", "?"),
    ],
)
def test_a_header_gives_its_unit_to_bare_numbers(cell: str, read: str) -> None:
    table, _ = parse(f'aldehyde.density [g/mL]\n"{cell}"\n')
    column = column_of(table.header[0].text, START)
    assert (column.name, column.unit) == ("aldehyde.density", "g/mL")
    assert with_unit(table.rows[0][0], column.unit).text == read


def test_a_column_that_stands_twice_is_read_once() -> None:
    table, _ = parse("a,b,a [M]\n1,2,3\n")
    sheet, findings = sheet_of_table(table)
    assert [f.code for f in findings] == ["S-COLUMN-DUPLICATE"]
    assert findings[0].related[0].span == Span("t.csv", 1, 1, 1, 2)
    assert {k: describe(n) for k, n in sheet.rows[0].cells.items()} == {"a": "`1`", "b": "`2`"}


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.binary(max_size=200), st.text(',;\t"\r\n a1\x1b', max_size=80)))
def test_no_bytes_raise_and_every_place_is_in_the_text(data: bytes | str) -> None:
    raw = data if isinstance(data, bytes) else data.encode()
    table, findings = parse_table(raw, "t.csv")
    if table is None:
        assert findings
        return
    lines = raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    for cell in (cell for row in (table.header, *table.rows) for cell in row):
        span = cell.span
        assert 1 <= span.line <= span.end_line <= len(lines)
        if span.line == span.end_line and cell.text and '"' not in lines[span.line - 1]:
            assert lines[span.line - 1][span.column - 1 : span.end_column - 1] == cell.text


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.lists(
            st.text(st.characters(exclude_characters="\0", codec="utf-8")), min_size=2, max_size=2
        ),
        min_size=1,
        max_size=5,
    )
)
def test_what_the_csv_module_writes_is_read_back(rows: list[list[str]]) -> None:
    import csv
    import io

    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([["x", "y"], *rows])
    table, findings = parse(out.getvalue())
    assert not [f for f in findings if f.code != "S-EMPTY"]
    wanted = [[cell.strip() for cell in row] for row in rows]
    assert texts(table)[1:] == [row for row in wanted if any(row)]
