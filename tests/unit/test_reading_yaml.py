"""From bytes to nodes: positions, YAML 1.2, and what is refused before it costs anything."""

import hashlib
import os
import time
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.diagnostics.finding import Finding
from compiler.reading import read_procedure
from compiler.reading.nodes import Fields, Items, Node, Scalar
from compiler.reading.source import MAX_BYTES, Source, decode, read_source
from compiler.reading.tree import MAX_DEPTH, parse_tree


def tree(text: str) -> Node:
    root, findings = parse_tree(text, "doc.yaml")
    assert findings == ()
    assert root is not None
    return root


def only(text: str) -> Finding:
    _, findings = parse_tree(text, "doc.yaml")
    (finding,) = findings
    return finding


def place(finding: Finding) -> tuple[str, int, int]:
    assert finding.span is not None
    return finding.code, finding.span.line, finding.span.column


def test_every_scalar_is_text_and_keys_are_what_they_say() -> None:
    root = tree("on: cold\nno: no\ntime: 12:30\nversion: 1\nquoted: '1'\nempty:\n")
    assert isinstance(root, Fields)
    assert {key: each.text for key, each in root.items() if isinstance(each, Scalar)} == {
        "on": "cold",
        "no": "no",
        "time": "12:30",
        "version": "1",
        "quoted": "1",
        "empty": "",
    }
    empty, quoted = root["empty"], root["quoted"]
    assert isinstance(empty, Scalar) and empty.is_null
    assert isinstance(quoted, Scalar) and not quoted.plain


def test_columns_count_characters_from_one() -> None:
    root = tree('- {µ: "µL", key: value}\n')
    assert isinstance(root, Items)
    (inner,) = root
    assert isinstance(inner, Fields)
    assert (inner.keys_at["key"].line, inner.keys_at["key"].column) == (1, 13)
    assert (inner["key"].span.column, inner["key"].span.end_column) == (18, 23)
    assert (inner.span.column, inner.span.end_column) == (3, 24)


def test_both_of_pyyaml_s_parsers_give_the_same_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    example = Path(__file__).parents[2] / "protocols/reductive-amination/procedure.yaml"
    text = example.read_text(encoding="utf-8") + "note: >\n  folded\n  text\n"
    with_libyaml = parse_tree(text, "doc.yaml")
    monkeypatch.setattr("compiler.reading.tree._LOADER", yaml.SafeLoader)
    assert parse_tree(text, "doc.yaml") == with_libyaml


def test_a_block_mapping_ends_with_its_last_value() -> None:
    root = tree("a:\n  b: 1\n  c: 22\n\n# remark\nd: 3\n")
    assert isinstance(root, Fields)
    assert (root["a"].span.end_line, root["a"].span.end_column) == (3, 8)
    assert (root.entry_span("a").line, root.entry_span("a").end_line) == (1, 3)


def test_aliases_stand_for_their_value() -> None:
    root = tree("a: &x {b: 1}\nc: *x\n")
    assert isinstance(root, Fields)
    assert root["a"] is root["c"]
    assert root.entry_span("c").line == 2


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("a: 1\nb: [1, 2\nc: 3\n", "S-YAML", 3, 2),
        ("a: b: c\n", "S-YAML", 1, 5),
        ("a:\n\t- b\n", "S-YAML", 2, 1),
        ("a: 'x\n", "S-YAML", 2, 1),
        ("a: 1\na: 2\n", "S-KEY-DUPLICATE", 2, 1),
        ("o: {k: 1, j: 2, k: 3}\n", "S-KEY-DUPLICATE", 1, 17),
        ("a: 1\n---\nb: 2\n", "S-YAML", 2, 1),
        ("a: !!python/object/apply:os.system [x]\n", "S-YAML", 1, 4),
        ("a: &x {b: 1}\nc: {<<: *x}\n", "S-YAML", 2, 5),
        ("a: *nothing\n", "S-ALIAS", 1, 4),
        ("a: &x [*x]\n", "S-ALIAS", 1, 8),
        ("a: {{x: 1}: 2}\n", "S-TYPE", 1, 5),
        ("# only a remark\n", "S-EMPTY", 1, 1),
        ("~\n", "S-EMPTY", 1, 1),
        ("%TAG\n", "S-YAML", 1, 5),
    ],
)
def test_what_is_refused_is_refused_where_it_stands(
    text: str, code: str, line: int, column: int
) -> None:
    assert place(only(text)) == (code, line, column)


