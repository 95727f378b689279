"""Procedures: the example of the language, read whole, and each fault at its place."""

import hashlib
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.diagnostics.finding import Finding, Severity
from compiler.reading import read_bench, read_document, read_procedure
from compiler.stages import documents as d
from compiler.stages.quantity import Origin

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "protocols" / "reductive-amination" / "procedure.yaml"
HEAD = """\
kind: procedure
version: 1
title: A test
materials:
  a: {name: A, smiles: CCO, supplied: neat, basis: true}
vessels:
  reactor: {size: 2 mL}
"""
FIRST = HEAD.count("\n") + 2  # the line of the first step


def read(tmp_path: Path, text: str) -> tuple[d.Procedure, tuple[Finding, ...]]:
    path = tmp_path / "p.yaml"
    path.write_text(text, encoding="utf-8")
    result = read_procedure(path)
    assert result.document is not None, result.findings
    return result.document, result.findings


def steps(tmp_path: Path, *lines: str) -> tuple[d.Procedure, tuple[Finding, ...]]:
    return read(tmp_path, HEAD + "steps:\n" + "\n".join(f"  {line}" for line in lines) + "\n")


def places(findings: tuple[Finding, ...]) -> list[tuple[str, int, int]]:
    return [(f.code, f.span.line, f.span.column) for f in findings if f.span is not None]


# --- the example ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def example() -> d.Procedure:
    result = read_procedure(EXAMPLE)
    assert result.findings == ()
    assert result.document is not None
    return result.document


def test_the_example_s_head(example: d.Procedure) -> None:
    assert example.file == str(EXAMPLE)
    assert example.sha256 == hashlib.sha256(EXAMPLE.read_bytes()).hexdigest()
    assert example.title == "Reductive amination of 1-Boc-1,4-diazepane"
    assert example.source["section"] == "II. Detailed Protocol for Reductive Amination"
    assert example.scale is not None
    assert example.scale.value == 0.1
    assert list(example.materials) == ["diazepane", "aldehyde", "hydride", "bicarb"]


def test_the_example_s_declarations(example: d.Procedure) -> None:
    amine, bicarb = example.materials["diazepane"], example.materials["bicarb"]
    assert amine.basis
    assert amine.smiles == "CC(C)(C)OC(=O)N1CCCNCC1"
    assert amine.supplied is not None
    assert amine.supplied.form is d.Form.SOLUTION
    assert amine.supplied.concentration is not None
    assert amine.supplied.concentration.value == 0.5
    assert amine.supplied.medium is not None
    assert amine.supplied.medium.name == "DCE"
    assert example.materials["hydride"].is_ == "NaBH(OAc)3"
    assert bicarb.supplied is not None
    assert bicarb.supplied.form is d.Form.SATURATED
    reactor, extract = example.vessels["reactor"], example.vessels["extract"]
    assert reactor.size is not None and reactor.size.value == 2000
    assert reactor.cap == "vented"
    assert extract.at_least is not None and extract.at_least.value == 4000
    assert example.products["desired"].from_ == {"diazepane": 1, "aldehyde": 1}
    assert example.products["desired"].goal == "mono"


def test_the_example_s_steps(example: d.Procedure) -> None:
    assert [step.id for step in example.steps] == [
        "add-1",
        "add-2",
        "stir-3",
        "hydride",
        "monitor-5",
        "quench",
        "extract-7",
        "dry-8",
        "filter-9",
        "concentrate-10",
        "purify-11",
    ]
    aldehyde, stir, hydride = example.steps[1:4]
    assert isinstance(aldehyde, d.Add)
    assert aldehyde.amount.kind is d.AmountKind.EQUIVALENTS
    quantity = aldehyde.amount.quantity
    assert (quantity.low, quantity.high, quantity.plan) == (1, 1.2, 1.1)
    assert quantity.origin is Origin.PLANNED
    assert isinstance(stir, d.Stir)
    assert (stir.for_.low, stir.for_.high, stir.for_.plan) == (3600, 7200, 3600)
    assert stir.at is not None
    assert (stir.at.low, stir.at.high, stir.at.origin) == (20, 25, Origin.OPEN)
    assert isinstance(hydride, d.Add)
    assert hydride.portionwise is not None
    assert hydride.portionwise.portions == 3
    assert hydride.portionwise.every.value == 600


