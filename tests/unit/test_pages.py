"""Every code has its page, and every page a code."""

from pathlib import Path

import pytest

from compiler.diagnostics import pages
from compiler.diagnostics.codes import ALL, BY_ID

PAGES = Path(__file__).parents[2] / "docs" / "findings"


def test_every_code_has_a_page() -> None:
    missing = [code.id for code in ALL if pages.page(code) is None]
    assert not missing, f"no page for: {', '.join(missing)}"


def test_every_page_has_a_code() -> None:
    strangers = sorted(p.stem for p in PAGES.glob("*.md") if p.stem not in {*BY_ID, "README"})
    assert not strangers, f"pages of no code: {', '.join(strangers)}"


def test_codes_are_declared_once() -> None:
    assert len(BY_ID) == len(ALL)


@pytest.mark.parametrize("code", ALL, ids=lambda code: code.id)
def test_a_page_has_its_title_and_sections(code: pages.Code) -> None:
    text = pages.page(code)
    if text is None:
        pytest.skip("no page; told by test_every_code_has_a_page")
    assert text.splitlines()[0] == f"# {code.id}: {code.summary}"
    empty = [title for title in pages.SECTIONS if not pages.section(text, title)]
    assert not empty, f"empty or missing: {', '.join(empty)}"
    order = [text.index(f"\n## {title}\n") for title in pages.SECTIONS]
    assert order == sorted(order)


def test_codes_are_found_in_any_case_and_guessed() -> None:
    found = pages.find(" s-write ")
    assert found is not None
    assert found.id == "S-WRITE"
    assert pages.find("S-WRIT") is None
    assert pages.nearest("S-WRIT")[0] == "S-WRITE"
    assert pages.nearest("???") == ()
