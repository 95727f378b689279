"""The scale of each reaction, in mmol of the basis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from compiler.diagnostics.codes import chemistry as c
from compiler.passes._notebook import Notebook, in_rows, positive
from compiler.stages.charges import Recipe
from compiler.stages.library import Library


def scales_of(
    recipe: Recipe, scales: Mapping[str, float | None] | None, notes: Notebook
) -> Mapping[str, float | None]:
    """The scale of each reaction, None where it is not known."""
    if scales is not None:
        return dict(scales)
    procedure = recipe.procedure
    if recipe.library is not None:
        return _library_scales(recipe, recipe.library, notes)
    if procedure.scale is None:
        notes.findings.append(
            c.SCALE.at(
                procedure.spans.whole,
                f"{procedure.title or procedure.file} does not say its scale.",
                help="Add `scale: 0.10 mmol`: the amount of the basis in each reactor.",
            )
        )
        return {"r1": None}
    return {"r1": positive(procedure.scale, "the scale", notes)}


def _library_scales(
    recipe: Recipe, library: Library, notes: Notebook
) -> Mapping[str, float | None]:
    """The row's own scale, else the procedure's; C-SCALE once for rows that have neither."""
    found: dict[str, float | None] = {}
    without: list[int] = []
    for variant in library.rows:
        scale = variant.scale or recipe.procedure.scale
        said = len(notes.findings)
        found[variant.id] = positive(scale, "the scale", notes)
        if variant.scale is not None:
            notes.findings[said:] = [replace(f, row=variant.row) for f in notes.findings[said:]]
        without += [variant.row] * (scale is None)
    if without:
        notes.findings.append(
            in_rows(
                c.SCALE.at(
                    recipe.procedure.spans.whole,
                    f"{recipe.procedure.title or recipe.procedure.file} does not say its scale.",
                    help="Add `scale: 0.10 mmol` to the procedure, or a column `scale`.",
                ),
                without,
            )
        )
    notes.findings[:] = dict.fromkeys(notes.findings)
    return found
