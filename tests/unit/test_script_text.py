"""Literals, comments and tables of the script writer."""

import ast

from hypothesis import given
from hypothesis import strategies as st

from compiler.target.script.text import Lines, Names, Table, identifier, literal, number
from compiler.target.wording import clean, clean_lines


@given(st.text(alphabet=st.characters(codec=None)))
def test_a_literal_is_the_text(text: str) -> None:
    assert ast.literal_eval(literal(text)) == text


@given(st.text(alphabet=st.sampled_from("ab '\"\\\n")))
def test_quotes_and_backslashes(text: str) -> None:
    assert ast.literal_eval(literal(text)) == text
    assert "\n" not in literal(text)


@given(st.text())
def test_cleaned_text_is_one_visible_line(text: str) -> None:
    shown = clean(text)
    assert shown.isprintable()
    assert clean(shown) == shown
    assert len(clean_lines(text).splitlines()) <= max(1, len(text.splitlines()))


@given(st.text())
def test_a_comment_stays_a_comment(text: str) -> None:
    lines = Lines()
    lines.comment(text)
    assert all(line.startswith("#") for line in str(lines).split("\n") if line)


@given(st.text(min_size=1, max_size=400), st.integers(0, 3))
def test_a_long_string_is_cut_without_loss(text: str, depth: int) -> None:
    lines = Lines()
    header = ["if True:"] * depth
    for _ in header:
        lines.add("if True:")
        lines._depth += 1
    lines.say("say", clean_lines(text))
    (call,) = [n for n in ast.walk(ast.parse(str(lines))) if isinstance(n, ast.Call)]
    assert ast.literal_eval(call.args[0]) == clean_lines(text)


@given(st.text())
def test_names_are_names(text: str) -> None:
    assert identifier(text).isidentifier()
    names = Names(("taken",))
    first, second = names.take(text), names.take(text)
    assert first != second
    assert second.isidentifier()


def test_names_avoid_keywords_and_builtins() -> None:
    names = Names(("run",))
    assert names.take("class") == "class_2"
    assert names.take("filter") == "filter_2"
    assert names.take("run") == "run_2"
    assert names.take("1-Boc") == "x_1_boc"


def test_numbers() -> None:
    assert [number(v) for v in (200, 202.5, 170.48673, -0.0)] == [
        "200.0",
        "202.5",
        "170.487",
        "0.0",
    ]


def test_a_table_shows_what_varies() -> None:
    lines = Lines()
    table = Table("rows", [{"dest": f'r["{w}"]', "volume": "50.0"} for w in ("A1", "B1")])
    table.define(lines)
    with table.loop(lines) as bound:
        lines.add(f"give({bound['dest']}, {bound['volume']})")
    assert str(lines) == (
        'rows = [\n    # dest\n    r["A1"],\n    r["B1"],\n]\nfor dest in rows:\n'
        "    give(dest, 50.0)\n"
    )
