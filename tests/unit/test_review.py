"""The review's page: what it says, that it says the plan's numbers, and that it is safe."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import many
import pytest

from compiler.diagnostics.codes import verification as v
from compiler.pipeline import Compiled, compile_procedure
from simulate.review.hazards import pictograms, statements
from simulate.review.page import NOT_SIMULATED, Verification, json_of, review_html, verdict
from simulate.review.scheme import formula, structures
from simulate.review.stages import stages_of
from simulate.review.states import film
from simulate.review.timetable import timetable
from simulate.review.values import KINDS, Quoter, at, pointer
from simulate.review.variants import variants_of

PROCEDURE = Path("protocols/reductive-amination/procedure.yaml")
FLEX = Path("protocols/benches/flex.yaml")
VERIFIED = Verification(True, (), "9.0.0", 584)


class Reader(HTMLParser):
    """The quoted numbers of a page, its ids, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.numbers: list[tuple[dict[str, str], str]] = []
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.text: list[str] = []
        self.among: list[str] = []
        self._number: dict[str, str] | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        if "id" in given:
            self.ids.append(given["id"])
        self.among += given.get("data-among", "").split()
        if tag == "data":
            self._number = given

    def handle_data(self, data: str) -> None:
        self.text.append(data)
        if self._number is not None:
            self.numbers.append((self._number, data))
            self._number = None


@pytest.fixture(scope="module")
def compiled() -> Compiled:
    return compile_procedure(PROCEDURE, FLEX)


@pytest.fixture(scope="module")
def page(compiled: Compiled) -> str:
    return review_html(compiled, VERIFIED, command="workup review x --bench flex")


def holds_to_plan(html: str, plan: Mapping[str, Any]) -> set[str]:
    """Checks every quoted number against the plan; returns the pointers that were quoted."""
    reader = Reader(html)
    quoted = set(reader.among)
    for given, text in reader.numbers:
        if "data-plan" in given:
            value = at(plan, given["data-plan"])
            quoted.add(given["data-plan"])
        else:
            places = given["data-sum"].split(" ")
            value = math.fsum(at(plan, place) for place in places)
            quoted |= set(places)
        assert float(given["value"]) == pytest.approx(value, rel=1e-12), given
        assert text == KINDS[given["data-kind"]](value), given
        shown = re.match(r"[\d.]+", text)
        if given["data-kind"] in ("uL", "mg") and shown:
            scale = 1000 if text.endswith(("mL", " g")) else 1
            assert float(shown[0]) * scale == pytest.approx(value, rel=0.006)
    return quoted


def numbers_of(value: object, where: str = "") -> Iterator[str]:
    """The pointers of all numbers in a JSON value."""
    if isinstance(value, Mapping):
        for key, entry in value.items():
            yield from numbers_of(entry, where + pointer(key))
    elif isinstance(value, list):
        for index, entry in enumerate(value):
            yield from numbers_of(entry, where + pointer(index))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield where


# What the plan has and the page shows in another form, or for the verifier alone.
NOT_QUOTED = re.compile(
    r"/version|/timing/terms/\d+/part|/charges/\d+/(round|dropwise/interval_s|portions/every_s)|/(holds|mixes|temperatures|actions)/"
    r"|/reactions/\d+/row|/stocks/\d+/(composition|liquids|solute_mg_)|/scripts/|/findings/"
    r"|/contents/\d+/(round|mmol/|phases/\d+/(density|interface|top|solvents|mmol))"
    r"|/(draws|stands)/\d+/round|/steps/\d+/line"
)


@pytest.mark.parametrize(
    "name",
    [
        "reductive-amination",
        "reductive-amination-nabh4",  # with a limit
        "dropwise-alkylation",
        "acid-base-extraction",
        "excess-diamine-10",
    ],
)
@pytest.mark.parametrize("bench", ["flex", "ot2"])
def test_every_number_of_the_plan_is_on_the_page_and_right(name: str, bench: str) -> None:
    found = compile_procedure(
        Path(f"protocols/{name}/procedure.yaml"), Path(f"protocols/benches/{bench}.yaml")
    )
    assert found.plan is not None
    plan = json.loads(json.dumps(found.plan))
    quoted = holds_to_plan(review_html(found, VERIFIED), plan)
    wanted = {where for where in numbers_of(plan) if not NOT_QUOTED.match(where)}
    missing = wanted - quoted
    # The pH of a vessel is written once for moments that hold the same.
    assert not {where for where in missing if not where.startswith("/contents/")}
    assert len([w for w in quoted if w.startswith("/contents/")]) >= len(plan["steps"])


