"""Structures by RDKit, as small symbols that the scheme and the reagent table share."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

_BOND_PX = 20.0  # one bond length for all structures, so that they are drawn to one scale
_MOST_ATOMS = 200  # what is larger would not be readable

# Colours of hetero atoms that keep 4.5:1 on the page's paper in both themes, through variables.
_COLOURS = {
    "#000000": "var(--ink)",
    "#FF0000": "var(--atom-o)",
    "#0000FF": "var(--atom-n)",
    "#33CCCC": "var(--atom-f)",
    "#CCCC00": "var(--atom-s)",
    "#00CC00": "var(--atom-cl)",
    "#7F4C19": "var(--atom-br)",
    "#A01EEF": "var(--atom-i)",
    "#FF7F00": "var(--atom-p)",
}
_PATH = re.compile(r"<path ([^>]*)/>")
_TEXT = re.compile(r"<text ([^>]*)>([^<]*)</text>")


@dataclass(frozen=True, slots=True)
class Structure:
    """A drawing: the SVG inside of a symbol, its size in px, and the symbol's id."""

    id: str
    width: float
    height: float
    body: Markup


def structures(smiles: Mapping[str, str], suffix: str = "") -> dict[str, Structure]:
    """A drawing for each SMILES that RDKit can read, under its key."""
    drawn: dict[str, Structure] = {}
    for number, (key, text) in enumerate(smiles.items()):
        structure = _draw(text, f"mol-{number}{suffix}")
        if structure is not None:
            drawn[key] = structure
    return drawn


def symbol(structure: Structure) -> Markup:
    """The symbol's definition, once a page."""
    return Markup('<symbol id="{}" viewBox="0 0 {:g} {:g}">{}</symbol>').format(
        structure.id, structure.width, structure.height, structure.body
    )


def use(structure: Structure, label: str, *, most_px: float = 1e9) -> Markup:
    """The structure drawn in place, at one scale, or smaller where it would be too wide."""
    shrink = min(1.0, most_px / structure.width)
    return Markup(
        '<svg class="structure" role="img" aria-label="{}" width="{:g}" height="{:g}" '
        'viewBox="0 0 {:g} {:g}"><use href="#{}"/></svg>'
    ).format(
        f"structure of {label}",
        round(structure.width * shrink, 1),
        round(structure.height * shrink, 1),
        structure.width,
        structure.height,
        structure.id,
    )


def formula(text: str) -> Markup:
    """A molecular formula with its numbers lowered."""
    parts = re.split(r"(?<=[A-Za-z)\]])(\d+)", text)
    shown = [
        Markup("<sub>{}</sub>").format(part) if n % 2 else escape(part)
        for n, part in enumerate(parts)
    ]
    return Markup("").join(shown)


def _draw(smiles: str, name: str) -> Structure | None:
    from rdkit import Chem
    from rdkit.Chem.Draw import rdMolDraw2D

    molecule = Chem.MolFromSmiles(smiles)
    if molecule is None or not 0 < molecule.GetNumAtoms() <= _MOST_ATOMS:
        return None
    drawer = rdMolDraw2D.MolDraw2DSVG(-1, -1, -1, -1, True)  # as large as needed; text as text
    options: Any = drawer.drawOptions()  # its properties are not in RDKit's stubs
    options.fixedBondLength = _BOND_PX
    options.clearBackground = False
    options.padding = 0.03
    options.bondLineWidth = 1
    options.minFontSize = 10
    rdMolDraw2D.PrepareAndDrawMolecule(drawer, molecule)
    drawer.FinishDrawing()
    text: str = drawer.GetDrawingText()
    box = re.search(r"viewBox='0 0 (\d+) (\d+)'", text)
    if box is None:
        return None
    return Structure(name, float(box[1]), float(box[2]), _small(text))


def _small(text: str) -> Markup:
    """The same picture with one path for each colour."""
    lines: dict[str, list[str]] = {}
    areas: dict[str, list[str]] = {}
    for found in _PATH.finditer(text):
        attributes = found[1]
        path = _attribute(attributes, "d").replace(", ", ",")
        fill = _style(attributes, "fill")
        if fill not in ("none", ""):
            areas.setdefault(fill, []).append(path)
        elif "miterlimit" not in attributes:  # those only round the joints
            lines.setdefault(_style(attributes, "stroke"), []).append(path)
    parts = [
        Markup(
            '<path d="{}" style="fill:none;stroke:{};stroke-width:1.4;stroke-linecap:round"/>'
        ).format(" ".join(paths), _colour(colour))
        for colour, paths in lines.items()
    ]
    parts += [
        Markup('<path d="{}" style="fill:{}"/>').format(" ".join(paths), _colour(colour))
        for colour, paths in areas.items()
    ]
    for found in _TEXT.finditer(text):
        attributes = found[1]
        parts.append(
            Markup(
                '<text x="{}" y="{}" style="font-size:{};text-anchor:{};fill:{}">{}</text>'
            ).format(
                _attribute(attributes, "x"),
                _attribute(attributes, "y"),
                _style(attributes, "font-size"),
                _style(attributes, "text-anchor"),
                _colour(_style(attributes, "fill")),
                escape(found[2]),
            )
        )
    return Markup("").join(parts)


def _attribute(attributes: str, name: str) -> str:
    found = re.search(rf"\b{name}='([^']*)'", attributes)
    return found[1].strip() if found else ""


def _style(attributes: str, name: str) -> str:
    found = re.search(rf"(?:^|[;'\"]){name}:([^;']*)", _attribute(attributes, "style"))
    return found[1] if found else ""


def _colour(colour: str) -> str:
    return _COLOURS.get(colour.upper(), "var(--ink)")
