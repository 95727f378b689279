"""Structures by RDKit, as small symbols that the scheme and the reagent table share."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Mapping
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


def structures(
    smiles: Mapping[str, str], suffix: str = "", like: Mapping[str, str] | None = None
) -> dict[str, Structure]:
    """A drawing for each SMILES that RDKit can read, under its key; equal ones share it.

    `like` has, for some of the keys, the SMILES of the part by which to turn the drawing.
    """
    drawn: dict[tuple[str, str], Structure | None] = {}
    found: dict[str, Structure] = {}
    for key, text in smiles.items():
        turned = (text, (like or {}).get(key, ""))
        if turned not in drawn:
            drawn[turned] = _draw(*turned, f"mol-{len(drawn)}{suffix}")
        structure = drawn[turned]
        if structure is not None:
            found[key] = structure
    return found


def symbols(drawings: Mapping[str, Structure]) -> list[Structure]:
    """The drawings, each once."""
    return list({structure.id: structure for structure in drawings.values()}.values())


def symbol(structure: Structure) -> Markup:
    """The symbol's definition, once a page."""
    return Markup('<symbol id="{}" viewBox="0 0 {:g} {:g}">{}</symbol>').format(
        structure.id, structure.width, structure.height, structure.body
    )


def widest(drawings: Mapping[str, Structure], keys: Iterable[str]) -> float:
    """The width (px) of the widest of some drawings."""
    return max((drawings[key].width for key in keys if key in drawings), default=1.0)


def use(
    structure: Structure, label: str, *, most_px: float = 1e9, widest_px: float = 0.0
) -> Markup:
    """The structure drawn in place, at one scale, or smaller where it would be too wide.

    `widest_px` is the width of the widest of those that are to be as small as each other.
    """
    shrink = min(1.0, most_px / max(structure.width, widest_px))
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


def _draw(smiles: str, like: str, name: str) -> Structure | None:
    from rdkit import Chem
    from rdkit.Chem.Draw import rdMolDraw2D

    molecule = Chem.MolFromSmiles(smiles)
    if molecule is None or not 0 < molecule.GetNumAtoms() <= _MOST_ATOMS:
        return None
    _name_rests(molecule)
    if like:
        _turn(molecule, like)
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


def _name_rests(molecule: Any) -> None:
    """Each `[1*]` becomes an R; with a number where there are several."""
    rests = [atom for atom in molecule.GetAtoms() if atom.GetAtomicNum() == 0]
    for atom in rests:
        number = atom.GetIsotope()
        atom.SetIsotope(0)
        atom.SetProp("_displayLabel", f"R<sup>{number}</sup>" if len(rests) > 1 else "R")


def _turn(molecule: Any, like: str) -> None:
    """Lays a molecule out so that what it shares with others lies as in them."""
    from rdkit import Chem
    from rdkit.Chem import rdDepictor

    core = Chem.MolFromSmiles(like)
    if core is None:
        return
    for atom in core.GetAtoms():
        if atom.GetAtomicNum() == 0:
            atom.SetIsotope(0)  # the R of any number
    rdDepictor.Compute2DCoords(core)
    anything: Any = Chem.AdjustQueryParameters.NoAdjustments()
    anything.makeDummiesQueries = True
    query = Chem.AdjustQueryProperties(core, anything)
    with contextlib.suppress(ValueError):  # it is not in there: laid out by itself
        rdDepictor.GenerateDepictionMatching2DStructure(molecule, query)


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