def test_the_example_s_work_up(example: d.Procedure) -> None:
    monitor, quench, extract = example.steps[4:7]
    assert isinstance(monitor, d.Monitor)
    assert (monitor.between.low, monitor.between.high) == (43_200, 86_400)
    assert monitor.between.plan == 43_200
    assert isinstance(quench, d.Add)
    assert quench.amount.kind is d.AmountKind.VOLUME_PER_AMOUNT
    assert quench.amount.quantity.value == 5000
    assert quench.dropwise is not None and quench.dropwise.over is not None
    assert quench.dropwise.over.value == 600
    assert isinstance(extract, d.Extract)
    assert (extract.times, extract.keep, extract.into) == (2, "organic", "extract")
    assert extract.with_.fractions == {"DCM": 1.0}
    concentrate, purify = example.steps[9:]
    assert isinstance(concentrate, d.Concentrate) and concentrate.to is None
    assert isinstance(purify, d.Purify) and purify.optional


def test_spans_point_at_the_values(example: d.Procedure) -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").split("\n")
    step = example.steps[2]
    for key, value in {"vessel": "reactor", "for": "1–2 h", "at": "rt"}.items():
        span = step.spans.at(key)
        assert lines[span.line - 1][span.column - 1 : span.end_column - 1] == value
    whole = step.spans.whole
    assert lines[whole.line - 1][whole.column - 1 :].startswith("stir: {")


# --- other forms ------------------------------------------------------------------------------


def test_amounts_in_every_form(tmp_path: Path) -> None:
    procedure, findings = steps(
        tmp_path,
        '- add: {material: a, to: reactor, amount: "?"}',
        "- add: {material: a, to: reactor, amount: {make up to: 0.01 M}}",
        "- add: {material: a, to: reactor, amount: {volume: 1 mL, at scale: 5 mmol}}",
        "- add: {material: a, to: reactor, amount: {is: 5 mL/mmol, assumed: guess}}",
        "- add:",
        "    {material: a, to: reactor, amount: 5 mol%,",
        "     dropwise: {rate: 3.3 µL/min, drop: 20 µL, mix every: 5 drops}}",
    )
    assert places(findings) == [("S-HOLE", FIRST, 45)]
    assert findings[0].severity is Severity.NOTE
    assert findings[0].step == "add-1"
    hole, up_to, at_scale, assumed, drops = procedure.steps
    assert isinstance(hole, d.Add) and hole.amount.quantity.hole
    assert isinstance(up_to, d.Add) and up_to.amount.kind is d.AmountKind.MAKE_UP_TO
    assert up_to.amount.quantity.value == 0.01
    assert isinstance(at_scale, d.Add) and at_scale.amount.at_scale is not None
    assert (at_scale.amount.quantity.value, at_scale.amount.at_scale.value) == (1000, 5)
    assert isinstance(assumed, d.Add) and assumed.amount.quantity.assumed == "guess"
    assert isinstance(drops, d.Add) and drops.dropwise is not None
    assert drops.dropwise.mix_every == 5
    assert drops.dropwise.rate is not None
    assert drops.dropwise.rate.value == pytest.approx(0.055)