def quoted_of(found: Compiled) -> tuple[set[str], set[str]]:
    """The pointers that a page quotes, and those that it should."""
    assert found.plan is not None, found.findings
    plan = json.loads(json.dumps(found.plan))
    quoted = holds_to_plan(review_html(found, VERIFIED), plan)
    return quoted, {where for where in numbers_of(plan) if not NOT_QUOTED.match(where)}


@pytest.mark.parametrize(
    ("document", "bench", "table"),
    [
        (PROCEDURE, "flex", PROCEDURE.with_name("library.csv")),
        (PROCEDURE, "ot2", PROCEDURE.with_name("library.csv")),
        (Path("protocols/reductive-amination-96/library.yaml"), "flex-96", None),
    ],
)
def test_every_number_of_a_librarys_plan_is_on_the_page(
    document: Path, bench: str, table: Path | None
) -> None:
    found = compile_procedure(document, Path(f"protocols/benches/{bench}.yaml"), library=table)
    quoted, wanted = quoted_of(found)
    assert wanted - quoted == set()
    assert sum(where.startswith("/contents/") for where in quoted) > 1000


def test_two_materials_that_vary_and_a_control(tmp_path: Path) -> None:
    (tmp_path / "library.yaml").write_text(LIBRARY, encoding="utf-8")
    found = compile_procedure(
        PROCEDURE, Path("protocols/benches/ot2.yaml"), library=tmp_path / "library.yaml"
    )
    quoted, wanted = quoted_of(found)
    assert wanted - quoted == set()
    html = review_html(found, VERIFIED)
    reader = Reader(html)
    assert len(reader.ids) == len(set(reader.ids))
    words = " ".join(" ".join(reader.text).split())
    assert "3 reactions side by side, 2 different ones" in words
    assert "the first of 2" in words  # piperidine and morpholine have no common part with one cut
    for said in ("piperidine, furfural", "morpholine, benzaldehyde", "without hydride"):
        assert said in words, said


LIBRARY = """\
kind: library
version: 1
title: Two amines with two aldehydes
rows:
  - diazepane.name: piperidine
    diazepane.smiles: C1CCNCC1
    aldehyde.name: furfural
    aldehyde.smiles: O=Cc1ccco1
    desired.smiles: c1coc(CN2CCCCC2)c1
  - diazepane.name: morpholine
    diazepane.smiles: C1COCCN1
    aldehyde.name: benzaldehyde
    aldehyde.smiles: O=Cc1ccccc1
    desired.smiles: c1ccc(CN2CCOCC2)cc1
controls:
  - {without: hydride}
"""


def test_a_wrong_number_would_be_seen(compiled: Compiled, page: str) -> None:
    plan = json.loads(json.dumps(compiled.plan))
    plan["charges"][2]["mg"] *= 1.01
    with pytest.raises(AssertionError):
        holds_to_plan(page, plan)


def test_a_sequence_quotes_the_whole_plan() -> None:
    found = compile_procedure(Path("protocols/boc-route/sequence.yaml"), FLEX)
    assert found.plan is not None, found.findings
    html = review_html(found, VERIFIED)
    holds_to_plan(html, found.plan)
    reader = Reader(html)
    assert len(reader.ids) == len(set(reader.ids))
    assert {f"deck-{view.id}" for view in stages_of(found)} <= set(reader.ids)


def test_the_films_numbers_are_those_of_the_plan(compiled: Compiled) -> None:
    assert compiled.program is not None and compiled.plan is not None
    layout = compiled.program.layout
    shown = film(layout, variants_of(layout))
    at_step = {}
    for number, frame in enumerate(shown.frames):
        at_step[frame.step] = shown.at(number)
    last = {}
    for entry in compiled.plan["contents"]:
        last[entry["step"], entry["vessel"]] = entry
    for (step, vessel), entry in last.items():
        state = at_step[step][str(layout.wells["r1", vessel])]
        assert state["uL"] == pytest.approx(entry["uL"], abs=1e-3)
        for phase, planned in zip(state["phases"], entry["phases"], strict=True):
            assert phase["uL"] == pytest.approx(planned["uL"], abs=1e-3)
            assert phase["mmol"] == pytest.approx(planned["mmol"], abs=1e-6)
    for stock in compiled.plan["stocks"]:
        left = at_step[compiled.plan["steps"][-1]["id"]][f"{stock['labware']}/{stock['well']}"]
        assert left["uL"] == pytest.approx(stock["dead_uL"], abs=1e-3)


