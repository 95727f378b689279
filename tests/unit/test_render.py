"""How findings look: frames, order, JSON; and that nothing in a file can steer a terminal."""

import json
from importlib.resources import files
from textwrap import dedent

import jsonschema
from hypothesis import example, given
from hypothesis import strategies as st

from compiler.diagnostics.codes import structure as s
from compiler.diagnostics.codes import units as u
from compiler.diagnostics.finding import Finding, Related, Severity, Span, as_errors
from compiler.diagnostics.json_output import dumps, finding_object, report_object
from compiler.diagnostics.order import exit_status, ordered
from compiler.diagnostics.sources import Sources
from compiler.diagnostics.text import plain, render, tally
from compiler.diagnostics.visible import is_hidden, visible, width

PROCEDURE = """\
kind: procedure
steps:
  - add: {material: bicarb, dropwise: {over: 5 mL}}
"""


def show(finding: Finding, text: str, line_width: int = 120) -> str:
    return plain(render([finding], Sources({"p.yaml": text}), line_width))


def test_a_frame_points_at_the_value() -> None:
    finding = u.DIMENSION.at(
        Span("p.yaml", 3, 46, 3, 50),
        "`over` is a time, and `5 mL` is a volume",
        help="write `over: 10 min`",
        step="quench",
        related=(Related(Span("p.yaml", 1, 1, 1, 5), "the document starts here"),),
    )
    assert show(finding, PROCEDURE) == dedent("""\
        error[U-DIMENSION]: `over` is a time, and `5 mL` is a volume
         --> p.yaml:3:46
          |
        3 |   - add: {material: bicarb, dropwise: {over: 5 mL}}
          |                                              ^^^^
         ::: p.yaml:1:1 the document starts here
          |
        1 | kind: procedure
          | ----
          = in step quench
          = help: write `over: 10 min`

        """)


def test_a_span_over_several_lines_says_where_it_ends() -> None:
    shown = show(u.VALUE.at(Span("p.yaml", 1, 1, 3, 5), "all of it"), PROCEDURE)
    assert "  | ^^^^^^^^^^^^^^^\n. | … to line 3\n" in shown


def test_the_mark_stands_under_wide_characters_and_tabs() -> None:
    shown = show(u.VALUE.at(Span("p.yaml", 1, 6, 1, 7), "here"), "\t名前: x")
    source, marks = shown.splitlines()[3:5]
    assert width(source[: source.index("x")]) == marks.index("^")


def test_a_finding_about_a_line_marks_the_line() -> None:
    shown = show(u.VALUE.at(Span("p.yaml", 2, 1, 2, 1), "x"), "a\n    deliver(x)  \n")
    assert "2 |     deliver(x)\n  |     ^^^^^^^^^^\n" in shown


def test_a_finding_without_a_readable_file_has_no_frame() -> None:
    finding = s.FILE.at(Span("/nowhere/at-all.yaml"), "it is not there")
    shown = plain(render([finding], Sources()))
    assert shown == "error[S-FILE]: it is not there\n --> /nowhere/at-all.yaml:1:1\n\n"


def test_terminal_escapes_and_bidi_marks_are_shown_not_sent() -> None:
    evil = "title: \x1b[2J\u202egnp.exe\x9b31m\u2066"
    finding = u.VALUE.at(
        Span("p.yaml\x1b]0;x\x07", 1, 1, 1, 6), f"{evil}\rerror[FAKE]: x", help=evil, step=evil
    )
    shown = plain(render([finding], Sources({"p.yaml\x1b]0;x\x07": evil})))
    assert not [c for c in shown if is_hidden(c) and c != "\n"]
    assert shown.count("\\x1b[2J\\u202e") == 4
    assert "\\x0derror[FAKE]" in shown


def test_a_line_break_in_a_message_cannot_start_a_line_of_its_own() -> None:
    shown = show(u.VALUE.at(None, "one\nerror[S-FILE]: forged"), "")
    assert [line for line in shown.splitlines() if line.startswith("error[")] == [
        "error[U-VALUE]: one"
    ]


_ODD = st.text(alphabet=st.sampled_from("ab \t日é́\u0301\x1b\u202e𝛼…"), max_size=260)