def test_other_verbs(tmp_path: Path) -> None:
    procedure, findings = steps(
        tmp_path,
        "- basify: {vessel: reactor, with: a, to: pH > 12, margin: 0.5 equiv}",
        "- acidify: {vessel: reactor, with: a, to: pH < 2}",
        "- wash: {vessel: reactor, with: {DCM: 9, MeOH: 1}, volume: 1 mL, keep: lower, guard: 5 %}",
        "- transfer: {from: reactor, to: waste.aqueous, volume: all}",
        "- cool: {vessel: reactor, to: 0 ± 4 °C, tolerance: 2 °C, hold: 10 min}",
        "- {by: operator, note: hood, stir: {vessel: reactor, for: 5 min, speed: 500 rpm}}",
        "- operator: {do: look, vessel: reactor}",
        "- seal: {vessel: reactor}",
    )
    assert findings == ()
    basify, acidify, wash, transfer, cool, stir, look, seal = procedure.steps
    assert isinstance(basify, d.AdjustPh) and (basify.above, basify.below) == (12, None)
    assert isinstance(acidify, d.AdjustPh) and (acidify.above, acidify.below) == (None, 2)
    assert isinstance(wash, d.Extract) and wash.into is None and wash.times == 1
    assert wash.with_.fractions == {"DCM": 0.9, "MeOH": 0.1}
    assert wash.guard is not None and wash.guard.value == pytest.approx(0.05)
    assert isinstance(transfer, d.Transfer) and transfer.volume is None
    assert isinstance(cool, d.Temper) and (cool.verb, cool.to.plan) == ("cool", None)
    assert isinstance(stir, d.Stir) and stir.by_operator and stir.note == "hood"
    assert isinstance(look, d.OperatorTask) and look.do == "look"
    assert isinstance(seal, d.Closure)


def test_a_repeat_is_written_out(tmp_path: Path) -> None:
    procedure, findings = steps(
        tmp_path,
        "- repeat:",
        "    times: 2",
        "    steps:",
        "      - id: shake",
        "        mix: {vessel: reactor, cycles: 3}",
        "      - repeat: {times: 2, steps: [{wait: {for: 1 min}}]}",
    )
    assert findings == ()
    assert [step.id for step in procedure.steps] == [
        "shake",
        "wait-2",
        "wait-3",
        "shake-2",
        "wait-5",
        "wait-6",
    ]


def test_a_repeat_cannot_run_away(tmp_path: Path) -> None:
    inner = "{wait: {for: 1 min}}"
    for _ in range(8):
        inner = "{repeat: {times: 100, steps: [" + inner + "]}}"
    procedure, findings = steps(tmp_path, "- " + inner)
    assert [finding.code for finding in findings] == ["S-REPEAT"]
    assert len(procedure.steps) == 1000


def test_levels_are_limited_before_recursion_is(tmp_path: Path) -> None:
    """The deepest document that is read at all, and one level more."""
    for levels, code in ((19, "U-NUMBER"), (20, "S-DEPTH")):
        step = "{wait: {for: {between: [1 h, 2 h], plan: x}}}"
        for _ in range(levels):
            step = "{repeat: {times: 1, steps: [" + step + "]}}"
        path = tmp_path / f"{levels}.yaml"
        path.write_text(HEAD + f"steps:\n  - {step}\n", encoding="utf-8")
        assert [finding.code for finding in read_procedure(path).findings] == [code]