@pytest.mark.parametrize("bench", ["flex", "ot2"])
def test_the_curves_end_where_the_plan_does(bench: str) -> None:
    found = compile_procedure(PROCEDURE, Path(f"protocols/benches/{bench}.yaml"))
    assert found.program is not None and found.plan is not None
    table = timetable(found.program)
    for vessel in ("reactor", "extract"):
        planned = [e["uL"] for e in found.plan["contents"] if e["vessel"] == vessel]
        curve = table.volumes["r1", vessel]
        assert max(ul for _, ul in curve) == pytest.approx(max(planned), abs=0.01)
        assert curve[-1][1] == pytest.approx(planned[-1], abs=0.01)
        assert [time for time, _ in curve] == sorted(time for time, _ in curve)
    drops = {c["dropwise"]["drops"] for c in found.plan["charges"] if "dropwise" in c}
    assert {len(table.drops["r1", "reactor"])} == drops
    assert len(table.pauses) == found.plan["timing"]["operator_pauses"]
    assert table.parts[-1].ends_s == pytest.approx(found.plan["timing"]["duration_s"])
    for step in found.plan["steps"]:
        assert table.steps[step["id"]] == pytest.approx((step["starts_s"], step["ends_s"]))


def test_the_page_is_whole_and_asks_for_nothing(page: str) -> None:
    reader = Reader(page)
    order = [
        "verdict", "scheme", "reagents", "procedure", "deck", "plates", "timeline", "vessels",
        "layers", "checklist", "prep", "assumptions", "provenance",
    ]  # fmt: skip
    assert [id_ for id_ in reader.ids if id_ in order] == order
    assert len(reader.ids) == len(set(reader.ids))
    assert not re.search(r"""(src|href)=["'](?!#)""", page)
    assert "url(" not in page.replace("url(#", "")
    assert "default-src 'none'" in unescape(page)
    assert "link" not in reader.tags and "iframe" not in reader.tags
    words = " ".join(reader.text)
    for said in ("Verified", "hold 12 h", "20 drops", "7.34 mL CO2 at worst", "Sign-off"):
        assert said in words


def test_the_same_input_gives_the_same_bytes(compiled: Compiled, page: str) -> None:
    again = review_html(
        compile_procedure(PROCEDURE, FLEX), VERIFIED, command="workup review x --bench flex"
    )
    assert again == page


HOSTILE = """<script>alert(1)</script>$x^2$</style></title>"'&{{7*7}}"""


def test_a_script_in_any_text_stays_text(tmp_path: Path) -> None:
    nasty = HOSTILE.replace("\\", "\\\\").replace('"', '\\"')
    text = PROCEDURE.read_text(encoding="utf-8")
    text = text.replace("title: Reductive amination of 1-Boc-1,4-diazepane", f'title: "{nasty}"')
    text = text.replace("name: 4-fluorobenzaldehyde", f'name: "{nasty}"')
    text = text.replace("publisher: BenchChem", f'publisher: "{nasty}"')
    text = text.replace("until: diazepane consumed", f'until: "{nasty}"')
    text = text.replace("- id: hydride", f'- id: hydride\n    note: "{nasty}"')
    text = text.replace('gradient: "hexane/EtOAc to DCM/MeOH"}', f'gradient: "{nasty}"}}')
    text = text.replace(
        "products:",
        f'acknowledge: [{{code: H-H2-1, step: quench, reason: "{nasty}"}}]\nproducts:',
    )
    assert text.count("alert(1)") == 7
    (tmp_path / "<b>.yaml").write_text(text, encoding="utf-8")
    found = compile_procedure(tmp_path / "<b>.yaml", FLEX)
    assert found.plan is not None, found.findings
    html = review_html(found, VERIFIED, command=HOSTILE)
    assert "<script>alert" not in html
    assert "{{7*7}}" in html and "49}" not in html
    plain = review_html(compile_procedure(PROCEDURE, FLEX), VERIFIED, command="x")
    assert Reader(html).tags.count("script") == Reader(plain).tags.count("script")
    assert Reader(html).tags.count("b") == 0


def test_json_can_not_leave_its_block() -> None:
    value = {"a": "</script><!--<script>\u2028&"}
    text = json_of(value)
    assert "<" not in text and ">" not in text and "\u2028" not in text
    assert json.loads(text) == value


