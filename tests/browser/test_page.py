"""The page as people use it: slider, wells, tabs, keyboard, screen reader, paper."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from conftest import BUILD, VERIFIED, tab, written

from compiler.pipeline import Compiled, compile_procedure
from simulate.review.compare import compare
from simulate.review.page import review_html

SECTIONS = (
    "verdict", "scheme", "reagents", "procedure", "deck", "plates", "timeline", "vessels",
    "layers", "checklist", "prep", "assumptions", "provenance",
)  # fmt: skip
SERIOUS = ("serious", "critical")


def frame_of(page: Any, words: str) -> int:
    """The number of the frame whose label has the words."""
    frames = json.loads(page.locator("script.frames").first.text_content())["frames"]
    return next(n for n, frame in enumerate(frames) if words in frame["label"])


def go_to(page: Any, number: int) -> None:
    page.locator(".moment").first.fill(str(number))


def test_every_section_is_there_and_seen(opened: Any) -> None:
    for name in SECTIONS:
        section = opened.locator(f"#{name}")
        assert section.count() == 1 and section.is_visible(), name
        assert section.locator("h2").first.is_visible()
    assert opened.title().startswith("Reductive amination")


def test_the_slider_shows_the_plans_contents(opened: Any, compiled: Compiled) -> None:
    assert compiled.plan is not None
    entry = next(
        e for e in compiled.plan["contents"]
        if (e["step"], e["moment"], e["round"], e["vessel"]) == ("extract-7", "drawn", 1, "reactor")
    )  # fmt: skip
    go_to(opened, frame_of(opened, "round 1, after the draw"))
    opened.locator('#deck [data-well="reactors/A1"]').hover()
    detail = opened.locator(".detail")
    assert detail.locator("[data-detail=volume]").text_content() == "590 µL of 2000 µL"
    assert f"{entry['uL']:.0f} µL" in detail.text_content()
    lower = detail.locator("table").first
    assert "lower organic, 90.0 µL" in lower.text_content()
    cells = dict(
        zip(
            lower.locator("th").all_text_contents(),
            lower.locator("td").all_text_contents(),
            strict=True,
        )
    )
    for material, amount in entry["phases"][0]["mmol"].items():
        assert float(cells[material].split()[0]) == pytest.approx(amount, rel=0.006)
    shown = opened.locator('#plates [data-well="reactors/A1"]')
    assert shown.locator(".amount").text_content() == "590"
    assert shown.locator(".layer.is-organic").count() == 1
    assert shown.locator(".glass.is-aqueous").count() == 1


def test_every_frame_paints_every_well(opened: Any) -> None:
    slider = opened.locator(".moment")
    for number in range(int(slider.get_attribute("max")) + 1):
        go_to(opened, number)
        label = opened.locator(".moment-label").text_content()
        assert slider.get_attribute("aria-valuetext") == label
        for well in opened.locator(".well").all():
            assert ":" in well.get_attribute("aria-label")


def test_buttons_step_through(opened: Any) -> None:
    label = opened.locator(".moment-label")
    opened.get_by_role("button", name="Later step").click()
    assert label.text_content().startswith("1. add")
    opened.get_by_role("button", name="Earlier step").click()
    opened.get_by_role("button", name="Earlier step").click()
    assert label.text_content() == "Before the run"


def test_the_keyboard_is_enough(opened: Any) -> None:
    stocks = opened.locator('#deck [data-labware="stocks"] .well')
    stocks.first.focus()
    opened.keyboard.press("ArrowRight")
    opened.keyboard.press("ArrowDown")
    focused = opened.evaluate("document.activeElement.dataset.well")
    assert focused == "stocks/C1"
    assert "stock of NaHCO3" in opened.locator(".detail").text_content()
    opened.keyboard.press("Home")
    assert opened.evaluate("document.activeElement.dataset.well") == "stocks/A1"
    # one tab stop for each labware, whatever it holds
    assert opened.locator('#deck [data-labware="stocks"] .well[tabindex="0"]').count() == 1
    opened.locator(".moment").focus()
    opened.keyboard.press("ArrowRight")
    assert opened.locator(".moment-label").text_content().startswith("1. add")
    opened.locator("body").press("Tab")


def test_the_first_tab_stop_skips_to_the_verdict(opened: Any) -> None:
    opened.keyboard.press("Tab")
    assert opened.evaluate("document.activeElement.className") == "skip"
    opened.keyboard.press("Enter")
    assert opened.url.endswith("#verdict")


def test_tabs_show_one_plate(opened: Any) -> None:
    tabs = opened.get_by_role("tab")
    assert [opened.locator(".plate").nth(n).is_visible() for n in range(3)] == [True, False, False]
    tabs.first.focus()
    opened.keyboard.press("ArrowRight")
    assert tabs.nth(1).get_attribute("aria-selected") == "true"
    assert [opened.locator(".plate").nth(n).is_visible() for n in range(3)] == [False, True, False]
    tabs.nth(2).click()
    assert opened.locator(".plate").nth(2).is_visible()


def test_theme_follows_the_system_and_the_button(browser: Any, report: Path) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    with tab(browser, color_scheme="dark") as page:
        page.goto(report.as_uri())
        dark = page.evaluate(ground)
        page.get_by_role("button", name="Switch between light and dark").click()
        assert page.evaluate(ground) != dark
    with tab(browser, color_scheme="light") as page:
        page.goto(report.as_uri())
        assert page.evaluate(ground) != dark


@pytest.mark.parametrize("which", ["one", "library"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing_serious(
    browser: Any, reports: dict[str, Path], axe: str, scheme: str, width: int, which: str
) -> None:
    with tab(
        browser, color_scheme=scheme, viewport={"width": width, "height": 900}, bypass_csp=True
    ) as page:
        page.goto(reports[which].as_uri())
        page.add_style_tag(content="* { transition: none !important }")
        page.evaluate("document.querySelectorAll('details').forEach(each => (each.open = true))")
        page.add_script_tag(content=axe)
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        told = [
            f"{v['id']} ({v['impact']}): {node['html'][:160]} {node['failureSummary']}"
            for v in found["violations"]
            if v["impact"] in SERIOUS
            for node in v["nodes"][:4]
        ]
        assert not told, "\n".join(told)


@pytest.mark.parametrize("which", ["one", "library"])
@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_sticks_out(browser: Any, reports: dict[str, Path], width: int, which: str) -> None:
    with tab(browser, viewport={"width": width, "height": 900}) as page:
        page.goto(reports[which].as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(each => (each.open = true))")
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("which", ["one", "library"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_screenshots_are_kept(
    browser: Any, reports: dict[str, Path], scheme: str, width: int, which: str
) -> None:
    with tab(browser, color_scheme=scheme, viewport={"width": width, "height": 900}) as page:
        page.goto(reports[which].as_uri())
        go_to(page, frame_of(page, "round 1, after the draw"))
        file = BUILD / f"{which}-{width}-{scheme}.png"
        page.screenshot(path=str(file), full_page=True)
        assert file.stat().st_size > 50_000


@pytest.mark.parametrize("which", ["one", "library"])
@pytest.mark.parametrize("paper", ["A4", "Letter"])
def test_paper_has_no_cut_tables(
    browser: Any, reports: dict[str, Path], paper: str, which: str
) -> None:
    """No row, picture or signature is taller than a page or may be cut, and none is too wide."""
    width_px, height_px = {"A4": (794, 1123), "Letter": (816, 1056)}[paper]
    margins = 2 * 13 * 96 / 25.4
    with tab(browser, viewport={"width": round(width_px - margins), "height": height_px}) as page:
        page.goto(reports[which].as_uri())
        page.emulate_media(media="print")
        assert page.evaluate("document.documentElement.scrollWidth") <= width_px - margins + 1
        kept = page.evaluate(
            """[...document.querySelectorAll(
                  'main tr, main figure, .signed, .checks, .plate, .cards > li, .members > li')]
               .filter(each => each.getClientRects().length)
               .map(each => [each.tagName, getComputedStyle(each).breakInside,
                             each.getBoundingClientRect().height])"""
        )
        assert len(kept) > 30
        for name, rule, height in kept:
            assert rule == "avoid" and height < height_px - margins, name
        cut = page.evaluate(
            """[...document.querySelectorAll('main .scroll')]
               .filter(each => each.scrollWidth > each.clientWidth + 1)
               .map(each => each.getAttribute('aria-label'))"""
        )
        assert cut == []
        page.pdf(path=str(BUILD / f"{which}-{paper}.pdf"), format=paper, print_background=True)
        assert (BUILD / f"{which}-{paper}.pdf").read_bytes().startswith(b"%PDF")


def test_a_reaction_is_chosen_by_its_name_or_its_well(browser: Any, library_report: Path) -> None:
    with tab(browser) as page:
        page.goto(library_report.as_uri())
        plot = page.locator("#vessels .plot").first
        filled = plot.locator('[data-of="r7"][data-other="off"]')
        assert not filled.first.is_visible()
        page.get_by_label("Reaction", exact=True).select_option(
            label="r7 · reactors C2 · 2-chlorobenzaldehyde"
        )
        assert filled.first.is_visible()
        assert not plot.locator('[data-of="r1"][data-other="off"]').first.is_visible()
        assert plot.locator('[data-of="r1"].faint').count() == 1
        assert plot.locator('[data-of="r7"].faint').count() == 0
        go_to(page, frame_of(page, "2. add"))
        page.locator('#plates [data-well="reactors/D6"]').click()
        assert page.locator("#course").input_value() == "r24"
        detail = page.locator(".detail")
        assert detail.locator("h3").text_content() == "reactor of r24, 3-phenylpropionaldehyde"
        assert "3-phenylpropionaldehyde" in detail.locator("table").text_content()
        assert "aldehyde/24" not in page.locator("main").inner_text()


def test_the_library_shows_what_differs(browser: Any, library_report: Path) -> None:
    with tab(browser) as page:
        page.goto(library_report.as_uri())
        assert page.locator(".cards > li").count() == 24
        assert page.locator(".members > li").count() == 24
        assert page.locator(".cards svg.structure").count() == 24
        assert "24 different ones" in page.locator("#scheme").text_content()
        assert page.locator(".contents").get_by_role("link", name="Reactions").is_visible()
        assert page.locator("#timeline svg").text_content().count("r24") == 1
        assert "176 mL CO2 from all 24" in page.locator("#verdict").text_content()


def test_hostile_text_runs_nothing(browser: Any, tmp_path: Path) -> None:
    nasty = "<img src=x onerror=alert(1)><script>alert(2)</script>"
    text = Path("protocols/reductive-amination/procedure.yaml").read_text(encoding="utf-8")
    text = text.replace("title: Reductive amination of", f'title: "{nasty}" #')
    text = text.replace("name: 4-fluorobenzaldehyde", f'name: "{nasty}"')
    (tmp_path / "procedure.yaml").write_text(text, encoding="utf-8")
    bench = Path("protocols/benches/flex.yaml")
    html = review_html(compile_procedure(tmp_path / "procedure.yaml", bench), VERIFIED)
    with tab(browser) as page:
        page.on("dialog", lambda dialog: pytest.fail(f"a dialog: {dialog.message}"))
        page.goto(written("hostile", html).as_uri())
        page.locator('#deck [data-well="stocks/B1"]').hover()
        assert nasty in page.locator(".detail").text_content()
        assert page.locator("img").count() == 0
        assert page.locator("h1").text_content() == nasty


def test_without_scripts_everything_is_read(browser: Any, report: Path) -> None:
    with tab(browser, java_script_enabled=False) as page:
        page.goto(report.as_uri())
        assert page.locator(".plate").nth(2).is_visible()
        assert not page.locator("#theme").is_visible()
        assert page.locator('#deck [data-well="stocks/C1"] .glass.is-aqueous').count() == 1


def test_changes_stand_after_the_verdict(browser: Any, compiled: Compiled) -> None:
    assert compiled.plan is not None
    old = json.loads(json.dumps(compiled.plan))
    for charge in old["charges"]:
        if charge["material"] == "hydride":
            charge["equiv"], charge["mg"] = 1.2, 25.4
    html = review_html(compiled, VERIFIED, changes=compare(old, compiled.plan, "main"))
    with tab(browser) as page:
        page.goto(written("changes", html).as_uri())
        words = page.locator("#changes").text_content()
        assert re.search(r"hydride 1\.20 → 1\.50 equiv: 6\.39 mg more a reaction", words)
        order = page.evaluate("[...document.querySelectorAll('main section')].map(each => each.id)")
        assert order[:3] == ["verdict", "changes", "scheme"]