# --- faults -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "code", "column"),
    [
        (
            "- add: {material: a, to: reactor, amount: 1 equiv, dropwise: {over: 5 mL}}",
            "U-DIMENSION",
            71,
        ),
        ("- stir: {vessel: reactor, for: 30}", "U-UNIT-MISSING", 34),
        ("- stir: {vessel: reactor, for: 30 mins., at: rt}", "U-UNIT-UNKNOWN", 34),
        ("- stir: {vessel: reactor, for: 2–1 h}", "U-RANGE", 34),
        ("- stir: {vessel: reactor, for: -1 h}", "U-VALUE", 34),
        ("- stir: {vessel: reactor, for: {between: [1 h, 2 h], plan: 3 h}}", "U-PLAN", 62),
        ("- stir: {vessel: reactor, for: {between: [2 h, 1 h]}}", "U-RANGE", 44),
        ("- stir: {vessel: reactor, for: 1 h, at: -300 °C}", "U-VALUE", 43),
        ("- add: {material: a, to: reactor, amount: '1,000 µL'}", "U-NUMBER", 45),
        ("- add: {material: a, to: reactor, amuont: 1 equiv}", "S-KEY-UNKNOWN", 37),
        ("- add: {material: a, to: reactor}", "S-KEY-MISSING", 10),
        ("- add: {material: a, to: reactr, amount: 1 equiv}", "S-VESSEL-UNKNOWN", 28),
        ("- add: {material: a, to: [reactor], amount: 1 equiv}", "S-TYPE", 28),
        ("- add: {material: a, to: reactor, amount: [1 equiv]}", "S-TYPE", 45),
        ("- add: {material: a, to: reactor, amount: }", "S-TYPE", 45),
        ("- stirr: {vessel: reactor, for: 1 h}", "S-VERB", 5),
        ("- {note: nothing}", "S-VERB", 5),
        ("- {mix: {vessel: reactor}, wait: {for: 1 h}}", "S-VERB", 30),
        ("- {mix: {vessel: reactor}, volume: 5 µL}", "S-KEY-UNKNOWN", 30),
        ("- mix: reactor", "S-TYPE", 10),
        ("- mix", "S-TYPE", 5),
        ("- filter: {vessel: reactor, keep: filtrat}", "S-CHOICE", 37),
        ("- mix: {vessel: reactor, cycles: few}", "S-TYPE", 36),
        ("- mix: {vessel: reactor, cycles: 0}", "S-TYPE", 36),
        ("- purify: {vessel: reactor, by: x, optional: yes}", "S-TYPE", 48),
        ("- basify: {vessel: reactor, with: a, to: 12}", "S-TYPE", 44),
        ("- transfer: {from: waste.organic, to: reactor, volume: all}", "S-VESSEL-UNKNOWN", 22),
        (
            "- monitor: {vessel: reactor, by: x, until: y, between: 1–2 h, fail: zz}",
            "S-REFERENCE",
            71,
        ),
        ("- {wait: {for: 1 h}, acknowledge: [{code: P-VAP-1}]}", "S-KEY-MISSING", 38),
        (
            "- add: {material: a, to: reactor, amount: 1 equiv, dropwise: {drop: 5 µL}}",
            "S-KEY-MISSING",
            64,
        ),
        (
            "- add: {material: a, to: reactor, amount: 1 g, dropwise: {over: 1 h, rate: 1 mL/h}}",
            "S-TYPE",
            60,
        ),
        ("- include: {block: ../../../../etc/passwd}", "S-INCLUDE", 22),
    ],
)
def test_a_fault_in_a_step(tmp_path: Path, line: str, code: str, column: int) -> None:
    _, findings = steps(tmp_path, line)
    assert places(findings) == [(code, FIRST, column)]
    assert findings[0].message.endswith(".")


def test_a_faulty_step_is_left_out_and_the_rest_is_read(tmp_path: Path) -> None:
    procedure, findings = steps(
        tmp_path,
        "- add: {material: a, to: reactor, amount: 5 parsecs}",
        "- stir: {vessel: reactor, for: 1 h, at: 5 mL}",
        "- wait: {for: 1 h}",
    )
    assert [(f.code, f.step) for f in findings] == [
        ("U-DIMENSION", "add-1"),
        ("U-DIMENSION", "stir-2"),
    ]
    assert [step.id for step in procedure.steps] == ["stir-2", "wait-3"]
    stir = procedure.steps[0]
    assert isinstance(stir, d.Stir) and stir.at is None


def test_two_steps_with_one_id(tmp_path: Path) -> None:
    procedure, findings = steps(
        tmp_path, "- {id: q, wait: {for: 1 h}}", "- {id: q, wait: {for: 2 h}}"
    )
    assert places(findings) == [("S-ID", FIRST + 1, 10)]
    assert findings[0].related[0].span.line == FIRST
    assert len({step.id for step in procedure.steps}) == 2


