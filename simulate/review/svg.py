"""Vector graphics for the page: Matplotlib's and RDKit's output, made small and themeable.

Both write fixed colours. A few of them are stand-ins that become CSS variables, so that a drawing
follows the page from light to dark and to paper. Ids get a prefix, because several drawings stand
in one document. Nothing depends on the time or on a random number.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

from markupsafe import Markup, escape

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK, MUTED, LINE, PAPER = "#101112", "#606162", "#c0c1c2", "#fdfcfb"
"""Stand-ins for the page's own colours."""

# Okabe and Ito's palette, which people with any colour vision can tell apart
# (Okabe, Ito 2008, https://jfly.uni-koeln.de/color/). The second is the stand-in in drawings.
ORGANIC, AQUEOUS, MISCIBLE, SOLID = "#e69f00", "#56b4e9", "#009e73", "#999999"
VERMILION, BLUE, PURPLE, YELLOW = "#d55e00", "#0072b2", "#cc79a7", "#f0e442"

_VARIABLES = {
    INK: "var(--ink)",
    MUTED: "var(--muted)",
    LINE: "var(--line)",
    PAPER: "var(--paper)",
    BLUE: "var(--blue)",
    VERMILION: "var(--vermilion)",
}


def themed(text: str) -> str:
    """The drawing with stand-ins replaced by CSS variables."""
    for stand_in, variable in _VARIABLES.items():
        text = text.replace(stand_in, variable)
    return text


def of(reaction: str, first: str, otherwise: str) -> str:
    """The gid of what is shown for one reaction only, which is `first` at the start.

    `otherwise` is "off" or "faint": how it looks while another one is chosen.
    """
    return f"{'on ' if reaction == first else ''}{otherwise} {reaction}"


def figure_svg(figure: Figure, name: str, title: str, description: str) -> Markup:
    """A Matplotlib figure as an inline SVG that a screen reader announces.

    `name` prefixes the ids and must be unique on the page.
    """
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    out = io.StringIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": name}):
        canvas: Any = FigureCanvasSVG(figure)  # its methods are not typed
        canvas.print_svg(
            out, metadata={"Date": None, "Creator": None, "Format": None, "Type": None}
        )
    text = out.getvalue()
    body = text[text.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>\s*", "", body, flags=re.S)
    body = re.sub(r"<!--.*?-->\s*", "", body, flags=re.S)
    body = re.sub(r' id="(?:figure|patch|text)_\d+"', "", body)  # nothing refers to them
    body = re.sub(r'\bid="(off|faint) ([^"]*)"', r'class="\1" data-other="\1" data-of="\2"', body)
    body = re.sub(r'\bid="on (off|faint) ([^"]*)"', r'data-other="\1" data-of="\2"', body)
    body = re.sub(r'\bid="', f'id="{name}-', body)
    body = re.sub(r'(href="#|url\(#)', rf"\g<1>{name}-", body)
    body = re.sub(r"font-family: [^;\"]*;? ?", "", body)
    body = re.sub(r"font: ([\d.]+px) [^;\"]*", r"font-size: \1", body)
    body = re.sub(r"(\d\.\d{2})\d+", r"\1", body)
    body = re.sub(r"\n\s*", "\n", body)
    opening, rest = body.split(">", 1)
    box = re.search(r'viewBox="[^"]*"', opening)
    width = re.search(r'width="([\d.]+)pt"', opening)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'{box.group(0) if box else ""} class="plot" role="img" '
        f'style="max-width:{float(width.group(1)) * 4 / 3 if width else 900:.0f}px" '
        f'aria-labelledby="{name}-title {name}-desc">'
        f'<title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-desc">{escape(description)}</desc>'
    )
    return Markup(head + themed(rest))
