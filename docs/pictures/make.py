"""Takes the pictures of the README from a real run: `make docs`.

The reductive amination is compiled, simulated and verified; its report is opened in Chromium, and
parts of it are photographed in the light theme at twice the pixels.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from compiler.pipeline import compile_procedure
from simulate.review.page import review_html
from simulate.review.verification import run_files, simulated

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PROTOCOLS = Path("protocols")  # relative: the report shows the paths that it was given
MOMENT = "round 1, after the draw"


def main() -> int:
    """Writes `<part>.png` beside this file; 1 where there is no Chromium or no plan."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("there is no chromium (Debian: apt install chromium)", file=sys.stderr)
        return 1
    os.chdir(ROOT)
    procedure = PROTOCOLS / "reductive-amination" / "procedure.yaml"
    compiled = compile_procedure(procedure, PROTOCOLS / "benches" / "flex.yaml")
    if compiled.plan is None:
        print("the reductive amination does not compile", file=sys.stderr)
        return 1
    command = "workup review reductive-amination --bench flex"
    html = review_html(compiled, simulated(run_files(compiled)), command=command)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 800}, device_scale_factor=2)
        page.set_content(html)
        _photograph(page)
        browser.close()
    return 0


def _photograph(page: Page) -> None:
    page.screenshot(path=str(HERE / "review.png"))
    # Bars that stay in place while one scrolls would lie over the parts.
    page.add_style_tag(content=".stepper, .contents, .detail { position: static !important }")
    frames = json.loads(page.locator("script.frames").text_content() or "")["frames"]
    number = next(n for n, frame in enumerate(frames) if MOMENT in frame["label"])
    page.locator(".moment").fill(str(number))
    page.locator(".moment").blur()
    page.locator('#deck [data-well="reactors/A1"]').hover()
    page.locator("#plates").screenshot(path=str(HERE / "plate.png"))
    page.add_style_tag(content="#plates { display: none }")
    for name, part in (
        ("reagents", "#reagents"),
        ("deck", ".film"),
        ("timeline", "#timeline figure"),
        ("vessel", "#vessels figure >> nth=0"),
        ("layers", "#layers figure"),
    ):
        page.locator(part).screenshot(path=str(HERE / f"{name}.png"))


if __name__ == "__main__":
    sys.exit(main())