@pytest.mark.parametrize(
    ("old", "new", "code", "line", "column"),
    [
        ("kind: procedure", "kind: proceedure", "S-KIND", 1, 7),
        ("kind: procedure\n", "", "S-KIND", 1, 1),
        ("version: 1\n", "", "S-VERSION", 1, 1),
        ("title: A test", "titel: A test", "S-KEY-UNKNOWN", 3, 1),
        ("title: A test\n", "", "S-KEY-MISSING", 1, 1),
        ("title: A test", "title: A test\nscale: 5", "U-UNIT-MISSING", 4, 8),
        ("title: A test", "title: A test\nscale: 5 mL", "U-DIMENSION", 4, 8),
        ("neat, basis: true", "liquid, basis: true", "S-CHOICE", 5, 39),
        ("neat, basis", "{solution: 0.5 M}, basis", "S-KEY-MISSING", 5, 39),
        ("basis: true", "basis: on", "S-TYPE", 5, 52),
        ("basis: true", "basis: true, mw: 46", "U-UNIT-MISSING", 5, 62),
        ("{size: 2 mL}", "{size: 2 mL, at least: 3 mL}", "S-TYPE", 7, 12),
        ("{size: 2 mL}", "{size: 2 mL, cap: vent}", "S-CHOICE", 7, 30),
    ],
)
def test_a_fault_in_the_head(
    tmp_path: Path, old: str, new: str, code: str, line: int, column: int
) -> None:
    text = HEAD + "steps: [{wait: {for: 1 h}}]\n"
    assert old in text
    _, findings = read(tmp_path, text.replace(old, new, 1))
    assert places(findings) == [(code, line, column)]


def test_products_name_what_there_is(tmp_path: Path) -> None:
    tail = "steps: [{wait: {for: 1 h}}]\nproducts:\n  desired: {from: {b: 1}, formed by: x}\n"
    _, findings = read(tmp_path, HEAD + tail + "max concentration: {of: c, is: 0.01 M}\n")
    line = FIRST + 1
    assert places(findings) == [
        ("S-REFERENCE", line, 20),
        ("S-REFERENCE", line, 38),
        ("S-REFERENCE", line + 1, 25),
    ]


def test_another_version_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "p.yaml"
    path.write_text("kind: procedure\nversion: 2\n", encoding="utf-8")
    result = read_procedure(path)
    assert result.document is None
    assert places(result.findings) == [("S-VERSION", 2, 10)]


def test_the_kind_decides(tmp_path: Path) -> None:
    assert isinstance(read_document(EXAMPLE).document, d.Procedure)
    as_bench = read_bench(EXAMPLE)
    assert as_bench.document is None
    assert places(as_bench.findings) == [("S-KIND", 2, 7)]


def test_text_stays_text(tmp_path: Path) -> None:
    title = '"""quotes""" {braces} \\n $(rm) <b>'
    text = HEAD.replace("A test", "'" + title + "'") + "steps: [{wait: {for: 1 h}}]\n"
    procedure, findings = read(tmp_path, text)
    assert findings == ()
    assert procedure.title == title


def test_noise_does_not_print_a_megabyte(tmp_path: Path) -> None:
    noise = "\n".join(f"key{n}: 1" for n in range(5000))
    _, findings = read(tmp_path, HEAD + "steps: [{wait: {for: 1 h}}]\n" + noise)
    assert len(findings) <= 250


# --- whatever it is ---------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        b"",
        b" ",
        b"\n",
        b"- ",
        b"{",
        b"}",
        b"[",
        b"]",
        b": ",
        b'"',
        b"&a ",
        b"*a",
        b"?",
        b"1",
        b"-",
        b"\xc2\xb5L",
        b"steps:",
        b"include: {block: x}",
        b"repeat: {times: 3}",
        b"\x00",
        b"\xff",
        b"~",
    ]
)


@given(st.lists(st.tuples(st.integers(0, 2500), st.integers(0, 40), PIECES), max_size=4))
@settings(deadline=None, max_examples=150)
def test_a_mutated_example_gives_findings_and_no_exception(
    tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[int, int, bytes]]
) -> None:
    data = EXAMPLE.read_bytes()
    for start, length, piece in edits:
        data = data[:start] + piece + data[start + length :]
    path = tmp_path_factory.getbasetemp() / "mutated.yaml"
    path.write_bytes(data)
    for read_any in (read_procedure, read_bench, read_document):
        result = read_any(path)
        assert result.document is not None or result.findings


def test_lines_in_any_order_give_findings_and_no_exception(tmp_path: Path) -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").split("\n")
    path = tmp_path / "shuffled.yaml"
    for seed in range(30):
        random.Random(seed).shuffle(lines)
        path.write_text("\n".join(lines), encoding="utf-8")
        result = read_procedure(path)
        assert result.document is not None or result.findings
