"""Takes the pictures of the README from real runs: `make docs`.

The reductive amination and a library are compiled, simulated and verified; their reports are opened
in Chromium, and parts of them are photographed in the light theme at twice the pixels.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import FloatRect, Page, sync_playwright

from simulate.review.inputs import Inputs
from simulate.review.page import review_html
from simulate.review.verification import run_files, simulated

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PROTOCOLS = Path("protocols")  # relative: the report shows the paths that it was given
TALLEST_PX = 900.0  # of a part; what is longer is cut there
QUALITY = 75  # of the whole page, which is long
AMINATION = PROTOCOLS / "reductive-amination"
BENCHES = PROTOCOLS / "benches"


@dataclass(frozen=True, slots=True)
class Album:
    """A run, what its pictures' names begin with, and which well is shown at which moment."""

    prefix: str
    run: Inputs
    command: str
    moment: str  # the first frame whose label has these words
    well: str
    parts: Sequence[tuple[str, str]]  # (picture, selector)


ALBUMS = (
    Album(
        "",
        Inputs(AMINATION / "procedure.yaml", BENCHES / "flex.yaml"),
        "workup review reductive-amination --bench flex",
        "round 1, after the draw",
        "reactors/A1",
        (
            ("plate", "#plates"),
            ("reagents", "#reagents"),
            ("deck", ".film"),
            ("timeline", "#timeline figure"),
            ("vessel", "#vessels figure"),
            ("layers", "#layers figure"),
        ),
    ),
    # The library whose pictures the README has: its table, procedure and bench stand here only.
    Album(
        "library-",
        Inputs(PROTOCOLS / "reductive-amination-96" / "library.yaml", BENCHES / "flex-96.yaml"),
        "workup review protocols/reductive-amination-96/library.yaml --bench flex-96",
        "round 1, layers settled",
        "reactors/C2",
        (
            ("reactions", "#reactions"),
            ("plate", "#plates"),
            ("timeline", "#timeline figure"),
        ),
    ),
)


def main() -> int:
    """Writes `<prefix><part>.png` and `<prefix>page.jpg` beside this file; 1 without a Chromium."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        print("there is no chromium (Debian: apt install chromium)", file=sys.stderr)
        return 1
    os.chdir(ROOT)
    # The simulator has an event loop of its own, as the browser's driver has: one after the other.
    reports = [(album, _report(album)) for album in ALBUMS]
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for album, html in reports:
            page = browser.new_page(viewport={"width": 1280, "height": 800}, device_scale_factor=2)
            page.set_content(html)
            _photograph(page, album)
            page.close()
        browser.close()
    return 0


def _report(album: Album) -> str:
    """The page of a run. Raises SystemExit where it has errors."""
    compiled = album.run.compiled()
    if compiled.plan is None:
        raise SystemExit(f"{album.command}: it does not compile")
    return review_html(compiled, simulated(run_files(compiled)), command=album.command)


def _photograph(page: Page, album: Album) -> None:
    page.screenshot(path=str(HERE / f"{album.prefix}review.png"))
    # Bars that stay in place while one scrolls would lie over the parts.
    page.add_style_tag(content=".stepper, .contents, .detail { position: static !important }")
    frames = json.loads(page.locator("script.frames").text_content() or "")["frames"]
    number = next(n for n, frame in enumerate(frames) if album.moment in frame["label"])
    page.locator(".moment").fill(str(number))
    page.locator(".moment").blur()
    page.locator(f'#deck [data-well="{album.well}"]').hover()
    whole = HERE / f"{album.prefix}page.jpg"
    page.screenshot(path=str(whole), full_page=True, type="jpeg", quality=QUALITY, scale="css")
    for name, part in album.parts:
        box = page.locator(part).first.bounding_box()
        assert box is not None, part
        scrolled = page.evaluate("[scrollX, scrollY]")
        clip = FloatRect(
            x=box["x"] + scrolled[0],
            y=box["y"] + scrolled[1],
            width=box["width"],
            height=min(box["height"], TALLEST_PX),
        )
        file = HERE / f"{album.prefix}{name}.png"
        page.screenshot(path=str(file), full_page=True, clip=clip)
        if name == "plate":  # the picture of the deck is without the plates under it
            page.add_style_tag(content="#plates { display: none }")


if __name__ == "__main__":
    sys.exit(main())
