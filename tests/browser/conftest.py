"""The page in a real browser: Debian's Chromium, driven by Playwright.

Where one of them is missing the tests are skipped, with the reason. Screenshots and the PDF go to
`build/review/`, for whoever changed the page to look at.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from compiler.pipeline import Compiled, compile_procedure
from simulate.review.page import Verification, review_html

BUILD = Path("build/review")
AXE = "4.10.2"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
VERIFIED = Verification(True, (), "9.0.0", 584)


@pytest.fixture(scope="module")  # its event loop must be gone before Opentrons starts one
def browser() -> Iterator[Any]:
    """Chromium without a head and without a network."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("there is no chromium (Debian: apt install chromium)")
    with api.sync_playwright() as play:
        held = play.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield held
        held.close()


@pytest.fixture(scope="session")
def compiled() -> Compiled:
    """The reductive amination on a Flex."""
    return compile_procedure(
        Path("protocols/reductive-amination/procedure.yaml"), Path("protocols/benches/flex.yaml")
    )


@pytest.fixture(scope="session")
def of_library() -> Compiled:
    """The reductive amination with 24 aldehydes."""
    folder = Path("protocols/reductive-amination")
    return compile_procedure(
        folder / "procedure.yaml",
        Path("protocols/benches/flex.yaml"),
        library=folder / "library.csv",
    )


@pytest.fixture(scope="session")
def library_report(of_library: Compiled) -> Path:
    """Its page, on disk."""
    return written("library", review_html(of_library, VERIFIED, command="workup review"))


@pytest.fixture(scope="session")
def reports(report: Path, library_report: Path) -> dict[str, Path]:
    """The pages of one reaction and of a library."""
    return {"one": report, "library": library_report}


@pytest.fixture(scope="session")
def report(compiled: Compiled) -> Path:
    """Its page, on disk."""
    return written("review", review_html(compiled, VERIFIED, command="workup review"))


def written(name: str, html: str) -> Path:
    """A page in the build folder."""
    BUILD.mkdir(parents=True, exist_ok=True)
    file = (BUILD / f"{name}.html").resolve()
    file.write_text(html, encoding="utf-8")
    return file


@pytest.fixture
def opened(browser: Any, report: Path) -> Iterator[Any]:
    """The page in a tab; whatever goes to the console or to the network fails the test."""
    with tab(browser) as page:
        page.goto(report.as_uri())
        yield page


class tab:  # noqa: N801 - used like a function
    """A tab of its own that minds the console and the network."""

    def __init__(self, browser: Any, **options: Any) -> None:
        self._context = browser.new_context(
            **({"viewport": {"width": 1280, "height": 900}} | options)
        )
        self.complaints: list[str] = []

    def __enter__(self) -> Any:
        page = self._context.new_page()
        page.on("console", lambda said: self.complaints.append(said.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._asked)
        return page

    def __exit__(self, kind: object, *_: object) -> None:
        self._context.close()
        if kind is None:
            assert not self.complaints

    def _asked(self, request: Any) -> None:
        if not request.url.startswith(("file://", "http://127.0.0.1:")):
            self.complaints.append(f"the page asks for {request.url}")


@pytest.fixture(scope="session")
def axe() -> str:
    """axe-core's source, fetched once by npm into the build folder."""
    room = Path("build/axe")
    source = room / "node_modules" / "axe-core" / "axe.min.js"
    if not source.is_file():
        npm = shutil.which("npm")
        if npm is None:
            pytest.skip("there is no npm to fetch axe-core with")
        room.mkdir(parents=True, exist_ok=True)
        command = [npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(room)]
        try:
            done = subprocess.run([*command, f"axe-core@{AXE}"], capture_output=True, timeout=120)
        except subprocess.TimeoutExpired:
            pytest.skip("npm did not fetch axe-core in two minutes")
        if done.returncode or not source.is_file():
            pytest.skip(f"axe-core can't be had: {done.stderr.decode(errors='replace')[-200:]}")
    return source.read_text(encoding="utf-8")