@given(_ODD, st.integers(1, 270), st.integers(0, 60), st.integers(40, 120))
def test_frames_stay_in_their_width_and_mark_what_the_span_says(
    line: str, column: int, length: int, room: int
) -> None:
    line = line.replace("\n", "")
    finding = u.VALUE.at(Span("p.yaml", 1, column, 1, column + length), "x")
    lines = show(finding, f"{line}\n", room).splitlines()
    source = lines[3].removeprefix("1 |").removeprefix(" ")
    marks = lines[4].removeprefix("  |").removeprefix(" ")
    assert width(lines[3]) <= room
    assert marks.strip("^ ") == ""
    before, marked = marks.index("^"), marks.count("^")
    wanted = line[column - 1 : column - 1 + length]
    shown = _slice(source, before, marked)
    text = visible(wanted.replace("\t", " "))
    if length and wanted.strip() and "\t" not in wanted and width(text) == marked:
        assert text.rstrip() in shown  # marks without a width may stand before it


def _slice(text: str, start: int, length: int) -> str:
    """The part of a line between two screen columns."""
    position, kept = 0, ""
    for character in text:
        if start <= position < start + length or (kept and width(character) == 0):
            kept += character
        position += width(character)
    return kept


def test_a_long_line_is_cut_around_the_mark() -> None:
    text = "a: " + "x" * 5000 + "BAD" + "y" * 5000
    shown = show(u.VALUE.at(Span("p.yaml", 1, 5004, 1, 5007), "long"), text)
    source, marks = shown.splitlines()[3:5]
    start = marks.index("^")
    assert source[start : start + 3] == "BAD"
    assert source[4] == "…"
    assert source[-1] == "…"
    assert len(source) <= 120


def test_findings_are_ordered_and_told_once() -> None:
    late = u.VALUE.at(Span("b.yaml", 1, 1), "x")
    early = u.VALUE.at(Span("a.yaml", 9, 1), "x")
    first = u.DIMENSION.at(Span("a.yaml", 9, 1), "x")
    nowhere = s.WRITE.at(None, "x")
    assert ordered([nowhere, late, early, late, first]) == (first, early, late, nowhere)


def test_exit_status() -> None:
    warning = s.ACK_UNUSED.at(None, "x")
    assert exit_status([]) == 0
    assert exit_status([warning]) == 0
    assert exit_status(as_errors((warning,))) == 1
    assert exit_status([u.VALUE.at(None, "x")]) == 1
    assert exit_status([u.VALUE.at(None, "x"), s.FILE.at(None, "x")]) == 2


def test_tally_counts_in_words() -> None:
    assert tally([]) == "no errors, no warnings, no notes"
    assert tally([u.VALUE.at(None, "x"), s.HOLE.at(None, "x"), s.HOLE.at(None, "y")]) == (
        "1 error, no warnings, 2 notes"
    )


def test_json_has_the_contract_s_shape() -> None:
    schema = json.loads((files("schemas") / "findings.schema.json").read_text())
    finding = u.VALUE.at(
        Span("p.yaml", 2, 3, 2, 9),
        "m",
        help="h",
        step="quench",
        row=4,
        related=(Related(Span("q.yaml", 1, 1, 1, 2), "there"),),
    )
    report = report_object([finding, s.WRITE.at(None, "w")], ["p.yaml"])
    jsonschema.Draft202012Validator(schema).validate(json.loads(dumps(report)))
    assert report["summary"] == {"errors": 2, "warnings": 0, "notes": 0}
    assert finding_object(finding) == {
        "code": "U-VALUE",
        "severity": "error",
        "message": "m",
        "help": "h",
        "file": "p.yaml",
        "line": 2,
        "column": 3,
        "end_line": 2,
        "end_column": 9,
        "step": "quench",
        "row": 4,
        "related": [
            {
                "file": "q.yaml",
                "line": 1,
                "column": 1,
                "end_line": 1,
                "end_column": 2,
                "message": "there",
            }
        ],
    }


@given(st.text(st.characters(exclude_categories=[]), max_size=40))
@example("\U000e0041")  # a tag: hidden, and beyond the first plane
@example("\x7f\x9b\ud800")
def test_json_text_is_harmless_and_reads_back_the_same(text: str) -> None:
    written = dumps({"message": text})
    assert not [c for c in written if is_hidden(c) and c != "\n"]
    written.encode("utf-8")
    # A pair of lone surrogates is one character to every JSON reader.
    assert json.loads(written)["message"] == json.loads(json.dumps(text))


def test_severity_words_are_those_of_the_contract() -> None:
    assert [severity.value for severity in Severity] == ["error", "warning", "note"]