def test_verdicts(compiled: Compiled) -> None:
    assert verdict(compiled, VERIFIED).state == "good"
    assert verdict(compiled, NOT_SIMULATED).state == "open"
    wrong = v.PORTION.at(None, "10.6 mg were planned, 9.0 mg are added")
    failed = Verification(False, (wrong,), "9.0.0", 584)
    told = verdict(compiled, failed)
    assert (told.state, told.errors, told.title) == ("bad", 1, "Do not run")
    assert "9.0 mg are added" in review_html(compiled, failed)


def test_a_procedure_with_errors_has_a_page_too(tmp_path: Path) -> None:
    file = tmp_path / "procedure.yaml"
    file.write_text(PROCEDURE.read_text(encoding="utf-8").replace("for: 1–2 h", "for: 5 mL"))
    html = review_html(compile_procedure(file, FLEX))
    reader = Reader(html)
    assert "Nothing to run yet" in html and "source" in reader.ids and "deck" not in reader.ids
    assert 'class="line error"' in html


def test_many_reactions_stay_small(tmp_path: Path) -> None:
    found = many.compiled(tmp_path, 96)
    assert found.plan is not None
    html = review_html(found, VERIFIED)
    assert len(html.encode()) < 3_000_000
    assert html.count('data-well="reactors/') == 2 * 96  # on the deck and on the plate
    holds_to_plan(html, found.plan)
    total = found.plan["charges"][0]["uL"] * 96
    assert f'value="{total!r}"' in html


def test_quoter_gives_spreads_and_holes() -> None:
    quote = Quoter({"a": [{"mg": 1.0}, {"mg": 2.0}, {"mg": None}]})
    assert "1.00 mg" in quote.spread(["/a/0/mg", "/a/1/mg"], "mg")
    assert "2.00 mg" in quote.spread(["/a/0/mg", "/a/1/mg"], "mg")
    assert "data" not in quote.one("/a/2/mg", "mg")
    assert "data" not in quote.total(["/a/0/mg", "/a/2/mg"], "mg")
    assert "3.00 mg" in quote.total(["/a/0/mg", "/a/1/mg"], "mg")


def test_numbers_that_are_not_shown_lie_between_those_that_are(tmp_path: Path) -> None:
    found = many.compiled(tmp_path, 4)
    assert found.plan is not None
    html = review_html(found, VERIFIED)
    spans = re.findall(r'<span data-among="([^"]*)">(.*?)</span>', html)
    assert spans
    for places, inside in spans:
        shown = [at(found.plan, given["data-plan"]) for given, _ in Reader(inside).numbers]
        for place in places.split(" "):
            assert min(shown) <= at(found.plan, place) <= max(shown) or len(shown) == 1
            if len(shown) == 1:
                assert at(found.plan, place) == pytest.approx(shown[0], rel=0.005)


def test_pictograms_follow_the_rules_of_precedence() -> None:
    def ids(*codes: str) -> list[str]:
        return [p.id for p in pictograms(codes)]

    assert ids("H225", "H319") == ["GHS02", "GHS07"]
    assert ids("H301", "H315") == ["GHS06"]  # the skull replaces the exclamation mark
    assert ids("H314", "H319") == ["GHS05"]  # corrosion replaces irritation
    assert ids("H314", "H335") == ["GHS05", "GHS07"]  # but not that of the airways
    assert ids("H412", "EUH066") == []
    assert statements(["H360D"])[0].text == "May damage the unborn child"


def test_every_code_of_the_catalogue_has_words() -> None:
    text = Path("compiler/data/substances.json").read_text(encoding="utf-8")
    codes = sorted(set(re.findall(r'"((?:EU)?H\d{3}[A-Za-z]*)"', text)))
    assert codes
    assert not [s.code for s in statements(codes) if not s.text]


def test_structures_are_drawn_small_and_formulas_lowered() -> None:
    drawn = structures({"a": "O=Cc1ccc(F)cc1", "b": "not a smiles", "c": "C[N+](C)(C)C.[Cl-]"})
    assert set(drawn) == {"a", "c"}
    assert len(drawn["a"].body) < 2500
    assert formula("C10H20N2O2") == "C<sub>10</sub>H<sub>20</sub>N<sub>2</sub>O<sub>2</sub>"
    assert formula("<b>") == "&lt;b&gt;"