def test_a_duplicate_key_shows_the_first_and_keeps_it() -> None:
    root, (finding,) = parse_tree("a: 1\nb: 2\na: 3\n", "doc.yaml")
    assert [(r.span.line, r.span.column) for r in finding.related] == [(1, 1)]
    assert isinstance(root, Fields)
    first = root["a"]
    assert isinstance(first, Scalar) and first.text == "1"


@pytest.mark.parametrize("brackets", ["[", "{a: ", "- "])
def test_ten_thousand_levels_are_refused_at_once(brackets: str) -> None:
    start = time.perf_counter()
    finding = only(brackets * 10_000)
    assert finding.code == "S-DEPTH"
    assert time.perf_counter() - start < 1


def test_depth_is_counted_with_aliases_written_out() -> None:
    half = MAX_DEPTH // 2 + 1
    chain = f"a: &a {'[' * half}1{']' * half}\nb: {'[' * half}*a{']' * half}\n"
    assert only(chain).code == "S-DEPTH"


def test_an_alias_bomb_is_refused_at_once() -> None:
    lines = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 40)]
    start = time.perf_counter()
    assert only("\n".join(lines)).code == "S-ALIAS"
    assert time.perf_counter() - start < 1


def test_too_many_values_are_a_matter_of_size() -> None:
    assert only("a: [" + "1, " * 60_000 + "1]\n").code == "S-SIZE"


@pytest.mark.parametrize(
    ("data", "code", "line", "column"),
    [
        (b"", "S-EMPTY", 1, 1),
        (b" \n\n", "S-EMPTY", 1, 1),
        (b"a: 1\nb: \xff\n", "S-BINARY", 2, 4),
        (b"a: \x00\n", "S-BINARY", 1, 4),
        (b"\x7fELF\x02", "S-BINARY", 1, 1),
        ("kind: procedure".encode("utf-16"), "S-BINARY", 1, 1),
        (b"\x89PNG\r\n\x1a\n", "S-BINARY", 1, 1),
        (b"a" * (MAX_BYTES + 1), "S-SIZE", 1, 1),
    ],
)
def test_bytes_that_are_no_document(data: bytes, code: str, line: int, column: int) -> None:
    finding = decode(data, "doc.yaml")
    assert isinstance(finding, Finding)
    assert place(finding) == (code, line, column)


def test_a_byte_order_mark_is_no_fault() -> None:
    source = decode(b"\xef\xbb\xbfkind: bench\n", "doc.yaml")
    assert isinstance(source, Source)
    assert source.text == "kind: bench\n"
    assert source.sha256 == hashlib.sha256(b"\xef\xbb\xbfkind: bench\n").hexdigest()


def test_fifty_megabytes_are_not_parsed(tmp_path: Path) -> None:
    path = tmp_path / "big.yaml"
    with path.open("wb") as handle:
        handle.truncate(50_000_000)
    start = time.perf_counter()
    read = read_procedure(path)
    assert [finding.code for finding in read.findings] == ["S-SIZE"]
    assert "50.0 MB" in read.findings[0].message
    assert time.perf_counter() - start < 0.5


@pytest.mark.parametrize("name", ["absent.yaml", "nul\0.yaml", "."])
def test_a_file_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    finding = read_source(tmp_path / name)
    assert isinstance(finding, Finding)
    assert finding.code == "S-FILE"


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    finding = read_source(path)
    assert isinstance(finding, Finding)
    assert finding.code == "S-FILE"


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_any_bytes_give_nodes_or_findings(data: bytes) -> None:
    source = decode(data, "doc.yaml")
    if isinstance(source, Source):
        root, findings = parse_tree(source.text, source.file)
        assert root is not None or findings


@given(st.lists(st.sampled_from("a:b-[]{}&*!|>'\"%@`#,?~ \n\t<"), max_size=60).map("".join))
@settings(deadline=None, max_examples=300)
def test_any_punctuation_gives_nodes_or_findings(text: str) -> None:
    root, findings = parse_tree(text, "doc.yaml")
    assert root is not None or findings
